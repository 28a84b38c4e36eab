"""A change without any trouble: the right calls in the right order, the whole drain waited out, the truth returned."""

from __future__ import annotations

from engine.stage import ASSIGN, DESCRIBE, UNASSIGN, Stage, ip


def test_growing_assigns_and_returns_when_all_is_in_service(stage: Stage) -> None:
    stage.seed(10)
    outcome = stage.change(ip(10, 11, 12))
    assert outcome.failure is None
    assert outcome.seen.in_service == ip(4, 10, 11, 12)
    assert outcome.assigned == ip(11, 12)
    assert stage.mutations() == [(ASSIGN, ip(11, 12), "ok")]


def test_shrinking_unassigns_in_one_call_and_returns_after_the_release(stage: Stage) -> None:
    stage.seed(10, 11, 12)
    began = stage.manual.now()
    outcome = stage.change(ip(12), max_drain_seconds=100)
    assert outcome.failure is None
    assert (outcome.attached, outcome.draining) == (ip(12), ())
    assert stage.mutations() == [(UNASSIGN, ip(10, 11), "ok")]
    assert 100 <= stage.manual.now() - began <= 102


def test_a_swap_with_room_makes_before_it_breaks(stage: Stage) -> None:
    stage.seed(10)
    assert stage.change(ip(11)).failure is None
    assert stage.mutations() == [(ASSIGN, ip(11), "ok"), (UNASSIGN, ip(10), "ok")]


def test_a_swap_of_all_seven_on_a_full_gateway_takes_one_drain_window(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    began = stage.manual.now()
    outcome = stage.change(ip(*range(20, 27)))
    assert outcome.failure is None
    assert outcome.attached == ip(*range(20, 27))
    assert stage.mutations() == [(UNASSIGN, ip(*range(10, 17)), "ok"), (ASSIGN, ip(*range(20, 27)), "ok")]
    assert stage.manual.now() - began < 70


def test_a_staged_swap_assigns_what_fits_then_the_rest(stage: Stage) -> None:
    stage.seed(*range(10, 16))
    assert stage.change(ip(20, 21, 22)).failure is None
    assert stage.mutations() == [
        (ASSIGN, ip(20), "ok"),
        (UNASSIGN, ip(*range(10, 16)), "ok"),
        (ASSIGN, ip(21, 22), "ok"),
    ]


def test_nothing_to_do_makes_two_reads_and_no_other_call(stage: Stage) -> None:
    stage.seed(10)
    assert stage.change(ip(10)).failure is None
    assert {call.action for call in stage.calls()} == {DESCRIBE}
    assert stage.count(DESCRIBE) == 2


def test_a_count_grows_by_what_aws_picks_and_names_it(stage: Stage) -> None:
    stage.seed(10)
    for answer_touched_only in (True, False):
        stage.settings(answer_only_touched_addresses=answer_touched_only)
        have = len(stage.truth())
        outcome = stage.change(have + 2)
        assert outcome.failure is None
        assert len(outcome.attached) == have + 2
        assert len(outcome.assigned) == 2
        assert set(outcome.assigned) <= set(outcome.attached)
        assert stage.effective(ASSIGN) == [2]


def test_a_count_shrinks_by_the_numerically_highest(stage: Stage) -> None:
    stage.seed(9, 10, 100)
    assert stage.change(1).failure is None
    assert stage.mutations() == [(UNASSIGN, ip(10, 100), "ok")]


def test_a_running_drain_is_waited_out_before_anything_is_called(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.outside(UNASSIGN, 10, drain=200)
    began = stage.manual.now()
    outcome = stage.change(ip(10, 11))
    assert outcome.failure is None
    assert stage.mutations() == [(ASSIGN, ip(10), "ok")]
    assert stage.manual.now() - began >= 200


def test_without_waiting_it_returns_once_the_drain_shows(stage: Stage) -> None:
    stage.seed(10, 11)
    began = stage.manual.now()
    outcome = stage.change(ip(11), wait_for_drain=False)
    assert outcome.failure is None
    assert (outcome.attached, outcome.draining) == (ip(11), ip(10))
    assert stage.manual.now() - began <= 2


def test_without_waiting_a_drain_is_waited_for_where_something_has_to_follow(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    outcome = stage.change(ip(*range(11, 18)), wait_for_drain=False)
    assert outcome.attached == ip(*range(11, 18))


def test_a_destroy_unassigns_what_is_held_and_leaves_the_rest(stage: Stage) -> None:
    stage.seed(10, 11, 12)
    outcome = stage.carry_out(stage.destroy_request(10, 11, 99))
    assert outcome.failure is None
    assert stage.truth() == {"10.0.0.12": "succeeded"}


def test_a_destroy_of_a_gateway_that_is_gone_succeeds(stage: Stage) -> None:
    stage.seed(10)
    stage.aws.end_gateway("nat-0a1b2c3d4e5f67890")
    outcome = stage.carry_out(stage.destroy_request(10))
    assert (outcome.failure, outcome.gateway) == (None, None)
    outcome = stage.carry_out(stage.destroy_request(10, nat_gateway_id="nat-0000000000000dead"))
    assert (outcome.failure, outcome.gateway) == (None, None)
    assert stage.mutations() == []


def test_a_new_gateway_is_waited_for(stage: Stage) -> None:
    stage.settings(gateway_pending_seconds=90, addresses_lag_seconds=20)
    stage.seed(10)
    made = stage.create(30)
    outcome = stage.change(ip(30, 31), nat_gateway_id=made)
    assert outcome.failure is None
    assert outcome.attached == ip(30, 31)
    assert stage.effective(ASSIGN) == [ip(31)]


def test_every_mutating_call_is_dry_run_before_the_first(stage: Stage) -> None:
    stage.seed(*range(10, 16))
    stage.change(ip(20, 21, 22))
    calls = [(call.action, call.dry_run) for call in stage.calls() if call.action != DESCRIBE]
    assert calls[:3] == [(ASSIGN, True), (UNASSIGN, True), (ASSIGN, True)]
    assert all(not dry_run for _, dry_run in calls[3:])


def test_what_was_seen_too_long_ago_is_looked_at_again_before_the_first_call(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("latency", actions=[ASSIGN], seconds=5, dry_run=True)
    stage.change(ip(11))
    calls = [call.action for call in stage.calls()]
    assert calls[: calls.index(UNASSIGN) + 2] == [DESCRIBE, ASSIGN, UNASSIGN, DESCRIBE]
