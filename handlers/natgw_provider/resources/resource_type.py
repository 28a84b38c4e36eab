"""What the handlers know of a resource type: its kind of addresses, its attributes, what a state of it holds.

All resource types share their handlers, planning and applying. What differs between them is a `ResourceType`, which a
`Declaration` carries. The rows of attributes that several types have stand here too.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, Final

from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, IdentitySchema, NestedAttributes, Schema
from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.gateway import NatGateway
from natgw_provider.resources.attributes import Object, Observation, Row, Table, argument, computed, members


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceType(ABC):
    """One resource type.

    Attributes:
        kind: the kind of addresses that it manages.
        name: its name in configurations.
        argument: the argument that declares its addresses.
        table: its attributes.
        schema: its schema.
        identity_schema: the schema of its identity.
    """

    kind: AddressKind
    name: str
    argument: str
    table: Table
    schema: Schema
    identity_schema: IdentitySchema

    @abstractmethod
    def held(self, state: Any) -> tuple[Any, ...]:
        """Return the addresses that a state holds: in service or on their way there. A damaged one may hold null."""

    @abstractmethod
    def draining(self, state: Any) -> tuple[Any, ...]:
        """Return the addresses that a state shows as draining."""

    def observed(self, gateway: NatGateway, subnet_cidr_block: str | None) -> Object:
        """Return every attribute that shows something of the gateway."""
        return self.table.shown(Observation(gateway=gateway, subnet_cidr_block=subnet_cidr_block))


def show_primary(observed: Observation) -> str | None:
    """Return the private address of the primary; None while AWS shows none yet."""
    primary = observed.gateway.primary
    return (primary.private_address or None) if primary else None


def show_network_interface(observed: Observation) -> str | None:
    """Return the id of the gateway's network interface; None while AWS shows none yet."""
    primary = observed.gateway.primary
    return primary.network_interface_id if primary else None


def setting_rows(kind: AddressKind, managed: str) -> tuple[Row, Row, Row]:
    """Return the rows of the settings that every resource type has; `managed` is what a destroy drains."""
    release, retain = kind.on_destroy_choices
    return (
        argument(
            names.MAX_DRAIN,
            NUMBER,
            f"Longest time, in seconds, that existing connections may drain before an {kind.noun} is released by "
            f"force, {limits.DRAIN_SECONDS_MINIMUM} to {limits.DRAIN_SECONDS_MAXIMUM}. "
            f"Default: {limits.DRAIN_SECONDS_DEFAULT}, as long as NAT keeps an idle TCP connection. "
            "A change of this alone makes no API call.",
            default=limits.DRAIN_SECONDS_DEFAULT,
        ),
        argument(
            names.WAIT_FOR_DRAIN,
            BOOL,
            f"Whether apply waits until drained {kind.nouns} are released. Default: true. With false it returns "
            f"once the drain has begun; a change that {kind.add.base}s after the drain waits all the same.",
            default=True,
        ),
        argument(
            names.ON_DESTROY,
            STRING,
            f'What destroy does: `"{release}"` (default) drains and {release}s {managed}, `"{retain}"` leaves the '
            "gateway as it is.",
            default=release,
        ),
    )


TIMEOUTS_ROW: Final = argument(
    names.TIMEOUTS,
    NestedAttributes(
        "single",
        members(
            *(
                argument(
                    operation,
                    STRING,
                    f"Longest time a {operation} may take, such as `15m`. Default: the drain time and "
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
