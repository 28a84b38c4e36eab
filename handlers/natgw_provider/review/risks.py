"""What a reviewer should know about one row: risks of the change, and limits that it exceeds.

One small rule per finding; each looks at one `GatewayChange` and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from natgw_provider.core import limits
from natgw_provider.core.capacity import connection_capacity
from natgw_provider.core.change_plan import Order
from natgw_provider.core.durations import format_seconds
from natgw_provider.review import findings
from natgw_provider.review.findings import CREDENTIAL_SECONDS, Finding, finding_on
from natgw_provider.review.gateway_change import Action, GatewayChange
from natgw_provider.review.settings import Limits
from natgw_provider.review.wording import address_list, counted

_ALL_PERCENT = 100


def risks_of(change: GatewayChange) -> Iterator[Finding]:
    """Yield what is risky about one row."""
    for rule in _RULES:
        found = rule(change)
        if found is not None:
            yield found


def exceeded_limits(change: GatewayChange, allowed: Limits) -> Iterator[Finding]:
    """Yield the limits that a row exceeds which cuts connections; a gateway that goes leaves nothing in service."""
    if not change.cuts_connections:
        return
    yield from _check_window(change, allowed.max_window_seconds)
    low = 0 if change.gateway_fate else change.in_service_low or 0
    before = change.in_service_before or 0
    if allowed.min_in_service is not None and low < allowed.min_in_service:
        cause = f"{low} of {before} would take new connections at the low point; required are {allowed.min_in_service}."
        yield finding_on(findings.LIMIT_IN_SERVICE, change, cause)
    share = drained_percent(change)
    if allowed.max_drained_percent is not None and share > allowed.max_drained_percent:
        cause = f"{share} % of the {before} in service drain at once; allowed are {allowed.max_drained_percent} %."
        yield finding_on(findings.LIMIT_DRAINED, change, cause)


def drained_percent(change: GatewayChange) -> int:
    """Return which part of a gateway's addresses in service drains at once, in percent, rounded up."""
    if change.gateway_fate:
        return _ALL_PERCENT
    before = change.in_service_before or len(change.unassign)
    return -(-_ALL_PERCENT * len(change.unassign) // before) if change.unassign else 0


def _check_window(change: GatewayChange, allowed: int | None) -> Iterator[Finding]:
    if allowed is None or not change.unassign:
        return
    if change.window_seconds is None:
        yield finding_on(findings.LIMIT_UNKNOWN, change, "How long connections may drain is known only at apply.")
    elif change.window_seconds > allowed:
        cause = (
            f"Connections may drain for {format_seconds(change.window_seconds)}; allowed are {format_seconds(allowed)}."
        )
        yield finding_on(findings.LIMIT_WINDOW, change, cause)


def _gateway_goes(change: GatewayChange) -> Finding | None:
    if not change.gateway_fate:
        return None
    cause = f"This plan has it {change.gateway_fate}: all its addresses and connections go with it, the primary's too."
    return finding_on(findings.GATEWAY_REPLACED, change, cause)


def _capacity_halved(change: GatewayChange) -> Finding | None:
    before, low = change.in_service_before or 0, change.in_service_low or 0
    if not change.unassign or 2 * low > before:
        return None
    cause = (
        f"From {before} to {counted(low, 'address', 'addresses')} in service, so from {connection_capacity(before):,} "
        f"to {connection_capacity(low):,} new connections to each destination."
    )
    return finding_on(findings.CAPACITY_HALVED, change, cause)


def _drains_first(change: GatewayChange) -> Finding | None:
    if change.order not in (Order.UNASSIGN_FIRST, Order.STAGED):
        return None
    which = "all new addresses" if change.order is Order.UNASSIGN_FIRST else "some of the new addresses"
    cause = f"The gateway's quota has no room for old and new together, so {which} come after the drain."
    return finding_on(findings.DRAINS_FIRST, change, cause)


def _short_drain(change: GatewayChange) -> Finding | None:
    seconds = change.window_seconds
    if seconds is None or seconds >= limits.DRAIN_SECONDS_DEFAULT:
        return None
    cause = (
        f"{format_seconds(seconds)}, while NAT keeps an idle TCP connection for "
        f"{format_seconds(limits.DRAIN_SECONDS_DEFAULT)}: connections that are open but idle are cut."
    )
    return finding_on(findings.SHORT_DRAIN, change, cause)


def _drains_unmanaged(change: GatewayChange) -> Finding | None:
    if not change.unmanaged:
        return None
    came = "On the gateway before natgw managed it" if change.action is Action.CREATE else "Added outside Terraform"
    listed = counted(len(change.unmanaged), "address", "addresses")
    if not change.is_sensitive:
        listed = address_list(change.unmanaged)
    return finding_on(findings.DRAINS_UNMANAGED, change, f"{came}: {listed}.")


def _outlasts_credentials(change: GatewayChange) -> Finding | None:
    if change.window_seconds is None or change.window_seconds < CREDENTIAL_SECONDS or not change.waits_for_drain:
        return None
    cause = f"Apply may wait {format_seconds(change.window_seconds)} for the drain and needs credentials afterwards."
    return finding_on(findings.OUTLASTS_CREDENTIALS, change, cause)


def _unknown_until_apply(change: GatewayChange) -> Finding | None:
    if change.is_decided:
        return None
    what = "Which addresses are declared" if change.nat_gateway_id else "Which gateway it is"
    return finding_on(findings.UNKNOWN_UNTIL_APPLY, change, f"{what} depends on values that are not known yet.")


def _already_draining(change: GatewayChange) -> Finding | None:
    if not change.draining or change.order is Order.NONE:
        return None
    count = counted(len(change.draining), "address is", "addresses are")
    return finding_on(findings.ALREADY_DRAINING, change, f"{count} being released.")


def _does_not_wait(change: GatewayChange) -> Finding | None:
    if not change.unassign or change.waits_for_drain:
        return None
    return finding_on(findings.DOES_NOT_WAIT, change, "It returns once the drain has begun.")


def _addresses_stay(change: GatewayChange) -> Finding | None:
    leaves = change.action in (Action.DELETE, Action.FORGET)
    if not leaves or change.unassign or not change.kept or change.gateway_fate:
        return None
    cause = f"The resource goes, {counted(len(change.kept), 'secondary stays', 'secondaries stay')}."
    return finding_on(findings.ADDRESSES_STAY, change, cause)


_RULES: tuple[Callable[[GatewayChange], Finding | None], ...] = (
    _gateway_goes,
    _capacity_halved,
    _drains_first,
    _short_drain,
    _drains_unmanaged,
    _outlasts_credentials,
    _unknown_until_apply,
    _already_draining,
    _does_not_wait,
    _addresses_stay,
)
