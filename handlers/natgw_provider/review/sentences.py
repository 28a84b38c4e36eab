"""What a review says first: the headline and the lines of the verdict, for Markdown and text alike.

Only numbers and our own words; nothing from outside is in here but gateway ids, which the formats escape.
"""

from __future__ import annotations

from natgw_provider.core.capacity import connection_capacity
from natgw_provider.core.durations import format_seconds
from natgw_provider.review.findings import Severity
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.review import Review, Verdict
from natgw_provider.review.totals import PARALLELISM, Totals, drained_addresses
from natgw_provider.review.wording import address_list, counted

EARLIER = "may finish earlier"
_NAMED = 8


def headline(review: Review) -> str:
    """Return the verdict in one line, without any text from outside."""
    if review.verdict is Verdict.BLOCKED:
        return f"blocked by {counted(len(review.blocking), 'finding', 'findings')}"
    if review.verdict is Verdict.DRAINS:
        return _cut(review)
    totals = review.totals
    if totals.assigned or totals.undecided:
        return f"nothing drains, {counted(totals.gateways, 'gateway changes', 'gateways change')}"
    return "nothing drains, no address changes"


def verdict_lines(review: Review) -> list[str]:
    """Return what a reviewer with two minutes has to know, one sentence or two to a line."""
    return [
        line
        for line in (
            _what_blocks(review),
            _what_goes(review.totals),
            _what_drains(review),
            _what_comes(review.totals),
            _capacity(review.totals),
            _how_long(review.totals),
            _what_to_read(review),
        )
        if line
    ]


def window(change: GatewayChange) -> str:
    """Return how long a row's connections may drain; empty when nothing drains."""
    if not change.unassign:
        return ""
    return "known at apply" if change.window_seconds is None else f"up to {format_seconds(change.window_seconds)}"


def in_service(change: GatewayChange) -> str:
    """Return a row's addresses in service before, at the low point and after, with "?" for what is not known."""
    numbers = (change.in_service_before, change.in_service_low, change.in_service_after)
    return " → ".join("?" if number is None else str(number) for number in numbers)


def capacity(change: GatewayChange) -> str:
    """Return a row's new connections to each destination before, at the low point and after."""
    numbers = (change.in_service_before, change.in_service_low, change.in_service_after)
    return " → ".join("?" if number is None else f"{connection_capacity(number):,}" for number in numbers)


def apply_time(change: GatewayChange) -> str:
    """Return how long apply takes for a row at most."""
    if change.timeout_seconds == 0:
        return "calls nothing"
    return "known at apply" if change.timeout_seconds is None else format_seconds(change.timeout_seconds)


def others_line(review: Review) -> str:
    """Return what else the plans do, to resources that are not ours; empty when nothing."""
    parts = [
        (f"in {plan.stack}: " if plan.stack and len(review.plans) > 1 else "")
        + ", ".join(f"{actions} {number}" for actions, number in plan.others.items())
        for plan in review.plans
        if plan.others
    ]
    return f"Not reviewed here, other resources in the same plan: {'; '.join(parts)}." if parts else ""


def _what_blocks(review: Review) -> str:
    titles = "; ".join(dict.fromkeys(finding.kind.title for finding in review.blocking))
    return f"It must not be applied as it is: {titles}." if titles else ""


def _what_to_read(review: Review) -> str:
    if review.blocking:
        return ""
    warnings = sum(finding.kind.severity is Severity.WARNING for finding in review.findings)
    return f"Nothing blocks it; {counted(warnings, 'warning', 'warnings')} below." if warnings else "Nothing blocks it."


def _cut(review: Review) -> str:
    totals = review.totals
    parts = []
    if totals.gateways_draining:
        gateways = counted(totals.gateways_draining, "gateway drains", "gateways drain")
        parts.append(f"{gateways} {counted(totals.drained, 'address', 'addresses')}{_for_up_to(review)}")
    if totals.gateways_going:
        parts.append(counted(totals.gateways_going, "NAT gateway goes", "NAT gateways go"))
    return ", ".join(parts)


def _for_up_to(review: Review) -> str:
    seconds = review.totals.longest_window_seconds
    return "" if seconds is None else f", up to {format_seconds(seconds)}"


def _what_goes(totals: Totals) -> str:
    if not totals.gateways_going:
        return ""
    return "All connections through a NAT gateway that goes are cut, the primary address's too."


def _what_drains(review: Review) -> str:
    totals = review.totals
    if not review.plans:
        return "There is no plan, so what would drain is not known."
    if not totals.drained:
        return "" if totals.gateways_going else "No connection is cut."
    seconds = totals.longest_window_seconds
    length = "as long as is known at apply" if seconds is None else f"for up to {format_seconds(seconds)}, {EARLIER}"
    through = f"{_drained(review)}{_from_outside(totals)}"
    return f"Connections through {through} drain {length}; what is still open then is cut."


def _drained(review: Review) -> str:
    """The addresses that drain, by name when they are few."""
    rows = [change for change in review.changes if change.unassign]
    if review.totals.drained > _NAMED or any(change.is_sensitive for change in rows):
        return counted(review.totals.drained, "address", "addresses")
    return address_list(drained_addresses(rows))


def _from_outside(totals: Totals) -> str:
    if not totals.unmanaged_drained:
        return ""
    which = "" if totals.unmanaged_drained == totals.drained else f"{totals.unmanaged_drained:,} of them "
    return f" ({which}not put there by Terraform)"


def _what_comes(totals: Totals) -> str:
    parts = [f"{counted(totals.assigned, 'address is', 'addresses are')} assigned"] if totals.assigned else []
    if totals.undecided:
        gateways = counted(totals.undecided, "gateway is", "gateways are")
        parts.append(f"{gateways} decided only at apply, which then drains nothing")
    return f"{'; '.join(parts)}." if parts else ""


def _capacity(totals: Totals) -> str:
    weakest = totals.weakest
    if weakest is None or weakest.in_service_before is None or weakest.in_service_low is None:
        return ""
    before, low, after = weakest.in_service_before, weakest.in_service_low, weakest.in_service_after or 0
    if low >= before:
        return "Capacity for new connections does not fall."
    lowest = ", the lowest" if totals.gateways_draining > 1 else ""
    return (
        f"Capacity for new connections falls to {100 * low // before} % on {weakest.nat_gateway_id}{lowest}: "
        f"from {before} to {low} addresses in service ({connection_capacity(before):,} to {connection_capacity(low):,} "
        f"connections to each destination), {after} afterwards."
    )


def _how_long(totals: Totals) -> str:
    if totals.apply_seconds is None:
        return "How long apply takes at most is known only at apply."
    if not totals.apply_seconds:
        return "Apply calls nothing that changes a gateway." if totals.gateways else ""
    wait = ""
    if totals.drain_wait_seconds:
        wait = f"waits for drains up to {format_seconds(totals.drain_wait_seconds)} and "
    assumed = f" (Terraform works on {PARALLELISM} at a time)" if totals.gateways > PARALLELISM else ""
    return f"Apply {wait}gives up after {format_seconds(totals.apply_seconds)} at the latest{assumed}."
