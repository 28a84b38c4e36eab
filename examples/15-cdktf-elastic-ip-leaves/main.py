"""The AWS provider allocates the Elastic IPs, and natgw associates them with a public NAT gateway."""

from cdktf import App, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.eip import Eip
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from natgw_constructs import NatGatewaySecondaryElasticIps
from natgw_constructs.cdktf import NatgwProvider

REGION = "eu-central-1"
NAMES = ("a", "b")


class Egress(TerraformStack):
    """Take a name out of NAMES, and its Elastic IP drains before it is released."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        AwsProvider(self, "aws", region=REGION)
        NatgwProvider(self, "natgw", region=REGION, elastic_ip_quota=3)
        # The set changes before an Elastic IP that has left it is destroyed.
        lifecycle = TerraformResourceLifecycle(create_before_destroy=True)
        addresses = [Eip(self, f"egress-{it}", domain="vpc", lifecycle=lifecycle) for it in NAMES]
        NatGatewaySecondaryElasticIps(
            self,
            "egress",
            nat_gateway_id="nat-0123456789abcdef0",
            allocation_ids=[address.id for address in addresses],
        )


app = App()
Egress(app, "egress")
app.synth()
