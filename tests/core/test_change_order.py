"""The order of a change, step by step, in examples for people.

That the steps work, for every start and target, is proven in `test_change_plan_on_a_model_of_aws`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest

from natgw_provider.core.change_plan import (
    Assign,
    Order,
    Step,
    Unassign,
    WaitForRelease,
    WaitUntilIdle,
    choose_order,
    plan_change,
)
from natgw_provider.core.diff import Diff, ExactSet
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


def drain(*hosts: int) -> list[Step]:
    return [Unassign(ips(*hosts)), WaitForRelease(ips(*hosts))]


PENDING = gateway_of(primary(status=AddressStatus.ASSIGNING), state=GatewayState.PENDING)

# What happens: the gateway, the hosts declared for it, the quota, the order, the steps, and how many addresses are in
# service before, at the lowest and after.
Example = tuple[NatGateway, tuple[int, ...], int, Order, list[Step], tuple[int, int, int]]
EXAMPLES: dict[str, Example] = {
    "no change makes no step, even while something is in transition": (
        gateway_with(9, draining=[11], assigning=[10]), (9, 10), 8,
        Order.NONE, [], (2, 2, 2),
    ),
    "growth is one assign": (
        gateway_with(9), (9, 11, 10), 8,
        Order.ASSIGN_ONLY, [Assign(ips(10, 11))], (2, 2, 4),
    ),
    "shrinking drains all in one call": (
        gateway_with(9, 10, 11), (9,), 8,
        Order.UNASSIGN_ONLY, drain(10, 11), (4, 2, 2),
    ),
    "a swap with free slots makes before it breaks": (
        gateway_with(9, 10), (9, 11), 8,
        Order.ASSIGN_FIRST, [Assign(ips(11)), *drain(10)], (3, 3, 3),
    ),
    "what fits is assigned before the drain and the rest after it": (
        gateway_with(9, 10, 11, 12, 13), (20, 21, 22, 23, 24), 8,
        Order.STAGED, [Assign(ips(20, 21)), *drain(9, 10, 11, 12, 13), Assign(ips(22, 23, 24))], (6, 3, 6),
    ),
    "on a full gateway a slot is free only after the drain": (
        gateway_with(9, 10), (9, 20), 3,
        Order.UNASSIGN_FIRST, [*drain(10), Assign(ips(20))], (3, 2, 3),
    ),
    "a running drain is waited for first and its slots are counted on": (
        gateway_with(9, 10, draining=[11, 12]), (9, 20, 21), 5,
        Order.ASSIGN_FIRST, [WaitUntilIdle(), Assign(ips(20, 21)), *drain(10)], (3, 3, 4),
    ),
    "a wanted address that drains now is assigned after its release": (
        gateway_with(9, draining=[10]), (9, 10), 8,
        Order.ASSIGN_ONLY, [WaitUntilIdle(), Assign(ips(10))], (2, 2, 3),
    ),
    "an address being assigned is waited for and counts from then on": (
        gateway_with(9, assigning=[10]), (9,), 8,
        Order.UNASSIGN_ONLY, [WaitUntilIdle(), *drain(10)], (2, 2, 2),
    ),
    # Assigning 10.0.0.8 first, the lower one, would be one address over the quota.
    "the failed address is assigned first because it needs no new slot": (
        gateway_with(9, failed=[10]), (8, 10), 3,
        Order.STAGED, [Assign(ips(10)), *drain(9), Assign(ips(8))], (2, 2, 3),
    ),
    "a pending gateway is waited for": (
        PENDING, (9,), 8,
        Order.ASSIGN_ONLY, [WaitUntilIdle(), Assign(ips(9))], (0, 0, 2),
    ),
}  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES.values(), ids=EXAMPLES)
def test_the_steps_of_a_change(example: Example) -> None:
    gateway, wanted, quota, order, steps, in_service = example
    change = plan_change(ExactSet(ips(*wanted)).diff(gateway), gateway, quota=quota)
    assert (change.order, list(change.steps)) == (order, steps)
    assert (change.in_service_before, change.in_service_low, change.in_service_after) == in_service


def test_the_order_follows_from_what_is_added_what_is_removed_and_the_free_slots() -> None:
    for additions, removals, slots in product(range(4), range(3), range(4)):
        diff = Diff(assign=ips(*range(20, 20 + additions)), unassign=ips(*range(9, 9 + removals)))
        expected = {
            (False, False): Order.NONE,
            (True, False): Order.ASSIGN_ONLY,
            (False, True): Order.UNASSIGN_ONLY,
            (True, True): Order.ASSIGN_FIRST if additions <= slots else Order.STAGED if slots else Order.UNASSIGN_FIRST,
        }
        assert choose_order(diff, slots) is expected[additions > 0, removals > 0]
