"""Our names, numbers and enumerations against the EC2 service model of the installed botocore.

When one of these fails after an update of botocore, AWS has changed the API: read what changed before the expectation
is changed. What the model does not hold (quota, reserved addresses, connections) is pinned as the documentation has it.
"""

from __future__ import annotations

import re
from dataclasses import fields
from functools import cache
from typing import Any

import pytest
from botocore import xform_name
from botocore.loaders import Loader

from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import KINDS
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress

NOT_OURS = {"addresses": "nat_gateway_addresses", "name": "tags", "key": "private_ip"}
"""Fields of a snapshot that go by another name in the API."""


@cache
def model() -> dict[str, Any]:
    loaded: dict[str, Any] = Loader().load_service_model("ec2", "service-2")
    return loaded


def shape(name: str) -> dict[str, Any]:
    found: dict[str, Any] = model()["shapes"][name]
    return found


def members(operation: str, side: str) -> dict[str, Any]:
    found: dict[str, Any] = shape(model()["operations"][operation][side]["shape"])["members"]
    return found


def member_shape(operation: str, member: str) -> dict[str, Any]:
    return shape(members(operation, "input")[member]["shape"])


def test_the_drain_time_has_awss_range() -> None:
    drain = member_shape("UnassignPrivateNatGatewayAddress", "MaxDrainDurationSeconds")
    assert drain["type"] == "integer"
    assert (drain["min"], drain["max"]) == (limits.DRAIN_SECONDS_MINIMUM, limits.DRAIN_SECONDS_MAXIMUM)


def test_the_default_drain_time_is_the_documented_one() -> None:
    documented = members("UnassignPrivateNatGatewayAddress", "input")["MaxDrainDurationSeconds"]["documentation"]
    assert re.findall(r"Default value is (\d+) seconds", documented) == [str(limits.DRAIN_SECONDS_DEFAULT)]


def test_a_count_of_secondaries_has_awss_range() -> None:
    count = member_shape("AssignPrivateNatGatewayAddress", "PrivateIpAddressCount")
    assert (count["min"], count["max"]) == (1, limits.SECONDARY_ADDRESSES_MAXIMUM)
    assert 1 + count["max"] == limits.QUOTA_MAXIMUM


def test_statuses_states_and_connectivity_types_are_awss() -> None:
    assert [status.value for status in AddressStatus] == shape("NatGatewayAddressStatus")["enum"]
    assert {state.value for state in GatewayState} == set(shape("NatGatewayState")["enum"])
    assert {kind.connectivity for kind in KINDS} == set(shape("ConnectivityType")["enum"])


@pytest.mark.parametrize(
    ("operation", "required", "optional"),
    [
        ("AssignPrivateNatGatewayAddress", ["NatGatewayId"], ["PrivateIpAddresses", "PrivateIpAddressCount"]),
        ("UnassignPrivateNatGatewayAddress", ["NatGatewayId", "PrivateIpAddresses"], ["MaxDrainDurationSeconds"]),
        (
            "AssociateNatGatewayAddress",
            ["NatGatewayId", "AllocationIds"],
            ["PrivateIpAddresses", "AvailabilityZone", "AvailabilityZoneId"],
        ),
        ("DisassociateNatGatewayAddress", ["NatGatewayId", "AssociationIds"], ["MaxDrainDurationSeconds"]),
    ],
)
def test_the_calls_take_what_we_give_them_and_no_client_token(
    operation: str, required: list[str], optional: list[str]
) -> None:
    """With a client token, a lost answer would need no second read: that would be worth knowing."""
    assert set(members(operation, "input")) == {*required, *optional, "DryRun"}
    assert shape(model()["operations"][operation]["input"]["shape"])["required"] == required
    assert set(members(operation, "output")) == {"NatGatewayId", "NatGatewayAddresses"}


def test_describe_takes_a_filter_and_pages() -> None:
    assert {"Filter", "MaxResults", "NextToken"} <= set(members("DescribeNatGateways", "input"))
    assert set(members("DescribeNatGateways", "output")) == {"NatGateways", "NextToken"}


@pytest.mark.parametrize(("ours", "theirs"), [(NatGateway, "NatGateway"), (NatGatewayAddress, "NatGatewayAddress")])
def test_a_snapshots_fields_are_awss_in_snake_case(ours: type, theirs: str) -> None:
    known = {xform_name(member) for member in shape(theirs)["members"]}
    assert {NOT_OURS.get(field.name, field.name) for field in fields(ours)} <= known


@pytest.mark.parametrize(
    ("name", "operation", "member"),
    [
        (names.NAT_GATEWAY_ID, "UnassignPrivateNatGatewayAddress", "NatGatewayId"),
        (names.MAX_DRAIN, "UnassignPrivateNatGatewayAddress", "MaxDrainDurationSeconds"),
        (names.ADDRESSES, "CreateNatGateway", "SecondaryPrivateIpAddresses"),
        (names.ADDRESS_COUNT, "CreateNatGateway", "SecondaryPrivateIpAddressCount"),
    ],
)
def test_an_argument_is_named_as_aws_names_it(name: str, operation: str, member: str) -> None:
    assert member in members(operation, "input")
    assert name == xform_name(member)


def test_what_the_model_does_not_hold_is_as_documented() -> None:
    """VPC user guide: quotas (L-DFA99DE7), subnet CIDR blocks, NAT gateway basics."""
    assert (limits.QUOTA_DEFAULT, limits.ELASTIC_IP_QUOTA_DEFAULT) == (8, 2)
    assert (limits.RESERVED_FIRST_ADDRESSES, limits.RESERVED_LAST_ADDRESSES) == (4, 1)
    assert limits.connection_capacity(8) == 440_000
    assert limits.DRAIN_SECONDS_DEFAULT == 350, "NAT's TCP idle timeout"
    assert limits.MIN_IN_SERVICE_DEFAULT == 1
    assert limits.TIMEOUT_MARGIN_SECONDS == 10 * 60
