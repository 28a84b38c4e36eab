"""The five NAT gateway operations as EC2 takes and answers them: parameters in, result members out, by their API names.

Checks what a request alone tells (required members, ranges, spelling), as the server does it: botocore checks only
part of that on the client. What depends on state is the model's part.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final

from natgw_provider.core import limits
from natgw_provider.simulator import errors, filters
from natgw_provider.simulator.creation import GatewayRequest
from natgw_provider.simulator.effects import NO_EFFECTS, Effects
from natgw_provider.simulator.lifecycle import PRIVATE, PUBLIC, Address
from natgw_provider.simulator.model import NatGatewayModel
from natgw_provider.simulator.render import render_address, render_gateway

Parameters = Mapping[str, Any]
Result = dict[str, Any]

_GATEWAY_ID = re.compile(r"nat-([0-9a-f]{8}|[0-9a-f]{17})")
TAG_RESOURCE: Final = "natgateway"


def create_nat_gateway(model: NatGatewayModel, parameters: Parameters, _effects: Effects) -> Result:
    """CreateNatGateway: a private gateway (PrivateIpAddress, SecondaryPrivateIp...), or a public one."""
    subnet_id = _required(parameters, "SubnetId")
    connectivity = parameters.get("ConnectivityType", PUBLIC)
    if connectivity not in {PRIVATE, PUBLIC}:
        raise errors.invalid_value(f"Value ({connectivity}) for parameter connectivityType is invalid")
    allocations = _allocations(parameters, connectivity)
    primary = parameters.get("PrivateIpAddress")
    secondaries, count = _addresses_or_count(parameters, "SecondaryPrivateIpAddress", required=False)
    tags = _tags(parameters)
    if parameters.get("DryRun"):
        raise errors.dry_run_passed()
    token = parameters.get("ClientToken")
    gateway = model.create(
        GatewayRequest(
            subnet_id=subnet_id,
            connectivity=connectivity,
            primary=None if primary is None else _ipv4(primary),
            secondaries=secondaries,
            count=count,
            allocation_ids=allocations,
            token=token,
        )
    )
    model.surroundings.tag(gateway.gateway_id, tags)
    rendered = render_gateway(gateway, model.clock.now(), tags)
    return {"NatGateway": rendered} | ({"ClientToken": token} if token else {})


def describe_nat_gateways(model: NatGatewayModel, parameters: Parameters, effects: Effects) -> Result:
    """DescribeNatGateways, as the reading replica sees it: `effects` may show the past or hide what is new."""
    ids = parameters.get("NatGatewayIds", [])
    for gateway_id in ids:
        _check_gateway_id(gateway_id)
    wanted = [(f.get("Name", ""), f.get("Values", [])) for f in parameters.get("Filter", [])]
    for name, values in wanted:
        filters.check_filter(name, values)
    size = _page_size(parameters)
    if parameters.get("DryRun"):
        raise errors.dry_run_passed()
    seen = model.visible(effects.stale_seconds, ids)
    for gateway_id in ids:
        if all(gateway_id != gateway.gateway_id for gateway, _ in seen):
            raise errors.not_found(model.settings.not_found_code, gateway_id)
    tags_of = model.surroundings.tags
    chosen = [
        (gateway, at)
        for gateway, at in seen
        if filters.matches(gateway, gateway.state(at), tags_of(gateway.gateway_id), wanted)
    ]
    shown, token = filters.page(chosen, size, parameters.get("NextToken"))
    rendered = [
        render_gateway(gateway, at, tags_of(gateway.gateway_id), effects.hide_fresh_seconds(gateway.gateway_id))
        for gateway, at in shown
    ]
    return {"NatGateways": rendered} | ({"NextToken": token} if token else {})


def delete_nat_gateway(model: NatGatewayModel, parameters: Parameters, _effects: Effects) -> Result:
    """DeleteNatGateway; accepted while addresses drain."""
    gateway_id = _gateway_id(parameters)
    _dry_run(model, parameters, gateway_id, lambda: model.delete(gateway_id, commit=False))
    model.delete(gateway_id)
    return {"NatGatewayId": gateway_id}


def assign_addresses(model: NatGatewayModel, parameters: Parameters, effects: Effects) -> Result:
    """AssignPrivateNatGatewayAddress: named addresses, or a number of free ones."""
    gateway_id = _gateway_id(parameters)
    addresses, count = _addresses_or_count(parameters, "PrivateIpAddress", required=True)
    _dry_run(
        model, parameters, gateway_id, lambda: model.assign(gateway_id, addresses=addresses, count=count, commit=False)
    )
    touched = model.assign(gateway_id, addresses=addresses, count=count, failure_of=effects.failure_of)
    return _answer(model, gateway_id, touched)


def unassign_addresses(model: NatGatewayModel, parameters: Parameters, _effects: Effects) -> Result:
    """UnassignPrivateNatGatewayAddress: begins the drain of the named addresses."""
    gateway_id = _gateway_id(parameters)
    addresses = _ipv4_list(parameters.get("PrivateIpAddresses", []), "PrivateIpAddresses")
    if not addresses:
        raise errors.missing("PrivateIpAddresses")
    drain = parameters.get("MaxDrainDurationSeconds", limits.DRAIN_SECONDS_DEFAULT)
    _check_range("MaxDrainDurationSeconds", drain, limits.DRAIN_SECONDS_MINIMUM, limits.DRAIN_SECONDS_MAXIMUM)
    _dry_run(model, parameters, gateway_id, lambda: model.unassign(gateway_id, addresses, drain, commit=False))
    touched = model.unassign(gateway_id, addresses, drain)
    return _answer(model, gateway_id, touched)


OPERATIONS: Final[Mapping[str, Callable[[NatGatewayModel, Parameters, Effects], Result]]] = {
    "CreateNatGateway": create_nat_gateway,
    "DescribeNatGateways": describe_nat_gateways,
    "DeleteNatGateway": delete_nat_gateway,
    "AssignPrivateNatGatewayAddress": assign_addresses,
    "UnassignPrivateNatGatewayAddress": unassign_addresses,
}
"""EC2's actions that are answered here, by their name."""


def perform(model: NatGatewayModel, action: str, parameters: Parameters, effects: Effects = NO_EFFECTS) -> Result:
    """Perform one of OPERATIONS. Raises ApiError as EC2 would answer it, DryRunOperation included."""
    return OPERATIONS[action](model, parameters, effects)


def named_gateways(parameters: Parameters) -> tuple[str, ...]:
    """Return the gateway ids that a request is about, whatever its action."""
    one = parameters.get("NatGatewayId")
    filtered = (f.get("Values", []) for f in parameters.get("Filter", []) if f.get("Name") == "nat-gateway-id")
    return (*([one] if one else []), *parameters.get("NatGatewayIds", []), *(id_ for ids in filtered for id_ in ids))


def _answer(model: NatGatewayModel, gateway_id: str, touched: Sequence[Address]) -> Result:
    now = model.clock.now()
    gateway = model.get(gateway_id)
    others = () if model.settings.answer_only_touched_addresses else gateway.listed(now)
    touched_ips = {address.private_ip for address in touched}
    shown = [*(address for address in others if address.private_ip not in touched_ips), *touched]
    return {
        "NatGatewayId": gateway_id,
        "NatGatewayAddresses": [render_address(address, gateway, now) for address in shown],
    }


def _dry_run(model: NatGatewayModel, parameters: Parameters, gateway_id: str, check: Callable[[], object]) -> None:
    if not parameters.get("DryRun"):
        return
    model.get(gateway_id)
    if model.settings.dry_run_checks_state:
        check()
    raise errors.dry_run_passed()


def _required(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    if not value:
        raise errors.missing(name)
    return str(value)


def _gateway_id(parameters: Parameters) -> str:
    gateway_id = _required(parameters, "NatGatewayId")
    _check_gateway_id(gateway_id)
    return gateway_id


def _check_gateway_id(gateway_id: str) -> None:
    if not _GATEWAY_ID.fullmatch(gateway_id):
        raise errors.malformed_id(gateway_id)


def _addresses_or_count(parameters: Parameters, stem: str, *, required: bool) -> tuple[tuple[IPv4Address, ...], int]:
    listed, counted = f"{stem}es", f"{stem}Count"
    addresses = _ipv4_list(parameters.get(listed, []), listed)
    count = parameters.get(counted)
    if addresses and count is not None:
        raise errors.invalid_combination(f"{listed} and {counted} cannot be used together")
    if required and not addresses and count is None:
        raise errors.missing(f"{listed} or {counted}")
    if count is not None:
        _check_range(counted, count, 1, limits.SECONDARY_ADDRESSES_MAXIMUM)
    return addresses, count or 0


def _ipv4_list(texts: Sequence[str], name: str) -> tuple[IPv4Address, ...]:
    addresses = tuple(_ipv4(text) for text in texts)
    if len(set(addresses)) < len(addresses):
        raise errors.invalid_value(f"{name} names an address twice")
    return addresses


def _ipv4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise errors.invalid_value(f"Value ({text}) is not a valid IPv4 address") from None


def _check_range(name: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise errors.invalid_value(
            f"Value ({value}) for parameter {name} is invalid: {lowest} to {highest} are allowed"
        )


def _page_size(parameters: Parameters) -> int:
    size = int(parameters.get("MaxResults", filters.PAGE_MAXIMUM))
    _check_range("MaxResults", size, filters.PAGE_MINIMUM, filters.PAGE_MAXIMUM)
    return size


def _allocations(parameters: Parameters, connectivity: str) -> tuple[str, ...]:
    first = parameters.get("AllocationId")
    more = parameters.get("SecondaryAllocationIds", [])
    if connectivity == PRIVATE and (first or more):
        raise errors.invalid_combination("A private NAT gateway takes no AllocationId")
    if connectivity == PUBLIC and not first:
        raise errors.missing("AllocationId")
    return (first, *more) if first else ()


def _tags(parameters: Parameters) -> dict[str, str]:
    specifications = parameters.get("TagSpecifications", [])
    for specification in specifications:
        if specification.get("ResourceType") != TAG_RESOURCE:
            raise errors.invalid_value(
                f"'{specification.get('ResourceType')}' is not a valid taggable resource type for this operation"
            )
    return {tag["Key"]: tag.get("Value", "") for specification in specifications for tag in specification["Tags"]}
