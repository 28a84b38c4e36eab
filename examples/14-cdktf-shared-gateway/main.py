"""Two teams share one public NAT gateway, and each declares its own Elastic IP."""

from cdktf import App, TerraformStack
from constructs import Construct

from natgw_constructs import NatGatewaySecondaryElasticIp
from natgw_constructs.cdktf import NatgwProvider

GATEWAY = "nat-0123456789abcdef0"


class Team(Construct):
    """What one team has on the gateway; it does not know the Elastic IPs of the other."""

    def __init__(self, scope: Construct, name: str, allocation_id: str) -> None:
        super().__init__(scope, name)
        NatGatewaySecondaryElasticIp(self, "egress", nat_gateway_id=GATEWAY, allocation_id=allocation_id, max_drain=60)


class Egress(TerraformStack):
    """The quota counts the primary and the Elastic IPs of all teams."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        NatgwProvider(self, "natgw", region="eu-central-1", elastic_ip_quota=3)
        Team(self, "payments", "eipalloc-0123456789abcdef1")
        Team(self, "search", "eipalloc-0123456789abcdef2")


app = App()
Egress(app, "egress")
app.synth()
