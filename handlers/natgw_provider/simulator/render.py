"""A gateway at a moment, in the members of the EC2 API's NatGateway and NatGatewayAddress structures. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from natgw_provider.core.gateway import AddressStatus, GatewayState
from natgw_provider.simulator.lifecycle import PRIVATE, Address, Gateway


def render_gateway(
    gateway: Gateway, at: float, tags: Mapping[str, str], hide_fresh_seconds: float = 0
) -> dict[str, Any]:
    """Return the NatGateway structure; secondaries younger than `hide_fresh_seconds` are left out."""
    listed = [
        address
        for address in gateway.listed(at)
        if address.is_primary or at - address.assigned_at >= hide_fresh_seconds
    ]
    rendered: dict[str, Any] = {
        "NatGatewayId": gateway.gateway_id,
        "State": str(gateway.state(at)),
        "SubnetId": gateway.subnet_id,
        "VpcId": gateway.vpc_id,
        "ConnectivityType": gateway.connectivity,
        "CreateTime": _time(gateway.created_at),
        "NatGatewayAddresses": [render_address(address, gateway, at) for address in listed],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    return rendered | _end(gateway, at)


def render_address(address: Address, gateway: Gateway, at: float) -> dict[str, Any]:
    """Return the NatGatewayAddress structure."""
    status = address.status(at)
    rendered: dict[str, Any] = {
        "PrivateIp": str(address.private_ip),
        "NetworkInterfaceId": gateway.network_interface_id,
        "IsPrimary": address.is_primary,
        "Status": str(status) if gateway.connectivity == PRIVATE else _public(status),
    }
    if status is AddressStatus.FAILED:
        rendered["FailureMessage"] = address.failure
    if address.elastic is not None:
        rendered["AllocationId"] = address.elastic.allocation_id
        rendered["AssociationId"] = address.elastic.association_id
        rendered["PublicIp"] = address.elastic.public_ip
    return rendered


def _end(gateway: Gateway, at: float) -> dict[str, Any]:
    end = gateway.end
    state = gateway.state(at)
    if end is None or state not in {GatewayState.DELETED, GatewayState.FAILED}:
        return {}
    if state is GatewayState.DELETED:
        return {"DeleteTime": _time(end.over_at)}
    return {"FailureCode": end.failure_code, "FailureMessage": end.failure_message}


def _public(status: AddressStatus) -> str:
    associations = {
        AddressStatus.ASSIGNING: AddressStatus.ASSOCIATING,
        AddressStatus.UNASSIGNING: AddressStatus.DISASSOCIATING,
    }
    return str(associations.get(status, status))


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
