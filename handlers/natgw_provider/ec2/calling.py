"""The calls of one change that change something: each sent once, and looked after when its answer is lost.

Assign and Unassign have no client token, so a blind repetition could act twice. A call counts as refused only when EC2
said so or never got it; after a lost answer the gateway is looked at until it is known.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Final, TypeAlias

from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.errors import Busy, Ec2Error, GatewayNotFound, LostAnswer, Rejected, Throttled, Unreachable
from natgw_provider.core.change_plan import Assign, ChangePlan, Unassign
from natgw_provider.core.gateway import NatGatewayAddress
from natgw_provider.ec2 import in_flight, narration
from natgw_provider.ec2.change import ChangeRequest, Report
from natgw_provider.ec2.endings import GivenUp
from natgw_provider.ec2.memory import LAG_SECONDS
from natgw_provider.ec2.observer import Observer
from natgw_provider.ec2.preflight import STATE_CODES, Call, action_of, calls_of, denied_calls, dry_run

Touched: TypeAlias = tuple[NatGatewayAddress, ...]

CONFIRM_SECONDS: Final = 2.0
"""A refusal is only final when it still stands after a look this much later."""

SETTLE_SECONDS: Final = 30.0
"""How long to look after a lost answer before the call counts as not carried out; reads lag by seconds."""

FREED_SECONDS: Final = 30.0
"""How long after a release EC2 may still count the released address as in use."""


class Caller:
    """Makes the calls of one change.

    Attributes:
        in_doubt: the action whose effect is not known, while that is so.
        refusal: why the last call was not made yet; None when it was.
    """

    def __init__(
        self, request: ChangeRequest, api: Ec2Api, observer: Observer, *, arn: Callable[[], str], report: Report
    ) -> None:
        self.in_doubt: str | None = None
        self.refusal: Ec2Error | None = None
        self._request = request
        self._api = api
        self._observer = observer
        self._arn = arn
        self._report = report
        self._permitted: set[type[Call]] = set()
        self._attempts = 0
        self._rejected: Call | None = None
        self._freed_at = float("-inf")

    def may_make(self, change: ChangePlan) -> bool:
        """Return whether a dry run of this kind of calls has passed already."""
        return {type(call) for call in calls_of(change)} <= self._permitted

    def preflight(self, change: ChangePlan, *, is_first: bool = True) -> None:
        """Dry-run every call of `change`; when EC2 does not answer, only wait a little. Raises GivenUp on a denial.

        With `is_first` false something else is done before the change, and may remove what refuses its first call now.
        """
        try:
            denials = denied_calls(change, self._dry_run, is_first=is_first)
        except (LostAnswer, Throttled, Unreachable) as error:
            self._try_later(error)
            return
        except (GatewayNotFound, Rejected) as error:
            self._reconsider(calls_of(change)[0], error)
            return
        if denials:
            raise GivenUp(narration.denied(denials, self._arn()))
        self._permitted |= {type(call) for call in calls_of(change)}
        self.refusal = None

    def assign(self, step: Assign, effect: Callable[[], float]) -> Touched | None:
        """Call Assign; `effect` tells which share of what it asked for the last look shows. See `_send`."""
        wanted = ", ".join(step.addresses) or f"{step.count} that AWS picks"
        self._report(f"{self._request.nat_gateway_id}: assigning {wanted}")
        return self._send(
            step,
            lambda: self._api.assign(self._request.nat_gateway_id, addresses=step.addresses, count=step.count),
            effect,
        )

    def unassign(self, step: Unassign, effect: Callable[[], float]) -> Touched | None:
        """Call Unassign; `effect` tells which share of what it asked for the last look shows. See `_send`."""
        self._report(f"{self._request.nat_gateway_id}: unassigning {', '.join(step.addresses)}")
        return self._send(
            step,
            lambda: self._api.unassign(
                self._request.nat_gateway_id,
                addresses=step.addresses,
                max_drain_seconds=self._request.max_drain_seconds,
            ),
            effect,
        )

    def note_release(self) -> None:
        """Remember that addresses have just been released: EC2 may take a moment to let them be assigned again."""
        self._freed_at = self._observer.now

    def _dry_run(self, call: Call) -> None:
        gateway_id, max_drain = self._request.nat_gateway_id, self._request.max_drain_seconds
        in_flight.call(action_of(call), lambda: dry_run(self._api, gateway_id, call, max_drain), self._observer.limits)

    def _send(self, step: Call, send: Callable[[], Touched], effect: Callable[[], float]) -> Touched | None:
        """Return what the call answered (nothing, when the answer was lost), or None when it did not take effect.

        A call that a stop or the deadline cuts off counts as lost, like any other whose answer did not come.
        """
        touched: Touched = ()
        try:
            touched = in_flight.call(action_of(step), send, self._observer.limits)
        except (Busy, Throttled, Unreachable) as error:
            self._try_later(error)
            return None
        except LostAnswer as error:
            self.refusal = error
            if not self._took_effect(error, effect):
                return None
        except (GatewayNotFound, Rejected) as error:
            self._reconsider(step, error)
            return None
        self._attempts, self._rejected, self.refusal = 0, None, None
        return touched

    def _took_effect(self, error: LostAnswer, effect: Callable[[], float]) -> bool:
        self._report(f"{self._request.nat_gateway_id}: {error}; looking whether it took effect")
        self.in_doubt = error.action
        has_acted = self._observer.find_out(lambda: effect() >= 1, SETTLE_SECONDS)
        if not has_acted and effect() > 0:
            # A part can be somebody else's deed, or all that lagging reads show: these lag no longer than a minute.
            has_acted = self._observer.find_out(lambda: effect() >= 1, LAG_SECONDS - SETTLE_SECONDS)
        self.in_doubt = None
        return has_acted

    def _try_later(self, error: Ec2Error) -> None:
        self._report(f"{self._request.nat_gateway_id}: {error}; trying again")
        self.refusal = error
        self._observer.back_off(self._attempts)
        self._attempts += 1
        self._observer.look()

    def _reconsider(self, step: Call, error: Ec2Error) -> None:
        """Look again after a rejection: perhaps the call is not needed any more. Raises the error when it still is."""
        if error.http_status == HTTPStatus.NOT_IMPLEMENTED:
            raise error
        is_passing = error.code in STATE_CODES and self._observer.now - self._freed_at < FREED_SECONDS
        if self._rejected == step and not is_passing:
            raise error
        self._rejected = step
        self._observer.look(after=CONFIRM_SECONDS)
