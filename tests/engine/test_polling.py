"""Polling: how many reads a drain costs, how late its end is noticed, and one read for all that wait."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterable
from functools import partial
from math import log
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.stage import ASSIGN, DESCRIBE, GATEWAY, CrowdClock, SoloClock, Stage, at_once, ip
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.gateway import NatGateway
from natgw_provider.engine.calls import BACKOFF_MAXIMUM, PATIENCE_SECONDS, Limits, SystemClock, backoff
from natgw_provider.engine.pending_writes import LAG_SECONDS
from natgw_provider.engine.polling import Poller, PollInterval, Read
from natgw_provider.simulator.clock import ManualClock
from support.waiting import wait_for

STAGE_KINDS = (PRIVATE_IPS,)
"""The poller knows no kind."""

NEVER = threading.Event()


def no_limits() -> Limits:
    return Limits(SystemClock(), NEVER)


@pytest.mark.parametrize(("seconds", "reads"), [(1, 4), (10, 15), (60, 26), (350, 25), (4000, 80)])
def test_a_full_drain_is_noticed_within_a_second_after_few_reads(stage: Stage, seconds: int, reads: int) -> None:
    stage.seed(10)
    began = stage.manual.now()
    assert stage.change((), max_drain_seconds=seconds).failure is None
    assert 0 <= stage.manual.now() - began - seconds <= 1
    assert stage.count(DESCRIBE) <= reads


@pytest.mark.parametrize("seconds", [10, 60, 350, 4000])
@pytest.mark.parametrize("share", [0.0, 0.03, 0.2, 0.5, 0.77, 0.99])
def test_an_early_release_is_noticed_within_five_percent_of_the_drain(stage: Stage, seconds: int, share: float) -> None:
    stage.seed(10)
    stage.settings(connections_end_after=seconds * share)
    began = stage.manual.now()
    assert stage.change((), max_drain_seconds=seconds).failure is None
    late = stage.manual.now() - began - seconds * share
    assert 0 <= late <= max(1, 0.05 * min(seconds, 350), 0.05 * seconds * share)


@given(st.integers(1, 4000), st.integers(0, 2**32))
def test_a_drain_of_any_length_takes_few_reads_and_one_right_behind_its_end(seconds: int, seed: int) -> None:
    pace = PollInterval(seconds, is_known=True, random=Random(seed))  # noqa: S311 - it spreads waits
    at, reads = 0.0, 0
    while at < seconds:
        gap = pace.seconds(at)
        assert 0.3 <= gap <= max(1, 0.05 * max(at, min(seconds, 350))) + 0.3
        at, reads = at + gap, reads + 1
    assert at <= seconds + 1
    assert reads <= 24 + max(0, log(seconds / 350, 1.05))


@given(st.integers(1, 4000), st.floats(0, 4000), st.integers(0, 2**32))
def test_a_release_is_confirmed_within_what_is_promised_for_seeing_it(seconds: int, at: float, seed: int) -> None:
    """In the first minute a read that misses the address proves nothing until another one does."""
    pace = PollInterval(seconds, is_known=True, random=Random(seed))  # noqa: S311 - it spreads waits
    assert 0.1 <= pace.confirmation <= 1
    if at < min(seconds, LAG_SECONDS):
        assert pace.seconds(at) + pace.confirmation <= max(1, 0.05 * max(at, min(seconds, 350))) + 0.3


@given(st.integers(0, 100), st.integers())
def test_backing_off_grows_to_a_limit_and_is_spread(attempt: int, seed: int) -> None:
    seconds = backoff(attempt, Random(seed))  # noqa: S311 - it spreads waits
    assert min(BACKOFF_MAXIMUM, 2**attempt) / 2 <= seconds <= min(BACKOFF_MAXIMUM, 2**attempt)


def test_two_processes_do_not_read_in_step() -> None:
    gaps = {PollInterval(350, True, Random(seed)).seconds(1) for seed in range(10)}  # noqa: S311 - it spreads waits
    assert len(gaps) == 10


def test_twenty_gateways_that_drain_at_once_share_every_read(stage: Stage) -> None:
    gateways = [f"nat-{number:017x}" for number in range(20)]
    subnet = None
    for number, gateway in enumerate(gateways):
        stage.seed(100 + number, gateway=gateway, primary=10 + number, **({"subnet_id": subnet} if subnet else {}))
        subnet = stage.api.describe([gateway])[gateway].subnet_id
    requests = [stage.request((), nat_gateway_id=gateway, max_drain_seconds=350) for gateway in gateways]
    stage.aws.clear_calls()
    crowd = CrowdClock(stage.manual, len(requests))
    engine = stage.new_engine(crowd)
    outcomes = at_once([partial(stage.carry_out, request, engine) for request in requests], crowd.leave)
    assert all(outcome.failure is None for outcome in outcomes)
    # Some more than for one gateway alone: twenty threads do not begin in the same instant.
    assert stage.count(DESCRIBE) <= 25 + 2 * len(gateways)
    later = [call for call in stage.calls(DESCRIBE) if call.at > stage.calls(DESCRIBE)[0].at]
    assert len(later) <= 25


def test_changes_of_one_gateway_run_one_after_the_other(stage: Stage) -> None:
    stage.seed(10, 11)
    crowd = CrowdClock(stage.manual, 2)
    engine = stage.new_engine(crowd)
    first, second = stage.destroy_request(10), stage.destroy_request(11)
    outcomes = at_once([partial(stage.carry_out, first, engine), partial(stage.carry_out, second, engine)], crowd.leave)
    assert all(outcome.failure is None for outcome in outcomes)
    assert all(outcome == "ok" for _, _, outcome in stage.mutations())
    assert stage.truth() == {}


def test_a_change_that_waits_for_another_of_its_gateway_can_be_stopped(stage: Stage) -> None:
    stage.seed(10, 11)
    crowd = CrowdClock(stage.manual, 2)
    engine = stage.new_engine(crowd)
    first, second = stage.destroy_request(10), stage.destroy_request(11)
    stop = threading.Event()

    def stopping(line: str) -> None:
        if "drained" in line:
            stop.set()

    carry_out = engine.carry_out
    outcomes = at_once(
        [partial(carry_out, first, stage.stop, stopping), partial(carry_out, second, stop, stage.lines.append)],
        crowd.leave,
    )
    failures = [outcome.failure for outcome in outcomes if outcome.failure]
    assert [failure.summary for failure in failures] == ["Interrupted"]
    assert stage.truth() == {"10.0.0.11": "succeeded"}


def test_a_change_that_waits_for_another_of_its_gateway_ends_at_its_timeout(stage: Stage) -> None:
    stage.seed(10, 11)
    crowd = CrowdClock(stage.manual, 2)
    engine = stage.new_engine(crowd)
    first = stage.destroy_request(10, max_drain_seconds=350)
    second = stage.destroy_request(11, timeout_seconds=40.0)
    ended: list[float] = []

    def wait_in_vain() -> Any:
        wait_for(lambda: stage.count(DESCRIBE) > 1, "the first change")
        outcome = engine.carry_out(second, threading.Event(), stage.lines.append)
        ended.append(stage.manual.now())
        return outcome

    began = stage.manual.now()
    outcomes = at_once([partial(stage.carry_out, first, engine), wait_in_vain], crowd.leave)
    assert outcomes[0].failure is None
    assert outcomes[1].failure.summary == "Timed out"
    assert "Nothing was changed: it waited for other changes of" in outcomes[1].failure.detail
    assert any("waiting until another change of the gateway has ended" in line for line in stage.lines)
    assert ended[0] - began < 60
    assert stage.truth() == {"10.0.0.11": "succeeded"}


def test_nobody_is_asked_when_nobody_waits() -> None:
    asked: list[set[str]] = []

    def describe(ids: Iterable[str]) -> dict[str, NatGateway]:
        asked.append(set(ids))
        return {}

    poller = Poller(describe, SoloClock(ManualClock()))
    with poller.watch("nat-1") as watch:
        assert poller.read(watch, 0, NEVER, no_limits()) is not None
    with poller.watch("nat-2") as watch:
        assert poller.read(watch, 0, NEVER, no_limits()) is not None
    assert asked == [{"nat-1"}, {"nat-2"}]


def test_a_watch_never_sees_a_poll_that_began_before_it() -> None:
    poller: Any = None
    seen: list[Any] = []

    def describe(_ids: Any) -> dict[str, NatGateway]:
        if not seen:
            seen.append(poller.watch("nat-2"))
            seen.append(seen[0].__enter__())
        return {}

    poller = Poller(describe, SoloClock(ManualClock()))
    with poller.watch("nat-1") as watch:
        poller.read(watch, 0, NEVER, no_limits())
    assert seen[1].unread is None


def test_a_poll_that_hangs_does_not_delay_who_is_due_next() -> None:
    hangs, over = threading.Event(), threading.Event()
    asked: list[set[str]] = []

    def describe(ids: Iterable[str]) -> dict[str, NatGateway]:
        asked.append(set(ids))
        if len(asked) == 1:
            hangs.set()
            over.wait(20)
        return {}

    poller = Poller(describe, SoloClock(ManualClock()))
    with poller.watch("nat-1") as first, poller.watch("nat-2") as second:
        reads: list[Read | None] = []
        thread = threading.Thread(target=lambda: reads.append(poller.read(first, 0, NEVER, no_limits())))
        thread.start()
        assert hangs.wait(20)
        began = time.monotonic()
        assert poller.read(second, 0, NEVER, no_limits()) is not None
        thread.join(20)
        assert time.monotonic() - began < PATIENCE_SECONDS + 2
        assert [read and read.error for read in reads] == [None]
        over.set()
    assert asked == [{"nat-1", "nat-2"}] * 2


def test_reads_are_never_closer_than_a_second_while_nothing_goes_wrong(stage: Stage) -> None:
    stage.seed(10)
    stage.change(ip(11), max_drain_seconds=60)
    times = [call.at for call in stage.calls(DESCRIBE)]
    real = {call.at for call in stage.calls() if call.action != DESCRIBE}
    close = [b for a, b in itertools.pairwise(times) if b - a < 0.3 and a not in real]
    assert close == []
    assert stage.mutations()[0][0] == ASSIGN
    assert GATEWAY in stage.lines[0]
