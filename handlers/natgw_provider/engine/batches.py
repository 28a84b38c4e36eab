"""Requests for one gateway as one change: merged, carried out, and given their own outcomes.

When the change fails, it may have failed because of one address. So what EC2 or a rule rejected is tried again address
by address: one that is in use elsewhere takes no other down, and each failure is about its own address.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from natgw_provider.aws.errors import Ec2Error, Rejected
from natgw_provider.core.change_plan import Order, plan_change
from natgw_provider.core.diff import Approval, Part
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.settings import ChangeSettings
from natgw_provider.engine import messages
from natgw_provider.engine.change import (
    ChangeAborted,
    ChangeRefused,
    ChangeRequest,
    GatewayGone,
    Outcome,
    PermissionMissing,
    Report,
    Stopped,
)
from natgw_provider.engine.converge import Change
from natgw_provider.engine.outcome import ChangeResult, is_fulfilled, outcome_of
from natgw_provider.engine.pending_writes import PendingWrites

_CLIENT_ERRORS: Final = range(400, 500)
"""The HTTP statuses of EC2's rejections; what is rejected before it is sent has none."""

Begin: TypeAlias = Callable[[ChangeRequest, threading.Event, Report, float, PendingWrites], Change]
"""Makes a change of a request, a stop, a report, a deadline, and the writes of the change that it carries on."""


@dataclass(eq=False, slots=True, kw_only=True)
class Participant:
    """One request of a batch, and the thread that waits for its outcome.

    Attributes:
        request: what is asked for.
        stop: ends the waiting.
        report: takes lines on how far the change is.
        arrived: when it came, by the clock.
        deadline: when its time is over, by the clock.
        batch: what it is carried out with; None while it waits to be.
        end: why its thread waits no longer than a moment; None while it waits.
        outcome: what came of it, once `done`.
        error: what to raise instead of it.
        done: set when one of the two is known.
    """

    request: ChangeRequest
    stop: threading.Event
    report: Report
    arrived: float
    deadline: float
    batch: Batch | None = None
    end: ChangeAborted | None = None
    outcome: Outcome | None = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)

    def finish(self, outcome: Outcome | None, error: BaseException | None = None) -> None:
        """Give it its outcome, or an error to raise, unless it has one."""
        if not self.done.is_set():
            self.outcome, self.error = outcome, error
            self.done.set()


class Batch:
    """Requests that are carried out as one change, and some of them again when it failed because of others."""

    def __init__(self, participants: Sequence[Participant], begin: Begin) -> None:
        self._participants = participants
        self._begin = begin
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
            if waits := [one for one in group if one.end is None]:
                self._finish(waits, self._attempt(waits))

    def fail(self, error: BaseException) -> None:
        """Raise an error to all that still wait."""
        for one in self._participants:
            one.finish(None, error)

    def note_left(self) -> None:
        """Stop the change when nobody waits for it any more."""
        if all(one.end is not None or one.done.is_set() for one in self._participants):
            self._stop.set()

    def outcome_so_far(self, one: Participant, end: ChangeAborted) -> Outcome:
        """Return the outcome of a request that does not wait any longer."""
        if self._change is None:
            return Outcome(gateway=None, failure=messages.not_begun(one.request, end))
        outcome = outcome_of(one.request, self._known(self._change.result_so_far(end)))
        if outcome.failure is None or self._stop.is_set():
            return outcome
        return replace(outcome, failure=messages.goes_on(outcome.failure, one.request.nat_gateway_id))

    def _attempt(self, group: Sequence[Participant]) -> ChangeResult:
        deadline = max(one.deadline for one in group)
        request = _merged([one.request for one in group])
        self._change = self._begin(request, self._stop, self._report, deadline, self._writes)
        result = self._known(self._change.run())
        self._gateway = result.gateway
        return result

    def _report(self, line: str) -> None:
        """Report to the first that still waits: each would log the same. What fails there must not end the change."""
        for one in self._participants:
            if not one.done.is_set():
                with suppress(Exception):
                    one.report(line)
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

    How it is made is up to those that do it: how long it drains, for example, to those whose addresses leave.
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
        timeout_seconds=max(request.timeout_seconds for request in requests),
        release=next((request.release for request in requests if request.release), None),
    )


def _to_retry(participants: Sequence[Participant], result: ChangeResult) -> list[list[Participant]]:
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
