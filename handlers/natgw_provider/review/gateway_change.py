"""What one operation of a plan does to one gateway: the row of a review, as data.

`rows` makes rows of a plan, `judging` finds what is risky about them. Resources of one address each that are on one
gateway share a row, because apply changes them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from natgw_provider.core.address_kinds import KIND_OF_TYPE, AddressKind
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import Order
from natgw_provider.core.durations import format_seconds

_Addresses = tuple[str, ...]


class Action(StrEnum):
    """What Terraform does with the resource; a replacement is a DELETE and a CREATE."""

    NONE = "none"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    FORGET = "forget"


class Move(StrEnum):
    """Which half of a move to another gateway a row is; both are updates."""

    NONE = ""
    FROM = "from"
    TO = "to"


class Condition(StrEnum):
    """What has to be found at apply for a row to happen, where the gateway's id is not known at plan."""

    NONE = ""
    SAME_GATEWAY = "same_gateway"
    OTHER_GATEWAY = "other_gateway"


_CONDITIONS: Final = {
    Condition.NONE: "",
    Condition.SAME_GATEWAY: ", if the gateway stays the same",
    Condition.OTHER_GATEWAY: ", if it is another gateway",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayChange:
    """One operation on one gateway. Numbers in service include the primary.

    Attributes:
        stack: what its plan is called.
        resource_address: of the Terraform resource.
        resource_type: its type.
        more_resource_addresses: the other resources of a row that several share.
        action: what Terraform does with the resource.
        is_replacement: whether the same plan deletes and creates the resource.
        move: which half of a move to another gateway it is.
        other_gateway_id: the gateway of the other half; None while it is known only after apply.
        condition: what has to be found at apply for it to happen.
        nat_gateway_id: None while it is known only after apply.
        name: the gateway's tag `Name`, where the plan has it.
        public_ips: the public addresses of Elastic IPs by allocation id, where the plan has them.
        is_decided: whether the plan has all of the change; a row that is not decided drains nothing.
        kept: secondaries that stay; None while not known.
        assign: addresses assigned; None where AWS picks them or they are not known.
        assign_count: how many are assigned; None while not known.
        unassign: addresses drained and unassigned.
        unmanaged: those of `unassign` that Terraform did not assign.
        released: those of `unassign` whose Elastic IP the same plan releases, and no replacement is created first.
        draining: addresses of an earlier drain that is still running.
        order: in which order AWS is called; None while not known.
        summary: the change in one sentence, as `last_change` has it; empty while not known.
        window_seconds: longest time connections may drain; None when nothing drains or it is not known.
        waits: whether apply waits until drained addresses are released.
        in_service_before: addresses that take new connections now; None while not known.
        in_service_low: the fewest that do during the change.
        in_service_after: those that do after the change.
        timeout_seconds: when apply gives up; 0 when it calls nothing, None while not known.
        primary: the primary address, where known.
        gateway_fate: "deleted" or "replaced" when the same plan does that to the gateway itself, or empty.
        is_sensitive: whether a value is marked as sensitive, so that no address may be shown.
    """

    stack: str
    resource_address: str
    resource_type: str
    action: Action
    more_resource_addresses: tuple[str, ...] = ()
    is_replacement: bool = False
    move: Move = Move.NONE
    other_gateway_id: str | None = None
    condition: Condition = Condition.NONE
    nat_gateway_id: str | None = None
    name: str | None = None
    public_ips: Mapping[str, str] = field(default_factory=dict)
    is_decided: bool = True
    kept: _Addresses | None = ()
    assign: _Addresses | None = ()
    assign_count: int | None = 0
    unassign: _Addresses = ()
    unmanaged: _Addresses = ()
    released: _Addresses = ()
    draining: _Addresses = ()
    order: Order | None = Order.NONE
    summary: str = ""
    window_seconds: int | None = None
    waits: bool = True
    in_service_before: int | None = None
    in_service_low: int | None = None
    in_service_after: int | None = None
    timeout_seconds: float | None = 0.0
    primary: str | None = None
    gateway_fate: str = ""
    is_sensitive: bool = False

    @property
    def kind(self) -> AddressKind:
        """The kind of address that the resource manages."""
        return KIND_OF_TYPE[self.resource_type]

    @property
    def is_single(self) -> bool:
        """Whether the resource manages one address, and not the gateway's set."""
        return self.resource_type == self.kind.single_type

    @property
    def cuts_connections(self) -> bool:
        """Whether connections end, or may end: addresses drain, or the gateway itself is deleted."""
        return bool(self.unassign or self.gateway_fate)

    @property
    def waits_for_drain(self) -> bool:
        """Whether apply waits for a drain, or may; it always does where something is assigned after it."""
        return bool(self.unassign) and (self.waits or self.order not in (Order.UNASSIGN_ONLY, Order.ASSIGN_FIRST))

    @property
    def does_something(self) -> bool:
        """Whether a reviewer has to see it."""
        return self.action is not Action.NONE or bool(self.gateway_fate)

    @property
    def leaves_gateway(self) -> bool:
        """Whether the resource no longer manages the gateway afterwards."""
        return self.action in (Action.DELETE, Action.FORGET) or self.move is Move.FROM

    @property
    def on_condition(self) -> str:
        """The condition as the end of a sentence; empty without a condition."""
        return _CONDITIONS[self.condition]


def order_of(*, assigns: bool, drains: bool) -> Order | None:
    """Return the order of a change of which no more is known; None where it does both."""
    if assigns and drains:
        return None
    return Order.ASSIGN_ONLY if assigns else Order.UNASSIGN_ONLY if drains else Order.NONE


def one_for_each_gateway(rows: Iterable[GatewayChange]) -> tuple[GatewayChange, ...]:
    """Return rows with those of single addresses on one gateway merged, because apply drains them in one window."""
    groups: dict[tuple[object, ...], list[GatewayChange]] = {}
    for row in rows:
        is_alone = not row.is_single or row.nat_gateway_id is None or row.action is Action.FORGET
        shared = (row.stack, row.resource_type, row.nat_gateway_id, row.condition, row.gateway_fate, row.is_decided)
        groups.setdefault((len(groups),) if is_alone else shared, []).append(row)
    return tuple(_merged(group) if len(group) > 1 else group[0] for group in groups.values())


def _merged(rows: Sequence[GatewayChange]) -> GatewayChange:
    """Return the row of single addresses on one gateway. None of them shows how many addresses are in service."""
    changing = [row for row in rows if row.does_something] or rows
    first, resources = changing[0], dict.fromkeys(row.resource_address for row in changing)
    unassign = sort_addresses(address for row in rows for address in row.unassign)
    assign = sort_addresses(address for row in rows for address in row.assign or ())
    windows = [row.window_seconds for row in rows if row.unassign]
    actions, moves = {row.action for row in changing}, {(row.move, row.other_gateway_id) for row in changing}
    merged = replace(
        first,
        action=first.action if len(actions) == 1 else Action.UPDATE,
        more_resource_addresses=tuple(resources)[1:],
        is_replacement=all(row.is_replacement for row in changing),
        move=first.move if len(moves) == 1 else Move.NONE,
        other_gateway_id=first.other_gateway_id if len(moves) == 1 else None,
        kept=sort_addresses({address for row in rows for address in row.kept or ()} - {*unassign, *assign}),
        assign=assign if first.is_decided else None,
        assign_count=len(assign) if first.is_decided else None,
        unassign=unassign,
        unmanaged=sort_addresses(address for row in rows for address in row.unmanaged),
        released=sort_addresses(address for row in rows for address in row.released),
        draining=sort_addresses(address for row in rows for address in row.draining),
        order=_order(changing),
        window_seconds=None if None in windows else max((window for window in windows if window), default=None),
        waits=any(row.waits for row in rows if row.unassign),
        timeout_seconds=_timeout(changing),
        public_ips={key: address for row in rows for key, address in row.public_ips.items()},
        is_sensitive=any(row.is_sensitive for row in rows),
    )
    return replace(merged, summary=_summary(merged))


def _timeout(rows: Sequence[GatewayChange]) -> float | None:
    """Return the longest time of any resource: the parts of a replacement come one after the other."""
    seconds: dict[str, float] = {}
    for row in rows:
        if row.timeout_seconds is None:
            return None
        seconds[row.resource_address] = seconds.get(row.resource_address, 0.0) + row.timeout_seconds
    return max(seconds.values())


def _order(rows: Sequence[GatewayChange]) -> Order | None:
    """Return the order of merged rows: of a replacement it is known, of resources on their own it is not."""
    assigned, drained = (
        [row.resource_address for row in rows if row.assign_count],
        [row.resource_address for row in rows if row.unassign],
    )
    if assigned and assigned == drained:  # every one is replaced
        return Order.UNASSIGN_FIRST if rows[0].unassign else Order.ASSIGN_FIRST
    return order_of(assigns=bool(assigned), drains=bool(drained))


def _summary(row: GatewayChange) -> str:
    """Return a merged row in one sentence, in the words of `last_change`."""
    if row.assign is None or (row.unassign and row.window_seconds is None):
        return ""
    steps = [f"{row.kind.add.base} {', '.join(row.assign)}"] if row.assign else []
    if row.unassign:
        steps.append(f"drain {', '.join(row.unassign)} for up to {format_seconds(row.window_seconds or 0)}")
    if row.order is Order.UNASSIGN_FIRST:
        steps.reverse()
    return (" and " if row.order is None else ", then ").join(steps) or "nothing"
