"""What a change believes of a look: its own deeds count for a minute, then the look does."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.gateway import AddressStatus, NatGateway
from natgw_provider.ec2.memory import LAG_SECONDS, Memory
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


def look(memory: Memory, gateway: NatGateway, now: float) -> NatGateway:
    memory.note(gateway, now)
    return memory.believe(gateway, now)


def is_all_released(memory: Memory) -> bool:
    return memory.is_all_released


def test_without_deeds_a_look_is_believed_as_it_is() -> None:
    gateway = shown(a=SERVING, b=DRAINING)
    assert look(Memory(), gateway, 0) is gateway


def test_an_assigned_address_that_is_missing_is_on_its_way_for_a_minute() -> None:
    memory = Memory()
    memory.assign([A], 0)
    assert look(memory, shown(), 1).assigning == (A,)
    assert look(memory, shown(), LAG_SECONDS + 1).attached == ()


def test_an_assigned_address_that_flaps_stays_as_last_seen() -> None:
    memory = Memory()
    memory.assign([A], 0)
    look(memory, shown(a=SERVING), 5)
    assert look(memory, shown(), 6).in_service == ("10.0.0.4", A)
    assert look(memory, shown(), 5 + LAG_SECONDS).attached == ()


def test_an_assigned_address_that_somebody_else_drains_may_vanish_at_once() -> None:
    memory = Memory()
    memory.assign([A], 0)
    look(memory, shown(a=DRAINING), 5)
    assert look(memory, shown(), 6).attached == ()


def test_an_unassigned_address_that_still_shows_as_serving_drains_for_a_minute() -> None:
    memory = Memory()
    memory.unassign([A], 0)
    believed = look(memory, shown(a=SERVING, b=SERVING), 1)
    assert (believed.attached, believed.draining) == ((B,), (A,))
    assert look(memory, shown(a=SERVING), LAG_SECONDS + 1).attached == (A,)


def test_an_address_seen_draining_and_then_missing_twice_is_released() -> None:
    memory = Memory()
    memory.unassign([A], 0)
    look(memory, shown(a=DRAINING), 1)
    assert look(memory, shown(), 2).draining == (A,)
    assert not is_all_released(memory)
    assert look(memory, shown(), 3).draining == ()
    assert is_all_released(memory)
    assert look(memory, shown(a=SERVING), 4) == shown()


def test_an_address_that_drains_again_in_the_first_minute_was_not_released() -> None:
    """Both looks that missed it were older than the address."""
    memory = Memory()
    memory.unassign([A], 0)
    look(memory, shown(a=DRAINING), 1)
    look(memory, shown(), 2)
    look(memory, shown(), 3)
    assert look(memory, shown(a=DRAINING), 4).draining == (A,)
    assert not is_all_released(memory)
    look(memory, shown(), 5)
    assert not is_all_released(memory)
    look(memory, shown(), 6)
    assert is_all_released(memory)


def test_an_address_missing_a_minute_after_the_call_is_released_for_good() -> None:
    """No look is old enough to miss it for any other reason."""
    memory = Memory()
    memory.unassign([A], 0)
    look(memory, shown(a=DRAINING), 1)
    assert look(memory, shown(), LAG_SECONDS).draining == ()
    assert is_all_released(memory)
    assert look(memory, shown(a=SERVING), LAG_SECONDS + 1) == shown()
    assert look(memory, shown(a=DRAINING), LAG_SECONDS + 2) == shown()


def test_an_address_missing_when_its_drain_must_be_over_is_released_unless_it_still_drains() -> None:
    memory = Memory()
    memory.unassign([A], 0, max_drain_seconds=10)
    look(memory, shown(a=DRAINING), 9)
    look(memory, shown(), 10)
    assert is_all_released(memory)
    assert look(memory, shown(a=DRAINING), 11).draining == (A,)
    assert not is_all_released(memory)


def test_a_release_is_unconfirmed_while_one_more_look_would_prove_it() -> None:
    memory = Memory()
    assert not memory.is_release_unconfirmed
    memory.unassign([A, B], 0)
    look(memory, shown(b=DRAINING), 1)
    assert not memory.is_release_unconfirmed
    look(memory, shown(), 2)
    assert memory.is_release_unconfirmed
    look(memory, shown(), 3)
    assert not memory.is_release_unconfirmed


def test_what_was_done_after_the_look_counts_without_another_one() -> None:
    memory = Memory()
    gateway = shown(b=SERVING)
    memory.note(gateway, 5)
    memory.assign([A], 6)
    memory.unassign([B], 7)
    believed = memory.believe(gateway, 5)
    assert (believed.assigning, believed.draining) == ((A,), (B,))


def test_an_address_that_was_never_shown_drains_from_the_call_on() -> None:
    memory = Memory()
    memory.unassign([A], 7)
    assert memory.believe(shown(), 5).draining == (A,)


def test_an_address_that_is_assigned_once_more_is_on_its_way_again() -> None:
    memory = Memory()
    memory.assign([A], 0)
    look(memory, shown(a=DRAINING), 5)
    memory.assign([A], 100)
    assert memory.believe(shown(), 99).assigning == (A,)
    assert look(memory, shown(), 101).assigning == (A,)


def test_an_address_never_seen_draining_has_to_be_missing_twice() -> None:
    memory = Memory()
    memory.unassign([A], 0)
    assert look(memory, shown(), 1).draining == (A,)
    assert not is_all_released(memory)
    assert look(memory, shown(), 2).draining == ()
    assert is_all_released(memory)


def test_an_address_that_shows_again_in_between_was_only_missed() -> None:
    memory = Memory()
    memory.unassign([A], 0)
    look(memory, shown(), 1)
    look(memory, shown(a=SERVING), 2)
    look(memory, shown(), 3)
    assert not is_all_released(memory)


def test_a_released_address_that_shows_again_is_believed_once_conceded() -> None:
    memory = Memory()
    memory.unassign([A, B], 0)
    look(memory, shown(b=DRAINING), 1)
    look(memory, shown(b=DRAINING), 2)
    assert look(memory, shown(a=SERVING, b=SERVING), 3).attached == ()
    memory.concede(shown(a=SERVING, b=SERVING))
    believed = look(memory, shown(a=SERVING, b=SERVING), 4)
    assert (believed.attached, believed.draining) == ((A,), (B,))


def test_a_failure_from_before_is_not_this_assignments() -> None:
    memory = Memory()
    memory.assign([A], 0, failed_before=[A, B])
    assert look(memory, shown(a=FAILED, b=FAILED), 1).assigning == (A,)
    assert [a.private_ip for a in look(memory, shown(a=FAILED, b=FAILED), 2).failed] == [B]
    assert [a.private_ip for a in look(memory, shown(a=FAILED), LAG_SECONDS + 1).failed] == [A]


def test_a_new_failure_counts_at_once() -> None:
    memory = Memory()
    memory.assign([A], 0, failed_before=[A])
    look(memory, shown(a=ASSIGNING), 1)
    assert [a.private_ip for a in look(memory, shown(a=FAILED), 2).failed] == [A]


def test_when_it_was_unassigned_is_remembered() -> None:
    assert Memory().unassigned_at is None
    memory = Memory()
    memory.unassign([A], 7)
    assert (memory.unassigned_at, memory.unassigned) == (7, frozenset([A]))


statuses = st.sampled_from([SERVING, ASSIGNING, DRAINING, FAILED, None])
looks = st.lists(st.tuples(st.floats(0, 100), st.dictionaries(st.sampled_from(["a", "b"]), statuses)), max_size=8)


@given(looks)
def test_the_primary_is_never_touched_and_no_address_is_named_twice(seen: list[tuple[float, dict[str, None]]]) -> None:
    memory = Memory()
    memory.assign([A], 0)
    memory.unassign([B], 0)
    for now, given_statuses in sorted(seen, key=lambda entry: entry[0]):
        believed = look(memory, shown(**given_statuses), now)
        assert believed.addresses[0] == primary()
        listed = [address.private_ip for address in believed.addresses]
        assert len(listed) == len(set(listed))
        assert replace(believed, addresses=()) == replace(shown(), addresses=())
        if now < LAG_SECONDS:
            assert B not in believed.attached
