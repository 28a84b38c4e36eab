"""What EC2 refuses to others because of a NAT gateway, and moto would let pass."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address

from natgw_provider.simulator import errors
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.model import NatGatewayModel


def check_outside_call(model: NatGatewayModel, action: str, fields: Mapping[str, str]) -> None:
    """Raise ApiError when a call to moto would pull something from under a gateway."""
    if action == "DeleteSubnet":
        _check_delete_subnet(model, fields.get("SubnetId", ""))
    elif action == "CreateNetworkInterface" and "PrivateIpAddress" in fields:
        held = {str(address) for address in model.held_in(fields.get("SubnetId", ""))}
        if fields["PrivateIpAddress"] in held:
            raise errors.address_in_use(IPv4Address(fields["PrivateIpAddress"]))


def _check_delete_subnet(model: NatGatewayModel, subnet_id: str) -> None:
    if model.held_in(subnet_id):
        raise ApiError("DependencyViolation", f"The subnet '{subnet_id}' has dependencies and cannot be deleted.")
