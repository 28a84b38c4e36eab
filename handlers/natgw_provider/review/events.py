"""Diagnostics from the stream that `terraform plan -json` prints: errors, and warnings about our resources.

A plan that failed may have no plan file, so the errors of this stream may be all that there is to review. Nothing else
of it can stand for a plan: what drains is told by a warning only, and a stream may end anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from natgw_provider.core import names
from natgw_provider.review.reading import Values, expect

_ABOUT_DRAINS: Final = (" drains ", ": addresses known only after apply")
"""Parts of the provider's own warnings whose content the review shows in its table."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One diagnostic; `resource_address` is empty when it is about no resource."""

    is_error: bool
    summary: str
    detail: str
    resource_address: str


def parse_events(text: str, name: str) -> tuple[Diagnostic, ...]:
    """Return the diagnostics a reviewer has to see, each once, in the order they came.

    Lines that are not JSON are passed over: wrappers mix their own output in. Raises InputError for a diagnostic of
    another shape than Terraform writes.
    """
    found = (_diagnostic(event) for event in _events(text, name))
    return tuple(dict.fromkeys(diagnostic for diagnostic in found if _is_shown(diagnostic)))


def _events(text: str, name: str) -> Iterator[Values]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("{"):
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if event.get("type") == "diagnostic":
            where = f"{name}, line {number}"
            yield Values(where, expect(dict, event.get("diagnostic"), f"{where}: diagnostic"))


def _diagnostic(event: Values) -> Diagnostic:
    return Diagnostic(
        is_error=event.text("severity") == "error",
        summary=event.text("summary") or "",
        detail=event.text("detail") or "",
        resource_address=event.text("address") or "",
    )


def _is_shown(diagnostic: Diagnostic) -> bool:
    if diagnostic.is_error:
        return True
    ours = f"{names.RESOURCE_TYPE}." in diagnostic.resource_address
    return ours and not any(part in diagnostic.summary for part in _ABOUT_DRAINS)
