"""Counts over all rows of a review, and how long an apply takes at most.

Arithmetic only. Bounds on time hold for Terraform's default of ten operations at once on each stack, and for gateways
that do not wait for one another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from natgw_provider.review.gateway_change import GatewayChange

PARALLELISM: Final = 10
"""Operations that Terraform runs at once, unless -parallelism says otherwise (terraform apply, "Apply options")."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts and bounds over all rows.

    Attributes:
        gateways: gateways that change.
        gateways_draining: those with addresses that drain.
        gateways_going: those that the same plan deletes or replaces.
        gateways_unchanged: those in the plan that stay as they are.
        assigned: addresses assigned; of gateways decided at plan only.
        drained: addresses drained.
        unmanaged_drained: those of them that Terraform did not put there.
        undecided: gateways of which some is known only at apply.
        longest_window_seconds: longest drain of any gateway; None when nothing drains or it is not known.
        drain_wait_seconds: how long apply waits for drains at most; None when one is not known.
        apply_seconds: when apply gives up at the latest; None when that is not known.
        weakest: the row whose share of addresses in service falls lowest; None when nothing drains.
    """

    gateways: int
    gateways_draining: int
    gateways_going: int
    gateways_unchanged: int
    assigned: int
    drained: int
    unmanaged_drained: int
    undecided: int
    longest_window_seconds: int | None
    drain_wait_seconds: float | None
    apply_seconds: float | None
    weakest: GatewayChange | None


def totals_of(changes: Sequence[GatewayChange]) -> Totals:
    """Return the totals over all rows, those of unchanged gateways included."""
    rows = [row for row in changes if row.does_something]
    draining = [row for row in rows if row.unassign]
    windows = [row.window_seconds for row in draining]
    known_windows = [window for window in windows if window is not None]
    return Totals(
        gateways=_gateways(rows),
        gateways_draining=_gateways(draining),
        gateways_going=_gateways(row for row in rows if row.gateway_fate),
        gateways_unchanged=_gateways(row for row in changes if not row.does_something),
        assigned=sum(row.assign_count or 0 for row in rows),
        drained=len(drained_addresses(rows)),
        unmanaged_drained=len({(_gateway(row), address) for row in rows for address in row.unmanaged}),
        undecided=sum(not row.is_decided for row in rows),
        longest_window_seconds=max(known_windows) if windows and len(known_windows) == len(windows) else None,
        drain_wait_seconds=_at_most(rows, [_drain_wait(row) for row in rows]),
        apply_seconds=_at_most(rows, [row.timeout_seconds for row in rows]),
        weakest=min(draining, key=_share_left, default=None),
    )


def drained_addresses(rows: Iterable[GatewayChange]) -> list[str]:
    """Return the addresses that drain, once for each gateway: two gateways may have the same one, in two VPCs."""
    return [
        address for _, address in dict.fromkeys((_gateway(row), address) for row in rows for address in row.unassign)
    ]


def _gateway(row: GatewayChange) -> tuple[str, ...]:
    """Which gateway a row is about; one not created yet is known by its resource."""
    return (row.nat_gateway_id,) if row.nat_gateway_id else (row.stack, row.resource_address)


def _gateways(rows: Iterable[GatewayChange]) -> int:
    return len({_gateway(row) for row in rows})


def _drain_wait(row: GatewayChange) -> float | None:
    if not row.waits_for_drain:
        return 0.0
    return None if row.window_seconds is None else float(row.window_seconds)


def _share_left(row: GatewayChange) -> tuple[float, int, str, str]:
    before, low = row.in_service_before or 0, row.in_service_low or 0
    return (low / before if before else 0.0, low, row.stack, row.resource_address)


def _at_most(rows: Sequence[GatewayChange], seconds: Sequence[float | None]) -> float | None:
    """The longest that rows can take: stacks one after the other, ten resources at a time in each."""
    held: dict[str, dict[str, float]] = {}
    for row, duration in zip(rows, seconds, strict=True):
        if duration is None:
            return None
        if duration:
            resources = held.setdefault(row.stack, {})
            resources[row.resource_address] = resources.get(row.resource_address, 0.0) + duration
    # The last to start finds a free place once every place has done (n - 1) // PARALLELISM at the latest.
    return sum(-(-len(one) // PARALLELISM) * max(one.values()) for one in held.values()) + 0.0
