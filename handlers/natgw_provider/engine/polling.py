"""Polling gateways while changes wait: how often, and with one DescribeNatGateways for all changes of this process.

The promise for a drain of D seconds: its full length is noticed within a second, an early release within 5 % of D (or
1 s), and a drain of 350 s costs at most 25 polls. To notice *every* early release within 5 % of the time waited until
then would take 79 polls, since the intervals could only grow by a twentieth each; so the 5 % are of what the drain may
take. The first intervals grow from one second, so that a gateway without connections is not waited for.

Nothing runs in the background, and no poll is made while no change waits. The first change that is due polls for all,
and the others find its answer when they are due. A poll that hangs delays no other change: the next one that is due
polls anew. Reads are passed on as EC2 shows them; `pending_writes` reconciles them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random
from time import monotonic
from typing import Final

from natgw_provider.aws.errors import Abandoned
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.limits import DRAIN_SECONDS_DEFAULT
from natgw_provider.core.operations import DESCRIBE
from natgw_provider.engine.calls import PATIENCE_SECONDS, TICK_SECONDS, Clock, Limits, no_answer_in_time
from natgw_provider.engine.pending_writes import LAG_SECONDS

INTERVAL_MINIMUM: Final = 1.0
"""Seconds between two polls of one wait at least."""

_SHARE: Final = 0.05
"""Of the time waited, or of the expected time where that is longer: the longest interval."""

_CONFIRMATION: Final = 0.1
"""Of the promised time: the interval before a poll that only confirms the last one, `INTERVAL_MINIMUM` at most. In the
first minute it takes two polls to prove a release, so the intervals are shorter by that."""

_GROWTH: Final = 2.0
"""The first intervals, in terms of the time waited; `_SPREAD` of it at random, so that processes differ."""

_SPREAD: Final = 0.4
_AFTER_END: Final = 0.3
"""Seconds after the expected end at which to poll, so that the poll does not come a moment too early."""


@dataclass(frozen=True, slots=True)
class PollInterval:
    """The intervals of one wait.

    Attributes:
        expected: seconds after which the wait is over at the latest, or a guess.
        is_known: whether it is known; then a poll falls right behind it.
        random: spreads the polls of several processes.
    """

    expected: float
    is_known: bool
    random: Random

    @property
    def confirmation(self) -> float:
        """How many seconds later to poll again where one poll alone proves nothing."""
        return min(INTERVAL_MINIMUM, _CONFIRMATION * self._promised(0.0))

    def seconds(self, waited: float) -> float:
        """Return how many seconds to wait for the next poll, `waited` seconds after the beginning."""
        over = waited - self.expected if self.is_known and waited >= self.expected else waited
        is_to_confirm = self.is_known and waited < LAG_SECONDS
        longest = self._promised(waited) - (self.confirmation if is_to_confirm else 0.0)
        growth = _GROWTH + _SPREAD * self.random.random()
        interval = min(longest, max(INTERVAL_MINIMUM, growth * over))
        if self.is_known and waited < self.expected <= waited + interval:
            return self.expected - waited + _AFTER_END
        return interval

    def _promised(self, waited: float) -> float:
        """Return how late the end may be noticed after so many seconds."""
        return max(INTERVAL_MINIMUM, _SHARE * max(waited, min(self.expected, DRAIN_SECONDS_DEFAULT)))


@dataclass(frozen=True, slots=True)
class Read:
    """What one poll showed of one gateway.

    Attributes:
        at: the clock's seconds when EC2 was asked.
        gateway: the gateway; None when EC2 knows none, or with an error.
        error: why there is no answer.
    """

    at: float
    gateway: NatGateway | None
    error: Exception | None = None


class Watch:
    """One change's interest in one gateway. It sees only polls that began after the watch did."""

    def __init__(self, nat_gateway_id: str) -> None:
        self.nat_gateway_id = nat_gateway_id
        self.unread: Read | None = None
        self._newest = float("-inf")

    def offer(self, read: Read) -> None:
        """Take a read, unless a newer one came first: a poll that hangs may end long after the next one."""
        if read.at >= self._newest:
            self.unread, self._newest = read, read.at


@dataclass(frozen=True, eq=False)
class _Poll:
    """A DescribeNatGateways in flight: for whom, the clock's seconds, and the machine's."""

    watches: tuple[Watch, ...]
    at: float
    begun: float

    @property
    def age(self) -> float:
        return monotonic() - self.begun


class Poller:
    """Polls for all watches of one process; `describe` takes ids and returns the gateways that exist, by id."""

    def __init__(self, describe: Callable[[Iterable[str]], Mapping[str, NatGateway]], clock: Clock) -> None:
        self._describe = describe
        self._clock = clock
        self._watches: set[Watch] = set()
        self._news = threading.Condition()
        self._in_flight: _Poll | None = None

    @contextmanager
    def watch(self, nat_gateway_id: str) -> Iterator[Watch]:
        """Watch a gateway while inside."""
        watch = Watch(nat_gateway_id)
        with self._news:
            self._watches.add(watch)
        try:
            yield watch
        finally:
            with self._news:
                self._watches.discard(watch)

    def read(self, watch: Watch, due: float, stop: threading.Event, limits: Limits) -> Read | None:
        """Wait until the clock shows `due`, then return the newest read not returned before; None once stopped."""
        seconds = due - self._clock.now()
        if self._clock.wait(stop, seconds) if seconds > 0 else stop.is_set():
            return None
        with self._news:
            return self._newest_read(watch, limits)

    def _newest_read(self, watch: Watch, limits: Limits) -> Read:
        """Return what a poll shows: the one in flight, or one of its own. Called with the lock held."""
        own: _Poll | None = None
        while watch.unread is None:
            if not limits.allow():
                return Read(self._clock.now(), None, Abandoned(DESCRIBE))
            if self._in_flight is None or (own is None and self._in_flight.age > PATIENCE_SECONDS):
                own = self._begin()
            elif own is not None and own.age > limits.call_seconds:
                self._in_flight = None
                return Read(own.at, None, no_answer_in_time(DESCRIBE, limits.call_seconds))
            self._news.wait(TICK_SECONDS)
        read, watch.unread = watch.unread, None
        return read

    def _begin(self) -> _Poll:
        poll = self._in_flight = _Poll(tuple(self._watches), self._clock.now(), monotonic())
        threading.Thread(target=self._run, args=(poll,), daemon=True).start()
        return poll

    def _run(self, poll: _Poll) -> None:
        found: Mapping[str, NatGateway] = {}
        failure: Exception | None = None
        try:
            found = self._describe({watch.nat_gateway_id for watch in poll.watches})
        except Exception as error:  # noqa: BLE001 - it is raised to every change that waits
            failure = error
        with self._news:
            if self._in_flight is poll:
                self._in_flight = None
            for watch in poll.watches:
                watch.offer(Read(poll.at, found.get(watch.nat_gateway_id), failure))
            self._news.notify_all()
