"""What the review's tests share: the plans that real Terraform made, and reviews of them."""

from __future__ import annotations

import copy
import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from natgw_provider.review.findings import Finding
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.judging import Limits
from natgw_provider.review.plan_document import PlanDocument, parse_events, parse_plan
from natgw_provider.review.review import Review, review_plans

HERE = Path(__file__).parent
PLANS = HERE / "plans"
NAMES = tuple(sorted(path.stem for path in PLANS.glob("*.json")))


def gateway_id(number: int) -> str:
    """Return the id of the gateway in subnet 10.0.NUMBER.0/24."""
    return f"nat-0{hashlib.sha256(bytes([number])).hexdigest()[:16]}"


def plan_text(name: str) -> str:
    """Return a plan's JSON."""
    return (PLANS / f"{name}.json").read_text(encoding="utf-8")


def plain_plan(name: str) -> dict[str, Any]:
    """Return a plan as JSON values, to be changed at will."""
    plain: dict[str, Any] = json.loads(plan_text(name))
    return plain


def plan_of(plain: dict[str, Any], stack: str = "stack") -> PlanDocument:
    """Return the plan that JSON values hold."""
    return parse_plan(json.dumps(plain), stack)


@functools.cache
def review_of(name: str) -> Review:
    """Return the review of one of the plans."""
    return review_plans([plan_of(plain_plan(name), name)])


def review_plain(plain: dict[str, Any], limits: Limits | None = None) -> Review:
    """Return the review of JSON values."""
    return review_plans([plan_of(plain)], limits=limits)


def reported(severity: str, summary: str, detail: str, address: str) -> list[Finding]:
    """Return what a review gets to know from Terraform's event stream of a diagnostic."""
    diagnostic = {"severity": severity, "summary": summary, "detail": detail, "address": address}
    return list(parse_events(json.dumps({"type": "diagnostic", "diagnostic": diagnostic}), "events"))


def rows_of(review: Review, resource: str) -> list[GatewayChange]:
    """Return the rows of a resource by its name."""
    return [row for row in review.changes if row.resource_address == f"natgw_secondary_private_ips.{resource}"]


def row_of(name: str, resource: str) -> GatewayChange:
    """Return the only row of a resource in one of the plans."""
    (row,) = rows_of(review_of(name), resource)
    return row


def change_of(plain: dict[str, Any], resource: str) -> dict[str, Any]:
    """Return the change of one of our resources in a plan, to be changed at will."""
    address = f"natgw_secondary_private_ips.{resource}"
    found: dict[str, Any] = next(one for one in plain["resource_changes"] if one["address"] == address)
    return found


def only(plain: dict[str, Any], *resources: str) -> dict[str, Any]:
    """Return a plan with only these of our resources, and none of other providers."""
    plain["resource_changes"] = [change_of(plain, name) for name in resources]
    return plain


def many(count: int) -> dict[str, Any]:
    """Return a plan that drains `count` gateways: a real one, its change repeated with other names and ids."""
    plain = only(plain_plan("swap"), "swap")
    (real,) = plain["resource_changes"]
    plain["resource_changes"] = [_renamed(real, number) for number in range(count)]
    return plain


def _renamed(change: dict[str, Any], number: int) -> dict[str, Any]:
    renamed = copy.deepcopy(change)
    renamed["address"] = f'module.network["eu-{number}"].natgw_secondary_private_ips.this'
    for side in ("before", "after"):
        renamed["change"][side] |= {"nat_gateway_id": f"nat-{number:017x}", "id": f"nat-{number:017x}"}
    return renamed


def finding_ids(review: Review) -> set[str]:
    """Return the ids of a review's findings."""
    return {finding.kind.id for finding in review.findings}
