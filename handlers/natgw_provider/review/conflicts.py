"""Who else manages a gateway in the same plans: two resources of ours, or another provider's NAT gateway resource.

It compares rows with each other and with their neighbours; what is risky about one row alone is in `risks`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from natgw_provider.review import findings
from natgw_provider.review.findings import Finding, finding_on
from natgw_provider.review.gateway_change import Action, GatewayChange
from natgw_provider.review.neighbours import NatGatewayResource

_LEAVING = (Action.DELETE, Action.FORGET)


def managed_twice(changes: Iterable[GatewayChange]) -> Iterator[Finding]:
    """Yield a finding for each gateway that two resources hold, or that one drains while another takes it over."""
    by_gateway: dict[str, list[GatewayChange]] = {}
    for change in changes:
        if change.nat_gateway_id and change.action is not Action.FORGET:
            by_gateway.setdefault(change.nat_gateway_id, []).append(change)
    for rows in by_gateway.values():
        owners = sorted({(row.stack, row.resource_address) for row in rows})
        staying = [row for row in rows if row.action not in _LEAVING]
        drained = [row for row in rows if row.action is Action.DELETE and row.unassign]
        if len(owners) > 1 and staying and (drained or len(staying) > 1):
            named = " and ".join(address for _, address in owners)
            yield finding_on(findings.MANAGED_TWICE, staying[0], f"{named} act on the same gateway.")


def replaced_in_place(changes: Sequence[GatewayChange]) -> Iterator[Finding]:
    """Yield a finding for each resource that is deleted and created on one gateway.

    Terraform has the creation planned while the addresses are still there, so that plan does not hold once they are
    gone, and Terraform stops with "inconsistent final plan".
    """
    created = {(row.stack, row.resource_address, row.nat_gateway_id) for row in changes if row.action is Action.CREATE}
    for row in changes:
        again = (row.stack, row.resource_address, row.nat_gateway_id) in created
        if again and row.action is Action.DELETE and row.unassign:
            cause = f"All {len(row.unassign)} secondaries are unassigned before the resource is created again."
            yield finding_on(findings.REPLACED_IN_PLACE, row, cause)


def other_owners(changes: Iterable[GatewayChange], gateways: Iterable[NatGatewayResource]) -> Iterator[Finding]:
    """Yield a finding for each row whose gateway's addresses another provider declares or changes too."""
    by_id = {gateway.nat_gateway_id or "": gateway for gateway in gateways}
    for change in changes:
        gateway = by_id.get(change.nat_gateway_id) if change.nat_gateway_id else None
        if gateway is None or change.action in _LEAVING:
            continue
        if gateway.changes_addresses:
            yield finding_on(findings.AWS_CHANGES_TOO, change, f"{gateway.address} changes them in the same apply.")
        elif gateway.declares_addresses:
            yield finding_on(findings.AWS_DECLARES_TOO, change, f"{gateway.address} sets them in its configuration.")
