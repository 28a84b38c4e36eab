"""What is against the next step of a change: the limits of what was approved, then the rules of the plan.

Judgement only: it reads and calls nothing.
"""

from __future__ import annotations

from natgw_provider.core.change_plan import ChangePlan
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.plan_checks import check_change
from natgw_provider.core.problems import Problem
from natgw_provider.engine import messages
from natgw_provider.engine.change import ChangeRequest
from natgw_provider.engine.pending_writes import PendingWrites


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
    problems = check_change(request.target, gateway, change, request.rules)
    if not problems:
        return None
    first = problems[0]
    return Problem(first.path, first.summary, "\n\n".join(problem.detail for problem in problems))
