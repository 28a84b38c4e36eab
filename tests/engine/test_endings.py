"""A change that cannot be completed: the true state comes back, with what is attached, what drains and what is next."""

from __future__ import annotations

import re

import pytest

from engine.stage import ASSIGN, CALLING, DESCRIBE, GATEWAY, UNASSIGN, Lines, Stage, ip


def test_an_address_that_fails_is_reported_with_its_message_and_nothing_is_unassigned(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("address_failure", message="The subnet is out of order")
    outcome = stage.change(ip(11, 12))
    assert "10.0.0.11 failed: The subnet is out of order." in outcome.detail
    assert "failed: 10.0.0.12 (The subnet is out of order)" in outcome.detail
    assert stage.effective(UNASSIGN) == []
    assert outcome.attached == ip(10)
    assert [address.key for address in outcome.seen.failed] == list(ip(11, 12))


def test_a_failed_address_that_was_there_before_does_not_stop_a_change(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("address_failure", message="No", times=1, dry_run=False)
    stage.change(ip(10, 11))
    outcome = stage.change(ip(10, 12))
    assert outcome.failure is None
    assert outcome.attached == ip(10, 12)


def test_a_failed_address_that_aws_holds_on_to_is_reported_with_the_way_out(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("address_failure", message="No", times=1, dry_run=False)
    stage.change(ip(10, 11))
    stage.manual.advance(60)
    outcome = stage.change(ip(10, 11))
    assert "InvalidIPAddress.InUse" in outcome.detail
    assert "failed: 10.0.0.11 (No)" in outcome.detail
    assert stage.plain(stage.kind.free_command) in outcome.detail


def test_a_stop_in_a_drain_ends_it_soon_and_says_until_when_it_drains(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.clock.at(40, stage.stop.set)
    began = stage.manual.now()
    outcome = stage.change(ip(11), max_drain_seconds=350)
    assert 40 <= stage.manual.now() - began <= 41
    assert outcome.summary == "Interrupted"
    assert re.search(r"draining: 10\.0\.0\.10, until 2025-06-15 15:1\d:\d\d UTC at the latest", outcome.detail)
    assert "now has 10.0.0.11 attached" in outcome.detail
    assert "Nothing is left to do on AWS" in outcome.detail
    assert (outcome.attached, outcome.draining) == (ip(11), ip(10))


def test_a_stop_before_the_first_call_changes_nothing(stage: Stage) -> None:
    stage.seed(10)
    stage.stop.set()
    outcome = stage.change(ip(11))
    assert outcome.summary
    assert stage.mutations() == []


@pytest.mark.parametrize("action", [ASSIGN, UNASSIGN])
@pytest.mark.parametrize("stale", [0.0, 5.0])
def test_a_stop_during_a_call_still_reads_its_effect(stage: Stage, action: str, stale: float) -> None:
    stage.seed(10)
    stage.manual.advance(60)
    request = stage.request(ip(10, 11) if action == ASSIGN else ())
    if stale:
        stage.fault("stale_reads", seconds=stale)
    stage.lines = Lines(CALLING[action], stage.stop.set)
    outcome = stage.carry_out(request)
    assert outcome.summary == "Interrupted"
    assert len(stage.mutations()) == 1
    assert [call.action for call in stage.calls()][-1] == DESCRIBE
    assert set(outcome.attached) == {name for name, status in stage.truth().items() if status != "unassigning"}
    assert set(outcome.draining) == {name for name, status in stage.truth().items() if status == "unassigning"}


def test_a_stop_after_a_lost_answer_takes_one_read_of_what_happened(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.manual.advance(60)
    stage.fault("lost_answer", actions=[UNASSIGN], dry_run=False)
    stage.lines = Lines(CALLING[UNASSIGN], stage.stop.set)
    outcome = stage.change(ip(11))
    assert outcome.summary
    assert "it is not known" not in outcome.detail
    assert (outcome.attached, outcome.draining) == (ip(11), ip(10))


def test_a_stop_after_a_lost_answer_whose_effect_does_not_show_ends_at_once_and_calls_it_unknown(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.manual.advance(60)
    request = stage.request(ip(11))
    stage.fault("stale_reads", seconds=5)
    stage.fault("lost_answer", actions=[UNASSIGN], dry_run=False)
    stage.lines = Lines(CALLING[UNASSIGN], stage.stop.set)
    began = stage.manual.now()
    outcome = stage.carry_out(request)
    assert stage.manual.now() - began <= 1
    assert "it is not known whether the call took effect" in outcome.detail
    assert "looking" not in outcome.detail


@pytest.mark.parametrize("action", [ASSIGN, UNASSIGN])
def test_a_server_error_that_never_ends_is_quoted_and_the_timeout_is_kept(stage: Stage, action: str) -> None:
    stage.seed(10)
    request = stage.request(ip(10, 11) if action == ASSIGN else (), timeout_seconds=40.0)
    stage.fault("internal_error", actions=[action], dry_run=False)
    began = stage.manual.now()
    outcome = stage.carry_out(request)
    assert 40 <= stage.manual.now() - began <= 41
    assert outcome.summary == "Timed out"
    assert f"The last error was {action}: InternalError: " in outcome.detail
    assert "(HTTP 500, request id " in outcome.detail
    assert stage.effective(action) == []


@pytest.mark.parametrize("dry_run", [True, False])
@pytest.mark.parametrize("action", [ASSIGN, UNASSIGN])
def test_what_the_endpoint_does_not_implement_is_final_at_once(stage: Stage, action: str, *, dry_run: bool) -> None:
    stage.seed(10)
    request = stage.request(ip(10, 11) if action == ASSIGN else ())
    stage.fault("error", actions=[action], code="NotImplemented", status=501, message="No.", dry_run=dry_run)
    began = stage.manual.now()
    stage.aws.clear_calls()
    outcome = stage.carry_out(request)
    assert stage.manual.now() - began <= 1
    assert "NotImplemented: No. (HTTP 501, request id" in outcome.detail
    assert stage.count(action) == (1 if dry_run else 2)


def test_an_effect_that_cannot_be_found_out_is_called_unknown(stage: Stage) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(11))
    stage.fault("lost_answer", actions=[UNASSIGN], dry_run=False)
    stage.fault("unavailable", actions=[DESCRIBE], skip=1)
    stage.lines = Lines(CALLING[UNASSIGN], stage.stop.set)
    outcome = stage.carry_out(request)
    assert "it is not known whether the call took effect" in outcome.detail
    assert "Nothing was changed" not in outcome.detail


@pytest.mark.parametrize("seconds", [100.0, 107.0])
def test_a_drain_that_outlasts_the_timeout_is_reported_and_not_called_into(stage: Stage, seconds: float) -> None:
    stage.seed(10, 11)
    began = stage.manual.now()
    outcome = stage.change(ip(11), max_drain_seconds=350, timeout_seconds=seconds)
    assert 0 <= stage.manual.now() - began - seconds <= 1
    assert outcome.failure is not None
    assert outcome.summary == "Timed out"
    assert outcome.failure.path == ("timeouts",)
    assert f"{seconds:.0f} s (1 min " in outcome.detail
    assert "draining: 10.0.0.10, until" in outcome.detail
    assert outcome.draining == ip(10)
    assert stage.effective(UNASSIGN) == [ip(10)]


@pytest.mark.parametrize("seconds", [0.5, 1.0, 1.5])
def test_a_timeout_is_kept_while_a_second_read_is_to_confirm_a_refusal(stage: Stage, seconds: float) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(11), timeout_seconds=seconds)
    stage.outside(ASSIGN, 12)
    stage.manual.advance(5)
    began = stage.manual.now()
    outcome = stage.carry_out(request)
    assert outcome.summary
    assert stage.manual.now() - began <= seconds
    assert stage.mutations() == []


def test_a_foreign_drain_that_outlasts_the_timeout_leaves_everything_as_it_is(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.outside(UNASSIGN, 10, drain=4000)
    outcome = stage.change(ip(11, 12), timeout_seconds=120.0)
    assert "Nothing was changed" in outcome.detail
    assert "until its connections end, at most the duration it was unassigned with" in outcome.detail
    assert stage.mutations() == []


@pytest.mark.parametrize(("state", "word"), [("deleted", "deleted"), ("failed", "failed (Network interface")])
def test_a_gateway_that_ends_in_a_drain_is_reported_and_left(stage: Stage, state: str, word: str) -> None:
    stage.seed(10, 11)
    stage.clock.at(30, lambda: stage.aws.end_gateway(GATEWAY, state))
    outcome = stage.change(ip(11), max_drain_seconds=100)
    assert outcome.summary == "NAT gateway is gone"
    assert f"{GATEWAY} is {word}" in outcome.detail
    assert outcome.gateway is None


def test_a_destroy_is_complete_when_the_gateway_ends_in_the_drain(stage: Stage) -> None:
    stage.seed(10)
    stage.clock.at(30, lambda: stage.aws.end_gateway(GATEWAY))
    outcome = stage.carry_out(stage.destroy_request(10))
    assert (outcome.failure, outcome.gateway) == (None, None)


def test_an_outsider_who_removes_what_was_just_assigned_is_not_fought(stage: Stage) -> None:
    stage.seed(10)
    stage.settings(assigning_seconds=5.0)
    stage.clock.at(5.5, lambda: stage.outside(UNASSIGN, 11, drain=1))
    outcome = stage.change(ip(11))
    assert len(stage.effective(ASSIGN)) == 1
    assert set(outcome.attached) <= set(stage.truth())


def test_an_assigned_address_that_vanishes_is_reported_after_a_minute_and_not_assigned_again(stage: Stage) -> None:
    stage.seed(10)
    stage.settings(assigning_seconds=2.0, connections_end_after=0.2)
    stage.clock.at(2.1, lambda: stage.outside(UNASSIGN, 11))
    began = stage.manual.now()
    outcome = stage.change(ip(10, 11))
    assert "accepted the call to assign 10.0.0.11, but does not show it" in outcome.detail
    assert "The next plan and apply will assign 10.0.0.11." in outcome.detail
    assert 60 <= stage.manual.now() - began <= 70
    assert stage.effective(ASSIGN) == [ip(11)]
    assert outcome.attached == ip(10)


def test_an_unassigned_address_that_serves_again_is_reported_and_not_waited_for(stage: Stage) -> None:
    stage.settings(assigning_seconds=0.0)
    stage.seed(10, 11)
    stage.clock.at(100.1, lambda: stage.outside(ASSIGN, 10))
    outcome = stage.change(ip(11), max_drain_seconds=100)
    assert "shows it in service again" in outcome.detail
    assert outcome.attached == ip(10, 11)


def test_an_outsider_who_adds_meanwhile_is_not_undone_without_a_review(stage: Stage) -> None:
    stage.seed(*range(10, 16))
    stage.clock.at(63.5, lambda: stage.outside(ASSIGN, 50))
    outcome = stage.change(ip(20, 21, 22))
    assert "10.0.0.50" in stage.truth()
    assert stage.effective(UNASSIGN) == [ip(*range(10, 16))]
    assert outcome.failure is None or "unassign 10.0.0.50" in outcome.failure.detail


def test_the_next_change_carries_on_where_a_stopped_one_ended(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    stage.clock.at(20, stage.stop.set)
    first = stage.change(ip(*range(20, 27)))
    assert "assign 10.0.0.20" in first.detail
    stage.stop.clear()
    assert stage.change(ip(*range(20, 27))).failure is None
    assert stage.mutations() == [(ASSIGN, ip(*range(20, 27)), "ok")]
    assert set(stage.truth()) == set(ip(*range(20, 27)))
