"""The main job with real Terraform: declare, change, drain, import, destroy."""

from __future__ import annotations

import pytest

from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform


STEPS: tuple[tuple[tuple[int, ...], int, list[tuple[str, tuple[int, ...]]]], ...] = (
    ((21,), 60, [("Assign", (21,))]),
    ((21, 22, 9), 60, [("Assign", (9, 22))]),
    ((22, 9, 21), 60, []),  # the order of a set says nothing
    ((9, 21, 22), 70, []),  # nor does a change of the drain alone call anything
    ((9, 23), 60, [("Assign", (23,)), ("Unassign", (21, 22))]),  # make before break, all in one call
    ((23,), 60, [("Unassign", (9,))]),
    ((23, 24, 25), 60, [("Assign", (24, 25))]),
    ((), 60, [("Unassign", (23, 24, 25))]),
    ((21, 22), 60, [("Assign", (21, 22))]),
)
"""What is declared one after the other, as last octets and seconds of drain, and the calls that this takes."""


def test_each_step_of_a_life_calls_just_what_it_changes_waits_for_it_and_plans_nothing_more(world: World) -> None:
    for hosts, drain, calls in STEPS:
        world.declare_set(*(f"10.0.0.{host}" for host in hosts), drain=drain)
        world.aws.clear_calls()
        if not calls and drain == 60:
            world.terraform.assert_empty_plan()
        world.terraform.apply()
        assert world.mutations() == [(call, tuple(f"10.0.0.{host}" for host in changed)) for call, changed in calls]
        assert world.addresses() == {f"10.0.0.{host}": "succeeded" for host in hosts}
        world.terraform.assert_empty_plan()
    world.terraform.destroy()
    assert world.addresses() == {}
    assert world.terraform.state() is None
    answer = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]
    assert answer["State"] == "available"


def test_the_plan_of_a_swap_shows_what_happens_in_which_order_and_warns_of_the_drain(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.declare_set("10.0.0.22", drain=90)
    change = world.terraform.show_plan()
    assert change["actions"] == ["update"]
    assert change["after"]["last_change"] == {
        "summary": "assign 10.0.0.22, then drain 10.0.0.21 for up to 90 s (1 min 30 s)",
        "assign": "10.0.0.22",
        "unassign": "10.0.0.21",
        "in_service": "2 now, 2 at the lowest, 2 after",
        "drain": "up to 90 s",
    }
    text = world.terraform.plan().text
    assert text.count(f"{GATEWAY} drains 1 address") == 1
    assert "90 s (1 min 30 s)" in text


def test_state_shows_the_gateway_as_it_is(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    state = world.terraform.state()
    assert state is not None
    assert state["id"] == state["nat_gateway_id"] == GATEWAY
    assert state["primary_private_ip_address"] == "10.0.0.10"
    assert state["subnet_cidr_block"] == "10.0.0.0/24"
    assert state["subnet_id"].startswith("subnet-")
    assert state["vpc_id"].startswith("vpc-")
    assert state["network_interface_id"].startswith("eni-")
    assert state["secondary_private_ip_addresses"] == ["10.0.0.21"]
    assert state["secondary_private_ip_address_count"] == 1
    assert state["draining_private_ip_addresses"] == []


def test_adopting_a_gateway_shows_what_would_go_and_leaves_what_stays(world: World) -> None:
    world.aws.seed(
        nat_gateway_id="nat-00000000000000aa1", cidr="10.1.0.0/24", secondaries=["10.1.0.31", "10.1.0.32", "10.1.0.33"]
    )
    world.declare(
        'secondary_private_ip_addresses = ["10.1.0.31", "10.1.0.40"]\n max_drain_duration_seconds = 40',
        gateway='"nat-00000000000000aa1"',
    )
    change = world.terraform.show_plan()
    assert change["actions"] == ["create"]
    assert change["after"]["last_change"]["unassign"] == "10.1.0.32, 10.1.0.33"
    assert change["after"]["last_change"]["assign"] == "10.1.0.40"
    assert world.mutations() == []
    world.terraform.ok("apply", "-input=false", "tfplan")
    assert world.mutations() == [("Assign", ("10.1.0.40",)), ("Unassign", ("10.1.0.32", "10.1.0.33"))]
    world.terraform.assert_empty_plan()


def test_adopting_a_matching_gateway_makes_no_mutating_call(world: World) -> None:
    world.aws.seed(nat_gateway_id="nat-00000000000000aa1", cidr="10.1.0.0/24", secondaries=["10.1.0.31"])
    world.declare('secondary_private_ip_addresses = ["10.1.0.31"]', gateway='"nat-00000000000000aa1"')
    world.terraform.apply()
    assert world.mutations() == []
    world.terraform.assert_empty_plan()


def test_import_of_a_matching_declaration_plans_nothing_and_of_a_missing_gateway_says_so(world: World) -> None:
    world.aws.seed(nat_gateway_id="nat-00000000000000aa1", cidr="10.1.0.0/24", secondaries=["10.1.0.31"])
    world.declare('secondary_private_ip_addresses = ["10.1.0.31"]', gateway='"nat-00000000000000aa1"')
    refused = world.terraform.run("import", "natgw_secondary_private_ips.this", "nat-00000000000000fff")
    assert refused.exit_code == 1
    assert 'NAT gateway "nat-00000000000000fff" does not exist' in refused.text
    world.terraform.ok("import", "natgw_secondary_private_ips.this", "nat-00000000000000aa1")
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
