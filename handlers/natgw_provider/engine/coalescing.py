"""Requests of several resources for one gateway, carried out as one change.

A gateway takes no call while an address drains. So seven resources of one address each that leave a gateway would drain
one after the other, and seven that come would be refused as busy. Requests that come within a moment are merged: one
Assign, one Unassign, one drain. Each gets its own outcome of what came of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

from natgw_provider.engine import messages
from natgw_provider.engine.batches import Batch, Begin, Participant
from natgw_provider.engine.calls import TICK_SECONDS, Clock
from natgw_provider.engine.change import ChangeRequest, Outcome, Report, Stopped, TimedOut

QUIET_SECONDS: Final = 0.5
"""A change begins when no request has come for so long: Terraform starts ten resources at a time, some later."""

GATHER_SECONDS: Final = 2.0
"""How long the first request waits for others at most."""

LOCK_SECONDS: Final = 1.0
"""How often a change that waits for another one of the same gateway tries again."""

LEAVE_SECONDS: Final = 0.9
"""How long a request waits for the end of its change after a stop, or when its time is over."""

_NEVER: Final = threading.Event()


class Coalescer:
    """Gathers the requests for each gateway, and carries them out batch after batch; safe to use from many threads."""

    def __init__(self, clock: Clock, lock_of: Callable[[str], threading.Lock], begin: Begin) -> None:
        """`lock_of` returns the lock that the changes of a gateway take one after the other."""
        self._clock = clock
        self._lock_of = lock_of
        self._begin = begin
        self._queues: dict[tuple[str, str], list[Participant]] = {}
        self._registry = threading.Lock()

    def carry_out(self, request: ChangeRequest, stop: threading.Event, report: Report, deadline: float) -> Outcome:
        """Carry the request out with others of its gateway; return what came of it.

        It returns within a second of a stop or of the deadline, with what was seen last, also when the others go on.
        """
        arrived = self._clock.now()
        one = Participant(request=request, stop=stop, report=report, arrived=arrived, deadline=deadline)
        key = (request.nat_gateway_id, request.kind.connectivity)
        with self._registry:
            is_first = key not in self._queues
            self._queues.setdefault(key, []).append(one)
        if is_first:
            threading.Thread(target=self._serve, args=(key,), daemon=True).start()
        return self._wait(one, key)

    def _wait(self, one: Participant, key: tuple[str, str]) -> Outcome:
        left_at = 0.0
        while not one.done.wait(TICK_SECONDS):
            if one.end is None:
                self._leave_when_over(one, key)
                left_at = monotonic()
            elif monotonic() - left_at >= LEAVE_SECONDS and one.batch is not None:
                one.finish(one.batch.outcome_so_far(one, one.end))
        if one.error is not None:
            raise one.error
        assert one.outcome is not None  # noqa: S101 - one of the two is set
        return one.outcome

    def _leave_when_over(self, one: Participant, key: tuple[str, str]) -> None:
        """Note that a request is stopped or its time over: it leaves the queue at once, and a batch a little later."""
        with self._registry:
            if one.stop.is_set():
                one.end = Stopped()
            elif self._clock.now() >= one.deadline:
                one.end = TimedOut()
            else:
                return
            if one.batch is None:
                self._queues[key].remove(one)
                one.finish(Outcome(gateway=None, failure=messages.not_begun(one.request, one.end)))
            else:
                one.batch.note_left()

    def _serve(self, key: tuple[str, str]) -> None:
        """Carry out what comes for one gateway until nothing more does."""
        lock = self._lock_of(key[0])
        while (batch := self._next_batch(key, lock)) is not None:
            try:
                batch.run()
            except BaseException as error:  # noqa: BLE001 - it is raised to every request
                batch.fail(error)
            finally:
                lock.release()

    def _next_batch(self, key: tuple[str, str], lock: threading.Lock) -> Batch | None:
        """Return the requests that have come, with the gateway's lock taken; None when none has."""
        while True:
            with self._registry:
                queue, now = self._queues[key], self._clock.now()
                if not queue:
                    del self._queues[key]
                    return None
                pause = min(queue[-1].arrived + QUIET_SECONDS, queue[0].arrived + GATHER_SECONDS) - now
                if pause <= 0 and lock.acquire(blocking=False):
                    self._queues[key] = []
                    return Batch(queue, self._begin)
            self._clock.wait(_NEVER, pause if pause > 0 else LOCK_SECONDS)
