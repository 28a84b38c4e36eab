"""The private and the public NAT gateways of a network in one fleet."""

from cdktf import App, Aspects, TerraformStack
from constructs import Construct

from natgw_constructs import Gateway, NatGatewayFleet, PublicGateway, RequireMinimumDrain
from natgw_constructs.cdktf import NatgwProvider

GATEWAYS = {
    "partners": Gateway(nat_gateway_id="nat-0123456789abcdef0", addresses=["10.0.0.20", "10.0.0.21"]),
    "internet": PublicGateway(nat_gateway_id="nat-0123456789abcdef1", allocation_ids=["eipalloc-0123456789abcdef1"]),
}


class Egress(TerraformStack):
    """A public gateway is declared by the allocation ids of its secondary Elastic IPs."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        NatgwProvider(self, "natgw", region="eu-central-1")
        NatGatewayFleet(self, "fleet", GATEWAYS, max_drain=350)


app = App()
Egress(app, "egress")
Aspects.of(app).add(RequireMinimumDrain(300))
app.synth()
