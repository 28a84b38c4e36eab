"""AssignPrivateNatGatewayAddress: what it takes, what it answers, what it refuses."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import allocation_id, assign, both_kinds, refusal, statuses, unassign

BUSY = ("OperationInProgress", 400)
DRY = ("DryRunOperation", 412)


def test_a_named_address_is_assigning_and_then_in_service(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    answer = assign(ec2, seed, "10.0.0.20")
    assert answer["NatGatewayId"] == seed.nat_gateway_id
    assert answer["NatGatewayAddresses"] == [
        {
            "PrivateIp": "10.0.0.20",
            "NetworkInterfaceId": seed.network_interface_id,
            "IsPrimary": False,
            "Status": "assigning",
        }
    ]
    clock.advance(0.5)
    assert statuses(ec2, seed)["10.0.0.20"] == "assigning"
    clock.advance(0.5)
    assert statuses(ec2, seed)["10.0.0.20"] == "succeeded"


def test_a_count_picks_the_lowest_free_addresses(ec2: Any, seed: Seed) -> None:
    ec2.create_network_interface(SubnetId=seed.subnet_id, PrivateIpAddress="10.0.0.6")
    answer = assign(ec2, seed, PrivateIpAddressCount=3)
    assert [address["PrivateIp"] for address in answer["NatGatewayAddresses"]] == ["10.0.0.5", "10.0.0.7", "10.0.0.8"]


def test_random_picks_can_be_repeated(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.change_settings(pick="random")
    answer = assign(ec2, seed, PrivateIpAddressCount=2)
    picked = [address["PrivateIp"] for address in answer["NatGatewayAddresses"]]
    again = Simulator(clock=ManualClock())
    again.seed(primary="10.0.0.4", secondaries=["10.0.0.10", "10.0.0.11"])
    again.change_settings(pick="random")
    first = again.model().assign(seed.nat_gateway_id, count=2)
    assert [str(address.private_ip) for address in first] == picked != ["10.0.0.5", "10.0.0.6"]


def test_the_answer_may_list_every_address_of_the_gateway(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.change_settings(answer_only_touched_addresses=False)
    answer = assign(ec2, seed, PrivateIpAddressCount=1)
    assert [(a["PrivateIp"], a["Status"]) for a in answer["NatGatewayAddresses"]] == [
        ("10.0.0.4", "succeeded"),
        ("10.0.0.10", "succeeded"),
        ("10.0.0.11", "succeeded"),
        ("10.0.0.5", "assigning"),
    ]


@pytest.mark.parametrize(
    ("address", "code"),
    [
        ("10.0.1.20", "InvalidParameterValue"),
        ("10.0.0.0", "InvalidParameterValue"),
        ("10.0.0.3", "InvalidParameterValue"),
        ("10.0.0.255", "InvalidParameterValue"),
        ("10.0.0", "InvalidParameterValue"),
        ("::1", "InvalidParameterValue"),
        ("10.0.0.4", "InvalidIPAddress.InUse"),
        ("10.0.0.10", "InvalidIPAddress.InUse"),
        ("10.0.0.99", "InvalidIPAddress.InUse"),  # of another interface
    ],
)
def test_an_address_that_cannot_be_assigned_is_refused(ec2: Any, seed: Seed, address: str, code: str) -> None:
    ec2.create_network_interface(SubnetId=seed.subnet_id, PrivateIpAddress="10.0.0.99")
    before = statuses(ec2, seed)
    assert refusal(assign, ec2, seed, "10.0.0.30", address) == (code, 400)
    assert statuses(ec2, seed) == before


@pytest.mark.parametrize("address", ["10.0.0.5", "10.0.0.254"])
def test_the_first_and_last_usable_address_can_be_assigned(ec2: Any, seed: Seed, address: str) -> None:
    assign(ec2, seed, address)
    assert address in statuses(ec2, seed)


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingParameter"),
        ({"PrivateIpAddresses": []}, "MissingParameter"),
        ({"PrivateIpAddresses": ["10.0.0.20"], "PrivateIpAddressCount": 1}, "InvalidParameterCombination"),
        ({"PrivateIpAddresses": ["10.0.0.20", "10.0.0.20"]}, "InvalidParameterValue"),
        ({"PrivateIpAddressCount": 0}, "InvalidParameterValue"),
        ({"PrivateIpAddressCount": 32}, "InvalidParameterValue"),
        ({"PrivateIpAddressCount": "many"}, "InvalidParameterValue"),
        ({"NatGatewayId": "nat-0ffffffffffffffff", "PrivateIpAddressCount": 1}, "NatGatewayNotFound"),
        ({"NatGatewayId": "nat-0ffffffffffffffff", "PrivateIpAddressCount": 1, "DryRun": True}, "NatGatewayNotFound"),
        ({"NatGatewayId": "nat-1", "PrivateIpAddressCount": 1}, "NatGatewayMalformed"),
        ({"NatGatewayId": "", "PrivateIpAddressCount": 1}, "MissingParameter"),
    ],
)
def test_bad_parameters_are_refused(ec2: Any, seed: Seed, parameters: dict[str, Any], code: str) -> None:
    call = ec2.assign_private_nat_gateway_address
    assert refusal(call, **{"NatGatewayId": seed.nat_gateway_id, **parameters}) == (code, 400)


def test_eight_addresses_are_the_quota_primary_included(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    full = ("PrivateIpAddressLimitExceeded", 400)
    assert refusal(assign, ec2, seed, PrivateIpAddressCount=6) == full
    assign(ec2, seed, PrivateIpAddressCount=5)
    clock.advance(1)
    assert len(statuses(ec2, seed)) == 8
    assert refusal(assign, ec2, seed, "10.0.0.99") == full


def test_a_subnet_that_is_too_full_is_an_error(ec2: Any, simulator: Simulator) -> None:
    seed = simulator.seed(cidr="10.0.0.0/28")
    simulator.change_settings(quota=32)
    assert refusal(assign, ec2, seed, PrivateIpAddressCount=11) == ("InsufficientFreeAddressesInSubnet", 400)
    assign(ec2, seed, PrivateIpAddressCount=10)


@both_kinds
def test_while_an_address_is_assigned_neither_call_is_accepted(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    assign(ec2, seed, "10.0.0.20", "10.0.0.21")
    assert refusal(assign, ec2, seed, "10.0.0.22") == BUSY
    assert refusal(unassign, ec2, seed, "10.0.0.10") == BUSY
    simulator.change_settings(busy_code="IncorrectState")
    with pytest.raises(ClientError) as error:
        assign(ec2, seed, "10.0.0.22")
    listed = {
        "private": "ASSIGNING the following private IPs: [10.0.0.20, 10.0.0.21]",
        "public": f"ASSOCIATING the following EIPs: [{allocation_id('10.0.0.20')}, {allocation_id('10.0.0.21')}]",
    }
    assert error.value.response["Error"] == {
        "Code": "IncorrectState",
        "Message": f"Service is currently {listed[seed.connectivity]}",
    }
    clock.advance(1)
    assign(ec2, seed, "10.0.0.22")


@both_kinds
def test_a_dry_run_answers_412_assigns_nothing_and_ignores_a_busy_gateway_unless_set_otherwise(
    ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    before = statuses(ec2, seed)
    assert refusal(assign, ec2, seed, "10.0.0.21", DryRun=True) == DRY
    assert statuses(ec2, seed) == before
    assign(ec2, seed)
    assert refusal(assign, ec2, seed, "10.0.0.21", DryRun=True) == DRY
    simulator.change_settings(dry_run_checks_state=True)
    assert refusal(assign, ec2, seed, "10.0.0.21", DryRun=True) == BUSY
    simulator.clock.advance(1)
    assert refusal(assign, ec2, seed, "10.0.0.21", DryRun=True) == DRY
    assert "10.0.0.21" not in statuses(ec2, seed)


def test_only_an_available_gateway_takes_addresses(ec2: Any, simulator: Simulator, clock: ManualClock) -> None:
    simulator.change_settings(gateway_pending_seconds=60, gateway_deleting_seconds=60)
    subnet = simulator.seed().subnet_id
    created = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]
    gateway = {"NatGatewayId": created["NatGatewayId"], "PrivateIpAddressCount": 1}
    call = ec2.assign_private_nat_gateway_address
    assert refusal(call, **gateway) == BUSY
    clock.advance(60)
    call(**gateway)
    ec2.delete_nat_gateway(NatGatewayId=created["NatGatewayId"])
    assert refusal(call, **gateway) == ("IncorrectState", 400)
    clock.advance(60)
    assert refusal(call, **gateway) == ("NatGatewayNotFound", 400)
