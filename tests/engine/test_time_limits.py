"""No call outlives a stop or the timeout by more than a second, and a slow call delays no other gateway: real time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest

from engine.crowd import THREADS
from engine.stage import ASSIGN, DESCRIBE, GATEWAY, OTHER, UNASSIGN, Ended, Stage, ip
from natgw_provider.aws.client import Connection
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.problems import ProblemError
from natgw_provider.engine.change import ChangeRequest
from natgw_provider.engine.engine import GatewayEngine
from support.fault_proxy import FaultProxy
from support.waiting import wait_for

STAGE_KINDS = (PRIVATE_IPS,)
"""How long a call may take does not depend on the kind."""

IN_TIME = 1.3
"""A second, and what a busy machine adds."""


class Running:
    """A change that runs in a thread."""

    def __init__(self, work: Callable[[], Ended]) -> None:
        self._ended: Future[tuple[Ended, float]] = THREADS.submit(lambda: (work(), time.monotonic()))

    def seconds_after(self, moment: float) -> float:
        return self._ended.result(20)[1] - moment

    @property
    def outcome(self) -> Ended:
        return self._ended.result(20)[0]


@dataclass
class Real:
    """A simulated AWS whose drains do not end, behind the proxy; the engine runs in real time."""

    stage: Stage
    proxy: FaultProxy
    engine: GatewayEngine

    def start(self, request: ChangeRequest, stop: threading.Event | None = None) -> Running:
        stop = stop or threading.Event()
        return Running(lambda: self.stage.plain_outcome(self.engine.carry_out(request, stop, lambda _line: None)))

    def wait_until_asked(self, *asked: Any) -> None:
        wait_for(lambda: asked in self.proxy.asked, f"{asked}")


@pytest.fixture
def real(stage: Stage, proxy: FaultProxy, connection: Connection) -> Iterator[Real]:
    stage.seed(10)
    stage.settings(assigning_seconds=0.0)
    stage.manual.advance(100)
    with stage.aws as served:
        proxy.upstream = served.url
        proxy.asked.clear()
        yield Real(stage, proxy, GatewayEngine(connection))
        proxy.heal()


@dataclass(frozen=True)
class Position:
    """A call of a change from 10.0.0.10 to `wanted`, and what is spoiled to reach it."""

    action: str
    wanted: tuple[str, ...] = ()
    dry_run: bool | None = None
    after: str | None = None
    in_doubt: bool = False

    def spoil(self, real: Real, way: str) -> None:
        """Spoil it, once the action `after` was called."""
        if self.after is not None:
            real.wait_until_asked(self.after, None)
            wait_for(lambda: real.stage.effective(self.after or "") != [], "an effect")
        real.proxy.spoil(way, action=self.action, dry_run=self.dry_run)


POSITIONS = {
    "first read": Position(DESCRIBE),
    "dry run": Position(ASSIGN, ip(11), dry_run=True),
    "assign": Position(ASSIGN, ip(11), dry_run=False, in_doubt=True),
    "unassign": Position(UNASSIGN, dry_run=False, in_doubt=True),
    "poll": Position(DESCRIBE, after=UNASSIGN),
}
WAYS = ["trickle", "half_open", "endless_pages"]
CASES = [
    pytest.param(position, way, id=f"{name}, {way}")
    for name, position in POSITIONS.items()
    for way in WAYS
    if way == "trickle"
    or (way, name) in {("half_open", "assign"), ("half_open", "poll"), ("endless_pages", "first read")}
]


@pytest.mark.parametrize(("position", "way"), CASES)
def test_a_stop_ends_a_change_within_a_second_whatever_a_call_does(real: Real, position: Position, way: str) -> None:
    request, stop = real.stage.request(position.wanted, max_drain_seconds=350), threading.Event()
    if position.after is None:
        position.spoil(real, way)
    running = real.start(request, stop)
    if position.after is not None:
        position.spoil(real, way)
    real.wait_until_asked(position.action, way)
    stop.set()
    assert running.seconds_after(time.monotonic()) < IN_TIME
    assert running.outcome.summary == "Interrupted"
    _assert_true(real, running.outcome, position)


@pytest.mark.parametrize("position", POSITIONS.values(), ids=POSITIONS)
def test_a_timeout_ends_a_change_within_a_second_whatever_a_call_does(real: Real, position: Position) -> None:
    way, seconds = "trickle", 2.0 if position.after else 1.0
    request = real.stage.request(position.wanted, max_drain_seconds=350, timeout_seconds=seconds)
    began = time.monotonic()
    if position.after is None:
        position.spoil(real, way)
    running = real.start(request)
    if position.after is not None:
        position.spoil(real, way)
    assert running.seconds_after(began) < seconds + IN_TIME
    assert (position.action, way) in real.proxy.asked
    assert running.outcome.summary == "Timed out"
    _assert_true(real, running.outcome, position)


@pytest.mark.parametrize("action", [ASSIGN, UNASSIGN, DESCRIBE])
def test_a_slow_call_for_one_gateway_does_not_delay_the_change_of_another(real: Real, action: str) -> None:
    real.stage.seed_beside()
    stop = threading.Event()
    real.proxy.spoil("half_open", action=action, about=GATEWAY)
    slow = real.start(real.stage.request(ip(11) if action != UNASSIGN else (), max_drain_seconds=350), stop)
    real.wait_until_asked(action, "half_open")
    began = time.monotonic()
    other = real.start(real.stage.request(ip(20), nat_gateway_id=OTHER))
    if action == DESCRIBE:
        wait_for(lambda: real.proxy.asked.count((DESCRIBE, "half_open")) > 1, "a poll of both")
        real.proxy.heal()
    assert other.seconds_after(began) < 8
    assert other.outcome.failure is None
    stop.set()
    slow.seconds_after(began)


def test_a_slow_read_of_one_gateway_does_not_delay_the_read_of_another(real: Real) -> None:
    real.stage.seed_beside()
    real.proxy.spoil("half_open", action=DESCRIBE, about=GATEWAY)

    def read_slowly() -> None:
        with suppress(ProblemError):  # how it ends is not what this test is about
            real.engine.read(GATEWAY)

    slow = threading.Thread(target=read_slowly, daemon=True)
    slow.start()
    real.wait_until_asked(DESCRIBE, "half_open")
    began = time.monotonic()
    assert real.engine.read(OTHER) is not None
    assert time.monotonic() - began < 4
    real.proxy.heal()
    slow.join(20)
    assert not slow.is_alive()


def _assert_true(real: Real, outcome: Ended, position: Position) -> None:
    """Nothing took effect twice, and the outcome tells what is, or that it is not known."""
    assert real.stage.effective(ASSIGN) in ([], [ip(11)])
    assert real.stage.effective(UNASSIGN) in ([], [ip(10)])
    is_unknown = "it is not known whether the call took effect" in outcome.detail
    truth = real.stage.truth()
    reported = None if outcome.gateway is None else {*outcome.attached, *outcome.draining}
    if reported is None or is_unknown:
        assert position.in_doubt or reported is None
    else:
        assert reported == set(truth)
        assert set(outcome.draining) == {name for name, status in truth.items() if status == "unassigning"}
