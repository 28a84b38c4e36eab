"""The AWS provider makes a private NAT gateway, and natgw manages its secondary addresses."""

from cdktf import App, TerraformResourceLifecycle, TerraformStack
from cdktf_cdktf_provider_aws.nat_gateway import NatGateway
from cdktf_cdktf_provider_aws.provider import AwsProvider
from constructs import Construct

from natgw_constructs import NatGatewaySecondaryIps
from natgw_constructs.cdktf import NatgwProvider

REGION = "eu-central-1"


class Egress(TerraformStack):
    """One gateway and two providers, each with its own part of it."""

    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        AwsProvider(self, "aws", region=REGION)
        NatgwProvider(self, "natgw", region=REGION)
        gateway = NatGateway(
            self,
            "gateway",
            connectivity_type="private",
            subnet_id="subnet-0123456789abcdef0",
            lifecycle=TerraformResourceLifecycle(
                ignore_changes=["secondary_private_ip_addresses", "secondary_private_ip_address_count"]
            ),
        )
        NatGatewaySecondaryIps(self, "egress", nat_gateway=gateway, addresses=["10.0.0.20", "10.0.0.21"])


app = App()
Egress(app, "egress")
app.synth()
