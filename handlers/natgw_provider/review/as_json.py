"""A review as JSON for pipelines. Its shape is a contract: `docs/review.schema.json`.

Members are added, never changed or removed, within one major `format_version`; readers pass over what they do not know.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import Any, Final

from natgw_provider import __version__
from natgw_provider.core.limits import connection_capacity
from natgw_provider.review.findings import Finding
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.plan_document import PlanDocument
from natgw_provider.review.review import Review

FORMAT_VERSION: Final = "1.2"

_ADDRESSES: Final = ("kept", "assign", "unassign", "unmanaged", "released", "draining", "primary", "summary")
"""Members that are null where Terraform holds them back."""


def render_json(review: Review) -> str:
    """Return the review as indented JSON, ending with a newline."""
    return json.dumps(to_plain(review), indent=2, ensure_ascii=False) + "\n"


def to_plain(review: Review) -> dict[str, Any]:
    """Return the review as JSON values."""
    return {
        "format_version": FORMAT_VERSION,
        "natgw_version": __version__,
        "verdict": review.verdict.value,
        "digest": review.digest,
        "target": review.target,
        "head": review.head,
        "run_url": review.run_url,
        "limits": dict(review.limits),
        "totals": asdict(review.totals),
        "plans": [_plan(plan, digest) for plan, digest in zip(review.plans, review.digests, strict=True)],
        "gateways": [_gateway(row) for row in review.changes],
        "findings": [_finding(finding) for finding in review.findings],
    }


def _plan(plan: PlanDocument, digest: str) -> dict[str, Any]:
    counted = Counter(" and ".join(change.actions) for change in plan.others)
    return {
        "stack": plan.stack,
        "digest": digest,
        "terraform_version": plan.terraform_version,
        "others": dict(sorted(counted.items())),
        "other_resources": [{"address": change.address, "actions": change.actions} for change in plan.others],
    }


def _gateway(row: GatewayChange) -> dict[str, Any]:
    plain: dict[str, Any] = {**asdict(row), "order": row.order or "unknown", "calls": []}
    for moment in ("before", "low", "after"):
        number = plain[f"in_service_{moment}"]
        plain[f"connections_{moment}"] = None if number is None else connection_capacity(number)
    if row.is_sensitive:
        plain.update(dict.fromkeys(_ADDRESSES, None), public_ips={})
    elif row.is_decided and row.summary:
        plain["calls"] = row.summary.split(", then ")
    plain["kept_count"] = None if row.kept is None else len(row.kept)
    plain["unassign_count"] = len(row.unassign)
    return plain


def _finding(finding: Finding) -> dict[str, str]:
    return {
        "id": finding.kind.id,
        "severity": finding.kind.severity.value,
        "title": finding.kind.title,
        "cause": finding.cause,
        "fix": finding.kind.fix,
        "stack": finding.stack,
        "resource_address": finding.resource_address,
        "nat_gateway_id": finding.nat_gateway_id,
    }
