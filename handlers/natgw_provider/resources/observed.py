"""A gateway snapshot as attributes and as private state, and back.

The private state carries the whole snapshot from refresh to plan: so a plan is a pure function of what refresh saw,
and costs no call. Nothing here asks AWS.
"""

from __future__ import annotations

from typing import Any

from natgw_provider.bridge.handlers import Object, Private
from natgw_provider.core import names
from natgw_provider.core.gateway import (
    AddressStatus,
    GatewayState,
    NatGateway,
    NatGatewayAddress,
    gateway_from_json,
    gateway_to_json,
)

_PRIVATE_KEY = "gateway"


def observed_attributes(gateway: NatGateway, subnet_cidr_block: str | None) -> Object:
    """Return every attribute that shows the gateway as it is, the set and its size included."""
    primary = gateway.primary
    return {
        names.ID: gateway.nat_gateway_id,
        names.NAT_GATEWAY_ID: gateway.nat_gateway_id,
        names.ADDRESSES: gateway.attached,
        names.ADDRESS_COUNT: len(gateway.attached),
        names.PRIMARY: primary.private_ip if primary else None,
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
    """Return the snapshot that refresh saw; what `state` alone can tell where none was kept."""
    kept = private.get(_PRIVATE_KEY)
    if kept is not None:
        return gateway_from_json(kept)
    return _gateway_of_state(state)


def _gateway_of_state(state: Any) -> NatGateway:
    interface = state[names.NETWORK_INTERFACE_ID]
    listed = [NatGatewayAddress(private_ip=ip) for ip in state[names.ADDRESSES] or ()]
    draining = [
        NatGatewayAddress(private_ip=ip, status=AddressStatus.UNASSIGNING) for ip in state[names.DRAINING] or ()
    ]
    primary = NatGatewayAddress(private_ip=state[names.PRIMARY], is_primary=True, network_interface_id=interface)
    return NatGateway(
        nat_gateway_id=state[names.NAT_GATEWAY_ID],
        state=GatewayState.AVAILABLE,
        connectivity_type="private",
        vpc_id=state[names.VPC_ID],
        subnet_id=state[names.SUBNET_ID],
        addresses=(primary, *listed, *draining),
    )
