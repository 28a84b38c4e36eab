"""A gateway in a simulated AWS and a Terraform folder that manages it: what an end-to-end test acts on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from natgw_provider.simulator.simulator import Simulator
from support.terraform import Terraform, terraform_environment

GATEWAY = "nat-0a1b2c3d4e5f67890"
SPEED = 20
"""Simulated seconds in each real second: a drain of 60 s takes three."""


@dataclass(frozen=True)
class World:
    """A gateway in a simulated AWS, and a folder in which Terraform manages it."""

    aws: Simulator
    ec2: Any
    terraform: Terraform
    endpoint: str | None = None
    """Where the provider finds AWS, if not at the simulator itself."""

    def provider_block(self) -> str:
        url = self.endpoint or self.aws.url
        return f"""
terraform {{
  required_providers {{
    natgw = {{ source = "terraform.local/natgw/natgw" }}
  }}
}}

provider "natgw" {{
  region     = "{self.aws.region}"
  access_key = "simulator"
  secret_key = "simulator"
  endpoints  = {{ ec2 = "{url}", sts = "{url}" }}
}}
"""

    def declare(self, body: str, *, gateway: str = f'"{GATEWAY}"', extra: str = "") -> None:
        """Declare the resource with `body` inside, beside whatever `extra` says."""
        self.terraform.write(
            f"""{self.provider_block()}
resource "natgw_secondary_private_ips" "this" {{
  nat_gateway_id = {gateway}
  {body}
}}
{extra}
"""
        )

    def declare_set(self, *addresses: str, drain: int = 60, body: str = "") -> None:
        """Declare a set of addresses."""
        listed = ", ".join(f'"{address}"' for address in addresses)
        self.declare(f"secondary_private_ip_addresses = [{listed}]\n  max_drain_duration_seconds = {drain}\n  {body}")

    def addresses(self) -> dict[str, str]:
        """Return the secondaries of the gateway with their statuses, as AWS shows them."""
        answer = self.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]
        return {a["PrivateIp"]: a["Status"] for a in answer["NatGatewayAddresses"] if not a["IsPrimary"]}

    def mutations(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the Assign and Unassign calls that took effect, with their addresses."""
        return [
            (call.action.removesuffix("PrivateNatGatewayAddress"), tuple(call.parameters.get("PrivateIpAddresses", ())))
            for call in self.aws.calls()
            if call.action.endswith("PrivateNatGatewayAddress")
            and not call.dry_run
            and call.outcome in ("ok", "AnswerLost")
        ]


def start_world(aws: Simulator, mirror: Path, place: Path) -> World:
    """Seed one gateway without secondaries, and initialise a Terraform folder in `place`."""
    aws.seed(nat_gateway_id=GATEWAY, primary="10.0.0.10")
    home, folder = place / "home", place / "work"
    home.mkdir()
    folder.mkdir()
    world = World(aws, aws.client(), Terraform(folder, mirror, terraform_environment(home)))
    world.terraform.write(world.provider_block())
    world.terraform.init()
    return world
