"""What a reviewer should know about each row: risks, and limits that it exceeds.

Each kind of finding has one small rule here; `findings` has its name and what to do about it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeAlias

from natgw_provider.core import limits
from natgw_provider.core.change_plan import Order
from natgw_provider.core.durations import format_seconds
from natgw_provider.review.findings import CREDENTIAL_SECONDS, KINDS, Finding, address_list, counted
from natgw_provider.review.gateway_change import Action, Condition, GatewayChange, Move
from natgw_provider.review.reading import InputError

Limits: TypeAlias = Mapping[str, int]
"""What a plan must not exceed, by name; a limit that is not set is left out. Exceeding one blocks the plan."""

LIMITS: Final = {
    "max_window_seconds": (0, limits.DRAIN_SECONDS_MAXIMUM, "seconds", "longest drain of any gateway"),
    "min_in_service": (1, limits.QUOTA_MAXIMUM, "addresses", "fewest addresses in service, primary included"),
    "max_drained_percent": (0, 100, "percent", "largest share of the addresses in service drained at once"),
}
"""Every limit: its lowest and highest value, the unit, and what it is."""


def parse_limits(text: str, source: str, table: tuple[str, ...] = ()) -> Limits:
    """Return the limits in a TOML text, at its top or in a table such as ("tool", "natgw", "review").

    Raises InputError for broken TOML, an unknown name or a bad value, with `source` in the text.
    """
    try:
        found: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise InputError(f"{source} is not TOML: {problem}.") from None
    for key in table:
        found = found.get(key, {})
        if not isinstance(found, dict):
            raise InputError(f"{source}: {'.'.join(table)} is not a table.")
    return check_limits(found, source)


def check_limits(settings: Mapping[str, Any], source: str) -> Limits:
    """Return `settings` as limits. Raises InputError for an unknown name or a bad value."""
    if unknown := sorted(set(settings) - set(LIMITS)):
        raise InputError(f"{source} sets {', '.join(unknown)}; a review knows {', '.join(LIMITS)}.")
    for name, value in settings.items():
        lowest, highest, unit, _ = LIMITS[name]
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            allowed = f"{lowest} to {highest} {unit}, in whole numbers"
            raise InputError(f"{source}: {name} is {value!r}; allowed are {allowed}.")
    return settings


def judge(changes: Sequence[GatewayChange], allowed: Limits) -> Iterator[Finding]:
    """Yield the findings about the rows of all plans, each by itself."""
    for row in changes:
        if row.does_something:
            yield from _exceeded(row, allowed)
            for identity, rule in _RULES.items():
                if cause := rule(row):
                    yield _finding(identity, row, cause)
    yield from _unknown_gateways(changes)


def _finding(identity: str, row: GatewayChange, cause: str) -> Finding:
    condition = "" if identity == "gateway-unknown" else row.on_condition
    return Finding(
        kind=KINDS[identity],
        cause=f"{cause[:-1]}{condition}." if condition else cause,
        stack=row.stack,
        resource_address=row.resource_address,
        nat_gateway_id=row.nat_gateway_id or "",
    )


def _exceeded(row: GatewayChange, allowed: Limits) -> Iterator[Finding]:
    """The limits that are exceeded where connections are cut; on an unknown condition they cannot be checked."""
    for identity, cause in _exceeding(row, allowed) if row.cuts_connections else ():
        yield _finding("limit-unknown" if row.condition else identity, row, cause)


def _exceeding(row: GatewayChange, allowed: Limits) -> Iterator[tuple[str, str]]:
    window, before, low = row.window_seconds, row.in_service_before, row.in_service_low
    longest, fewest, largest = (allowed.get(name) for name in LIMITS)
    if longest is not None and row.unassign:
        if window is None:
            yield "limit-unknown", "How long connections may drain is known only at apply."
        elif window > longest:
            drain, most = format_seconds(window), format_seconds(longest)
            yield "limit-window", f"Connections may drain for {drain}; the limit is {most}."
    if low is None and (fewest is not None or largest is not None):
        yield "limit-unknown", "How many addresses the gateway has is not in the plan."
        return
    if fewest is not None and (low or 0) < fewest:
        yield "limit-in-service", f"{low} of {before} addresses would stay in service; the limit is {fewest}."
    share = _drained_percent(row)
    if largest is not None and share > largest:
        yield "limit-drained", f"{share} % of the {before} in service drain at once; the limit is {largest} %."


def _drained_percent(row: GatewayChange) -> int:
    """The share of a gateway's addresses in service that drains at once, in percent, rounded up."""
    if row.gateway_fate:
        return 100
    before = row.in_service_before or len(row.unassign)
    return -(-100 * len(row.unassign) // before) if row.unassign else 0


def _gateway_is_deleted(row: GatewayChange) -> str:
    if not row.gateway_fate:
        return ""
    does = "replaces" if row.gateway_fate == "replaced" else "deletes"
    drained = "" if row.unassign else " Its addresses do not drain first."
    return f"This plan {does} it: every connection through it is cut, also through its primary address.{drained}"


def _capacity_halved(row: GatewayChange) -> str:
    before, low = row.in_service_before, row.in_service_low
    if not row.unassign or row.gateway_fate or before is None or low is None or 2 * low > before:
        return ""
    return f"During the drain {low} of {counted(before, 'address takes', 'addresses take')} new connections."


def _drains_first(row: GatewayChange) -> str:
    if row.order not in (Order.UNASSIGN_FIRST, Order.STAGED):
        return ""
    which = "all new addresses" if row.order is Order.UNASSIGN_FIRST else "some of the new addresses"
    quota = row.kind.quota
    return (
        f"Old and new addresses together exceed the gateway's quota ({quota.argument}, AWS: {quota.code}), so {which} "
        f"are {row.kind.add.past} after the drain."
    )


def _short_drain(row: GatewayChange) -> str:
    seconds = row.window_seconds
    if seconds is None or seconds >= limits.DRAIN_SECONDS_DEFAULT:
        return ""
    idle = format_seconds(limits.DRAIN_SECONDS_DEFAULT)
    return f"A NAT gateway keeps an idle TCP connection for {idle}; this drain cuts it after {format_seconds(seconds)}."


def _drains_unmanaged(row: GatewayChange) -> str:
    if not row.unmanaged:
        return ""
    came = "On the gateway before natgw managed it" if row.action is Action.CREATE else "Added outside Terraform"
    return f"{came}: {_addresses(row, row.unmanaged)}."


def _outlasts_credentials(row: GatewayChange) -> str:
    if row.window_seconds is None or row.window_seconds < CREDENTIAL_SECONDS or not row.waits_for_drain:
        return ""
    return f"Apply may wait for {format_seconds(row.window_seconds)}, and needs valid credentials after that."


def _unknown_until_apply(row: GatewayChange) -> str:
    # A single address that is not known yet, such as that of a new Elastic IP, is assigned and drains nothing.
    if row.is_decided or row.is_single or row.condition is Condition.OTHER_GATEWAY:
        return ""
    what = "Which addresses are declared" if row.nat_gateway_id else "Which gateway it is"
    return f"{what} depends on values that are not known yet."


def _address_unknown(row: GatewayChange) -> str:
    if row.is_decided or not row.is_single or not row.is_replacement:
        return ""
    return "The new address is known only at apply, and Terraform replaces the resource whatever it is."


def _already_draining(row: GatewayChange) -> str:
    if not row.draining or row.order is Order.NONE:
        return ""
    return f"{counted(len(row.draining), 'address is', 'addresses are')} being released."


def _does_not_wait(row: GatewayChange) -> str:
    return "Apply returns once the drain has begun." if row.unassign and not row.waits_for_drain else ""


def _elastic_ip_released(row: GatewayChange) -> str:
    # A single address is destroyed, and so drained, before the aws_eip that it refers to.
    if not row.released or row.is_single:
        return ""
    return f"This plan deletes the aws_eip of {_addresses(row, row.released)}, which the set disassociates."


def _addresses_stay(row: GatewayChange) -> str:
    if not row.leaves_gateway or row.unassign or not row.kept or row.gateway_fate:
        return ""
    left = "The resource moves away" if row.move is Move.FROM else "The resource is removed"
    return f"{left}, {counted(len(row.kept), 'secondary stays', 'secondaries stay')}."


_RULES: Final[Mapping[str, Callable[[GatewayChange], str]]] = {
    "gateway-replaced": _gateway_is_deleted,
    "capacity-halved": _capacity_halved,
    "drains-first": _drains_first,
    "short-drain": _short_drain,
    "drains-unmanaged": _drains_unmanaged,
    "outlasts-credentials": _outlasts_credentials,
    "address-unknown": _address_unknown,
    "unknown-until-apply": _unknown_until_apply,
    "already-draining": _already_draining,
    "does-not-wait": _does_not_wait,
    "elastic-ip-released": _elastic_ip_released,
    "addresses-stay": _addresses_stay,
}
"""The rule of each kind of finding about one row: it returns the cause, or nothing."""


def _addresses(row: GatewayChange, addresses: Sequence[str]) -> str:
    return counted(len(addresses), "address", "addresses") if row.is_sensitive else address_list(addresses)


def _unknown_gateways(changes: Sequence[GatewayChange]) -> Iterator[Finding]:
    """Resources whose gateway is not known at plan: what happens if it is the same, and if it is another one."""
    same = {_place(row): row for row in changes if row.condition is Condition.SAME_GATEWAY}
    for row in changes:
        if row.condition is Condition.OTHER_GATEWAY and row.move is Move.FROM:
            stays = same.get(_place(row))
            if stays is None:
                unmoved = "no address is assigned or unassigned"
            elif not stays.is_decided:
                unmoved = "what is missing is assigned and nothing is unassigned"
            else:
                unmoved = f"apply does this: {_summary(stays)}"
            cause = (
                f"The id is known only at apply. If it is the same gateway, {unmoved}. If it is another gateway, apply "
                f"does this here: {_summary(row)}, then it assigns the declared addresses there."
            )
            yield _finding("gateway-unknown", row, cause)


def _place(row: GatewayChange) -> tuple[str, ...]:
    return row.stack, row.resource_type, row.nat_gateway_id or row.resource_address


def _summary(row: GatewayChange) -> str:
    """A row in one sentence, without addresses where Terraform holds them back."""
    if row.summary and not row.is_sensitive:
        return row.summary
    return f"drain {_addresses(row, row.unassign)}" if row.unassign else "nothing drains"
