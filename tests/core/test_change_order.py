"""The order of a change, step by step, for every situation that the design names.

Readable examples; that the steps work is proven in `test_change_plan_on_a_model_of_aws`.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from natgw_provider.core.change_plan import (
    Assign,
    ChangePlan,
    Order,
    Step,
    Unassign,
    WaitForRelease,
    WaitUntilIdle,
    choose_order,
    free_slots,
    plan_change,
)
from natgw_provider.core.diff import Count, Diff, ExactSet
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway
from support.strategies import gateway_of, primary, secondary


def ips(*hosts: int) -> tuple[str, ...]:
    return tuple(f"10.0.0.{host}" for host in hosts)


def gateway_with(
    *hosts: int, draining: Iterable[int] = (), assigning: Iterable[int] = (), failed: Iterable[int] = ()
) -> NatGateway:
    return gateway_of(
        primary(),
        *(secondary(ip) for ip in ips(*hosts)),
        *(secondary(ip, AddressStatus.UNASSIGNING) for ip in ips(*draining)),
        *(secondary(ip, AddressStatus.ASSIGNING) for ip in ips(*assigning)),
        *(secondary(ip, AddressStatus.FAILED) for ip in ips(*failed)),
    )


def plan(gateway: NatGateway, *wanted: int, quota: int = 8, wait_for_drain: bool = True) -> ChangePlan:
    diff = ExactSet(tuple(ips(*wanted))).diff(gateway)
    return plan_change(diff, gateway, quota=quota, wait_for_drain=wait_for_drain)


def assert_plan(change: ChangePlan, order: Order, steps: list[Step], in_service: tuple[int, int, int]) -> None:
    assert change.order is order
    assert list(change.steps) == steps
    assert (change.in_service_before, change.in_service_low, change.in_service_after) == in_service
    assert change.drain_windows == sum(isinstance(step, Unassign) for step in steps)


def test_no_change_makes_no_step() -> None:
    assert_plan(plan(gateway_with(9, 10), 10, 9), Order.NONE, [], (3, 3, 3))


def test_no_change_makes_no_step_even_while_something_is_in_transition() -> None:
    assert_plan(plan(gateway_with(9, draining=[11], assigning=[10]), 9, 10), Order.NONE, [], (2, 2, 2))


def test_growth_is_one_assign() -> None:
    assert_plan(plan(gateway_with(9), 9, 11, 10), Order.ASSIGN_ONLY, [Assign(ips(10, 11))], (2, 2, 4))


def test_shrinking_drains_all_in_one_call_and_waits() -> None:
    assert_plan(
        plan(gateway_with(9, 10, 11), 9),
        Order.UNASSIGN_ONLY,
        [Unassign(ips(10, 11)), WaitForRelease(ips(10, 11))],
        (4, 2, 2),
    )


def test_without_waiting_shrinking_ends_when_the_drain_has_begun() -> None:
    assert_plan(
        plan(gateway_with(9, 10, 11), 9, wait_for_drain=False), Order.UNASSIGN_ONLY, [Unassign(ips(10, 11))], (4, 2, 2)
    )


def test_a_swap_with_room_makes_before_it_breaks() -> None:
    assert_plan(
        plan(gateway_with(9, 10), 9, 11),
        Order.ASSIGN_FIRST,
        [Assign(ips(11)), Unassign(ips(10)), WaitForRelease(ips(10))],
        (3, 3, 3),
    )


def test_without_waiting_a_swap_with_room_ends_when_the_drain_has_begun() -> None:
    assert_plan(
        plan(gateway_with(9, 10), 9, 11, wait_for_drain=False),
        Order.ASSIGN_FIRST,
        [Assign(ips(11)), Unassign(ips(10))],
        (3, 3, 3),
    )


def test_what_fits_is_assigned_before_the_drain_and_the_rest_after_it() -> None:
    assert_plan(
        plan(gateway_with(9, 10, 11, 12, 13), 20, 21, 22, 23, 24),
        Order.STAGED,
        [
            Assign(ips(20, 21)),
            Unassign(ips(9, 10, 11, 12, 13)),
            WaitForRelease(ips(9, 10, 11, 12, 13)),
            Assign(ips(22, 23, 24)),
        ],
        (6, 3, 6),
    )


@pytest.mark.parametrize("wait_for_drain", [True, False])
def test_a_swap_of_one_on_a_full_gateway_drains_first_and_always_waits(wait_for_drain: bool) -> None:
    """There is no place for the new one until the old one is released."""
    assert_plan(
        plan(gateway_with(9, 10, 11, 12, 13, 14, 15), 9, 10, 11, 12, 13, 14, 20, wait_for_drain=wait_for_drain),
        Order.UNASSIGN_FIRST,
        [Unassign(ips(15)), WaitForRelease(ips(15)), Assign(ips(20))],
        (8, 7, 8),
    )


def test_with_the_highest_quota_all_31_can_be_swapped() -> None:
    old, new = range(100, 131), range(200, 231)
    assert_plan(
        plan(gateway_with(*old), *new, quota=32),
        Order.UNASSIGN_FIRST,
        [Unassign(ips(*old)), WaitForRelease(ips(*old)), Assign(ips(*new))],
        (32, 1, 32),
    )


def test_a_running_drain_is_waited_for_first_and_its_places_are_counted_on() -> None:
    assert_plan(
        plan(gateway_with(9, 10, draining=[11, 12]), 9, 20, 21, quota=5),
        Order.ASSIGN_FIRST,
        [WaitUntilIdle(), Assign(ips(20, 21)), Unassign(ips(10)), WaitForRelease(ips(10))],
        (3, 3, 4),
    )


def test_a_wanted_address_that_drains_now_is_assigned_after_its_release() -> None:
    assert_plan(
        plan(gateway_with(9, draining=[10]), 9, 10), Order.ASSIGN_ONLY, [WaitUntilIdle(), Assign(ips(10))], (2, 2, 3)
    )


def test_an_address_being_assigned_is_waited_for_and_counts_from_then_on() -> None:
    assert_plan(
        plan(gateway_with(9, assigning=[10]), 9),
        Order.UNASSIGN_ONLY,
        [WaitUntilIdle(), Unassign(ips(10)), WaitForRelease(ips(10))],
        (2, 2, 2),
    )


def test_a_failed_address_that_is_wanted_is_assigned_again_in_its_own_place() -> None:
    assert_plan(
        plan(gateway_with(9, failed=[10]), 10, quota=3),
        Order.ASSIGN_FIRST,
        [Assign(ips(10)), Unassign(ips(9)), WaitForRelease(ips(9))],
        (2, 2, 2),
    )


def test_what_is_staged_first_is_the_failed_address_because_it_needs_no_new_place() -> None:
    """Assigning 10.0.0.8 first, the lower one, would be one address over the quota."""
    assert_plan(
        plan(gateway_with(9, failed=[10]), 8, 10, quota=3),
        Order.STAGED,
        [Assign(ips(10)), Unassign(ips(9)), WaitForRelease(ips(9)), Assign(ips(8))],
        (2, 2, 3),
    )


def test_a_pending_gateway_is_waited_for() -> None:
    gateway = gateway_of(primary(status=AddressStatus.ASSIGNING), state=GatewayState.PENDING)
    assert_plan(plan(gateway, 9), Order.ASSIGN_ONLY, [WaitUntilIdle(), Assign(ips(9))], (0, 0, 2))


def test_a_count_grows_in_one_call_that_names_no_address() -> None:
    gateway = gateway_with(9)
    assert_plan(plan_change(Count(4).diff(gateway), gateway, quota=8), Order.ASSIGN_ONLY, [Assign(count=3)], (2, 2, 5))


@pytest.mark.parametrize("room", range(4))
@pytest.mark.parametrize("additions", range(4))
@pytest.mark.parametrize("removals", range(3))
def test_the_order_follows_from_what_is_added_what_is_removed_and_the_room(
    additions: int, removals: int, room: int
) -> None:
    order = choose_order(Diff(assign=ips(*range(20, 20 + additions)), unassign=ips(*range(9, 9 + removals))), room)
    expected = {
        (False, False): Order.NONE,
        (True, False): Order.ASSIGN_ONLY,
        (False, True): Order.UNASSIGN_ONLY,
        (True, True): Order.ASSIGN_FIRST if additions <= room else Order.STAGED if room else Order.UNASSIGN_FIRST,
    }
    assert order is expected[additions > 0, removals > 0]


@pytest.mark.parametrize(
    ("gateway", "quota", "room"),
    [
        (gateway_with(), 8, 7),
        (gateway_with(9, 10), 8, 5),
        (gateway_with(9, 10), 3, 0),
        (gateway_with(9, 10), 2, 0),
        (gateway_with(9, draining=[10, 11]), 3, 1),
        (gateway_with(9, assigning=[10]), 4, 1),
        (gateway_with(9, failed=[30]), 4, 1),
        (gateway_with(9, failed=[20]), 4, 2),
        (gateway_of(state=GatewayState.PENDING), 8, 7),
    ],
)
def test_the_room_is_what_the_quota_leaves_once_nothing_drains(gateway: NatGateway, quota: int, room: int) -> None:
    assert free_slots(Diff(assign=ips(20)), gateway, quota) == room
