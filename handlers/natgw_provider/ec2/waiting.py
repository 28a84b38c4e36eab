"""The poller: one DescribeNatGateways shows every waiting change of this process how its gateway stands.

Nothing runs in the background and nothing is asked when nobody waits: whoever is due first asks for all, and the others
find what they need when their time comes. It hands out what EC2 shows; what to believe of it is the change's business.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from natgw_provider.aws.errors import Ec2Error
from natgw_provider.core.gateway import NatGateway
from natgw_provider.ec2.clock import Clock


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
    error: Ec2Error | None = None


class Watch:
    """One change's interest in one gateway. It sees only polls that began after the watch did."""

    def __init__(self, poller: Poller, nat_gateway_id: str) -> None:
        self.nat_gateway_id = nat_gateway_id
        self.unseen: Look | None = None
        self._poller = poller

    def look(self, due: float, stop: threading.Event) -> Look | None:
        """Wait until the clock shows `due`, then return the newest look not returned before; None once stopped."""
        return self._poller.look(self, due, stop)


class Poller:
    """Polls for all watches of one process; `describe` takes ids and returns the gateways that exist, by id."""

    def __init__(self, describe: Callable[[Iterable[str]], Mapping[str, NatGateway]], clock: Clock) -> None:
        self._describe = describe
        self._clock = clock
        self._watches: set[Watch] = set()
        self._registry = threading.Lock()
        self._polling = threading.Lock()

    @contextmanager
    def watch(self, nat_gateway_id: str) -> Iterator[Watch]:
        """Watch a gateway while inside."""
        watch = Watch(self, nat_gateway_id)
        with self._registry:
            self._watches.add(watch)
        try:
            yield watch
        finally:
            with self._registry:
                self._watches.discard(watch)

    def look(self, watch: Watch, due: float, stop: threading.Event) -> Look | None:
        """See `Watch.look`."""
        seconds = due - self._clock.now()
        if self._clock.wait(stop, seconds) if seconds > 0 else stop.is_set():
            return None
        with self._polling:
            if watch.unseen is None:
                self._poll()
            look, watch.unseen = watch.unseen, None
        return look

    def _poll(self) -> None:
        with self._registry:
            watches = tuple(self._watches)
        at = self._clock.now()
        try:
            found = self._describe({watch.nat_gateway_id for watch in watches})
        except Ec2Error as error:
            for watch in watches:
                watch.unseen = Look(at, None, error)
            return
        for watch in watches:
            watch.unseen = Look(at, found.get(watch.nat_gateway_id))
