"""The four EC2 operations this provider uses, as thin calls on a botocore client: values in, snapshots out.

No retries and no state: the caller decides what an error means. Errors are those of `errors`. An answer without a
request id or without the member that it is for is not EC2's (see `answers`): botocore would show an empty result.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any, Final

from botocore import xform_name

from natgw_provider.aws.answers import member
from natgw_provider.aws.botocore_errors import sorted_errors
from natgw_provider.aws.errors import LostAnswer, NotFromAws, Rejected
from natgw_provider.aws.snapshot import Subnet, parse_gateway, parse_subnet, parse_touched
from natgw_provider.core.change_plan import Assign, Unassign
from natgw_provider.core.gateway import NatGateway, NatGatewayAddress
from natgw_provider.core.limits import DRAIN_SECONDS_DEFAULT
from natgw_provider.core.operations import ASSIGN, DESCRIBE, DESCRIBE_SUBNETS, UNASSIGN, AddressKind

FILTER_VALUES_MAXIMUM: Final = 200
"""Values that one filter takes (EC2 API reference, "Filter")."""

_PAGE: Final = 1000

PAGES_MAXIMUM: Final = 20
"""Pages of one answer, of up to 1,000 entries each: more gateways than a region has."""


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
        entries = list(self._pages(DESCRIBE, "NatGateways", Filter=_filters(filters), MaxResults=_PAGE))
        with _understood(DESCRIBE):
            return tuple(parse_gateway(entry) for entry in entries)

    def describe_subnets(self, subnet_ids: Iterable[str]) -> dict[str, Subnet]:
        """Return the subnets that exist among these, by id."""
        found: dict[str, Subnet] = {}
        for ids in _batches(subnet_ids):
            entries = list(self._pages(DESCRIBE_SUBNETS, "Subnets", Filters=_filters({"subnet-id": ids})))
            with _understood(DESCRIBE_SUBNETS):
                found |= {subnet.subnet_id: subnet for subnet in map(parse_subnet, entries)}
        return found

    def change(
        self,
        kind: AddressKind,
        nat_gateway_id: str,
        step: Assign | Unassign,
        max_drain_seconds: int = DRAIN_SECONDS_DEFAULT,
        *,
        dry_run: bool = False,
    ) -> tuple[NatGatewayAddress, ...]:
        """Assign or unassign as a step says; return the addresses that the answer lists.

        With `dry_run` nothing is changed and nothing returned, and an error says why it would not work.
        """
        operation = kind.assign if isinstance(step, Assign) else kind.unassign
        parameters = _PARAMETERS[operation](step, max_drain_seconds)
        try:
            answer = self._answer(
                operation, "NatGatewayAddresses", NatGatewayId=nat_gateway_id, **parameters, DryRun=dry_run
            )
        except Rejected as error:
            if dry_run and error.code == "DryRunOperation":
                return ()
            raise
        if dry_run:
            raise Rejected(operation, "DryRunIgnored", "the endpoint carried out a call that was only to be checked")
        with _understood(operation):
            return parse_touched(answer)

    def _pages(self, action: str, name: str, **parameters: Any) -> Iterator[Mapping[str, Any]]:
        tokens: set[str] = set()
        token: str | None = None
        for _ in range(PAGES_MAXIMUM):
            answer = self._answer(action, name, **parameters, **({"NextToken": token} if token else {}))
            yield from answer[name]
            token = answer.get("NextToken")
            if not token:
                return
            if token in tokens:
                raise NotFromAws(
                    action, "RepeatedPage", f'the endpoint answers with the page "{token}" again and again'
                )
            tokens.add(token)
        raise NotFromAws(action, "EndlessPages", f"the endpoint answers with more than {PAGES_MAXIMUM} pages")

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


def _assign_private_ips(step: Any, _max_drain_seconds: int) -> dict[str, Any]:
    return {"PrivateIpAddresses": list(step.addresses)} if step.addresses else {"PrivateIpAddressCount": step.count}


def _unassign_private_ips(step: Any, max_drain_seconds: int) -> dict[str, Any]:
    return {"PrivateIpAddresses": list(step.addresses), "MaxDrainDurationSeconds": max_drain_seconds}


_PARAMETERS: Final = {ASSIGN: _assign_private_ips, UNASSIGN: _unassign_private_ips}
"""What an operation is called with, for a step of a change plan and the drain time."""


def _filters(filters: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return [{"Name": name, "Values": list(values)} for name, values in sorted(filters.items())]


def _batches(ids: Iterable[str]) -> Iterator[list[str]]:
    remaining = iter(sorted(set(ids)))
    while batch := list(islice(remaining, FILTER_VALUES_MAXIMUM)):
        yield batch
