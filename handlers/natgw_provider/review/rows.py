"""From a plan's resource changes to rows: what each operation does to its gateway.

The plan's `last_change` is taken as it stands, because it is what apply holds itself to. Only what Terraform plans
without the provider's attributes, destroying, is worked out here, by the core's own change plan.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from natgw_provider.core import limits, names
from natgw_provider.core.change_plan import Order, plan_change
from natgw_provider.core.declaration_checks import default_timeout_seconds
from natgw_provider.core.diff import Diff
from natgw_provider.core.durations import parse_duration
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.last_change import LastChange
from natgw_provider.review.gateway_change import Action, GatewayChange
from natgw_provider.review.plan_document import PlanDocument, ResourceChange
from natgw_provider.review.reading import InputError, Values

_Addresses = tuple[str, ...]


def gateway_changes(plan: PlanDocument) -> tuple[GatewayChange, ...]:
    """Return what a plan does through our resource, unchanged gateways included, in the order it is done.

    Raises InputError when the plan's attributes are not of the shapes that the provider writes.
    """
    return tuple(
        replace(row, is_sensitive=change.is_sensitive, is_replacement=len(change.actions) > 1)
        for change in plan.changes
        if change.type == names.RESOURCE_TYPE
        for row in _rows(plan, change)
    )


def _rows(plan: PlanDocument, change: ResourceChange) -> Iterator[GatewayChange]:
    for action in change.actions:
        if action == "delete" and change.before is not None:
            yield _leaving(plan, change, change.before)
        elif action == "create" and change.after is not None:
            yield _planned(plan, change, change.after, Action.CREATE)
        elif action == "update" and change.after is not None:
            yield _planned(plan, change, change.after, Action.UPDATE)
        elif action == "forget" and change.before is not None:
            yield _standing(plan, change, change.before, Action.FORGET)
        elif change.is_no_op and change.after is not None:
            yield _standing(plan, change, change.after, Action.NONE)


def _standing(plan: PlanDocument, change: ResourceChange, held: Values, action: Action) -> GatewayChange:
    """The gateway stays as it is."""
    attached = held.addresses(names.ADDRESSES)
    serving = None if attached is None else len(attached) + 1
    return GatewayChange(
        stack=plan.stack,
        resource_address=change.address,
        action=action,
        nat_gateway_id=held.text(names.NAT_GATEWAY_ID),
        kept=attached,
        draining=held.addresses(names.DRAINING) or (),
        in_service_before=serving,
        in_service_low=serving,
        in_service_after=serving,
        primary=held.address(names.PRIMARY),
    )


def _leaving(plan: PlanDocument, change: ResourceChange, before: Values) -> GatewayChange:
    """The resource is destroyed: everything it holds is unassigned in one call, unless it is to be retained."""
    standing = _standing(plan, change, before, Action.DELETE)
    held = before.addresses(names.ADDRESSES) or ()
    if not held or before.text(names.ON_DESTROY) == names.ON_DESTROY_RETAIN:
        return standing
    seconds = before.whole(names.MAX_DRAIN) or limits.DRAIN_SECONDS_DEFAULT
    gateway = _snapshot(before)
    # The quota decides nothing where nothing is assigned.
    planned = plan_change(Diff(unassign=held), gateway, quota=limits.QUOTA_MAXIMUM)
    return _with_change(plan, change, before, standing, LastChange.of(planned, seconds))


def _planned(plan: PlanDocument, change: ResourceChange, after: Values, action: Action) -> GatewayChange:
    if change.before is not None and action is Action.UPDATE:
        standing = _standing(plan, change, change.before, action)
        if _same_set(change.before, after):
            return standing
    else:
        standing = replace(_standing(plan, change, after, action), in_service_before=None, in_service_low=None)
    last_change = after.values(names.LAST_CHANGE)
    if last_change is None or last_change.text("order") is None:
        return _undecided(standing, after, action)
    return _with_change(plan, change, after, standing, _last_change(last_change))


def _same_set(before: Values, after: Values) -> bool:
    """Whether an update leaves the gateway alone. `last_change` cannot tell: it then keeps its prior value."""
    planned = after.addresses(names.ADDRESSES)
    return planned is not None and planned == before.addresses(names.ADDRESSES)


def _undecided(standing: GatewayChange, after: Values, action: Action) -> GatewayChange:
    return replace(
        standing,
        is_decided=False,
        kept=None,
        assign=None,
        assign_count=None,
        in_service_low=None,
        in_service_after=None,
        timeout_seconds=_timeout(after, action.value),
    )


def _with_change(
    plan: PlanDocument, change: ResourceChange, held: Values, standing: GatewayChange, last: LastChange
) -> GatewayChange:
    assign_count = _assign_count(last)
    order = _order(last, held)
    return replace(
        standing,
        kept=_kept(standing, last, held, change),
        assign=last.assign,
        assign_count=assign_count,
        unassign=last.unassign,
        unmanaged=_unmanaged(standing.action, last.unassign, plan.drift.get(change.address)),
        order=order,
        summary=last.summary,
        window_seconds=(last.max_drain_duration_seconds or None) if last.unassign else None,
        waits=held.flag(names.WAIT_FOR_DRAIN) is not False,
        in_service_before=last.in_service_before,
        in_service_low=last.in_service_low,
        in_service_after=last.in_service_after,
        timeout_seconds=_timeout(held, standing.action.value) if order is not Order.NONE else 0.0,
    )


def _last_change(value: Values) -> LastChange:
    """The attribute as the core's own type; a drain time not known yet is 0, a sentence not known is empty."""
    plain: dict[str, object] = {name: value.whole(name) or 0 for name in _NUMBERS}
    plain |= {name: value.text(name) or "" for name in ("summary", "order")}
    plain |= {"assign": value.addresses("assign"), "unassign": value.addresses("unassign") or ()}
    return LastChange.from_mapping(plain)


_NUMBERS = (
    "drain_windows",
    "max_drain_duration_seconds",
    "in_service_before",
    "in_service_low",
    "in_service_after",
)


def _order(last: LastChange, held: Values) -> Order:
    try:
        return Order(last.order)
    except ValueError:
        known = ", ".join(Order)
        raise InputError(
            f'{held.where}.{names.LAST_CHANGE}.order is "{last.order}"; this natgw knows {known}. '
            "The plan may come from a newer natgw: review it with the same version."
        ) from None


def _assign_count(last: LastChange) -> int:
    if last.assign is not None:
        return len(last.assign)
    return max(0, last.in_service_after - last.in_service_before + len(last.unassign))


def _kept(standing: GatewayChange, last: LastChange, held: Values, change: ResourceChange) -> _Addresses | None:
    """Secondaries that stay; a growing count on create leaves them unnamed."""
    if standing.action is Action.CREATE:
        planned = held.addresses(names.ADDRESSES)
        return None if planned is None or last.assign is None else _without(planned, last.assign)
    now = (change.before.addresses(names.ADDRESSES) if change.before else None) or ()
    return _without(now, last.unassign)


def _unmanaged(action: Action, unassign: _Addresses, drift: ResourceChange | None) -> _Addresses:
    """Those that Terraform did not put there: on create all, else what refresh found to be new."""
    if action is Action.CREATE:
        return unassign
    if drift is None or drift.before is None or drift.after is None:
        return ()
    known = drift.before.addresses(names.ADDRESSES) or ()
    found = drift.after.addresses(names.ADDRESSES) or ()
    added = set(_without(found, known))
    return tuple(address for address in unassign if address in added)


def _timeout(held: Values, operation: str) -> float | None:
    """How long apply may take, in seconds; None while it depends on a value not known yet."""
    declared = held.values(names.TIMEOUTS)
    text = declared.text(operation) if declared else None
    if text is not None:
        try:
            return parse_duration(text)
        except ValueError:
            raise InputError(f'{held.where}.{names.TIMEOUTS}.{operation} is "{text}", not a duration.') from None
    drain = held.whole(names.MAX_DRAIN)
    return None if drain is None else default_timeout_seconds(drain)


def _snapshot(held: Values) -> NatGateway:
    """The gateway as a state shows it."""
    primary = held.address(names.PRIMARY)
    first = [NatGatewayAddress(private_ip=primary, is_primary=True)] if primary else []
    attached = [NatGatewayAddress(private_ip=ip) for ip in held.addresses(names.ADDRESSES) or ()]
    draining = [
        NatGatewayAddress(private_ip=ip, status=AddressStatus.UNASSIGNING)
        for ip in held.addresses(names.DRAINING) or ()
    ]
    return NatGateway(
        nat_gateway_id=held.text(names.NAT_GATEWAY_ID) or "",
        state=GatewayState.AVAILABLE,
        connectivity_type="private",
        vpc_id="",
        subnet_id="",
        addresses=(*first, *attached, *draining),
    )


def _without(addresses: Iterable[str], removed: Iterable[str]) -> _Addresses:
    gone = set(removed)
    return tuple(address for address in addresses if address not in gone)
