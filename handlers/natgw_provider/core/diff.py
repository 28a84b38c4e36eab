"""What separates a gateway from its declaration: addresses to assign, to unassign and to keep.

It decides what changes, never in which order (`change_plan`) nor whether it is allowed (`plan_checks`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.gateway import NatGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """The difference, all in numerical order.

    Attributes:
        assign: named addresses to assign.
        assign_count: further addresses to assign that AWS picks; only when a count is declared.
        unassign: addresses to unassign.
        keep: secondaries that stay.
    """

    assign: tuple[str, ...] = ()
    assign_count: int = 0
    unassign: tuple[str, ...] = ()
    keep: tuple[str, ...] = ()

    @property
    def additions(self) -> int:
        """How many addresses will be assigned, named or picked by AWS."""
        return len(self.assign) + self.assign_count

    @property
    def is_empty(self) -> bool:
        """Whether nothing has to change."""
        return not self.additions and not self.unassign


def diff_addresses(wanted: Iterable[str], gateway: NatGateway) -> Diff:
    """Return the difference between a declared set (canonical addresses) and the gateway.

    A draining address is never proposed for unassignment again; a wanted one that drains or failed is assigned anew.
    """
    declared, attached = set(wanted), set(gateway.attached)
    return Diff(
        assign=sort_addresses(declared - attached),
        unassign=sort_addresses(attached - declared),
        keep=sort_addresses(attached & declared),
    )


def diff_count(count: int, gateway: NatGateway) -> Diff:
    """Return the difference between a declared number of secondaries and the gateway.

    Growth leaves the choice to AWS; on shrinking the numerically highest addresses go.
    """
    attached = gateway.attached
    return Diff(
        assign_count=max(0, count - len(attached)),
        unassign=attached[count:],
        keep=attached[:count],
    )
