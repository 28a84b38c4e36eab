"""After a change that ended early: what the next apply does, and that it does nothing twice."""

from __future__ import annotations

from engine.stage import ASSIGN, UNASSIGN, Stage, ip

FULL = tuple(range(10, 17))


def test_credentials_that_expire_before_the_last_step_leave_only_that_to_the_next_apply(stage: Stage) -> None:
    """A full gateway: the drain is over, the assignment is refused."""
    stage.seed(*FULL)
    fault = stage.fault("error", actions=[ASSIGN], dry_run=False, code="ExpiredToken", message="expired", status=400)
    outcome = stage.change(ip(*FULL[1:], 20), max_drain_seconds=100)
    assert outcome.summary == "AWS credentials are invalid or expired"
    assert "The next plan and apply will assign 10.0.0.20." in outcome.detail
    assert (outcome.attached, outcome.draining) == (ip(*FULL[1:]), ())
    stage.aws.clear_faults(fault)
    assert stage.change(ip(*FULL[1:], 20)).failure is None
    assert stage.mutations() == [(ASSIGN, ip(20), "ok")]


def test_throttling_that_does_not_end_changes_nothing_and_ends_with_the_timeout(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.fault("throttling", actions=[UNASSIGN], dry_run=False)
    began = stage.manual.now()
    outcome = stage.change(ip(11), timeout_seconds=100.0)
    assert outcome.summary == "Timed out"
    assert "Nothing was changed" in outcome.detail
    assert 100 <= stage.manual.now() - began <= 101
    assert stage.truth() == {"10.0.0.10": "succeeded", "10.0.0.11": "succeeded"}


def test_after_a_timeout_in_the_drain_the_next_apply_waits_for_its_rest_only(stage: Stage) -> None:
    stage.seed(*FULL)
    first = stage.change(ip(*FULL[1:], 20), max_drain_seconds=350, timeout_seconds=100.0)
    assert first.summary
    began = stage.manual.now()
    assert stage.change(ip(*FULL[1:], 20), max_drain_seconds=350).failure is None
    assert stage.mutations() == [(ASSIGN, ip(20), "ok")]
    assert 250 <= stage.manual.now() - began <= 270


def test_after_a_kill_in_the_drain_the_same_apply_waits_for_its_rest_only(stage: Stage) -> None:
    """Terraform and provider are gone, the plan in the state is the old one: it still asks for the unassignment."""
    stage.seed(10, 11)
    request = stage.request(ip(11), max_drain_seconds=350)
    stage.outside(UNASSIGN, 10, drain=350)  # the call of the process that was killed
    stage.manual.advance(100)
    began = stage.manual.now()
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert stage.mutations() == []
    assert 250 <= stage.manual.now() - began <= 270


def test_after_a_call_whose_effect_is_unknown_the_next_apply_does_not_repeat_it(stage: Stage) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(11))
    stage.fault("lost_answer", actions=[UNASSIGN], dry_run=False, times=1)
    fault = stage.fault("unavailable", actions=["DescribeNatGateways"], skip=1)
    outcome = stage.carry_out(request)
    assert "it is not known whether the call took effect" in outcome.detail
    stage.aws.clear_faults(fault)
    assert stage.change(ip(11)).failure is None
    assert stage.effective(UNASSIGN) == []
    assert stage.truth() == {"10.0.0.11": "succeeded"}


def test_a_change_that_was_held_up_says_by_what(stage: Stage) -> None:
    stage.seed(10, 11)
    fault = stage.fault("throttling", actions=[UNASSIGN], dry_run=False)
    stage.clock.at(50, lambda: stage.aws.clear_faults(fault))
    stage.clock.at(50, lambda: stage.fault("unavailable", actions=["DescribeNatGateways"]))
    outcome = stage.change(ip(11), timeout_seconds=40.0)
    assert "The last error was UnassignPrivateNatGatewayAddress: RequestLimitExceeded" in outcome.detail
    outcome = stage.change(ip(11), max_drain_seconds=350, timeout_seconds=100.0)
    assert "The last error was DescribeNatGateways: Unavailable" in outcome.detail


def test_a_change_that_was_held_up_for_a_while_only_blames_nobody(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.fault("throttling", actions=[UNASSIGN], dry_run=False, times=1)
    stage.fault("unavailable", actions=["DescribeNatGateways"], skip=3, times=1)
    outcome = stage.change(ip(11), max_drain_seconds=350, timeout_seconds=100.0)
    assert outcome.summary
    assert "The last error was" not in outcome.detail
