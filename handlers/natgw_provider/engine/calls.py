"""Calls: how each one ends whatever the other side does, when a read is repeated, and how readers share one.

A call may hang in the name lookup, in the connection, in the TLS handshake, or with one byte of the answer every few
seconds, and botocore sleeps where nothing wakes it up. So every call runs in a thread of its own, and its caller does
not wait longer than the limits allow. An abandoned call is not repeated by its thread: each call is sent once.

Terraform refreshes ten resources at a time, and their reads start within some 7 ms: they are gathered for a moment and
asked for together. A reader never gets an answer to a call that was made before it asked.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from datetime import UTC, datetime
from random import Random
from time import monotonic
from typing import Final, Generic, Protocol, TypeVar

from natgw_provider.aws.errors import Abandoned, Ec2Error, LostAnswer, NotFromAws, Throttled, Unreachable

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

UNREACHABLE_ATTEMPTS: Final = 6
"""How often to try an endpoint that does not answer, or where something other than AWS does: a mistyped one, or a
proxy's login page, should be reported within half a minute."""

WINDOW_SECONDS: Final = 0.025
"""The call is made when no new reader has come for so long."""

FIRST_WINDOW_SECONDS: Final = 0.008
"""The same for the very first reader of all: of ten that start together, the second follows within a few ms, and most
plans are of one gateway."""

WINDOWS_MAXIMUM: Final = 8
"""How many windows to wait at most for as many readers as the last call served: a client that reads ten gateways at
a time goes on to do so, but on a busy machine they do not all come within one window."""


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
        """Wait so many of the clock's seconds; return whether a stop ended it early."""
        return self._clock.wait(self._stop, seconds)

    def wait(self, answer: Future[Found], seconds: float) -> bool:
        """Wait for `answer`, at most this many seconds and no longer than allowed; return whether it is there."""
        end = monotonic() + seconds
        while not answer.done():
            wait([answer], min(TICK_SECONDS, max(0.0, end - monotonic())))
            if monotonic() >= end or not self.allow():
                break
        return answer.done()


def _begin(work: Callable[[], Found]) -> Future[Found]:
    """Do the work in a thread of its own, which does not keep the process from ending as an executor's would."""
    answer: Future[Found] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as failure:  # noqa: BLE001 - it is raised to the caller
            answer.set_exception(failure)

    threading.Thread(target=run, daemon=True).start()
    return answer


def call(action: str, work: Callable[[], Found], limits: Limits, seconds: float | None = None) -> Found:
    """Return what `work` returns, or raise what it raises. `action` is the operation, for messages.

    Raises Abandoned when the limits end it, and LostAnswer when it takes longer than `seconds`, or else than one call
    may take.
    """
    seconds = limits.call_seconds if seconds is None else seconds
    if not limits.allow():
        raise Abandoned(action)
    answer = _begin(work)
    if limits.wait(answer, seconds):
        return answer.result()
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
                report(f"{error}; reading again")
        if limits.sleep(backoff(failed - 1, random)):
            raise Abandoned(action)


def backoff(attempt: int, random: Random) -> float:
    """Return how many seconds to wait before attempt number `attempt` + 1 at a call that was refused for now."""
    return float(min(BACKOFF_MAXIMUM, 2.0**attempt) * (0.5 + random.random() / 2))


def attempts_allowed(error: Ec2Error, read_attempts: int) -> int:
    """Return how often to make a read that failed with `error`, the first time included."""
    return min(read_attempts, UNREACHABLE_ATTEMPTS) if isinstance(error, Unreachable | NotFromAws) else read_attempts


class _Batch(Generic[Found]):
    """Readers that share one call."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.readers = 0
        self.found: Future[Mapping[str, Found]] = Future()


class CoalescingReader(Generic[Found]):
    """Gathers concurrent reads of single ids into calls of `fetch`, which takes ids and returns what exists of them."""

    def __init__(
        self,
        fetch: Callable[[Iterable[str]], Mapping[str, Found]],
        *,
        window_seconds: float = WINDOW_SECONDS,
        first_window_seconds: float = FIRST_WINDOW_SECONDS,
    ) -> None:
        self._fetch = fetch
        self._window = window_seconds
        self._first_window = first_window_seconds
        self._lock = threading.Lock()
        self._one_call_at_a_time = threading.Lock()
        self._open: _Batch[Found] | None = None
        self._served_last = 1
        self._readers_ever = 0

    @property
    def has_company(self) -> bool:
        """Whether more than one reader has ever come: then others may come along with the next one, too."""
        return self._readers_ever > 1

    def read(self, identifier: str, *, waits: bool = True) -> Found | None:
        """Return what `fetch` finds for it, or None. An error of `fetch` is raised to every reader that shared it.

        With `waits` false no other reader is expected, and the call is made at once.
        """
        with self._lock:
            self._readers_ever += 1
            leads = self._open is None
            batch = self._open = self._open or _Batch()
            batch.ids.add(identifier)
            batch.readers += 1
        if leads:
            self._lead(batch, waits=waits)
        return batch.found.result().get(identifier)

    def _lead(self, batch: _Batch[Found], *, waits: bool) -> None:
        if waits:
            self._gather(batch)
        # While a call is in flight, the readers that come gather for the next one, unless the call hangs.
        is_turn = self._one_call_at_a_time.acquire(timeout=PATIENCE_SECONDS)
        try:
            with self._lock:
                self._open = None
            batch.found.set_result(self._fetch(frozenset(batch.ids)))
        except BaseException as error:  # noqa: BLE001 - it is raised to every reader
            batch.found.set_exception(error)
        finally:
            if is_turn:
                self._one_call_at_a_time.release()

    def _gather(self, batch: _Batch[Found]) -> None:
        for _ in range(WINDOWS_MAXIMUM):
            gathered = batch.readers
            threading.Event().wait(self._window if self.has_company else self._first_window)
            if gathered == batch.readers >= self._served_last:
                break
        self._served_last = batch.readers
