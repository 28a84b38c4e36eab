"""The NAT gateway actions of EC2 that moto lacks or only sketches: parameters in, result members out, by API names.

Required parameters, ranges and enumerations are checked as the service model states them, since botocore checks only
part of that on the client. What depends on state is checked by the model. moto parses requests and serialises results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final, TypeVar

from moto.core.utils import get_service_model
from moto.ec2.utils import simple_aws_filter_to_re

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
PAGE_MAXIMUM: Final = 1000

_GATEWAY_ID = re.compile(r"nat-([0-9a-f]{8}|[0-9a-f]{17})")
_FILTERS: Final = frozenset({"nat-gateway-id", "state", "subnet-id", "vpc-id", "tag-key"})
_TAG_PREFIX: Final = "tag:"
_NAMELESS: Final = dict.fromkeys(("PrivateIp", "PublicIp", "AssociationId"))


@dataclass(frozen=True, slots=True)
class GatewayCall:
    """One call of an action, with the faults that hit it."""

    model: NatGatewayModel
    parameters: Parameters
    hits: Hits

    @property
    def gateway_id(self) -> str:
        """The gateway that the call changes. Raises ApiError when it is not an id."""
        gateway_id: str = self.parameters["NatGatewayId"]
        _check_gateway_id(gateway_id)
        return gateway_id

    def names(self, parameter: str) -> tuple[str, ...]:
        """Return a list of names, perhaps empty. Raises ApiError when it names something twice."""
        names = tuple(self.parameters.get(parameter, ()))
        if len(set(names)) < len(names):
            raise invalid_value(f"{parameter} has a value twice: {', '.join(names)}")
        return names

    def addresses(self, parameter: str) -> tuple[IPv4Address, ...]:
        """Return a list of addresses, perhaps empty. Raises ApiError when one is not IPv4, or is there twice."""
        return tuple(map(_ipv4, self.names(parameter)))

    def act(self, action: Callable[..., T]) -> T:
        """Carry out `action`, which takes `commit`; without that it only checks.

        A dry run checks as much as the settings say, and ends with the error that says it passed.
        """
        if not self.parameters.get("DryRun"):
            return action(commit=True)
        self.model.get(self.gateway_id)
        if self.model.settings.dry_run_checks_state:
            action(commit=False)
        raise dry_run_passed()

    def change(self, action: Callable[..., tuple[Address, ...]]) -> Result:
        """Change addresses of the gateway, and return what the call answers."""
        touched = self.act(action)
        settings, now = self.model.settings, self.model.clock.now()
        gateway = self.model.get(self.gateway_id)
        touched_keys = {address.key for address in touched}
        others = () if settings.answer_only_touched_addresses else gateway.listed(now)
        shown = [*(address for address in others if address.key not in touched_keys), *touched]
        results = [_address_result(address, gateway, now) for address in shown]
        if not settings.answer_names_new_addresses:
            results = [{**it, **_NAMELESS} if it["Status"] in ARRIVING else it for it in results]
        return {"NatGatewayId": gateway.gateway_id, "NatGatewayAddresses": results}


def create_nat_gateway(call: GatewayCall) -> Result:
    """CreateNatGateway: a private gateway (PrivateIpAddress, SecondaryPrivateIp...), or a public one."""
    model, parameters = call.model, call.parameters
    if not parameters.get("SubnetId"):
        raise missing("SubnetId")
    connectivity = parameters.get("ConnectivityType", PUBLIC)
    primary = parameters.get("PrivateIpAddress")
    secondaries, count = _addresses_or_count(call, "SecondaryPrivateIpAddress")
    allocations = _allocations(call, connectivity, len(secondaries), count)
    tags = _tags(parameters)
    if parameters.get("DryRun"):
        raise dry_run_passed()
    token = parameters.get("ClientToken")
    gateway = model.create(
        GatewayRequest(
            subnet_id=parameters["SubnetId"],
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


def describe_nat_gateways(call: GatewayCall) -> Result:
    """DescribeNatGateways; faults may show the past or hide what is new."""
    model, parameters, hits = call.model, call.parameters, call.hits
    ids = parameters.get("NatGatewayIds", [])
    for gateway_id in ids:
        _check_gateway_id(gateway_id)
    filters = [(it.get("Name", ""), it.get("Values", [])) for it in parameters.get("Filter", [])]
    for name, values in filters:
        _check_filter(name, values)
    if parameters.get("DryRun"):
        raise dry_run_passed()
    visible = model.visible(hits.stale_seconds, ids)
    for gateway_id in ids:
        if all(gateway_id != gateway.gateway_id for gateway, _ in visible):
            raise not_found(model.settings.not_found_code, gateway_id)
    matching = [(it, at) for it, at in visible if _matches(it, at, model.network.tags(it.gateway_id), filters)]
    size, start = parameters.get("MaxResults", PAGE_MAXIMUM), _page_start(parameters.get("NextToken", "0"))
    shown = [
        _gateway_result(it, at, model.network.tags(it.gateway_id), hits.hide_fresh_seconds(it.gateway_id))
        for it, at in matching[start : start + size]
    ]
    return {"NatGateways": shown, "NextToken": str(start + size) if start + size < len(matching) else None}


def delete_nat_gateway(call: GatewayCall) -> Result:
    """DeleteNatGateway; accepted while addresses drain."""
    call.act(partial(call.model.delete, call.gateway_id))
    return {"NatGatewayId": call.gateway_id}


def assign_private_nat_gateway_address(call: GatewayCall) -> Result:
    """AssignPrivateNatGatewayAddress: named addresses, or a number of free ones."""
    addresses, count = _addresses_or_count(call, "PrivateIpAddress")
    if not addresses and not count:
        raise missing("PrivateIpAddresses or PrivateIpAddressCount")
    assign = partial(call.model.assign, addresses=addresses, count=count)
    return call.change(partial(assign, call.gateway_id, failure_of=call.hits.failure_of))


def associate_nat_gateway_address(call: GatewayCall) -> Result:
    """AssociateNatGatewayAddress: Elastic IPs, each with a named or a free private address."""
    ids, addresses = call.names("AllocationIds"), call.addresses("PrivateIpAddresses")
    if len(addresses) not in {0, len(ids)}:
        raise ApiError("InvalidParameterCombination", "PrivateIpAddresses and AllocationIds differ in number")
    if "AvailabilityZone" in call.parameters or "AvailabilityZoneId" in call.parameters:
        raise ApiError("InvalidParameterCombination", "AvailabilityZone is for regional NAT gateways")
    assign = partial(call.model.assign, addresses=addresses, allocation_ids=ids)
    return call.change(partial(assign, call.gateway_id, failure_of=call.hits.failure_of))


def unassign_private_nat_gateway_address(call: GatewayCall) -> Result:
    """UnassignPrivateNatGatewayAddress: begins the drain of the named addresses."""
    return _drain(call, call.addresses("PrivateIpAddresses"), PRIVATE)


def disassociate_nat_gateway_address(call: GatewayCall) -> Result:
    """DisassociateNatGatewayAddress: begins the drain of the named associations."""
    return _drain(call, call.names("AssociationIds"), PUBLIC)


def _drain(call: GatewayCall, keys: Sequence[AddressKey], connectivity: str) -> Result:
    seconds = call.parameters.get("MaxDrainDurationSeconds", limits.DRAIN_SECONDS_DEFAULT)
    return call.change(partial(call.model.unassign, call.gateway_id, keys, seconds, connectivity=connectivity))


ACTIONS: Final[Mapping[str, Callable[[GatewayCall], Result]]] = {
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
    _check_against_service_model(action, parameters)
    return ACTIONS[action](GatewayCall(model, parameters, hits))


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


def _check_against_service_model(action: str, parameters: Parameters) -> None:
    """Raise ApiError for a required parameter that is missing, and for a value out of its range or enumeration."""
    shape = get_service_model("ec2").operation_model(action).input_shape
    for name in shape.required_members:
        if not parameters.get(name):
            raise missing(name)
    for name, value in parameters.items():
        member = shape.members[name]
        lowest, highest = member.metadata.get("min"), member.metadata.get("max")
        if lowest is not None and not lowest <= value <= highest:
            raise invalid_value(f"Value ({value}) for parameter {name} is invalid: {lowest} to {highest} are allowed")
        allowed = getattr(member, "enum", None)
        if allowed and value not in allowed:
            raise invalid_value(f"Value ({value}) for parameter {name} is invalid: {', '.join(allowed)} are allowed")


def _check_gateway_id(gateway_id: str) -> None:
    if not _GATEWAY_ID.fullmatch(gateway_id):
        raise ApiError("NatGatewayMalformed", f'The NAT gateway ID "{gateway_id}" is malformed')


def _addresses_or_count(call: GatewayCall, stem: str) -> tuple[tuple[IPv4Address, ...], int]:
    addresses, count = call.addresses(f"{stem}es"), call.parameters.get(f"{stem}Count", 0)
    if addresses and count:
        raise ApiError("InvalidParameterCombination", f"{stem}es and {stem}Count cannot be used together")
    return addresses, count


def _ipv4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise invalid_value(f"Value ({text}) is not a valid IPv4 address") from None


def _allocations(call: GatewayCall, connectivity: str, secondaries: int, count: int) -> tuple[str, ...]:
    """Return the Elastic IPs of a new gateway. Raises ApiError when they do not fit its kind or its addresses."""
    first, more = call.parameters.get("AllocationId"), call.names("SecondaryAllocationIds")
    if connectivity == PRIVATE and (first or more):
        raise ApiError("InvalidParameterCombination", "A private NAT gateway takes no AllocationId")
    if connectivity == PRIVATE:
        return ()
    if not first:
        raise missing("AllocationId")
    if count:
        raise ApiError("InvalidParameterCombination", "SecondaryPrivateIpAddressCount is for private NAT gateways")
    if secondaries not in {0, len(more)}:
        message = "SecondaryPrivateIpAddresses and SecondaryAllocationIds differ in number"
        raise ApiError("InvalidParameterCombination", message)
    if first in more:
        raise invalid_value(f"SecondaryAllocationIds has the AllocationId {first}, too")
    return (first, *more)


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
    """Whether a gateway passes every filter; the values of one filter are alternatives, perhaps with wildcards."""
    attributes = {
        "nat-gateway-id": [gateway.gateway_id],
        "state": [str(gateway.state(at))],
        "subnet-id": [gateway.subnet_id],
        "vpc-id": [gateway.vpc_id],
        "tag-key": list(tags),
        **{f"{_TAG_PREFIX}{key}": [value] for key, value in tags.items()},
    }
    return all(
        any(re.match(simple_aws_filter_to_re(wanted), it) for wanted in values for it in attributes.get(name, ()))
        for name, values in filters
    )


def _page_start(token: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", token):
        raise ApiError("InvalidNextToken", "The specified token is not valid")
    return int(token)
