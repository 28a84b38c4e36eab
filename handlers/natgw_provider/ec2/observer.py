"""Looking at one gateway for one change: until a look succeeds, or until something has come about.

It keeps what was shown, what is to be believed of it, and when; it decides nothing about the change itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Final

from natgw_provider.aws.errors import Abandoned, Busy, Ec2Error, LostAnswer, Throttled, Unreachable
from natgw_provider.core.gateway import NatGateway
from natgw_provider.ec2.clock import Clock
from natgw_provider.ec2.endings import Gone, Stopped, TimedOut
from natgw_provider.ec2.in_flight import Limits
from natgw_provider.ec2.memory import Memory
from natgw_provider.ec2.pace import GAP_MINIMUM, Pace, attempts_allowed, back_off
from natgw_provider.ec2.waiting import Poller, Watch

_PASSING: Final = (Busy, LostAnswer, Throttled, Unreachable)
_NEVER: Final = threading.Event()
ABSENT_SECONDS: Final = 5.0
"""A gateway is gone when looks over this long know nothing of it; one that is shown as deleted is gone at once."""

REPORT_SECONDS: Final = 10.0
"""Time between two lines of progress in one wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all changes of one engine share.

    Attributes:
        poller: shows gateways.
        clock: the time.
        random: spreads waits.
        read_attempts: how often to ask for a first look before giving up.
    """

    poller: Poller
    clock: Clock
    random: Random
    read_attempts: int


class Observer:
    """The eyes of one change.

    Attributes:
        memory: what the change has done so far.
        trouble: why the last look failed; None when it did not.
        limits: until when the change's calls may go on.
    """

    def __init__(
        self,
        nat_gateway_id: str,
        surroundings: Surroundings,
        *,
        stop: threading.Event,
        timeout_seconds: float,
        report: Callable[[str], None],
    ) -> None:
        self.memory = Memory()
        self.trouble: Ec2Error | None = None
        self._id = nat_gateway_id
        self._surroundings = surroundings
        self._clock = surroundings.clock
        self._stop = stop
        self._deadline = self._clock.now() + timeout_seconds
        self.limits = Limits(self._clock, stop, self._deadline)
        self._report = report
        self._reported_at = float("-inf")
        self._shown: NatGateway | None = None
        self._seen_at = float("-inf")
        self._looked_at = float("-inf")
        self._agreeing = 0
        self._absent_since: float | None = None
        self._errors = 0

    @property
    def has_seen(self) -> bool:
        """Whether any look has shown a living gateway."""
        return self._shown is not None

    @property
    def shown(self) -> NatGateway:
        """What the last look showed of a living gateway."""
        if self._shown is None:
            raise LookupError(f"{self._id} was not seen yet")
        return self._shown

    @property
    def believed(self) -> NatGateway:
        """What to believe of it, given the last look and all that was done since and before."""
        # The time is the look's: what was done after it counts, however long no further look succeeds.
        return self.memory.believe(self.shown, self._seen_at)

    @property
    def age(self) -> float:
        """Seconds since the last look."""
        return self._clock.now() - self._seen_at

    @property
    def agreeing_looks(self) -> int:
        """How many looks in a row, the last one included, have shown the very same."""
        return self._agreeing

    @property
    def now(self) -> float:
        """The clock's seconds."""
        return self._clock.now()

    def safe_point(self) -> None:
        """Say that nothing is under way: the change may end here. Raises Stopped or TimedOut."""
        if self._stop.is_set():
            raise Stopped
        if self.now >= self._deadline:
            raise TimedOut

    def back_off(self, attempts: int) -> None:
        """Let time pass at a safe point, the longer the more attempts were made. Raises Stopped or TimedOut."""
        self.safe_point()
        seconds = back_off(attempts, self._surroundings.random)
        if self._clock.wait(self._stop, min(seconds, self._deadline - self.now)):
            raise Stopped

    def look(self, *, after: float = 0.0, at_once: bool = False) -> None:
        """Take one look, `after` seconds from now, however often it takes; with `at_once` even when stopped.

        Raises Stopped, TimedOut, Gone when there is no living gateway, or the Ec2Error that does not pass by itself.
        """
        stop = _NEVER if at_once else self._stop
        with self._surroundings.poller.watch(self._id) as watch:
            due = min(self._deadline, self.now + after)
            while not self.try_look(watch, due, stop):
                if self.now >= self._deadline:
                    raise TimedOut
                stop = self._stop if self._errors else stop
                due = min(self._deadline, self.now + back_off(self._errors, self._surroundings.random))

    def try_look(self, watch: Watch, due: float, stop: threading.Event) -> bool:
        """Look once when it is due; return whether a living gateway was seen. Raises as `look` does."""
        look = watch.look(due, stop, self.limits)
        if look is None:
            raise Stopped
        self._looked_at = look.at
        if look.error is not None:
            self._pass_over(look.error)
            return False
        self._errors, self.trouble = 0, None
        if look.gateway is None:
            self._miss(look.at)
            return False
        self._take_in(look.gateway, look.at)
        return True

    def _miss(self, at: float) -> None:
        """Take in that a look knows no such gateway: a new one may be missing for a moment."""
        self._absent_since = at if self._absent_since is None else self._absent_since
        if at - self._absent_since >= ABSENT_SECONDS:
            raise Gone(None)

    def _take_in(self, gateway: NatGateway, at: float) -> None:
        if gateway.is_gone:
            raise Gone(gateway)
        self._absent_since = None
        self._agreeing = self._agreeing + 1 if gateway == self._shown else 1
        self._shown, self._seen_at = gateway, at
        self.memory.note(gateway, at)

    def wait(
        self, until: Callable[[], bool], pace: Pace, doing: str, *, agreeing: int = 1, began: float | None = None
    ) -> None:
        """Look, at this pace, until `until` holds after so many looks in a row; `doing` is for the log.

        `began` is when what is waited for began, if not now. Raises as `look` does.
        """
        last = self.now
        began = last if began is None else began
        agreed = 0
        with self._surroundings.poller.watch(self._id) as watch:
            while agreed < agreeing:
                self.safe_point()
                self._tell(f"{self._id}: {doing}")
                gap = self._gap(pace, last - began, agreed)
                due = min(self._deadline, last + max(gap, self._back_off()))
                agreed = agreed + 1 if self.try_look(watch, due, self._stop) and until() else 0
                last = self._looked_at

    def _gap(self, pace: Pace, waited: float, agreed: int) -> float:
        if self.memory.is_release_unconfirmed:
            return pace.confirmation
        return GAP_MINIMUM if agreed else pace.gap(waited)

    def find_out(self, is_so: Callable[[], bool], seconds: float) -> bool:
        """Look until `is_so` holds, or for at least `seconds` until two looks in a row say that it does not.

        For after a lost answer. It looks at least once, also when stopped, as far as the limits allow. Raises Stopped
        or TimedOut when it is not known by then.
        """
        until, agreed, gap, stop = self.now + seconds, 0, 0.0, _NEVER
        with self._surroundings.poller.watch(self._id) as watch:
            while self.now < until or agreed < 2:  # noqa: PLR2004 - two looks that agree
                due = min(self._deadline, self.now + max(gap, self._back_off()))
                agreed = agreed + 1 if self.try_look(watch, due, stop) else 0
                if agreed and is_so():
                    return True
                self.safe_point()
                gap, stop = min(4.0, 2 * gap or GAP_MINIMUM), self._stop
        return False

    def pace(self, expected: float, *, is_known: bool = False) -> Pace:
        """Return the pace for a wait of about so many seconds."""
        return Pace(expected, is_known, self._surroundings.random)

    def _pass_over(self, error: Exception) -> None:
        if not isinstance(error, _PASSING):
            raise error
        self._errors, self.trouble = self._errors + 1, error
        if isinstance(error, Abandoned):
            self.safe_point()
        if not self.has_seen and self._errors >= attempts_allowed(error, self._surroundings.read_attempts):
            raise error
        self._tell(f"{self._id}: {error}; asking again")

    def _back_off(self) -> float:
        return back_off(self._errors, self._surroundings.random) if self._errors else 0.0

    def _tell(self, line: str) -> None:
        if self.now - self._reported_at >= REPORT_SECONDS:
            self._reported_at = self.now
            self._report(line)
