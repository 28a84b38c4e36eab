"""A review as JSON for pipelines. Its shape is a contract: `docs/review.schema.json`.

Members are added, never changed or removed, within one major `format_version`; readers pass over what they do not know.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, Final

from natgw_provider import __version__
from natgw_provider.core.capacity import connection_capacity
from natgw_provider.review import call_order
from natgw_provider.review.findings import Finding
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.review import Review
from natgw_provider.review.totals import Totals

FORMAT_VERSION: Final = "1.0"


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
        "limits": review.limits.given(),
        "totals": _totals(review.totals),
        "plans": [asdict(plan) for plan in review.plans],
        "gateways": [_gateway(change) for change in review.changes],
        "findings": [_finding(finding) for finding in review.findings],
    }


def _totals(totals: Totals) -> dict[str, Any]:
    return {name: getattr(totals, name) for name in Totals.__dataclass_fields__ if name != "weakest"}


def _gateway(change: GatewayChange) -> dict[str, Any]:
    plain: dict[str, Any] = {**asdict(change), "calls": call_order.calls(change)}
    for name in ("before", "low", "after"):
        number = plain[f"in_service_{name}"]
        plain[f"connections_{name}"] = None if number is None else connection_capacity(number)
    if change.is_sensitive:
        plain.update(dict.fromkeys(_ADDRESSES, None))
    plain["kept_count"] = None if change.kept is None else len(change.kept)
    plain["unassign_count"] = len(change.unassign)
    return plain


_ADDRESSES = ("kept", "assign", "unassign", "unmanaged", "draining", "primary", "summary")
"""Members that are null where Terraform holds them back."""


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
