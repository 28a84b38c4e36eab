"""A gateway snapshot as attributes and as private state, and back.

The private state carries the whole snapshot from refresh to plan: so a plan is a pure function of what refresh saw,
and costs no call. Nothing here asks AWS.
"""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

from natgw_provider.bridge.handlers import Object, Private
from natgw_provider.core import names
from natgw_provider.core.addresses import subnet_network
from natgw_provider.core.gateway import (
    AddressStatus,
    GatewayState,
    NatGateway,
    NatGatewayAddress,
    gateway_from_json,
    gateway_to_json,
)
from natgw_provider.resources.diagnostics import UNREADABLE_PRIVATE, unreadable

_PRIVATE_KEY = "gateway"


def observed_attributes(gateway: NatGateway, subnet_cidr_block: str | None) -> Object:
    """Return every attribute that shows the gateway as it is, the set and its size included."""
    primary = gateway.primary
    return {
        names.ID: gateway.nat_gateway_id,
        names.NAT_GATEWAY_ID: gateway.nat_gateway_id,
        names.ADDRESSES: gateway.attached,
        names.ADDRESS_COUNT: len(gateway.attached),
        names.PRIMARY: primary.key if primary else None,
        names.SUBNET_ID: gateway.subnet_id,
        names.SUBNET_CIDR_BLOCK: subnet_cidr_block,
        names.VPC_ID: gateway.vpc_id,
        names.NETWORK_INTERFACE_ID: primary.network_interface_id if primary else None,
        names.DRAINING: gateway.draining,
    }


def remember(gateway: NatGateway) -> Private:
    """Return private state that holds the snapshot."""
    return {_PRIVATE_KEY: gateway_to_json(gateway)}


def recall(private: Private, state: Object) -> NatGateway:
    """Return the snapshot that refresh saw; what `state` alone can tell where none was kept.

    Raises DiagnosticsError when it cannot be read.
    """
    kept = private.get(_PRIVATE_KEY)
    try:
        return _gateway_of_state(state) if kept is None else gateway_from_json(kept)
    except ValueError as problem:
        summary = "natgw cannot read a resource's state" if kept is None else UNREADABLE_PRIVATE
        remedy = "Plan again without -refresh=false: the refresh writes it anew."
        raise unreadable(summary, problem, remedy) from problem


def known_cidr_block(state: Object) -> str | None:
    """Return the subnet's block that a state holds; None when it holds none."""
    block = state[names.SUBNET_CIDR_BLOCK]
    if not isinstance(block, str):
        return None
    try:
        subnet_network(block)
    except ValueError:
        return None
    return block


def _gateway_of_state(state: Any) -> NatGateway:
    interface = state[names.NETWORK_INTERFACE_ID]
    listed = [NatGatewayAddress(key=ip) for ip in state[names.ADDRESSES] or ()]
    draining = [NatGatewayAddress(key=ip, status=AddressStatus.UNASSIGNING) for ip in state[names.DRAINING] or ()]
    first = [state[names.PRIMARY]] if state[names.PRIMARY] is not None else []
    primary = [NatGatewayAddress(key=ip, is_primary=True, network_interface_id=interface) for ip in first]
    for address in (*primary, *listed, *draining):
        IPv4Address(address.key)
    return NatGateway(
        nat_gateway_id=state[names.NAT_GATEWAY_ID],
        state=GatewayState.AVAILABLE,
        connectivity_type="private",
        vpc_id=state[names.VPC_ID],
        subnet_id=state[names.SUBNET_ID],
        addresses=(*primary, *listed, *draining),
    )
