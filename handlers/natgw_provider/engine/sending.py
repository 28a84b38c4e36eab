"""The mutating calls of one change: each dry-run first, sent once, and checked for its effect when its answer is lost.

Assign and Unassign have no client token, so a blind retry could act twice. A call counts as refused only when EC2 said
so or never got it; after a lost answer the gateway is read until the effect is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final, TypeAlias

from natgw_provider.aws.client import Connection
from natgw_provider.aws.errors import (
    AccessDenied,
    Busy,
    Ec2Error,
    GatewayNotFound,
    LostAnswer,
    Rejected,
    Throttled,
    Unreachable,
)
from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.change_plan import Assign, ChangePlan, Unassign
from natgw_provider.core.gateway import NatGatewayAddress
from natgw_provider.engine import calls, messages
from natgw_provider.engine.change import ChangeRequest, PermissionMissing, Report
from natgw_provider.engine.pending_writes import LAG_SECONDS, PendingWrites
from natgw_provider.engine.watcher import GatewayWatcher

Call: TypeAlias = Assign | Unassign
"""A step that calls EC2 and changes something."""

CONFIRM_SECONDS: Final = 2.0
"""A refusal is only final when it still stands after a read this much later."""

SETTLE_SECONDS: Final = 30.0
"""How long to read after a lost answer before the call counts as not carried out; reads lag by seconds."""

FREED_SECONDS: Final = 30.0
"""How long after a release EC2 may still count the released address as in use."""


def calls_of(change: ChangePlan) -> tuple[Call, ...]:
    """Return the steps that call EC2 and change something."""
    return tuple(step for step in change.steps if isinstance(step, Assign | Unassign))


def operation_of(kind: AddressKind, call: Call) -> str:
    """Return the EC2 operation of a step."""
    return kind.assign if isinstance(call, Assign) else kind.unassign


def one_call(step: Assign, private_ips: Mapping[str, str]) -> Assign:
    """Return what of a step one call can ask for: AWS takes private addresses for all its Elastic IPs, or for none."""
    named = tuple(key for key in step.addresses if key in private_ips)
    return Assign(named) if named else step


def denied_calls(
    kind: AddressKind, change: ChangePlan, dry_run: Callable[[Call], object], *, is_first: bool = True
) -> tuple[AccessDenied, ...]:
    """Dry-run every call of `change` and return the denials. Raises the first Ec2Error that says it cannot work at all.

    AWS checks a dry run's permissions; whether it checks the gateway's state too is not documented, so an answer about
    the state only counts for the first call, and only when nothing is done before it (`is_first`).
    """
    denials = []
    for call in calls_of(change):
        try:
            dry_run(call)
        except AccessDenied as error:
            if error.action not in (kind.assign, kind.unassign):
                raise  # the role could not be assumed again
            denials.append(error)
        except Busy:
            continue  # the gateway's state, not a permission: the change waits for it
        except Rejected as error:
            if (is_first and call == change.steps[0]) or error.code not in kind.passing_codes:
                raise
    return tuple(denials)


@dataclass(slots=True)
class Progress:
    """How far a change is: all that alters while it goes on, except what reads show.

    Attributes:
        writes: the calls that EC2 accepted, which reads may not show yet.
        in_doubt: the operation whose effect is not known, while that is so.
        unnamed: how many addresses EC2 picked that no answer or read has named yet.
        refusal: why the last call was not made, or has no answer; None when it took effect.
        is_disputed: whether something was against the change at the last check; it counts when it still is after
            another read.
        permitted: the kinds of calls whose dry run has passed.
        attempts: how often the next call has been refused for now.
        rejected: the call that EC2 rejected last.
        released_at: when addresses were last released, by the clock.
    """

    writes: PendingWrites = field(default_factory=PendingWrites)
    in_doubt: str | None = None
    unnamed: int = 0
    refusal: Ec2Error | None = None
    is_disputed: bool = False
    permitted: set[type[Call]] = field(default_factory=set)
    attempts: int = 0
    rejected: Call | None = None
    released_at: float = float("-inf")


class Sender:
    """Sends the calls of one change, and notes in its progress what becomes of them."""

    def __init__(
        self,
        request: ChangeRequest,
        connection: Connection,
        watcher: GatewayWatcher,
        progress: Progress,
        report: Report,
    ) -> None:
        self._request = request
        self._connection = connection
        self._watcher = watcher
        self._progress = progress
        self._report = report

    def is_permitted(self, change: ChangePlan) -> bool:
        """Return whether a dry run of these kinds of calls has passed."""
        return {type(call) for call in calls_of(change)} <= self._progress.permitted

    def preflight(self, change: ChangePlan, *, is_first: bool = True) -> None:
        """Dry-run every call of `change`; when EC2 does not answer, only wait a little. Raises PermissionMissing.

        With `is_first` false something else is done before the change, and may remove what refuses its first call now.
        """
        try:
            denials = denied_calls(
                self._request.kind, change, lambda call: self._call(call, dry_run=True), is_first=is_first
            )
        except (LostAnswer, Throttled, Unreachable) as error:
            self._try_later(error)
            return
        except (GatewayNotFound, Rejected) as error:
            self._reconsider(calls_of(change)[0], error)
            return
        if denials:
            arn = self._connection.natgw_arn(self._request.nat_gateway_id)
            raise PermissionMissing(messages.denied(denials, arn))
        self._progress.permitted |= {type(call) for call in calls_of(change)}
        self._progress.refusal = None

    def send(self, call: Call, effect: Callable[[], float]) -> tuple[NatGatewayAddress, ...] | None:
        """Send a call; return the addresses that its answer lists, or None when it did not take effect.

        `effect` returns which share of what the call asked for the last read shows. A call that a stop or the deadline
        cuts off counts as lost, like any other whose answer did not come. Raises ChangeAborted or an Ec2Error.
        """
        self._log(messages.doing(call, self._request.kind))
        listed: tuple[NatGatewayAddress, ...] = ()
        try:
            listed = self._call(call)
        except (Busy, Throttled, Unreachable) as error:
            self._try_later(error)
            return None
        except LostAnswer as error:
            self._progress.refusal = error
            if not self._took_effect(error, effect):
                return None
        except (GatewayNotFound, Rejected) as error:
            self._reconsider(call, error)
            return None
        self._progress.attempts, self._progress.rejected, self._progress.refusal = 0, None, None
        return listed

    def note_release(self) -> None:
        """Note that addresses have just been released: EC2 may take a moment to let them be assigned again."""
        self._progress.released_at = self._watcher.now

    def note_unnamed(self, count: int) -> None:
        """Note how many addresses EC2 picked that no answer or read has named yet."""
        self._progress.unnamed = count

    def _call(self, call: Call, *, dry_run: bool = False) -> tuple[NatGatewayAddress, ...]:
        request, private_ips = self._request, self._request.rules.private_ips
        step = one_call(call, private_ips) if isinstance(call, Assign) else call
        return calls.call(
            operation_of(request.kind, call),
            lambda: self._connection.calls.change(
                request.kind,
                self._watcher.reconciled,
                step,
                request.settings.drain_seconds,
                private_ips=private_ips,
                dry_run=dry_run,
            ),
            self._watcher.limits,
        )

    def _took_effect(self, error: LostAnswer, effect: Callable[[], float]) -> bool:
        self._log(f"{error}; checking whether it took effect")
        self._progress.in_doubt = error.action
        has_acted = self._watcher.find_out(lambda: effect() >= 1, SETTLE_SECONDS)
        if not has_acted and effect() > 0:
            # A part can be someone else's write, or all that lagging reads show: these lag no longer than a minute.
            has_acted = self._watcher.find_out(lambda: effect() >= 1, LAG_SECONDS - SETTLE_SECONDS)
        self._progress.in_doubt = None
        return has_acted

    def _try_later(self, error: Ec2Error) -> None:
        self._log(f"{error}; trying again")
        self._progress.refusal = error
        self._watcher.back_off(self._progress.attempts)
        self._progress.attempts += 1
        self._watcher.read()

    def _reconsider(self, call: Call, error: Ec2Error) -> None:
        """Read again after a rejection: perhaps the call is not needed any more. Raises the error when it still is."""
        if error.http_status == HTTPStatus.NOT_IMPLEMENTED:
            raise error
        is_recent = self._watcher.now - self._progress.released_at < FREED_SECONDS
        is_passing = is_recent and error.code in self._request.kind.passing_codes
        if self._progress.rejected == call and not is_passing:
            raise error
        self._progress.rejected = call
        self._watcher.read(after=CONFIRM_SECONDS)

    def _log(self, line: str) -> None:
        self._report(f"{self._request.nat_gateway_id}: {line}")
