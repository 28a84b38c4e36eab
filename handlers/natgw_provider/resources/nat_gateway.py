"""The data source `natgw_nat_gateway`: one gateway, found by id or by what it matches.

It reads; it never guesses: none or several are an error that lists what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError
from natgw_provider.bridge.handlers import Context, DataSource, DataSourceResponse, Object
from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, MapOf, NestedAttributes, Schema, SetOf
from natgw_provider.bridge.values import Value, is_given
from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.core.addresses import is_allocation_id
from natgw_provider.core.declaration_checks import check_nat_gateway_id
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.names import natural
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.resources.attributes import Observation, Row, Table, argument, computed, members
from natgw_provider.resources.configured import Configured, require_configured
from natgw_provider.resources.diagnostics import errors, explained
from natgw_provider.resources.gateway_filters import FILTER, ec2_filters, nothing_to_match, problems_with_filters
from natgw_provider.resources.resource_type import show_network_interface, show_primary

_LISTED_AT_MOST: Final = 10
_IF_DESTROYING: Final = (
    "If the gateway was deleted and this is a destroy, run `terraform destroy -refresh=false`, or remove this data "
    "source and what uses it."
)


def _show_addresses(observed: Observation) -> Value:
    return tuple(
        {
            "private_ip_address": address.private_address or None,
            "allocation_id": address.key if address.private_ip is not None else None,
            "association_id": address.association_id,
            "public_ip": address.public_ip,
            "status": address.status.value if address.status else None,
            "is_primary": address.is_primary,
            "failure_message": address.failure_message,
        }
        for address in observed.gateway.addresses
    )


def _primary_keys(observed: Observation) -> tuple[str, ...]:
    return (observed.gateway.primary.key,) if observed.gateway.primary else ()


def _allocation_ids(keys: Sequence[str]) -> tuple[str, ...]:
    """Return the allocation ids among the keys of addresses: all, or none on a private gateway."""
    return tuple(key for key in keys if is_allocation_id(key))


def _private_addresses(observed: Observation, keys: Sequence[str]) -> tuple[str, ...]:
    """Return the private addresses that belong to the keys of addresses."""
    private = {address.key: address.private_address for address in observed.gateway.addresses}
    return tuple(private[key] for key in keys if private[key])


_ADDRESS: Final = NestedAttributes(
    "list",
    members(
        computed("private_ip_address", STRING, "The private address; null while an Elastic IP has none."),
        computed("allocation_id", STRING, "The allocation id of an Elastic IP; null on a private gateway."),
        computed("association_id", STRING, "The id of an Elastic IP's association; null on a private gateway."),
        computed("public_ip", STRING, "The public address of an Elastic IP; null on a private gateway."),
        computed(
            "status",
            STRING,
            "`succeeded` or `failed`; on a private gateway `assigning` or `unassigning`, on a public one `associating` "
            "or `disassociating`; null where AWS names none.",
        ),
        computed("is_primary", BOOL, "Whether it is the primary."),
        computed("failure_message", STRING, "Why AWS could not assign or associate it."),
    ),
)


def _quota(kind: AddressKind) -> Row:
    def show(observed: Observation) -> int | None:
        return observed.quota if observed.gateway.connectivity_type == kind.connectivity else None

    return computed(
        kind.quota.argument,
        NUMBER,
        f"{kind.nouns[0].upper()}{kind.nouns[1:]} that a {kind.connectivity} gateway may have, the primary included, "
        "as the provider block says; null for another one.",
        show,
    )


TABLE: Final = Table(
    (
        argument(
            names.ID,
            STRING,
            "Id of the gateway. Give it, or `filter` or `tags`.",
            check=lambda nat_gateway_id: check_nat_gateway_id(nat_gateway_id, names.ID),
            show=lambda observed: observed.gateway.nat_gateway_id,
        ),
        argument(
            "filter",
            FILTER,
            "Filters that the gateway has to match, all of them. Gateways that are deleted, being deleted "
            "or failed are passed over unless a filter names their `state`.",
        ),
        argument("tags", MapOf(STRING), "Tags that the gateway has to have, all of them."),
        computed("name", STRING, "The tag `Name`.", lambda observed: observed.gateway.name),
        computed(
            "state",
            STRING,
            "The gateway's state, such as `available`.",
            lambda observed: observed.gateway.state.value,
        ),
        computed(
            "connectivity_type",
            STRING,
            "`private` or `public`.",
            lambda observed: observed.gateway.connectivity_type,
        ),
        computed(names.VPC_ID, STRING, "The VPC of the gateway.", lambda observed: observed.gateway.vpc_id),
        computed(names.SUBNET_ID, STRING, "The subnet of the gateway.", lambda observed: observed.gateway.subnet_id),
        computed(
            names.SUBNET_CIDR_BLOCK,
            STRING,
            "The subnet's IPv4 CIDR block.",
            lambda observed: observed.subnet_cidr_block,
        ),
        computed(
            "subnet_available_ip_address_count",
            NUMBER,
            "Free addresses of the subnet.",
            lambda observed: observed.free_addresses,
        ),
        computed(names.NETWORK_INTERFACE_ID, STRING, "The network interface of the gateway.", show_network_interface),
        computed(names.PRIMARY, STRING, "The primary private address.", show_primary),
        computed(
            names.ADDRESSES,
            SetOf(STRING),
            "The secondary private addresses, in service or on their way there.",
            lambda observed: _private_addresses(observed, observed.gateway.attached),
        ),
        computed(
            names.DRAINING,
            SetOf(STRING),
            "Private addresses that are being released.",
            lambda observed: _private_addresses(observed, observed.gateway.draining),
        ),
        computed(
            names.PRIMARY_ALLOCATION_ID,
            STRING,
            "The allocation id of the primary Elastic IP; null on a private gateway.",
            lambda observed: next(iter(_allocation_ids(_primary_keys(observed))), None),
        ),
        computed(
            names.ALLOCATION_IDS,
            SetOf(STRING),
            "The allocation ids of the secondary Elastic IPs, in service or on their way there; empty on a private "
            "gateway.",
            lambda observed: _allocation_ids(observed.gateway.attached),
        ),
        computed(
            names.DRAINING_ALLOCATION_IDS,
            SetOf(STRING),
            "The allocation ids of Elastic IPs that are being released; empty on a private gateway.",
            lambda observed: _allocation_ids(observed.gateway.draining),
        ),
        computed("addresses", _ADDRESS, "Every address with its status.", _show_addresses),
        *map(_quota, KINDS),
        computed(
            "in_service_addresses",
            NUMBER,
            "How many addresses take new connections, the primary included.",
            lambda observed: len(observed.gateway.in_service),
        ),
        computed(
            "connection_capacity",
            NUMBER,
            f"Simultaneous connections to one destination: {limits.CONNECTIONS_PER_ADDRESS} for each address in "
            "service.",
            lambda observed: limits.connection_capacity(len(observed.gateway.in_service)),
        ),
    )
)
"""Every attribute of the data source: `id`, or `filter` and `tags`, and what they find."""

SCHEMA: Final = Schema(
    0,
    "One NAT gateway with its addresses, found by id, or by filters and tags that match exactly one.",
    TABLE.attributes,
)


class NatGatewayDataSource(DataSource):
    """Reads one gateway, found by id or by what it matches."""

    schema = SCHEMA

    def __init__(self, configured: Callable[[], Configured | None]) -> None:
        """`configured` returns the connected provider, or None while its block is not fully known."""
        self._configured = configured

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Check the arguments by themselves; null is absent, and what is not known yet is not judged."""
        return errors(problems_with_lookup(config))

    def read(self, config: Object, context: Context) -> DataSourceResponse:
        """Find the gateway and show it."""
        with explained():
            configured = require_configured(self._configured)
            problems = problems_with_lookup(config)
            if problems:
                raise DiagnosticsError(errors(problems))
            gateway = _find(config, configured)
            subnet = configured.engine.subnet(gateway.subnet_id)
        observed = Observation(
            gateway=gateway,
            subnet_cidr_block=subnet.cidr_block if subnet else None,
            free_addresses=subnet.available_ip_address_count if subnet else None,
            quota=configured.quotas.get(gateway.connectivity_type),
        )
        return DataSourceResponse({**config, **TABLE.shown(observed)})


def problems_with_lookup(config: Any) -> tuple[Problem, ...]:
    """Return what is wrong with a lookup: it takes an id, or filter and tags, which must hold something to match."""
    by_id, by_filter, by_tags = (is_given(config[name]) for name in (names.ID, "filter", "tags"))
    if by_id and (by_filter or by_tags):
        return (_either("Both are set"),)
    if (by_id, by_filter, by_tags) == (False, False, False):
        return (_either("None is set"),)
    filters = config["filter"] if isinstance(config["filter"], tuple) else ()
    tags = config["tags"] if isinstance(config["tags"], dict) else {}
    if None not in (by_id, by_filter, by_tags) and not (by_id or filters or tags):
        name = "filter" if by_filter else "tags"
        return (nothing_to_match(name, f"{name} is empty, so every gateway would match."),)
    return (*TABLE.problems(config), *problems_with_filters(filters, tags))


def _either(found: str) -> Problem:
    detail = f"{found}. Give id, or filter or tags (or both of these) that match exactly one gateway."
    return Problem((names.ID,), "Either id, or filter and tags", detail)


def _find(config: Any, configured: Configured) -> NatGateway:
    nat_gateway_id = config[names.ID]
    if nat_gateway_id is not None:
        gateway = configured.engine.read(nat_gateway_id)
        if gateway is None or gateway.is_gone:
            raise ProblemError(_not_found(nat_gateway_id, gateway, configured.engine.location()))
        return gateway
    filters = ec2_filters(config)
    found = configured.engine.find(filters)
    living = found if "state" in filters else [gateway for gateway in found if not gateway.is_gone]
    if len(living) != 1:
        raise ProblemError(_not_one(filters, living, configured.engine.location()))
    return living[0]


def _not_found(nat_gateway_id: str, gateway: NatGateway | None, location: str) -> Problem:
    found = f"is {gateway.state.value}" if gateway else f"does not exist in {location}"
    detail = (
        f"{nat_gateway_id} {found}. Check the id (nat-...), the region and the credentials of the provider block. "
        f"{_IF_DESTROYING}"
    )
    return Problem((names.ID,), "NAT gateway not found", detail)


def _not_one(filters: Mapping[str, Sequence[str]], found: Sequence[NatGateway], location: str) -> Problem:
    asked = ", ".join(f"{name} = {' or '.join(values)}" for name, values in sorted(filters.items()))
    found = sorted(found, key=lambda gateway: (natural(gateway.name or ""), gateway.nat_gateway_id))
    listed = "; ".join(
        f"{gateway.nat_gateway_id} ({gateway.name or 'no Name'}, {gateway.state.value}, {gateway.subnet_id})"
        for gateway in found[:_LISTED_AT_MOST]
    )
    more = f" and {len(found) - _LISTED_AT_MOST} more" if len(found) > _LISTED_AT_MOST else ""
    if found:
        detail = f"{len(found)} gateways match {asked}: {listed}{more}. Exactly one has to; add a filter or a tag."
        return Problem((), "More than one NAT gateway matches", detail)
    detail = f"None in {location} matches {asked}. Exactly one has to; check the names and values. {_IF_DESTROYING}"
    return Problem((), "No NAT gateway matches", detail)
