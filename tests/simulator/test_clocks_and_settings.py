"""Clocks, settings and documented throttling."""

from __future__ import annotations

import contextlib
import time
from typing import Any

import pytest
from botocore.exceptions import ClientError

from natgw_provider.simulator.clock import ManualClock, ScaledClock
from natgw_provider.simulator.inputs import Settings
from natgw_provider.simulator.simulator import Simulator


def test_a_manual_clock_moves_only_by_hand() -> None:
    clock = ManualClock(100)
    assert clock.now() == 100
    assert clock.advance(5) == 105
    clock.sleep(10)
    assert clock.now() == 115
    assert clock.describe() == "stands still until advanced"


@pytest.mark.parametrize("clock", [ManualClock(), ScaledClock()])
@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_no_clock_goes_back(clock: ManualClock | ScaledClock, seconds: float) -> None:
    with pytest.raises(ValueError, match="only moves forward"):
        clock.advance(seconds)


def test_a_scaled_clock_runs_so_many_times_as_fast(monkeypatch: pytest.MonkeyPatch) -> None:
    real = [50.0]
    slept: list[float] = []
    monkeypatch.setattr(time, "monotonic", lambda: real[0])
    monkeypatch.setattr(time, "sleep", slept.append)
    clock = ScaledClock(20, start=1000)
    real[0] += 3
    assert clock.now() == 1060
    assert clock.advance(40) == 1100
    clock.sleep(10)
    assert slept == [0.5]
    assert clock.describe() == "20 simulated seconds in each real second"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("quota", 0),
        ("quota", 8.5),
        ("assigning_seconds", -1),
        ("busy_code", "Busy"),
        ("pick", "highest"),
        ("seed", "x"),
    ],
)
def test_a_bad_setting_is_named_with_its_value(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"settings: {name} should be .* \(found {value!r}\)"):
        Settings().change({name: value})


def test_calls_are_throttled_as_documented_when_asked_for(ec2: Any, simulator: Simulator, clock: ManualClock) -> None:
    simulator.change_settings(throttling=True)

    def admitted(calls: int) -> int:
        simulator.clear_calls()
        for _ in range(calls):
            with contextlib.suppress(ClientError):
                ec2.describe_nat_gateways()
        outcomes = [(call.outcome, call.status) for call in simulator.calls()]
        assert set(outcomes) <= {("ok", 200), ("RequestLimitExceeded", 503)}
        return outcomes.count(("ok", 200))

    assert admitted(120) == 100
    clock.advance(1)
    assert admitted(30) == 20
    clock.advance(3600)
    assert admitted(120) == 100
    ec2.describe_subnets()
