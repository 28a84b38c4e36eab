"""What a change believes of a look: its own deeds count for a minute, then the look does."""

from __future__ import annotations

from dataclasses import replace

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


def look(writes: PendingWrites, gateway: NatGateway, now: float) -> NatGateway:
    writes.observe(gateway, now)
    return writes.reconcile(gateway, now)


def is_all_released(writes: PendingWrites) -> bool:
    return writes.is_all_released


def test_without_deeds_a_look_is_reconciled_as_it_is() -> None:
    gateway = shown(a=SERVING, b=DRAINING)
    assert look(PendingWrites(), gateway, 0) is gateway


def test_an_assigned_address_that_is_missing_is_on_its_way_for_a_minute() -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    assert look(writes, shown(), 1).assigning == (A,)
    assert look(writes, shown(), LAG_SECONDS + 1).attached == ()


def test_an_assigned_address_that_flaps_stays_as_last_seen() -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    look(writes, shown(a=SERVING), 5)
    assert look(writes, shown(), 6).in_service == ("10.0.0.4", A)
    assert look(writes, shown(), 5 + LAG_SECONDS).attached == ()


def test_an_assigned_address_that_somebody_else_drains_may_vanish_at_once() -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    look(writes, shown(a=DRAINING), 5)
    assert look(writes, shown(), 6).attached == ()


def test_an_unassigned_address_that_still_shows_as_serving_drains_for_a_minute() -> None:
    writes = PendingWrites()
    writes.unassign([A], 0)
    reconciled = look(writes, shown(a=SERVING, b=SERVING), 1)
    assert (reconciled.attached, reconciled.draining) == ((B,), (A,))
    assert look(writes, shown(a=SERVING), LAG_SECONDS + 1).attached == (A,)


def test_an_address_seen_draining_and_then_missing_twice_is_released() -> None:
    writes = PendingWrites()
    writes.unassign([A], 0)
    look(writes, shown(a=DRAINING), 1)
    assert look(writes, shown(), 2).draining == (A,)
    assert not is_all_released(writes)
    assert look(writes, shown(), 3).draining == ()
    assert is_all_released(writes)
    assert look(writes, shown(a=SERVING), 4) == shown()


def test_an_address_that_drains_again_in_the_first_minute_was_not_released() -> None:
    """Both looks that missed it were older than the address."""
    writes = PendingWrites()
    writes.unassign([A], 0)
    look(writes, shown(a=DRAINING), 1)
    look(writes, shown(), 2)
    look(writes, shown(), 3)
    assert look(writes, shown(a=DRAINING), 4).draining == (A,)
    assert not is_all_released(writes)
    look(writes, shown(), 5)
    assert not is_all_released(writes)
    look(writes, shown(), 6)
    assert is_all_released(writes)


def test_an_address_missing_a_minute_after_the_call_is_released_for_good() -> None:
    """No look is old enough to miss it for any other reason."""
    writes = PendingWrites()
    writes.unassign([A], 0)
    look(writes, shown(a=DRAINING), 1)
    assert look(writes, shown(), LAG_SECONDS).draining == ()
    assert is_all_released(writes)
    assert look(writes, shown(a=SERVING), LAG_SECONDS + 1) == shown()
    assert look(writes, shown(a=DRAINING), LAG_SECONDS + 2) == shown()


def test_an_address_missing_when_its_drain_must_be_over_is_released_unless_it_still_drains() -> None:
    writes = PendingWrites()
    writes.unassign([A], 0, max_drain_seconds=10)
    look(writes, shown(a=DRAINING), 9)
    look(writes, shown(), 10)
    assert is_all_released(writes)
    assert look(writes, shown(a=DRAINING), 11).draining == (A,)
    assert not is_all_released(writes)


def test_a_release_is_unconfirmed_while_one_more_look_would_prove_it() -> None:
    writes = PendingWrites()
    assert not writes.is_release_unconfirmed
    writes.unassign([A, B], 0)
    look(writes, shown(b=DRAINING), 1)
    assert not writes.is_release_unconfirmed
    look(writes, shown(), 2)
    assert writes.is_release_unconfirmed
    look(writes, shown(), 3)
    assert not writes.is_release_unconfirmed


def test_what_was_done_after_the_look_counts_without_another_one() -> None:
    writes = PendingWrites()
    gateway = shown(b=SERVING)
    writes.observe(gateway, 5)
    writes.assign([A], 6)
    writes.unassign([B], 7)
    reconciled = writes.reconcile(gateway, 5)
    assert (reconciled.assigning, reconciled.draining) == ((A,), (B,))


def test_an_address_that_was_never_shown_drains_from_the_call_on() -> None:
    writes = PendingWrites()
    writes.unassign([A], 7)
    assert writes.reconcile(shown(), 5).draining == (A,)


def test_an_address_that_is_assigned_once_more_is_on_its_way_again() -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    look(writes, shown(a=DRAINING), 5)
    writes.assign([A], 100)
    assert writes.reconcile(shown(), 99).assigning == (A,)
    assert look(writes, shown(), 101).assigning == (A,)


def test_an_address_never_seen_draining_has_to_be_missing_twice() -> None:
    writes = PendingWrites()
    writes.unassign([A], 0)
    assert look(writes, shown(), 1).draining == (A,)
    assert not is_all_released(writes)
    assert look(writes, shown(), 2).draining == ()
    assert is_all_released(writes)


def test_an_address_that_shows_again_in_between_was_only_missed() -> None:
    writes = PendingWrites()
    writes.unassign([A], 0)
    look(writes, shown(), 1)
    look(writes, shown(a=SERVING), 2)
    look(writes, shown(), 3)
    assert not is_all_released(writes)


def test_a_released_address_that_shows_again_is_reconciled_once_conceded() -> None:
    writes = PendingWrites()
    writes.unassign([A, B], 0)
    look(writes, shown(b=DRAINING), 1)
    look(writes, shown(b=DRAINING), 2)
    assert look(writes, shown(a=SERVING, b=SERVING), 3).attached == ()
    writes.accept(shown(a=SERVING, b=SERVING))
    reconciled = look(writes, shown(a=SERVING, b=SERVING), 4)
    assert (reconciled.attached, reconciled.draining) == ((A,), (B,))


def test_a_failure_from_before_is_not_this_assignments() -> None:
    writes = PendingWrites()
    writes.assign([A], 0, failed_before=[A, B])
    assert look(writes, shown(a=FAILED, b=FAILED), 1).assigning == (A,)
    assert [a.key for a in look(writes, shown(a=FAILED, b=FAILED), 2).failed] == [B]
    assert [a.key for a in look(writes, shown(a=FAILED), LAG_SECONDS + 1).failed] == [A]


def test_a_new_failure_counts_at_once() -> None:
    writes = PendingWrites()
    writes.assign([A], 0, failed_before=[A])
    look(writes, shown(a=ASSIGNING), 1)
    assert [a.key for a in look(writes, shown(a=FAILED), 2).failed] == [A]


def test_when_it_was_unassigned_is_remembered() -> None:
    assert PendingWrites().unassigned_at is None
    writes = PendingWrites()
    writes.unassign([A], 7)
    assert (writes.unassigned_at, writes.unassigned) == (7, frozenset([A]))


statuses = st.sampled_from([SERVING, ASSIGNING, DRAINING, FAILED, None])
looks = st.lists(st.tuples(st.floats(0, 100), st.dictionaries(st.sampled_from(["a", "b"]), statuses)), max_size=8)


@given(looks)
def test_the_primary_is_never_touched_and_no_address_is_named_twice(seen: list[tuple[float, dict[str, None]]]) -> None:
    writes = PendingWrites()
    writes.assign([A], 0)
    writes.unassign([B], 0)
    for now, given_statuses in sorted(seen, key=lambda entry: entry[0]):
        reconciled = look(writes, shown(**given_statuses), now)
        assert reconciled.addresses[0] == primary()
        listed = [address.key for address in reconciled.addresses]
        assert len(listed) == len(set(listed))
        assert replace(reconciled, addresses=()) == replace(shown(), addresses=())
        if now < LAG_SECONDS:
            assert B not in reconciled.attached
