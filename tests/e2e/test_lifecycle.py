"""The main job with real Terraform: declare, change, drain, import, destroy."""

from __future__ import annotations

import pytest

from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform


def test_create_assigns_the_set_and_the_next_plan_is_empty(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    assert world.addresses() == {"10.0.0.21": "succeeded", "10.0.0.22": "succeeded"}
    world.terraform.assert_empty_plan()


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


def test_add_assigns_only_the_new_address(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    assert world.mutations() == [("Assign", ("10.0.0.21",)), ("Assign", ("10.0.0.22",))]
    world.terraform.assert_empty_plan()


def test_remove_drains_and_waits_until_the_address_is_released(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    assert world.addresses() == {"10.0.0.21": "succeeded"}
    assert world.mutations()[-1] == ("Unassign", ("10.0.0.22",))
    world.terraform.assert_empty_plan()


def test_swap_makes_before_it_breaks(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.declare_set("10.0.0.22")
    world.terraform.apply()
    assert world.mutations()[1:] == [("Assign", ("10.0.0.22",)), ("Unassign", ("10.0.0.21",))]
    world.terraform.assert_empty_plan()


def test_the_plan_of_a_swap_shows_what_happens_in_which_order_and_how_far_capacity_drops(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.declare_set("10.0.0.22", drain=90)
    change = world.terraform.show_plan()
    assert change["actions"] == ["update"]
    assert change["after"]["last_change"] == {
        "summary": "assign 10.0.0.22, then drain 10.0.0.21 for up to 90 s (1 min 30 s)",
        "assign": ["10.0.0.22"],
        "unassign": ["10.0.0.21"],
        "order": "assign_first",
        "drain_windows": 1,
        "max_drain_duration_seconds": 90,
        "in_service_before": 2,
        "in_service_low": 2,
        "in_service_after": 2,
    }


def test_a_draining_plan_warns_once_for_the_gateway_by_name(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.declare_set()
    text = world.terraform.plan().text
    assert f"{GATEWAY} drains 1 address" in text
    assert "10.0.0.21" in text
    assert "60 s (1 min)" in text


def test_reordering_the_set_is_an_empty_plan(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22", "10.0.0.9")
    world.terraform.apply()
    world.declare_set("10.0.0.9", "10.0.0.22", "10.0.0.21")
    world.terraform.assert_empty_plan()


def test_an_empty_set_removes_every_secondary_in_one_call(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22", "10.0.0.23")
    world.terraform.apply()
    world.declare_set()
    world.terraform.apply()
    assert world.addresses() == {}
    assert world.mutations()[1:] == [("Unassign", ("10.0.0.21", "10.0.0.22", "10.0.0.23"))]
    world.terraform.assert_empty_plan()


def test_a_change_of_the_drain_alone_calls_nothing_that_changes(world: World) -> None:
    world.declare_set("10.0.0.21", drain=60)
    world.terraform.apply()
    before = world.mutations()
    world.declare_set("10.0.0.21", drain=70)
    world.terraform.apply()
    assert world.mutations() == before
    world.terraform.assert_empty_plan()


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
    assert change["after"]["last_change"]["unassign"] == ["10.1.0.32", "10.1.0.33"]
    assert change["after"]["last_change"]["assign"] == ["10.1.0.40"]
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


def test_import_of_a_matching_declaration_plans_nothing(world: World) -> None:
    world.aws.seed(nat_gateway_id="nat-00000000000000aa1", cidr="10.1.0.0/24", secondaries=["10.1.0.31"])
    world.declare('secondary_private_ip_addresses = ["10.1.0.31"]', gateway='"nat-00000000000000aa1"')
    world.terraform.ok("import", "natgw_secondary_private_ips.this", "nat-00000000000000aa1")
    world.terraform.assert_empty_plan()
    assert world.mutations() == []


def test_import_of_a_gateway_that_is_not_there_says_so(world: World) -> None:
    world.declare_set("10.0.0.21")
    result = world.terraform.run("import", "natgw_secondary_private_ips.this", "nat-00000000000000fff")
    assert result.exit_code == 1
    assert 'NAT gateway "nat-00000000000000fff" does not exist' in result.text


def test_destroy_unassigns_what_is_managed_and_keeps_the_primary(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    world.terraform.destroy()
    assert world.addresses() == {}
    assert world.terraform.state() is None
    answer = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]
    assert answer["State"] == "available"


def test_a_gateway_id_that_is_known_only_after_apply_is_planned_and_applied_in_one_go(world: World) -> None:
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]',
        gateway="terraform_data.gateway.output",
        extra=f'resource "terraform_data" "gateway" {{ input = "{GATEWAY}" }}',
    )
    change = world.terraform.show_plan()
    assert change["after_unknown"]["subnet_id"] is True
    assert change["after"]["last_change"]["unassign"] == []
    world.terraform.ok("apply", "-input=false", "tfplan")
    assert world.addresses() == {"10.0.0.21": "succeeded"}
    world.terraform.assert_empty_plan()
