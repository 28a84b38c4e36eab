"""Elastic IPs of public gateways: what Associate and Disassociate take and refuse, and what DescribeAddresses shows.

What holds for private addresses as well is in the tests of Assign and Unassign, which run with both kinds.
"""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import allocation_id, assign, refusal, statuses, unassign

NO_GATEWAY = "nat-0ffffffffffffffff"
public = pytest.mark.parametrize("seed", ["public"], indirect=True)


def elastic_ip(ec2: Any, allocation_id: str) -> dict[str, Any]:
    """Return what DescribeAddresses shows of an Elastic IP."""
    [address] = ec2.describe_addresses(AllocationIds=[allocation_id])["Addresses"]
    return dict(address)


def elastic_ips(ec2: Any, seed: Seed) -> dict[str, str]:
    """Return the status of each Elastic IP of a gateway."""
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    return {it["AllocationId"]: it["Status"] for it in gateway["NatGatewayAddresses"]}


@public
def test_an_elastic_ip_is_associated_with_the_private_address_that_is_named_for_it(ec2: Any, seed: Seed) -> None:
    answer = ec2.associate_nat_gateway_address(
        NatGatewayId=seed.nat_gateway_id,
        AllocationIds=[allocation_id("10.0.0.21"), allocation_id("10.0.0.20")],
        PrivateIpAddresses=["10.0.0.99", "10.0.0.98"],
    )
    shown = [(it["AllocationId"], it["PrivateIp"], it["Status"]) for it in answer["NatGatewayAddresses"]]
    assert shown == [
        (allocation_id("10.0.0.21"), "10.0.0.99", "associating"),
        (allocation_id("10.0.0.20"), "10.0.0.98", "associating"),
    ]
    [first, _] = answer["NatGatewayAddresses"]
    held = elastic_ip(ec2, first["AllocationId"])
    assert held["AssociationId"] == first["AssociationId"]
    assert held["PublicIp"] == first["PublicIp"]
    assert (held["PrivateIpAddress"], held["NetworkInterfaceId"]) == ("10.0.0.99", seed.network_interface_id)


@public
def test_a_disassociated_elastic_ip_is_in_use_until_its_drain_ends_and_then_free(
    ec2: Any, seed: Seed, clock: ManualClock
) -> None:
    wanted = allocation_id("10.0.0.10")
    unassign(ec2, seed, "10.0.0.10", MaxDrainDurationSeconds=60)
    clock.advance(59)
    assert elastic_ip(ec2, wanted)["PrivateIpAddress"] == "10.0.0.10"
    assert refusal(ec2.release_address, AllocationId=wanted) == ("InvalidIPAddress.InUse", 400)
    clock.advance(1)
    assert "AssociationId" not in elastic_ip(ec2, wanted)
    ec2.create_network_interface(SubnetId=seed.subnet_id, PrivateIpAddress="10.0.0.10")
    ec2.release_address(AllocationId=wanted)
    assert refusal(ec2.describe_addresses, AllocationIds=[wanted])[0] == "InvalidAllocationID.NotFound"


@public
def test_an_elastic_ip_can_come_back_and_move_to_another_gateway(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    before = elastic_ip(ec2, allocation_id("10.0.0.10"))["AssociationId"]
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11", MaxDrainDurationSeconds=1)
    clock.advance(1)
    assign(ec2, seed, "10.0.0.10")
    assert elastic_ip(ec2, allocation_id("10.0.0.10"))["AssociationId"] != before
    other = simulator.seed(connectivity="public", allocation_ids=["eipalloc-12345678"])
    ec2.associate_nat_gateway_address(NatGatewayId=other.nat_gateway_id, AllocationIds=[allocation_id("10.0.0.11")])
    assert elastic_ip(ec2, allocation_id("10.0.0.11"))["NetworkInterfaceId"] == other.network_interface_id


@public
@pytest.mark.parametrize("call", ["release_address", "disassociate_address", "associate_address"])
def test_an_elastic_ip_of_a_gateway_cannot_be_released_or_moved(ec2: Any, seed: Seed, call: str) -> None:
    held = elastic_ip(ec2, allocation_id("10.0.0.10"))
    interface = ec2.create_network_interface(SubnetId=seed.subnet_id)["NetworkInterface"]["NetworkInterfaceId"]
    parameters, code = {
        "release_address": ({"AllocationId": held["AllocationId"]}, "InvalidIPAddress.InUse"),
        "disassociate_address": ({"AssociationId": held["AssociationId"]}, "AuthFailure"),
        "associate_address": (
            {"AllocationId": held["AllocationId"], "NetworkInterfaceId": interface, "AllowReassociation": True},
            "AuthFailure",
        ),
    }[call]
    assert refusal(getattr(ec2, call), **parameters) == (code, 400)
    assert elastic_ip(ec2, held["AllocationId"]) == held


@public
@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({}, "MissingParameter"),
        ({"AllocationIds": []}, "MissingParameter"),
        ({"AllocationIds": ["eipalloc-00000020", "eipalloc-00000020"]}, "InvalidParameterValue"),
        ({"AllocationIds": ["eipalloc-0fffffff"]}, "InvalidAllocationID.NotFound"),
        ({"AllocationIds": ["eipalloc-00000020", "eipalloc-00000010"]}, "Resource.AlreadyAssociated"),
        ({"AllocationIds": ["eipalloc-00000020"], "PrivateIpAddresses": ["10.0.0.10"]}, "InvalidIPAddress.InUse"),
        ({"AllocationIds": ["eipalloc-00000020"], "PrivateIpAddresses": ["10.0.1.9"]}, "InvalidParameterValue"),
        (
            {"AllocationIds": ["eipalloc-00000020", "eipalloc-00000021"], "PrivateIpAddresses": ["10.0.0.9"]},
            "InvalidParameterCombination",
        ),
        ({"AllocationIds": ["eipalloc-00000020"], "AvailabilityZone": "eu-central-1a"}, "InvalidParameterCombination"),
        ({"AllocationIds": ["eipalloc-00000020"], "NatGatewayId": NO_GATEWAY}, "NatGatewayNotFound"),
        ({"AllocationIds": ["eipalloc-00000020"], "DryRun": True}, "DryRunOperation"),
    ],
)
def test_a_bad_association_and_a_dry_run_change_nothing(
    ec2: Any, seed: Seed, parameters: dict[str, Any], code: str
) -> None:
    before = elastic_ips(ec2, seed), ec2.describe_addresses()["Addresses"]
    given = {"NatGatewayId": seed.nat_gateway_id} | parameters
    assert refusal(ec2.associate_nat_gateway_address, **given)[0] == code
    assert (elastic_ips(ec2, seed), ec2.describe_addresses()["Addresses"]) == before


@public
def test_an_association_that_the_gateway_does_not_have_is_refused(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    assert refusal(unassign, ec2, seed, "10.0.0.77") == ("InvalidParameter", 400)
    simulator.change_settings(association_not_found_code="InvalidAssociationID.NotFound")
    assert refusal(unassign, ec2, seed, "10.0.0.77") == ("InvalidAssociationID.NotFound", 400)


def test_two_elastic_ips_are_the_quota_primary_included(ec2: Any, simulator: Simulator) -> None:
    seed = simulator.seed(
        connectivity="public", allocation_ids=["eipalloc-00000020", "eipalloc-00000021", "eipalloc-00000022"]
    )
    first, second = seed.free_allocation_ids
    associate = ec2.associate_nat_gateway_address
    over = {"NatGatewayId": seed.nat_gateway_id, "AllocationIds": [first, second]}
    assert refusal(associate, **over) == ("AddressLimitExceeded", 400)
    associate(**over | {"AllocationIds": [first]})
    simulator.clock.advance(1)
    simulator.change_settings(elastic_ip_limit_code="PrivateIpAddressLimitExceeded")
    assert refusal(associate, **over | {"AllocationIds": [second]}) == ("PrivateIpAddressLimitExceeded", 400)
    simulator.change_settings(elastic_ip_quota=3)
    associate(**over | {"AllocationIds": [second]})


@public
def test_an_elastic_ip_of_another_network_border_group_fails_and_stays_until_it_is_disassociated(
    ec2: Any, seed: Seed, clock: ManualClock
) -> None:
    local = ec2.allocate_address(Domain="vpc", NetworkBorderGroup="eu-central-1-ham-1")
    assert local["NetworkBorderGroup"] == "eu-central-1-ham-1"
    wanted = local["AllocationId"]
    assert elastic_ip(ec2, wanted)["NetworkBorderGroup"] == "eu-central-1-ham-1"
    answer = ec2.associate_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, AllocationIds=[wanted])
    [touched] = answer["NatGatewayAddresses"]
    assert elastic_ips(ec2, seed)[wanted] == "associating"
    clock.advance(1)
    failed = ec2.describe_nat_gateways()["NatGateways"][0]["NatGatewayAddresses"][-1]
    assert (failed["AllocationId"], failed["Status"]) == (wanted, "failed")
    assert "network border group of" in failed["FailureMessage"]
    assert "eu-central-1-ham-1" in failed["FailureMessage"]
    ec2.disassociate_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, AssociationIds=[touched["AssociationId"]])
    assert wanted not in elastic_ips(ec2, seed)
    ec2.release_address(AllocationId=wanted)


@public
def test_the_answer_may_leave_out_what_aws_picks(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.change_settings(answer_names_new_addresses=False)
    answer = assign(ec2, seed, "10.0.0.20")
    assert answer["NatGatewayAddresses"] == [
        {
            "AllocationId": allocation_id("10.0.0.20"),
            "NetworkInterfaceId": seed.network_interface_id,
            "IsPrimary": False,
            "Status": "associating",
        }
    ]
    assert statuses(ec2, seed)["10.0.0.20"] == "associating"


@public
def test_faults_and_connections_name_an_elastic_ip_by_its_allocation_id(
    ec2: Any, simulator: Simulator, seed: Seed, clock: ManualClock
) -> None:
    simulator.add_fault("address_failure", addresses=["eipalloc-00000021"], message="no capacity", times=1)
    assign(ec2, seed, "10.0.0.20", "10.0.0.21")
    clock.advance(1)
    assert elastic_ips(ec2, seed)["eipalloc-00000020"] == "succeeded"
    assert elastic_ips(ec2, seed)["eipalloc-00000021"] == "failed"
    unassign(ec2, seed, "10.0.0.10", "10.0.0.11")
    simulator.end_connections(seed.nat_gateway_id, "eipalloc-00000010")
    assert "eipalloc-00000010" not in elastic_ips(ec2, seed)
    assert elastic_ips(ec2, seed)["eipalloc-00000011"] == "disassociating"


@pytest.mark.parametrize(("seed", "other"), [("private", "public"), ("public", "private")], indirect=["seed"])
def test_the_operations_of_the_other_kind_are_refused(ec2: Any, seed: Seed, other: str) -> None:
    gateway = {"NatGatewayId": seed.nat_gateway_id}
    calls = {
        "private": (
            (ec2.assign_private_nat_gateway_address, {"PrivateIpAddressCount": 1}),
            (ec2.unassign_private_nat_gateway_address, {"PrivateIpAddresses": ["10.0.0.10"]}),
        ),
        "public": (
            (ec2.associate_nat_gateway_address, {"AllocationIds": ["eipalloc-00000020"]}),
            (ec2.disassociate_nat_gateway_address, {"AssociationIds": ["eipassoc-00000020"]}),
        ),
    }
    for call, parameters in calls[other]:
        assert refusal(call, **gateway, **parameters) == ("InvalidParameterValue", 400)
