"""What `terraform plan` prints cannot be misread: no mark at an address to which nothing happens."""

from __future__ import annotations

import re
from typing import Any

import pytest

from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

OTHER = "nat-00000000000000aa1"
UNKNOWN_SET = """
resource "terraform_data" "later" {
  input = timestamp()
}
"""
_MARK = re.compile(r"\s*([-+~]) (.*)")
_ADDRESS = re.compile(r"\b\d+\.\d+\.\d+\.\d+\b")
_PART = re.compile(r"(summary|assign|unassign|in_service|drain)\s+= ")


def resource_lines(plan: str) -> list[str]:
    """Return the lines of the plan for the resource, without the warnings behind it."""
    block = plan[plan.index('resource "natgw_secondary_private_ips"') :]
    return block[: block.index("\n    }")].splitlines()


def touched(change: dict[str, Any]) -> set[str]:
    """Return the addresses to which something happens by this change."""
    before, after = change["before"] or {}, change["after"] or {}
    sets = [set(one.get("secondary_private_ip_addresses") or ()) for one in (before, after)]
    drains = [set(one.get("draining_private_ip_addresses") or ()) for one in (before, after)]
    planned = " ".join(str(value) for value in (after.get("last_change") or {}).values())
    return (sets[0] ^ sets[1]) | (drains[0] ^ drains[1]) | set(_ADDRESS.findall(planned))


def assert_cannot_be_misread(world: World) -> None:
    """Plan, and hold every marked line to what happens."""
    change = world.terraform.show_plan()
    text = world.terraform.ok("show", "-no-color", "tfplan").output
    happens = touched(change)
    marks = [mark for line in resource_lines(text) if (mark := _MARK.match(line))]
    assert len(marks) > 1, text
    for mark in marks:
        line, sign, said = mark.string, *mark.groups()
        if _PART.match(said):
            assert re.search(r'= ("|\(known after apply\)|null)', said), f"a part that is no text: {line}"
            assert not re.search(r"= \d+ -> \d+", said), line
        elif sign in "-+" and change["before"] is not None:
            assert set(_ADDRESS.findall(said)) <= happens, f"nothing happens to it: {line}"


def drain_in_a_second(*addresses: str) -> str:
    listed = ", ".join(f'"{address}"' for address in addresses)
    return f"secondary_private_ip_addresses = [{listed}]\n  max_drain_duration_seconds = 1"


def test_no_plan_of_a_life_can_be_misread(world: World) -> None:
    """First set, swap, counts, shrinking, drift, a full gateway, and what is known only after apply."""
    full = [f"10.0.0.{host}" for host in range(21, 28)]
    bodies = [
        drain_in_a_second("10.0.0.21", "10.0.0.22"),
        drain_in_a_second("10.0.0.21", "10.0.0.23"),
        "secondary_private_ip_address_count = 3\n  max_drain_duration_seconds = 1",
        "secondary_private_ip_address_count = 1\n  max_drain_duration_seconds = 1",
        drain_in_a_second(*full),
        drain_in_a_second(*full[:-1], "10.0.0.40"),
        drain_in_a_second(),
        drain_in_a_second("10.0.0.21"),
    ]
    for body in bodies:
        world.declare(body)
        assert_cannot_be_misread(world)
        world.terraform.apply()
        world.terraform.assert_empty_plan()
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.99"])
    assert_cannot_be_misread(world)
    world.declare("secondary_private_ip_addresses = [terraform_data.later.output]", extra=UNKNOWN_SET)
    assert_cannot_be_misread(world)


def test_no_plan_of_an_adoption_or_a_move_can_be_misread(world: World) -> None:
    subnet = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["SubnetId"]
    world.aws.seed(nat_gateway_id=OTHER, primary="10.0.0.11", subnet_id=subnet)
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.98", "10.0.0.21"])
    world.declare(drain_in_a_second("10.0.0.21", "10.0.0.22"))
    assert_cannot_be_misread(world)
    world.terraform.apply()
    world.declare(drain_in_a_second("10.0.0.21", "10.0.0.24"), gateway=f'"{OTHER}"')
    assert_cannot_be_misread(world)
    world.declare(drain_in_a_second("10.0.0.21"), gateway="terraform_data.later.output", extra=UNKNOWN_SET)
    assert_cannot_be_misread(world)


def test_after_an_apply_that_drained_nothing_is_announced_in_the_future(world: World) -> None:
    world.declare(drain_in_a_second("10.0.0.21"))
    world.terraform.apply()
    world.declare(drain_in_a_second())
    done = world.terraform.apply().text
    assert f"{GATEWAY} drains 1 address" in done
    assert "This change unassigns 10.0.0.21." in done
    assert not re.search(r"\bwill unassign\b|\bApplying this plan\b", done)
