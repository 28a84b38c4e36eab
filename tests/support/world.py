"""A gateway in a simulated AWS and a Terraform folder that manages it: what an end-to-end test acts on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from natgw_provider.core.address_kinds import PRIVATE_IPS, AddressKind
from natgw_provider.simulator.simulator import Simulator
from support.terraform import Terraform, terraform_environment
from support.waiting import wait_for

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
    kind: AddressKind = PRIVATE_IPS
    quota: int | None = None
    """How many addresses the gateway may have, in AWS and in the provider block; None is the default."""

    def provider_block(self) -> str:
        url = self.endpoint or self.aws.url
        quota = "" if self.quota is None else f"{self.kind.quota.argument} = {self.quota}"
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
  {quota}
}}
"""

    def declare(self, body: str, *, gateway: str = f'"{GATEWAY}"', extra: str = "", is_single: bool = False) -> None:
        """Declare the resource, a set or a single, with `body` inside, beside whatever `extra` says."""
        resource_type = self.kind.single_type if is_single else self.kind.resource_type
        self.terraform.write(
            f"""{self.provider_block()}
resource "{resource_type}" "this" {{
  nat_gateway_id = {gateway}
  {body}
}}
{extra}
"""
        )

    def declare_set(self, *addresses: str, drain: int = 60, body: str = "") -> None:
        """Declare a set of addresses."""
        listed = ", ".join(f'"{address}"' for address in addresses)
        self.declare(f"{self.kind.argument} = [{listed}]\n  max_drain_duration_seconds = {drain}\n  {body}")

    def declare_singles(self, *hosts: int, gateway: str = GATEWAY, drain: int = 60, body: str = "") -> None:
        """Declare one resource for each address."""
        listed = ", ".join(f'"{self.key(host)}"' for host in hosts)
        self.terraform.write(
            f"""{self.provider_block()}
resource "{self.kind.single_type}" "each" {{
  for_each                   = toset([{listed}])
  nat_gateway_id             = "{gateway}"
  {self.kind.single_argument} = each.key
  max_drain_duration_seconds = {drain}
  {body}
}}
"""
        )

    def release_elsewhere(self, key: str) -> None:
        """Take an address from the gateway as someone else does, and wait until it has left."""
        [gateway] = self.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"]
        [shown] = [it for it in gateway["NatGatewayAddresses"] if key in (it["PrivateIp"], it.get("AllocationId"))]
        arguments = {"NatGatewayId": GATEWAY, "MaxDrainDurationSeconds": 1}
        if self.kind is PRIVATE_IPS:
            self.ec2.unassign_private_nat_gateway_address(PrivateIpAddresses=[key], **arguments)
        else:
            self.ec2.disassociate_nat_gateway_address(AssociationIds=[shown["AssociationId"]], **arguments)
        wait_for(lambda: key not in self.addresses(), "the release")

    def served(self, *hosts: int) -> dict[str, str]:
        """Return what `addresses` returns when these are all in service."""
        return {self.key(host): "succeeded" for host in hosts}

    def addresses(self) -> dict[str, str]:
        """Return the secondaries of the gateway with their statuses, as AWS shows them."""
        answer = self.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]
        name = "PrivateIp" if self.kind is PRIVATE_IPS else "AllocationId"
        return {a[name]: a["Status"] for a in answer["NatGatewayAddresses"] if not a["IsPrimary"]}

    def key(self, host: int) -> str:
        """Return what an address is called: 10.0.0.`host`, or the allocation id of an Elastic IP that is there."""
        return f"10.0.0.{host}" if self.kind is PRIVATE_IPS else allocation_id(host)

    def changes(self) -> list[tuple[str, int]]:
        """Return the calls that took effect, by AWS's verb, and how many addresses each named."""
        verbs = {self.kind.assign: self.kind.add.base, self.kind.unassign: self.kind.remove.base}
        named = ("AssociationIds", "AllocationIds", "PrivateIpAddresses")
        return [
            (verbs[call.action], next(len(call.parameters[name]) for name in named if name in call.parameters))
            for call in self.aws.calls()
            if call.action in verbs and not call.dry_run and call.outcome in ("ok", "AnswerLost")
        ]

    def mutations(self) -> list[tuple[str, tuple[str, ...]]]:
        """Return the Assign and Unassign calls that took effect, with their addresses."""
        return [
            (call.action.removesuffix("PrivateNatGatewayAddress"), tuple(call.parameters.get("PrivateIpAddresses", ())))
            for call in self.aws.calls()
            if call.action.endswith("PrivateNatGatewayAddress")
            and not call.dry_run
            and call.outcome in ("ok", "AnswerLost")
        ]


def allocation_id(host: int) -> str:
    """Return the id of an Elastic IP of a public world."""
    return f"eipalloc-{host:08x}"


def start_world(
    aws: Simulator, mirror: Path, place: Path, kind: AddressKind = PRIVATE_IPS, quota: int | None = None
) -> World:
    """Seed one gateway without secondaries, and initialise a Terraform folder in `place`.

    For a public gateway there are the Elastic IPs of the hosts 10, the primary, and 20 to 29.
    """
    elastic = {} if kind is PRIVATE_IPS else {"allocation_ids": [allocation_id(host) for host in (10, *range(20, 30))]}
    aws.seed(nat_gateway_id=GATEWAY, primary="10.0.0.10", connectivity=kind.connectivity, **elastic)
    if quota is not None:
        aws.change_settings(**{"quota" if kind is PRIVATE_IPS else kind.quota.argument: quota})
    home, folder = place / "home", place / "work"
    home.mkdir()
    folder.mkdir()
    terraform = Terraform(folder, mirror, terraform_environment(home))
    world = World(aws, aws.client(), terraform, kind=kind, quota=quota)
    world.terraform.write(world.provider_block())
    world.terraform.init()
    return world


def many_gateways(world: World, count: int, *secondaries: int) -> str:
    """Seed gateways 1 to `count`, each in a subnet of its own, and return the HCL map of their ids by third octet."""
    for number in range(1, count + 1):
        addresses = [f"10.{number}.0.{host}" for host in secondaries]
        world.aws.seed(nat_gateway_id=f"nat-{number:017x}", cidr=f"10.{number}.0.0/24", secondaries=addresses)
    return "{" + ", ".join(f'"{number}" = "nat-{number:017x}"' for number in range(1, count + 1)) + "}"


def declare_many(world: World, ids: str, hosts: list[int], drain: int) -> None:
    """Declare for each of these gateways the addresses with these last octets."""
    listed = ", ".join(f'"10.${{each.key}}.0.{host}"' for host in hosts)
    world.terraform.write(
        f"""{world.provider_block()}
resource "natgw_secondary_private_ips" "many" {{
  for_each                       = {ids}
  nat_gateway_id                 = each.value
  secondary_private_ip_addresses = [{listed}]
  max_drain_duration_seconds     = {drain}
}}
"""
    )
