"""From a plan's resource changes to rows: what each operation does to its gateway.

What a plan does is what `last_change` says, because apply does that and nothing else. Where the plan has none (destroy,
and what a move releases), core plans the change of what the state holds, and it is read the same way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Final

from natgw_provider.core import names
from natgw_provider.core.address_kinds import KIND_OF_TYPE, AddressKind
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import ChangePlan, Order, plan_change
from natgw_provider.core.declaration_checks import default_timeout_seconds
from natgw_provider.core.diff import Count, Diff, ExactSet
from natgw_provider.core.durations import parse_duration
from natgw_provider.core.gateway import LEAVING, AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.last_change import LastChange
from natgw_provider.review.gateway_change import Action, Condition, GatewayChange, Move, order_of
from natgw_provider.review.owners import (
    Owner,
    deleted_gateways,
    elastic_ips,
    gateway_names,
    released_elastic_ips,
)
from natgw_provider.review.plan_document import InputError, PlanDocument, ResourceChange, Values

_Addresses = tuple[str, ...]

_IN_SERVICE: Final = re.compile(r"(\d+) now, (\d+) at the lowest, (\d+) after", re.ASCII)
_DRAIN: Final = re.compile(r"none|up to (?P<seconds>\d+) s", re.ASCII)
_ORDERS: Final = {
    (): Order.NONE,
    ("add",): Order.ASSIGN_ONLY,
    ("drain",): Order.UNASSIGN_ONLY,
    ("add", "drain"): Order.ASSIGN_FIRST,
    ("add", "drain", "add"): Order.STAGED,
    ("drain", "add"): Order.UNASSIGN_FIRST,
}
"""The order of a change by the steps that its summary names; "add" is the kind's own verb."""


def gateway_changes(plan: PlanDocument) -> tuple[GatewayChange, ...]:
    """Return what a plan does through each of our resources, unchanged ones included, in the order it is done.

    Raises InputError when the plan's attributes are not of the shapes that the provider writes.
    """
    deleted, tags = deleted_gateways(plan), gateway_names(plan)
    public_ips, released = elastic_ips(plan), released_elastic_ips(plan)
    changes = (change for change in plan.changes if change.type in KIND_OF_TYPE)
    rows = (_with_deleted_gateways(row, deleted) for change in changes for row in _rows(plan, change))
    named = (replace(row, name=tags.get(row.nat_gateway_id or "")) for row in rows if row)
    return tuple(
        replace(
            row,
            public_ips=_public_ips_of(row, public_ips),
            released=tuple(address for address in row.unassign if address in released),
        )
        for row in named
    )


def _public_ips_of(row: GatewayChange, public_ips: Mapping[str, str]) -> dict[str, str]:
    """The public addresses of the Elastic IPs in a row."""
    keys = (row.primary or "", *(row.kept or ()), *(row.assign or ()), *row.unassign, *row.draining)
    return {key: public_ips[key] for key in keys if key in public_ips}


def _with_deleted_gateways(row: GatewayChange, deleted: Mapping[str, Owner]) -> GatewayChange | None:
    """Return a row as it is beside the NAT gateways that the plan deletes or replaces; None if it cannot happen then.

    A NAT gateway does not depend on our resource. So if it is deleted before its replacement is created, it is gone
    before a move can release anything on it.
    """
    gateway = deleted.get((row.other_gateway_id if row.move is Move.TO else row.nat_gateway_id) or "")
    if gateway is None:
        return row
    if row.condition is Condition.SAME_GATEWAY:
        return None
    if row.move is Move.TO:
        return replace(row, condition=Condition.NONE)
    row = replace(row, gateway_fate=gateway.fate, in_service_low=0, in_service_after=0, condition=Condition.NONE)
    if row.move is not Move.FROM or gateway.is_replaced_first:
        return row
    kept = sort_addresses((*(row.kept or ()), *row.unassign))
    return replace(row, kept=kept, unassign=(), unmanaged=(), order=Order.NONE, summary="", window_seconds=None)


def _rows(plan: PlanDocument, change: ResourceChange) -> Iterator[GatewayChange]:
    start = GatewayChange(
        stack=plan.stack,
        resource_address=change.address,
        resource_type=change.type,
        action=Action.NONE,
        is_replacement=len(change.actions) > 1,
        is_sensitive=change.is_sensitive,
    )
    added = _added_outside(start, plan.drift.get(change.address))
    for action in change.actions:
        for row in _by_action(start, action, change.before, change.after):
            unmanaged = row.unassign if row.action is Action.CREATE else tuple(ip for ip in row.unassign if ip in added)
            yield replace(row, unmanaged=unmanaged)


def _by_action(row: GatewayChange, action: str, before: Values | None, after: Values | None) -> Iterator[GatewayChange]:
    if action == "delete" and before is not None:
        yield _released(replace(row, action=Action.DELETE), before, before)
    elif action == "forget" and before is not None:
        yield _as_it_is(replace(row, action=Action.FORGET), before)
    elif action == "create" and after is not None:
        yield _created(replace(row, action=Action.CREATE), after)
    elif action == "update" and before is not None and after is not None:
        yield from _rows_of_update(replace(row, action=Action.UPDATE), before, after)
    elif action == "no-op" and after is not None:
        yield _as_it_is(row, after)


def _rows_of_update(row: GatewayChange, before: Values, after: Values) -> Iterator[GatewayChange]:
    """An update on one gateway, both halves of a move, or, where the gateway is not known, either of them."""
    old, new = before.text(names.NAT_GATEWAY_ID), after.text(names.NAT_GATEWAY_ID)
    if old is None or old == new:
        yield _updated(row, before, after)
        return
    condition = Condition.NONE
    if new is None:
        yield from _updated_if_the_same(replace(row, condition=Condition.SAME_GATEWAY), before, after)
        condition = Condition.OTHER_GATEWAY
    released, assigned = _released(row, before, after), _assigned_by_move(row, after)
    # An address has to be free before it is assigned again.
    waits = released.waits or not set(released.unassign).isdisjoint(assigned.assign or ())
    yield replace(released, move=Move.FROM, other_gateway_id=new, condition=condition, waits=waits)
    yield replace(assigned, move=Move.TO, other_gateway_id=old, condition=condition)


def _as_it_is(row: GatewayChange, attributes: Values) -> GatewayChange:
    """Return the row of a gateway that stays as it is."""
    attached = _addresses(row, attributes)
    draining = attributes.addresses(row.kind.draining) or ()
    if row.is_single and attached and attributes.text(names.STATUS) in LEAVING:
        attached, draining = (), attached
    serving = None if attached is None or row.is_single else len(attached) + 1
    return replace(
        row,
        nat_gateway_id=attributes.text(names.NAT_GATEWAY_ID),
        kept=attached,
        draining=draining,
        in_service_before=serving,
        in_service_low=serving,
        in_service_after=serving,
        primary=attributes.address(row.kind.primary),
    )


def _created(row: GatewayChange, after: Values) -> GatewayChange:
    """The resource is created; a gateway that has addresses already is adopted."""
    planned = _planned_change(replace(_as_it_is(row, after), in_service_before=None), after)
    wanted = _addresses(row, after)  # unknown while a count grows
    kept = None if wanted is None or planned.assign is None else _without(wanted, planned.assign)
    return replace(planned, kept=kept)


def _updated(row: GatewayChange, before: Values, after: Values) -> GatewayChange:
    current = _as_it_is(row, before)
    declared = _addresses(row, after)
    if declared is not None and declared == current.kept:  # `last_change` then keeps its prior value
        return current
    return _planned_change(current, after)


def _updated_if_the_same(row: GatewayChange, before: Values, after: Values) -> Iterator[GatewayChange]:
    """The update if the gateway stays the same, if any; `last_change` is unknown then."""
    current, gateway = _as_it_is(row, before), _snapshot(row, before)
    wanted, count = _addresses(row, after), _count(row, after)
    if wanted is None and count is None:
        yield _undecided(current, after)
        return
    diff = Count(count or 0).diff(gateway) if wanted is None else ExactSet(tuple(wanted)).diff(gateway)
    if not diff.is_empty:
        # A plan does not show the quota. With a higher one than the default, capacity falls less than this says.
        yield _planned_by_core(current, plan_change(diff, gateway, quota=row.kind.quota.default), after)


def _released(row: GatewayChange, before: Values, settings: Values) -> GatewayChange:
    """What the state holds is unassigned in one call, unless it is to be retained: a destroy, or half of a move."""
    current = _as_it_is(row, before)
    if not current.kept or settings.text(names.ON_DESTROY) == names.ON_DESTROY_RETAIN:
        return current
    # The quota has no effect where nothing is assigned.
    released = plan_change(Diff(unassign=current.kept), _snapshot(row, before), quota=row.kind.quota.maximum)
    return _planned_by_core(current, released, settings)


def _assigned_by_move(row: GatewayChange, after: Values) -> GatewayChange:
    """The half of a move on the new gateway, which never unassigns there. The plan does not show what it has now."""
    unseen = replace(_undecided(_as_it_is(row, after), after), in_service_before=None)
    wanted, count = _addresses(row, after), _count(row, after)
    if wanted is None and count is None:
        return unseen
    number = len(wanted) if wanted is not None else count
    order = Order.ASSIGN_ONLY if number else Order.NONE
    return replace(unseen, is_decided=True, assign=wanted, assign_count=number, order=order)


def _undecided(current: GatewayChange, after: Values) -> GatewayChange:
    return replace(
        current,
        is_decided=False,
        kept=None,
        assign=None,
        assign_count=None,
        in_service_low=None,
        in_service_after=None,
        timeout_seconds=_timeout(after, current.action),
    )


def _planned_change(current: GatewayChange, after: Values) -> GatewayChange:
    """Return a row with what `last_change` says, undecided while none of it is known. Nothing else reads it.

    While the provider block is unknown, so are the quota, the order and the numbers in service. The addresses are not.
    """
    last = after.values(names.LAST_CHANGE)
    assign, unassign = last.listed_addresses("assign"), last.listed_addresses("unassign") or ()
    numbers, drain = _match(last, "in_service", _IN_SERVICE), _match(last, "drain", _DRAIN)
    if assign is None and numbers is None and not unassign:
        return _undecided(current, after)
    now, low, then = map(int, numbers.groups()) if numbers else (None, None, None)
    assign_count = None if assign is None else len(assign)
    if assign_count is None and now is not None and then is not None:
        assign_count = max(0, then - now + len(unassign))
    order = _order(current.kind, last) if last.text("summary") else _order_of(assign_count, len(unassign), now, low)
    return replace(
        current,
        kept=None if current.kept is None else _without(current.kept, unassign),
        assign=assign,
        assign_count=assign_count,
        unassign=unassign,
        order=order,
        summary=last.text("summary") or "",
        window_seconds=int(drain["seconds"]) if drain and drain["seconds"] else None,
        waits=after.flag(names.WAIT_FOR_DRAIN) is not False,
        in_service_before=now,
        in_service_low=low,
        in_service_after=then,
        timeout_seconds=0.0 if order == Order.NONE else _timeout(after, current.action),
    )


def _match(last: Values, part: str, grammar: re.Pattern[str]) -> re.Match[str] | None:
    """Return a part of `last_change` as its grammar reads it; None while it is not known."""
    text = last.text(part)
    if text is None:
        return None
    found = grammar.fullmatch(text)
    if found is None:
        raise _not_understood(last, part, text)
    return found


def _not_understood(last: Values, part: str, text: str) -> InputError:
    return InputError(
        f'{last.where}.{part} is "{text}", which this natgw does not understand. '
        "The plan may come from another natgw: review it with the same version."
    )


def _order(kind: AddressKind, last: Values) -> Order:
    """Return the order of the steps that the summary of `last_change` names."""
    summary = last.text("summary") or ""
    verbs = [step.partition(" ")[0] for step in summary.split(", then ")]
    steps = ("add" if verb == kind.add.base else verb for verb in verbs if verb not in ("wait", "nothing"))
    order = _ORDERS.get(tuple(steps))
    if order is None:
        raise _not_understood(last, "summary", summary)
    return order


def _order_of(assigned: int | None, unassigned: int, now: int | None, low: int | None) -> Order | None:
    """Return the order by the numbers, where the summary is not known; None where they do not show it."""
    if not unassigned or assigned == 0 or assigned is None or now is None or low is None:
        return order_of(assigns=assigned != 0, drains=bool(unassigned))
    if low <= now - unassigned:
        return Order.UNASSIGN_FIRST
    return Order.ASSIGN_FIRST if low >= min(now, now + assigned - unassigned) else Order.STAGED


def _planned_by_core(current: GatewayChange, change: ChangePlan, settings: Values) -> GatewayChange:
    """Return a row with a change that the provider does not plan itself, put into the words of `last_change`."""
    seconds = settings.whole(names.MAX_DRAIN)
    last = LastChange.of(current.kind, change, seconds or 0).to_mapping()
    if seconds is None:
        last |= {"summary": None, "drain": None}
    if current.is_single:  # its state does not show the gateway's other addresses
        last |= {"in_service": None}
    return _planned_change(current, Values(settings.where, {**settings.plain, names.LAST_CHANGE: last}))


def _added_outside(row: GatewayChange, drift: ResourceChange | None) -> _Addresses:
    """Addresses that refresh found to be new."""
    if drift is None or drift.before is None or drift.after is None:
        return ()
    return _without(_addresses(row, drift.after) or (), _addresses(row, drift.before) or ())


def _addresses(row: GatewayChange, attributes: Values) -> _Addresses | None:
    """The addresses that a resource declares, or holds; None while not known."""
    if not row.is_single:
        return attributes.addresses(row.kind.argument)
    address = attributes.address(row.kind.single_argument)
    return None if address is None else (address,)


def _count(row: GatewayChange, attributes: Values) -> int | None:
    return attributes.whole(row.kind.count_argument) if row.kind.count_argument and not row.is_single else None


def _timeout(attributes: Values, action: Action) -> float | None:
    """How long apply may take, in seconds; None while it depends on a value not known yet."""
    text = attributes.values(names.TIMEOUTS).text(action.value)
    if text is not None:
        try:
            return parse_duration(text)
        except ValueError:
            raise InputError(f'{attributes.where}.{names.TIMEOUTS}.{action} is "{text}", not a duration.') from None
    drain = attributes.whole(names.MAX_DRAIN)
    return None if drain is None else default_timeout_seconds(drain)


def _snapshot(row: GatewayChange, attributes: Values) -> NatGateway:
    """The gateway as a state shows it."""
    primary, attached = attributes.address(row.kind.primary), _addresses(row, attributes) or ()
    draining = attributes.addresses(row.kind.draining) or ()
    addresses = [NatGatewayAddress(key=primary, is_primary=True)] if primary else []
    addresses += [NatGatewayAddress(key=ip) for ip in attached]
    addresses += [NatGatewayAddress(key=ip, status=AddressStatus.UNASSIGNING) for ip in draining]
    return NatGateway(
        nat_gateway_id=attributes.text(names.NAT_GATEWAY_ID) or "",
        state=GatewayState.AVAILABLE,
        connectivity_type=row.kind.connectivity,
        vpc_id="",
        subnet_id="",
        addresses=tuple(addresses),
    )


def _without(addresses: Iterable[str], removed: Iterable[str]) -> _Addresses:
    gone = set(removed)
    return tuple(address for address in addresses if address not in gone)
