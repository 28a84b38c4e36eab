"""The state that comes back is the true one, also when reads show less than was done, or more than was asked for.

After an accepted call it shows the call, whatever reads show. What someone else did is no success.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from engine.stage import ASSIGN, CALLING, DESCRIBE, PRIVATE_ONLY, UNASSIGN, Ended, Lines, Relay, Stage, ip
from natgw_provider.engine.change import ChangeRequest
from support.mini_terraform import MiniTerraform

FINAL: list[dict[str, Any]] = [
    {"kind": "error", "code": "RequestExpired", "message": "expired", "status": 400},
    {"kind": "denial"},
]
"""Faults after which looking again is no use."""

UNSEEN = [*(pytest.param(fault, id=fault.get("code", fault["kind"])) for fault in FINAL), pytest.param(None, id="stop")]


def go_blind(stage: Stage, fault: dict[str, Any] | None) -> None:
    """No read succeeds any more; where that is no end by itself, the user asks to stop after two minutes."""
    stage.fault(**(fault or {"kind": "unavailable"}), actions=[DESCRIBE])
    if fault is None:
        stage.clock.at(120, stage.stop.set)


def blind_change(stage: Stage, fault: dict[str, Any] | None, action: str, request: ChangeRequest) -> Ended:
    """Carry it out; from its call of `action` on nothing can be seen."""
    stage.lines = Lines(CALLING[action], lambda: go_blind(stage, fault))
    outcome = stage.carry_out(request)
    assert len(stage.effective(action)) == 1
    return outcome


@pytest.mark.parametrize("is_destroy", [False, True])
@pytest.mark.parametrize("fault", UNSEEN)
def test_an_unassigned_address_drains_although_no_read_has_shown_it(
    stage: Stage, fault: dict[str, Any] | None, *, is_destroy: bool
) -> None:
    stage.seed(10, 11)
    request = (
        stage.destroy_request(10, max_drain_seconds=350) if is_destroy else stage.request(ip(11), max_drain_seconds=350)
    )
    outcome = blind_change(stage, fault, UNASSIGN, request)
    assert "now has 10.0.0.11 attached; draining: 10.0.0.10, until 2025-" in outcome.detail
    assert "Nothing is left to do on AWS" in outcome.detail
    assert (outcome.attached, outcome.draining) == (ip(11), ip(10))


@PRIVATE_ONLY
@pytest.mark.parametrize("fault", UNSEEN)
def test_what_aws_picked_and_never_named_is_told_as_assigned(stage: Stage, fault: dict[str, Any] | None) -> None:
    stage.settings(answer_names_new_addresses=False)
    stage.seed(10)
    outcome = blind_change(stage, fault, ASSIGN, stage.request(2))
    assert "AWS accepted to assign 1 that it picks, but no read has shown" in outcome.detail
    assert "Nothing was changed" not in outcome.detail
    assert "will assign" not in outcome.detail


@PRIVATE_ONLY
def test_what_aws_picked_is_known_from_the_read_that_found_a_lost_call(stage: Stage) -> None:
    stage.seed(10)
    request = stage.request(2)
    stage.fault("lost_answer", actions=[ASSIGN], dry_run=False)
    stage.lines = Lines("checking whether it took effect", lambda: stage.fault("denial", actions=[DESCRIBE], skip=1))
    outcome = stage.carry_out(request)
    assert outcome.summary
    assert set(outcome.assigned) == set(stage.truth()) - set(ip(10)) != set()
    assert "Nothing was changed" not in outcome.detail


@pytest.mark.parametrize("wanted", [pytest.param(ip(10, 11), id="named"), pytest.param(2, id="count")])
@pytest.mark.parametrize("fault", UNSEEN)
def test_an_assigned_address_is_attached_although_no_read_has_shown_it(
    stage: Stage, fault: dict[str, Any] | None, wanted: tuple[str, ...] | int
) -> None:
    stage.seed(10)
    outcome = blind_change(stage, fault, ASSIGN, stage.request(wanted))
    assert "not in service yet" in outcome.detail
    assert set(outcome.attached) == set(stage.truth())
    assert set(outcome.seen.assigning) == set(outcome.assigned) == set(stage.truth()) - set(ip(10))


@PRIVATE_ONLY
@pytest.mark.parametrize("fault", UNSEEN)
def test_terraform_stores_what_drains_although_no_read_has_shown_it(stage: Stage, fault: dict[str, Any] | None) -> None:
    stage.seed(10, 11)
    terraform = MiniTerraform(stage.new_engine)
    declared: dict[str, Any] = {"secondary_private_ip_addresses": ip(10, 11), "max_drain_duration_seconds": 350}
    assert terraform.apply(terraform.plan(**declared), **declared) == []
    declared["secondary_private_ip_addresses"] = ip(11)
    plan, stage.stop = terraform.plan(**declared), threading.Event()
    unassign = stage.aws.model().unassign

    def unassign_and_go_blind(*args: Any, **more: Any) -> Any:
        touched = unassign(*args, **more)
        if more.get("commit", True):
            go_blind(stage, fault)
        return touched

    stage.aws.model().unassign = unassign_and_go_blind  # type: ignore[method-assign]
    assert terraform.apply(plan, stage.stop, **declared) != []
    assert terraform.state is not None
    assert set(terraform.state["secondary_private_ip_addresses"]) == set(ip(11))
    assert set(terraform.state["draining_private_ip_addresses"]) == set(ip(10))


def foreign_hand(stage: Stage, then: Callable[[], object]) -> None:
    """While the second Assign comes into service, someone else assigns what was just released, then `then`."""
    assign, calls = stage.aws.model().assign, []

    def interfere() -> None:
        stage.outside(ASSIGN, 10)
        then()

    def recorded(*args: Any, **more: Any) -> Any:
        touched = assign(*args, **more)
        if more.get("commit", True):
            calls.append(touched)
            if len(calls) == 2:
                stage.clock.at(3.01, interfere)
        return touched

    stage.aws.model().assign = recorded  # type: ignore[method-assign]


def staged(stage: Stage, **overrides: Any) -> ChangeRequest:
    """Return a request that assigns one address, unassigns six, and assigns two more after their release."""
    stage.settings(assigning_seconds=3.0)
    stage.seed(*range(10, 16))
    stage.manual.advance(60)
    return stage.request(ip(20, 21, 22), max_drain_seconds=10, **overrides)


@pytest.mark.parametrize("how", ["Interrupted", "Timed out", "Missing permission: ec2:DescribeNatGateways"])
def test_a_change_that_ends_while_someone_elses_assignment_shows_is_no_success(stage: Stage, how: str) -> None:
    request = staged(stage, timeout_seconds=20.0 if how == "Timed out" else 610.0)

    def end() -> None:
        if how == "Interrupted":
            stage.clock.at(8, stage.stop.set)
        elif how != "Timed out":
            stage.clock.at(8, lambda: stage.fault("denial", actions=[DESCRIBE]))

    foreign_hand(stage, end)
    outcome = stage.carry_out(request)
    assert outcome.summary == how
    assert "The next plan and apply will unassign 10.0.0.10." in outcome.detail
    assert set(outcome.attached) == set(stage.truth()) == set(ip(10, 20, 21, 22))


def test_someone_elses_assignment_that_stands_for_a_minute_is_reported(stage: Stage) -> None:
    request = staged(stage)
    foreign_hand(stage, lambda: None)
    outcome = stage.carry_out(request)
    assert outcome.summary == "The gateway changed since the plan"
    assert set(outcome.attached) == set(stage.truth())


def test_a_change_that_is_done_is_a_success_although_the_last_read_misses_what_it_assigned(relay: Relay) -> None:
    """The same change in peace first, to learn how many reads it takes; the last of them waits for AWS to show it."""
    reads = 0
    for attempt in ("in peace", "without its last read"):
        stage = Stage(relay)
        stage.seed(10)
        stage.manual.advance(60)
        request = stage.request(ip(11), max_drain_seconds=1)
        stage.aws.clear_calls()
        if attempt != "in peace":
            stage.fault("denial", actions=[DESCRIBE], skip=reads - 1)
        stage.lines = Lines(CALLING[UNASSIGN], partial(stage.fault, "flapping", seconds=100))
        outcome = stage.carry_out(request)
        reads = stage.count(DESCRIBE)
        assert outcome.failure is None
        assert (outcome.attached, outcome.draining) == (ip(11), ())
    assert stage.calls(DESCRIBE)[-1].outcome == "UnauthorizedOperation"
