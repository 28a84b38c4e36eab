"""The data source `natgw_nat_gateway`: one gateway, found by id or by what it matches.

It reads; it never guesses: none or several are an error that lists what was found.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error
from natgw_provider.bridge.handlers import Context, DataSource, DataSourceResponse, Object
from natgw_provider.bridge.values import UNKNOWN, Unknown, is_given
from natgw_provider.core import names
from natgw_provider.core.capacity import connection_capacity
from natgw_provider.core.declaration_checks import check_nat_gateway_id
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.names import natural
from natgw_provider.resources.diagnostics import errors, explained
from natgw_provider.resources.engine import Configured
from natgw_provider.resources.nat_gateway_schema import SCHEMA
from natgw_provider.resources.observed import observed_attributes

_LISTED_AT_MOST = 10
_IF_DESTROYING = (
    "If the gateway was deleted and this is a destroy, run `terraform destroy -refresh=false`, or remove this data "
    "source and what uses it."
)
_GIVE_A_VALUE = "Leave it out, or give a value."
_FILTER_NAME = re.compile(r"nat-gateway-id|state|subnet-id|vpc-id|tag-key|tag:.+", re.DOTALL)
_FILTER_NAMES = "nat-gateway-id, state, subnet-id, vpc-id, tag-key and tag:KEY (such as tag:Name)"
"""The filters of DescribeNatGateways (EC2 API reference). It has none for the connectivity type."""


class NatGatewayDataSource(DataSource):
    """A look at one gateway."""

    schema = SCHEMA

    def __init__(self, configured: Callable[[], Configured | None]) -> None:
        """`configured` returns the connected provider, or None while its block is not fully known."""
        self._configured = configured

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Check the arguments by themselves; null is absent, and what is not known yet is not judged."""
        return problems_with_lookup(config)

    def read(self, config: Object, context: Context) -> DataSourceResponse:
        """Find the gateway and show it."""
        configured = self._configured()
        if configured is None:
            detail = "Apply first what the provider block depends on (terraform apply -target=...), then run again."
            raise DiagnosticsError([error("The provider block is not fully known", detail)])
        problems = problems_with_lookup(config)
        if problems:
            raise DiagnosticsError(problems)
        with explained():
            gateway = _find(config, configured)
            subnet = configured.engine.subnet(gateway.subnet_id)
        cidr, free = (subnet.cidr_block, subnet.available_ip_address_count) if subnet else (None, None)
        return DataSourceResponse({**config, **_shown(gateway, cidr), **_figures(gateway, free, configured.quota)})


def problems_with_lookup(config: Any) -> list[Diagnostic]:
    """Return what is wrong with a lookup: it takes an id, or filter and tags, which must hold something to match."""
    by_id, by_filter, by_tags = (is_given(config[name]) for name in (names.ID, "filter", "tags"))
    if by_id and (by_filter or by_tags):
        return [_either("Both are set")]
    if (by_id, by_filter, by_tags) == (False, False, False):
        return [_either("None is set")]
    filters = config["filter"] if isinstance(config["filter"], tuple) else ()
    tags = config["tags"] if isinstance(config["tags"], dict) else {}
    if None not in (by_id, by_filter, by_tags) and not (by_id or filters or tags):
        name = "filter" if by_filter else "tags"
        return [error("Nothing to match", f"{name} is empty, so every gateway would match. {_GIVE_A_VALUE}", (name,))]
    known_id = config[names.ID] if isinstance(config[names.ID], str) else None
    return [
        *errors(check_nat_gateway_id(known_id, names.ID)),
        *_problems_with_filters(filters, tags),
        *(_nothing_to_match("tags", f"tags.{key} is null") for key, value in tags.items() if value is None),
    ]


def _either(found: str) -> Diagnostic:
    detail = f"{found}. Give id, or filter or tags (or both of these) that match exactly one gateway."
    return error("Either id, or filter and tags", detail, (names.ID,))


def _problems_with_filters(filters: Sequence[Any], tags: Mapping[str, Any]) -> Iterator[Diagnostic]:
    """Yield what is wrong with each filter. A name given twice has to match both ways, which EC2 cannot be asked."""
    seen = {f"tag:{key}" for key in tags}
    for position, one in enumerate(filters):
        at = f"filter[{position}]"
        if one is None:
            yield _nothing_to_match("filter", f"{at} is null")
        elif isinstance(one, dict):
            yield from _problems_with_name(at, one["name"], seen)
            yield from _problems_with_values(at, one["values"])
            seen |= {one["name"]} - {UNKNOWN}


def _problems_with_name(at: str, name: str | Unknown | None, seen: set[str]) -> Iterator[Diagnostic]:
    if name is None:
        yield _nothing_to_match("filter", f"{at}.name is null")
    elif isinstance(name, str) and not _FILTER_NAME.fullmatch(name):
        detail = f'{at}.name is "{name}". DescribeNatGateways filters by {_FILTER_NAMES}.'
        yield error("Unknown filter", detail, ("filter",))
    elif name in seen:
        detail = f'{at} asks for "{name}" a second time. Give all its values in one filter.'
        yield error("Filter given twice", detail, ("filter",))


def _problems_with_values(at: str, values: Any) -> Iterator[Diagnostic]:
    if values is None or values == ():
        yield _nothing_to_match("filter", f"{at}.values is {'null' if values is None else 'empty'}")
    for index, value in enumerate(values if isinstance(values, tuple) else ()):
        if value is None:
            yield _nothing_to_match("filter", f"{at}.values[{index}] is null")


def _nothing_to_match(name: str, found: str) -> Diagnostic:
    return error("Nothing to match", f"{found}, which matches nothing. {_GIVE_A_VALUE}", (name,))


def _find(config: Any, configured: Configured) -> NatGateway:
    nat_gateway_id = config[names.ID]
    if nat_gateway_id is not None:
        gateway = configured.engine.read(nat_gateway_id)
        if gateway is None or gateway.is_gone:
            raise DiagnosticsError([_not_there(nat_gateway_id, gateway, configured.engine.location())])
        return gateway
    filters = _filters(config)
    found = configured.engine.find(filters)
    living = found if "state" in filters else [gateway for gateway in found if not gateway.is_gone]
    if len(living) != 1:
        raise DiagnosticsError([_not_one(filters, living, configured.engine.location())])
    return living[0]


def _filters(config: Any) -> Mapping[str, Sequence[str]]:
    """Return filters as EC2 takes them, from a lookup without problems."""
    tags = {f"tag:{key}": (value,) for key, value in (config["tags"] or {}).items()}
    return {**tags, **{one["name"]: tuple(one["values"]) for one in config["filter"] or ()}}


def _shown(gateway: NatGateway, cidr: str | None) -> Object:
    observed = observed_attributes(gateway, cidr)
    attributes = {name: observed[name] for name in observed if name in _SHARED}
    return {
        **attributes,
        "name": gateway.name,
        "state": gateway.state.value,
        "connectivity_type": gateway.connectivity_type,
        "addresses": tuple(
            {
                "private_ip_address": address.key,
                "status": address.status.value if address.status else None,
                "is_primary": address.is_primary,
                "failure_message": address.failure_message,
            }
            for address in gateway.addresses
        ),
    }


def _figures(gateway: NatGateway, free: int | None, quota: int) -> Object:
    in_service = len(gateway.in_service)
    return {
        "subnet_available_ip_address_count": free,
        "private_ip_address_quota": quota,
        "in_service_addresses": in_service,
        "connection_capacity": connection_capacity(in_service),
    }


def _not_there(nat_gateway_id: str, gateway: NatGateway | None, place: str) -> Diagnostic:
    found = f"is {gateway.state.value}" if gateway else f"does not exist in {place}"
    detail = (
        f"{nat_gateway_id} {found}. Check the id (nat-...), the region and the credentials of the provider block. "
        f"{_IF_DESTROYING}"
    )
    return error("NAT gateway not found", detail, (names.ID,))


def _not_one(filters: Mapping[str, Sequence[str]], found: Sequence[NatGateway], place: str) -> Diagnostic:
    asked = ", ".join(f"{name} = {' or '.join(values)}" for name, values in sorted(filters.items()))
    found = sorted(found, key=lambda gateway: (natural(gateway.name or ""), gateway.nat_gateway_id))
    listed = "; ".join(
        f"{gateway.nat_gateway_id} ({gateway.name or 'no Name'}, {gateway.state.value}, {gateway.subnet_id})"
        for gateway in found[:_LISTED_AT_MOST]
    )
    more = f" and {len(found) - _LISTED_AT_MOST} more" if len(found) > _LISTED_AT_MOST else ""
    if found:
        detail = f"{len(found)} gateways match {asked}: {listed}{more}. Exactly one has to; add a filter or a tag."
        return error("More than one NAT gateway matches", detail)
    detail = f"None in {place} matches {asked}. Exactly one has to; check the names and values. {_IF_DESTROYING}"
    return error("No NAT gateway matches", detail)


_SHARED = frozenset(attribute.name for attribute in SCHEMA.attributes)
