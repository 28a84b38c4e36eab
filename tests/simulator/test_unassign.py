"""Unassign and Disassociate: the drain, its early end, what is blocked meanwhile, what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import LEAVING, assign, both_kinds, refusal, statuses, unassign

FOR_EVER = None


@both_kinds
@pytest.mark.parametrize("window", [1, 60, None, 4000])
def test_an_address_drains_until_the_end_of_the_window_by_default_350_seconds(
    ec2: Any, seed: Seed, clock: ManualClock, window: int | None
) -> None:
    answer = unassign(ec2, seed, **({} if window is None else {"MaxDrainDurationSeconds": window}))
    assert answer["NatGatewayId"] == seed.nat_gateway_id
    assert [(a["PrivateIp"], a["Status"]) for a in answer["NatGatewayAddresses"]] == [
        ("10.0.0.10", LEAVING[seed.connectivity])
    ]
    clock.advance((window or 350) - 0.5)
    assert statuses(ec2, seed)["10.0.0.10"] == LEAVING[seed.connectivity]
    clock.advance(0.5)
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded", "10.0.0.11": "succeeded"}


@both_kinds
def test_addresses_are_released_when_their_own_connections_end(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.set_connections(seed.nat_gateway_id, "10.0.0.10", 20)
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11", MaxDrainDurationSeconds=100)
    clock.advance(20)
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded", "10.0.0.11": LEAVING[seed.connectivity]}
    clock.advance(80)
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded"}


@both_kinds
@pytest.mark.parametrize(("lasting", "released_after"), [(500, 100), (5, 5)])
def test_connections_of_every_address_end_by_a_setting_or_are_cut_at_the_end_of_the_window(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock, lasting: float, released_after: float
) -> None:
    simulator.change_settings(connections_end_after=lasting)
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11", MaxDrainDurationSeconds=100)
    clock.advance(released_after - 0.5)
    assert "10.0.0.10" in statuses(ec2, seed)
    clock.advance(0.5)
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded"}


@both_kinds
def test_a_running_drain_can_be_ended_or_prolonged_within_its_window(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.change_settings(connections_end_after=20)
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11", MaxDrainDurationSeconds=30)
    clock.advance(7)
    simulator.end_connections(seed.nat_gateway_id, "10.0.0.11")
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded", "10.0.0.10": LEAVING[seed.connectivity]}
    simulator.set_connections(seed.nat_gateway_id, "10.0.0.10", FOR_EVER)
    clock.advance(22)
    assert statuses(ec2, seed)["10.0.0.10"] == LEAVING[seed.connectivity]
    clock.advance(1)
    assert "10.0.0.10" not in statuses(ec2, seed)


@both_kinds
def test_an_address_without_connections_is_answered_as_unassigning_and_is_gone(
    ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    simulator.end_connections(seed.nat_gateway_id, "10.0.0.10")
    assert [a["Status"] for a in unassign(ec2, seed)["NatGatewayAddresses"]] == [LEAVING[seed.connectivity]]
    assert "10.0.0.10" not in statuses(ec2, seed)


@both_kinds
def test_while_an_address_drains_neither_call_is_accepted_but_deleting_the_gateway_is(
    ec2: Any, seed: Seed, clock: ManualClock
) -> None:
    unassign(ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=30)
    clock.advance(29)
    for call, address in ((unassign, "10.0.0.11"), (unassign, "10.0.0.10"), (assign, "10.0.0.20")):
        assert refusal(call, ec2, seed, address) == ("OperationInProgress", 400)
    clock.advance(1)
    unassign(ec2, seed, "10.0.0.11")
    ec2.delete_nat_gateway(NatGatewayId=seed.nat_gateway_id)
    assert ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"][0]["State"] == "deleted"


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"PrivateIpAddresses": ["10.0.0.4"]}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": ["10.0.0.10", "10.0.0.4"]}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": ["10.0.0.10", "10.0.0.77"]}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": ["ten"]}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": ["10.0.0.10", "10.0.0.10"]}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": []}, "MissingParameter"),
        ({}, "MissingParameter"),
        ({"PrivateIpAddresses": ["10.0.0.10"], "MaxDrainDurationSeconds": 0}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": ["10.0.0.10"], "MaxDrainDurationSeconds": 4001}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": ["10.0.0.10"], "MaxDrainDurationSeconds": "long"}, "InvalidParameterValue"),
        ({"PrivateIpAddresses": ["10.0.0.10"], "DryRun": True}, "DryRunOperation"),
    ],
)
def test_bad_parameters_and_dry_runs_change_nothing(
    ec2: Any, seed: Seed, parameters: dict[str, Any], code: str
) -> None:
    before = statuses(ec2, seed)
    call = ec2.unassign_private_nat_gateway_address
    status = 412 if code == "DryRunOperation" else 400
    assert refusal(call, NatGatewayId=seed.nat_gateway_id, **parameters) == (code, status)
    assert statuses(ec2, seed) == before


@both_kinds
def test_a_drained_address_leaves_the_quota_and_the_subnet_only_with_its_release(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    def free() -> int:
        [subnet] = ec2.describe_subnets(SubnetIds=[seed.subnet_id])["Subnets"]
        return int(subnet["AvailableIpAddressCount"])

    simulator.change_settings(quota=3, elastic_ip_quota=3)
    assert free() == 251 - 3
    unassign(ec2, seed, MaxDrainDurationSeconds=10)
    assert free() == 251 - 3
    clock.advance(10)
    assert free() == 251 - 2
    assign(ec2, seed, "10.0.0.10")
    clock.advance(1)
    assert statuses(ec2, seed)["10.0.0.10"] == "succeeded"
