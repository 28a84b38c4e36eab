"""A change while AWS throttles, is busy, breaks, loses answers or shows the past: no call takes effect twice."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from engine.stage import ASSIGN, DESCRIBE, UNASSIGN, Lines, Stage, ip
from natgw_provider.core.gateway import NatGateway

WAYS_TO_LOSE_AN_ANSWER = [
    pytest.param({"kind": "lost_answer"}, True, id="connection closed after acting"),
    pytest.param({"kind": "internal_error", "after_acting": True}, True, id="HTTP 500 after acting"),
    pytest.param({"kind": "unavailable", "after_acting": True}, True, id="HTTP 503 after acting"),
    pytest.param({"kind": "internal_error"}, False, id="HTTP 500 without acting"),
    pytest.param({"kind": "connection_reset"}, False, id="connection reset without acting"),
]
CHANGES = [
    pytest.param((ASSIGN, ip(10, 11, 12)), id="assign named"),
    pytest.param((ASSIGN, 3), id="assign a count"),
    pytest.param((UNASSIGN, ip(11)), id="unassign"),
]


class OneAtATime:
    """EC2 whose reads show one of the addresses that Assign has added so many seconds later than the others."""

    def __init__(self, stage: Stage, seconds: float) -> None:
        self._stage = stage
        self._before = set(stage.truth())
        self._until = stage.manual.now() + seconds

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage.api, name)

    def describe(self, nat_gateway_ids: Iterable[str]) -> dict[str, NatGateway]:
        found = self._stage.api.describe(nat_gateway_ids)
        if self._stage.manual.now() >= self._until:
            return found
        late = sorted(set(self._stage.truth()) - self._before)[:1]
        return {
            name: replace(gateway, addresses=tuple(a for a in gateway.addresses if a.key not in late))
            for name, gateway in found.items()
        }


@pytest.mark.parametrize("seconds", [20.0, 36.0, 45.0])
@pytest.mark.parametrize("wanted", [4, ip(10, 20, 21)])
def test_a_lost_answer_whose_effect_shows_bit_by_bit_leads_to_no_second_call(
    stage: Stage, wanted: tuple[str, ...] | int, seconds: float
) -> None:
    stage.seed(10)
    stage.manual.advance(100)
    stage.fault("lost_answer", actions=[ASSIGN], dry_run=False, times=1)
    stage.aws.clear_calls()
    outcome = stage.carry_out(stage.request(wanted), stage.new_engine(api=OneAtATime(stage, seconds)))
    assert outcome.failure is None
    assert set(outcome.attached) == set(stage.truth())
    assert [name for name, _, _ in stage.mutations()] == [ASSIGN]


@pytest.mark.parametrize("stale", [0.0, 5.0])
@pytest.mark.parametrize(("fault", "acted"), WAYS_TO_LOSE_AN_ANSWER)
@pytest.mark.parametrize("change", CHANGES)
def test_a_lost_answer_leads_to_no_second_call_that_takes_effect(
    stage: Stage, fault: dict[str, Any], acted: bool, change: tuple[str, tuple[str, ...] | int], stale: float
) -> None:
    action, wanted = change
    stage.seed(10) if action == ASSIGN else stage.seed(10, 11)
    stage.manual.advance(60)
    if stale:
        stage.fault("stale_reads", seconds=stale)
    stage.fault(**fault, actions=[action], dry_run=False, times=1)
    outcome = stage.change(wanted)
    assert outcome.failure is None
    assert set(outcome.attached) == set(stage.truth())
    assert len(stage.truth()) == (wanted if isinstance(wanted, int) else len(wanted))
    assert len([name for name, _, _ in stage.mutations() if name == action]) == (1 if acted else 2)


def test_a_lost_answer_of_a_short_drain_is_not_repeated(stage: Stage) -> None:
    """The address has left the gateway before the first read."""
    stage.seed(10, 11)
    stage.settings(connections_end_after=0.0)
    stage.fault("lost_answer", actions=[UNASSIGN], times=1, dry_run=False)
    assert stage.change(ip(11)).failure is None
    assert stage.effective(UNASSIGN) == [ip(10)]


FOREIGN_DEEDS = [
    pytest.param(UNASSIGN, (10, 11, 12), ip(12), 10, [ip(11)], id="unassign"),
    pytest.param(ASSIGN, (10,), ip(10, 11, 12), 11, [ip(12)], id="assign named"),
    pytest.param(ASSIGN, (10,), 3, 30, [1], id="assign a count"),
]
"""What is called without an answer, have, wanted, whom an outsider helps meanwhile, what is left to be called."""


@pytest.mark.parametrize(("action", "have", "wanted", "host", "left"), FOREIGN_DEEDS)
def test_someone_elses_write_on_one_address_is_not_taken_for_the_effect_of_a_lost_call(
    stage: Stage, action: str, have: tuple[int, ...], wanted: tuple[str, ...] | int, host: int, left: list[Any]
) -> None:
    stage.seed(*have)
    stage.manual.advance(60)
    request = stage.request(wanted)
    stage.fault("connection_reset", actions=[action], dry_run=False, times=1)
    stage.lines = Lines("checking whether", lambda: stage.outside(action, host, drain=5))
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert stage.effective(action) == left
    assert len(stage.truth()) == (wanted if isinstance(wanted, int) else len(wanted))
    assert set(outcome.attached) == set(stage.truth())


@pytest.mark.parametrize(("action", "have", "wanted", "host", "_left"), FOREIGN_DEEDS)
def test_a_stop_after_a_lost_call_that_someone_else_did_in_part_tells_the_truth(
    stage: Stage, action: str, have: tuple[int, ...], wanted: tuple[str, ...] | int, host: int, _left: list[Any]
) -> None:
    stage.seed(*have)
    stage.manual.advance(60)
    request = stage.request(wanted)

    def outsider() -> None:
        stage.outside(action, host, drain=5)
        stage.clock.at(20, stage.stop.set)

    stage.fault("connection_reset", actions=[action], dry_run=False, times=1)
    stage.lines = Lines("checking whether", outsider)
    outcome = stage.carry_out(request)
    assert outcome.summary == "Interrupted"
    assert "it is not known whether the call took effect" in outcome.detail
    assert stage.effective(action) == []
    assert (set(outcome.attached), outcome.draining) == (set(stage.truth()), ())


@pytest.mark.parametrize("kind", ["throttling", "conflict"])
@pytest.mark.parametrize("action", [ASSIGN, UNASSIGN])
def test_a_refusal_for_now_is_tried_again(stage: Stage, kind: str, action: str) -> None:
    stage.seed(10)
    stage.fault(kind, actions=[action], times=4, dry_run=False)
    assert stage.change(ip(11)).failure is None
    assert stage.effective(action) == [ip(11) if action == ASSIGN else ip(10)]
    assert len([name for name, _, _ in stage.mutations() if name == action]) == 5


def test_throttled_reads_and_dry_runs_are_tried_again(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("throttling", actions=[DESCRIBE], times=3, skip=1)
    stage.fault("throttling", actions=[ASSIGN], times=3, dry_run=True)
    stage.fault("unavailable", actions=[UNASSIGN], times=1, dry_run=True)
    assert stage.change(ip(11)).failure is None
    assert stage.truth() == {"10.0.0.11": "succeeded"}


def test_reads_that_break_off_during_a_drain_are_waited_out(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.clock.at(20, lambda: stage.fault("unavailable", actions=[DESCRIBE], for_seconds=60))
    outcome = stage.change(ip(11), max_drain_seconds=120)
    assert outcome.failure is None
    assert outcome.attached == ip(11)


def test_first_reads_that_all_fail_end_the_change_within_minutes(stage: Stage) -> None:
    stage.seed(10)
    request = stage.request(())
    stage.fault("unavailable", actions=[DESCRIBE])
    began = stage.manual.now()
    outcome = stage.carry_out(request)
    assert outcome.gateway is None
    assert "DescribeNatGateways" in outcome.summary
    assert outcome.detail.endswith("Nothing was changed.")
    assert stage.mutations() == []
    assert stage.manual.now() - began < 180


def test_a_new_gateway_that_reads_miss_for_a_moment_is_not_taken_for_gone(stage: Stage) -> None:
    stage.seed(10)
    made = stage.create(30)
    stage.manual.advance(1)
    stage.fault("stale_reads", seconds=4)
    outcome = stage.carry_out(stage.destroy_request(30, nat_gateway_id=made))
    assert outcome.failure is None
    assert stage.truth(made) == {}


def test_someone_elses_drain_that_begins_meanwhile_is_waited_out(stage: Stage) -> None:
    stage.seed(10, 11, 12)
    request = stage.request(ip(11, 12))
    stage.outside(UNASSIGN, 10, drain=120)
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert stage.effective(UNASSIGN) == []


@pytest.mark.parametrize("busy_code", ["OperationInProgress", "IncorrectState"])
def test_a_drain_that_reads_do_not_show_yet_is_not_called_into(stage: Stage, busy_code: str) -> None:
    """As after a crash: the Unassign of the last process is seconds old, and reads still show the address attached."""
    stage.settings(busy_code=busy_code)
    stage.seed(10, 11)
    stage.manual.advance(60)
    request = stage.request(ip(11))
    stage.outside(UNASSIGN, 10, drain=100)
    stage.fault("stale_reads", seconds=6)
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert stage.effective(UNASSIGN) == []
    assert stage.truth() == {"10.0.0.11": "succeeded"}


@pytest.mark.parametrize("seconds", [1, 3, 8, 20])
@pytest.mark.parametrize(
    ("have", "wanted"),
    [
        pytest.param((10,), ip(10, 11), id="assign"),
        pytest.param((10,), 4, id="count"),
        pytest.param((10, 11), ip(11), id="unassign"),
        pytest.param((10,), ip(11), id="swap"),
        pytest.param(tuple(range(10, 17)), ip(*range(20, 27)), id="full swap"),
        pytest.param(tuple(range(10, 16)), ip(20, 21, 22), id="staged swap"),
    ],
)
def test_stale_reads_neither_repeat_a_call_nor_reach_the_outcome(
    stage: Stage, have: tuple[int, ...], wanted: tuple[str, ...] | int, seconds: float
) -> None:
    stage.seed(*have)
    stage.manual.advance(60)
    stage.fault("stale_reads", seconds=seconds)
    outcome = stage.change(wanted)
    assert outcome.failure is None
    assert set(outcome.seen.in_service) == {"10.0.0.4", *stage.truth()}
    assert set(stage.truth().values()) <= {"succeeded"}
    assert all(what == "ok" for _, _, what in stage.mutations())
    assert len(stage.effective(UNASSIGN)) <= 1


@pytest.mark.parametrize("wanted", [ip(10, 11, 12), 3, ip(11, 12)])
def test_addresses_that_flap_are_neither_assigned_twice_nor_taken_for_served(
    stage: Stage, wanted: tuple[str, ...] | int
) -> None:
    stage.seed(10)
    stage.manual.advance(60)
    stage.fault("flapping", seconds=12)
    outcome = stage.change(wanted)
    assert outcome.failure is None
    assert set(outcome.attached) == set(stage.truth())
    assert len(stage.effective(ASSIGN)) == 1


@pytest.mark.parametrize(
    ("fault", "wanted"),
    [
        pytest.param({"kind": "flapping", "seconds": 20}, ip(*range(10, 16), 20), id="flapping, the rest follows"),
        pytest.param({"kind": "flapping", "seconds": 20}, ip(*range(10, 16)), id="flapping"),
        pytest.param({"kind": "stale_reads", "seconds": 8, "skip": 2, "times": 1}, ip(*range(10, 16)), id="one stale"),
    ],
)
def test_a_drain_of_a_young_address_is_not_over_because_reads_miss_it(
    stage: Stage, fault: dict[str, Any], wanted: tuple[str, ...]
) -> None:
    """The address is of the apply before this one; a read that is older than it shows nothing of its drain."""
    stage.seed(*range(10, 16))
    stage.manual.advance(60)
    stage.outside(ASSIGN, 16)
    stage.manual.advance(3)
    request = stage.request(wanted, max_drain_seconds=350)
    stage.fault(**fault)
    began = stage.manual.now()
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert stage.manual.now() - began >= 350
    assert stage.truth() == dict.fromkeys(wanted, "succeeded")
    assert "OperationInProgress" not in [what for _, _, what in stage.mutations()]


def test_a_release_that_was_noted_too_early_is_taken_back(stage: Stage) -> None:
    """Two reads in a row are older than the address; AWS refuses what was to follow, and the drain is waited out."""
    stage.seed(*range(10, 16))
    stage.manual.advance(60)
    stage.outside(ASSIGN, 16)
    stage.manual.advance(3)
    request = stage.request(ip(*range(10, 16), 20), max_drain_seconds=350)
    stage.fault("stale_reads", seconds=9, skip=2, times=2)
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert set(stage.truth()) == set(ip(*range(10, 16), 20))
    assert stage.mutations()[0] == (UNASSIGN, ip(16), "ok")
    assert [what for _, _, what in stage.mutations()] == ["ok", "OperationInProgress", "ok"]
    calls = stage.calls()
    assert calls[-1].at - calls[0].at >= 350
    assert stage.count(DESCRIBE) <= 35


def test_a_count_is_only_asked_for_when_two_reads_agree_on_what_is_there(stage: Stage) -> None:
    """A read that misses an address would ask for one too many, and nothing would show it."""
    stage.seed(10)
    stage.manual.advance(60)
    stage.outside(ASSIGN, 11)
    stage.manual.advance(3)
    stage.fault("stale_reads", seconds=4, times=2)  # the plan's read and the change's first read
    assert stage.change(3).failure is None
    assert stage.effective(ASSIGN) == [1]
    assert len(stage.truth()) == 3


def test_in_service_counts_only_when_two_reads_in_a_row_show_it(stage: Stage) -> None:
    stage.seed(10)
    stage.settings(assigning_seconds=0.0)
    stage.change(ip(10, 11))
    calls = [call.action for call in stage.calls() if not call.dry_run]
    after = list(itertools.dropwhile(lambda action: action != ASSIGN, calls))
    assert after.count(DESCRIBE) >= 2


def test_an_address_just_released_may_count_as_in_use_for_a_moment(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.outside(UNASSIGN, 10, drain=30)
    stage.fault("error", actions=[ASSIGN], code="InvalidIPAddress.InUse", status=400, times=3, dry_run=False)
    assert stage.change(ip(10, 11)).failure is None
    assert stage.truth() == {"10.0.0.10": "succeeded", "10.0.0.11": "succeeded"}


def test_a_rejection_is_final_when_a_second_read_still_calls_for_it(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("error", actions=[UNASSIGN], code="InvalidParameterValue", message="no", status=400, dry_run=False)
    outcome = stage.change(ip(11))
    assert "InvalidParameterValue: no" in outcome.detail
    assert "10.0.0.10, 10.0.0.11 attached" in outcome.detail
    assert "The next plan and apply will unassign 10.0.0.10." in outcome.detail
    assert outcome.assigned == ip(11)
    assert len(stage.mutations()) == 3


def test_a_quota_below_the_declared_one_is_explained(stage: Stage) -> None:
    stage.settings(quota=3)
    stage.seed(10, 11)
    outcome = stage.change(ip(10, 11, 12))
    assert outcome.summary
    assert stage.kind.quota.argument in outcome.detail
    assert stage.truth() == {"10.0.0.10": "succeeded", "10.0.0.11": "succeeded"}


def test_credentials_that_expire_in_a_drain_leave_the_truth_and_say_what_to_do(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.clock.at(
        30,
        lambda: stage.fault("error", actions=[DESCRIBE], code="RequestExpired", message="expired", status=400),
    )
    outcome = stage.change(ip(11), max_drain_seconds=100)
    assert "credentials" in outcome.summary
    assert "Renew the credentials" in outcome.detail
    assert "draining: 10.0.0.10, until" in outcome.detail
    assert (outcome.attached, outcome.draining) == (ip(11), ip(10))
