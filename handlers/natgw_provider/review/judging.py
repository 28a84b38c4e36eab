"""What a reviewer should know: risks of each row, limits that it exceeds, and gateways that two resources manage.

Each kind of finding has one small rule here; `findings` has its name and what to do about it.

Of two resources on one gateway, both may be natgw's, in one stack or in several, or one is the AWS provider's. A plan
of one of them does not see the other where they are in two stacks or in two processes of the provider. Each apply then
undoes what the other did, and drains its addresses.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from natgw_provider.core import limits
from natgw_provider.core.change_plan import Order
from natgw_provider.core.durations import format_seconds
from natgw_provider.review.findings import CREDENTIAL_SECONDS, KINDS, Finding, address_list, counted
from natgw_provider.review.gateway_change import Action, Condition, GatewayChange, Move
from natgw_provider.review.owners import ID_ATTRIBUTES, Owner
from natgw_provider.review.plan_document import InputError

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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What one resource manages on one gateway.

    Attributes:
        key: the single address that it manages; None for the gateway's set.
        stays: whether it manages that after the apply, or may.
        drains: whether it stops managing it and drains it.
    """

    stack: str
    resource_address: str
    nat_gateway_id: str
    key: str | None
    stays: bool
    drains: bool

    @property
    def resource(self) -> tuple[str, str]:
        """The resource, over all stacks."""
        return self.stack, self.resource_address


def judge(changes: Sequence[GatewayChange], allowed: Limits) -> Iterator[Finding]:
    """Yield the findings about the rows of all plans, each by itself."""
    for row in changes:
        yield from _exceeded(row, allowed)
        causes = ((identity, rule(row)) for identity, rule in _RULES.items())
        yield from (_finding(identity, row, _on_condition(cause, row)) for identity, cause in causes if cause)
    yield from _unknown_gateways(changes)


def find_conflicts(changes: Iterable[GatewayChange], owners: Iterable[Owner]) -> Iterator[Finding]:
    """Yield the conflicts between the operations of all plans and the other providers' owners in them."""
    rows, others = list(changes), list(owners)
    claims = [claim for row in rows for claim in _claims(row)]
    claims += [_claim_of(one) for one in others if one.allocation_id and one.nat_gateway_id]
    by_gateway: dict[str, list[_Claim]] = {}
    for claim in claims:
        by_gateway.setdefault(claim.nat_gateway_id, []).append(claim)
    for claimed in by_gateway.values():
        yield from _managed_twice(claimed)
    yield from _inline(rows, {one.nat_gateway_id: one for one in others if one.type in ID_ATTRIBUTES})


def _finding(identity: str, about: GatewayChange | _Claim, cause: str) -> Finding:
    return Finding(
        kind=KINDS[identity],
        cause=cause,
        stack=about.stack,
        resource_address=about.resource_address,
        nat_gateway_id=about.nat_gateway_id or "",
    )


def _on_condition(cause: str, row: GatewayChange) -> str:
    return f"{cause[:-1]}{row.on_condition}." if row.condition else cause


def _exceeded(row: GatewayChange, allowed: Limits) -> Iterator[Finding]:
    """The limits that are exceeded where connections are cut; on an unknown condition they cannot be checked."""
    for identity, cause in _exceeding(row, allowed) if row.cuts_connections else ():
        yield _finding("limit-unknown" if row.condition else identity, row, _on_condition(cause, row))


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
    same = {_location(row): row for row in changes if row.condition is Condition.SAME_GATEWAY}
    for row in changes:
        if row.condition is Condition.OTHER_GATEWAY and row.move is Move.FROM:
            stays = same.get(_location(row))
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


def _location(row: GatewayChange) -> tuple[str, ...]:
    return row.stack, row.resource_type, row.nat_gateway_id or row.resource_address


def _summary(row: GatewayChange) -> str:
    """A row in one sentence, without addresses where Terraform holds them back."""
    if row.summary and not row.is_sensitive:
        return row.summary
    return f"drain {_addresses(row, row.unassign)}" if row.unassign else "nothing drains"


def _claims(row: GatewayChange) -> Iterator[_Claim]:
    """The claims of a row; a single address that is not known yet claims nothing."""
    keys = (*(row.kept or ()), *row.unassign, *(row.assign or ())) if row.is_single else (None,)
    for key in keys if row.nat_gateway_id and row.action is not Action.FORGET else ():
        yield _Claim(
            stack=row.stack,
            resource_address=row.resource_address,
            nat_gateway_id=row.nat_gateway_id or "",
            key=key,
            stays=not row.leaves_gateway or bool(row.condition),
            drains=row.leaves_gateway and bool(row.unassign),
        )


def _claim_of(owner: Owner) -> _Claim:
    return _Claim(
        stack=owner.stack,
        resource_address=owner.address,
        nat_gateway_id=owner.nat_gateway_id or "",
        key=owner.allocation_id,
        stays=not owner.fate,
        drains=bool(owner.fate),
    )


def _managed_twice(claims: list[_Claim]) -> Iterator[Finding]:
    """Claims on one gateway that exclude each other: with a set any other, without one those on the same address."""
    has_set = any(claim.key is None for claim in claims)
    for key in (None,) if has_set else dict.fromkeys(claim.key for claim in claims):
        found = [claim for claim in claims if has_set or claim.key == key]
        resources = sorted({claim.resource for claim in found})
        staying = {claim.resource: claim for claim in found if claim.stays}
        sets = {claim.resource for claim in found if claim.key is None}
        # Single addresses beside each other are fine; a set that leaves without a drain takes nothing from them.
        is_contested = len(staying) > 1 and (not has_set or bool(sets & staying.keys()))
        if len(resources) > 1 and staying and (is_contested or any(claim.drains for claim in found)):
            named = " and ".join(address for _, address in resources)
            cause = f"{named} act on {key or 'the addresses'} of the same gateway."
            yield _finding("managed-twice", next(iter(staying.values())), cause)


def _inline(changes: Iterable[GatewayChange], gateways: dict[str | None, Owner]) -> Iterator[Finding]:
    """Rows on a gateway whose addresses the NAT gateway resource of another provider declares or changes too."""
    for row in changes:
        gateway = gateways.get(row.nat_gateway_id) if row.nat_gateway_id else None
        if gateway is None or row.leaves_gateway or not (gateway.changes_addresses or gateway.declares_addresses):
            continue
        changes_too = gateway.changes_addresses
        does = "changes them in the same apply" if changes_too else "sets them in its configuration"
        cause = f"{gateway.address} {does}."
        yield _finding("aws-changes-too" if changes_too else "aws-declares-too", row, cause)
