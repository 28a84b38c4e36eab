"""What the handlers know of a resource type: its kind of addresses, its attributes, what a state of it holds.

All resource types share their handlers, planning and applying. What differs between them is a `ResourceType`, which a
`Declaration` carries. The rows of attributes that several types have stand here too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    IdentityAttribute,
    IdentitySchema,
    NestedAttributes,
    Schema,
)
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.diff import ExactSet, Part
from natgw_provider.core.gateway import NatGateway, NatGatewayAddress
from natgw_provider.core.settings import SETTINGS
from natgw_provider.resources.attributes import Object, Observation, Row, Table, argument, computed, members


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ResourceType(ABC):
    """One resource type.

    Attributes:
        kind: the kind of addresses that it manages, with the names of this type and its arguments.
        is_single: whether it declares one address and shares the gateway with others, instead of the full set.
        table: its attributes.
        schema: its schema.
        identity_schema: the schema of its identity: the gateway, and the address of a single one.
    """

    kind: AddressKind
    is_single: bool
    table: Table
    schema: Schema
    identity_schema: IdentitySchema

    @property
    def name(self) -> str:
        """Its name in configurations."""
        return self.kind.resource_type

    @property
    def argument(self) -> str:
        """The argument that declares its addresses."""
        return self.kind.argument

    @property
    def identity_names(self) -> tuple[str, ...]:
        """The arguments that identify a resource, in the order in which its id has them."""
        return tuple(attribute.name for attribute in self.identity_schema.attributes)

    def id_of(self, state: Mapping[str, Any]) -> Any:
        """Return the id of a resource, "nat-0a1b2c3d" or "nat-0a1b2c3d/10.0.0.21"; UNKNOWN while a part of it is."""
        parts = [state[name] for name in self.identity_names]
        return UNKNOWN if UNKNOWN in parts else "/".join(parts)

    def parts_of_id(self, text: str) -> Object:
        """Return the arguments that an id stands for; empty for what it lacks."""
        parts = text.split("/", len(self.identity_names) - 1)
        return {name: parts[at] if at < len(parts) else "" for at, name in enumerate(self.identity_names)}

    def identity_of(self, state: Mapping[str, Any] | None) -> Object | None:
        """Return what identifies the resource of a state; None while that is not known."""
        identity = {name: (state or {}).get(name) for name in self.identity_names}
        return identity if all(isinstance(value, str) for value in identity.values()) else None

    def identities_on(self, gateway: NatGateway) -> tuple[Object, ...]:
        """Return what identifies the resources of this type that a gateway can be imported as."""
        found: Object = {names.NAT_GATEWAY_ID: gateway.nat_gateway_id}
        return tuple({**found, self.argument: key} for key in gateway.attached) if self.is_single else (found,)

    def claimed(self, config: Mapping[str, Any]) -> Any:
        """Return the address that a resource has its gateway for; None when that is all of them."""
        return config[self.argument] if self.is_single else None

    def change_parts(self, change: Object) -> Object:
        """Return those parts of `last_change` that this resource type has."""
        nested = self.schema.attribute(names.LAST_CHANGE).nested
        return {part.name: change[part.name] for part in (nested.attributes if nested else ())}

    def observed(self, gateway: NatGateway, subnet_cidr_block: str | None, state: Mapping[str, Any]) -> Object:
        """Return every attribute that shows something of the gateway, for the resource that `state` belongs to."""
        address = next(iter(self.own(state, gateway)), None)
        seen = Observation(gateway=gateway, subnet_cidr_block=subnet_cidr_block, address=address)
        shown = self.table.shown(seen)
        return {**shown, names.ID: self.id_of({**state, **shown})}

    @abstractmethod
    def declared(self, config: Any) -> Any:
        """Return the declared addresses: a tuple, UNKNOWN, or None where a count is declared."""

    @abstractmethod
    def declared_private_ips(self, config: Any) -> dict[str, Any]:
        """Return the private addresses that are declared for Elastic IPs, by allocation id."""

    @abstractmethod
    def target(self, addresses: tuple[str, ...]) -> ExactSet | Part:
        """Return what the gateway is to have when these addresses are declared."""

    @abstractmethod
    def judged(self, gateway: NatGateway, addresses: tuple[str, ...]) -> NatGateway:
        """Return the gateway as a plan for these addresses judges it."""

    @abstractmethod
    def own(self, state: Any, gateway: NatGateway) -> tuple[NatGatewayAddress, ...]:
        """Return the secondaries of the gateway that belong to the resource of a state, whatever their status."""

    @abstractmethod
    def held(self, state: Any) -> tuple[Any, ...]:
        """Return the addresses that a state holds: in service or on their way there. A damaged one may hold null."""

    @abstractmethod
    def draining(self, state: Any) -> tuple[Any, ...]:
        """Return the addresses that a state shows as draining."""


def show_primary(observed: Observation) -> str | None:
    """Return the private address of the primary; None while AWS shows none yet."""
    primary = observed.gateway.primary
    return (primary.private_address or None) if primary else None


def show_network_interface(observed: Observation) -> str | None:
    """Return the id of the gateway's network interface; None while AWS shows none yet."""
    primary = observed.gateway.primary
    return primary.network_interface_id if primary else None


_TYPES: Final = {bool: BOOL, int: NUMBER, str: STRING}


def setting_rows(kind: AddressKind, *, is_single: bool) -> tuple[Row, ...]:
    """Return the rows of the settings that a resource type has."""
    managed = f"the {kind.noun}" if is_single else f"the managed {kind.nouns}"
    rows = []
    for name, setting in SETTINGS.items():
        if setting.is_for_single or not is_single:
            default = setting.default_for(kind)
            rows.append(argument(name, _TYPES[type(default)], setting.describe(kind, managed), default=default))
    return tuple(rows)


def last_change_row(description: str, **parts: str) -> Row:
    """Return the row of `last_change`, with what each of its parts says."""
    rows = (computed(name, STRING, text) for name, text in parts.items())
    return computed(names.LAST_CHANGE, NestedAttributes("single", members(*rows)), description)


def gateway_identity(kind: AddressKind) -> IdentityAttribute:
    """Return the part of an identity that is the gateway's id."""
    description = f"Id of the {kind.connectivity} NAT gateway."
    return IdentityAttribute(name=names.NAT_GATEWAY_ID, type=STRING, description=description)


TIMEOUTS_ROW: Final = argument(
    names.TIMEOUTS,
    NestedAttributes(
        "single",
        members(
            *(
                argument(
                    operation,
                    STRING,
                    f"Longest time that {operation} may take, such as `15m`. Default: the drain time and "
                    f"{limits.TIMEOUT_MARGIN_SECONDS // 60} minutes; never shorter than the drain.",
                )
                for operation in names.TIMEOUT_OPERATIONS
            )
        ),
    ),
    "How long apply may take, as durations like `90s`, `15m` or `1h30m`.",
)

ID_ROW: Final = computed(
    names.ID, STRING, "The id of the NAT gateway.", lambda observed: observed.gateway.nat_gateway_id
)
