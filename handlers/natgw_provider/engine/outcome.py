"""What the end of a change means for a request: success, or a failure with what is true and what happens next.

Several requests can be carried out as one change (`coalescing`): each gets its own outcome from the same result.
"""

from __future__ import annotations

from dataclasses import dataclass

from natgw_provider.aws.errors import Ec2Error
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.diff import Part
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.problems import Problem
from natgw_provider.engine import messages
from natgw_provider.engine.change import (
    ChangeAborted,
    ChangeRefused,
    ChangeRequest,
    GatewayGone,
    Outcome,
    Stopped,
    TimedOut,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResult:
    """What is known of a change when it has ended, or at a moment of it.

    Attributes:
        arn: the gateway's ARN.
        end: why the change goes no further; None when it is complete.
        gateway: the reconciled gateway; None when it is gone, or no read has shown it.
        last_error: the last error that the change waited for to pass.
        assigned: the keys of what was assigned.
        unassigned: the keys of what was unassigned.
        in_doubt: the operation of which it is not known whether it took effect.
        unnamed: how many assigned addresses AWS picked and has not named yet.
        drain_end: until when the drain that the change began lasts at most, as a phrase.
    """

    arn: str
    end: ChangeAborted | Ec2Error | None
    gateway: NatGateway | None
    last_error: Ec2Error | None = None
    assigned: frozenset[str] = frozenset()
    unassigned: frozenset[str] = frozenset()
    in_doubt: str | None = None
    unnamed: int = 0
    drain_end: str | None = None


def outcome_of(request: ChangeRequest, result: ChangeResult) -> Outcome:
    """Return what the end of a change means for a request that it carried out, perhaps with others."""
    gateway, assigned = result.gateway, sort_addresses(_own(request, result.assigned))
    if not _has_succeeded(request, result):
        return Outcome(gateway=gateway, failure=_failure(request, result), assigned=assigned)
    return Outcome(gateway=gateway, assigned=assigned)


def is_fulfilled(request: ChangeRequest, gateway: NatGateway) -> bool:
    """Return whether the gateway is as a request for single addresses asks: in service, or released."""
    target = request.target
    if not isinstance(target, Part):
        return False
    is_leaving = target.remove.intersection(gateway.attached)
    is_draining = request.settings.wait_for_drain and request.approval.unassign.intersection(gateway.draining)
    return target.add <= set(gateway.in_service) and not is_leaving and not is_draining


def _own(request: ChangeRequest, keys: frozenset[str]) -> frozenset[str]:
    """Return which of these keys the request is about: of a request that shares its gateway, its own only."""
    target = request.target
    return keys & (target.add | target.remove) if request.shares_gateway and isinstance(target, Part) else keys


def _has_succeeded(request: ChangeRequest, result: ChangeResult) -> bool:
    if isinstance(result.end, GatewayGone):
        return request.is_release
    if result.end is None:
        return True
    return request.shares_gateway and result.gateway is not None and is_fulfilled(request, result.gateway)


def _failure(request: ChangeRequest, result: ChangeResult) -> Problem:
    reason, gateway = _reason(request, result), result.gateway
    if isinstance(result.end, GatewayGone):
        return reason
    parts = [reason.detail]
    if result.last_error and isinstance(result.end, Stopped | TimedOut):
        parts.append(f"The last error was {str(result.last_error).rstrip('. ')}.")
    if gateway is None:
        parts += [] if request.release else ["Nothing was changed."]
        return Problem(reason.path, reason.summary, " ".join(parts))
    if result.in_doubt:
        parts.append(messages.in_doubt(result.in_doubt))
    if result.unnamed:
        parts.append(messages.unnamed(result.unnamed, request.kind))
        parts.append(messages.state_of(gateway, result.drain_end, request.kind))
    elif result.in_doubt or _own(request, result.assigned | result.unassigned):
        parts.append(messages.state_of(gateway, result.drain_end, request.kind))
        parts.append(messages.next_apply(request.target.diff(gateway), request.kind))
    else:
        parts.append(f"{_not_done(request)} {messages.state_of(gateway, None, request.kind)}")
    return Problem(reason.path, reason.summary, " ".join(parts))


def _not_done(request: ChangeRequest) -> str:
    if request.shares_gateway and isinstance(request.target, Part) and request.target != Part():
        return messages.untouched(request.target, request.kind)
    return f"Nothing was changed on {request.nat_gateway_id}." if request.release else "Nothing was changed."


def _reason(request: ChangeRequest, result: ChangeResult) -> Problem:
    end, kind = result.end, request.kind
    failed = result.gateway.failed if request.shares_gateway and result.gateway else ()
    if own := [address for address in failed if _own(request, frozenset({address.key}))]:
        return messages.assignment_failed(own, kind)
    if isinstance(end, Ec2Error):
        return messages.explain(end, request.nat_gateway_id, result.arn, kind)
    if isinstance(end, ChangeRefused):
        return end.problem
    if isinstance(end, GatewayGone):
        return messages.gone(request.nat_gateway_id, end.gateway)
    if isinstance(end, TimedOut):
        return messages.timed_out(request.timeout_seconds, operation=request.operation)
    return messages.INTERRUPTED
