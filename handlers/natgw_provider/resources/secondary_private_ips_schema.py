"""The schema of `natgw_secondary_private_ips`: what users read in the docs, the editor and `terraform plan`.

Declarations only. The names stand in `core.names`, the numbers in `core.limits`.
"""

from __future__ import annotations

from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    IdentityAttribute,
    IdentitySchema,
    NestedAttributes,
    Schema,
    SetOf,
    Type,
)
from natgw_provider.core import limits, names

_ADDRESS_SET = SetOf(STRING)


def _computed(name: str, kind: Type, description: str) -> Attribute:
    return Attribute(name=name, type=kind, computed=True, description=description)


_ARGUMENTS = (
    Attribute(
        name=names.NAT_GATEWAY_ID,
        type=STRING,
        required=True,
        description="Id of a private NAT gateway. Another id moves the set in place: the addresses "
        f"are released on the old gateway, as `{names.ON_DESTROY}` says, then assigned on the new one, where nothing "
        "is unassigned.",
    ),
    Attribute(
        name=names.ADDRESSES,
        type=_ADDRESS_SET,
        optional=True,
        computed=True,
        description="The full set of secondary private IPv4 addresses. What is on the gateway and not in the set is "
        "unassigned; `[]` removes every secondary. Exactly one of this and "
        f"`{names.ADDRESS_COUNT}` is required.",
    ),
    Attribute(
        name=names.ADDRESS_COUNT,
        type=NUMBER,
        optional=True,
        computed=True,
        description=f"How many secondary addresses the gateway has, 0 to {limits.SECONDARY_ADDRESSES_MAXIMUM}. On "
        "growth AWS picks the addresses; on shrinking the numerically highest are unassigned, and the plan names them.",
    ),
    Attribute(
        name=names.MAX_DRAIN,
        type=NUMBER,
        optional=True,
        computed=True,
        description="Longest time, in seconds, that existing connections may drain before an address is released by "
        f"force, {limits.DRAIN_SECONDS_MINIMUM} to {limits.DRAIN_SECONDS_MAXIMUM}. "
        f"Default: {limits.DRAIN_SECONDS_DEFAULT}, as long as NAT keeps an idle TCP connection. "
        "A change of this alone makes no API call.",
    ),
    Attribute(
        name=names.WAIT_FOR_DRAIN,
        type=BOOL,
        optional=True,
        computed=True,
        description="Whether apply waits until drained addresses are released. Default: true. With false it returns "
        "once the drain has begun; a change that assigns after the drain waits all the same.",
    ),
    Attribute(
        name=names.MIN_IN_SERVICE,
        type=NUMBER,
        optional=True,
        computed=True,
        description="Fewest addresses, the primary included, that must take new connections at any moment of a "
        "change; a plan that would leave fewer fails. "
        f"Default: {limits.MIN_IN_SERVICE_DEFAULT}, the primary. Destroying is not held to it.",
    ),
    Attribute(
        name=names.ON_DESTROY,
        type=STRING,
        optional=True,
        computed=True,
        description=f'What destroy does: `"{names.ON_DESTROY_UNASSIGN}"` (default) drains and unassigns the managed '
        f'addresses, `"{names.ON_DESTROY_RETAIN}"` leaves the gateway as it is.',
    ),
    Attribute(
        name=names.TIMEOUTS,
        optional=True,
        nested=NestedAttributes(
            "single",
            tuple(
                Attribute(
                    name=operation,
                    type=STRING,
                    optional=True,
                    description=f"Longest time a {operation} may take, such as `15m`. Default: the drain time and "
                    f"{limits.TIMEOUT_MARGIN_SECONDS // 60} minutes; never shorter than the drain.",
                )
                for operation in names.TIMEOUT_OPERATIONS
            ),
        ),
        description="How long apply may take, as durations like `90s`, `15m` or `1h30m`.",
    ),
)

_LAST_CHANGE = Attribute(
    name=names.LAST_CHANGE,
    computed=True,
    nested=NestedAttributes(
        "single",
        (
            _computed("summary", STRING, "The whole change in one sentence, in the order in which it happens."),
            _computed("assign", _ADDRESS_SET, "Addresses assigned; known after apply where AWS picks them."),
            _computed("unassign", _ADDRESS_SET, "Addresses drained and unassigned, all in one call."),
            _computed(
                "order",
                STRING,
                "`assign_first` (make before break), `staged` (assign what fits, drain, assign the rest), "
                "`unassign_first` (the gateway is full), `assign_only`, `unassign_only` or `none`.",
            ),
            _computed("drain_windows", NUMBER, "How many times connections drain: 0 or 1."),
            _computed("max_drain_duration_seconds", NUMBER, "Longest time the drain may take, in seconds."),
            _computed("in_service_before", NUMBER, "Addresses that take new connections before, primary included."),
            _computed("in_service_low", NUMBER, "The fewest that do at any moment of the change."),
            _computed("in_service_after", NUMBER, "Those that do afterwards."),
        ),
    ),
    description="In a plan: what this apply will do to the gateway, and it does nothing else. In the state: what the "
    "last change did. It stays as it is when nothing changes.",
)

_OBSERVED = (
    _computed(names.ID, STRING, "The id of the NAT gateway."),
    _computed(names.PRIMARY, STRING, "The gateway's primary address, which is never touched."),
    _computed(names.SUBNET_ID, STRING, "The subnet of the gateway."),
    _computed(names.SUBNET_CIDR_BLOCK, STRING, "The subnet's IPv4 CIDR block, which every address has to be in."),
    _computed(names.VPC_ID, STRING, "The VPC of the gateway."),
    _computed(names.NETWORK_INTERFACE_ID, STRING, "The network interface of the gateway."),
    _computed(
        names.DRAINING,
        _ADDRESS_SET,
        "Addresses that are being released: they keep their connections and take no new ones.",
    ),
)

SCHEMA = Schema(
    0,
    "The secondary private IPv4 addresses of a private NAT gateway, as one exclusive set: addresses that are not "
    "declared are drained and unassigned. `terraform plan` shows in `last_change` what will be assigned and "
    "unassigned, in which order and how far capacity drops; apply does precisely that.",
    (*_ARGUMENTS, *_OBSERVED, _LAST_CHANGE),
)
"""State version 0."""

IDENTITY_SCHEMA = IdentitySchema(
    0,
    (IdentityAttribute(name=names.NAT_GATEWAY_ID, type=STRING, description="Id of the private NAT gateway."),),
)
"""The gateway's id alone: AWS gives it out once. Account and region would have to be asked for on every start, and the
identity would change with the answer."""
