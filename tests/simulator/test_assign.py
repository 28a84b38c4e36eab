"""AssignPrivateNatGatewayAddress: what it takes, what it answers, what it refuses."""

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


def test_a_named_address_is_assigning_and_then_in_service(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    answer = ec2.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.20"])
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
    answer = ec2.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=3)
    assert [address["PrivateIp"] for address in answer["NatGatewayAddresses"]] == ["10.0.0.5", "10.0.0.6", "10.0.0.7"]


def test_random_picks_can_be_repeated(quick_ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock) -> None:
    simulator.change_settings(pick="random")
    picked = []
    for _ in range(2):
        answer = quick_ec2.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=2)
        picked.append([address["PrivateIp"] for address in answer["NatGatewayAddresses"]])
        clock.advance(1)
    again = Simulator(clock=ManualClock())
    again.seed(primary="10.0.0.4", secondaries=["10.0.0.10", "10.0.0.11"])
    again.change_settings(pick="random")
    first = again.model().assign(seed.nat_gateway_id, count=2)
    assert [str(address.private_ip) for address in first] == picked[0] != ["10.0.0.5", "10.0.0.6"]


def test_the_answer_may_list_every_address_of_the_gateway(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.change_settings(answer_only_touched_addresses=False)
    answer = ec2.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=1)
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
    ],
)
def test_an_address_that_cannot_be_given_is_refused(quick_ec2: Any, seed: Seed, address: str, code: str) -> None:
    before = statuses(quick_ec2, seed)
    assign = quick_ec2.assign_private_nat_gateway_address
    assert refusal(assign, NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.30", address]) == (code, 400)
    assert statuses(quick_ec2, seed) == before


@pytest.mark.parametrize("address", ["10.0.0.5", "10.0.0.254"])
def test_the_first_and_last_address_that_aws_gives_can_be_assigned(quick_ec2: Any, seed: Seed, address: str) -> None:
    quick_ec2.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=[address])
    assert address in statuses(quick_ec2, seed)


def test_an_address_of_another_interface_is_in_use(quick_ec2: Any, seed: Seed) -> None:
    quick_ec2.create_network_interface(SubnetId=seed.subnet_id, PrivateIpAddress="10.0.0.5")
    assign = quick_ec2.assign_private_nat_gateway_address
    taken = refusal(assign, NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.5"])
    assert taken == ("InvalidIPAddress.InUse", 400)
    answer = assign(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=1)
    assert answer["NatGatewayAddresses"][0]["PrivateIp"] == "10.0.0.6"


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
    ],
)
def test_bad_parameters_are_refused(quick_ec2: Any, seed: Seed, parameters: dict[str, Any], code: str) -> None:
    assign = quick_ec2.assign_private_nat_gateway_address
    assert refusal(assign, NatGatewayId=seed.nat_gateway_id, **parameters) == (code, 400)


@pytest.mark.parametrize(
    ("gateway_id", "code"),
    [("nat-0ffffffffffffffff", "NatGatewayNotFound"), ("nat-1", "NatGatewayMalformed"), ("", "MissingParameter")],
)
def test_a_gateway_that_is_not_there_is_refused(quick_ec2: Any, gateway_id: str, code: str) -> None:
    assign = quick_ec2.assign_private_nat_gateway_address
    assert refusal(assign, NatGatewayId=gateway_id, PrivateIpAddressCount=1) == (code, 400)


def test_eight_addresses_are_the_quota_primary_included(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    assign = ec2.assign_private_nat_gateway_address
    full = ("PrivateIpAddressLimitExceeded", 400)
    assert refusal(assign, NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=6) == full
    assign(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=5)
    clock.advance(1)
    assert len(statuses(ec2, seed)) == 8
    assert refusal(assign, NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.99"]) == full


def test_the_quota_can_be_raised_to_32(quick_ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.change_settings(quota=32)
    quick_ec2.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=29)
    assert len(statuses(quick_ec2, seed)) == 32
    with pytest.raises(ValueError, match="quota should be less than or equal to 32"):
        simulator.change_settings(quota=33)


def test_a_subnet_that_is_too_full_says_how_many_are_free(quick_ec2: Any, simulator: Simulator) -> None:
    seed = simulator.seed(cidr="10.0.0.0/28")
    simulator.change_settings(quota=32)
    assign = quick_ec2.assign_private_nat_gateway_address
    refused = refusal(assign, NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=11)
    assert refused == ("InsufficientFreeAddressesInSubnet", 400)
    assign(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=10)


def test_while_an_address_is_assigned_neither_call_is_accepted(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    gateway = {"NatGatewayId": seed.nat_gateway_id}
    ec2.assign_private_nat_gateway_address(**gateway, PrivateIpAddresses=["10.0.0.20"])
    busy = ("OperationInProgress", 400)
    assert refusal(ec2.assign_private_nat_gateway_address, **gateway, PrivateIpAddressCount=1) == busy
    assert refusal(ec2.unassign_private_nat_gateway_address, **gateway, PrivateIpAddresses=["10.0.0.10"]) == busy
    clock.advance(1)
    ec2.assign_private_nat_gateway_address(**gateway, PrivateIpAddressCount=1)


def test_the_busy_error_names_the_addresses_and_its_code_is_a_setting(
    quick_ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    simulator.change_settings(busy_code="IncorrectState")
    assign = quick_ec2.assign_private_nat_gateway_address
    assign(NatGatewayId=seed.nat_gateway_id, PrivateIpAddresses=["10.0.0.20", "10.0.0.21"])
    with pytest.raises(ClientError) as error:
        assign(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=1)
    assert error.value.response["Error"] == {
        "Code": "IncorrectState",
        "Message": "Service is currently ASSIGNING the following private IPs: [10.0.0.20, 10.0.0.21]",
    }


def test_a_dry_run_answers_412_and_assigns_nothing(ec2: Any, seed: Seed) -> None:
    before = statuses(ec2, seed)
    assign = ec2.assign_private_nat_gateway_address
    dry = refusal(assign, NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=1, DryRun=True)
    assert dry == ("DryRunOperation", 412)
    assert statuses(ec2, seed) == before


def test_a_dry_run_on_a_busy_gateway_passes_unless_set_otherwise(
    quick_ec2: Any, simulator: Simulator, seed: Seed
) -> None:
    assign = quick_ec2.assign_private_nat_gateway_address
    assign(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=1)
    again = {"NatGatewayId": seed.nat_gateway_id, "PrivateIpAddressCount": 1, "DryRun": True}
    assert refusal(assign, **again) == ("DryRunOperation", 412)
    simulator.change_settings(dry_run_checks_state=True)
    assert refusal(assign, **again) == ("OperationInProgress", 400)


def test_a_dry_run_still_needs_the_gateway(quick_ec2: Any, simulator: Simulator) -> None:
    assign = quick_ec2.assign_private_nat_gateway_address
    dry = refusal(assign, NatGatewayId="nat-0ffffffffffffffff", PrivateIpAddressCount=1, DryRun=True)
    assert dry == ("NatGatewayNotFound", 400)


def test_only_an_available_gateway_takes_addresses(quick_ec2: Any, simulator: Simulator, clock: ManualClock) -> None:
    simulator.change_settings(gateway_pending_seconds=60, gateway_deleting_seconds=60)
    subnet = simulator.seed().subnet_id
    created = quick_ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private")["NatGateway"]
    gateway = {"NatGatewayId": created["NatGatewayId"], "PrivateIpAddressCount": 1}
    assign = quick_ec2.assign_private_nat_gateway_address
    assert refusal(assign, **gateway) == ("OperationInProgress", 400)
    clock.advance(60)
    assign(**gateway)
    quick_ec2.delete_nat_gateway(NatGatewayId=created["NatGatewayId"])
    assert refusal(assign, **gateway) == ("IncorrectState", 400)
    clock.advance(60)
    assert refusal(assign, **gateway) == ("NatGatewayNotFound", 400)
