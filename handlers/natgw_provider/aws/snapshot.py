"""From EC2's answers to `core`'s snapshots: tolerant of what AWS leaves out, and of values newer than this code.

It parses and never judges. What is no answer of EC2's at all is a KeyError or a ValueError.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from typing import Any

from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress, in_order


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet: its IPv4 CIDR block, and how many of its addresses are free."""

    subnet_id: str
    cidr_block: str
    available_ip_address_count: int


def parse_gateway(answer: Mapping[str, Any]) -> NatGateway:
    """Return the gateway that one entry of DescribeNatGateways' `NatGateways` shows.

    A state that this code does not know is taken as `pending`: alive, and not to be touched.
    """
    state = answer.get("State", "")
    return NatGateway(
        nat_gateway_id=answer["NatGatewayId"],
        state=GatewayState(state) if state in list(GatewayState) else GatewayState.PENDING,
        connectivity_type=answer.get("ConnectivityType", "public"),  # EC2's default on creation
        vpc_id=answer.get("VpcId"),
        subnet_id=answer.get("SubnetId"),
        addresses=parse_addresses(answer.get("NatGatewayAddresses", ())),
        failure_message=answer.get("FailureMessage"),
        name=next((tag.get("Value") for tag in answer.get("Tags", ()) if tag.get("Key") == "Name"), None),
    )


def parse_addresses(answer: Sequence[Mapping[str, Any]]) -> tuple[NatGatewayAddress, ...]:
    """Return `NatGatewayAddresses` of a whole gateway, the primary first, the rest in numerical order.

    Where the answer does not say which is the primary, the first one listed is it. Where it says of all that they are
    not, the primary is not there yet. What has no private address yet is left out.
    """
    addresses = [_parse_address(entry) for entry in answer if entry.get("PrivateIp")]
    if addresses and not any("IsPrimary" in entry for entry in answer):
        addresses[0] = replace(addresses[0], is_primary=True)
    return in_order(addresses)


def parse_touched(answer: Mapping[str, Any]) -> tuple[NatGatewayAddress, ...]:
    """Return the addresses that an answer to Assign or Unassign lists: perhaps all, perhaps the touched ones only."""
    return tuple(_parse_address(entry) for entry in answer.get("NatGatewayAddresses", ()) if entry.get("PrivateIp"))


def parse_subnet(answer: Mapping[str, Any]) -> Subnet:
    """Return the subnet that one entry of DescribeSubnets' `Subnets` shows."""
    return Subnet(answer["SubnetId"], answer.get("CidrBlock", ""), int(answer.get("AvailableIpAddressCount", 0)))


def _parse_address(entry: Mapping[str, Any]) -> NatGatewayAddress:
    IPv4Address(entry["PrivateIp"])
    status, message = entry.get("Status"), entry.get("FailureMessage")
    known = status in list(AddressStatus)
    if status and not known:
        message = message or f'its status "{status}" is not known to this version of natgw'
    return NatGatewayAddress(
        key=entry["PrivateIp"],
        status=_status(status) if status else None,
        is_primary=bool(entry.get("IsPrimary", False)),
        network_interface_id=entry.get("NetworkInterfaceId"),
        failure_message=message,
    )


def _status(status: str) -> AddressStatus:
    # An unknown status is taken as a transition: in the set, not in service, and the gateway is left alone meanwhile.
    return AddressStatus(status) if status in list(AddressStatus) else AddressStatus.ASSIGNING
