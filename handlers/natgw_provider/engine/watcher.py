"""Observes one gateway for one change: until a read succeeds, or until what the change waits for has come about.

It keeps what the last read showed, the reconciled gateway, and when; it decides nothing about the change itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from natgw_provider.aws.client import Connection
from natgw_provider.aws.errors import Abandoned, Busy, Ec2Error, LostAnswer, Throttled, Unreachable
from natgw_provider.core.gateway import NatGateway
from natgw_provider.engine.calls import Clock, Limits, attempts_allowed, backoff
from natgw_provider.engine.change import Caller, GatewayGone, Stopped, TimedOut
from natgw_provider.engine.pending_writes import PendingWrites
from natgw_provider.engine.polling import INTERVAL_MINIMUM, Poller, PollInterval, Watch

_TRANSIENT: Final = (Busy, LostAnswer, Throttled, Unreachable)
_NEVER: Final = threading.Event()

ABSENT_SECONDS: Final = 5.0
"""A gateway is gone when no read shows it for this long; one that is shown as deleted is gone at once."""

REPORT_SECONDS: Final = 10.0
"""Time between two lines of progress in one wait."""

AGREEING_READS: Final = 2
"""Reads in a row that must agree where one read alone proves nothing."""

_LONGEST_RECHECK: Final = 4.0
"""Seconds between two reads after a lost answer at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What all changes of one engine share.

    Attributes:
        connection: the way to EC2.
        poller: reads gateways.
        clock: the time.
        random: spreads waits.
    """

    connection: Connection
    poller: Poller
    clock: Clock
    random: Random


class GatewayWatcher:
    """Observes the gateway of one change.

    Attributes:
        writes: the writes of the change, which reads may not show yet.
        read_error: why the last read failed; None when it did not.
        limits: until when the change's calls may go on.
        latest: the reconciled gateway at the last read, for other threads; None before it.
    """

    def __init__(self, nat_gateway_id: str, shared: Shared, caller: Caller, writes: PendingWrites) -> None:
        self.writes = writes
        self.read_error: Ec2Error | None = None
        self.latest: NatGateway | None = None
        self._id = nat_gateway_id
        self._shared = shared
        self._clock = shared.clock
        self._stop = caller.stop
        self._deadline = caller.deadline
        self._report = caller.report
        self.limits = Limits(shared.clock, caller.stop, caller.deadline)
        self._reported_at = float("-inf")
        self._observed: NatGateway | None = None
        self._observed_at = float("-inf")
        self._read_at = float("-inf")
        self._agreeing = 0
        self._absent_since: float | None = None
        self._errors = 0

    @property
    def has_observed(self) -> bool:
        """Whether any read has shown a living gateway."""
        return self._observed is not None

    @property
    def observed(self) -> NatGateway:
        """What the last read showed of a living gateway."""
        if self._observed is None:
            raise LookupError(f"{self._id} has not been observed yet")
        return self._observed

    @property
    def reconciled(self) -> NatGateway:
        """The gateway as it must be, given the last read and all writes of the change."""
        # The time is the read's: what was written after it counts, however long no further read succeeds.
        return self.writes.reconcile(self.observed, self._observed_at)

    @property
    def age(self) -> float:
        """Seconds since the last successful read."""
        return self._clock.now() - self._observed_at

    @property
    def agreeing_reads(self) -> int:
        """How many reads in a row, the last one included, have shown the very same."""
        return self._agreeing

    @property
    def now(self) -> float:
        """The clock's seconds."""
        return self._clock.now()

    def drain_end(self, max_drain_seconds: int) -> str | None:
        """Return until when this change's drain lasts at most, as a phrase; None when it began none."""
        began = self.writes.unassigned_at
        if began is None:
            return None
        left = max(0.0, began + max_drain_seconds - self.now)
        return f"until {self._clock.utc() + timedelta(seconds=left):%Y-%m-%d %H:%M:%S} UTC at the latest"

    def check_limits(self) -> None:
        """Say that nothing is in flight: the change may end here. Raises Stopped or TimedOut."""
        if self._stop.is_set():
            raise Stopped
        if self.now >= self._deadline:
            raise TimedOut

    def back_off(self, attempts: int) -> None:
        """Wait, the longer the more attempts were made. Raises Stopped or TimedOut."""
        self.check_limits()
        seconds = backoff(attempts, self._shared.random)
        if self._clock.wait(self._stop, min(seconds, self._deadline - self.now)):
            raise Stopped

    def read(self, *, after: float = 0.0, at_once: bool = False) -> None:
        """Read the gateway, `after` seconds from now, until a read succeeds; with `at_once` even when stopped.

        Raises Stopped, TimedOut, GatewayGone when no living gateway exists, or an Ec2Error that is not transient.
        """
        stop = _NEVER if at_once else self._stop
        with self._shared.poller.watch(self._id) as watch:
            due = min(self._deadline, self.now + after)
            while not self._try_read(watch, due, stop):
                if self.now >= self._deadline:
                    raise TimedOut
                stop = self._stop if self._errors else stop
                due = min(self._deadline, self.now + backoff(self._errors, self._shared.random))

    def _try_read(self, watch: Watch, due: float, stop: threading.Event) -> bool:
        """Read once when it is due; return whether a living gateway was shown. Raises as `read` does."""
        read = self._shared.poller.read(watch, due, stop, self.limits)
        if read is None:
            raise Stopped
        self._read_at = read.at
        if read.error is not None:
            self._pass_over(read.error)
            return False
        self._errors, self.read_error = 0, None
        if read.gateway is None:
            self._note_absent(read.at)
            return False
        self._note(read.gateway, read.at)
        return True

    def _note_absent(self, at: float) -> None:
        """Note that a read did not find the gateway: a new one may be missing for a moment."""
        self._absent_since = at if self._absent_since is None else self._absent_since
        if at - self._absent_since >= ABSENT_SECONDS:
            raise GatewayGone(None)

    def _note(self, gateway: NatGateway, at: float) -> None:
        if gateway.is_gone:
            raise GatewayGone(gateway)
        self._absent_since = None
        self._agreeing = self._agreeing + 1 if gateway == self._observed else 1
        self._observed, self._observed_at = gateway, at
        self.writes.observe(gateway, at)
        self.latest = self.reconciled

    def wait(
        self,
        until: Callable[[], bool],
        interval: PollInterval,
        doing: str | Callable[[], str],
        *,
        agreeing: int = 1,
        began: float | None = None,
    ) -> None:
        """Read at these intervals until `until` holds after so many reads in a row; `doing` is for the log.

        `began` is when what is waited for began, if not now. Raises as `read` does.
        """
        last = self.now
        began = last if began is None else began
        agreed = 0
        with self._shared.poller.watch(self._id) as watch:
            while agreed < agreeing:
                self.check_limits()
                self._log(doing if isinstance(doing, str) else doing())
                seconds = self._seconds(interval, last - began, agreed)
                due = min(self._deadline, last + max(seconds, self._backoff()))
                agreed = agreed + 1 if self._try_read(watch, due, self._stop) and until() else 0
                last = self._read_at

    def _seconds(self, interval: PollInterval, waited: float, agreed: int) -> float:
        if self.writes.is_release_unconfirmed:
            return interval.confirmation
        return INTERVAL_MINIMUM if agreed else interval.seconds(waited)

    def find_out(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Read until `is_so` holds, or for at least `seconds` until two reads in a row say that it does not.

        For after a lost answer. It reads at least once, also when stopped, as far as the limits allow. Raises Stopped
        or TimedOut when it is not known by then.
        """
        until, agreed, pause, stop = self.now + seconds, 0, 0.0, _NEVER
        with self._shared.poller.watch(self._id) as watch:
            while self.now < until or agreed < AGREEING_READS:
                due = min(self._deadline, self.now + max(pause, self._backoff()))
                agreed = agreed + 1 if self._try_read(watch, due, stop) else 0
                if agreed and is_so():
                    return True
                self.check_limits()
                pause, stop = min(_LONGEST_RECHECK, 2 * pause or INTERVAL_MINIMUM), self._stop
        return False

    def interval(self, expected: float, *, is_known: bool = False) -> PollInterval:
        """Return the poll intervals for a wait of about so many seconds."""
        return PollInterval(expected, is_known, self._shared.random)

    def _pass_over(self, error: Exception) -> None:
        if not isinstance(error, _TRANSIENT):
            raise error
        self._errors, self.read_error = self._errors + 1, error
        if isinstance(error, Abandoned):
            self.check_limits()
        if not self.has_observed and self._errors >= attempts_allowed(error, self._shared.connection.read_attempts):
            raise error
        self._log(f"{error}; reading again")

    def _backoff(self) -> float:
        return backoff(self._errors, self._shared.random) if self._errors else 0.0

    def _log(self, line: str) -> None:
        if self.now - self._reported_at >= REPORT_SECONDS:
            self._reported_at = self.now
            self._report(f"{self._id}: {line}")
