"""Gateways in two regions from one stack, with a provider block for each region."""

from cdktf import App, TerraformStack
from constructs import Construct

from natgw_constructs import Gateway, NatGatewayFleet
from natgw_constructs.cdktf import NatgwProvider

GATEWAYS = {
    "eu-central-1": {
        "zone-a": Gateway(nat_gateway_id="nat-0123456789abcdef0", addresses=["10.0.0.20", "10.0.0.21"]),
    },
    "us-east-1": {
        "zone-a": Gateway(nat_gateway_id="nat-0123456789abcdef1", addresses=["10.1.0.20"]),
    },
}


class Egress(TerraformStack):
    """One fleet for each region."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        for region, gateways in GATEWAYS.items():
            provider = NatgwProvider(self, f"natgw-{region}", region=region, alias=region)
            NatGatewayFleet(self, region, gateways, provider=provider, max_drain=350)


app = App()
Egress(app, "egress")
app.synth()
