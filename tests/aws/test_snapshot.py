"""EC2's answers as snapshots: nothing that AWS leaves out or invents breaks the reading."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.aws.api import parse_gateway, parse_subnet, parse_touched
from natgw_provider.core.gateway import AddressStatus, GatewayState
from natgw_provider.resources.private_state import keep_snapshot, kept_snapshot


def gateway(*addresses: dict[str, Any], **more: Any) -> Any:
    answer = {"NatGatewayId": "nat-1", "ConnectivityType": "private", "NatGatewayAddresses": list(addresses)}
    return parse_gateway(answer | more)


def address(private_ip: str, **more: Any) -> dict[str, Any]:
    return {"PrivateIp": private_ip, **more}


def test_a_full_answer_is_taken_over_with_the_primary_first_and_the_rest_in_numerical_order() -> None:
    found = gateway(
        address("10.0.0.100", Status="unassigning", IsPrimary=False),
        address("10.0.0.9", Status="failed", IsPrimary=False, FailureMessage="No."),
        address("10.0.0.50", Status="succeeded", IsPrimary=True, NetworkInterfaceId="eni-1"),
        State="available",
        ConnectivityType="private",
        VpcId="vpc-1",
        SubnetId="subnet-1",
        Tags=[{"Key": "team", "Value": "net"}, {"Key": "Name", "Value": "egress"}],
    )
    assert [a.key for a in found.addresses] == ["10.0.0.50", "10.0.0.9", "10.0.0.100"]
    assert found.addresses[0].network_interface_id == "eni-1"
    assert found.addresses[1].failure_message == "No."
    assert (found.state, found.draining) == (GatewayState.AVAILABLE, ("10.0.0.100",))
    assert (found.connectivity_type, found.vpc_id, found.subnet_id) == ("private", "vpc-1", "subnet-1")
    assert found.name == "egress"


def test_an_unknown_status_is_in_the_set_but_neither_in_service_nor_idle() -> None:
    found = gateway(address("10.0.0.4", IsPrimary=True), address("10.0.0.9", Status="warming"), State="available")
    assert found.attached == ("10.0.0.9",)
    assert found.in_service == ("10.0.0.4",)
    assert not found.is_idle
    assert "warming" in found.addresses[1].failure_message


def test_an_unknown_state_is_alive_and_not_idle() -> None:
    found = gateway(address("10.0.0.4"), State="hibernating")
    assert not found.is_gone
    assert not found.is_idle


def test_a_failed_gateway_keeps_its_message() -> None:
    found = gateway(State="failed", FailureCode="Gateway.NotAttached", FailureMessage="No gateway.")
    assert found.is_gone
    assert found.failure_message == "No gateway."


def test_touched_addresses_are_as_listed_without_a_guess_at_the_primary() -> None:
    listed = {"NatGatewayAddresses": [address("10.0.0.9", Status="assigning"), {}]}
    touched = parse_touched(listed, "private")
    assert [(a.key, a.status, a.is_primary) for a in touched] == [("10.0.0.9", AddressStatus.ASSIGNING, False)]
    assert parse_touched({}, "private") == ()


ELASTIC_IP = "eipalloc-0a1b2c3d4e5f6789"


def elastic_ip(digit: str, **more: Any) -> dict[str, Any]:
    return {"AllocationId": f"{ELASTIC_IP}{digit}", "PublicIp": f"198.51.100.{digit}", **more}


def test_a_public_gateways_addresses_are_its_elastic_ips_by_allocation_id() -> None:
    found = gateway(
        elastic_ip("3", PrivateIp="10.0.0.9", Status="disassociating", AssociationId="eipassoc-3"),
        elastic_ip("2", Status="associating"),
        elastic_ip("1", PrivateIp="10.0.0.50", IsPrimary=True, NetworkInterfaceId="eni-1"),
        ConnectivityType="public",
        SubnetId="subnet-1",
    )
    assert found.primary.key == f"{ELASTIC_IP}1"
    assert (found.attached, found.draining) == ((f"{ELASTIC_IP}2",), (f"{ELASTIC_IP}3",))
    shown = [(a.private_address, a.public_ip, a.association_id) for a in found.addresses]
    assert shown == [
        ("10.0.0.50", "198.51.100.1", None),
        ("", "198.51.100.2", None),
        ("10.0.0.9", "198.51.100.3", "eipassoc-3"),
    ]


def test_where_the_connectivity_type_is_missing_it_is_ec2s_default() -> None:
    found = parse_gateway({"NatGatewayId": "nat-1", "NatGatewayAddresses": [elastic_ip("1")]})
    assert (found.connectivity_type, found.primary.key) == ("public", f"{ELASTIC_IP}1")


@pytest.mark.parametrize(
    ("connectivity", "listed"),
    [("private", address("10.0.0")), ("public", {"AllocationId": "eip"}), ("public", elastic_ip("1", PrivateIp="10"))],
)
def test_an_address_that_ec2_cannot_have_is_not_taken_over(connectivity: str, listed: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"allocation id|IPv4|octets"):
        parse_touched({"NatGatewayAddresses": [listed]}, connectivity)


def test_a_subnet_is_its_block_and_its_free_addresses() -> None:
    subnet = parse_subnet({"SubnetId": "subnet-1", "CidrBlock": "10.0.0.0/24", "AvailableIpAddressCount": 7})
    assert (subnet.subnet_id, subnet.cidr_block, subnet.available_ip_address_count) == ("subnet-1", "10.0.0.0/24", 7)


ips = st.integers(1, 254).map(lambda host: f"10.0.0.{host}")
entries = st.fixed_dictionaries(
    {},
    optional={
        "PrivateIp": ips,
        "Status": st.sampled_from([*AddressStatus, "", "unheard-of"]),
        "IsPrimary": st.booleans(),
        "FailureMessage": st.text(max_size=5),
        "NetworkInterfaceId": st.text(max_size=5),
    },
)


@given(st.lists(entries, unique_by=lambda entry: entry.get("PrivateIp", id(entry))), st.text(max_size=5))
def test_any_answer_can_be_read_and_the_primary_is_a_marked_one_or_the_first_where_none_is_marked(
    listed: list[dict[str, Any]], state: str
) -> None:
    """The primary may have no address yet: a secondary taken for it would be missing from the set."""
    found = gateway(*listed, State=state)
    shown = [entry for entry in listed if entry.get("PrivateIp")]
    assert {address.key for address in found.addresses} == {entry["PrivateIp"] for entry in shown}
    if any("IsPrimary" in entry for entry in listed):
        primaries = [entry["PrivateIp"] for entry in shown if entry.get("IsPrimary")]
    else:
        primaries = [entry["PrivateIp"] for entry in shown[:1]]
    assert found.primary.key in primaries if primaries else found.primary is None


def test_a_regional_gateway_has_no_subnet() -> None:
    gateway = parse_gateway({"NatGatewayId": "nat-1", "ConnectivityType": "public", "AvailabilityMode": "regional"})
    assert (gateway.subnet_id, gateway.vpc_id) == (None, None)
    assert kept_snapshot(keep_snapshot(gateway)) == gateway
