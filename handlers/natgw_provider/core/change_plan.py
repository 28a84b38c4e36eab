"""From a diff to the ordered steps that carry it out, and how far capacity drops on the way.

The one place that decides the order: make before break where the quota allows it, at most one Unassign call and so at
most one drain window for a change, never a call into a running drain. It runs nothing and reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from natgw_provider.core.diff import Diff
from natgw_provider.core.gateway import NatGateway


class Order(StrEnum):
    """In which order a change calls AWS, as `last_change.order` shows it."""

    NONE = "none"
    ASSIGN_ONLY = "assign_only"
    UNASSIGN_ONLY = "unassign_only"
    ASSIGN_FIRST = "assign_first"
    STAGED = "staged"
    UNASSIGN_FIRST = "unassign_first"


@dataclass(frozen=True, slots=True)
class WaitUntilIdle:
    """Wait until the gateway is available and no address is in transition."""


@dataclass(frozen=True, slots=True)
class Assign:
    """Call AssignPrivateNatGatewayAddress once, with named addresses or with a count, then wait until they serve."""

    addresses: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Unassign:
    """Call UnassignPrivateNatGatewayAddress once; the drain begins."""

    addresses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class WaitForRelease:
    """Wait until these addresses have left the gateway."""

    addresses: tuple[str, ...]


Step = WaitUntilIdle | Assign | Unassign | WaitForRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlan:
    """An ordered change of one gateway.

    Attributes:
        diff: what changes.
        order: in which order.
        steps: what to do, one after the other.
        in_service_before: addresses (primary included) that take new connections now.
        in_service_low: the fewest at any moment of the change.
        in_service_after: how many when it is done.
    """

    diff: Diff
    order: Order
    steps: tuple[Step, ...]
    in_service_before: int
    in_service_low: int
    in_service_after: int

    @property
    def drain_windows(self) -> int:
        """How many times connections drain, one after the other: 0 or 1."""
        return 1 if self.diff.unassign else 0


def plan_change(diff: Diff, gateway: NatGateway, *, quota: int, wait_for_drain: bool = True) -> ChangePlan:
    """Return the steps that carry `diff` out on `gateway` under `quota` addresses, the primary included.

    With `wait_for_drain` false the change ends when the drain has begun; where something must be assigned after the
    drain, it is waited for all the same.
    """
    order = choose_order(diff, room_when_idle(diff, gateway, quota))
    first = _split_assignment(diff, order, room_when_idle(diff, gateway, quota))
    steps = _steps(diff, order, first, wait_for_drain=wait_for_drain)
    if steps and not gateway.is_idle:
        steps = (WaitUntilIdle(), *steps)
    before = len(gateway.in_service)
    idle = before + len(gateway.assigning)
    low = min(before, idle + _additions(first) - len(diff.unassign)) if diff.unassign else before
    return ChangePlan(
        diff=diff,
        order=order,
        steps=steps,
        in_service_before=before,
        in_service_low=low,
        in_service_after=idle + diff.additions - len(diff.unassign) if steps else before,
    )


def room_when_idle(diff: Diff, gateway: NatGateway, quota: int) -> int:
    """Return how many addresses can be assigned once nothing drains any more and before anything is unassigned.

    A failed address takes a place, unless it is the one to be assigned again.
    """
    taken = {address.private_ip for address in gateway.addresses} - set(gateway.draining)
    again = {address.private_ip for address in gateway.failed} & set(diff.assign)
    return max(0, quota - len(taken - again))


def choose_order(diff: Diff, room: int) -> Order:
    """Return the order for a change when `room` addresses can be assigned before anything is unassigned."""
    if diff.is_empty:
        return Order.NONE
    if not diff.unassign:
        return Order.ASSIGN_ONLY
    if not diff.additions:
        return Order.UNASSIGN_ONLY
    if diff.additions <= room:
        return Order.ASSIGN_FIRST
    return Order.STAGED if room else Order.UNASSIGN_FIRST


def _split_assignment(diff: Diff, order: Order, room: int) -> Assign | None:
    if order in (Order.ASSIGN_ONLY, Order.ASSIGN_FIRST):
        return Assign(diff.assign, diff.assign_count)
    if order is Order.STAGED:
        return Assign(diff.assign[:room], min(diff.assign_count, max(0, room - len(diff.assign))))
    return None


def _steps(diff: Diff, order: Order, first: Assign | None, *, wait_for_drain: bool) -> tuple[Step, ...]:
    steps: list[Step] = [first] if first else []
    if diff.unassign:
        steps.append(Unassign(diff.unassign))
    rest = Assign(diff.assign[len(first.addresses) :], diff.assign_count - first.count) if first else None
    last = rest or Assign(diff.assign, diff.assign_count)
    if order in (Order.STAGED, Order.UNASSIGN_FIRST):
        return (*steps, WaitForRelease(diff.unassign), last)
    if diff.unassign and wait_for_drain:
        steps.append(WaitForRelease(diff.unassign))
    return tuple(steps)


def _additions(assign: Assign | None) -> int:
    return len(assign.addresses) + assign.count if assign else 0
