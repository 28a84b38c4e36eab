"""What stands against the next step of a change: the limits of what was approved, then the rules of the plan.

Judgement only: nothing is looked at and nothing is called.
"""

from __future__ import annotations

from natgw_provider.core.change_plan import ChangePlan
from natgw_provider.core.gateway import NatGateway
from natgw_provider.ec2 import narration
from natgw_provider.ec2.change import ChangeRequest
from natgw_provider.ec2.failures import Failure
from natgw_provider.ec2.memory import Memory


def objection(request: ChangeRequest, plan: ChangePlan, gateway: NatGateway, memory: Memory) -> Failure | None:
    """Return why `plan` must not go on, after what `memory` says was done already; None when it may."""
    return _beyond_approval(request, plan, gateway, memory) or _against_rules(request, gateway, plan)


def _beyond_approval(request: ChangeRequest, plan: ChangePlan, gateway: NatGateway, memory: Memory) -> Failure | None:
    diff = plan.diff
    primary = gateway.primary.private_ip if gateway.primary else None
    # Once the one Unassign call was made, whatever else would have to go is not of this change.
    allowed = frozenset[str]() if memory.unassigned else request.approved_unassign - {primary}
    unassign = tuple(address for address in diff.unassign if address not in allowed)
    assign, count = _assign_beyond(request, plan, memory)
    low = _low_beyond(request, plan)
    if not (unassign or assign or count or low):
        return None
    return narration.not_approved(unassign, assign, count, low)


def _assign_beyond(request: ChangeRequest, plan: ChangePlan, memory: Memory) -> tuple[tuple[str, ...], int]:
    diff, approved = plan.diff, request.approved_assign
    if isinstance(approved, int):
        return diff.assign, max(0, diff.assign_count + len(memory.assigned) - approved)
    return tuple(address for address in diff.assign if address not in approved), diff.assign_count


def _low_beyond(request: ChangeRequest, plan: ChangePlan) -> tuple[int, int] | None:
    if request.approved is None or not plan.diff.unassign:
        return None
    promised = request.approved.in_service_low
    return (plan.in_service_low, promised) if plan.in_service_low < promised else None


def _against_rules(request: ChangeRequest, gateway: NatGateway, plan: ChangePlan) -> Failure | None:
    problems = request.check(gateway, plan)
    if not problems:
        return None
    return Failure(problems[0].summary, "\n\n".join(problem.detail for problem in problems), problems[0].path)
