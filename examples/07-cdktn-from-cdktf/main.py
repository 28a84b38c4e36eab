"""The app of 01-cdktf-minimal on CDK Terrain: only two import lines differ."""

from cdktn import App, TerraformStack
from constructs import Construct

from natgw_constructs import NatGatewaySecondaryIps
from natgw_constructs.cdktn import NatgwProvider


class Egress(TerraformStack):
    """Addresses that are on the gateway and not in the list are drained and unassigned."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        NatgwProvider(self, "natgw", region="eu-central-1")
        NatGatewaySecondaryIps(
            self,
            "egress",
            nat_gateway_id="nat-0123456789abcdef0",
            addresses=["10.0.0.20", "10.0.0.21"],
            max_drain=350,
        )


app = App()
Egress(app, "egress")
app.synth()
