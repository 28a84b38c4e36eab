"""One change of one gateway, from the first read to the last.

It goes by the gateway as it is, not as it was planned: read, compute what is left, take its first step, read again. So
a lost answer, a change by someone else and an earlier attempt need no code of their own. It touches only what was
approved, and the one Unassign call takes effect once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from natgw_provider.aws.errors import Ec2Error
from natgw_provider.core.change_plan import Assign, ChangePlan, Step, Unassign, WaitForRelease, plan_change
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.plan_checks import check_change
from natgw_provider.core.problems import Problem
from natgw_provider.engine import messages
from natgw_provider.engine.change import (
    Caller,
    ChangeAborted,
    ChangeRefused,
    ChangeRequest,
    GatewayGone,
    Stopped,
    TimedOut,
)
from natgw_provider.engine.outcome import ChangeResult
from natgw_provider.engine.pending_writes import PendingWrites
from natgw_provider.engine.polling import INTERVAL_MINIMUM
from natgw_provider.engine.sending import CONFIRM_SECONDS, Progress, Sender, one_call
from natgw_provider.engine.steps import ASSIGN_SECONDS, AssignStep, UnassignStep
from natgw_provider.engine.watcher import AGREEING_READS, GatewayWatcher, Shared

FRESH_SECONDS: Final = 2.0
"""A call is only sent on a read that is at most this old."""

OTHER_DRAIN_SECONDS: Final = 350.0
"""About how long a drain takes that someone else began; it sets the poll intervals only."""


class Change:
    """Carries out one request; used once."""

    def __init__(
        self, request: ChangeRequest, shared: Shared, caller: Caller, writes: PendingWrites | None = None
    ) -> None:
        """`writes` are those of an earlier change that this one carries on."""
        self._request = request
        self._arn = shared.connection.natgw_arn(request.nat_gateway_id)
        self._progress = Progress(writes=writes or PendingWrites(request.kind))
        self._watcher = GatewayWatcher(request.nat_gateway_id, shared, caller, self._progress.writes)
        self._sender = Sender(request, shared.connection, self._watcher, self._progress, caller.report)

    def run(self) -> ChangeResult:
        """Carry it out, and return how it ended."""
        return self._result_of(self._converge)

    def rehearse(self) -> ChangeResult:
        """Read, and dry-run every call of the change, as far as the release before it does not decide it."""
        return self._result_of(self._dry_run)

    @property
    def latest(self) -> NatGateway | None:
        """The reconciled gateway at the last read, for other threads; None before it."""
        return self._watcher.latest

    def has_unassigned(self, keys: frozenset[str]) -> bool:
        """Return whether EC2 has accepted to unassign these; for other threads."""
        return keys <= self._progress.writes.unassigned

    def result_so_far(self, end: ChangeAborted) -> ChangeResult:
        """Return what is known of a change that goes on in another thread, as if it ended now with `end`."""
        return self._result(end, self._watcher.latest)

    def _result_of(self, work: Callable[[], None]) -> ChangeResult:
        try:
            work()
        except GatewayGone as gone:
            return self._result(gone, None)
        except (ChangeAborted, Ec2Error) as end:
            return self._result(end, self._watcher.reconciled if self._watcher.has_observed else None)
        return self._result(None, self._watcher.reconciled)

    def _result(self, end: ChangeAborted | Ec2Error | None, gateway: NatGateway | None) -> ChangeResult:
        watcher, progress = self._watcher, self._progress
        return ChangeResult(
            arn=self._arn,
            end=end,
            gateway=gateway,
            last_error=watcher.read_error or progress.refusal,
            assigned=progress.writes.assigned,
            unassigned=progress.writes.unassigned,
            in_doubt=progress.in_doubt,
            unnamed=progress.unnamed,
            drain_end=watcher.drain_end(self._request.settings.drain_seconds),
        )

    def _dry_run(self) -> None:
        self._read_first()
        while (change := self._change()).steps and not self._sender.is_permitted(change):
            self._watcher.check_limits()
            if not self._is_disputed(change):
                self._sender.preflight(change, is_first=not self._may_be_freed(change))

    def _may_be_freed(self, change: ChangePlan) -> bool:
        """Return whether the release before this change may free what it assigns."""
        freed = self._request.release.approval.unassign if self._request.release else frozenset[str]()
        return bool(freed) and (change.diff.assign_count > 0 or not freed.isdisjoint(change.diff.assign))

    # What to do next.

    def _read_first(self) -> None:
        watcher = self._watcher
        watcher.read()
        if watcher.reconciled.primary is None:
            interval = watcher.interval(ASSIGN_SECONDS)
            watcher.wait(lambda: watcher.observed.primary is not None, interval, "waiting for its addresses")

    def _converge(self) -> None:
        self._read_first()
        if self._request.release is not None:
            # In a move the old gateway has just released what this one is to have: AWS may still call it in use.
            self._sender.note_release()
        self._take_steps()
        self._wait_until_shown()
        while self._change().steps or self._is_draining():  # someone interfered while reads lagged
            self._take_steps()
            self._wait_until_shown()

    def _take_steps(self) -> None:
        """Take step after step until none is left."""
        watcher = self._watcher
        while (change := self._change()).steps or self._is_doubtful():
            watcher.check_limits()
            if not change.steps:
                watcher.read(after=INTERVAL_MINIMUM)
            elif self._is_disputed(change):
                continue  # it has read again: judge what is left now, not what was left before
            elif self._sender.is_permitted(change):
                self._take(change.steps[0], change)
            else:
                self._sender.preflight(change)
        if self._is_draining():
            # Approved, and begun by someone else: an earlier apply that was killed, or a person. Or it is this
            # change's own, and the reads that missed it were older than the address.
            interval = watcher.interval(OTHER_DRAIN_SECONDS)
            watcher.wait(
                lambda: not self._is_draining(),
                interval,
                lambda: messages.earlier_drain(self._draining()),
            )

    def _change(self) -> ChangePlan:
        """Return what is left to do, as far as is known."""
        request, gateway = self._request, self._watcher.reconciled
        diff = request.target.diff(gateway)
        waits = bool(request.settings.wait_for_drain)
        return plan_change(diff, gateway, quota=request.rules.quota, wait_for_drain=waits)

    def _is_doubtful(self) -> bool:
        """Return whether one read alone says that all is done: it may miss an address that was assigned just before.

        After a drain no such address is new enough for that.
        """
        return self._watcher.agreeing_reads < AGREEING_READS and not self._progress.writes.unassigned

    def _is_disputed(self, change: ChangePlan) -> bool:
        """Read again when something is against `change`. Raises ChangeRefused when it still is."""
        problem = check_approval(self._request, change, self._watcher.reconciled, self._progress.writes)
        progress = self._progress
        if problem and progress.is_disputed:
            raise ChangeRefused(problem)
        progress.is_disputed = problem is not None
        if problem:
            self._watcher.read(after=CONFIRM_SECONDS)
        return progress.is_disputed

    def _take(self, step: Step, change: ChangePlan) -> None:
        if not isinstance(step, Assign | Unassign):
            self._wait_until_idle()
        elif self._is_stale(step):
            self._watcher.read(after=0.0 if self._watcher.age > FRESH_SECONDS else INTERVAL_MINIMUM)
        elif isinstance(step, Assign):
            call = one_call(step, self._request.rules.private_ips)
            AssignStep(call, self._request, self._sender, self._watcher).run()
        else:
            wait = any(isinstance(later, WaitForRelease) for later in change.steps)
            UnassignStep(step, self._request, self._sender, self._watcher).run(wait=wait)

    def _is_stale(self, step: Step) -> bool:
        """Return whether to read again before a call: the last read is too old or, where AWS picks, the only one.

        Named addresses cannot be assigned twice; a number of them can, when a read misses some that are there.
        """
        is_count = isinstance(step, Assign) and step.count > 0
        return self._watcher.age > FRESH_SECONDS or (is_count and self._watcher.agreeing_reads < AGREEING_READS)

    def _wait_until_idle(self) -> None:
        watcher = self._watcher
        interval = watcher.interval(OTHER_DRAIN_SECONDS)
        watcher.wait(
            lambda: watcher.reconciled.is_idle,
            interval,
            lambda: messages.not_idle(watcher.reconciled),
        )
        # What was waited for may have been a drain, and what it freed may be what is assigned next.
        self._sender.note_release()

    def _is_draining(self) -> bool:
        """Return whether a drain runs whose end is to be waited for."""
        return bool(self._request.settings.wait_for_drain and self._draining())

    def _draining(self) -> tuple[str, ...]:
        """Return which of the approved addresses still drain."""
        approved = self._request.approval.unassign
        return tuple(key for key in self._watcher.reconciled.draining if key in approved)

    def _wait_until_shown(self) -> None:
        """Wait until a read shows all that was done: a refresh right after apply must find what the state holds.

        Raises as `GatewayWatcher.read` does, unless all that the last read misses is what was assigned.
        """
        watcher = self._watcher

        def is_shown() -> bool:
            return watcher.observed == watcher.reconciled

        if is_shown():
            return
        try:
            watcher.wait(is_shown, watcher.interval(ASSIGN_SECONDS), "waiting until AWS shows all of it")
        except (Stopped, TimedOut, Ec2Error):
            if not self._is_only_late():
                # The outcome has to say what EC2 shows, also where someone else has assigned a released address again.
                self._progress.writes.accept(watcher.observed)
                raise

    def _is_only_late(self) -> bool:
        """Return whether the last read shows what is declared, but for what was assigned: a read may miss that."""
        watcher = self._watcher
        diff = self._request.target.diff(watcher.observed)
        late = self._progress.writes.assigned - set(watcher.observed.attached)
        return not diff.unassign and late.issuperset(diff.assign) and diff.assign_count <= len(late)


def check_approval(
    request: ChangeRequest, change: ChangePlan, gateway: NatGateway, writes: PendingWrites
) -> Problem | None:
    """Return why `change` must not go on, after what `writes` says was done already; None when it may."""
    return _beyond_approval(request, change, gateway, writes) or _against_rules(request, change, gateway)


def _beyond_approval(
    request: ChangeRequest, change: ChangePlan, gateway: NatGateway, writes: PendingWrites
) -> Problem | None:
    primary = gateway.primary.key if gateway.primary else None
    # Once the one Unassign call was made, whatever else would have to go does not belong to this change.
    allowed = frozenset[str]() if writes.unassigned else request.approval.unassign - {primary}
    unassign = tuple(key for key in change.diff.unassign if key not in allowed)
    assign, count = _assign_beyond(request, change, writes)
    low = _low_beyond(request, change)
    if not (unassign or assign or count or low):
        return None
    return messages.not_approved(request.kind, unassign=unassign, assign=assign, count=count, low=low)


def _assign_beyond(request: ChangeRequest, change: ChangePlan, writes: PendingWrites) -> tuple[tuple[str, ...], int]:
    diff, approved = change.diff, request.approval.assign
    if isinstance(approved, int):
        return diff.assign, max(0, diff.assign_count + len(writes.assigned) - approved)
    return tuple(key for key in diff.assign if key not in approved), diff.assign_count


def _low_beyond(request: ChangeRequest, change: ChangePlan) -> tuple[int, int] | None:
    promised = request.approval.in_service_low
    if promised is None or not change.diff.unassign:
        return None
    return (change.in_service_low, promised) if change.in_service_low < promised else None


def _against_rules(request: ChangeRequest, change: ChangePlan, gateway: NatGateway) -> Problem | None:
    problems = check_change(request.kind, request.target, gateway, change, request.rules, settings=request.settings)
    if not problems:
        return None
    first = problems[0]
    return Problem(first.path, first.summary, "\n\n".join(problem.detail for problem in problems))
