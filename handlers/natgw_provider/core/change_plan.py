"""From a diff to the ordered steps that carry it out, and how far capacity drops on the way.

The one place that decides the order: make before break where the quota allows it, at most one Unassign call and so at
most one drain window for a change, never a call into a running drain. It runs nothing and reads no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.diff import Diff
from natgw_provider.core.gateway import ARRIVING, NatGateway


class Order(StrEnum):
    """In which order a change calls AWS, as `natgw review --format json` shows it."""

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
    """Assign once, with named addresses or with a count, then wait until they are in service."""

    addresses: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Unassign:
    """Unassign once; the drain begins."""

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
    slots = free_slots(diff, gateway, quota)
    order = choose_order(diff, slots)
    first, rest = _split_assignment(diff, gateway, order, slots)
    steps = _steps(diff, first, rest, wait_for_drain=wait_for_drain)
    if steps and not gateway.is_idle:
        steps = (WaitUntilIdle(), *steps)
    before = len(gateway.in_service)
    idle = _in_service_when_idle(gateway)
    low = min(before, idle + _additions(first) - len(diff.unassign)) if diff.unassign else before
    return ChangePlan(
        diff=diff,
        order=order,
        steps=steps,
        in_service_before=before,
        in_service_low=low,
        in_service_after=idle + diff.additions - len(diff.unassign) if steps else before,
    )


def free_slots(diff: Diff, gateway: NatGateway, quota: int) -> int:
    """Return how many addresses can be assigned once nothing drains any more and before anything is unassigned.

    A failed address takes a slot, unless it is the one to be assigned again; so does a primary not shown yet.
    """
    taken = {address.key for address in gateway.addresses} - set(gateway.draining)
    free = quota - len(taken) - (gateway.primary is None)
    return free + len(_failed_again(diff, gateway)) if free >= 0 else 0


def choose_order(diff: Diff, slots: int) -> Order:
    """Return the order for a change when `slots` addresses can be assigned before anything is unassigned."""
    if diff.is_empty:
        return Order.NONE
    if not diff.unassign:
        return Order.ASSIGN_ONLY
    if not diff.additions:
        return Order.UNASSIGN_ONLY
    if diff.additions <= slots:
        return Order.ASSIGN_FIRST
    return Order.STAGED if slots else Order.UNASSIGN_FIRST


def _split_assignment(diff: Diff, gateway: NatGateway, order: Order, slots: int) -> tuple[Assign | None, Assign | None]:
    """Return what is assigned before the drain and what after it."""
    if not diff.additions:
        return None, None
    everything = Assign(diff.assign, diff.assign_count)
    if order is Order.UNASSIGN_FIRST:
        return None, everything
    if order is not Order.STAGED:
        return everything, None
    # Failed addresses first: they hold a slot already, which a new one would need on top. Only named addresses are
    # ever staged, because a declared count grows or shrinks but never does both.
    again = _failed_again(diff, gateway)
    by_need = sorted(diff.assign, key=lambda address: address not in again)
    return Assign(sort_addresses(by_need[:slots])), Assign(sort_addresses(by_need[slots:]))


def _steps(diff: Diff, first: Assign | None, rest: Assign | None, *, wait_for_drain: bool) -> tuple[Step, ...]:
    steps: list[Step] = [first] if first else []
    if diff.unassign:
        steps.append(Unassign(diff.unassign))
    if diff.unassign and (rest or wait_for_drain):
        steps.append(WaitForRelease(diff.unassign))
    return (*steps, rest) if rest else tuple(steps)


def _failed_again(diff: Diff, gateway: NatGateway) -> set[str]:
    return {address.key for address in gateway.failed} & set(diff.assign)


def _in_service_when_idle(gateway: NatGateway) -> int:
    assigning = sum(address.status in ARRIVING for address in gateway.addresses)
    return len(gateway.in_service) + assigning + (gateway.primary is None)


def _additions(assign: Assign | None) -> int:
    return len(assign.addresses) + assign.count if assign else 0
