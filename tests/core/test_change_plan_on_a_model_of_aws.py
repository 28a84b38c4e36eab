"""Every change plan, run on an independent model of AWS: it reaches the target and keeps its promises on the way.

Random cases of every size come from Hypothesis; the small ones (up to four addresses) are all run, each once.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import combinations, combinations_with_replacement, product
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import Assign, ChangePlan, Order, Unassign, WaitForRelease, WaitUntilIdle
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGatewayAddress
from natgw_provider.core.plan_checks import check_free_slots
from support.aws_model import DRAINING, FAILED, Pick, RefusedError
from support.change_run import change_of, is_reached, model_of, run_change, run_step, snapshot_of
from support.strategies import PRIVATE_STATUSES, Case, cases, gateway_of, primary, secondary, times

picks = st.sampled_from([min, max])


def unwanted_failed(case: Case) -> set[str]:
    wanted = set() if isinstance(case.wanted, int) else set(case.wanted)
    return {address.key for address in case.gateway.failed} - wanted


def fits(case: Case) -> bool:
    """Whether the target leaves room for the failed addresses that stay on the gateway."""
    wanted = case.wanted if isinstance(case.wanted, int) else len(case.wanted)
    return 1 + wanted + len(unwanted_failed(case)) <= case.quota


def assert_keeps_its_promises(case: Case, *, wait_for_drain: bool, pick: Pick = min) -> None:
    change = change_of(case, wait_for_drain=wait_for_drain)
    model = model_of(case.gateway, case.quota, pick)
    draining_before = model.having(DRAINING)
    assert change.in_service_before == model.in_service
    # RefusedError would mean: into a drain, while something is being assigned, over the quota, or the primary.
    run_change(model, change)
    assert change.in_service_low == model.lowest
    assert change.in_service_after == model.in_service
    assert model.unassign_calls == model.drain_windows == change.drain_windows <= 1
    assert is_reached(model, case.wanted)
    assert not set(change.diff.unassign) & draining_before
    left_draining = draining_before if not change.steps else set()
    if not wait_for_drain and change.order in (Order.UNASSIGN_ONLY, Order.ASSIGN_FIRST):
        left_draining = set(change.diff.unassign)
    assert model.having(DRAINING) == left_draining
    model.settled()
    assert model.having(FAILED) == unwanted_failed(case)
    assert is_reached(model, case.wanted)


def assert_stops_at_the_quota(case: Case, *, wait_for_drain: bool, pick: Pick = min) -> None:
    """Failed addresses take the places: the plan is objected to, and even run it would break no other promise."""
    change = change_of(case, wait_for_drain=wait_for_drain)
    model = model_of(case.gateway, case.quota, pick)
    if not change.diff.additions:
        assert check_free_slots(PRIVATE_IPS, change, case.gateway, quota=case.quota) == ()
        run_change(model, change)
        assert is_reached(model, case.wanted)
        return
    assert len(check_free_slots(PRIVATE_IPS, change, case.gateway, quota=case.quota)) == 1
    with pytest.raises(RefusedError, match=r"^quota$"):
        run_change(model, change)
    assert model.lowest >= change.in_service_low
    assert model.unassign_calls <= 1


def assert_holds(case: Case, *, wait_for_drain: bool, pick: Pick = min) -> None:
    if fits(case):
        assert check_free_slots(PRIVATE_IPS, change_of(case), case.gateway, quota=case.quota) == ()
        assert_keeps_its_promises(case, wait_for_drain=wait_for_drain, pick=pick)
    else:
        assert_stops_at_the_quota(case, wait_for_drain=wait_for_drain, pick=pick)


@times(4)
@given(cases(), st.booleans(), picks)
def test_every_change_reaches_its_target_and_keeps_its_promises(case: Case, wait_for_drain: bool, pick: Pick) -> None:
    assert_holds(case, wait_for_drain=wait_for_drain, pick=pick)


@given(cases(), st.booleans())
def test_the_second_plan_is_empty(case: Case, wait_for_drain: bool) -> None:
    """Whatever the first change left behind, draining included, nothing is proposed again."""
    assume(fits(case))
    model = model_of(case.gateway, case.quota)
    run_change(model, change_of(case, wait_for_drain=wait_for_drain))
    again = change_of(replace(case, gateway=snapshot_of(model)))
    assert again.diff.is_empty
    assert again.order is Order.NONE
    assert again.steps == ()
    assert again.in_service_before == again.in_service_low == again.in_service_after


@given(cases(), st.data())
def test_a_change_interrupted_anywhere_is_carried_on_by_the_next_plan(case: Case, data: st.DataObject) -> None:
    """Stop between any two steps, read again, plan again: the target is reached and nothing drains twice."""
    assume(fits(case))
    change = change_of(case)
    model = model_of(case.gateway, case.quota)
    for step in change.steps[: data.draw(st.integers(0, len(change.steps)))]:
        run_step(model, step)
    run_change(model, change_of(replace(case, gateway=snapshot_of(model))))
    assert is_reached(model, case.wanted)
    assert model.unassign_calls <= 1


@pytest.mark.parametrize("first", [(), (primary(status=AddressStatus.ASSIGNING),), (primary(),)])
@pytest.mark.parametrize("status", [None, AddressStatus.ASSIGNING, AddressStatus.SUCCEEDED])
def test_a_pending_gateway_is_waited_for_and_its_primary_counts_afterwards(
    first: tuple[NatGatewayAddress, ...], status: AddressStatus | None
) -> None:
    """AWS can show a gateway before its primary, or the primary before it serves; it takes a place all the same."""
    gateway = gateway_of(*first, secondary("10.0.0.9", status), state=GatewayState.PENDING)
    for wanted, quota in product([("10.0.0.9", "10.0.0.20"), ("10.0.0.20", "10.0.0.21")], [3, 4, 8]):
        case = Case(gateway, wanted, quota)
        change = change_of(case)
        model = model_of(gateway, quota)
        run_change(model, change)
        assert change.steps[0] == WaitUntilIdle()
        assert is_reached(model, wanted)
        assert change.in_service_after == model.in_service


@given(cases(), st.randoms(use_true_random=False), st.booleans())
def test_equal_facts_in_any_order_give_the_same_plan(case: Case, random: Random, wait_for_drain: bool) -> None:
    shown = list(case.gateway.addresses)
    random.shuffle(shown)
    wanted = case.wanted
    if not isinstance(wanted, int):
        reordered = list(wanted)
        random.shuffle(reordered)
        wanted = tuple(reordered)
    same = Case(replace(case.gateway, addresses=tuple(shown)), wanted, case.quota)
    assert change_of(same, wait_for_drain=wait_for_drain) == change_of(case, wait_for_drain=wait_for_drain)


# All small cases. Addresses differ only in their role (status now, wanted or not) and in their numerical order, so it
# is enough to run every multiset of roles, once in rising and once in falling numerical order.

ABSENT = "absent"
ROLES = [
    (status, wanted)
    for status in (ABSENT, *(status for status in PRIVATE_STATUSES if status is not None))
    for wanted in (False, True)
    if (status, wanted) != (ABSENT, False)
]


def small_cases(quota: int) -> Iterator[Case]:
    """Every start within `quota` and every declared set that fits it."""
    for size in range(2 * (quota - 1) + 1):
        for roles in combinations_with_replacement(ROLES, size):
            occupied = sum(status != ABSENT for status, _ in roles)
            wanted = sum(wanted for _, wanted in roles)
            if max(occupied, wanted) < quota:
                yield from (case_of(ordered, quota) for ordered in (roles, roles[::-1]))


def case_of(roles: tuple[tuple[str, bool], ...], quota: int) -> Case:
    by_address = {f"10.0.0.{8 + index}": role for index, role in enumerate(roles)}
    shown = [secondary(ip, AddressStatus(status)) for ip, (status, _) in by_address.items() if status != ABSENT]
    wanted = tuple(ip for ip, (_, wanted) in by_address.items() if wanted)
    return Case(gateway_of(primary(), *shown), wanted, quota)


@pytest.mark.parametrize("quota", [1, 2, 3, 4])
@pytest.mark.parametrize("wait_for_drain", [True, False])
def test_every_small_case_holds(quota: int, wait_for_drain: bool) -> None:
    cases = list(small_cases(quota))
    counted = [Case(gateway, count, quota) for gateway in {case.gateway for case in cases} for count in range(quota)]
    for case in cases + counted:
        assert_holds(case, wait_for_drain=wait_for_drain)


@pytest.mark.parametrize("quota", [2, 3, 4])
def test_no_other_order_with_one_drain_keeps_more_in_service(quota: int) -> None:
    """Against every way to assign some first, unassign in one call, and assign the rest: none has a higher low."""
    for case in small_cases(quota):
        change = change_of(case)
        if fits(case):
            assert change.in_service_low == max(lows_of_other_orders(case, change))


def lows_of_other_orders(case: Case, change: ChangePlan) -> Iterator[int]:
    assign, unassign = change.diff.assign, change.diff.unassign
    for size in range(len(assign) + 1):
        for first in combinations(assign, size):
            model = model_of(case.gateway, case.quota)
            model.settled()
            rest = sort_addresses(set(assign) - set(first))
            steps: list[Assign | Unassign | WaitForRelease] = [Assign(first)]
            steps += [Unassign(unassign), WaitForRelease(unassign), Assign(rest)]
            with suppress(RefusedError):
                for step in steps:
                    if step.addresses:
                        run_step(model, step)
                yield model.lowest
