"""The calls of one row, in their order, and a Mermaid timeline of all rows.

Derived from `last_change`, so it says as much as the plan promises and no more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from natgw_provider.core.change_plan import Order
from natgw_provider.core.durations import format_seconds
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.wording import address_list, counted

_WHY = {
    Order.ASSIGN_FIRST: "make before break: old and new addresses fit the quota together",
    Order.STAGED: "some of the new addresses fit beside the old ones, the rest waits for the drain",
    Order.UNASSIGN_FIRST: "the quota has no room: new addresses wait for the drain",
    Order.ASSIGN_ONLY: "only additions",
    Order.UNASSIGN_ONLY: "only removals",
    Order.NONE: "no call",
}
_TEXT = re.compile(r"[^A-Za-z0-9._ -]")
_SHOWN_IN_TIMELINE = 20
_LAYOUT = '%%{init: {"gantt": {"leftPadding": 190}}}%%'
"""Room for a gateway's id beside its bars."""


def why(order: Order) -> str:
    """Return why AWS is called in this order."""
    return _WHY[order]


def calls(change: GatewayChange) -> list[str]:
    """Return what apply does for one row, step by step."""
    if not change.is_decided or change.order is Order.NONE:
        return []
    if change.order is Order.STAGED and change.summary and not change.is_sensitive:
        return change.summary.split(", then ")
    first, rest = _assignments(change)
    steps = ["wait until what drains already is released"] if change.draining else []
    steps += [f"AssignPrivateNatGatewayAddress: {first}; wait until in service"] if first else []
    if change.unassign:
        listed = _addresses(change, change.unassign)
        window = (
            "known at apply" if change.window_seconds is None else f"MaxDrainDurationSeconds {change.window_seconds}"
        )
        steps.append(f"UnassignPrivateNatGatewayAddress: {listed} ({window}), one call for all")
        steps += ["wait until released"] if change.waits_for_drain else ["return; the drain goes on"]
    steps += [f"AssignPrivateNatGatewayAddress: {rest}; wait until in service"] if rest else []
    return steps


def timeline(changes: Sequence[GatewayChange]) -> list[str]:
    """Return a Mermaid Gantt chart of the drains at their longest, in seconds since each drain began; may be empty."""
    draining = [change for change in changes if change.unassign and change.window_seconds is not None]
    if not draining:
        return []
    lines = [
        _LAYOUT,
        "gantt",
        "  title Longest course, in seconds from the start of each drain",
        "  dateFormat X",
        "  axisFormat %s",
    ]
    for change in draining[:_SHOWN_IN_TIMELINE]:
        lines += [f"  section {_label(change)}", *_bars(change, change.window_seconds or 0)]
    return lines


def _bars(change: GatewayChange, seconds: int) -> list[str]:
    first, rest = _assignments(change)
    count = counted(len(change.unassign), "address drains", "addresses drain")
    bars = ["  assign :milestone, 0, 0"] if first else []
    bars.append(f"  {count} up to {_TEXT.sub('', format_seconds(seconds))} :crit, 0, {seconds}")
    bars += [f"  assign the rest :milestone, {seconds}, {seconds}"] if rest else []
    return bars


def _assignments(change: GatewayChange) -> tuple[str, str]:
    """What is assigned before the drain, and what after it, in words."""
    if not change.assign_count:
        return "", ""
    everything = counted(change.assign_count, "address that AWS picks", "addresses that AWS picks")
    if change.assign is not None:
        everything = _addresses(change, change.assign)
    if change.order is Order.UNASSIGN_FIRST:
        return "", everything
    return (f"what fits of {everything}", "the rest of them") if change.order is Order.STAGED else (everything, "")


def _addresses(change: GatewayChange, addresses: Sequence[str]) -> str:
    return counted(len(addresses), "address", "addresses") if change.is_sensitive else address_list(addresses)


def _label(change: GatewayChange) -> str:
    """A gateway's id as Mermaid takes it; whatever could be syntax is left out."""
    return _TEXT.sub("", change.nat_gateway_id or change.resource_address)[:40] or "gateway"
