"""A review as a Markdown comment: GitHub's flavour, fine on GitLab, readable as it stands in a terminal or an e-mail.

The verdict comes first and is never cut. When a comment would get too long, it shows fewer gateways and says how many
are left out; everything from outside goes through `escape`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from natgw_provider import __version__
from natgw_provider.review import call_order, sentences, shown
from natgw_provider.review.escape import code, comment_value, fence, prose, visible
from natgw_provider.review.findings import Finding, Severity
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.review import Review, Verdict
from natgw_provider.review.wording import counted

MARKER: Final = "natgw-review"
"""Name of the hidden first line."""

MARKER_SCHEMA: Final = 1
LONGEST: Final = 60_000
"""Characters of a comment; GitHub takes 65,536, and the one who posts it may add a line."""

_ROWS_TRIED: Final = (500, 200, 100, 50, 25, 10, 5, 2)
_FINDINGS_PER_KIND: Final = 5
_HEAD: Final = (
    "| NAT gateway | Addresses | Drain window | Before → low → after:<br>in service, connections to each destination "
    "| Apply, at most |"
)
_ALERTS = {Verdict.BLOCKED: "CAUTION", Verdict.DRAINS: "WARNING", Verdict.NO_DRAIN: "NOTE"}
_SIGNS = {Severity.ERROR: "⛔", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}  # noqa: RUF001 - the information sign is meant


def render_markdown(review: Review) -> str:
    """Return the comment, with at most `LONGEST` characters, ending with a newline."""
    for rows in _ROWS_TRIED:
        text = _render(review, rows)
        if len(text) <= LONGEST:
            break
    return text


def marker(review: Review) -> str:
    """Return the hidden first line, by which a comment is found again: JSON in an HTML comment."""
    held = {"schema": MARKER_SCHEMA, "target": review.target, "head": review.head, "digest": review.digest}
    return f"<!-- {MARKER}: {comment_value(json.dumps(held))} -->"


def _render(review: Review, rows: int) -> str:
    changes = review.changes[:rows]
    left_out = len(review.changes) - len(changes)
    blocks = [
        f"{marker(review)}\n## {_title(review)}",
        _alert(review),
        _table(changes, left_out, several=len(review.plans) > 1),
        _addresses(changes, left_out),
        _findings(review, min(rows, _FINDINGS_PER_KIND)),
        _folded(review, changes, left_out),
        _footer(review),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _title(review: Review) -> str:
    target = f" {code(review.target)}" if review.target else ""
    return f"natgw{target}: {sentences.headline(review)}"


def _alert(review: Review) -> str:
    lines = sentences.verdict_lines(review)
    first = [f"> [!{_ALERTS[review.verdict]}]"]
    return "\n".join(first + [f"> - {prose(line)}" for line in lines]) if lines else ""


def _table(changes: Sequence[GatewayChange], left_out: int, *, several: bool) -> str:
    if not changes:
        return ""
    lines = [_HEAD, "|---|---|---|---|---|", *(_row(change, several=several) for change in changes)]
    if left_out:
        lines.append(f"| … and {counted(left_out, 'more row', 'more rows')} | | | | |")
    return "\n".join(lines)


def _row(change: GatewayChange, *, several: bool) -> str:
    title = f"**{code(change.name)}**<br>" if change.name else ""
    stack = f"{code(change.stack)} " if several and change.stack else ""
    fate = f" **NAT gateway {change.gateway_fate}**" if change.gateway_fate else ""
    window = sentences.window(change) or "none"
    cells = (
        f"{title}{code(shown.gateway(change))}{fate}<br>{stack}{code(change.resource_address)} {shown.action(change)}",
        shown.counts(change).replace(", ", "<br>"),
        f"{window},<br>{sentences.EARLIER}" if change.window_seconds is not None else window,
        f"{sentences.in_service(change)}<br>{sentences.capacity(change)}",
        sentences.apply_time(change),
    )
    return f"| {' | '.join(cells)} |"


def _addresses(changes: Sequence[GatewayChange], left_out: int) -> str:
    if not changes:
        return ""
    lines: list[str] = []
    for change in changes:
        name = f" {change.name}" if change.name else ""
        lines.append(visible(f"@@ {shown.gateway(change)}{name} @@ {change.resource_address}: {shown.action(change)}"))
        lines.extend(shown.address_lines(change))
    if left_out:
        lines.append(f"@@ and {counted(left_out, 'more row', 'more rows')} @@")
    return fence(lines, "diff")


def _findings(review: Review, most: int) -> str:
    grouped = groupby(review.findings, key=lambda finding: finding.kind.id)
    parts = [_kind(tuple(group), most) for _, group in grouped]
    return "\n".join(["### Findings", "", *parts]) if parts else ""


def _kind(group: tuple[Finding, ...], most: int) -> str:
    kind = group[0].kind
    lines = [f"- {_SIGNS[kind.severity]} **{kind.title}** (`{kind.id}`). {prose(kind.fix)}"]
    for finding in group[:most]:
        about = finding.nat_gateway_id or finding.resource_address
        lines.append(f"  - {code(about) + ': ' if about else ''}{prose(finding.cause)}")
    if len(group) > most:
        lines.append(f"  - … and {len(group) - most:,} more")
    return "\n".join(lines)


def _folded(review: Review, changes: Sequence[GatewayChange], left_out: int) -> str:
    parts = [text for change in changes if (text := _call_order(change))]
    if not parts:
        return ""
    chart = call_order.timeline(review.changes)
    if chart:
        parts.append(fence(chart, "mermaid"))
    if left_out:
        parts.append(f"… and {counted(left_out, 'more row', 'more rows')}")
    body = "\n\n".join(parts)
    return f"<details>\n<summary>Call order and timeline</summary>\n\n{body}\n\n</details>"


def _call_order(change: GatewayChange) -> str:
    steps = call_order.calls(change)
    if not steps:
        return ""
    title = f"{code(shown.gateway(change))}, {call_order.why(change.order)}:"
    return "\n".join([title, "", *(f"{number}. {prose(step)}" for number, step in enumerate(steps, 1))])


def _footer(review: Review) -> str:
    parts = [f"natgw {__version__}"]
    parts += [f"plan `{review.digest}`"] if review.digest else []
    parts += [f"commit {code(review.head)}"] if review.head else []
    if review.limits.given():
        parts.append("limits " + ", ".join(f"{name} {value}" for name, value in review.limits.given().items()))
    lines = [prose(line) for line in (sentences.others_line(review),) if line]
    if review.totals.gateways_unchanged:
        lines.append(f"{counted(review.totals.gateways_unchanged, 'gateway stays', 'gateways stay')} as declared.")
    return "\n\n".join(["---", *([" ".join(lines)] if lines else []), " · ".join(parts)])
