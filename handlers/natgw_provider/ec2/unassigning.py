"""The one Unassign of a change: the call, and the wait until its drain has begun or is over."""

from __future__ import annotations

from typing import Final

from natgw_provider.core import names
from natgw_provider.core.change_plan import Unassign
from natgw_provider.core.durations import format_seconds
from natgw_provider.ec2.calling import Caller
from natgw_provider.ec2.endings import GivenUp
from natgw_provider.ec2.failures import Failure
from natgw_provider.ec2.observer import Observer

BEGIN_SECONDS: Final = 10.0
"""About how long it takes until a drain shows; it sets the pace only."""


class Unassigning:
    """One step; used once. What it does to the gateway is written into the observer's memory."""

    def __init__(self, step: Unassign, caller: Caller, observer: Observer, max_drain_seconds: int) -> None:
        self._addresses = frozenset(step.addresses)
        self._step = step
        self._caller = caller
        self._observer = observer
        self._max_drain = max_drain_seconds

    def run(self, *, wait: bool) -> None:
        """Take the step, unless EC2 refuses for now; with `wait` until the release. Raises an Ending or an Ec2Error."""
        seen = self._observer
        if self._caller.unassign(self._step, self._effect) is None:
            return
        began = seen.now
        seen.memory.unassign(self._addresses, began, max_drain_seconds=self._max_drain)
        seen.look(at_once=True)
        if wait:
            self._wait_for_release(began)
        elif not self._has_begun():
            seen.wait(self._has_begun, seen.pace(BEGIN_SECONDS), "waiting until the drain shows")

    def _wait_for_release(self, began: float) -> None:
        seen = self._observer
        if not self._is_released():
            pace = seen.pace(self._max_drain, is_known=True)
            drained = ", ".join(self._step.addresses)
            doing = f"waiting until {drained} is released, {format_seconds(self._max_drain)} at most"
            seen.wait(self._is_released, pace, doing, began=began)
        self._caller.note_release()

    def _effect(self) -> float:
        """Return which share of what the call asked for the last look shows."""
        return len(self._addresses.difference(self._observer.shown.attached)) / len(self._addresses)

    def _has_begun(self) -> bool:
        self._check_not_back()
        return self._effect() >= 1

    def _is_released(self) -> bool:
        self._check_not_back()
        return self._observer.memory.is_all_released

    def _check_not_back(self) -> None:
        if self._addresses & set(self._observer.believed.attached):
            detail = f"AWS accepted to unassign {', '.join(self._step.addresses)}, but shows it in service again."
            raise GivenUp(Failure("Unassigned addresses are attached again", detail, (names.ADDRESSES,)))
