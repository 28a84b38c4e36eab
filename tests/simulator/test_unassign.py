"""UnassignPrivateNatGatewayAddress: the drain, its early end, what is blocked meanwhile, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator


def statuses(ec2: Any, seed: Seed) -> dict[str, str]:
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    return {address["PrivateIp"]: address["Status"] for address in gateway["NatGatewayAddresses"]}


def refusal(call: Any, **parameters: Any) -> tuple[str, int]:
    with pytest.raises(ClientError) as error:
        call(**parameters)
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


def unassign(ec2: Any, seed: Seed, *addresses: str, **more: Any) -> Any:
    return ec2.unassign_private_nat_gateway_address(
        NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=list(addresses), **more
    )


def test_an_address_drains_until_the_end_of_the_window(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    answer = unassign(ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=60)
    assert answer["NatGatewayId"] == seed.nat_gateway_id
    assert [(a["PrivateIp"], a["Status"]) for a in answer["NatGatewayAddresses"]] == [("10.0.0.10", "unassigning")]
    clock.advance(59)
    assert statuses(ec2, seed)["10.0.0.10"] == "unassigning"
    clock.advance(1)
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded", "10.0.0.11": "succeeded"}


def test_the_window_is_350_seconds_when_none_is_named(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    unassign(ec2, seed, "10.0.0.10")
    clock.advance(349)
    assert statuses(ec2, seed)["10.0.0.10"] == "unassigning"
    clock.advance(1)
    assert "10.0.0.10" not in statuses(ec2, seed)


def test_addresses_are_released_when_their_own_connections_end(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.set_connections(seed.nat_gateway_id, "10.0.0.10", 20)
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11", MaxDrainDurationSeconds=100)
    clock.advance(20)
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded", "10.0.0.11": "unassigning"}
    clock.advance(80)
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded"}


def test_connections_that_outlast_the_window_are_cut(
    quick_ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.change_settings(connections_end_after=500)
    unassign(quick_ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=100)
    clock.advance(100)
    assert "10.0.0.10" not in statuses(quick_ec2, seed)


def test_connections_of_every_address_may_end_early_by_a_setting(
    quick_ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.change_settings(connections_end_after=5)
    unassign(quick_ec2, seed, "10.0.0.10", "10.0.0.11")
    clock.advance(5)
    assert statuses(quick_ec2, seed) == {"10.0.0.4": "succeeded"}


def test_connections_can_be_ended_in_the_middle_of_a_drain(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11")
    simulator.clock.advance(7)
    simulator.end_connections(seed.nat_gateway_id, "10.0.0.11")
    assert statuses(ec2, seed) == {"10.0.0.4": "succeeded", "10.0.0.10": "unassigning"}


def test_a_running_drain_can_be_prolonged_within_its_window(
    quick_ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.change_settings(connections_end_after=5)
    unassign(quick_ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=30)
    simulator.set_connections(seed.nat_gateway_id, "10.0.0.10", None)
    clock.advance(29)
    assert statuses(quick_ec2, seed)["10.0.0.10"] == "unassigning"
    clock.advance(1)
    assert "10.0.0.10" not in statuses(quick_ec2, seed)


def test_an_address_without_connections_is_answered_as_unassigning_and_is_gone(
    ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    simulator.end_connections(seed.nat_gateway_id, "10.0.0.10")
    answer = unassign(ec2, seed, "10.0.0.10")
    assert [a["Status"] for a in answer["NatGatewayAddresses"]] == ["unassigning"]
    assert "10.0.0.10" not in statuses(ec2, seed)


def test_while_an_address_drains_neither_call_is_accepted(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    unassign(ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=30)
    busy = ("OperationInProgress", 400)
    clock.advance(29)
    assert refusal(unassign, ec2=ec2, seed=seed) == ("MissingParameter", 400)
    unassign_call = ec2.unassign_private_nat_gateway_address
    assert refusal(unassign_call, NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.11"]) == busy
    assert refusal(unassign_call, NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.10"]) == busy
    assign_call = ec2.assign_private_nat_gateway_address
    assert refusal(assign_call, NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=1) == busy
    clock.advance(1)
    unassign(ec2, seed, "10.0.0.11")


def test_deleting_the_gateway_is_accepted_while_it_drains(ec2: Any, seed: Seed) -> None:
    unassign(ec2, seed, "10.0.0.10")
    ec2.delete_nat_gateway(NatGatewayId=seed.nat_gateway_id)
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    assert gateway["State"] == "deleted"


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
    ],
)
def test_bad_parameters_change_nothing(quick_ec2: Any, seed: Seed, parameters: dict[str, Any], code: str) -> None:
    before = statuses(quick_ec2, seed)
    call = quick_ec2.unassign_private_nat_gateway_address
    assert refusal(call, NatGatewayId=seed.nat_gateway_id, **parameters) == (code, 400)
    assert statuses(quick_ec2, seed) == before


@pytest.mark.parametrize("seconds", [1, 4000])
def test_the_shortest_and_the_longest_window_are_kept(
    quick_ec2: Any, seed: Seed, clock: ManualClock, seconds: int
) -> None:
    unassign(quick_ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=seconds)
    clock.advance(seconds - 0.5)
    assert statuses(quick_ec2, seed)["10.0.0.10"] == "unassigning"
    clock.advance(0.5)
    assert "10.0.0.10" not in statuses(quick_ec2, seed)


def test_a_dry_run_answers_412_and_drains_nothing(ec2: Any, seed: Seed) -> None:
    before = statuses(ec2, seed)
    call = ec2.unassign_private_nat_gateway_address
    dry = refusal(call, NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.10"], DryRun=True)
    assert dry == ("DryRunOperation", 412)
    assert statuses(ec2, seed) == before


def test_a_draining_address_counts_against_the_quota(
    quick_ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.change_settings(quota=3)
    unassign(quick_ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=10)
    clock.advance(10)
    quick_ec2.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.10"])
    clock.advance(1)
    assert statuses(quick_ec2, seed)["10.0.0.10"] == "succeeded"


def test_an_address_is_free_again_only_after_its_release(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    def free() -> int:
        [subnet] = ec2.describe_subnets(SubnetIds=[seed.subnet_id])["Subnets"]
        return int(subnet["AvailableIpAddressCount"])

    assert free() == 251 - 3
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11", MaxDrainDurationSeconds=10)
    assert free() == 251 - 3
    clock.advance(10)
    assert free() == 251 - 1
