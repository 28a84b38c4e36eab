"""One change of one gateway, from the first look to the last.

It goes by what is, not by what was planned: look, compute what is left, take its first step, look again. So a lost
answer, a foreign hand or an earlier attempt need no code of their own. What may be touched is what was approved, and
the one Unassign call is made once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from natgw_provider.core import names
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import (
    Assign,
    ChangePlan,
    Unassign,
    WaitForRelease,
    WaitUntilIdle,
    plan_change,
)
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.gateway import NatGatewayAddress
from natgw_provider.ec2 import narration
from natgw_provider.ec2.approval import objection
from natgw_provider.ec2.calls import GatewayCalls
from natgw_provider.ec2.change import ChangeRequest, Failure, Outcome, Report
from natgw_provider.ec2.endings import Ending, GivenUp, Gone, Stopped, TimedOut
from natgw_provider.ec2.errors import (
    Busy,
    Ec2Error,
    GatewayNotFound,
    LostAnswer,
    Rejected,
    Throttled,
    Unreachable,
)
from natgw_provider.ec2.observer import Observer, Surroundings
from natgw_provider.ec2.pace import back_off
from natgw_provider.ec2.preflight import STATE_CODES, Call, calls_of, denied_calls, dry_run

FRESH_SECONDS: Final = 2.0
"""A change is only called on what was seen at most this long ago."""

CONFIRM_SECONDS: Final = 2.0
"""A refusal is only final when a look this much later says the same."""

SETTLE_SECONDS: Final = 30.0
"""How long to look after a lost answer before the call counts as not carried out; reads lag by seconds."""

FREED_SECONDS: Final = 30.0
"""How long after a release EC2 may still count the released address as in use."""

ASSIGN_SECONDS: Final = 60.0
"""About how long an assignment takes; it sets the pace only."""

UNKNOWN_DRAIN_SECONDS: Final = 350.0
"""About how long a drain takes that somebody else began; it sets the pace only."""


class ChangeRun:
    """Carries out one request; used once."""

    def __init__(
        self,
        request: ChangeRequest,
        api: GatewayCalls,
        surroundings: Surroundings,
        *,
        arn: Callable[[], str],
        stop: threading.Event,
        report: Report,
    ) -> None:
        self._request = request
        self._api = api
        self._arn = arn
        self._surroundings = surroundings
        self._report = report
        self._observer = Observer(
            request.nat_gateway_id,
            surroundings,
            stop=stop,
            timeout_seconds=request.timeout_seconds,
            report=report,
        )
        self._checked: set[type[Call]] = set()
        self._is_objected = False
        self._rejected: Call | None = None
        self._refusals = 0
        self._freed_at = float("-inf")
        self._drain_end: float | None = None

    def run(self) -> Outcome:
        """Carry it out, and say how it ended."""
        try:
            self._converge()
        except Gone as gone:
            return Outcome(gateway=None, failure=None if self._request.is_destroy else self._gone(gone))
        except (Ending, Ec2Error) as ending:
            return self._outcome(self._failure(ending))
        return self._outcome(None)

    def _converge(self) -> None:
        seen = self._observer
        seen.look()
        if seen.believed.primary is None:
            seen.wait(lambda: seen.shown.primary is not None, seen.pace(ASSIGN_SECONDS), "waiting for its addresses")
        while (plan := self._plan()).steps:
            if self._is_stopped_by(plan):
                continue
            seen.safe_point()
            if self._is_unchecked(plan):
                self._preflight(plan)
            elif isinstance(plan.steps[0], WaitUntilIdle):
                self._wait_until_idle()
            elif seen.age > FRESH_SECONDS:
                seen.look()
            else:
                self._take(plan)
        self._see_it_true()

    def _plan(self) -> ChangePlan:
        request, gateway = self._request, self._observer.believed
        return plan_change(request.diff(gateway), gateway, quota=request.quota, wait_for_drain=request.wait_for_drain)

    def _is_stopped_by(self, plan: ChangePlan) -> bool:
        """Look again when something stands against the plan. Raises GivenUp when it still does."""
        failure = objection(self._request, plan, self._observer.believed, self._observer.memory)
        if failure and self._is_objected:
            raise GivenUp(failure)
        self._is_objected = failure is not None
        if failure:
            self._observer.look(after=CONFIRM_SECONDS)
        return self._is_objected

    def _is_unchecked(self, plan: ChangePlan) -> bool:
        return not {type(call) for call in calls_of(plan)} <= self._checked

    def _preflight(self, plan: ChangePlan) -> None:
        try:
            denials = denied_calls(plan, self._dry_run)
        except (LostAnswer, Throttled, Unreachable) as error:
            self._try_later(error)
            return
        if denials:
            raise GivenUp(narration.denied(denials, self._arn()))
        self._checked |= {type(call) for call in calls_of(plan)}

    def _dry_run(self, call: Call) -> None:
        dry_run(self._api, self._request.nat_gateway_id, call, self._request.max_drain_seconds)

    def _wait_until_idle(self) -> None:
        seen = self._observer
        seen.wait(
            lambda: seen.believed.is_idle, seen.pace(UNKNOWN_DRAIN_SECONDS), "waiting until nothing drains any more"
        )
        self._freed_at = seen.now

    def _take(self, plan: ChangePlan) -> None:
        step = plan.steps[0]
        if isinstance(step, Assign):
            self._assign(step)
        elif isinstance(step, Unassign):
            self._unassign(step, wait=any(isinstance(later, WaitForRelease) for later in plan.steps))

    def _assign(self, step: Assign) -> None:
        seen, request = self._observer, self._request
        before = {address.private_ip: address.status for address in seen.believed.addresses}
        failed = [address.private_ip for address in seen.believed.failed]

        def new() -> list[str]:
            shown = [a for a in seen.shown.addresses if before.get(a.private_ip, "absent") != a.status]
            return [a.private_ip for a in shown if not step.addresses or a.private_ip in step.addresses]

        self._report(f"{request.nat_gateway_id}: assigning {', '.join(step.addresses) or step.count}")
        touched = self._call(
            step,
            lambda: self._api.assign(request.nat_gateway_id, addresses=step.addresses, count=step.count),
            lambda: bool(new()),
        )
        if touched is None:
            return
        picked = [address.private_ip for address in touched if address.private_ip not in before]
        named = step.addresses or (picked if len(picked) == step.count else ())
        seen.memory.assign(named, seen.now, failed_before=failed)
        seen.look(at_once=True)
        if not named:
            seen.wait(lambda: len(new()) >= step.count, seen.pace(ASSIGN_SECONDS), "waiting to see what AWS picked")
            named = tuple(new())
            seen.memory.assign(named, seen.now)
        self._wait_until_in_service(named)

    def _wait_until_in_service(self, addresses: tuple[str, ...] | list[str]) -> None:
        seen = self._observer

        def failed() -> list[NatGatewayAddress]:
            return [address for address in seen.believed.failed if address.private_ip in addresses]

        def settled() -> bool:
            over = {*seen.shown.in_service, *(address.private_ip for address in failed())}
            known = {address.private_ip for address in seen.believed.addresses}
            if lost := set(addresses) - known:
                raise GivenUp(
                    Failure(
                        "Assigned addresses do not appear",
                        f"AWS accepted to assign {', '.join(sort_addresses(lost))}, but does not show it.",
                        (names.ADDRESSES,),
                    )
                )
            return set(addresses) <= over

        seen.wait(settled, seen.pace(ASSIGN_SECONDS), f"waiting until {', '.join(addresses)} is in service", agreeing=2)
        if broken := failed():
            raise GivenUp(
                Failure(
                    "Address could not be assigned",
                    " ".join(f"{a.private_ip} failed: {a.failure_message or 'AWS gives no reason'}." for a in broken),
                    (names.ADDRESSES,),
                )
            )

    def _unassign(self, step: Unassign, *, wait: bool) -> None:
        seen, request = self._observer, self._request

        def leaving() -> bool:
            return not set(step.addresses) <= set(seen.shown.attached)

        self._report(f"{request.nat_gateway_id}: unassigning {', '.join(step.addresses)}")
        touched = self._call(
            step,
            lambda: self._api.unassign(
                request.nat_gateway_id, addresses=step.addresses, max_drain_seconds=request.max_drain_seconds
            ),
            leaving,
        )
        if touched is None:
            return
        self._drain_end = seen.now + request.max_drain_seconds
        seen.memory.unassign(step.addresses, seen.now)
        began = seen.now
        seen.look(at_once=True)
        if wait:
            self._wait_for_release(step, began)
        elif set(step.addresses) & set(seen.shown.attached):
            seen.wait(
                lambda: not set(step.addresses) & set(seen.shown.attached),
                seen.pace(ASSIGN_SECONDS),
                "waiting until the drain shows",
            )

    def _wait_for_release(self, step: Unassign, began: float) -> None:
        seen = self._observer
        drained = ", ".join(step.addresses)
        if not seen.memory.is_all_released:
            seen.wait(
                lambda: seen.memory.is_all_released or self._is_back(step),
                seen.pace(self._request.max_drain_seconds, is_known=True),
                f"waiting until {drained} is released, at most {format_seconds(self._request.max_drain_seconds)}",
                began=began,
            )
        self._freed_at = seen.now

    def _is_back(self, step: Unassign) -> bool:
        if not set(step.addresses) & set(self._observer.believed.attached):
            return False
        raise GivenUp(
            Failure(
                "Unassigned addresses are attached again",
                f"AWS accepted to unassign {', '.join(step.addresses)}, but shows it in service again.",
                (names.ADDRESSES,),
            )
        )

    def _call(
        self,
        step: Call,
        send: Callable[[], tuple[NatGatewayAddress, ...]],
        acted: Callable[[], bool],
    ) -> tuple[NatGatewayAddress, ...] | None:
        """Make a call that changes something, once. Return what it answered, or None when it did not take effect."""
        touched: tuple[NatGatewayAddress, ...] = ()
        try:
            touched = send()
        except (Busy, Throttled, Unreachable) as error:
            self._try_later(error)
            return None
        except LostAnswer as error:
            self._report(f"{self._request.nat_gateway_id}: {error}; looking whether it took effect")
            if not self._observer.find_out(acted, SETTLE_SECONDS):
                return None
        except (GatewayNotFound, Rejected) as error:
            self._reconsider(step, error)
            return None
        self._refusals, self._rejected = 0, None
        return touched

    def _try_later(self, error: Ec2Error) -> None:
        self._report(f"{self._request.nat_gateway_id}: {error}; trying again")
        self._observer.pause(back_off(self._refusals, self._surroundings.random))
        self._refusals += 1
        self._observer.look()

    def _reconsider(self, step: Call, error: Ec2Error) -> None:
        """Look again after a rejection: perhaps the call is not needed any more. Raises the error when it still is."""
        is_passing = error.code in STATE_CODES and self._observer.now - self._freed_at < FREED_SECONDS
        if self._rejected == step and not is_passing:
            raise error
        self._rejected = step
        self._observer.look(after=CONFIRM_SECONDS)

    def _see_it_true(self) -> None:
        seen = self._observer
        if seen.shown == seen.believed:
            return
        try:
            seen.wait(lambda: seen.shown == seen.believed, seen.pace(ASSIGN_SECONDS), "waiting until AWS shows it all")
        except (Stopped, TimedOut):
            return  # everything is done; only AWS's reads lag

    def _outcome(self, failure: Failure | None) -> Outcome:
        seen = self._observer
        return Outcome(
            gateway=seen.believed if seen.has_seen else None,
            failure=failure,
            assigned=sort_addresses(seen.memory.assigned),
        )

    def _failure(self, ending: Ending | Ec2Error) -> Failure:
        failure = self._reason(ending)
        seen = self._observer
        if not seen.has_seen:
            return failure
        changed = seen.memory.assigned or seen.memory.unassigned
        parts = [
            failure.detail,
            "" if changed else "Nothing was changed.",
            narration.standing(seen.believed, self._drain_end_text()),
            narration.next_apply(self._request.diff(seen.believed)) if changed else "",
        ]
        return Failure(failure.summary, " ".join(part for part in parts if part), failure.path)

    def _reason(self, ending: Ending | Ec2Error) -> Failure:
        if isinstance(ending, Ec2Error):
            return narration.explain(ending, self._arn())
        if isinstance(ending, GivenUp):
            return ending.failure
        if isinstance(ending, TimedOut):
            allowed = format_seconds(self._request.timeout_seconds)
            return Failure("Timed out", f"The change did not end within {allowed}.", (names.TIMEOUTS,))
        return Failure("Interrupted", "Stopped on request.")

    def _gone(self, gone: Gone) -> Failure:
        gateway_id = self._request.nat_gateway_id
        state = gone.gateway.state.value if gone.gateway else "not there any more"
        because = f" ({gone.gateway.failure_message})" if gone.gateway and gone.gateway.failure_message else ""
        return Failure(
            "NAT gateway is gone",
            f"{gateway_id} is {state}{because}, so its addresses cannot be managed. The next plan will leave it out "
            "of the state; declare another gateway, or remove the declaration.",
            (names.NAT_GATEWAY_ID,),
        )

    def _drain_end_text(self) -> str | None:
        if self._drain_end is None:
            return None
        left = max(0.0, self._drain_end - self._observer.now)
        moment = self._surroundings.clock.utc() + timedelta(seconds=left)
        return f"until {moment:%Y-%m-%d %H:%M:%S} UTC at the latest"
