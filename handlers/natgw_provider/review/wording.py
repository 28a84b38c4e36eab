"""The words of one row, for every format alike: its gateway, its action, its counts and its addresses.

Plain text; each format escapes it its own way. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from natgw_provider.core.change_plan import Order
from natgw_provider.review.gateway_change import Action, Condition, GatewayChange, Move

UNKNOWN_GATEWAY: Final = "gateway known at apply"
CONDITIONS: Final = {
    Condition.NONE: "",
    Condition.SAME_GATEWAY: "if the gateway stays the same",
    Condition.OTHER_GATEWAY: "if it is another gateway",
}
_LISTED: Final = 8
_DOES: Final = {
    Action.NONE: "stays",
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.DELETE: "destroy",
    Action.FORGET: "forget",
}
_ASSIGNED: Final = {
    Order.ASSIGN_FIRST: "assigned before the drain",
    Order.STAGED: "assigned: before the drain what fits the quota, then the rest",
    Order.UNASSIGN_FIRST: "assigned after the drain",
}


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun, as "1 address" or "12 addresses"."""
    return f"{number:,} {one if number == 1 else many}"


def address_list(addresses: Sequence[str]) -> str:
    """Return addresses for a sentence; a long list ends with how many more there are."""
    shown = ", ".join(addresses[:_LISTED])
    more = len(addresses) - _LISTED
    return f"{shown} and {more} more" if more > 0 else shown


def gateway(row: GatewayChange) -> str:
    """Return the gateway's id."""
    return row.nat_gateway_id or UNKNOWN_GATEWAY


def action(row: GatewayChange) -> str:
    """Return what Terraform does with the resource, and on what condition."""
    if row.move:
        moves = "may move" if row.condition else "moves"
        other = row.other_gateway_id or "a gateway known at apply"
        return f"{moves} to {other}" if row.move is Move.FROM else f"{moves} here from {other}"
    return f"{_DOES[row.action]}{' (replacement)' if row.is_replacement else ''}{_if(row)}"


def counts(row: GatewayChange) -> str:
    """Return how many addresses stay, come and go."""
    if not row.is_decided:
        return "known at apply, none drains"
    parts = [f"{len(row.unassign)} drained"] if row.unassign else []
    parts += [f"{row.assign_count} assigned"] if row.assign_count else []
    parts += [f"{len(row.kept)} {'cut' if row.gateway_fate else 'kept'}"] if row.kept else []
    return f"{', '.join(parts) or 'none'}{_if(row) if row.unassign or row.assign_count else ''}"


def window(row: GatewayChange) -> str:
    """Return how long a row's connections may drain, in seconds; "-" when nothing drains."""
    if not row.unassign:
        return "-"
    return "known at apply" if row.window_seconds is None else f"{row.window_seconds} s"


def in_service(row: GatewayChange) -> str:
    """Return a row's addresses in service before, at the low point and after, with "?" for what is not known."""
    numbers = (row.in_service_before, row.in_service_low, row.in_service_after)
    return " → ".join("?" if number is None else str(number) for number in numbers)


def apply_time(row: GatewayChange) -> str:
    """Return when apply gives up on a row."""
    if row.timeout_seconds == 0:
        return "calls nothing"
    return "known at apply" if row.timeout_seconds is None else f"{row.timeout_seconds:.0f} s"


def address_lines(row: GatewayChange) -> Iterator[str]:
    """Yield the addresses of a row as lines of a diff: "-" is drained, "+" is assigned, a space stays."""
    if row.is_sensitive:
        yield f"! {counts(row)}; Terraform holds the addresses back as sensitive"
        return
    if not row.is_decided:
        yield "! known at apply; none drains"
        return
    stays = "is cut with the gateway" if row.gateway_fate else "stays"
    if row.primary and row.nat_gateway_id:
        yield f"  {row.primary:<15}  primary, {stays}"
    for address in row.kept or ():
        yield f"  {address:<15}  {stays}"
    for address in row.draining:
        yield f"  {address:<15}  still draining"
    came = "was there before" if row.action is Action.CREATE else "added outside Terraform"
    for address in row.unassign:
        yield f"- {address:<15}  drains{f', {came}' if address in row.unmanaged else ''}{_if(row)}"
    when = f"{_ASSIGNED.get(row.order, 'assigned')}{_if(row)}"
    if row.assign is None and row.assign_count:
        yield f"+ {counted(row.assign_count, 'address', 'addresses')} that AWS picks, {when}"
    for address in row.assign or ():
        yield f"+ {address:<15}  {when}"


def _if(row: GatewayChange) -> str:
    return f", {CONDITIONS[row.condition]}" if row.condition else ""
