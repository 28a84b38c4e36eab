"""Reads reconciled with a change's own writes: a write counts for a minute, then the read does."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.gateway import AddressStatus, NatGateway
from natgw_provider.engine.pending_writes import LAG_SECONDS, PendingWrites
from support.strategies import gateway_of, primary, secondary

A, B = "10.0.0.10", "10.0.0.11"


def shown(**statuses: AddressStatus | None) -> NatGateway:
    named = {"a": A, "b": B}
    return gateway_of(primary(), *(secondary(named[name], status) for name, status in statuses.items()))


SERVING, ASSIGNING, DRAINING, FAILED = (
    AddressStatus.SUCCEEDED,
    AddressStatus.ASSIGNING,
    AddressStatus.UNASSIGNING,
    AddressStatus.FAILED,
)


def read(writes: PendingWrites, gateway: NatGateway, now: float) -> NatGateway:
    writes.observe(gateway, now)
    return writes.reconcile(gateway, now)


Read = tuple[float, dict[str, AddressStatus], tuple[str, ...], tuple[str, ...]]
"""When it is made, what it shows, and what is then attached and draining."""

ASSIGNED: dict[str, list[Read]] = {
    "missing, on its way for a minute": [(1, {}, (A,), ()), (LAG_SECONDS + 1, {}, (), ())],
    "flapping, as last shown": [
        (5, {"a": SERVING}, (A,), ()),
        (6, {}, (A,), ()),
        (5 + LAG_SECONDS, {}, (), ()),
    ],
    "drained by someone else, may vanish at once": [(5, {"a": DRAINING}, (), (A,)), (6, {}, (), ())],
}
UNASSIGNED: dict[str, list[Read]] = {
    "still in service, drains for a minute": [
        (1, {"a": SERVING, "b": SERVING}, (B,), (A,)),
        (LAG_SECONDS + 1, {"a": SERVING}, (A,), ()),
    ],
    "missing twice, released": [
        (1, {"a": DRAINING}, (), (A,)),
        (2, {}, (), (A,)),
        (3, {}, (), ()),
        (4, {"a": SERVING}, (), ()),
    ],
    "draining again in the first minute, not released": [
        (1, {}, (), (A,)),
        (2, {}, (), ()),
        (3, {"a": DRAINING}, (), (A,)),
        (4, {}, (), (A,)),
        (5, {}, (), ()),
    ],
    "shown in between, not released": [(1, {}, (), (A,)), (2, {"a": SERVING}, (), (A,)), (3, {}, (), (A,))],
    "missing after a minute, released for good": [
        (1, {"a": DRAINING}, (), (A,)),
        (LAG_SECONDS, {}, (), ()),
        (LAG_SECONDS + 1, {"a": SERVING}, (), ()),
        (LAG_SECONDS + 2, {"a": DRAINING}, (), ()),
    ],
}


@pytest.mark.parametrize("reads", ASSIGNED.values(), ids=ASSIGNED)
def test_an_assigned_address_counts_as_attached_while_a_read_may_lag(reads: list[Read]) -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    for now, statuses, attached, draining in reads:
        reconciled = read(writes, shown(**statuses), now)
        assert (reconciled.attached, reconciled.draining) == (attached, draining)


@pytest.mark.parametrize("reads", UNASSIGNED.values(), ids=UNASSIGNED)
def test_an_unassigned_address_drains_until_reads_prove_its_release(reads: list[Read]) -> None:
    writes = PendingWrites()
    writes.unassign([A], 0, max_drain_seconds=350)
    for now, statuses, attached, draining in reads:
        reconciled = read(writes, shown(**statuses), now)
        assert (reconciled.attached, reconciled.draining) == (attached, draining)
        if now < LAG_SECONDS:
            assert writes.is_all_released == (A not in draining)


def test_an_address_missing_when_its_drain_must_be_over_is_released_unless_it_still_drains() -> None:
    writes = PendingWrites()
    writes.unassign([A], 0, max_drain_seconds=10)
    read(writes, shown(a=DRAINING), 9)
    read(writes, shown(), 10)
    assert writes.is_all_released
    assert read(writes, shown(a=DRAINING), 11).draining == (A,)
    assert not writes.is_all_released


def test_a_release_is_unconfirmed_while_one_more_read_would_prove_it() -> None:
    writes = PendingWrites()
    writes.unassign([A, B], 0)
    found = []
    for now, statuses in enumerate([{"b": DRAINING}, {}, {}], start=1):
        read(writes, shown(**statuses), now)
        found.append(writes.is_release_unconfirmed)
    assert found == [False, True, False]


def test_what_was_written_after_the_read_counts_without_another_one() -> None:
    writes = PendingWrites()
    gateway = shown(b=SERVING)
    writes.observe(gateway, 5)
    writes.assign([A], 6)
    writes.unassign([B], 7)
    reconciled = writes.reconcile(gateway, 5)
    assert (reconciled.assigning, reconciled.draining) == ((A,), (B,))
    assert writes.unassigned_at == 7


def test_an_address_that_is_assigned_once_more_is_on_its_way_again() -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    read(writes, shown(a=DRAINING), 5)
    writes.assign([A], 100)
    assert read(writes, shown(), 101).assigning == (A,)


def test_a_released_address_that_shows_again_is_attached_once_that_is_accepted() -> None:
    writes = PendingWrites()
    writes.unassign([A, B], 0)
    read(writes, shown(b=DRAINING), 1)
    read(writes, shown(b=DRAINING), 2)
    assert read(writes, shown(a=SERVING, b=SERVING), 3).attached == ()
    writes.accept(shown(a=SERVING, b=SERVING))
    reconciled = read(writes, shown(a=SERVING, b=SERVING), 4)
    assert (reconciled.attached, reconciled.draining) == ((A,), (B,))


def test_a_failure_from_before_is_not_this_assignments_and_a_new_one_counts_at_once() -> None:
    writes = PendingWrites()
    writes.assign([A], 0, failed_before=[A, B])
    assert read(writes, shown(a=FAILED, b=FAILED), 1).assigning == (A,)
    assert [a.key for a in read(writes, shown(a=FAILED), LAG_SECONDS + 1).failed] == [A]
    writes = PendingWrites()
    writes.assign([A], 0, failed_before=[A])
    read(writes, shown(a=ASSIGNING), 1)
    assert [a.key for a in read(writes, shown(a=FAILED), 2).failed] == [A]


statuses = st.sampled_from([SERVING, ASSIGNING, DRAINING, FAILED, None])
reads = st.lists(st.tuples(st.floats(0, 100), st.dictionaries(st.sampled_from(["a", "b"]), statuses)), max_size=8)


@given(reads)
def test_the_primary_is_never_touched_and_no_address_is_named_twice(seen: list[tuple[float, dict[str, None]]]) -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    writes.unassign([B], 0)
    for now, given_statuses in sorted(seen, key=lambda entry: entry[0]):
        reconciled = read(writes, shown(**given_statuses), now)
        assert reconciled.addresses[0] == primary()
        listed = [address.key for address in reconciled.addresses]
        assert len(listed) == len(set(listed))
        assert replace(reconciled, addresses=()) == replace(shown(), addresses=())
        if now < LAG_SECONDS:
            assert B not in reconciled.attached
