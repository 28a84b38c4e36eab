"""Attributes declared once: schema, default, check, and what an attribute shows of a gateway, in one row.

The resource, the data source and the provider block have one table each. What Terraform and the handlers need of an
attribute follows from its row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from natgw_provider.bridge.schema import Attribute, NestedAttributes, Type
from natgw_provider.bridge.values import UNKNOWN, Value
from natgw_provider.core.gateway import NatGateway, NatGatewayAddress
from natgw_provider.core.problems import Problem

Object: TypeAlias = dict[str, Value]
Check: TypeAlias = Callable[[Any], tuple[Problem, ...]]
"""Returns what is wrong with the value of an attribute: None is absent, and what is inside it may be unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """A gateway and what belongs to it, as they are observed; None is not known.

    Attributes:
        gateway: the gateway.
        subnet_cidr_block: the IPv4 CIDR block of its subnet.
        free_addresses: how many addresses of its subnet are free.
        quota: how many private addresses the gateway may have, the primary included.
        address: the one address that a resource of one declares.
    """

    gateway: NatGateway
    subnet_cidr_block: str | None = None
    free_addresses: int | None = None
    quota: int | None = None
    address: NatGatewayAddress | None = None


Show: TypeAlias = Callable[[Observation], Value]
"""Returns the value of an attribute for an observed gateway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One attribute.

    Attributes:
        attribute: its schema.
        default: what it is when the configuration leaves it out; None has no default.
        check: what it must keep to by itself. Rules of more than one attribute, and those that the constructs check at
            synthesis, stand in `core.declaration_checks`.
        show: what it shows of a gateway; None shows nothing of it.
    """

    attribute: Attribute
    default: bool | int | str | None = None
    check: Check | None = None
    show: Show | None = None

    @property
    def name(self) -> str:
        """The attribute's name."""
        return self.attribute.name


@dataclass(frozen=True, slots=True)
class Table:
    """The attributes of one resource, one data source or the provider block."""

    rows: tuple[Row, ...]

    @property
    def attributes(self) -> tuple[Attribute, ...]:
        """The attributes of the schema."""
        return tuple(row.attribute for row in self.rows)

    @property
    def empty(self) -> Object:
        """Every attribute, as null."""
        return {row.name: None for row in self.rows}

    @property
    def arguments(self) -> tuple[str, ...]:
        """The attributes that a configuration can set."""
        return tuple(row.name for row in self.rows if row.attribute.required or row.attribute.optional)

    @property
    def defaults(self) -> Object:
        """The defaults by attribute."""
        return {row.name: row.default for row in self.rows if row.default is not None}

    @property
    def unknown_gateway(self) -> Object:
        """The attributes that only the gateway sets, each UNKNOWN, as they are planned while the gateway is unknown."""
        computed = (row for row in self.rows if row.show and row.attribute.computed and not row.attribute.optional)
        return {row.name: UNKNOWN for row in computed}

    def with_defaults(self, config: Mapping[str, Value]) -> Object:
        """Return the attributes that have a default, with the default where `config` has null."""
        return {name: default if config[name] is None else config[name] for name, default in self.defaults.items()}

    def shown(self, observed: Observation) -> Object:
        """Return every attribute that shows something of the gateway."""
        return {row.name: row.show(observed) for row in self.rows if row.show}

    def problems(self, config: Mapping[str, Value]) -> tuple[Problem, ...]:
        """Return what is wrong with each attribute by itself; what is not known yet is not judged."""
        checks = ((row.check, config[row.name]) for row in self.rows if row.check)
        return tuple(problem for check, value in checks if value is not UNKNOWN for problem in check(value))


def argument(
    name: str,
    kind: Type | NestedAttributes,
    description: str,
    *,
    required: bool = False,
    sensitive: bool = False,
    default: bool | int | str | None = None,
    check: Check | None = None,
    show: Show | None = None,
) -> Row:
    """Return the row of an argument: optional unless `required`, and computed where it has a default or shows."""
    nested = kind if isinstance(kind, NestedAttributes) else None
    attribute = Attribute(
        name=name,
        type=None if isinstance(kind, NestedAttributes) else kind,
        nested=nested,
        description=description,
        required=required,
        optional=not required,
        computed=not required and (default is not None or show is not None),
        sensitive=sensitive,
    )
    return Row(attribute=attribute, default=default, check=check, show=show)


def computed(name: str, kind: Type | NestedAttributes, description: str, show: Show | None = None) -> Row:
    """Return the row of an attribute that only the provider sets."""
    nested = kind if isinstance(kind, NestedAttributes) else None
    plain = None if isinstance(kind, NestedAttributes) else kind
    return Row(
        attribute=Attribute(name=name, type=plain, nested=nested, description=description, computed=True), show=show
    )


def members(*rows: Row) -> tuple[Attribute, ...]:
    """Return the attributes of a nested object."""
    return tuple(row.attribute for row in rows)
