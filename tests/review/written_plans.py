"""Entries of plans for tests of many small variations, written by hand after those that Terraform makes."""

from __future__ import annotations

from typing import Any

from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS
from review.plans_and_reviews import gateway_id

GATEWAY, OTHER = gateway_id(1), gateway_id(2)
ONE, TWO, THREE = (f"eipalloc-0000000000000000{digit}" for digit in "123")
SETTINGS = {"max_drain_duration_seconds": 350, "wait_for_drain": True, "timeouts": None}
NOTHING = {"summary": "nothing", "assign": "none", "unassign": "none", "drain": "none"}

Change = dict[str, Any]


def change(address: str, *actions: str, before: Change | None = None, after: Change | None = None) -> Change:
    """Return an entry of `resource_changes`."""
    kind = address.partition(".")[0]
    return {
        "address": address,
        "mode": "managed",
        "type": kind,
        "change": {"actions": list(actions), "before": before, "after": after},
    }


def single(name: str, *actions: str, ip: str = "", gateway: str | None = GATEWAY, **more: Any) -> Change:
    """Return the change of a resource of one address, whose `last_change` says nothing of the rest of its gateway."""
    address = ip or f"10.0.1.{name.removeprefix('ip')}"
    kind = ELASTIC_IPS if address.startswith("eipalloc-") else PRIVATE_IPS
    held = {**SETTINGS, "nat_gateway_id": gateway, kind.single_argument: address, "last_change": None, **more}
    last = {**NOTHING, "summary": f"{kind.add.base} {address}", "assign": address}
    planned = held | {"last_change": last}
    before = None if actions == ("create",) else held
    after = None if actions == ("delete",) else planned if "create" in actions else held
    return change(f"{kind.single_type}.{name}", *actions, before=before, after=after)


def elastic_set(wanted: list[str], *, was: list[str], now: int = 3, **last_change: str) -> Change:
    """Return the update of a set of Elastic IPs."""
    held = {**SETTINGS, "nat_gateway_id": GATEWAY, "primary_allocation_id": THREE, "draining_allocation_ids": []}
    last = NOTHING | {"in_service": f"{now} now, {now} at the lowest, {now} after"} | last_change
    return change(
        f"{ELASTIC_IPS.resource_type}.egress",
        "update",
        before=held | {"allocation_ids": was, "last_change": None},
        after=held | {"allocation_ids": wanted, "last_change": last},
    )
