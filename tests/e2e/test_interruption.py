"""Ctrl-C and kill in the middle of a drain: the state is whole, and the next plan is empty or carries on."""

from __future__ import annotations

import subprocess
from typing import IO

import pytest

from e2e.conftest import ON_THE_LAUNCHER_TOO
from support.terraform import interrupt
from support.waiting import wait_for
from support.world import World, declare_many, many_gateways

pytestmark = pytest.mark.terraform


def is_draining(world: World) -> bool:
    return "unassigning" in world.addresses().values()


@ON_THE_LAUNCHER_TOO
def test_one_interrupt_in_mid_drain_stops_with_the_true_state(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    world.declare_set("10.0.0.21", drain=4000)
    assert "10.0.0.22" in world.terraform.break_off(lambda: is_draining(world), interrupt).output
    state = world.terraform.state()
    assert state["secondary_private_ip_addresses"] == ["10.0.0.21"]
    assert state["draining_private_ip_addresses"] == ["10.0.0.22"]
    unassigned = [call for call in world.mutations() if call[0] == "Unassign"]
    world.aws.clock.advance(4000)
    world.terraform.apply()
    assert [call for call in world.mutations() if call[0] == "Unassign"] == unassigned
    assert world.addresses() == {"10.0.0.21": "succeeded"}
    world.terraform.assert_empty_plan()


def test_one_interrupt_with_ten_drains_under_way_saves_the_true_state_of_each(world: World) -> None:
    ids = many_gateways(world, 10, 21, 22)
    declare_many(world, ids, [21, 22], 4000)
    world.terraform.apply()
    declare_many(world, ids, [21], 4000)
    world.terraform.break_off(lambda: unassigned(world) == 10, interrupt)
    states = world.terraform.states()
    assert len(states) == 10
    for state in states:
        network = state["subnet_cidr_block"].removesuffix("0/24")
        assert state["secondary_private_ip_addresses"] == [f"{network}21"]
        assert state["draining_private_ip_addresses"] == [f"{network}22"]
    world.aws.clock.advance(4000)
    world.terraform.apply()
    assert unassigned(world) == 10
    world.terraform.assert_empty_plan()


def unassigned(world: World) -> int:
    """Return how many Unassign calls have been made, dry runs not counted."""
    return sum(not call.dry_run for call in world.aws.calls("UnassignPrivateNatGatewayAddress"))


def test_a_killed_terraform_leaves_a_gateway_that_the_next_apply_finishes_without_a_second_unassign(
    world: World,
) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    world.declare_set("10.0.0.23", drain=600)
    world.terraform.break_off(lambda: is_draining(world), subprocess.Popen.kill)
    world.aws.clock.advance(600)
    world.terraform.apply()
    assert [call for call, _ in world.mutations()] == ["Assign", "Assign", "Unassign"]
    assert world.addresses() == {"10.0.0.23": "succeeded"}
    world.terraform.assert_empty_plan()


def test_a_second_interrupt_loses_no_drain_and_the_next_apply_does_not_repeat_it(world: World) -> None:
    """Terraform leaves at once; it may not have waited for the provider's last word."""
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    world.declare_set("10.0.0.23", drain=4000)
    process = world.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
    wait_for(lambda: is_draining(world), "a drain")
    world.aws.add_fault("latency", actions="DescribeNatGateways", seconds=200)
    looks = world.aws.call_counts()["DescribeNatGateways"]
    wait_for(lambda: world.aws.call_counts()["DescribeNatGateways"] > looks, "a look that takes long")
    interrupt(process)
    assert process.stdout is not None
    said = _read_until(process.stdout, "Interrupt received.")
    interrupt(process)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1, said + output
    assert "Two interrupts received. Exiting immediately." in output
    world.aws.clear_faults()
    world.aws.clock.advance(4000)
    world.terraform.apply()
    assert [call for call, _ in world.mutations()] == ["Assign", "Assign", "Unassign"]
    assert world.addresses() == {"10.0.0.23": "succeeded"}
    world.terraform.assert_empty_plan()


def test_an_interrupt_ends_a_plan_that_aws_does_not_answer(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    world.aws.add_fault("unavailable", actions="DescribeNatGateways")
    world.aws.clear_calls()
    ended = world.terraform.break_off(lambda: bool(world.aws.calls("DescribeNatGateways")), interrupt, "plan")
    assert "Interrupted" in ended.output


def _read_until(stream: IO[str], words: str) -> str:
    read = ""
    while words not in read:
        line = stream.readline()
        assert line, f"in vain: {words!r} in {read}"
        read += line
    return read
