"""How one call ends, whatever the other side does: with its answer, a stop or a deadline; and when it is repeated.

A call may hang in the name lookup, in the connection, in the TLS handshake, or with one byte of the answer every few
seconds, and botocore sleeps where nothing wakes it up. So every call runs in a thread of its own, and its caller does
not wait longer than the limits allow. An abandoned call is not repeated by its thread: each call is sent once.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from time import monotonic
from typing import Final, Generic, Protocol, TypeVar

from natgw_provider.aws.errors import Abandoned, Ec2Error, LostAnswer, NotFromAws, Throttled, Unreachable
from natgw_provider.aws.settings import UNREACHABLE_ATTEMPTS

Found = TypeVar("Found")

CALL_SECONDS: Final = 30.0
"""The longest that one call may take in all; EC2 answers these calls within a second."""

GRACE_SECONDS: Final = 0.8
"""How long a call may outlive a stop or a deadline: most answers arrive within it, and nothing is left in doubt."""

PATIENCE_SECONDS: Final = 2.0
"""How long to wait for a read that another gateway's change or refresh has in flight, before reading oneself."""

TICK_SECONDS: Final = 0.05
"""How often a caller that waits checks whether to stop."""

BACKOFF_MAXIMUM: Final = 20.0
"""Longest wait between two attempts at one call, as in botocore's standard mode."""


class Clock(Protocol):
    """Time as the engine sees it, so that tests can run a drain of an hour without waiting for it.

    Whatever waits in this layer for longer than a call waits through a clock.
    """

    def now(self) -> float:
        """Return seconds since some moment; never goes back."""
        ...

    def utc(self) -> datetime:
        """Return the time of day, for messages only."""
        ...

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait until `event` is set or `seconds` have gone by; return whether it is set."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Return the monotonic clock's seconds."""
        return time.monotonic()

    def utc(self) -> datetime:
        """Return the time of day."""
        return datetime.now(UTC)

    def wait(self, event: threading.Event, seconds: float) -> bool:
        """Wait for real."""
        return event.wait(seconds)


class Limits:
    """Until when calls may go on: one object for all calls of one change, or for all reads of one provider.

    The grace is granted once: all calls together end within it after the stop or the deadline was noticed.

    Attributes:
        call_seconds: how long one call may take in all.
    """

    def __init__(self, clock: Clock, stop: threading.Event, deadline: float = math.inf) -> None:
        """`deadline` is in the clock's seconds."""
        self.call_seconds = CALL_SECONDS
        self._clock = clock
        self._stop = stop
        self._deadline = deadline
        self._over_since: float | None = None

    def allow(self) -> bool:
        """Return whether a call may begin or go on."""
        if not self._stop.is_set() and self._clock.now() < self._deadline:
            return True
        if self._over_since is None:
            self._over_since = monotonic()
        return monotonic() - self._over_since < GRACE_SECONDS

    def sleep(self, seconds: float) -> bool:
        """Wait so many of the clock's seconds; return whether it ended early, told to stop."""
        return self._clock.wait(self._stop, seconds)

    def wait(self, done: threading.Event, seconds: float) -> bool:
        """Wait for `done`, for so many seconds at most and no longer than allowed; return whether it is set."""
        end = monotonic() + seconds
        while not done.wait(min(TICK_SECONDS, max(0.0, end - monotonic()))):
            if monotonic() >= end or not self.allow():
                break
        return done.is_set()


class _InFlight(Generic[Found]):
    """Work that goes on in a thread of its own."""

    def __init__(self, work: Callable[[], Found]) -> None:
        self.done = threading.Event()
        self._work = work
        self._found: list[Found] = []
        self._failure: BaseException | None = None
        threading.Thread(target=self._run, daemon=True).start()

    def found(self) -> Found:
        """Return what was found, or raise what was raised, once it is done."""
        if self._failure is not None:
            raise self._failure
        return self._found[0]

    def _run(self) -> None:
        try:
            self._found.append(self._work())
        except BaseException as failure:  # noqa: BLE001 - it is raised to the caller
            self._failure = failure
        finally:
            self.done.set()


def call(action: str, work: Callable[[], Found], limits: Limits, seconds: float | None = None) -> Found:
    """Return what `work` returns, or raise what it raises. `action` is the operation, for messages.

    Raises Abandoned when the limits end it, and LostAnswer when it takes longer than `seconds`, or else than one call
    may take.
    """
    seconds = limits.call_seconds if seconds is None else seconds
    if not limits.allow():
        raise Abandoned(action)
    in_flight = _InFlight(work)
    if limits.wait(in_flight.done, seconds):
        return in_flight.found()
    raise Abandoned(action) if not limits.allow() else no_answer_in_time(action, seconds)


def no_answer_in_time(action: str, seconds: float) -> LostAnswer:
    """Return the error of a call that took too long."""
    return LostAnswer(action, "NoAnswerInTime", f"no complete answer within {seconds:.0f} s")


def repeat(
    action: str,
    work: Callable[[], Found],
    limits: Limits,
    *,
    attempts: int,
    random: Random,
    report: Callable[[str], object] | None = None,
) -> Found:
    """Return what a call finds that changes nothing; repeat it while it is throttled or AWS's answer does not come.

    `attempts` is how often to make it at most; `report` gets a line before each repetition. Raises the last error.
    """
    failed = 0
    while True:
        try:
            return call(action, work, limits)
        except (LostAnswer, Throttled, Unreachable) as error:
            failed += 1
            if isinstance(error, Abandoned) or failed >= attempts_allowed(error, attempts):
                raise
            if report:
                report(f"{error}; asking again")
        if limits.sleep(backoff(failed - 1, random)):
            raise Abandoned(action)


def backoff(attempt: int, random: Random) -> float:
    """Return how many seconds to wait before attempt number `attempt` + 1 at a call that was refused for now."""
    return float(min(BACKOFF_MAXIMUM, 2.0**attempt) * (0.5 + random.random() / 2))


def attempts_allowed(error: Ec2Error, read_attempts: int) -> int:
    """Return how often to make a read that failed with `error`, the first time included."""
    return min(read_attempts, UNREACHABLE_ATTEMPTS) if isinstance(error, Unreachable | NotFromAws) else read_attempts
