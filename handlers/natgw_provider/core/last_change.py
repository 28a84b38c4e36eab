"""The attribute `last_change`: a change plan in the words in which plan, state and review show it.

Terraform shows the parts of `last_change` beside those of the previous change. So each part is a text that stands for
itself: an address to which nothing happens never stands behind a `-` or `+`. The grammar is documented and stable.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.change_plan import Assign, ChangePlan, Step, Unassign, WaitUntilIdle
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.names import NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class LastChange:
    """What one apply does to a gateway; the fields are the attribute's.

    Attributes:
        summary: the whole change in one sentence.
        assign: the addresses assigned, as `listed` writes them; None while AWS still has to pick.
        unassign: the addresses drained and unassigned.
        in_service: how many addresses take new connections, as `in_service` writes it.
        drain: how long connections may drain, as `drain` writes it.
    """

    summary: str
    assign: str | None
    unassign: str
    in_service: str
    drain: str

    @classmethod
    def of(cls, kind: AddressKind, change: ChangePlan, max_drain_seconds: int) -> LastChange:
        """Return what `change` looks like to a reviewer."""
        unassign = change.diff.unassign
        return cls(
            summary=summarise(kind, change, max_drain_seconds),
            assign=None if change.diff.assign_count else listed(change.diff.assign),
            unassign=listed(unassign),
            in_service=in_service(change.in_service_before, change.in_service_low, change.in_service_after),
            drain=drain(max_drain_seconds) if unassign else NONE,
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the attribute's value, `assign` None where AWS has to pick."""
        return asdict(self)


def listed(addresses: Sequence[str]) -> str:
    """Return addresses as a part of `last_change`: "10.0.0.21, 10.0.0.22", or "none"."""
    return ", ".join(addresses) or NONE


def in_service(before: int, low: int, after: int) -> str:
    """Return how many addresses, the primary included, take new connections: "3 now, 2 at the lowest, 3 after"."""
    return f"{before} now, {low} at the lowest, {after} after"


def drain(max_drain_seconds: int) -> str:
    """Return how long connections may drain: "up to 350 s"."""
    return f"up to {max_drain_seconds} s"


def summarise(kind: AddressKind, change: ChangePlan, max_drain_seconds: int) -> str:
    """Return a change in one sentence, in the order in which it happens: "assign A, then drain B for up to 350 s"."""
    parts = [part for step in change.steps if (part := _summarise_step(kind, step, max_drain_seconds))]
    return ", then ".join(parts) or "nothing"


def _summarise_step(kind: AddressKind, step: Step, max_drain_seconds: int) -> str | None:
    match step:
        case WaitUntilIdle():
            return "wait until the gateway is idle"
        case Assign(addresses=(), count=count):
            return f"{kind.add.base} {count} that AWS picks"
        case Assign(addresses=addresses):
            return f"{kind.add.base} {', '.join(addresses)}"
        case Unassign(addresses=addresses):
            return f"drain {', '.join(addresses)} for up to {format_seconds(max_drain_seconds)}"
        case _:
            return None
