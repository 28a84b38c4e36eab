"""The digest of a plan: equal when the same will be done to the same gateways, whoever made the plan and when.

It covers, of each resource of ours that changes: its address, what Terraform does with it, the gateway, the addresses
kept, assigned and drained, the order, the window, whether apply waits, the numbers in service and the timeout; of each
NAT gateway resource its fate; of every other resource only its address and the actions on it. Left out is what differs
between two plans of the same change: time stamps, versions, names of stacks and files, tags, who added an address, what
drains already.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from natgw_provider.core import names
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.plan_document import PlanDocument, ResourceChange
from natgw_provider.review.reading import InputError

_VERSION: Final = 1
_PREFIX: Final = "sha256:"
_DIGEST: Final = re.compile(_PREFIX + "[0-9a-f]{64}")
_COVERED: Final = (
    "resource_address",
    "action",
    "is_replacement",
    "nat_gateway_id",
    "is_decided",
    "kept",
    "assign",
    "assign_count",
    "unassign",
    "order",
    "window_seconds",
    "waits",
    "in_service_before",
    "in_service_low",
    "in_service_after",
    "timeout_seconds",
    "gateway_fate",
)
"""Fields of a row that the digest covers."""


def plan_digest(plan: PlanDocument, changes: Iterable[GatewayChange]) -> str:
    """Return the digest of one plan, `sha256:` and 64 hexadecimal digits; `changes` are the plan's rows."""
    covered: dict[str, Any] = {
        "version": _VERSION,
        "errored": plan.is_errored,
        "gateways": [{name: getattr(row, name) for name in _COVERED} for row in changes if row.does_something],
        "others": [[change.address, *change.actions] for change in other_changes(plan)],
    }
    return _hash(json.dumps(covered, sort_keys=True, separators=(",", ":")))


def combined_digest(digests: Sequence[str]) -> str:
    """Return the digest of several plans, in whatever order they are given; of one plan it is that plan's own."""
    return digests[0] if len(digests) == 1 else _hash("\n".join(sorted(digests)))


def parse_digest(text: str) -> str:
    """Return a digest that somebody gave, in small letters. Raises InputError when it is none, with where one stands.

    A shortened digest is none: it must not look as if another plan had been reviewed.
    """
    digest = text.lower()
    if not _DIGEST.fullmatch(digest):
        raise InputError(
            f"{text!r} is not a digest: {_PREFIX} and 64 hex digits. It stands in the last line of the comment, "
            "and as `digest` in the JSON."
        )
    return digest


def other_changes(plan: PlanDocument) -> tuple[ResourceChange, ...]:
    """Return what the plan does to resources that are not ours."""
    return tuple(change for change in plan.changes if change.type != names.RESOURCE_TYPE and not change.is_no_op)


def _hash(text: str) -> str:
    return _PREFIX + hashlib.sha256(text.encode()).hexdigest()
