"""Gateways whose addresses two resources manage: both natgw's, in one stack or several, or one the AWS provider's.

A plan of one resource does not see the other where they are in two stacks or two processes of the provider. Each apply
then undoes what the other did, and drains its addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from natgw_provider.review.findings import KINDS, Finding
from natgw_provider.review.gateway_change import Action, GatewayChange
from natgw_provider.review.owners import ID_ATTRIBUTES, Owner


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """What one resource manages on one gateway.

    Attributes:
        key: the single address that it manages; None for the gateway's set.
        stays: whether it manages that after the apply, or may.
        drains: whether it stops managing it and drains it.
    """

    stack: str
    resource_address: str
    nat_gateway_id: str
    key: str | None
    stays: bool
    drains: bool


def find_conflicts(changes: Iterable[GatewayChange], owners: Iterable[Owner]) -> Iterator[Finding]:
    """Yield the conflicts between the operations of all plans and the other providers' owners in them."""
    rows, others = list(changes), list(owners)
    claims = [claim for row in rows for claim in _claims(row)]
    claims += [_claim_of(one) for one in others if one.allocation_id and one.nat_gateway_id]
    by_gateway: dict[str, list[_Claim]] = {}
    for claim in claims:
        by_gateway.setdefault(claim.nat_gateway_id, []).append(claim)
    for held in by_gateway.values():
        yield from _managed_twice(held)
    yield from _inline(rows, {one.nat_gateway_id: one for one in others if one.type in ID_ATTRIBUTES})


def _claims(row: GatewayChange) -> Iterator[_Claim]:
    """The claims of a row; a single address that is not known yet claims nothing."""
    keys = (*(row.kept or ()), *row.unassign, *(row.assign or ())) if row.is_single else (None,)
    for key in keys if row.nat_gateway_id and row.action is not Action.FORGET else ():
        yield _Claim(
            stack=row.stack,
            resource_address=row.resource_address,
            nat_gateway_id=row.nat_gateway_id or "",
            key=key,
            stays=not row.leaves_gateway or bool(row.condition),
            drains=row.leaves_gateway and bool(row.unassign),
        )


def _claim_of(owner: Owner) -> _Claim:
    return _Claim(
        stack=owner.stack,
        resource_address=owner.address,
        nat_gateway_id=owner.nat_gateway_id or "",
        key=owner.allocation_id,
        stays=not owner.fate,
        drains=bool(owner.fate),
    )


def _managed_twice(claims: list[_Claim]) -> Iterator[Finding]:
    """Claims on one gateway that exclude each other: with a set any other, without one those on the same address."""
    has_set = any(claim.key is None for claim in claims)
    for key in (None,) if has_set else dict.fromkeys(claim.key for claim in claims):
        found = [claim for claim in claims if has_set or claim.key == key]
        owners = sorted({(claim.stack, claim.resource_address) for claim in found})
        staying = {(claim.stack, claim.resource_address): claim for claim in found if claim.stays}
        sets = {(claim.stack, claim.resource_address) for claim in found if claim.key is None}
        # Single addresses beside each other are fine; a set that leaves without a drain takes nothing from them.
        is_contested = len(staying) > 1 and (not has_set or bool(sets & staying.keys()))
        if len(owners) > 1 and staying and (is_contested or any(claim.drains for claim in found)):
            first = next(iter(staying.values()))
            named = " and ".join(address for _, address in owners)
            yield Finding(
                kind=KINDS["managed-twice"],
                cause=f"{named} act on {key or 'the addresses'} of the same gateway.",
                stack=first.stack,
                resource_address=first.resource_address,
                nat_gateway_id=first.nat_gateway_id,
            )


def _inline(changes: Iterable[GatewayChange], gateways: dict[str | None, Owner]) -> Iterator[Finding]:
    """Rows on a gateway whose addresses the NAT gateway resource of another provider declares or changes too."""
    for row in changes:
        gateway = gateways.get(row.nat_gateway_id) if row.nat_gateway_id else None
        if gateway is None or row.leaves_gateway or not (gateway.changes_addresses or gateway.declares_addresses):
            continue
        changes_too = gateway.changes_addresses
        does = "changes them in the same apply" if changes_too else "sets them in its configuration"
        yield Finding(
            kind=KINDS["aws-changes-too" if changes_too else "aws-declares-too"],
            cause=f"{gateway.address} {does}.",
            stack=row.stack,
            resource_address=row.resource_address,
            nat_gateway_id=row.nat_gateway_id or "",
        )
