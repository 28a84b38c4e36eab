"""The drain under real conditions: full gateways, running drains, many gateways, two claims, a killed provider."""

from __future__ import annotations

import subprocess

import pytest

from natgw_provider.core.addresses import sort_addresses
from support.waiting import wait_for
from support.world import GATEWAY, World, declare_many, many_gateways

pytestmark = pytest.mark.terraform

FULL = tuple(f"10.0.0.{n}" for n in range(21, 28))
OTHERS = tuple(f"10.0.0.{n}" for n in range(31, 38))


def test_one_address_of_a_full_gateway_is_swapped_in_one_apply_with_one_drain(world: World) -> None:
    world.declare_set(*FULL, drain=40)
    world.terraform.apply()
    world.declare_set(*FULL[1:], "10.0.0.31", drain=40)
    assert world.terraform.show_plan()["after"]["last_change"]["summary"].startswith("drain ")
    world.terraform.ok("apply", "-input=false", "tfplan")
    assert world.mutations()[1:] == [("Unassign", (FULL[0],)), ("Assign", ("10.0.0.31",))]
    world.terraform.assert_empty_plan()
    world.declare_set(*OTHERS, drain=40)
    world.aws.clear_calls()
    world.terraform.apply()
    assert world.mutations() == [("Unassign", FULL[1:]), ("Assign", OTHERS[1:])], "10.0.0.31 stays"
    world.terraform.assert_empty_plan()


def test_an_apply_during_a_drain_waits_for_it_and_asks_for_nothing_twice(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22", drain=100, body="wait_for_drain = false")
    world.terraform.apply()
    world.declare_set("10.0.0.21", drain=100, body="wait_for_drain = false")
    world.terraform.apply()
    state = world.terraform.state()
    assert state is not None
    assert state["secondary_private_ip_addresses"] == ["10.0.0.21"]
    world.terraform.assert_empty_plan()
    world.declare_set("10.0.0.21", "10.0.0.22", drain=100)
    world.terraform.apply()
    assert [call for call, _ in world.mutations()] == ["Assign", "Unassign", "Assign"]
    assert world.addresses() == {"10.0.0.21": "succeeded", "10.0.0.22": "succeeded"}
    busy = [call for call in world.aws.calls() if call.outcome == "OperationInProgress"]
    assert busy == []


def test_retaining_on_destroy_calls_nothing(world: World) -> None:
    world.declare_set("10.0.0.21", body='on_destroy = "retain"')
    world.terraform.apply()
    before = world.mutations()
    world.terraform.destroy()
    assert world.mutations() == before
    assert world.addresses() == {"10.0.0.21": "succeeded"}


def test_a_count_grows_by_awss_choice_shrinks_by_name_and_turns_into_a_list_in_place(world: World) -> None:
    world.declare("secondary_private_ip_address_count = 3\n max_drain_duration_seconds = 20")
    world.terraform.apply()
    picked = sorted(world.addresses())
    assert len(picked) == 3
    world.terraform.assert_empty_plan()
    state = world.terraform.state()
    assert state is not None
    assert state["last_change"]["assign"] == ", ".join(sort_addresses(picked))
    world.declare("secondary_private_ip_address_count = 2\n max_drain_duration_seconds = 20")
    assert world.terraform.show_plan()["after"]["last_change"]["unassign"] == sort_addresses(picked)[-1]
    world.terraform.apply()
    assert sorted(world.addresses()) == picked[:2]
    world.declare_set(*picked[:2], drain=20)
    world.terraform.assert_empty_plan()


def test_two_resources_whose_gateway_is_known_only_at_apply_are_told_and_one_at_most_acts(world: World) -> None:
    other = f"""
resource "terraform_data" "gateway" {{ input = "{GATEWAY}" }}
resource "natgw_secondary_private_ips" "other" {{
  nat_gateway_id                 = terraform_data.gateway.output
  secondary_private_ip_addresses = ["10.0.0.31"]
}}
"""
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]', gateway="terraform_data.gateway.output", extra=other
    )
    assert "The gateway is managed already" in world.terraform.fail_apply().text
    assert len(world.mutations()) <= 1


def test_a_hundred_gateways_are_refreshed_with_at_most_twelve_calls(world: World) -> None:
    ids = many_gateways(world, 100, 21)
    declare_many(world, ids, [21], 350)
    world.terraform.apply()
    world.aws.clear_calls()
    world.terraform.assert_empty_plan()
    assert world.aws.call_counts().get("DescribeNatGateways", 0) <= 12
    assert world.aws.call_counts().get("DescribeSubnets", 0) == 0


def test_twenty_gateways_drain_at_once(world: World) -> None:
    ids = many_gateways(world, 20, 21, 22)
    declare_many(world, ids, [21], 60)
    world.aws.clear_calls()
    world.terraform.apply("-parallelism=20")
    counts = world.aws.call_counts()
    unassigned = [call for call in world.aws.calls("UnassignPrivateNatGatewayAddress") if not call.dry_run]
    assert len(unassigned) == 20
    assert max(call.at for call in unassigned) - min(call.at for call in unassigned) < 60
    assert counts["DescribeNatGateways"] < 20 * 5
    world.terraform.assert_empty_plan()


def test_a_killed_provider_loses_nothing_and_the_next_apply_unassigns_nothing_twice(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    world.declare_set("10.0.0.21", drain=600)
    process = world.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
    wait_for(lambda: "unassigning" in world.addresses().values(), "a drain")
    kill_the_provider_of(process)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1, output
    # Terraform's words for it depend on where the call is cut off.
    assert "Plugin did not respond" in output or "Request cancelled" in output
    world.aws.clock.advance(600)
    world.terraform.apply()
    assert [call for call, _ in world.mutations()] == ["Assign", "Unassign"]
    assert world.addresses() == {"10.0.0.21": "succeeded"}
    world.terraform.assert_empty_plan()


def test_no_secret_of_the_provider_block_reaches_logs_state_or_errors(world: World) -> None:
    secret = "wJalrXUtnFEMIplantedSECRETkey"  # noqa: S105 - planted, to be found if it leaks
    world.declare_set("10.0.0.21")
    text = (world.terraform.folder / "main.tf").read_text()
    world.terraform.write(text.replace('secret_key = "simulator"', f'secret_key = "{secret}"\n  token = "{secret}"'))
    logs = {**world.terraform.environment, "TF_LOG": "TRACE", "TF_LOG_PATH": str(world.terraform.folder / "log")}
    noisy = type(world.terraform)(world.terraform.folder, world.terraform.mirror, logs)
    noisy.apply()
    world.aws.add_fault("denial", actions="UnassignPrivateNatGatewayAddress")
    world.declare_set()
    text = (world.terraform.folder / "main.tf").read_text()
    world.terraform.write(text.replace('secret_key = "simulator"', f'secret_key = "{secret}"\n  token = "{secret}"'))
    failed = noisy.fail_apply()
    assert secret not in failed.output
    assert secret not in (world.terraform.folder / "terraform.tfstate").read_text()
    ours = [
        line
        for line in (world.terraform.folder / "log").read_text(errors="replace").splitlines()
        if "provider.terraform-provider-natgw" in line
    ]
    assert ours
    assert not [line for line in ours if secret in line]


def kill_the_provider_of(terraform: subprocess.Popen[str]) -> None:
    """Kill -9 the provider process that a running Terraform started."""
    listed = subprocess.run(
        ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(terraform.pid)], capture_output=True, text=True, check=True
    )
    pids = [line.split()[0] for line in listed.stdout.splitlines() if "natgw" in line]
    assert pids, listed.stdout
    subprocess.run(["kill", "-9", *pids], check=True)
