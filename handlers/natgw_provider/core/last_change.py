"""The attribute `last_change`: a change plan in the form in which plan, state and review show it.

One shape for all three; a value here is what a reviewer approved and what apply holds itself to.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from natgw_provider.core.change_plan import Assign, ChangePlan, Step, Unassign, WaitUntilIdle
from natgw_provider.core.durations import format_seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """What one apply does to a gateway; the fields are the attribute's.

    Attributes:
        summary: the whole change in one sentence. Terraform shows a set as its difference to the previous change's,
            which misleads; a sentence it shows as it is.
        assign: addresses assigned; None while AWS still has to pick.
        unassign: addresses drained and unassigned.
        order: a value of `Order`.
        drain_windows: 0 or 1.
        max_drain_duration_seconds: longest time connections may drain.
        in_service_before: addresses (primary included) that take new connections before the change.
        in_service_low: the fewest during it.
        in_service_after: and after it.
    """

    summary: str
    assign: tuple[str, ...] | None
    unassign: tuple[str, ...]
    order: str
    drain_windows: int
    max_drain_duration_seconds: int
    in_service_before: int
    in_service_low: int
    in_service_after: int

    @classmethod
    def of(cls, change: ChangePlan, max_drain_seconds: int) -> LastChange:
        """Return what `change` looks like to a reviewer."""
        return cls(
            summary=summarise(change, max_drain_seconds),
            assign=None if change.diff.assign_count else change.diff.assign,
            unassign=change.diff.unassign,
            order=change.order.value,
            drain_windows=change.drain_windows,
            max_drain_duration_seconds=max_drain_seconds,
            in_service_before=change.in_service_before,
            in_service_low=change.in_service_low,
            in_service_after=change.in_service_after,
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the attribute's value, `assign` None where AWS has to pick."""
        return asdict(self)


def summarise(change: ChangePlan, max_drain_seconds: int) -> str:
    """Return a change in one sentence, in the order in which it happens: "assign A, then drain B for up to 350 s"."""
    parts = [part for step in change.steps if (part := _summarise_step(step, max_drain_seconds))]
    return ", then ".join(parts) or "nothing"


def _summarise_step(step: Step, max_drain_seconds: int) -> str | None:
    match step:
        case WaitUntilIdle():
            return "wait until the gateway is idle"
        case Assign(addresses=(), count=count):
            return f"assign {count} that AWS picks"
        case Assign(addresses=addresses):
            return f"assign {', '.join(addresses)}"
        case Unassign(addresses=addresses):
            return f"drain {', '.join(addresses)} for up to {format_seconds(max_drain_seconds)}"
        case _:
            return None
