"""The poller: one DescribeNatGateways shows every waiting change of this process how its gateway stands.

Nothing runs in the background and nothing is asked when nobody waits: whoever is due first asks for all, and the others
find what they need when their time comes. A poll that hangs delays nobody else: the next one who is due polls anew. It
hands out what EC2 shows; what to believe of it is the change's business.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic

from natgw_provider.aws.errors import Abandoned
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.operations import DESCRIBE
from natgw_provider.ec2.clock import Clock
from natgw_provider.ec2.in_flight import PATIENCE_SECONDS, TICK_SECONDS, Limits, no_answer_in_time


@dataclass(frozen=True, slots=True)
class Look:
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

    def __init__(self, poller: Poller, nat_gateway_id: str) -> None:
        self.nat_gateway_id = nat_gateway_id
        self.unseen: Look | None = None
        self._poller = poller
        self._newest = float("-inf")

    def look(self, due: float, stop: threading.Event, limits: Limits) -> Look | None:
        """Wait until the clock shows `due`, then return the newest look not returned before; None once stopped."""
        return self._poller.look(self, due, stop, limits)

    def offer(self, look: Look) -> None:
        """Take a look, unless a newer one came first: a poll that hangs may end long after the next one."""
        if look.at >= self._newest:
            self.unseen, self._newest = look, look.at


@dataclass(frozen=True, eq=False)
class _Poll:
    """A DescribeNatGateways under way: for whom, the clock's seconds, and the machine's."""

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
        self._under_way: _Poll | None = None

    @contextmanager
    def watch(self, nat_gateway_id: str) -> Iterator[Watch]:
        """Watch a gateway while inside."""
        watch = Watch(self, nat_gateway_id)
        with self._news:
            self._watches.add(watch)
        try:
            yield watch
        finally:
            with self._news:
                self._watches.discard(watch)

    def look(self, watch: Watch, due: float, stop: threading.Event, limits: Limits) -> Look | None:
        """See `Watch.look`."""
        seconds = due - self._clock.now()
        if self._clock.wait(stop, seconds) if seconds > 0 else stop.is_set():
            return None
        with self._news:
            return self._newest_look(watch, limits)

    def _newest_look(self, watch: Watch, limits: Limits) -> Look:
        """Return what a poll shows: the one under way, or one of its own. Called with the lock held."""
        own: _Poll | None = None
        while watch.unseen is None:
            if not limits.allow():
                return Look(self._clock.now(), None, Abandoned(DESCRIBE))
            if self._under_way is None or (own is None and self._under_way.age > PATIENCE_SECONDS):
                own = self._begin()
            elif own is not None and own.age > limits.call_seconds:
                self._under_way = None
                return Look(own.at, None, no_answer_in_time(DESCRIBE, limits.call_seconds))
            self._news.wait(TICK_SECONDS)
        look, watch.unseen = watch.unseen, None
        return look

    def _begin(self) -> _Poll:
        poll = self._under_way = _Poll(tuple(self._watches), self._clock.now(), monotonic())
        threading.Thread(target=self._run, args=(poll,), daemon=True).start()
        return poll

    def _run(self, poll: _Poll) -> None:
        found: Mapping[str, NatGateway] = {}
        failure: Exception | None = None
        try:
            found = self._describe({watch.nat_gateway_id for watch in poll.watches})
        except Exception as error:  # noqa: BLE001 - it is raised to everybody who waits
            failure = error
        with self._news:
            if self._under_way is poll:
                self._under_way = None
            for watch in poll.watches:
                watch.offer(Look(poll.at, found.get(watch.nat_gateway_id), failure))
            self._news.notify_all()
