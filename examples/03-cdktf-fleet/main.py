"""All private NAT gateways of a network from one mapping, with one policy for all of them."""

from cdktf import App, Aspects, TerraformStack
from constructs import Construct

from natgw_constructs import (
    ForbidCount,
    Gateway,
    NatGatewayFleet,
    RequireMinimumDrain,
    RequireMinInService,
    address_block,
)
from natgw_constructs.cdktf import NatgwProvider

GATEWAYS = {
    "zone-a": Gateway(nat_gateway_id="nat-0123456789abcdef0", addresses=["10.0.0.20", "10.0.0.21"]),
    "zone-b": Gateway(nat_gateway_id="nat-0123456789abcdef1", addresses=address_block("10.1.0.32/30"), max_drain=600),
}


class Egress(TerraformStack):
    """The fleet's arguments are the defaults of all gateways."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        NatgwProvider(self, "natgw", region="eu-central-1")
        NatGatewayFleet(self, "fleet", GATEWAYS, max_drain=350, min_in_service=2)


app = App()
Egress(app, "egress")
Aspects.of(app).add(RequireMinimumDrain(300))
Aspects.of(app).add(RequireMinInService(2))
Aspects.of(app).add(ForbidCount())
app.synth()
