"""The EC2 operations this provider uses, as thin calls on a botocore client: values in, `core`'s values out.

No retries and no state: the caller decides what an error means. Errors are those of `errors`. An answer without a
request id or without the member that it is for is not EC2's (see `transport`): botocore would show an empty result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from itertools import islice
from types import MappingProxyType
from typing import Any, Final, TypeAlias, TypeVar

from botocore import xform_name

from natgw_provider.aws.errors import Busy, LostAnswer, NotFromAws, Rejected, sorted_errors
from natgw_provider.aws.transport import member
from natgw_provider.core.address_kinds import ELASTIC_IPS, AddressKind
from natgw_provider.core.addresses import is_allocation_id
from natgw_provider.core.change_plan import Assign, Unassign
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress, in_order
from natgw_provider.core.limits import DRAIN_SECONDS_DEFAULT
from natgw_provider.core.operations import DESCRIBE, DESCRIBE_SUBNETS

FILTER_VALUES_MAXIMUM: Final = 200
"""Values that one filter takes (EC2 API reference, "Filter")."""

_PAGE: Final = 1000
NO_PRIVATE_IPS: Final[Mapping[str, str]] = MappingProxyType({})

PAGES_MAXIMUM: Final = 20
"""Pages of one answer, of up to 1,000 entries each: more gateways than a region has."""


_Entry: TypeAlias = Mapping[str, Any]
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet: its IPv4 CIDR block, and how many of its addresses are free."""

    subnet_id: str
    cidr_block: str
    available_ip_address_count: int


class Ec2Api:
    """EC2 through one botocore client; safe to share between threads, as the client is."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def describe(self, nat_gateway_ids: Iterable[str]) -> dict[str, NatGateway]:
        """Return the gateways that exist among these, by id; one call for each 200 ids.

        It asks with a filter: in the id parameter, one missing gateway would fail the whole call.
        """
        found: dict[str, NatGateway] = {}
        for ids in _batches(nat_gateway_ids):
            found |= {gateway.nat_gateway_id: gateway for gateway in self.find({"nat-gateway-id": ids})}
        return found

    def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
        """Return the gateways that match every filter (a name of DescribeNatGateways' `Filter`, any of its values)."""
        return tuple(self._pages(DESCRIBE, "NatGateways", parse_gateway, Filter=_filters(filters), MaxResults=_PAGE))

    def find_page(
        self, filters: Mapping[str, Sequence[str]], tokens: Sequence[str]
    ) -> tuple[tuple[NatGateway, ...], str | None]:
        """Return one page of what `find` returns, and the token of the next page; None for the last one.

        `tokens` are those of the pages before, without any for the first page.
        """
        return self._page(DESCRIBE, "NatGateways", parse_gateway, tokens, Filter=_filters(filters), MaxResults=_PAGE)

    def describe_subnets(self, subnet_ids: Iterable[str]) -> dict[str, Subnet]:
        """Return the subnets that exist among these, by id."""
        found: dict[str, Subnet] = {}
        for ids in _batches(subnet_ids):
            subnets = self._pages(DESCRIBE_SUBNETS, "Subnets", parse_subnet, Filters=_filters({"subnet-id": ids}))
            found |= {subnet.subnet_id: subnet for subnet in subnets}
        return found

    def change(
        self,
        kind: AddressKind,
        gateway: NatGateway,
        step: Assign | Unassign,
        max_drain_seconds: int = DRAIN_SECONDS_DEFAULT,
        *,
        private_ips: Mapping[str, str] = NO_PRIVATE_IPS,
        dry_run: bool = False,
    ) -> tuple[NatGatewayAddress, ...]:
        """Assign or unassign as a step says; return the addresses that the answer lists.

        `gateway` is a snapshot that shows what the step unassigns; `private_ips` are the private addresses to give to
        Elastic IPs, by key.
        With `dry_run` nothing is changed and nothing returned, and an error says why it would not work.
        """
        if isinstance(step, Assign):
            operation, parameters = kind.assign, _assign(kind, step, private_ips)
        else:
            operation, parameters = kind.unassign, _unassign(kind, step, gateway)
            parameters["MaxDrainDurationSeconds"] = max_drain_seconds
        try:
            answer = self._answer(
                operation, "NatGatewayAddresses", NatGatewayId=gateway.nat_gateway_id, **parameters, DryRun=dry_run
            )
        except Rejected as error:
            if dry_run and error.code == "DryRunOperation":
                return ()
            raise
        if dry_run:
            raise Rejected(operation, "DryRunIgnored", "the endpoint carried out a call that was only to be checked")
        with _understood(operation):
            return parse_touched(answer, gateway.connectivity_type)

    def _pages(self, action: str, name: str, parse: Callable[[_Entry], _T], **parameters: Any) -> Iterator[_T]:
        tokens: list[str] = []
        token: str | None = ""
        while token is not None:
            entries, token = self._page(action, name, parse, tokens, **parameters)
            yield from entries
            tokens += [token] if token else []

    def _page(
        self, action: str, name: str, parse: Callable[[_Entry], _T], tokens: Sequence[str], **parameters: Any
    ) -> tuple[tuple[_T, ...], str | None]:
        """Return the entries of one page and the token of the next. Raises NotFromAws when the pages have no end."""
        more = {"NextToken": tokens[-1]} if tokens else {}
        answer = self._answer(action, name, **parameters, **more)
        token: str | None = answer.get("NextToken")
        if token and token in tokens:
            raise NotFromAws(action, "RepeatedPage", f'the endpoint answers with the page "{token}" again and again')
        if token and len(tokens) + 1 >= PAGES_MAXIMUM:
            raise NotFromAws(action, "EndlessPages", f"the endpoint answers with more than {PAGES_MAXIMUM} pages")
        with _understood(action):
            return tuple(map(parse, answer[name])), token or None

    def _answer(self, action: str, name: str, **parameters: Any) -> Mapping[str, Any]:
        """Return what EC2 answers, which has the member `name`."""
        with sorted_errors(action):
            answer: Mapping[str, Any] = getattr(self._client, xform_name(action))(**parameters)
            member(answer, name)
        return answer


@contextmanager
def _understood(action: str) -> Iterator[None]:
    """Turn what parsing an answer raises into an `Ec2Error` of `action`."""
    try:
        yield
    except (KeyError, ValueError) as problem:
        raise LostAnswer(action, "UnreadableAnswer", f"the answer is not one of EC2's: {problem}") from problem


def _assign(kind: AddressKind, step: Assign, private_ips: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters of an Assign or Associate, besides the gateway's id.

    Raises ValueError when some Elastic IPs have a private address and others not: AWS pairs the two lists by position.
    """
    keys = list(step.addresses)
    if kind.private_ips_argument is None:  # the keys are private addresses
        return {"PrivateIpAddresses": keys} if keys else {"PrivateIpAddressCount": step.count}
    named = [private_ips[key] for key in keys if key in private_ips]
    if named and len(named) < len(keys):
        raise ValueError(f"one call cannot name private addresses for some of {', '.join(keys)} only")
    return {"AllocationIds": keys, **({"PrivateIpAddresses": named} if named else {})}


def _unassign(kind: AddressKind, step: Unassign, gateway: NatGateway) -> dict[str, Any]:
    """Return the addresses of an Unassign, or the associations of a Disassociate.

    Raises Busy while AWS does not show an association: the caller waits and reads again.
    """
    if kind.private_ips_argument is None:
        return {"PrivateIpAddresses": list(step.addresses)}
    ids = {address.key: address.association_id for address in gateway.addresses if address.association_id}
    if unknown := [key for key in step.addresses if key not in ids]:
        message = f"AWS does not show the association of {', '.join(unknown)} yet"
        raise Busy(kind.unassign, "AssociationNotShown", message)
    return {"AssociationIds": [ids[key] for key in step.addresses]}


def _filters(filters: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": list(values)} for name, values in sorted(filters.items())]


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(sorted(set(ids)))
    while batch := list(islice(remaining, FILTER_VALUES_MAXIMUM)):
        yield batch


# From answers to values: tolerant of what AWS leaves out, and of values newer than this code. What is not an answer of
# EC2 is a KeyError or a ValueError.


def parse_gateway(answer: Mapping[str, Any]) -> NatGateway:
    """Return the gateway that one entry of DescribeNatGateways' `NatGateways` shows.

    A state that this code does not know is taken as `pending`: alive, and not to be touched.
    """
    state = answer.get("State", "")
    connectivity = answer.get("ConnectivityType", "public")  # EC2's default on creation
    return NatGateway(
        nat_gateway_id=answer["NatGatewayId"],
        state=GatewayState(state) if state in list(GatewayState) else GatewayState.PENDING,
        connectivity_type=connectivity,
        vpc_id=answer.get("VpcId"),
        subnet_id=answer.get("SubnetId"),
        addresses=parse_addresses(answer.get("NatGatewayAddresses", ()), connectivity),
        failure_message=answer.get("FailureMessage"),
        name=next((tag.get("Value") for tag in answer.get("Tags", ()) if tag.get("Key") == "Name"), None),
    )


def parse_addresses(answer: Sequence[Mapping[str, Any]], connectivity: str) -> tuple[NatGatewayAddress, ...]:
    """Return `NatGatewayAddresses` of a whole gateway, the primary first, the rest in numerical order.

    Where the answer does not say which is the primary, the first one listed is it. Where it says of all that they are
    not, the primary is not there yet. What has no key yet is left out.
    """
    addresses = _parse_all(answer, connectivity)
    if addresses and not any("IsPrimary" in entry for entry in answer):
        addresses[0] = replace(addresses[0], is_primary=True)
    return in_order(addresses)


def parse_touched(answer: Mapping[str, Any], connectivity: str) -> tuple[NatGatewayAddress, ...]:
    """Return the addresses that an answer to a mutating call lists: perhaps all, perhaps the touched ones only."""
    return tuple(_parse_all(answer.get("NatGatewayAddresses", ()), connectivity))


def parse_subnet(answer: Mapping[str, Any]) -> Subnet:
    """Return the subnet that one entry of DescribeSubnets' `Subnets` shows."""
    return Subnet(answer["SubnetId"], answer.get("CidrBlock", ""), int(answer.get("AvailableIpAddressCount", 0)))


def _parse_all(answer: Iterable[_Entry], connectivity: str) -> list[NatGatewayAddress]:
    has_elastic_ips = connectivity == ELASTIC_IPS.connectivity
    key_name = "AllocationId" if has_elastic_ips else "PrivateIp"
    return [_parse_address(entry, entry[key_name], has_elastic_ips) for entry in answer if entry.get(key_name)]


def _parse_address(entry: _Entry, key: str, is_elastic_ip: bool) -> NatGatewayAddress:
    private_ip = entry.get("PrivateIp", "")
    if private_ip:
        IPv4Address(private_ip)
    if is_elastic_ip and not is_allocation_id(key):
        raise ValueError(f'"{key}" is not an allocation id')
    status, message = entry.get("Status"), entry.get("FailureMessage")
    if status and status not in list(AddressStatus):
        # Taken as a transition: in the set, not in service, and the gateway is left alone meanwhile.
        message = message or f'its status "{status}" is not known to this version of natgw'
        status = AddressStatus.ASSIGNING
    return NatGatewayAddress(
        key=key,
        status=AddressStatus(status) if status else None,
        is_primary=bool(entry.get("IsPrimary", False)),
        network_interface_id=entry.get("NetworkInterfaceId"),
        failure_message=message,
        private_ip=private_ip if is_elastic_ip else None,
        public_ip=entry.get("PublicIp"),
        association_id=entry.get("AssociationId"),
    )
