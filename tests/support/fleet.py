"""Many gateways that one configuration manages."""

from __future__ import annotations

from support.world import World


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
