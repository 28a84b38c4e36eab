"""Requests of single addresses for one gateway: one Assign, one Unassign, one drain, and a true outcome for each."""

from __future__ import annotations

from dataclasses import replace
from time import monotonic, sleep
from typing import Any

import pytest

from engine.crowd import Run, run, single
from engine.stage import ASSIGN, DESCRIBE, GATEWAY, OTHER, UNASSIGN, Stage, ip
from natgw_provider.core.address_kinds import ELASTIC_IPS
from natgw_provider.core.diff import Part, Rules
from natgw_provider.engine import coalescing
from natgw_provider.engine.change import ChangeRequest

NOTICED = 0.15
"""Real seconds within which a request has noticed its stop or timeout."""


def test_seven_that_leave_drain_in_one_window(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    began = stage.manual.now()
    assert run(stage, remove=ip(*range(10, 17)), max_drain_seconds=350).failures() == [""] * 7
    assert stage.mutations() == [(UNASSIGN, ip(*range(10, 17)), "ok")]
    assert stage.truth() == {}
    assert stage.manual.now() - began <= 350 + 3


def test_seven_that_come_are_assigned_by_one_call(stage: Stage) -> None:
    stage.seed()
    outcomes = run(stage, add=ip(*range(10, 17))).outcomes()
    assert stage.mutations() == [(ASSIGN, ip(*range(10, 17)), "ok")]
    assert [(outcome.failure, outcome.assigned) for outcome in outcomes] == [(None, ip(n)) for n in range(10, 17)]


def test_what_comes_serves_before_what_goes_drains(stage: Stage) -> None:
    stage.seed(10, 11)
    assert run(stage, add=ip(20, 21), remove=ip(10, 11)).failures() == [""] * 4
    assert stage.mutations() == [(ASSIGN, ip(20, 21), "ok"), (UNASSIGN, ip(10, 11), "ok")]


def test_the_longest_drain_and_any_that_waits_count(stage: Stage) -> None:
    stage.seed(10, 11)
    begun = Run(stage)
    begun.add(single(stage, remove="10.0.0.10", max_drain_seconds=5, wait_for_drain=False))
    begun.add(single(stage, remove="10.0.0.11", max_drain_seconds=120))
    assert begun.failures() == ["", ""]
    (call,) = [call for call in stage.calls(UNASSIGN) if not call.dry_run]
    assert call.parameters["MaxDrainDurationSeconds"] == 120
    assert stage.truth() == {}


def test_one_that_is_there_already_and_one_that_has_left_make_no_mutating_call(stage: Stage) -> None:
    stage.seed(10)
    assert run(stage, add=ip(10), remove=ip(11)).failures() == ["", ""]
    assert stage.mutations() == []


def test_requests_are_gathered_until_none_comes_for_half_a_second(stage: Stage) -> None:
    stage.seed(10, 11, 12, 13)
    begun = Run(stage)
    for number, host in enumerate((10, 11, 12)):
        begun.add(single(stage, remove=f"10.0.0.{host}"), at=0.45 * number)
    begun.add(single(stage, remove="10.0.0.13"), at=1.5)
    assert begun.failures() == [""] * 4
    assert stage.effective(UNASSIGN) == [ip(10, 11, 12), ip(13)]
    assert 0.9 + 0.5 <= stage.calls()[0].at - begun.began < 1.5


def test_a_change_does_not_begin_while_requests_of_other_gateways_come(stage: Stage) -> None:
    """Terraform starts the resources of all gateways in no order: a large apply takes seconds to start all of them."""
    stage.seed(10, 11)
    stage.seed_beside()
    begun = Run(stage)
    begun.add(single(stage, remove="10.0.0.10"))
    for number in range(1, 20):
        begun.add(single(stage, remove=f"10.0.0.{100 + number}", nat_gateway_id=OTHER), at=0.4 * number)
    begun.add(single(stage, remove="10.0.0.11"), at=7.9)
    assert set(begun.failures()) == {""}
    assert stage.effective(UNASSIGN) == [ip(10, 11)]


def test_requests_that_keep_coming_are_gathered_for_ten_seconds_at_most(stage: Stage) -> None:
    stage.seed(10, 11, 12)
    begun = Run(stage)
    for number in range(30):
        host = {0: 10, 24: 11, 26: 12}.get(number, 100 + number)
        begun.add(single(stage, remove=f"10.0.0.{host}"), at=0.4 * number)
    assert set(begun.failures()) == {""}
    assert stage.effective(UNASSIGN) == [ip(10, 11), ip(12)]


def test_requests_that_come_while_a_change_runs_are_the_next_one_together(stage: Stage) -> None:
    stage.seed(*range(10, 14))
    begun = run(stage, remove=ip(10), max_drain_seconds=350)
    lines: list[str] = []
    for host, at in ((11, 5), (12, 100), (13, 340)):
        begun.add(single(stage, remove=f"10.0.0.{host}"), at=at, report=lines.append)
    assert begun.failures() == [""] * 4
    assert lines[:3] == [f"{GATEWAY}: waiting until another change of the gateway has ended"] * 3
    assert stage.effective(UNASSIGN) == [ip(10), ip(11, 12, 13)]
    assert {outcome for _, _, outcome in stage.mutations()} == {"ok"}


def test_gateways_do_not_wait_for_each_other(stage: Stage) -> None:
    stage.seed(10)
    stage.seed_beside(20)
    begun = Run(stage)
    begun.add(single(stage, add="10.0.0.11"))
    begun.add(single(stage, add="10.0.0.21", nat_gateway_id=OTHER))
    assert begun.failures() == ["", ""]
    assert sorted(stage.effective(ASSIGN)) == [ip(11), ip(21)]


# When it fails because of one of them.


def test_one_address_in_use_elsewhere_takes_no_other_down(stage: Stage) -> None:
    stage.seed(10)
    stage.seed_beside(21)
    *others, bad, gone = run(stage, add=ip(20, 22, 21), remove=ip(10)).outcomes()
    assert [outcome.failure for outcome in (*others, gone)] == [None] * 3
    assert "InvalidIPAddress.InUse" in bad.detail
    assert "10.0.0.21 was not assigned. nat-" in bad.detail
    assert stage.truth() == {"10.0.0.20": "succeeded", "10.0.0.22": "succeeded"}
    assert [what for _, what, ended in stage.mutations() if ended == "ok"] == [ip(20), ip(22), ip(10)]


def test_on_a_full_gateway_the_removals_go_first_after_a_failure(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    stage.seed_beside(21)
    stage.fault("error", actions=[ASSIGN], code="InvalidParameterValue", status=400, dry_run=True, times=2)
    good, bad, *gone = run(stage, add=ip(20, 21), remove=ip(10, 11)).outcomes()
    assert (good.failure, [outcome.failure for outcome in gone]) == (None, [None, None])
    assert bad.summary
    assert stage.effective(UNASSIGN) == [ip(10, 11)]
    assert set(stage.truth()) == set(ip(*range(12, 17), 20))


def test_what_is_tried_again_knows_what_has_left_although_reads_show_it(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    stage.manual.advance(100)
    begun = run(stage, add=ip(20, 21), remove=ip(10, 11), max_drain_seconds=1)
    stage.fault("error", actions=[ASSIGN], code="InvalidParameterValue", status=400, dry_run=False, times=2)
    # After the release, and before the second rejection.
    stage.clock.at(3, lambda: stage.fault("stale_reads", seconds=30.0))
    assert begun.failures() == [""] * 4
    assert stage.effective(UNASSIGN) == [ip(10, 11)]
    assert stage.effective(ASSIGN) == [ip(20), ip(21)]


def test_what_does_not_fit_the_quota_is_refused_and_the_rest_assigned(stage: Stage) -> None:
    stage.seed(10)
    failures = run(stage, add=ip(*range(20, 29))).failures()
    assert failures == [""] * 6 + ["More addresses than the quota allows"] * 3
    assert set(stage.truth()) == set(ip(10, *range(20, 26)))


def test_a_failed_address_is_the_failure_of_its_own_resource(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("address_failure", addresses=list(ip(21)), message="No")
    stage.seed_beside(22)
    first, bad, taken, gone = run(stage, add=ip(20, 21, 22), remove=ip(10)).outcomes()
    assert (first.failure, gone.failure) == (None, None)
    assert bad.summary == "Address could not be assigned"
    assert bad.detail.startswith("10.0.0.21 failed: No.")
    assert "The next plan and apply will assign 10.0.0.21." in bad.detail
    assert "InvalidIPAddress.InUse" in taken.detail
    assert stage.effective(ASSIGN) == [ip(20), ip(21)]
    assert stage.effective(UNASSIGN) == [ip(10)]


def test_an_address_that_failed_after_aws_accepted_it_is_not_assigned_again(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("address_failure", addresses=list(ip(21)), message="No")
    first, bad = run(stage, add=ip(20, 21)).outcomes()
    assert (first.failure, bad.summary) == (None, "Address could not be assigned")
    assert stage.mutations() == [(ASSIGN, ip(20, 21), "ok")]


def test_an_assigned_address_that_someone_else_took_away_is_not_assigned_again(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("flapping", seconds=20)
    stage.clock.at(2.1, lambda: stage.outside(UNASSIGN, 11))
    bad, other = run(stage, add=ip(11, 12)).outcomes()
    assert "accepted the call to assign 10.0.0.11, but does not show it" in bad.detail
    assert other.failure is None
    assert stage.mutations() == [(ASSIGN, ip(11, 12), "ok")]


def test_an_address_that_serves_again_after_its_drain_is_reported_as_that(stage: Stage) -> None:
    stage.seed(10, 11, 12)
    begun = run(stage, remove=ip(10, 11), max_drain_seconds=100)
    stage.clock.at(100.7, lambda: stage.outside(ASSIGN, 10))
    back, other = begun.outcomes()
    assert "shows it in service again" in back.detail
    assert other.failure is None
    assert stage.mutations() == [(UNASSIGN, ip(10, 11), "ok")]


def test_a_removal_that_aws_rejects_is_tried_once_more_with_all(stage: Stage) -> None:
    stage.seed(10, 11, 12)
    stage.fault("error", actions=[UNASSIGN], code="InvalidParameterValue", message="no", status=400, dry_run=False)
    first, *gone = run(stage, add=ip(20), remove=ip(10, 11)).outcomes()
    assert first.failure is None
    assert ["InvalidParameterValue: no" in outcome.failure.detail for outcome in gone if outcome.failure] == [True] * 2
    assert [what for name, what, _ in stage.mutations() if name == UNASSIGN] == [ip(10, 11)] * 4
    assert [outcome.failure.detail.count("unassign 10.0.0.") for outcome in gone if outcome.failure] == [0, 0]


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ({"kind": "denial"}, "Missing permission"),
        (
            {"kind": "error", "code": "NotImplemented", "message": "No.", "status": 501, "dry_run": True},
            "NotImplemented",
        ),
    ],
    ids=["denial", "not implemented"],
)
def test_what_is_about_no_address_is_the_failure_of_each_and_nothing_is_tried_again(
    stage: Stage, fault: dict[str, Any], words: str
) -> None:
    stage.seed(10)
    stage.fault(**fault, actions=[ASSIGN])
    outcomes = run(stage, add=ip(20, 21), remove=ip(10)).outcomes()
    assert [words in outcome.summary + outcome.detail for outcome in outcomes] == [True] * 3
    assert stage.count(ASSIGN) == 1
    assert stage.mutations() == []


def test_of_a_gateway_that_is_gone_addresses_leave_and_none_comes(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.aws.end_gateway(GATEWAY)
    assert run(stage, add=ip(20), remove=ip(10, 11)).failures() == ["NAT gateway is gone", "", ""]
    assert run(stage, remove=ip(10, 11)).failures() == ["", ""]


# Stops and timeouts.


def test_a_stop_in_the_drain_ends_all_with_what_drains(stage: Stage) -> None:
    stage.seed(10, 11)
    begun = run(stage, add=ip(20), remove=ip(10, 11), max_drain_seconds=350)

    def stop() -> None:
        for resource in begun.resources:
            resource.stop.set()
        sleep(NOTICED)

    stage.clock.at(100, stop)
    came, *gone = begun.outcomes()
    assert came.failure is None
    for outcome in gone:
        assert outcome.summary == "Interrupted"
        assert "draining: 10.0.0.10, 10.0.0.11, until" in outcome.detail
        assert "Nothing is left to do" in outcome.detail
        assert (outcome.attached, outcome.draining) == (ip(20), ip(10, 11))
    assert stage.manual.now() < 350 + stage.calls()[0].at


def test_a_stop_before_the_first_call_changes_nothing(stage: Stage) -> None:
    stage.seed(10, 11)
    begun = run(stage, remove=ip(10, 11))
    for resource in begun.resources:
        resource.stop.set()
    sleep(NOTICED)
    assert begun.failures() == ["Interrupted"] * 2
    assert stage.calls() == []


@pytest.mark.parametrize("way", ["stop", "timeout"])
def test_one_that_does_not_wait_any_longer_leaves_within_a_second_and_the_others_go_on(stage: Stage, way: str) -> None:
    stage.seed(10, 11, 12)
    begun = Run(stage)
    early = begun.add(single(stage, remove="10.0.0.10", timeout_seconds=100.0 if way == "timeout" else 900.0))
    begun.add(single(stage, remove="10.0.0.11", max_drain_seconds=350))
    took = []

    def leave() -> None:
        began = monotonic()
        if way == "stop":
            early.stop.set()
        early.end()
        took.append(monotonic() - began)

    stage.clock.at(101, leave)
    left, other = begun.outcomes()
    assert took[0] < 1.2
    assert left.summary == ("Interrupted" if way == "stop" else "Timed out")
    assert "draining: 10.0.0.10, 10.0.0.11" in left.detail
    assert left.detail.endswith("continues for other resources of this run.")
    assert left.draining == ip(10, 11)
    assert other.failure is None
    assert stage.truth() == {"10.0.0.12": "succeeded"}
    assert stage.effective(UNASSIGN) == [ip(10, 11)]


def test_when_the_last_one_leaves_each_is_told_its_own_reason(stage: Stage) -> None:
    stage.seed(10, 11)
    begun = Run(stage)
    begun.add(single(stage, remove="10.0.0.10", timeout_seconds=100.0))
    last = begun.add(single(stage, remove="10.0.0.11", max_drain_seconds=350))

    def leave() -> None:
        sleep(NOTICED)
        last.stop.set()
        sleep(NOTICED)

    stage.clock.at(101, leave)
    assert begun.failures() == ["Timed out", "Interrupted"]


def test_one_that_does_not_wait_for_its_drain_ends_once_the_drain_has_begun(stage: Stage) -> None:
    """Another one of the same change waits for the end of the drain."""
    stage.seed(10, 11)
    begun = Run(stage)
    early = begun.add(single(stage, remove="10.0.0.10", wait_for_drain=False))
    last = begun.add(single(stage, remove="10.0.0.11", max_drain_seconds=350))
    drained = []

    def end() -> None:
        outcome = early.end()
        drained.append((outcome.failure, outcome.gateway and outcome.gateway.draining))

    def stop() -> None:
        last.stop.set()
        sleep(NOTICED)

    stage.clock.at(30, end)
    stage.clock.at(100, stop)
    stopped = begun.outcomes()[1]
    assert drained == [(None, ip(10, 11))]
    assert stopped.summary == "Interrupted"
    assert "continues for other resources" not in stopped.detail
    assert stage.effective(UNASSIGN) == [ip(10, 11)]


def test_one_that_does_not_wait_for_its_drain_waits_until_it_has_begun(stage: Stage) -> None:
    """A read may miss an address of a moment ago: that is no drain."""
    stage.seed(11)
    stage.manual.advance(100)
    stage.outside(ASSIGN, 10)
    stage.manual.advance(3)
    stage.fault("stale_reads", seconds=5.0, times=1)
    stage.fault("throttling", actions=[UNASSIGN], times=1, dry_run=False)
    begun = Run(stage)
    early = begun.add(single(stage, remove="10.0.0.10", wait_for_drain=False))
    begun.add(single(stage, remove="10.0.0.11"))
    ended: list[bool] = []

    def look() -> None:
        sleep(NOTICED)
        ended.append(early.has_ended)

    stage.clock.at(0.8, look)  # after the first read, while the throttled call waits to be sent again
    assert begun.failures() == ["", ""]
    assert ended == [False]
    assert stage.effective(UNASSIGN) == [ip(10, 11)]


def test_one_that_leaves_before_its_change_begins_is_not_carried_out(stage: Stage) -> None:
    stage.seed(10, 11)
    begun = run(stage, remove=ip(10), max_drain_seconds=350)
    early = single(stage, remove="10.0.0.11", timeout_seconds=100.0)
    begun.add(early, at=20)
    stage.clock.at(121, lambda: sleep(NOTICED))
    outcome, left = begun.outcomes()
    assert outcome.failure is None
    assert left.summary == "Timed out"
    assert "Nothing was changed: it waited for other changes of nat-" in left.detail
    assert stage.truth() == {"10.0.0.11": "succeeded"}


def test_a_fault_of_the_engine_reaches_every_resource(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    stage.seed(10, 11)
    monkeypatch.setattr(coalescing, "outcome_of", lambda *_: 1 / 0)
    begun = run(stage, remove=ip(10, 11))
    begun.open()
    for resource in begun.resources:
        with pytest.raises(ZeroDivisionError):
            resource.end()


# What does not go together.


def test_what_one_declares_no_other_takes_away(stage: Stage) -> None:
    """As a rename without `moved`, or addresses that two resources exchange."""
    stage.seed(10)
    contradicted = "One resource declares the address that another gives up"
    begun = run(stage, add=ip(10), remove=ip(10))
    assert begun.failures() == ["", contradicted]
    late = begun.add(single(stage, remove="10.0.0.10"))
    assert late.end().failure is not None
    assert stage.mutations() == []
    assert stage.truth() == {"10.0.0.10": "succeeded"}


def test_what_drains_is_not_declared_by_another_before_it_has_left(stage: Stage) -> None:
    stage.seed(10)
    begun = run(stage, remove=ip(10))
    early = begun.add(single(stage, add="10.0.0.10"))
    assert early.end().failure is not None
    assert begun.outcomes()[0].failure is None
    assert begun.add(single(stage, add="10.0.0.10")).end().failure is None
    assert stage.mutations() == [(UNASSIGN, ip(10), "ok"), (ASSIGN, ip(10), "ok")]


# Moves, and the private addresses of Elastic IPs.


def test_addresses_that_move_leave_one_gateway_together_and_come_to_the_other_together(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.seed_beside()
    begun = Run(stage)
    for address in ip(10, 11):
        release = single(stage, remove=address)
        begun.add(replace(single(stage, add=address, nat_gateway_id=OTHER), release=release, operation="update"))
    while stage.count(ASSIGN) < 2:  # the dry runs, after which the releases are gathered
        sleep(0.01)
    sleep(NOTICED)
    outcomes = begun.outcomes()
    assert [(outcome.failure, outcome.has_left) for outcome in outcomes] == [(None, True)] * 2
    assert stage.mutations()[0] == (UNASSIGN, ip(10, 11), "ok")
    # This clock does not wait for the second one to come, so these may be one call or two.
    assert sorted(sum(stage.effective(ASSIGN), ())) == sorted(ip(10, 11))


def test_what_aws_calls_in_use_just_after_its_release_comes_to_the_other_gateway_all_the_same(stage: Stage) -> None:
    stage.seed(10)
    stage.seed_beside()
    begun = Run(stage)
    moved = single(stage, add="10.0.0.10", nat_gateway_id=OTHER, operation="update")
    begun.add(replace(moved, release=single(stage, remove="10.0.0.10")))
    stage.fault("error", actions=[ASSIGN], code="InvalidIPAddress.InUse", status=400, dry_run=False, times=2)
    assert begun.failures() == [""]
    assert stage.effective(ASSIGN) == [ip(10)]


@pytest.mark.parametrize("stage", [ELASTIC_IPS], indirect=True)
def test_elastic_ips_with_and_without_private_addresses_take_two_calls(stage: Stage) -> None:
    """AWS takes a list of private addresses beside that of the Elastic IPs."""
    stage.seed()
    begun = Run(stage)
    for address in ip(20, 21, 22):
        private_ips = {stage.key(address): address} if address != "10.0.0.21" else {}
        begun.add(single(stage, add=address, rules=Rules(quota=8, private_ips=private_ips)))
    assert begun.failures() == [""] * 3
    assert stage.effective(ASSIGN) == [ip(20, 22), ip(21)]
    found = {it.key: it.private_address for it in stage.api.describe([GATEWAY])[GATEWAY].addresses}
    assert (found[stage.key("10.0.0.20")], found[stage.key("10.0.0.22")]) == ("10.0.0.20", "10.0.0.22")


def test_the_reads_are_those_of_one_change(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    assert run(stage, remove=ip(*range(10, 17)), max_drain_seconds=350).failures() == [""] * 7
    assert stage.count(DESCRIBE) <= 25


# What one of them must not do to the others.


def test_what_only_comes_does_not_lengthen_the_drain_of_what_leaves(stage: Stage) -> None:
    stage.seed(10)
    begun = Run(stage)
    began = stage.manual.now()
    begun.add(single(stage, add="10.0.0.20", max_drain_seconds=4000))
    begun.add(single(stage, remove="10.0.0.10", max_drain_seconds=60, wait_for_drain=False))
    assert begun.failures() == ["", ""]
    (call,) = [call for call in stage.calls(UNASSIGN) if not call.dry_run]
    assert call.parameters["MaxDrainDurationSeconds"] == 60
    assert stage.truth()["10.0.0.10"] == "unassigning"
    assert stage.manual.now() - began < 60


def test_a_report_that_fails_fails_no_change(stage: Stage) -> None:
    stage.seed(10, 11)
    begun = Run(stage)
    begun.add(single(stage, remove="10.0.0.10"), report=lambda _line: next(iter(())))
    begun.add(single(stage, remove="10.0.0.11"))
    assert begun.failures() == ["", ""]


def leaving_already(stage: Stage) -> ChangeRequest:
    """Return what a destroy asks for whose state shows its address as draining."""
    request = single(stage, remove="10.0.0.10")
    return replace(request, target=Part(), timeout_seconds=100.0)


def test_what_drains_already_is_waited_for_without_another_call(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.outside(UNASSIGN, 10, drain=50)
    begun = Run(stage)
    begun.add(leaving_already(stage))
    assert begun.failures() == [""]
    assert stage.truth() == {"10.0.0.11": "succeeded"}
    assert stage.mutations() == []


def test_what_drains_already_has_not_left_when_the_time_is_over(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.outside(UNASSIGN, 10, drain=350)
    begun = Run(stage)
    begun.add(leaving_already(stage))
    stage.clock.at(101, lambda: sleep(NOTICED))
    (outcome,) = begun.outcomes()
    assert outcome.summary == "Timed out"
    assert "Nothing was changed. nat-" in outcome.detail
    assert "draining: 10.0.0.10, until" in outcome.detail


def test_what_drains_already_has_not_left_when_another_request_is_rejected(stage: Stage) -> None:
    stage.seed(10, 11)
    stage.seed_beside(21)
    stage.outside(UNASSIGN, 10, drain=50)
    begun = run(stage, add=ip(21))
    begun.add(leaving_already(stage))
    failures = begun.failures()
    assert (failures[0] != "", failures[1]) == (True, "")
    assert stage.truth() == {"10.0.0.11": "succeeded"}


@pytest.mark.parametrize("has_left", [False, True])
def test_one_that_leaves_is_not_tried_again(stage: Stage, *, has_left: bool) -> None:
    stage.seed(*range(10, 15))
    stage.seed_beside(21)
    stage.settings(dry_run_checks_state=False)
    stage.outside(UNASSIGN, 14, drain=200)
    begun = Run(stage)
    early = begun.add(single(stage, add="10.0.0.20"))
    begun.add(single(stage, add="10.0.0.21"))
    begun.add(single(stage, add="10.0.0.22"))

    def leave() -> None:
        early.stop.set()
        if has_left:
            early.end()
        else:
            sleep(NOTICED)

    stage.clock.at(100, leave)
    left, bad, good = begun.outcomes()
    assert [outcome.failure is None for outcome in (left, bad, good)] == [False, False, True]
    assert stage.effective(ASSIGN) == [ip(22)]
