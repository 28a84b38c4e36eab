"""Requests of several resources for one gateway, carried out as one change.

A gateway takes no call while an address drains. So seven resources of one address each that leave a gateway would drain
one after the other, and seven that come would be refused as busy. Requests that come within a moment are merged: one
Assign, one Unassign, one drain. Each gets its own outcome of what came of it.

When the change fails, it may have failed because of one address. So what EC2 or a rule rejected is tried again address
by address: one that is in use elsewhere takes no other down, and each failure is about its own address.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final

from natgw_provider.aws.errors import Ec2Error, Rejected
from natgw_provider.core.change_plan import Order, plan_change
from natgw_provider.core.diff import Approval, Part
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.settings import ChangeSettings
from natgw_provider.engine import messages
from natgw_provider.engine.calls import TICK_SECONDS
from natgw_provider.engine.change import (
    Caller,
    ChangeAborted,
    ChangeRefused,
    ChangeRequest,
    GatewayGone,
    Outcome,
    PermissionMissing,
    Stopped,
    TimedOut,
)
from natgw_provider.engine.converge import Change
from natgw_provider.engine.outcome import ChangeResult, is_fulfilled, outcome_of
from natgw_provider.engine.pending_writes import PendingWrites
from natgw_provider.engine.watcher import Shared

QUIET_SECONDS: Final = 0.5
"""A change begins when no request for any gateway has come for this long. Terraform starts ten resources at a time, in
no order, and the next ones when these are done."""

GATHER_SECONDS: Final = 10.0
"""How long the first request of a gateway waits for others at most."""

LOCK_SECONDS: Final = 1.0
"""How often a change that waits for another one of the same gateway tries again."""

LEAVE_SECONDS: Final = 0.9
"""How long a request waits for the end of its change after a stop, or when its time is over."""

_NEVER: Final = threading.Event()

_CLIENT_ERRORS: Final = range(400, 500)
"""The HTTP statuses of EC2's rejections; what is rejected before it is sent has none."""


@dataclass(eq=False, slots=True, kw_only=True)
class Participant:
    """One request of a batch, and the thread that waits for its outcome.

    Attributes:
        request: what is asked for.
        caller: who waits for it, and until when.
        arrived: when it came, by the clock.
        batch: what it is carried out with; None while it waits to be.
        end: why its thread waits no longer than a moment; None while it waits.
        outcome: what came of it, or an error to raise; the first one counts.
    """

    request: ChangeRequest
    caller: Caller
    arrived: float
    batch: Batch | None = None
    end: ChangeAborted | None = None
    outcome: Future[Outcome] = field(default_factory=Future)

    def finish(self, outcome: Outcome) -> None:
        """Give it its outcome, unless it has one."""
        with suppress(InvalidStateError):
            self.outcome.set_result(outcome)

    def has_ended(self, seconds: float) -> bool:
        """Wait for the outcome for this many seconds; return whether it is there."""
        with suppress(TimeoutError):
            self.outcome.exception(seconds)
        return self.outcome.done()


class Coalescer:
    """Gathers the requests for each gateway, and carries them out batch after batch; safe to use from many threads."""

    def __init__(self, shared: Shared, lock_of: Callable[[str], threading.Lock]) -> None:
        """`lock_of` returns the lock that the changes of a gateway take one after the other."""
        self._shared = shared
        self._clock = shared.clock
        self._lock_of = lock_of
        self._queues: dict[tuple[str, str], list[Participant]] = {}
        self._last_arrival = float("-inf")
        self._registry = threading.Lock()

    def carry_out(self, request: ChangeRequest, caller: Caller) -> Outcome:
        """Carry the request out with others of its gateway; return what came of it.

        It returns within a second of a stop or of the deadline, with what was seen last, also when the others go on.
        """
        key = (request.nat_gateway_id, request.kind.connectivity)
        with self._registry:
            self._last_arrival = self._clock.now()
            one = Participant(request=request, caller=caller, arrived=self._last_arrival)
            is_first = key not in self._queues
            self._queues.setdefault(key, []).append(one)
        if is_first:
            threading.Thread(target=self._serve, args=(key,), daemon=True).start()
        return self._wait(one, key)

    def _wait(self, one: Participant, key: tuple[str, str]) -> Outcome:
        left_at = 0.0
        while not one.has_ended(TICK_SECONDS):
            if one.end is None:
                self._leave_when_over(one, key)
                left_at = monotonic()
            if one.batch is None:
                continue
            if one.end is None:
                one.batch.finish_if_draining(one)
            elif monotonic() - left_at >= LEAVE_SECONDS:
                one.finish(one.batch.outcome_so_far(one, one.end))
        return one.outcome.result()

    def _leave_when_over(self, one: Participant, key: tuple[str, str]) -> None:
        """Note that a request is stopped or its time over: it leaves the queue at once, and a batch a little later."""
        with self._registry:
            if one.caller.stop.is_set():
                one.end = Stopped()
            elif self._clock.now() >= one.caller.deadline:
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
                pause = min(self._last_arrival + QUIET_SECONDS, queue[0].arrived + GATHER_SECONDS) - now
                if pause <= 0 and lock.acquire(blocking=False):
                    self._queues[key] = []
                    return Batch(queue, self._shared)
            self._clock.wait(_NEVER, pause if pause > 0 else LOCK_SECONDS)


class Batch:
    """Requests that are carried out as one change, and some of them again when it failed because of others."""

    def __init__(self, participants: Sequence[Participant], shared: Shared) -> None:
        self._participants = participants
        self._shared = shared
        self._stop = threading.Event()
        self._writes = PendingWrites(participants[0].request.kind)
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
            # One that was stopped, or whose time is over, leaves by itself.
            if waits := [one for one in group if one.end is None and not one.outcome.done()]:
                self._finish(waits, self._attempt(waits))

    def fail(self, error: BaseException) -> None:
        """Raise an error to all that still wait."""
        for one in self._participants:
            with suppress(InvalidStateError):
                one.outcome.set_exception(error)

    def note_left(self) -> None:
        """Stop the change when nobody waits for it any more."""
        if all(one.end is not None or one.outcome.done() for one in self._participants):
            self._stop.set()

    def finish_if_draining(self, one: Participant) -> None:
        """Finish a request that only has its drain begun: others of the batch may wait for the end of theirs."""
        request, target, change = one.request, one.request.target, self._change
        if change is None or request.settings.wait_for_drain or not (isinstance(target, Part) and target.is_release):
            return
        gateway = change.latest
        if gateway is not None and change.has_unassigned(target.remove) and is_fulfilled(request, gateway):
            one.finish(Outcome(gateway=gateway))

    def outcome_so_far(self, one: Participant, end: ChangeAborted) -> Outcome:
        """Return the outcome of a request that does not wait any longer."""
        if self._change is None:
            return Outcome(gateway=None, failure=messages.not_begun(one.request, end))
        outcome = outcome_of(one.request, self._known(self._change.result_so_far(end)))
        if outcome.failure is None or self._stop.is_set():
            return outcome
        return replace(outcome, failure=messages.goes_on(outcome.failure, one.request.nat_gateway_id))

    def _attempt(self, group: Sequence[Participant]) -> ChangeResult:
        caller = Caller(self._stop, max(one.caller.deadline for one in group), self._report)
        self._change = Change(_merged([one.request for one in group]), self._shared, caller, self._writes)
        result = self._known(self._change.run())
        self._gateway = result.gateway
        return result

    def _report(self, line: str) -> None:
        """Report to the first that still waits: each would log the same. What fails there must not end the change."""
        for one in self._participants:
            if not one.outcome.done():
                with suppress(Exception):
                    one.caller.report(line)
                return

    def _known(self, result: ChangeResult) -> ChangeResult:
        """Return a result with the gateway as the attempt before left it, where it has not been read since."""
        is_gone = isinstance(result.end, GatewayGone)
        return result if is_gone or result.gateway else replace(result, gateway=self._gateway)

    def _finish(self, group: Sequence[Participant], result: ChangeResult) -> None:
        for one in group:
            # The change is only stopped when all have left, each for a reason of its own.
            own = replace(result, end=one.end) if isinstance(result.end, Stopped) and one.end else result
            one.finish(outcome_of(one.request, own))


def _merged(requests: Sequence[ChangeRequest]) -> ChangeRequest:
    """Return one request for what all of them ask, held to what all of them may touch, and no more.

    Each setting comes from the requests that it concerns: the drain time from those whose addresses leave, for example.
    """
    leaving = [request.settings for request in requests if request.approval.unassign]
    arriving = [request.settings for request in requests if not request.is_release]
    every = [request.settings for request in requests]
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
        settings=ChangeSettings.merged(assigning=arriving or every, unassigning=leaving or every),
        # Only a move has a release: AWS may still call addresses in use that the move has just released.
        release=next((request.release for request in requests if request.release), None),
    )


def _to_retry(participants: Sequence[Participant], result: ChangeResult) -> list[list[Participant]]:
    """Return what to try again, change by change, after a failure that may be about one address only.

    Each one that adds is tried by itself. Those that only leave go together, in the order that the free slots allow.
    """
    gateway = result.gateway
    if len(participants) == 1 or gateway is None or not _is_about_one(result.end):
        return []
    rest = [one for one in participants if not is_fulfilled(one.request, gateway) and not _is_spent(one, result)]
    adding = [[one] for one in rest if not one.request.is_release]
    leaving = [one for one in rest if one.request.is_release]
    if not leaving:
        return adding
    left = _merged([one.request for one in rest])
    order = plan_change(left.target.diff(gateway), gateway, quota=left.rules.quota).order
    return [*adding, leaving] if order is Order.ASSIGN_FIRST else [leaving, *adding]


def _is_spent(one: Participant, result: ChangeResult) -> bool:
    """Return whether EC2 accepted the call for a request, and its address failed or someone else undid it."""
    gateway, target = result.gateway, one.request.target
    if gateway is None or not isinstance(target, Part):
        return False
    undone = result.unassigned.intersection(gateway.attached)
    return not target.add.isdisjoint(result.assigned - set(gateway.in_service)) or not target.remove.isdisjoint(undone)


def _is_about_one(end: ChangeAborted | Ec2Error | None) -> bool:
    """Return whether a change may have failed because of one of its addresses: by a rule, or by EC2's rejection."""
    if isinstance(end, Rejected):
        return end.http_status in _CLIENT_ERRORS
    return isinstance(end, ChangeRefused) and not isinstance(end, PermissionMissing)
