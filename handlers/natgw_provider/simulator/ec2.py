"""EC2: moto's, with the NAT gateway actions that moto lacks or only sketches.

Required parameters, ranges and enumerations are checked as the service model states them, since botocore checks only
part of that on the client. What depends on state is checked by the model. moto parses requests and serialises results.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import AddressValueError, IPv4Address
from typing import Any, Final, TypeVar

from moto.core.responses import ActionResult
from moto.core.utils import get_service_model
from moto.ec2.responses import EC2Response
from moto.ec2.utils import simple_aws_filter_to_re

from natgw_provider.core import limits
from natgw_provider.core.gateway import ARRIVING, AddressStatus, GatewayState
from natgw_provider.core.operations import ASSIGN, ASSOCIATE, DESCRIBE, DISASSOCIATE, UNASSIGN
from natgw_provider.simulator.errors import ApiError, bad_combination, dry_run_passed, invalid_value, missing, not_found
from natgw_provider.simulator.faults import NO_HITS, Hits
from natgw_provider.simulator.lifecycle import PRIVATE, PUBLIC, Address, AddressKey, Gateway
from natgw_provider.simulator.model import GatewayRequest, NatGatewayModel

Parameters = Mapping[str, Any]
Result = dict[str, Any]
T = TypeVar("T")

ACTIONS: Final = frozenset(
    {"CreateNatGateway", DESCRIBE, "DeleteNatGateway", ASSIGN, UNASSIGN, ASSOCIATE, DISASSOCIATE}
)
"""The actions of NAT gateways, which are answered here and not by moto."""

FILTER_VALUES_MAXIMUM: Final = 200
PAGE_MAXIMUM: Final = 1000

_GATEWAY_ID = re.compile(r"nat-([0-9a-f]{8}|[0-9a-f]{17})")
_FILTERS: Final = frozenset({"nat-gateway-id", "state", "subnet-id", "vpc-id", "tag-key"})
_TAG_PREFIX: Final = "tag:"
_NAMELESS: Final = dict.fromkeys(("PrivateIp", "PublicIp", "AssociationId"))


class Ec2(EC2Response):
    """moto's EC2 in one region, with the NAT gateway actions that moto lacks or only sketches. It answers one request.

    As in moto, each action is a method, and `params` has what the request sent, by API names.
    """

    def __init__(self, model: NatGatewayModel) -> None:
        super().__init__()
        self.model = model
        self.hits = NO_HITS
        """The faults that hit the request."""

    @property
    def ec2_backend(self) -> Any:
        """The VPCs, subnets, interfaces and Elastic IPs of moto."""
        return self.model.network.backend

    def prepare(self, action: str, hits: Hits) -> None:
        """Set the faults, bring moto up to date, and check what moto does not. Raises ApiError."""
        self.hits = hits
        if action in ACTIONS:
            _check_against_service_model(action, self.params)
            return
        self.model.network.update(self.model.all(), self.model.clock.now())
        self.model.network.check_call(action, self.params)

    def allocate_address(self) -> ActionResult:
        """AllocateAddress of moto, with the network border group, which moto ignores."""
        answer: dict[str, Any] = super().allocate_address().result  # type: ignore[assignment] # it is a dict
        group = self.params.get("NetworkBorderGroup", self.ec2_backend.region_name)
        address = next(it for it in self.ec2_backend.addresses if it.public_ip == answer["PublicIp"])
        address.network_border_group = group
        return ActionResult({**answer, "NetworkBorderGroup": group})

    def create_nat_gateway(self) -> ActionResult:
        """CreateNatGateway: a private gateway (PrivateIpAddress, SecondaryPrivateIp...), or a public one."""
        if not self.params.get("SubnetId"):
            raise missing("SubnetId")
        connectivity = self.params.get("ConnectivityType", PUBLIC)
        primary = self.params.get("PrivateIpAddress")
        secondaries, count = self._addresses_or_count("SecondaryPrivateIpAddress")
        request = GatewayRequest(
            subnet_id=self.params["SubnetId"],
            connectivity=connectivity,
            primary=None if primary is None else _ipv4(primary),
            secondaries=secondaries,
            count=count,
            allocation_ids=self._allocations(connectivity, len(secondaries), count),
            token=self.params.get("ClientToken"),
        )
        tags = _tags(self.params)
        self._end_dry_run()
        gateway = self.model.create(request)
        self.model.network.tag(gateway.gateway_id, tags)
        shown = _gateway_result(gateway, self.model.clock.now(), tags)
        return ActionResult({"NatGateway": shown, "ClientToken": request.token})

    def describe_nat_gateways(self) -> ActionResult:
        """DescribeNatGateways; faults may show the past or hide what is new."""
        ids = self.params.get("NatGatewayIds", [])
        for gateway_id in ids:
            _check_gateway_id(gateway_id)
        filters = [(it.get("Name", ""), it.get("Values", [])) for it in self.params.get("Filter", [])]
        for name, values in filters:
            _check_filter(name, values)
        self._end_dry_run()
        visible = self.model.visible(self.hits.stale_seconds, ids)
        for gateway_id in ids:
            if all(gateway_id != gateway.gateway_id for gateway, _ in visible):
                raise not_found(self.model.settings.not_found_code, gateway_id)
        tags_of = self.model.network.tags
        matching = [(it, at) for it, at in visible if _matches(it, at, tags_of(it.gateway_id), filters)]
        size, start = self.params.get("MaxResults", PAGE_MAXIMUM), _page_start(self.params.get("NextToken", "0"))
        shown = [
            _gateway_result(it, at, tags_of(it.gateway_id), self.hits.hide_fresh_seconds(it.gateway_id))
            for it, at in matching[start : start + size]
        ]
        following = str(start + size) if start + size < len(matching) else None
        return ActionResult({"NatGateways": shown, "NextToken": following})

    def delete_nat_gateway(self) -> ActionResult:
        """DeleteNatGateway; accepted while addresses drain."""
        self._commit(self.model.delete)
        return ActionResult({"NatGatewayId": self.params["NatGatewayId"]})

    def assign_private_nat_gateway_address(self) -> ActionResult:
        """AssignPrivateNatGatewayAddress: named addresses, or a number of free ones."""
        addresses, count = self._addresses_or_count("PrivateIpAddress")
        if not addresses and not count:
            raise missing("PrivateIpAddresses or PrivateIpAddressCount")
        return self._change(self.model.assign, addresses=addresses, count=count, failure_of=self.hits.failure_of)

    def associate_nat_gateway_address(self) -> ActionResult:
        """AssociateNatGatewayAddress: Elastic IPs, each with a named or a free private address."""
        ids, addresses = self._names("AllocationIds"), self._addresses("PrivateIpAddresses")
        if len(addresses) not in {0, len(ids)}:
            raise bad_combination("PrivateIpAddresses and AllocationIds differ in number")
        if "AvailabilityZone" in self.params or "AvailabilityZoneId" in self.params:
            raise bad_combination("AvailabilityZone is for regional NAT gateways")
        failure_of = self.hits.failure_of
        return self._change(self.model.assign, addresses=addresses, allocation_ids=ids, failure_of=failure_of)

    def unassign_private_nat_gateway_address(self) -> ActionResult:
        """UnassignPrivateNatGatewayAddress: begins the drain of the named addresses."""
        return self._drain(self._addresses("PrivateIpAddresses"), PRIVATE)

    def disassociate_nat_gateway_address(self) -> ActionResult:
        """DisassociateNatGatewayAddress: begins the drain of the named associations."""
        return self._drain(self._names("AssociationIds"), PUBLIC)

    def _drain(self, keys: Sequence[AddressKey], connectivity: str) -> ActionResult:
        seconds = self.params.get("MaxDrainDurationSeconds", limits.DRAIN_SECONDS_DEFAULT)
        return self._change(self.model.unassign, keys=keys, max_drain=seconds, connectivity=connectivity)

    def _change(self, action: Callable[..., tuple[Address, ...]], **arguments: Any) -> ActionResult:
        """Change addresses of the gateway, and return what the call answers."""
        touched = self._commit(action, **arguments)
        settings, now = self.model.settings, self.model.clock.now()
        gateway = self.model.get(self.params["NatGatewayId"])
        touched_keys = {address.key for address in touched}
        others = () if settings.answer_only_touched_addresses else gateway.listed(now)
        shown = [*(address for address in others if address.key not in touched_keys), *touched]
        results = [_address_result(address, gateway, now) for address in shown]
        if not settings.answer_names_new_addresses:
            results = [{**it, **_NAMELESS} if it["Status"] in ARRIVING else it for it in results]
        return ActionResult({"NatGatewayId": gateway.gateway_id, "NatGatewayAddresses": results})

    def _commit(self, action: Callable[..., T], **arguments: Any) -> T:
        """Carry out `action` on the gateway; without `commit` it only checks.

        A dry run checks as much as the settings say, and ends with the error that says it passed.
        """
        gateway_id = self.params["NatGatewayId"]
        _check_gateway_id(gateway_id)
        if not self.params.get("DryRun"):
            return action(gateway_id, **arguments, commit=True)
        self.model.get(gateway_id)
        if self.model.settings.dry_run_checks_state:
            action(gateway_id, **arguments, commit=False)
        raise dry_run_passed()

    def _end_dry_run(self) -> None:
        if self.params.get("DryRun"):
            raise dry_run_passed()

    def _names(self, parameter: str) -> tuple[str, ...]:
        """Return a list of names, perhaps empty. Raises ApiError when it names something twice."""
        names = tuple(self.params.get(parameter, ()))
        if len(set(names)) < len(names):
            raise invalid_value(f"{parameter} has a value twice: {', '.join(names)}")
        return names

    def _addresses(self, parameter: str) -> tuple[IPv4Address, ...]:
        """Return a list of addresses, perhaps empty. Raises ApiError when one is not IPv4, or is there twice."""
        return tuple(map(_ipv4, self._names(parameter)))

    def _addresses_or_count(self, stem: str) -> tuple[tuple[IPv4Address, ...], int]:
        addresses, count = self._addresses(f"{stem}es"), self.params.get(f"{stem}Count", 0)
        if addresses and count:
            raise bad_combination(f"{stem}es and {stem}Count cannot be used together")
        return addresses, count

    def _allocations(self, connectivity: str, secondaries: int, count: int) -> tuple[str, ...]:
        """Return the Elastic IPs of a new gateway. Raises ApiError when they do not fit its kind or its addresses."""
        first, more = self.params.get("AllocationId"), self._names("SecondaryAllocationIds")
        if connectivity == PRIVATE:
            if first or more:
                raise bad_combination("A private NAT gateway takes no AllocationId")
            return ()
        if not first:
            raise missing("AllocationId")
        if count:
            raise bad_combination("SecondaryPrivateIpAddressCount is for private NAT gateways")
        if secondaries not in {0, len(more)}:
            raise bad_combination("SecondaryPrivateIpAddresses and SecondaryAllocationIds differ in number")
        if first in more:
            raise invalid_value(f"SecondaryAllocationIds has the AllocationId {first}, too")
        return (first, *more)


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


def _ipv4(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except AddressValueError:
        raise invalid_value(f"Value ({text}) is not a valid IPv4 address") from None


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
