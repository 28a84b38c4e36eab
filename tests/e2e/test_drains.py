"""The drain under real conditions: full gateways, running drains, many gateways, two claims, a killed provider."""

from __future__ import annotations

import subprocess
from dataclasses import replace

import pytest

from support.world import GATEWAY, World, declare_many, many_gateways

pytestmark = pytest.mark.terraform


def test_an_apply_during_a_drain_waits_for_it_and_asks_for_nothing_twice(world: World) -> None:
    world.declare_set("10.0.0.21", "10.0.0.22", drain=100, body="wait_for_drain = false")
    world.terraform.apply()
    world.declare_set("10.0.0.21", drain=100, body="wait_for_drain = false")
    world.terraform.apply()
    assert world.terraform.state()["secondary_private_ip_addresses"] == ["10.0.0.21"]
    world.terraform.assert_empty_plan()
    world.declare_set("10.0.0.21", "10.0.0.22", drain=100)
    world.terraform.apply()
    assert [call for call, _ in world.mutations()] == ["Assign", "Unassign", "Assign"]
    assert world.addresses() == {"10.0.0.21": "succeeded", "10.0.0.22": "succeeded"}
    assert "OperationInProgress" not in {call.outcome for call in world.aws.calls()}


def test_retaining_on_destroy_calls_nothing(world: World) -> None:
    world.declare_set("10.0.0.21", body='on_destroy = "retain"')
    world.terraform.apply()
    before = world.mutations()
    world.terraform.destroy()
    assert world.mutations() == before
    assert world.addresses() == {"10.0.0.21": "succeeded"}


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
    ended = world.terraform.break_off(lambda: "unassigning" in world.addresses().values(), kill_the_provider_of)
    # Terraform's words for it depend on where the call is cut off.
    assert "Plugin did not respond" in ended.output or "Request cancelled" in ended.output
    world.aws.clock.advance(600)
    world.terraform.apply()
    assert [call for call, _ in world.mutations()] == ["Assign", "Unassign"]
    assert world.addresses() == {"10.0.0.21": "succeeded"}
    world.terraform.assert_empty_plan()


def test_no_secret_of_the_provider_block_reaches_logs_state_or_errors(world: World) -> None:
    secret = "wJalrXUtnFEMIplantedSECRETkey"  # noqa: S105 - planted, to be found if it leaks
    log = world.terraform.folder / "log"
    noisy = replace(
        world.terraform, environment={**world.terraform.environment, "TF_LOG": "TRACE", "TF_LOG_PATH": str(log)}
    )

    def declare(*addresses: str) -> None:
        world.declare_set(*addresses)
        text = (noisy.folder / "main.tf").read_text()
        noisy.write(text.replace('secret_key = "simulator"', f'secret_key = "{secret}"\n  token = "{secret}"'))

    declare("10.0.0.21")
    noisy.apply()
    world.aws.add_fault("denial", actions="UnassignPrivateNatGatewayAddress")
    declare()
    assert secret not in noisy.fail_apply().output
    assert secret not in (noisy.folder / "terraform.tfstate").read_text()
    lines = log.read_text(errors="replace").splitlines()
    ours = [line for line in lines if "provider.terraform-provider-natgw" in line]
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
