"""One change of one gateway, from the first look to the last.

It goes by what is, not by what was planned: look, compute what is left, take its first step, look again. So a lost
answer, a foreign hand or an earlier attempt need no code of their own. What may be touched is what was approved, and
the one Unassign call takes effect once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.errors import Ec2Error
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import Assign, ChangePlan, Step, Unassign, WaitForRelease, plan_change
from natgw_provider.ec2 import narration
from natgw_provider.ec2.approval import objection
from natgw_provider.ec2.assigning import ASSIGN_SECONDS, Assigning
from natgw_provider.ec2.calling import CONFIRM_SECONDS, Caller
from natgw_provider.ec2.change import ChangeRequest, Outcome, Report
from natgw_provider.ec2.endings import Ending, GivenUp, Gone, Stopped, TimedOut
from natgw_provider.ec2.failures import Failure
from natgw_provider.ec2.observer import Observer, Surroundings
from natgw_provider.ec2.pace import GAP_MINIMUM
from natgw_provider.ec2.unassigning import Unassigning

FRESH_SECONDS: Final = 2.0
"""A call is only made on what was seen at most this long ago."""

FOREIGN_DRAIN_SECONDS: Final = 350.0
"""About how long a drain takes that somebody else began; it sets the pace only."""


class ChangeRun:
    """Carries out one request; used once."""

    def __init__(
        self,
        request: ChangeRequest,
        api: Ec2Api,
        surroundings: Surroundings,
        *,
        arn: Callable[[], str],
        stop: threading.Event,
        report: Report,
        spent: float = 0.0,
    ) -> None:
        """`spent` is how many seconds of the request's timeout are over already."""
        self._request = request
        self._arn = arn
        self._clock = surroundings.clock
        self._observer = Observer(
            request.nat_gateway_id,
            surroundings,
            stop=stop,
            timeout_seconds=request.timeout_seconds - spent,
            report=report,
        )
        self._caller = Caller(request, api, self._observer, arn=arn, report=report)
        self._is_objected = False

    def run(self) -> Outcome:
        """Carry it out, and say how it ended."""
        try:
            self._converge()
        except Gone as gone:
            failure = None if self._request.is_release else narration.gone(self._request.nat_gateway_id, gone.gateway)
            return Outcome(gateway=None, failure=failure, assigned=sort_addresses(self._observer.memory.assigned))
        except (Ending, Ec2Error) as ending:
            return self._outcome(self._failure(ending))
        return self._outcome(None)

    def rehearse(self) -> Outcome:
        """Look, and dry-run every call of the change, as far as the release before it does not decide it."""
        try:
            self._look_first()
            while (change := self._change()).steps and not self._caller.may_make(change):
                self._observer.safe_point()
                if not self._is_held_up(change):
                    self._caller.preflight(change, is_first=not self._is_to_be_freed(change))
        except Gone as gone:
            return Outcome(gateway=None, failure=narration.gone(self._request.nat_gateway_id, gone.gateway))
        except (Ending, Ec2Error) as ending:
            return self._outcome(self._failure(ending))
        return self._outcome(None)

    def _is_to_be_freed(self, change: ChangePlan) -> bool:
        """Return whether the release before this change may free what it assigns."""
        release = self._request.release
        freed = release.approved_unassign if release else frozenset[str]()
        return bool(freed) and (change.diff.assign_count > 0 or not freed.isdisjoint(change.diff.assign))

    def _look_first(self) -> None:
        seen = self._observer
        seen.look()
        if seen.believed.primary is None:
            seen.wait(lambda: seen.shown.primary is not None, seen.pace(ASSIGN_SECONDS), "waiting for its addresses")

    def _converge(self) -> None:
        self._look_first()
        if self._request.release is not None:
            self._caller.note_release()
        self._take_steps()
        self._see_it_true()
        while self._change().steps or self._is_to_drain():  # somebody interfered while reads lagged
            self._take_steps()
            self._see_it_true()

    def _take_steps(self) -> None:
        """Take step after step until none is left."""
        seen = self._observer
        while (change := self._change()).steps or self._is_doubtful():
            seen.safe_point()
            if not change.steps:
                seen.look(after=GAP_MINIMUM)
            elif self._is_held_up(change):
                continue
            elif self._caller.may_make(change):
                self._go_on(change)
            else:
                self._caller.preflight(change)
        if self._is_to_drain():
            # Approved, and begun by somebody else: an earlier apply that was killed, or a person. Or it is this
            # change's own, and the looks that missed it were older than the address.
            seen.wait(lambda: not self._is_to_drain(), seen.pace(FOREIGN_DRAIN_SECONDS), "waiting for a running drain")

    def _change(self) -> ChangePlan:
        """Return what is left to do, as far as is known."""
        request, gateway = self._request, self._observer.believed
        return plan_change(request.diff(gateway), gateway, quota=request.quota, wait_for_drain=request.wait_for_drain)

    def _is_doubtful(self) -> bool:
        """Return whether one look alone says that all is done: it may miss an address that was assigned just before.

        After a drain no such address is new enough for that.
        """
        return self._observer.agreeing_looks < 2 and not self._observer.memory.unassigned  # noqa: PLR2004 - two looks

    def _is_held_up(self, change: ChangePlan) -> bool:
        """Look again when something stands against `change`. Raises GivenUp when it still does."""
        failure = objection(self._request, change, self._observer.believed, self._observer.memory)
        if failure and self._is_objected:
            raise GivenUp(failure)
        self._is_objected = failure is not None
        if failure:
            self._observer.look(after=CONFIRM_SECONDS)
        return self._is_objected

    def _go_on(self, change: ChangePlan) -> None:
        seen, step = self._observer, change.steps[0]
        if not isinstance(step, Assign | Unassign):
            self._wait_until_idle()
        elif self._is_vague(step):
            seen.look(after=0.0 if seen.age > FRESH_SECONDS else GAP_MINIMUM)
        elif isinstance(step, Assign):
            Assigning(step, self._caller, seen).run()
        else:
            wait = any(isinstance(later, WaitForRelease) for later in change.steps)
            Unassigning(step, self._caller, seen, self._request.max_drain_seconds).run(wait=wait)

    def _is_vague(self, step: Step) -> bool:
        """Return whether to look again before calling: too long ago, or, where AWS picks, seen only once.

        Named addresses cannot be assigned twice; a number of them can, when a look misses some that are there.
        """
        is_count = isinstance(step, Assign) and step.count > 0
        return self._observer.age > FRESH_SECONDS or (is_count and self._observer.agreeing_looks < 2)  # noqa: PLR2004

    def _wait_until_idle(self) -> None:
        seen = self._observer
        pace = seen.pace(FOREIGN_DRAIN_SECONDS)
        seen.wait(lambda: seen.believed.is_idle, pace, "waiting until what is under way on the gateway is over")
        self._caller.note_release()

    def _is_to_drain(self) -> bool:
        """Return whether a drain runs whose end is to be waited for."""
        is_draining = not self._request.approved_unassign.isdisjoint(self._observer.believed.draining)
        return self._request.wait_for_drain and is_draining

    def _see_it_true(self) -> None:
        seen = self._observer
        if seen.shown == seen.believed:
            return
        try:
            seen.wait(lambda: seen.shown == seen.believed, seen.pace(ASSIGN_SECONDS), "waiting until AWS shows it all")
        except (Stopped, TimedOut, Ec2Error):
            if not self._is_only_late():
                seen.memory.concede(seen.shown)
                raise

    def _is_only_late(self) -> bool:
        """Return whether the last look shows what is declared, but for what was assigned: that a look may miss."""
        seen = self._observer
        diff, late = self._request.diff(seen.shown), seen.memory.assigned - set(seen.shown.attached)
        return not diff.unassign and late.issuperset(diff.assign) and diff.assign_count <= len(late)

    def _outcome(self, failure: Failure | None) -> Outcome:
        seen = self._observer
        return Outcome(
            gateway=seen.believed if seen.has_seen else None,
            failure=failure,
            warnings=() if failure or not seen.has_seen else narration.failed_addresses(seen.believed),
            assigned=sort_addresses(seen.memory.assigned),
        )

    def _failure(self, ending: Ending | Ec2Error) -> Failure:
        failure = self._reason(ending)
        seen, in_doubt = self._observer, self._caller.in_doubt
        parts = [failure.detail]
        trouble = seen.trouble or self._caller.refusal
        if trouble and isinstance(ending, Stopped | TimedOut):
            parts.append(f"What stood in the way last: {str(trouble).rstrip('. ')}.")
        if not seen.has_seen:
            parts += [] if self._request.release else ["Nothing was changed."]
            return Failure(failure.summary, " ".join(parts), failure.path)
        if in_doubt:
            parts.append(
                f"AWS's answer to {in_doubt} was lost, and it is not known whether it took effect; what follows was "
                "seen before."
            )
        if in_doubt or seen.memory.assigned or seen.memory.unassigned:
            parts.append(narration.standing(seen.believed, self._drain_end()))
            parts.append(narration.next_apply(self._request.diff(seen.believed)))
        else:
            where = f" on {self._request.nat_gateway_id}" if self._request.release else ""
            parts.append(f"Nothing was changed{where}. {narration.standing(seen.believed, None)}")
        return Failure(failure.summary, " ".join(parts), failure.path)

    def _reason(self, ending: Ending | Ec2Error) -> Failure:
        if isinstance(ending, Ec2Error):
            return narration.explain(ending, self._request.nat_gateway_id, self._arn())
        if isinstance(ending, GivenUp):
            return ending.failure
        if isinstance(ending, TimedOut):
            return narration.timed_out(self._request.timeout_seconds, operation=self._request.operation)
        return narration.INTERRUPTED

    def _drain_end(self) -> str | None:
        began = self._observer.memory.unassigned_at
        if began is None:
            return None
        left = max(0.0, began + self._request.max_drain_seconds - self._observer.now)
        return f"until {self._clock.utc() + timedelta(seconds=left):%Y-%m-%d %H:%M:%S} UTC at the latest"
