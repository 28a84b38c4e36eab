"""What others do to the gateway meanwhile: apply touches nothing that the plan did not show."""

from __future__ import annotations

import pytest

from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform


def test_an_address_added_between_plan_and_apply_is_refused_with_nothing_changed(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.declare_set("10.0.0.22")
    world.terraform.plan("-out=tfplan")
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.99"])
    before = world.mutations()
    result = world.terraform.run("apply", "-input=false", "tfplan")
    assert result.exit_code == 1
    assert "10.0.0.99" in result.text
    assert "plan again" in result.text.lower()
    assert world.mutations() == before
    assert "10.0.0.21" in world.terraform.state()["secondary_private_ip_addresses"]


def test_an_address_added_between_plan_and_apply_of_an_adoption_is_refused_too(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.plan("-out=tfplan")
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.99"])
    before = world.mutations()
    assert world.terraform.run("apply", "-input=false", "tfplan").exit_code == 1
    assert world.mutations() == before


def test_a_gateway_that_turns_out_to_hold_addresses_is_not_drained_by_a_plan_that_could_not_show_them(
    world: World,
) -> None:
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.99"])
    before = world.mutations()
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]',
        gateway="terraform_data.gateway.output",
        extra=f'resource "terraform_data" "gateway" {{ input = "{GATEWAY}" }}',
    )
    assert "last_change.unassign" in world.terraform.fail_apply().text
    assert world.mutations() == before


def test_addresses_known_only_after_apply_never_lead_to_an_unassignment(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    before = world.mutations()
    world.declare(
        "secondary_private_ip_addresses = [terraform_data.address.output]",
        extra='resource "terraform_data" "address" { input = "10.0.0.22" }',
    )
    assert "addresses known only after apply" in world.terraform.plan().text
    world.terraform.fail_apply()
    assert world.mutations() == before
    change = world.terraform.show_plan()
    assert change["after"]["last_change"]["unassign"] == "10.0.0.21"


def test_a_gateway_that_is_gone_leaves_the_state_with_a_warning_and_a_destroy_succeeds(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.aws.end_gateway(GATEWAY)
    refreshed = world.terraform.plan("-refresh-only").text
    assert f"{GATEWAY} is gone" in refreshed
    world.terraform.destroy()
    assert world.terraform.states() == []


def test_a_failed_step_keeps_the_true_state_and_the_next_apply_carries_on(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.aws.add_fault(
        "error",
        actions="UnassignPrivateNatGatewayAddress",
        dry_run=False,
        code="InvalidParameter",
        message="no luck today",
        status=400,
        times=2,
    )
    world.declare_set("10.0.0.22")
    assert "no luck today" in world.terraform.fail_apply().text
    assert world.terraform.state()["secondary_private_ip_addresses"] == ["10.0.0.21", "10.0.0.22"]
    world.terraform.apply()
    assert world.addresses() == {"10.0.0.22": "succeeded"}
    assert [call for call, _ in world.mutations()] == ["Assign", "Assign", "Unassign"]
    world.terraform.assert_empty_plan()


def test_a_failed_creation_does_not_lead_to_a_replacement_that_drains_everything(world: World) -> None:
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.99", "10.0.0.98"])
    world.declare_set("10.0.0.98", "10.0.0.21")
    world.aws.add_fault(
        "error", actions="UnassignPrivateNatGatewayAddress", dry_run=False, code="InvalidParameter", status=400, times=2
    )
    world.terraform.fail_apply()
    change = world.terraform.show_plan()
    assert change["actions"] == ["create"]
    assert change["after"]["last_change"]["unassign"] == "10.0.0.99"
    assert change["after"]["last_change"]["assign"] == "none"
    world.terraform.apply()
    world.terraform.assert_empty_plan()
