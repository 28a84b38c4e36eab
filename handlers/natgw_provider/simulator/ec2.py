"""The NAT gateway actions of EC2 that moto lacks or only sketches: parameters in, result members out, by API names.

Checks what a request alone tells (required members, ranges, spelling), as the server does it: botocore checks only
part of that on the client. What depends on state is the model's part; moto parses requests and serialises results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final, TypeVar

from natgw_provider.core import limits
from natgw_provider.core.gateway import ARRIVING, AddressStatus, GatewayState
from natgw_provider.core.operations import ASSIGN, ASSOCIATE, DESCRIBE, DISASSOCIATE, UNASSIGN
from natgw_provider.simulator.errors import ApiError, dry_run_passed, invalid_value, missing, not_found
from natgw_provider.simulator.faults import NO_HITS, Hits
from natgw_provider.simulator.lifecycle import PRIVATE, PUBLIC, Address, AddressKey, Gateway
from natgw_provider.simulator.model import GatewayRequest, NatGatewayModel

Parameters = Mapping[str, Any]
Result = dict[str, Any]
T = TypeVar("T")

FILTER_VALUES_MAXIMUM: Final = 200
PAGE_MINIMUM: Final = 5
PAGE_MAXIMUM: Final = 1000

_GATEWAY_ID = re.compile(r"nat-([0-9a-f]{8}|[0-9a-f]{17})")
_FILTERS: Final = frozenset({"nat-gateway-id", "state", "subnet-id", "vpc-id", "tag-key"})
_TAG_PREFIX: Final = "tag:"
_NAMELESS: Final = dict.fromkeys(("PrivateIp", "PublicIp", "AssociationId"))


def create_nat_gateway(model: NatGatewayModel, parameters: Parameters, _hits: Hits) -> Result:
    """CreateNatGateway: a private gateway (PrivateIpAddress, SecondaryPrivateIp...), or a public one."""
    subnet_id = _required(parameters, "SubnetId")
    connectivity = parameters.get("ConnectivityType", PUBLIC)
    if connectivity not in {PRIVATE, PUBLIC}:
        raise invalid_value(f"Value ({connectivity}) for parameter connectivityType is invalid")
    primary = parameters.get("PrivateIpAddress")
    secondaries, count = _addresses_or_count(parameters, "SecondaryPrivateIpAddress", required=False)
    allocations = _allocations(parameters, connectivity, len(secondaries), count)
    tags = _tags(parameters)
    if parameters.get("DryRun"):
        raise dry_run_passed()
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
    model.network.tag(gateway.gateway_id, tags)
    return {"NatGateway": _gateway_result(gateway, model.clock.now(), tags), "ClientToken": token}


def describe_nat_gateways(model: NatGatewayModel, parameters: Parameters, hits: Hits) -> Result:
    """DescribeNatGateways, as the reading replica sees it: faults may show the past or hide what is new."""
    ids = parameters.get("NatGatewayIds", [])
    for gateway_id in ids:
        _check_gateway_id(gateway_id)
    filters = [(it.get("Name", ""), it.get("Values", [])) for it in parameters.get("Filter", [])]
    for name, values in filters:
        _check_filter(name, values)
    size = parameters.get("MaxResults", PAGE_MAXIMUM)
    _check_range("MaxResults", size, PAGE_MINIMUM, PAGE_MAXIMUM)
    if parameters.get("DryRun"):
        raise dry_run_passed()
    visible = model.visible(hits.stale_seconds, ids)
    for gateway_id in ids:
        if all(gateway_id != gateway.gateway_id for gateway, _ in visible):
            raise not_found(model.settings.not_found_code, gateway_id)
    matching = [(it, at) for it, at in visible if _matches(it, at, model.network.tags(it.gateway_id), filters)]
    start = _page_start(parameters.get("NextToken", "0"))
    shown = [
        _gateway_result(it, at, model.network.tags(it.gateway_id), hits.hide_fresh_seconds(it.gateway_id))
        for it, at in matching[start : start + size]
    ]
    return {"NatGateways": shown, "NextToken": str(start + size) if start + size < len(matching) else None}


def delete_nat_gateway(model: NatGatewayModel, parameters: Parameters, _hits: Hits) -> Result:
    """DeleteNatGateway; accepted while addresses drain."""
    gateway_id = _gateway_id(parameters)
    _change(model, parameters, gateway_id, partial(model.delete, gateway_id))
    return {"NatGatewayId": gateway_id}


def assign_private_nat_gateway_address(model: NatGatewayModel, parameters: Parameters, hits: Hits) -> Result:
    """AssignPrivateNatGatewayAddress: named addresses, or a number of free ones."""
    gateway_id = _gateway_id(parameters)
    addresses, count = _addresses_or_count(parameters, "PrivateIpAddress", required=True)
    assign = partial(model.assign, gateway_id, addresses=addresses, count=count, failure_of=hits.failure_of)
    touched = _change(model, parameters, gateway_id, assign)
    return _change_result(model, gateway_id, touched)


def associate_nat_gateway_address(model: NatGatewayModel, parameters: Parameters, hits: Hits) -> Result:
    """AssociateNatGatewayAddress: Elastic IPs, each with a named or a free private address."""
    gateway_id = _gateway_id(parameters)
    allocation_ids = _names(parameters, "AllocationIds")
    addresses = _ipv4_list(parameters.get("PrivateIpAddresses", []), "PrivateIpAddresses")
    if addresses and len(addresses) != len(allocation_ids):
        raise ApiError("InvalidParameterCombination", "PrivateIpAddresses and AllocationIds differ in number")
    if parameters.get("AvailabilityZone") or parameters.get("AvailabilityZoneId"):
        raise ApiError("InvalidParameterCombination", "AvailabilityZone is for regional NAT gateways")
    assign = partial(
        model.assign, gateway_id, addresses=addresses, allocation_ids=allocation_ids, failure_of=hits.failure_of
    )
    touched = _change(model, parameters, gateway_id, assign)
    return _change_result(model, gateway_id, touched)


def unassign_private_nat_gateway_address(model: NatGatewayModel, parameters: Parameters, _hits: Hits) -> Result:
    """UnassignPrivateNatGatewayAddress: begins the drain of the named addresses."""
    keys = _ipv4_list(_names(parameters, "PrivateIpAddresses"), "PrivateIpAddresses")
    return _drain(model, parameters, keys, PRIVATE)


def disassociate_nat_gateway_address(model: NatGatewayModel, parameters: Parameters, _hits: Hits) -> Result:
    """DisassociateNatGatewayAddress: begins the drain of the named associations."""
    return _drain(model, parameters, _names(parameters, "AssociationIds"), PUBLIC)


def _drain(model: NatGatewayModel, parameters: Parameters, keys: Sequence[AddressKey], connectivity: str) -> Result:
    gateway_id = _gateway_id(parameters)
    drain = parameters.get("MaxDrainDurationSeconds", limits.DRAIN_SECONDS_DEFAULT)
    _check_range("MaxDrainDurationSeconds", drain, limits.DRAIN_SECONDS_MINIMUM, limits.DRAIN_SECONDS_MAXIMUM)
    unassign = partial(model.unassign, gateway_id, keys, drain, connectivity=connectivity)
    touched = _change(model, parameters, gateway_id, unassign)
    return _change_result(model, gateway_id, touched)


ACTIONS: Final[Mapping[str, Callable[[NatGatewayModel, Parameters, Hits], Result]]] = {
    "CreateNatGateway": create_nat_gateway,
    DESCRIBE: describe_nat_gateways,
    "DeleteNatGateway": delete_nat_gateway,
    ASSIGN: assign_private_nat_gateway_address,
    UNASSIGN: unassign_private_nat_gateway_address,
    ASSOCIATE: associate_nat_gateway_address,
    DISASSOCIATE: disassociate_nat_gateway_address,
}
"""EC2's actions that are answered here, by their name."""


def perform(model: NatGatewayModel, action: str, parameters: Parameters, hits: Hits = NO_HITS) -> Result:
    """Perform one of ACTIONS. Raises ApiError as EC2 would answer it, DryRunOperation included."""
    return ACTIONS[action](model, parameters, hits)


def named_gateways(parameters: Parameters) -> tuple[str, ...]:
    """Return the gateway ids that a request is about, whatever its action."""
    one = parameters.get("NatGatewayId")
    filtered = (it.get("Values", []) for it in parameters.get("Filter", []) if it.get("Name") == "nat-gateway-id")
    return (*([one] if one else []), *parameters.get("NatGatewayIds", []), *(id_ for ids in filtered for id_ in ids))


def _gateway_result(gateway: Gateway, at: float, tags: Mapping[str, str], hide_fresh_seconds: float = 0) -> Result:
    """Return the NatGateway structure; secondaries younger than `hide_fresh_seconds` are left out."""
    listed = [it for it in gateway.listed(at) if it.is_primary or at - it.assigned_at >= hide_fresh_seconds]
    state = gateway.state(at)
    result: Result = {
        "NatGatewayId": gateway.gateway_id,
        "State": str(state),
        "SubnetId": gateway.subnet_id,
        "VpcId": gateway.vpc_id,
        "ConnectivityType": gateway.connectivity,
        "CreateTime": datetime.fromtimestamp(gateway.created_at, UTC),
        "NatGatewayAddresses": [_address_result(address, gateway, at) for address in listed],
        "Tags": [{"Key": key, "Value": value} for key, value in tags.items()],
    }
    if gateway.end is not None and state is GatewayState.DELETED:
        result["DeleteTime"] = datetime.fromtimestamp(gateway.end.over_at, UTC)
    if gateway.end is not None and state is GatewayState.FAILED:
        result |= {"FailureCode": gateway.end.failure_code, "FailureMessage": gateway.end.failure_message}
    return result


def _address_result(address: Address, gateway: Gateway, at: float) -> Result:
    """Return the NatGatewayAddress structure."""
    status = address.status(at)
    result: Result = {
        "PrivateIp": str(address.private_ip),
        "NetworkInterfaceId": gateway.network_interface_id,
        "IsPrimary": address.is_primary,
        "Status": str(status),
    }
    if status is AddressStatus.FAILED:
        result["FailureMessage"] = address.failure
    if address.elastic is not None:
        result["AllocationId"] = address.elastic.allocation_id
        result["AssociationId"] = address.elastic.association_id
        result["PublicIp"] = address.elastic.public_ip
    return result


def _change_result(model: NatGatewayModel, gateway_id: str, touched: Sequence[Address]) -> Result:
    now = model.clock.now()
    gateway = model.get(gateway_id)
    touched_keys = {address.key for address in touched}
    others = () if model.settings.answer_only_touched_addresses else gateway.listed(now)
    shown = [*(address for address in others if address.key not in touched_keys), *touched]
    results = [_address_result(address, gateway, now) for address in shown]
    if not model.settings.answer_names_new_addresses:
        results = [{**it, **_NAMELESS} if it["Status"] in ARRIVING else it for it in results]
    return {"NatGatewayId": gateway_id, "NatGatewayAddresses": results}


def _change(model: NatGatewayModel, parameters: Parameters, gateway_id: str, act: Callable[..., T]) -> T:
    """Act on a gateway. A dry run checks as much as the settings say, and ends with the error that says it passed."""
    if not parameters.get("DryRun"):
        return act(commit=True)
    model.get(gateway_id)
    if model.settings.dry_run_checks_state:
        act(commit=False)
    raise dry_run_passed()


def _required(parameters: Parameters, name: str) -> str:
    value = parameters.get(name)
    if not value:
        raise missing(name)
    return str(value)


def _gateway_id(parameters: Parameters) -> str:
    gateway_id = _required(parameters, "NatGatewayId")
    _check_gateway_id(gateway_id)
    return gateway_id


def _check_gateway_id(gateway_id: str) -> None:
    if not _GATEWAY_ID.fullmatch(gateway_id):
        raise ApiError("NatGatewayMalformed", f'The NAT gateway ID "{gateway_id}" is malformed')


def _addresses_or_count(parameters: Parameters, stem: str, *, required: bool) -> tuple[tuple[IPv4Address, ...], int]:
    listed, counted = f"{stem}es", f"{stem}Count"
    addresses = _ipv4_list(parameters.get(listed, []), listed)
    count = parameters.get(counted)
    if addresses and count is not None:
        raise ApiError("InvalidParameterCombination", f"{listed} and {counted} cannot be used together")
    if required and not addresses and count is None:
        raise missing(f"{listed} or {counted}")
    if count is not None:
        _check_range(counted, count, 1, limits.SECONDARY_ADDRESSES_MAXIMUM)
    return addresses, count or 0


def _names(parameters: Parameters, name: str) -> tuple[str, ...]:
    """Return a required list of names. Raises ApiError when it is absent, empty, or names something twice."""
    names = tuple(parameters.get(name, []))
    if not names:
        raise missing(name)
    if len(set(names)) < len(names):
        raise invalid_value(f"{name} names {', '.join(sorted(it for it in set(names) if names.count(it) > 1))} twice")
    return names


def _ipv4_list(texts: Sequence[str], name: str) -> tuple[IPv4Address, ...]:
    addresses = tuple(_ipv4(text) for text in texts)
    if len(set(addresses)) < len(addresses):
        raise invalid_value(f"{name} names an address twice")
    return addresses


def _ipv4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise invalid_value(f"Value ({text}) is not a valid IPv4 address") from None


def _check_range(name: str, value: int, lowest: int, highest: int) -> None:
    if not lowest <= value <= highest:
        raise invalid_value(f"Value ({value}) for parameter {name} is invalid: {lowest} to {highest} are allowed")


def _allocations(parameters: Parameters, connectivity: str, secondaries: int, count: int) -> tuple[str, ...]:
    """Return the Elastic IPs of a new gateway. Raises ApiError when they do not fit its kind or its addresses."""
    first = parameters.get("AllocationId")
    more = parameters.get("SecondaryAllocationIds", [])
    if connectivity == PRIVATE:
        if first or more:
            raise ApiError("InvalidParameterCombination", "A private NAT gateway takes no AllocationId")
        return ()
    if not first:
        raise missing("AllocationId")
    if count:
        message = "SecondaryPrivateIpAddressCount is for private NAT gateways"
        raise ApiError("InvalidParameterCombination", message)
    if secondaries not in {0, len(more)}:
        message = "SecondaryPrivateIpAddresses and SecondaryAllocationIds differ in number"
        raise ApiError("InvalidParameterCombination", message)
    return _names({"AllocationIds": (first, *more)}, "AllocationIds")


def _tags(parameters: Parameters) -> dict[str, str]:
    specifications = parameters.get("TagSpecifications", [])
    for resource_type in (it.get("ResourceType") for it in specifications):
        if resource_type != "natgateway":
            raise invalid_value(f"'{resource_type}' is not a valid taggable resource type for this operation")
    return {tag["Key"]: tag.get("Value", "") for it in specifications for tag in it.get("Tags", [])}


def _check_filter(name: str, values: Sequence[str]) -> None:
    """Raise ApiError for a filter that EC2 does not know, or with no or too many values."""
    if name not in _FILTERS and not name.startswith(_TAG_PREFIX):
        raise invalid_value(f"The filter '{name}' is invalid")
    if not values:
        raise invalid_value(f"The filter '{name}' has no values")
    if len(values) > FILTER_VALUES_MAXIMUM:
        message = f"The filter '{name}' has {len(values)} values; at most {FILTER_VALUES_MAXIMUM} are allowed"
        raise ApiError("FilterLimitExceeded", message)


def _matches(
    gateway: Gateway, at: float, tags: Mapping[str, str], filters: Sequence[tuple[str, Sequence[str]]]
) -> bool:
    """Whether a gateway passes every filter; the values of one filter are alternatives."""
    attributes = {
        "nat-gateway-id": [gateway.gateway_id],
        "state": [str(gateway.state(at))],
        "subnet-id": [gateway.subnet_id],
        "vpc-id": [gateway.vpc_id],
        "tag-key": list(tags),
        **{f"{_TAG_PREFIX}{key}": [value] for key, value in tags.items()},
    }
    return all(
        any(_pattern(wanted).fullmatch(value) for wanted in values for value in attributes.get(name, ()))
        for name, values in filters
    )


def _pattern(text: str) -> re.Pattern[str]:
    """Return a filter's value as an expression: `*` is any text, `?` one character, after a backslash themselves."""
    wildcards = {"*": ".*", "?": "."}
    parts = re.findall(r"\\.|.", text, re.DOTALL)
    return re.compile("".join(wildcards.get(part) or re.escape(part[-1]) for part in parts), re.DOTALL)


def _page_start(token: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", token):
        raise ApiError("InvalidNextToken", "The specified token is not valid")
    return int(token)
