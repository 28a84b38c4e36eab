"""The words of a review, for Markdown and text alike: the headline, the lines of the verdict, and each row's parts.

Plain text, which each format escapes. Each fact is said once: what the headline says is not repeated, and what the row
of a single gateway says is not repeated for all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from natgw_provider.core.change_plan import Order
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.limits import connection_capacity
from natgw_provider.review.findings import Finding, Severity, counted
from natgw_provider.review.gateway_change import Action, GatewayChange, Move
from natgw_provider.review.review import PARALLELISM, Review, Totals, Verdict

_OTHERS_NAMED: Final = 10
UNKNOWN_GATEWAY: Final = "gateway known at apply"
_DOES: Final = {
    Action.NONE: "stays",
    Action.CREATE: "create",
    Action.UPDATE: "update",
    Action.DELETE: "destroy",
    Action.FORGET: "forget",
}
_WHEN: Final[Mapping[Order | None, str]] = {
    Order.ASSIGN_FIRST: " before the drain",
    Order.STAGED: ": before the drain what fits the quota, then the rest",
    Order.UNASSIGN_FIRST: " after the drain",
}


def headline(review: Review) -> str:
    """Return the verdict in one line; when blocked, with the first error, which may hold text from outside."""
    if review.verdict is Verdict.BLOCKED:
        errors = [finding for finding in review.findings if finding.is_error]
        more = f" (and {counted(len(errors) - 1, 'more error', 'more errors')})" if len(errors) > 1 else ""
        return f"blocked. {errors[0].headline}{more}"
    if review.verdict is Verdict.DRAINS:
        return _cut(review.totals)
    totals = review.totals
    if totals.assigned or totals.undecided:
        return f"nothing drains, {counted(totals.gateways, 'gateway changes', 'gateways change')}"
    return "nothing drains, no address changes"


def first_errors(review: Review) -> tuple[Finding, ...]:
    """Return the errors of the first kind, which a blocked review shows before anything else."""
    return tuple(one for one in review.findings if one.is_error and one.kind is review.findings[0].kind)


def verdict_lines(review: Review) -> list[str]:
    """Return what a reviewer has to know first; nothing when blocked, because then the plan cannot be applied."""
    if review.verdict is Verdict.BLOCKED:
        return []
    lines = (
        *_what_is_cut(review.totals),
        _capacity(review),
        _unknown_capacity(review),
        _how_long(review),
        _what_to_read(review),
    )
    return [line for line in lines if line]


def others_line(review: Review) -> str:
    """Return what the plans do to resources of other types, by address; empty when they do nothing."""
    several = len(review.plans) > 1
    named = [
        f"{f'{plan.stack}: ' if several and plan.stack else ''}{change.address} ({' and '.join(change.actions)})"
        for plan in review.plans
        for change in plan.others
    ]
    more = f" and {counted(len(named) - _OTHERS_NAMED, 'more', 'more')}" if len(named) > _OTHERS_NAMED else ""
    return f"Other resources in the same plan, not reviewed: {', '.join(named[:_OTHERS_NAMED])}{more}." if named else ""


def _cut(totals: Totals) -> str:
    parts = []
    if totals.gateways_going:
        parts.append(counted(totals.gateways_going, "NAT gateway is deleted", "NAT gateways are deleted"))
    if totals.drained:
        is_certain = totals.possibly_drained < totals.drained
        drain = ("drains", "drain") if is_certain else ("may drain", "may drain")
        gateways = counted(totals.gateways_draining, f"gateway {drain[0]}", f"gateways {drain[1]}")
        perhaps = f" ({totals.possibly_drained} of them perhaps)" if is_certain and totals.possibly_drained else ""
        seconds = totals.longest_window_seconds
        longest = "" if seconds is None else f" for up to {format_seconds(seconds)}"
        parts.append(f"{gateways} {counted(totals.drained, 'address', 'addresses')}{perhaps}{longest}")
    return ", ".join(parts)


def _what_is_cut(totals: Totals) -> Iterator[str]:
    if totals.gateways_going:
        yield "Deleting a NAT gateway cuts every connection through it, also through its primary address."
    if totals.possibly_drained:
        yield "Whether a gateway stays the same is known only at apply: see gateway-unknown."
    if totals.drained:
        yield (
            "While an address drains, its open connections continue, and new connections use the other addresses. "
            "Connections that are still open when the time is over are cut."
        )


def _capacity(review: Review) -> str:
    """How far capacity falls, on the gateway that keeps the smallest share."""
    rows = [row for row in review.changes if row.unassign and row.in_service_before]
    if not rows:
        return ""
    weakest = min(rows, key=_share_left)
    before, low = weakest.in_service_before or 0, weakest.in_service_low or 0
    if low >= before:
        return "Capacity for new connections does not fall."
    where = f" on {weakest.nat_gateway_id}" if len(review.changes) > 1 else ""
    where += ", the most affected" if len(rows) > 1 else ""
    connections = f"{connection_capacity(before):,} to {connection_capacity(low):,} connections to each destination"
    return (
        f"Capacity falls from {before} to {low} addresses in service{where}{weakest.on_condition}: from {connections}. "
        f"After the change it is {counted(weakest.in_service_after or 0, 'address', 'addresses')}."
    )


def _unknown_capacity(review: Review) -> str:
    """The gateways that only lose single addresses, whose state does not show the others."""
    gateways = {row.nat_gateway_id for row in review.changes if row.unassign and row.in_service_before is None}
    where = f" on {counted(len(gateways), 'gateway', 'gateways')}" if len(review.changes) > 1 else ""
    return f"How far capacity falls{where} is not in the plan." if gateways else ""


def _share_left(row: GatewayChange) -> tuple[float, int]:
    before, low = row.in_service_before or 0, row.in_service_low or 0
    return (low / before if before else 0.0, low)


def _how_long(review: Review) -> str:
    totals = review.totals
    if totals.apply_seconds is None:
        return "When apply gives up is known only at apply."
    if not totals.apply_seconds:
        return "Apply calls nothing that changes a gateway." if totals.gateways and not totals.gateways_going else ""
    wait = ""
    if totals.drain_wait_seconds and totals.drain_wait_seconds != totals.longest_window_seconds:
        wait = f"waits up to {format_seconds(totals.drain_wait_seconds)} for drains and "
    assumed = f" ({PARALLELISM} gateways at a time)" if totals.gateways > PARALLELISM else ""
    return f"Apply {wait}gives up after {format_seconds(totals.apply_seconds)}{assumed}."


def _what_to_read(review: Review) -> str:
    warnings = sum(finding.kind.severity is Severity.WARNING for finding in review.findings)
    if warnings:
        return f"Nothing blocks it; {counted(warnings, 'warning', 'warnings')} below."
    return "Nothing blocks it." if review.verdict is Verdict.DRAINS else ""


def gateway(row: GatewayChange) -> str:
    """Return the gateway's id."""
    return row.nat_gateway_id or UNKNOWN_GATEWAY


def more_resources(row: GatewayChange) -> str:
    """Return how many further resources share a row, as the end of their list."""
    number = len(row.more_resource_addresses)
    return f" and {number} more" if number else ""


def action(row: GatewayChange) -> str:
    """Return what Terraform does with the resource, and on what condition."""
    if row.move:
        moves = "may move" if row.condition else "moves"
        other = row.other_gateway_id or "a gateway known at apply"
        return f"{moves} to {other}" if row.move is Move.FROM else f"{moves} here from {other}"
    return f"{_DOES[row.action]}{' (replacement)' if row.is_replacement else ''}{row.on_condition}"


def counts(row: GatewayChange) -> str:
    """Return how many addresses are drained, assigned and kept."""
    if not row.is_decided:
        return "known at apply, none drains"
    parts = [f"{len(row.unassign)} drained"] if row.unassign else []
    parts += [f"{row.assign_count} {row.kind.add.past}"] if row.assign_count else []
    parts += [f"{len(row.kept)} {'cut' if row.gateway_fate else 'kept'}"] if row.kept else []
    return f"{', '.join(parts) or 'none'}{row.on_condition if row.unassign or row.assign_count else ''}"


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
        yield f"! {counts(row)}; the addresses are marked as sensitive"
        return
    if not row.is_decided:
        yield "! known at apply; none drains"
        return
    entries = list(_entries(row))
    width = max((len(address) for _, address, _ in entries), default=0)
    yield from (f"{sign} {address:<{width}}  {text}" for sign, address, text in entries)
    if row.assign is None and row.assign_count:
        yield f"+ {counted(row.assign_count, 'address', 'addresses')} that AWS picks, {_assigned(row)}"


def _entries(row: GatewayChange) -> Iterator[tuple[str, str, str]]:
    """The sign, the address and the text of each line."""
    stays = "is cut with the gateway" if row.gateway_fate else "stays"
    if row.primary and row.nat_gateway_id:
        yield " ", _shown(row, row.primary), f"primary, {stays}"
    yield from ((" ", _shown(row, address), stays) for address in row.kept or ())
    yield from ((" ", _shown(row, address), "still draining") for address in row.draining)
    came = "was there before" if row.action is Action.CREATE else "added outside Terraform"
    for address in row.unassign:
        yield "-", _shown(row, address), f"drains{f', {came}' if address in row.unmanaged else ''}{row.on_condition}"
    yield from (("+", _shown(row, address), _assigned(row)) for address in row.assign or ())


def _shown(row: GatewayChange, address: str) -> str:
    """An address, and the public one of an Elastic IP, which is what others know."""
    public_ip = row.public_ips.get(address)
    return f"{address} ({public_ip})" if public_ip else f"{address:<15}"


def _assigned(row: GatewayChange) -> str:
    return f"{row.kind.add.past}{_WHEN.get(row.order, '')}{row.on_condition}"
