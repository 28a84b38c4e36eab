"""Requests of several resources for one gateway, carried out as one change.

A gateway takes no call while an address drains. So seven resources of one address each that leave a gateway would drain
one after the other, and seven that come would be refused as busy. Requests that come within a moment are merged: one
Assign, one Unassign, one drain. Each gets its own outcome of what came of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final, TypeAlias

from natgw_provider.aws.errors import Ec2Error, Rejected
from natgw_provider.core.change_plan import Order, plan_change
from natgw_provider.core.diff import Approval, Part
from natgw_provider.core.gateway import NatGateway
from natgw_provider.engine import messages
from natgw_provider.engine.calls import TICK_SECONDS, Clock
from natgw_provider.engine.change import (
    ChangeAborted,
    ChangeRefused,
    ChangeRequest,
    GatewayGone,
    Outcome,
    PermissionMissing,
    Report,
    Stopped,
    TimedOut,
)
from natgw_provider.engine.converge import Change
from natgw_provider.engine.outcome import ChangeResult, is_fulfilled, outcome_of
from natgw_provider.engine.pending_writes import PendingWrites

QUIET_SECONDS: Final = 0.5
"""A change begins when no request has come for so long: Terraform starts ten resources at a time, some later."""

GATHER_SECONDS: Final = 2.0
"""How long the first request waits for others at most."""

LOCK_SECONDS: Final = 1.0
"""How often a change that waits for another one of the same gateway tries again."""

LEAVE_SECONDS: Final = 0.9
"""How long a request waits for the end of its change after a stop, or when its time is over."""

_CLIENT_ERRORS: Final = range(400, 500)
_NEVER: Final = threading.Event()

Begin: TypeAlias = Callable[[ChangeRequest, threading.Event, Report, float, PendingWrites], Change]
"""Makes a change of a request, a stop, a report, a deadline, and the writes of the change that it carries on."""


@dataclass(eq=False, slots=True, kw_only=True)
class _Participant:
    """One request, and the thread that waits for its outcome."""

    request: ChangeRequest
    stop: threading.Event
    report: Report
    arrived: float
    deadline: float
    batch: _Batch | None = None
    end: ChangeAborted | None = None
    outcome: Outcome | None = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def finish(self, outcome: Outcome | None, error: BaseException | None = None) -> None:
        if not self.done.is_set():
            self.outcome, self.error = outcome, error
            self.done.set()


class Coalescer:
    """Gathers the requests for each gateway, and carries them out batch after batch; safe to use from many threads."""

    def __init__(self, clock: Clock, lock_of: Callable[[str], threading.Lock], begin: Begin) -> None:
        """`lock_of` returns the lock that the changes of a gateway take one after the other."""
        self._clock = clock
        self._lock_of = lock_of
        self._begin = begin
        self._queues: dict[tuple[str, str], list[_Participant]] = {}
        self._registry = threading.Lock()

    def carry_out(self, request: ChangeRequest, stop: threading.Event, report: Report, deadline: float) -> Outcome:
        """Carry the request out with others of its gateway; return what came of it.

        It returns within a second of a stop or of the deadline, with what was seen last, also when the others go on.
        """
        arrived = self._clock.now()
        one = _Participant(request=request, stop=stop, report=report, arrived=arrived, deadline=deadline)
        key = (request.nat_gateway_id, request.kind.connectivity)
        with self._registry:
            is_first = key not in self._queues
            self._queues.setdefault(key, []).append(one)
        if is_first:
            threading.Thread(target=self._serve, args=(key,), daemon=True).start()
        return self._wait(one, key)

    def _wait(self, one: _Participant, key: tuple[str, str]) -> Outcome:
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

    def _leave_when_over(self, one: _Participant, key: tuple[str, str]) -> None:
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

    def _next_batch(self, key: tuple[str, str], lock: threading.Lock) -> _Batch | None:
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
                    return _Batch(queue, self._begin)
            self._clock.wait(_NEVER, pause if pause > 0 else LOCK_SECONDS)


class _Batch:
    """Requests that are carried out as one change, and some of them again when it failed because of others."""

    def __init__(self, participants: Sequence[_Participant], begin: Begin) -> None:
        self._participants = participants
        self._begin = begin
        self._stop = threading.Event()
        self._writes = PendingWrites()
        self._change: Change | None = None
        self._gateway: NatGateway | None = None
        for one in participants:
            one.batch = self

    def run(self) -> None:
        """Carry them out, and finish each as soon as its outcome is known."""
        result = self._attempt(self._participants)
        groups = _to_retry(self._participants, result)
        waiting = {id(one) for group in groups for one in group}
        self._finish([one for one in self._participants if id(one) not in waiting], result)
        for group in groups:
            self._finish(group, self._attempt(group))

    def fail(self, error: BaseException) -> None:
        """Raise an error to all that still wait."""
        for one in self._participants:
            one.finish(None, error)

    def note_left(self) -> None:
        """Stop the change when nobody waits for it any more."""
        if all(one.end is not None or one.done.is_set() for one in self._participants):
            self._stop.set()

    def outcome_so_far(self, one: _Participant, end: ChangeAborted) -> Outcome:
        """Return the outcome of a request that does not wait any longer."""
        if self._change is None:
            return Outcome(gateway=None, failure=messages.not_begun(one.request, end))
        outcome = outcome_of(one.request, self._known(self._change.result_so_far(end)))
        if outcome.failure is None or self._stop.is_set():
            return outcome
        return replace(outcome, failure=messages.goes_on(outcome.failure, one.request.nat_gateway_id))

    def _attempt(self, group: Sequence[_Participant]) -> ChangeResult:
        deadline = max(one.deadline for one in group)
        request = _merged([one.request for one in group])
        self._change = self._begin(request, self._stop, group[0].report, deadline, self._writes)
        result = self._known(self._change.run())
        self._gateway = result.gateway
        return result

    def _known(self, result: ChangeResult) -> ChangeResult:
        """Return a result with the gateway as the attempt before left it, where it has not been read since."""
        is_gone = isinstance(result.end, GatewayGone)
        return result if is_gone or result.gateway else replace(result, gateway=self._gateway)

    def _finish(self, group: Sequence[_Participant], result: ChangeResult) -> None:
        for one in group:
            one.finish(outcome_of(one.request, result))


def _merged(requests: Sequence[ChangeRequest]) -> ChangeRequest:
    """Return one request for what all of them ask, held to what all of them may touch, and no more."""
    parts = [request.target for request in requests if isinstance(request.target, Part)]
    private_ips = {key: ip for request in requests for key, ip in request.rules.private_ips.items()}
    named = [request.approval.assign for request in requests if not isinstance(request.approval.assign, int)]
    return replace(
        requests[0],
        target=Part(
            add=frozenset().union(*(part.add for part in parts)),
            remove=frozenset().union(*(part.remove for part in parts)),
        ),
        approval=Approval(
            unassign=frozenset().union(*(request.approval.unassign for request in requests)),
            assign=frozenset().union(*named),
        ),
        rules=replace(requests[0].rules, private_ips=private_ips),
        max_drain_seconds=max(request.max_drain_seconds for request in requests),
        wait_for_drain=any(request.wait_for_drain for request in requests),
        timeout_seconds=max(request.timeout_seconds for request in requests),
        release=next((request.release for request in requests if request.release), None),
    )


def _to_retry(participants: Sequence[_Participant], result: ChangeResult) -> list[list[_Participant]]:
    """Return what to try again, change by change, after a failure that may be about one address only.

    Each one that adds is tried by itself. Those that only leave go together, in the order that the free slots allow.
    """
    gateway = result.gateway
    if len(participants) == 1 or gateway is None or not _is_about_one(result.end):
        return []
    rest = [one for one in participants if not is_fulfilled(one.request, gateway) and _is_open(one.request, result)]
    adding = [[one] for one in rest if not one.request.is_release]
    leaving = [[one for one in rest if one.request.is_release]]
    if not adding or not leaving[0]:
        return adding or (leaving if leaving[0] else [])
    left = _merged([one.request for one in rest])
    order = plan_change(left.target.diff(gateway), gateway, quota=left.rules.quota).order
    return [*adding, *leaving] if order is Order.ASSIGN_FIRST else [*leaving, *adding]


def _is_open(request: ChangeRequest, result: ChangeResult) -> bool:
    """Return whether a call for the request was never accepted, or its drain still runs: else its result stands."""
    gateway, target = result.gateway, request.target
    if gateway is None or not isinstance(target, Part):
        return False
    has_failed = target.add & result.assigned - set(gateway.in_service)
    is_back = target.remove & result.unassigned & set(gateway.attached)
    return not has_failed and not is_back


def _is_about_one(end: ChangeAborted | Ec2Error | None) -> bool:
    """Return whether a change may have failed because of one of its addresses: by a rule, or by EC2's rejection."""
    if isinstance(end, Rejected):
        return end.http_status in _CLIENT_ERRORS
    return isinstance(end, ChangeRefused) and not isinstance(end, PermissionMissing)
