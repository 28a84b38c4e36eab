"""The attributes of `natgw_secondary_private_ips`: what users read in the docs, the editor and `terraform plan`.

Declarations only. The rules that the constructs check as well stand in `core.declaration_checks`.
"""

from __future__ import annotations

from typing import Final

from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    IdentityAttribute,
    IdentitySchema,
    NestedAttributes,
    Schema,
    SetOf,
)
from natgw_provider.core import limits, names
from natgw_provider.resources.attributes import Observation, Table, argument, computed, members


def show_primary(observed: Observation) -> str | None:
    """Return the primary address; None while AWS shows none yet."""
    primary = observed.gateway.primary
    return (primary.private_address or None) if primary else None


def show_network_interface(observed: Observation) -> str | None:
    """Return the id of the gateway's network interface; None while AWS shows none yet."""
    primary = observed.gateway.primary
    return primary.network_interface_id if primary else None


_ARGUMENTS: Final = (
    argument(
        names.NAT_GATEWAY_ID,
        STRING,
        "Id of a private NAT gateway. Another id moves the set in place: the addresses "
        f"are released on the old gateway, as `{names.ON_DESTROY}` says, then assigned on the new one, where nothing "
        "is unassigned.",
        required=True,
        show=lambda observed: observed.gateway.nat_gateway_id,
    ),
    argument(
        names.ADDRESSES,
        SetOf(STRING),
        "The full set of secondary private IPv4 addresses. What is on the gateway and not in the set is "
        "unassigned; `[]` removes every secondary. Exactly one of this and "
        f"`{names.ADDRESS_COUNT}` is required.",
        show=lambda observed: observed.gateway.attached,
    ),
    argument(
        names.ADDRESS_COUNT,
        NUMBER,
        f"How many secondary addresses the gateway has, 0 to {limits.SECONDARY_ADDRESSES_MAXIMUM}. On "
        "growth AWS picks the addresses; on shrinking the numerically highest are unassigned, and the plan names them.",
        show=lambda observed: len(observed.gateway.attached),
    ),
    argument(
        names.MAX_DRAIN,
        NUMBER,
        "Longest time, in seconds, that existing connections may drain before an address is released by "
        f"force, {limits.DRAIN_SECONDS_MINIMUM} to {limits.DRAIN_SECONDS_MAXIMUM}. "
        f"Default: {limits.DRAIN_SECONDS_DEFAULT}, as long as NAT keeps an idle TCP connection. "
        "A change of this alone makes no API call.",
        default=limits.DRAIN_SECONDS_DEFAULT,
    ),
    argument(
        names.WAIT_FOR_DRAIN,
        BOOL,
        "Whether apply waits until drained addresses are released. Default: true. With false it returns "
        "once the drain has begun; a change that assigns after the drain waits all the same.",
        default=True,
    ),
    argument(
        names.MIN_IN_SERVICE,
        NUMBER,
        "Fewest addresses, the primary included, that must take new connections at any moment of a "
        "change; a plan that would leave fewer fails. "
        f"Default: {limits.MIN_IN_SERVICE_DEFAULT}, the primary. Destroying is not held to it.",
        default=limits.MIN_IN_SERVICE_DEFAULT,
    ),
    argument(
        names.ON_DESTROY,
        STRING,
        f'What destroy does: `"{names.ON_DESTROY_UNASSIGN}"` (default) drains and unassigns the managed '
        f'addresses, `"{names.ON_DESTROY_RETAIN}"` leaves the gateway as it is.',
        default=names.ON_DESTROY_UNASSIGN,
    ),
    argument(
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
    ),
)

_OBSERVED: Final = (
    computed(names.ID, STRING, "The id of the NAT gateway.", lambda observed: observed.gateway.nat_gateway_id),
    computed(names.PRIMARY, STRING, "The gateway's primary address, which is never touched.", show_primary),
    computed(names.SUBNET_ID, STRING, "The subnet of the gateway.", lambda observed: observed.gateway.subnet_id),
    computed(
        names.SUBNET_CIDR_BLOCK,
        STRING,
        "The subnet's IPv4 CIDR block, which every address has to be in.",
        lambda observed: observed.subnet_cidr_block,
    ),
    computed(names.VPC_ID, STRING, "The VPC of the gateway.", lambda observed: observed.gateway.vpc_id),
    computed(names.NETWORK_INTERFACE_ID, STRING, "The network interface of the gateway.", show_network_interface),
    computed(
        names.DRAINING,
        SetOf(STRING),
        "Addresses that are being released: they keep their connections and take no new ones.",
        lambda observed: observed.gateway.draining,
    ),
)

_LAST_CHANGE: Final = computed(
    names.LAST_CHANGE,
    NestedAttributes(
        "single",
        members(
            computed(
                "summary",
                STRING,
                "The whole change in one sentence, its steps in the order in which they happen and joined by `, then "
                "`: `wait until the gateway is idle`, `assign ADDRESSES`, `assign N that AWS picks`, `drain ADDRESSES "
                "for up to TIME`; or `nothing`. For a move: `move from ID to ID: `, then the steps, `on ID` behind "
                "the addresses, `leave ADDRESSES on ID` for those that are retained.",
            ),
            computed(
                "assign",
                STRING,
                "The addresses assigned, such as `10.0.0.21, 10.0.0.22`, or `none`; known after apply where AWS picks "
                "them.",
            ),
            computed(
                "unassign",
                STRING,
                "The addresses drained and unassigned, all in one call, or `none`. A move unassigns `none` on the "
                "gateway that it moves to; its `summary` says what the other one releases.",
            ),
            computed(
                "in_service",
                STRING,
                "How many addresses take new connections, the primary included, such as `3 now, 2 at the lowest, 3 "
                "after`: before the change, the fewest at any moment of it, and when it is done.",
            ),
            computed("drain", STRING, "How long connections may drain, such as `up to 350 s`, or `none`."),
        ),
    ),
    "In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the "
    "last change did. It stays as it is when nothing changes. Each part is a text that stands for itself, since "
    "Terraform shows it beside that of the previous change; for programs, `natgw review --format json` has the same as "
    "data.",
)

TABLE: Final = Table((*_ARGUMENTS, *_OBSERVED, _LAST_CHANGE))
"""Every attribute of the resource."""

SCHEMA: Final = Schema(
    1,
    "The secondary private IPv4 addresses of a private NAT gateway, as one exclusive set: addresses that are not "
    "declared are drained and unassigned. `terraform plan` shows in `last_change` what will be assigned and "
    "unassigned, in which order and how far capacity drops; apply does precisely that.",
    TABLE.attributes,
)
"""State version 1. In version 0 the parts of `last_change` were sets and numbers."""

IDENTITY_SCHEMA: Final = IdentitySchema(
    0,
    (IdentityAttribute(name=names.NAT_GATEWAY_ID, type=STRING, description="Id of the private NAT gateway."),),
)
"""The gateway's id alone: AWS gives it out once. Account and region would take a call on every start, and the identity
would change with the answer."""
