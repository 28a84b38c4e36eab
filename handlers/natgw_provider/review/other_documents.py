"""What a JSON document is that was given as a plan and is none: other commands write `format_version` too.

Without this a state, or the answer of `terraform validate -json`, would read like a plan that changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

_PLANNED: Final = ("planned_values", "resource_changes")
"""Members that plans alone have. Every plan has the first; the second is left out when no resource is there, and is
enough, because people cut down plans to it."""

_NAMELESS: Final = "`terraform show -json` without a plan's name"
_KINDS: Final = (
    (("values",), "a state", _NAMELESS),
    (("serial", "lineage"), "a state file", "Terraform's backend"),
    (("valid",), "a validation", "`terraform validate -json`"),
    (("provider_schemas",), "the schemas of providers", "`terraform providers schema -json`"),
    (("function_signatures",), "a list of functions", "`terraform metadata functions -json`"),
    (("terraform_version", "platform"), "a version", "`terraform version -json`"),
    (("natgw_version", "verdict"), "a review", "`natgw review --format json`"),
)
"""Members that tell a document, what it is, and what writes it."""


def other_kind(document: Mapping[str, Any]) -> str:
    """Return in words what a document is, and where it comes from; empty for a plan, and for what is not known."""
    if _is_plan(document):
        return ""
    for members, what, writer in _KINDS:
        if all(member in document for member in members):
            return f"is {what}, not a plan: it comes from {writer}"
    return ""


def lack_of_a_plan(document: Mapping[str, Any]) -> str:
    """Return in words what a document lacks to be a plan; empty for a plan."""
    if _is_plan(document):
        return ""
    if set(document) == {"format_version"}:
        return f"holds nothing but a format_version, so it is no plan: {_NAMELESS} writes that"
    return f"holds neither {' nor '.join(_PLANNED)}, so it is no plan"


def _is_plan(document: Mapping[str, Any]) -> bool:
    return any(document.get(member) is not None for member in _PLANNED)
