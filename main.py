"""The private NAT gateways of one network, and the secondary addresses that each of them shall have.

`python main.py` writes the Terraform configuration to cdktf.out/stacks/nat-gateways. Whatever is changed in GATEWAYS,
`terraform plan` shows what it does to the gateways before anything happens. Region and credentials are found as the AWS
provider finds them; AWS_ENDPOINT_URL_EC2 and AWS_ENDPOINT_URL_STS point to `natgw simulator` instead of to AWS.
"""

from cdktf import App, TerraformOutput, TerraformStack
from constructs import Construct

from natgw_constructs import NatGatewaySecondaryIps
from natgw_constructs.cdktf import NatgwProvider

GATEWAYS = {
    "egress-a": {"nat_gateway_id": "nat-0a1b2c3d4e5f67890", "addresses": ["10.0.0.21", "10.0.0.22"]},
}
MAX_DRAIN_SECONDS = 350


class NatGateways(TerraformStack):
    """One resource for each gateway in GATEWAYS."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        NatgwProvider(self, "natgw")
        for gateway, declared in GATEWAYS.items():
            ips = NatGatewaySecondaryIps(self, gateway, max_drain=MAX_DRAIN_SECONDS, **declared)
            TerraformOutput(self, f"{gateway}-addresses", value=ips.secondary_private_ip_addresses)


app = App()
NatGateways(app, "nat-gateways")
app.synth()
