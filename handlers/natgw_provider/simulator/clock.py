"""The simulator's time: moved by hand, or running with real time.

Everything that happens by itself (an address settles, a drain ends) is computed from `now()` when a request comes in,
so no timers and no threads stand behind a clock.
"""

from __future__ import annotations

import threading
import time

MANUAL_CLOCK_START = 1_750_000_000.0
"""Where a manual clock starts by default: a whole second, so that whole-second steps stay exact."""

SPEED_MAXIMUM = 1_000_000.0
"""At this speed, a millisecond of real time is a quarter of an hour."""


class ManualClock:
    """Simulated time, in seconds since the Unix epoch, that stands still until it is advanced or slept on."""

    def __init__(self, start: float = MANUAL_CLOCK_START) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        """Return the simulated time."""
        return self._now

    def advance(self, seconds: float) -> float:
        """Jump `seconds` (0 or more) ahead and return the new time. Raises ValueError when negative."""
        if not seconds >= 0:
            raise ValueError(f"a clock only moves forward: {seconds} seconds")
        with self._lock:
            self._now += seconds
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` of simulated time pass."""
        self.advance(seconds)

    def describe(self) -> str:
        """Say in a few words how this clock runs."""
        return "stands still until advanced"


class ScaledClock(ManualClock):
    """Simulated time that runs `speed` times as fast as real time; 1 is real time."""

    def __init__(self, speed: float = 1.0, *, start: float | None = None) -> None:
        if not 0 < speed <= SPEED_MAXIMUM:
            raise ValueError(f"a clock's speed is more than 0 and at most {SPEED_MAXIMUM:g}, not {speed}")
        super().__init__(time.time() if start is None else start)
        self.speed = speed
        self._started = time.monotonic()

    def now(self) -> float:
        """Return the simulated time."""
        return self._now + (time.monotonic() - self._started) * self.speed

    def sleep(self, seconds: float) -> None:
        """Wait until `seconds` of simulated time have passed."""
        time.sleep(seconds / self.speed)

    def describe(self) -> str:
        """Say how fast this clock runs."""
        return "real time" if self.speed == 1 else f"{self.speed:g} simulated seconds in each real second"
