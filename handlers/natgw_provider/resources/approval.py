"""What the reviewed plan allows apply to touch, carried from plan to apply in the planned private state.

Apply takes its permission from here and from nowhere else: `last_change` alone would not do, since a plan that changes
nothing on the gateway keeps the one of an earlier change.
"""

from __future__ import annotations

from natgw_provider.bridge.handlers import Private
from natgw_provider.core.approval import Approval
from natgw_provider.core.last_change import LastChange
from natgw_provider.core.stored import stored_fields
from natgw_provider.resources.diagnostics import UNREADABLE_PRIVATE, unreadable

_KEY = "approved"


def approval_of(change: LastChange, assign_count: int) -> Private:
    """Return planned private state that approves a change, in which AWS may pick so many addresses."""
    return {_KEY: {"last_change": change.to_mapping(), "assign_count": assign_count}}


def without_approval(private: Private) -> Private:
    """Return private state that approves nothing, for a plan that shows no change of the gateway."""
    return {name: value for name, value in private.items() if name != _KEY}


def approval_from(planned_private: Private) -> Approval | None:
    """Return what the plan approved; None when it showed no change of the gateway.

    Raises DiagnosticsError when it cannot be read: then nothing is approved.
    """
    kept = planned_private.get(_KEY)
    if kept is None:
        return None
    try:
        fields = stored_fields(kept, {"last_change": dict, "assign_count": int})
        change = LastChange.from_mapping(fields["last_change"])
        return Approval(
            unassign=frozenset(change.unassign),
            assign=fields["assign_count"] if change.assign is None else frozenset(change.assign),
            in_service_low=change.in_service_low,
        )
    except ValueError as problem:
        remedy = "Nothing was changed, since it says what was approved. Plan again."
        raise unreadable(UNREADABLE_PRIVATE, problem, remedy) from problem
