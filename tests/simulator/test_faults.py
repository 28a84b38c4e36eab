"""Faults: what each does to a call, which calls it hits and how often."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError, HTTPClientError, ReadTimeoutError

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.faults import FaultKind
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import JOINING, LEAVING, assign, both_kinds, both_ways, refusal, statuses, unassign

ASSIGN = "AssignPrivateNatGatewayAddress"
JOINS = MappingProxyType({"private": ASSIGN, "public": "AssociateNatGatewayAddress"})
LEAVES = MappingProxyType({"private": "UnassignPrivateNatGatewayAddress", "public": "DisassociateNatGatewayAddress"})
DESCRIBE = "DescribeNatGateways"


def attached(simulator: Simulator, seed: Seed) -> list[str]:
    """What the gateway holds in truth."""
    gateway = simulator.model().get(seed.nat_gateway_id)
    return [str(address.private_ip) for address in gateway.attached(simulator.clock.now())]


@both_ways
@both_kinds
@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (FaultKind.THROTTLING, ("RequestLimitExceeded", 503)),
        (FaultKind.INTERNAL_ERROR, ("InternalError", 500)),
        (FaultKind.UNAVAILABLE, ("Unavailable", 503)),
        (FaultKind.DENIAL, ("UnauthorizedOperation", 403)),
        (FaultKind.CONFLICT, ("OperationInProgress", 400)),
        (FaultKind.ERROR, ("Odd", 418)),
    ],
)
def test_an_error_fault_answers_its_code_and_nothing_happens(
    ec2: Any, simulator: Simulator, seed: Seed, kind: FaultKind, answer: tuple[str, int]
) -> None:
    chosen = {"code": answer[0], "status": answer[1]} if kind is FaultKind.ERROR else {}
    simulator.add_fault(kind, actions=[JOINS[seed.connectivity]], times=1, **chosen)
    assert refusal(assign, ec2, seed) == answer
    assert "10.0.0.20" not in attached(simulator, seed)
    assign(ec2, seed)
    assert "10.0.0.20" in attached(simulator, seed)


@both_kinds
def test_a_denial_names_user_action_and_resource_and_hits_dry_runs_too(
    ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    simulator.add_fault("denial", actions=[LEAVES[seed.connectivity]])
    with pytest.raises(ClientError) as error:
        unassign(ec2, seed, DryRun=True)
    message = error.value.response["Error"]["Message"]
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    assert f"ec2:{LEAVES[seed.connectivity]}" in message
    assert f"arn:aws:ec2:eu-central-1:123456789012:natgateway/{seed.nat_gateway_id}" in message
    assert "Encoded authorization failure message: " in message
    assert refusal(assign, ec2, seed, DryRun=True) == ("DryRunOperation", 412)


@both_kinds
def test_a_conflict_does_not_hit_dry_runs(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.add_fault("conflict", times=1)
    assert refusal(assign, ec2, seed, DryRun=True) == ("DryRunOperation", 412)
    assert refusal(assign, ec2, seed) == ("OperationInProgress", 400)


@both_kinds
def test_an_error_may_come_after_the_call_has_acted(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.add_fault("internal_error", actions=[JOINS[seed.connectivity]], after_acting=True, times=1)
    assert refusal(assign, ec2, seed) == ("InternalError", 500)
    assert "10.0.0.20" in attached(simulator, seed)


@both_ways
@both_kinds
def test_a_reset_connection_did_nothing(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.add_fault("connection_reset", actions=[LEAVES[seed.connectivity]], times=1)
    with pytest.raises(HTTPClientError):
        unassign(ec2, seed)
    assert statuses(ec2, seed)["10.0.0.10"] == "succeeded"
    assert [call.outcome for call in simulator.calls(LEAVES[seed.connectivity])] == ["ConnectionReset"]


@both_ways
@both_kinds
def test_a_lost_answer_did_act(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.add_fault("lost_answer", actions=[LEAVES[seed.connectivity]], times=1)
    with pytest.raises(ConnectionClosedError):
        unassign(ec2, seed)
    assert statuses(ec2, seed)["10.0.0.10"] == LEAVING[seed.connectivity]
    simulator.add_fault("lost_answer", actions=[LEAVES[seed.connectivity]], times=1)
    with pytest.raises(ConnectionClosedError):
        unassign(ec2, seed, "10.0.0.99")
    lost, refused = simulator.calls(LEAVES[seed.connectivity])
    assert (lost.outcome, lost.status, lost.message) == ("AnswerLost", None, "was ok")
    assert refused.message == "was OperationInProgress"


def test_a_lost_answer_that_hangs_is_a_read_timeout_for_the_client(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.add_fault("lost_answer", actions=[JOINS[seed.connectivity]], hang_seconds=3600, times=1)
    with pytest.raises(ReadTimeoutError):
        assign(ec2, seed)
    assert "10.0.0.20" in attached(simulator, seed)


def test_latency_passes_on_the_simulators_clock_before_acting(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    unassign(ec2, seed, MaxDrainDurationSeconds=30)
    simulator.add_fault("latency", actions=[DESCRIBE], seconds=30, times=1)
    assert "10.0.0.10" not in statuses(ec2, seed)
    assert clock.now() == 1_750_000_030


@both_kinds
def test_stale_reads_miss_an_address_just_after_assign_and_then_lag(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.add_fault("stale_reads", seconds=5)
    assign(ec2, seed)
    clock.advance(4.5)
    assert "10.0.0.20" not in statuses(ec2, seed)
    clock.advance(0.5)
    assert statuses(ec2, seed)["10.0.0.20"] == JOINING[seed.connectivity]
    clock.advance(1)
    assert statuses(ec2, seed)["10.0.0.20"] == "succeeded"


def test_stale_reads_of_one_gateway_leave_the_other_alone_and_do_not_know_a_new_one(
    ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    other = simulator.seed(subnet_id=seed.subnet_id, secondaries=["10.0.0.30"])
    simulator.add_fault("stale_reads", seconds=5, gateway_ids=[seed.nat_gateway_id])
    unassign(ec2, seed)
    unassign(ec2, other, "10.0.0.30")
    first, second = ec2.describe_nat_gateways()["NatGateways"]
    assert [a["Status"] for a in first["NatGatewayAddresses"]] == ["succeeded"] * 3
    assert [a["Status"] for a in second["NatGatewayAddresses"]] == ["succeeded", "unassigning"]
    simulator.add_fault("stale_reads", seconds=5)
    new = ec2.create_nat_gateway(SubnetId=seed.subnet_id, ConnectivityType="private")["NatGateway"]["NatGatewayId"]
    assert refusal(ec2.describe_nat_gateways, NatGatewayIds=[new]) == ("NatGatewayNotFound", 400)


@both_kinds
def test_flapping_hides_fresh_addresses_from_every_other_read(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.add_fault("flapping", seconds=10)
    assign(ec2, seed)
    clock.advance(2)
    assert ["10.0.0.20" in statuses(ec2, seed) for _ in range(4)] == [False, True, False, True]
    assert "10.0.0.10" in statuses(ec2, seed)
    clock.advance(8)
    assert ["10.0.0.20" in statuses(ec2, seed) for _ in range(2)] == [True, True]


@both_kinds
def test_an_address_can_fail_and_stays_listed_until_it_is_unassigned(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.add_fault("address_failure", message="no capacity", times=1)
    assign(ec2, seed)
    assert statuses(ec2, seed)["10.0.0.20"] == JOINING[seed.connectivity]
    clock.advance(1)
    [gateway] = ec2.describe_nat_gateways()["NatGateways"]
    failed = gateway["NatGatewayAddresses"][-1]
    assert (failed["PrivateIp"], failed["Status"], failed["FailureMessage"]) == ("10.0.0.20", "failed", "no capacity")
    clock.advance(10_000)
    assert statuses(ec2, seed)["10.0.0.20"] == "failed"
    unassign(ec2, seed, "10.0.0.20")
    assert "10.0.0.20" not in statuses(ec2, seed)


@both_kinds
def test_a_gateway_can_fail_at_a_moment(ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock) -> None:
    simulator.end_gateway(seed.nat_gateway_id, "failed", in_seconds=20, code="Net.Gone", message="interface lost")
    unassign(ec2, seed)
    clock.advance(19)
    assert statuses(ec2, seed)["10.0.0.10"] == LEAVING[seed.connectivity]
    clock.advance(1)
    [gateway] = ec2.describe_nat_gateways()["NatGateways"]
    assert (gateway["State"], gateway["FailureCode"], gateway["FailureMessage"]) == (
        "failed",
        "Net.Gone",
        "interface lost",
    )
    assert refusal(assign, ec2, seed) == ("IncorrectState", 400)


@both_kinds
def test_a_gateway_can_vanish_in_the_middle_of_a_drain(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.end_gateway(seed.nat_gateway_id, "deleted", in_seconds=5)
    unassign(ec2, seed)
    clock.advance(5)
    assert ec2.describe_nat_gateways()["NatGateways"][0]["State"] == "deleted"
    assert refusal(unassign, ec2, seed, "10.0.0.11") == ("NatGatewayNotFound", 400)


def test_a_fault_hits_the_named_gateway_only(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    other = simulator.seed(subnet_id=seed.subnet_id)
    simulator.add_fault("throttling", gateway_ids=[other.nat_gateway_id], times=1)
    assign(ec2, seed)
    assert refusal(assign, ec2, other, "10.0.0.40") == ("RequestLimitExceeded", 503)


def test_a_fault_sees_the_ids_in_a_filter_and_a_call_without_an_id_concerns_all(
    ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    simulator.add_fault("throttling", gateway_ids=[seed.nat_gateway_id], times=2)
    other = [{"Name": "nat-gateway-id", "Values": ["nat-0ffffffffffffffff"]}]
    assert ec2.describe_nat_gateways(Filter=other)["NatGateways"] == []
    same = [{"Name": "nat-gateway-id", "Values": [seed.nat_gateway_id]}]
    assert refusal(ec2.describe_nat_gateways, Filter=same) == ("RequestLimitExceeded", 503)
    assert refusal(ec2.describe_nat_gateways) == ("RequestLimitExceeded", 503)


def test_skip_and_times_choose_the_calls(ec2: Any, simulator: Simulator) -> None:
    simulator.add_fault("throttling", actions=[DESCRIBE], skip=2, times=2)
    outcomes = []
    for _ in range(6):
        try:
            ec2.describe_nat_gateways()
            outcomes.append("ok")
        except ClientError as error:
            outcomes.append(error.response["Error"]["Code"])
    assert outcomes == ["ok", "ok", "RequestLimitExceeded", "RequestLimitExceeded", "ok", "ok"]


def test_a_fault_lasts_until_it_is_cleared(ec2: Any, simulator: Simulator) -> None:
    fault_id = simulator.add_fault("throttling", actions=[DESCRIBE])
    for _ in range(3):
        assert refusal(ec2.describe_nat_gateways) == ("RequestLimitExceeded", 503)
    assert [(id_, hits) for id_, (_, hits) in simulator.faults().items()] == [(fault_id, 3)]
    simulator.clear_faults(fault_id)
    ec2.describe_nat_gateways()
    with pytest.raises(ValueError, match=f"no fault {fault_id} is in force; in force: none"):
        simulator.clear_faults(fault_id)


def test_a_fault_may_end_with_time(ec2: Any, simulator: Simulator, clock: ManualClock) -> None:
    simulator.add_fault("throttling", actions=[DESCRIBE], for_seconds=10)
    clock.advance(9)
    assert refusal(ec2.describe_nat_gateways) == ("RequestLimitExceeded", 503)
    clock.advance(1)
    ec2.describe_nat_gateways()
    assert simulator.faults() == {}


def test_the_fault_that_was_added_first_decides_and_only_it_counts(ec2: Any, simulator: Simulator) -> None:
    simulator.add_fault("throttling", actions=[DESCRIBE], times=1)
    simulator.add_fault("internal_error", actions=[DESCRIBE], times=1)
    assert refusal(ec2.describe_nat_gateways) == ("RequestLimitExceeded", 503)
    assert refusal(ec2.describe_nat_gateways) == ("InternalError", 500)
    ec2.describe_nat_gateways()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"kind": "earthquake"}, "earthquake"),
        ({"kind": "throttling", "skip": -1}, "skip should be greater than or equal to 0 .found -1"),
        ({"kind": "stale_reads", "seconds": 1, "actions": [ASSIGN]}, "DescribeNatGateways only"),
        ({"kind": "throttling", "colour": "red"}, "colour"),
        ({"kind": "throttling", "times": "two"}, "times should be a valid integer .found 'two'"),
        ({"kind": "throttling", "actions": ["describenatgateway"]}, "such as DescribeNatGateways"),
        ({"kind": "throttling", "gateway_ids": ["nat-bogus"]}, "no NAT gateway nat-bogus; there are: none; seed one"),
        ({"kind": "throttling", "seconds": 5}, "throttling takes no seconds; besides its scope: after_acting, code"),
        ({"kind": "latency"}, "latency takes seconds, more than 0"),
        ({"kind": "error"}, "error takes code, such as InvalidParameterValue"),
        (
            {"kind": "address_failure", "addresses": ["here"]},
            "addresses.0 is neither an IPv4 address nor an allocation id .found 'here'",
        ),
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(simulator: Simulator, parameters: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        simulator.add_fault(**parameters)
