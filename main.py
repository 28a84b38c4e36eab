"""The private NAT gateways of one network, and the secondary addresses of each.

`python main.py` writes the Terraform configuration to cdktf.out/stacks/nat-gateways. When you change GATEWAYS,
`terraform plan` shows what will happen to the gateways before anything happens. natgw finds region and credentials as
the AWS provider does. To use `natgw simulator` instead of AWS, set AWS_ENDPOINT_URL_EC2 and AWS_ENDPOINT_URL_STS.
"""

from cdktf import App, Aspects, TerraformStack
from constructs import Construct

from natgw_constructs import Gateway, NatGatewayFleet, RequireMinimumDrain
from natgw_constructs.cdktf import NatgwProvider

GATEWAYS = {
    "egress-a": Gateway(nat_gateway_id="nat-0a1b2c3d4e5f67890", addresses=["10.0.0.21", "10.0.0.22"]),
    "egress-b": Gateway(nat_gateway_id="nat-0a1b2c3d4e5f67891", addresses=["10.1.0.21", "10.1.0.22"]),
}


class NatGateways(TerraformStack):
    """One resource for each gateway, with totals as outputs."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        NatgwProvider(self, "natgw")
        NatGatewayFleet(self, "fleet", GATEWAYS, max_drain=350)


app = App()
NatGateways(app, "nat-gateways")
Aspects.of(app).add(RequireMinimumDrain(300))  # no gateway of this app may end connections sooner
app.synth()
