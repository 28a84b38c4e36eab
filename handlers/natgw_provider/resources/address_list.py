"""`list` blocks: what `terraform query` finds of a resource type, ready to be imported.

It reads page by page and keeps one page. What is listed is exactly what can be imported.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from typing import Any, Final

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, warning
from natgw_provider.bridge.handlers import Context, ListEvent, ListRequest, ListResource, Object
from natgw_provider.bridge.schema import STRING, MapOf, Schema
from natgw_provider.core import names
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.names import natural
from natgw_provider.core.plan_checks import check_gateway
from natgw_provider.core.problems import Problem
from natgw_provider.resources.attributes import Check, Table, argument
from natgw_provider.resources.configured import Configured, require_configured
from natgw_provider.resources.diagnostics import errors, explained
from natgw_provider.resources.gateway_filters import FILTER, ec2_filters, problems_with_filters
from natgw_provider.resources.resource_type import ResourceType

_PASSED_OVER: Final = {"private": "public", "public": "private and regional"}
"""The gateways that have another kind of addresses, or cannot be managed."""

_EC2_NAMES: Final = {names.VPC_ID: "vpc-id", names.SUBNET_ID: "subnet-id"}
"""The filters of DescribeNatGateways that these arguments stand for."""


def _begins_with(prefix: str, name: str) -> Check:
    def check(value: str | None) -> tuple[Problem, ...]:
        if value is None or value.startswith(prefix):
            return ()
        detail = f'{name} is "{value}". Give an id that begins with {prefix}, or leave it out.'
        return (Problem((name,), "Not an id", detail),)

    return check


TABLE: Final = Table(
    (
        argument("filter", FILTER, "Filters that a gateway has to match, all of them."),
        argument("tags", MapOf(STRING), "Tags that a gateway has to have, all of them."),
        argument(
            names.VPC_ID,
            STRING,
            "The VPC that a gateway has to be in.",
            check=_begins_with("vpc-", names.VPC_ID),
        ),
        argument(
            names.SUBNET_ID,
            STRING,
            "The subnet that a gateway has to be in.",
            check=_begins_with("subnet-", names.SUBNET_ID),
        ),
    )
)
"""Every attribute of the `config` block of the `list` block."""


def _schema(declared: ResourceType) -> Schema:
    kind, passed = declared.kind, _PASSED_OVER[declared.kind.connectivity]
    what = f"secondary {kind.nouns} of the " if declared.is_single else ""
    return Schema(
        0,
        f"Lists the {what}{kind.connectivity} NAT gateways of the provider's region and account. Deleted, failed "
        f"and {passed} gateways are not listed. All arguments are optional; a gateway has to match all that are given.",
        TABLE.attributes,
    )


class AddressList(ListResource):
    """The NAT gateways of an account that have one kind of addresses, as the resources that they can be."""

    def __init__(self, declared: ResourceType, configured: Callable[[], Configured | None]) -> None:
        """`configured` returns the connected provider, or None while its block is not fully known."""
        self._type = declared
        self._configured = configured
        self.schema = _schema(declared)

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Check the arguments by themselves; null is absent, and what is not known yet is not judged."""
        return errors(_problems(config))

    def list(self, request: ListRequest, context: Context) -> Generator[ListEvent, None, None]:
        """Yield an event for each resource that a gateway can be; a warning when none matches."""
        listed = passed_over = 0
        with explained():
            configured = require_configured(self._configured)
            if problems := errors(_problems(request.config)):
                raise DiagnosticsError(problems)
            for page in configured.engine.find_pages(_filters(request.config), context.stop):
                gateways = [gateway for gateway in page if not check_gateway(self._type.kind, gateway)]
                passed_over += len(page) - len(gateways)
                for event in _events(self._type, gateways, configured, whole=request.include_resource):
                    listed += 1
                    yield event
        if not listed:
            yield ListEvent(diagnostics=[_none_matches(self._type, passed_over, configured)])


def _problems(config: Any) -> Iterator[Problem]:
    filters = config["filter"] if isinstance(config["filter"], tuple) else ()
    tags = config["tags"] if isinstance(config["tags"], dict) else {}
    yield from problems_with_filters(filters, tags, _ids(config))
    yield from TABLE.problems(config)


def _filters(config: Any) -> Mapping[str, Sequence[str]]:
    return {**_ids(config), **ec2_filters(config)}


def _ids(config: Any) -> Mapping[str, Sequence[str]]:
    """Return the filters that the arguments other than `filter` and `tags` stand for."""
    return {ec2_name: (config[name],) for name, ec2_name in _EC2_NAMES.items() if config[name] is not None}


def _events(
    declared: ResourceType, gateways: Sequence[NatGateway], configured: Configured, *, whole: bool
) -> Iterator[ListEvent]:
    """Yield the events of one page; for whole resources its subnets are read together."""
    subnets = {gateway.subnet_id for gateway in gateways if gateway.subnet_id} if whole else ()
    blocks = configured.engine.subnet_cidr_blocks(subnets) if subnets else {}
    for gateway in sorted(gateways, key=lambda it: (natural(it.name or ""), it.nat_gateway_id)):
        for identity in declared.identities_on(gateway):
            resource_id = declared.id_of(identity)
            yield ListEvent(
                identity=identity,
                display_name=f"{_one_line(gateway.name)} ({resource_id})" if gateway.name else resource_id,
                resource=_resource(declared, identity, gateway, blocks.get(gateway.subnet_id or "")) if whole else None,
            )


def _one_line(name: str) -> str:
    """Return a tag's value without line breaks and control characters: Terraform prints it as it is."""
    return "".join(letter for letter in " ".join(name.split()) if letter.isprintable())


def _resource(declared: ResourceType, identity: Object, gateway: NatGateway, cidr_block: str | None) -> Object:
    """Return what a read after an import would return."""
    table = declared.table
    state = {**table.empty, **table.defaults, **identity}
    return {**state, **declared.observed(gateway, cidr_block, state)}


def _none_matches(declared: ResourceType, passed_over: int, configured: Configured) -> Diagnostic:
    kind, passed = declared.kind, _PASSED_OVER[declared.kind.connectivity]
    others = f" {passed_over} that match are {passed}, failed or deleted." if passed_over else ""
    location = configured.engine.location()
    return warning(
        f"No {f'secondary {kind.noun} of a ' if declared.is_single else ''}{kind.connectivity} NAT gateway matches",
        f"None was found in {location}.{others} Check region, credentials and arguments.",
    )
