"""The lines of progress at level info: how far a drain is, for which addresses, and until when."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime

import pytest

from engine.stage import GATEWAY, UNASSIGN, Stage, ip

LINE = re.compile(
    rf"{GATEWAY}: (?P<who>[\d., ]+): drained (?P<elapsed>\d+) of up to (?P<most>\d+) s, "
    r"until (?P<end>[\d-]+ [\d:]+) UTC at the latest"
)


class Timed(list[str]):
    """Progress lines, and when each was written."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self._stage = stage
        self.at: list[float] = []

    def append(self, line: str) -> None:
        super().append(line)
        self.at.append(self._stage.manual.now())


@pytest.fixture
def lines(stage: Stage) -> Timed:
    stage.lines = Timed(stage)
    return stage.lines


def test_a_drain_says_how_far_it_is_and_until_when_it_lasts_every_ten_seconds_at_most(
    stage: Stage, lines: Timed
) -> None:
    stage.seed(10, 11)
    began = stage.manual.now()
    assert stage.change((), max_drain_seconds=350).failure is None
    drained = [(found, at) for found, at in zip(map(LINE.fullmatch, lines), lines.at, strict=True) if found]
    assert len(drained) > 10
    for found, at in drained:
        assert (found["who"], found["most"]) == ("10.0.0.10, 10.0.0.11", "350")
        assert abs(int(found["elapsed"]) - (at - began)) <= 1
        end = datetime.strptime(found["end"], "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
        assert abs(end - (began + 350)) <= 1
    times = [at for _, at in drained]
    assert all(later - at >= 10 for at, later in itertools.pairwise(times))


def test_a_drain_names_only_the_addresses_that_are_not_released_yet(stage: Stage, lines: Timed) -> None:
    stage.seed(10, 11)
    stage.aws.set_connections(GATEWAY, "10.0.0.11", 30)
    assert stage.change((), max_drain_seconds=100).failure is None
    named = [found["who"] for found in map(LINE.fullmatch, lines) if found]
    assert named[0] == "10.0.0.10, 10.0.0.11"
    assert named[-1] == "10.0.0.10"


def test_the_rest_of_an_earlier_drain_is_waited_for_with_a_line_that_names_it(stage: Stage, lines: Timed) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(11), max_drain_seconds=350)
    stage.outside(UNASSIGN, 10, drain=350)
    stage.manual.advance(100)
    assert stage.carry_out(request).failure is None
    earlier = [line for line in lines if "earlier drain" in line]
    assert len(earlier) > 5
    assert set(earlier) == {f"{GATEWAY}: waiting for an earlier drain of 10.0.0.10"}


def test_an_earlier_drain_that_blocks_a_change_is_waited_for_with_a_line_that_names_it(
    stage: Stage, lines: Timed
) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(11, 12), max_drain_seconds=350)
    stage.outside(UNASSIGN, 10, drain=350)
    assert stage.carry_out(request).failure is None
    assert f"{GATEWAY}: waiting until the gateway is idle; 10.0.0.10 still draining" in lines
