"""The data source `natgw_nat_gateway`: one gateway, found by id or by what it matches.

It reads; it never guesses: none or several are an error that lists what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, Path, error
from natgw_provider.bridge.handlers import Context, DataSource, DataSourceResponse, Object
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import names
from natgw_provider.core.capacity import connection_capacity
from natgw_provider.core.declaration_checks import check_nat_gateway_id
from natgw_provider.core.gateway import NatGateway
from natgw_provider.resources.diagnostics import errors, explained
from natgw_provider.resources.engine import Configured
from natgw_provider.resources.looking import look
from natgw_provider.resources.nat_gateway_schema import SCHEMA
from natgw_provider.resources.observed import observed_attributes

_LISTED_AT_MOST = 10


class NatGatewayDataSource(DataSource):
    """A look at one gateway."""

    schema = SCHEMA

    def __init__(self, configured: Callable[[], Configured | None]) -> None:
        """`configured` returns the connected provider, or None while its block is not fully known."""
        self._configured = configured

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """An id alone, or at least one filter or tag, and no null inside these."""
        by_id = config[names.ID] is not None
        by_match = config["filter"] is not None or config["tags"] is not None
        if by_id != by_match:
            given: Any = None if config[names.ID] is UNKNOWN else config[names.ID]
            nothing = [_nothing_to_match(path) for path in _nulls(config)]
            return nothing + errors(check_nat_gateway_id(given, names.ID))
        found = "Both are set" if by_id else "None is set"
        detail = f"{found}. Give id, or filter or tags (or both of these) that match exactly one gateway."
        return [error("Either id, or filter and tags", detail, (names.ID,))]

    def read(self, config: Object, context: Context) -> DataSourceResponse:
        """Find the gateway and show it."""
        configured = self._configured()
        if configured is None:
            detail = "Apply first what the provider block depends on (terraform apply -target=...), then run again."
            raise DiagnosticsError([error("The provider block is not fully known", detail)])
        with explained():
            gateway = look(context, lambda: _find(config, configured))
            subnet = look(context, lambda: configured.engine.subnet(gateway.subnet_id))
        cidr, free = (subnet.cidr_block, subnet.available_ip_address_count) if subnet else (None, None)
        return DataSourceResponse({**config, **_shown(gateway, cidr), **_figures(gateway, free, configured.quota)})


def _nulls(config: Any) -> Iterator[Path]:
    """Yield where null stands inside filters and tags; what is not known yet is passed over."""
    filters, tags = config["filter"], config["tags"]
    for position, one in enumerate(filters if isinstance(filters, tuple) else ()):
        if one is None:
            yield ("filter", position)
        elif isinstance(one, dict):
            yield from (("filter", position, name) for name, value in one.items() if value is None)
            values = one["values"] if isinstance(one["values"], tuple) else ()
            yield from (("filter", position, "values", index) for index, value in enumerate(values) if value is None)
    for key, value in tags.items() if isinstance(tags, dict) else ():
        if value is None:
            yield ("tags", key)


def _nothing_to_match(path: Path) -> Diagnostic:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")
    return error("Nothing to match", f"{place} is null, which matches nothing. Leave it out, or give a value.", path)


def _find(config: Any, configured: Configured) -> NatGateway:
    nat_gateway_id = config[names.ID]
    if nat_gateway_id is not None:
        gateway = configured.engine.read(nat_gateway_id)
        if gateway is None or gateway.is_gone:
            raise DiagnosticsError([_not_there(nat_gateway_id, gateway, configured.engine.place())])
        return gateway
    filters = _filters(config)
    found = configured.engine.find(filters)
    living = found if "state" in filters else [gateway for gateway in found if not gateway.is_gone]
    if len(living) != 1:
        raise DiagnosticsError([_not_one(filters, living, configured.engine.place())])
    return living[0]


def _filters(config: Any) -> Mapping[str, Sequence[str]]:
    """Return filters as EC2 takes them; a name given twice has to match both ways, which EC2 cannot ask."""
    filters: dict[str, Sequence[str]] = {f"tag:{key}": (value,) for key, value in (config["tags"] or {}).items()}
    for position, one in enumerate(config["filter"] or ()):
        if one["name"] in filters:
            detail = f'"{one["name"]}" is asked for twice. Give all its values in one filter.'
            raise DiagnosticsError([error("Filter given twice", detail, ("filter", position))])
        filters[one["name"]] = tuple(one["values"])
    return filters


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
                "private_ip_address": address.private_ip,
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
    detail = f"{nat_gateway_id} {found}. Check the id (nat-...), the region and the credentials of the provider block."
    return error("NAT gateway not found", detail, (names.ID,))


def _not_one(filters: Mapping[str, Sequence[str]], found: Sequence[NatGateway], place: str) -> Diagnostic:
    asked = ", ".join(f"{name} = {' or '.join(values)}" for name, values in sorted(filters.items()))
    listed = "; ".join(
        f"{gateway.nat_gateway_id} ({gateway.name or 'no Name'}, {gateway.state.value}, {gateway.subnet_id})"
        for gateway in found[:_LISTED_AT_MOST]
    )
    more = f" and {len(found) - _LISTED_AT_MOST} more" if len(found) > _LISTED_AT_MOST else ""
    if found:
        detail = f"{len(found)} gateways match {asked}: {listed}{more}. Exactly one has to; add a filter or a tag."
        return error("More than one NAT gateway matches", detail)
    detail = f"None in {place} matches {asked}. Exactly one has to; check the names and values."
    return error("No NAT gateway matches", detail)


_SHARED = frozenset(attribute.name for attribute in SCHEMA.attributes)
