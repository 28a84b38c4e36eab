"""The main job with real Terraform: declare, change, drain, import, destroy."""

from __future__ import annotations

from pathlib import Path

import pytest

from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.simulator.simulator import Simulator
from support.world import GATEWAY, World, start_world

pytestmark = pytest.mark.terraform

ADD, REMOVE = "add", "remove"
STEPS: tuple[tuple[tuple[int, ...], int, list[tuple[str, int]]], ...] = (
    ((21,), 20, [(ADD, 1)]),
    ((22, 21), 20, [(ADD, 1)]),
    ((21, 22), 20, []),  # the order of a set says nothing
    ((21, 22), 30, []),  # nor does a change of the drain alone call anything
    ((21, 23, 24), 20, [(ADD, 1), (REMOVE, 1), (ADD, 1)]),  # one slot is free, so that one is made before the break
    ((23, 24, 25), 20, [(REMOVE, 1), (ADD, 1)]),  # a full gateway
    ((26, 27, 28), 20, [(REMOVE, 3), (ADD, 3)]),  # one drain for all
    ((), 20, [(REMOVE, 3)]),
    ((21, 22), 20, [(ADD, 2)]),
    ((21, 23), 20, [(ADD, 1), (REMOVE, 1)]),  # make before break
)
"""What is declared one after the other, as last octets and seconds of drain, and the calls that this takes."""


@pytest.fixture
def medium(aws: Simulator, mirror: Path, tmp_path: Path, kind: AddressKind) -> World:
    """A gateway of either kind without secondaries, which may have three."""
    return start_world(aws, mirror, tmp_path, kind, quota=4)


def test_each_step_of_a_life_calls_just_what_it_changes_waits_for_it_and_plans_nothing_more(medium: World) -> None:
    """A set is created, changed, swapped on a full gateway, imported and destroyed."""
    verbs = {ADD: medium.kind.add.base, REMOVE: medium.kind.remove.base}
    for hosts, drain, calls in STEPS:
        medium.declare_set(*map(medium.key, hosts), drain=drain)
        medium.aws.clear_calls()
        medium.terraform.apply()
        assert medium.changes() == [(verbs[call], changed) for call, changed in calls]
        assert medium.addresses() == medium.served(*hosts)
        medium.terraform.assert_empty_plan()
    resource = f"{medium.kind.resource_type}.this"
    medium.terraform.ok("state", "rm", resource)
    medium.terraform.ok("import", "-input=false", resource, GATEWAY)
    medium.aws.clear_calls()
    medium.terraform.apply()  # the drain time, which an import does not know
    medium.terraform.assert_empty_plan()
    medium.terraform.destroy()
    assert medium.addresses() == {}
    assert medium.changes() == [(medium.kind.remove.base, 2)]
    assert medium.terraform.states() == []


def test_state_shows_the_gateway_as_it_is(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    state = world.terraform.state()
    assert state["id"] == state["nat_gateway_id"] == GATEWAY
    assert state["primary_private_ip_address"] == "10.0.0.10"
    assert state["subnet_cidr_block"] == "10.0.0.0/24"
    for name, prefix in (("subnet_id", "subnet-"), ("vpc_id", "vpc-"), ("network_interface_id", "eni-")):
        assert state[name].startswith(prefix)
    assert state["secondary_private_ip_addresses"] == ["10.0.0.21"]
    assert state["secondary_private_ip_address_count"] == 1
    assert state["draining_private_ip_addresses"] == []


def test_adopting_and_importing_a_matching_gateway_makes_no_mutating_call(world: World) -> None:
    resource = "natgw_secondary_private_ips.this"
    world.aws.seed(nat_gateway_id="nat-00000000000000aa1", cidr="10.1.0.0/24", secondaries=["10.1.0.31"])
    world.declare('secondary_private_ip_addresses = ["10.1.0.31"]', gateway='"nat-00000000000000aa1"')
    world.terraform.apply()
    world.terraform.assert_empty_plan()
    world.terraform.ok("state", "rm", resource)
    refused = world.terraform.run("import", resource, "nat-00000000000000fff")
    assert refused.exit_code == 1
    assert 'NAT gateway "nat-00000000000000fff" does not exist' in refused.text
    world.terraform.ok("import", resource, "nat-00000000000000aa1")
    world.terraform.assert_empty_plan()
    assert world.mutations() == []


def test_a_gateway_id_that_is_known_only_after_apply_is_planned_and_applied_in_one_go(world: World) -> None:
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]',
        gateway="terraform_data.gateway.output",
        extra=f'resource "terraform_data" "gateway" {{ input = "{GATEWAY}" }}',
    )
    change = world.terraform.show_plan()
    assert change["after_unknown"]["subnet_id"] is True
    assert change["after"]["last_change"]["unassign"] == "none"
    world.terraform.ok("apply", "-input=false", "tfplan")
    assert world.addresses() == {"10.0.0.21": "succeeded"}
    world.terraform.assert_empty_plan()
