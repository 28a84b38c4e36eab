"""The private NAT gateways of one network, and the secondary addresses that each of them shall have.

`python main.py` writes the Terraform configuration to cdktf.out/stacks/nat-gateways. A change of a line in ADDRESSES is
a change that `terraform plan` shows before anything happens.
"""

from cdktf import App, Fn, TerraformOutput, TerraformStack, TerraformVariable, Token
from constructs import Construct

from natgw_constructs import NatGatewaySecondaryIps
from natgw_constructs.cdktf import NatgwProvider

ADDRESSES = {
    "egress-a": ["10.0.0.20", "10.0.0.21", "10.0.0.22"],
}
MAX_DRAIN_SECONDS = 350


class NatGateways(TerraformStack):
    """One resource for each gateway in ADDRESSES."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        gateway_ids = TerraformVariable(
            self,
            "nat_gateway_ids",
            type="map(string)",
            description='Ids by the names in main.py: {"egress-a": "nat-0123456789abcdef0"}.',
        )
        endpoint = TerraformVariable(
            self,
            "ec2_endpoint",
            type="string",
            default=Token.null_value(),
            description="URL of another EC2 endpoint than AWS's own, such as `natgw simulator` prints.",
        )
        NatgwProvider(self, "natgw", endpoints={"ec2": endpoint.string_value})
        for gateway, addresses in ADDRESSES.items():
            ips = NatGatewaySecondaryIps(
                self,
                gateway,
                nat_gateway_id=Token.as_string(Fn.lookup(gateway_ids.value, gateway)),
                addresses=addresses,
                max_drain=MAX_DRAIN_SECONDS,
            )
            TerraformOutput(self, f"{gateway}-addresses", value=ips.secondary_private_ip_addresses)


app = App()
NatGateways(app, "nat-gateways")
app.synth()
