"""A review as a Markdown comment: GitHub's flavour, which GitLab shows too, and readable as plain text.

The verdict comes first and is always complete. A comment that would be too long leaves out addresses before rows, and
says how many. Everything from outside goes through `escape`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import groupby
from typing import Final

from natgw_provider import __version__
from natgw_provider.review import wording
from natgw_provider.review.escape import code, comment_value, fence, prose, visible
from natgw_provider.review.findings import Finding, Severity, counted
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.review import Review, Verdict

MARKER: Final = "natgw-review"
"""Name of the hidden first line."""

MARKER_SCHEMA: Final = 1
LONGEST: Final = 60_000
"""Characters of a comment; GitHub takes 65,536, and the caller may add a line."""

_SIZES: Final = (
    *((1000, addresses) for addresses in (1000, 300, 100, 30, 0)),
    *((rows, 0) for rows in (500, 300, 200, 150, 100, 50, 25, 10, 5, 2)),
)
"""Rows of the table, and rows whose addresses are listed, from the longest comment to the shortest."""

_OPEN_ROWS: Final = 5
"""Rows whose addresses are shown without unfolding them."""

_FINDINGS_PER_KIND: Final = 5
_HEAD: Final = (
    "| NAT gateway | Addresses | Drains for up to | In service:<br>before → low → after | Apply gives up after |"
)
_ALERTS = {Verdict.BLOCKED: "CAUTION", Verdict.DRAINS: "WARNING", Verdict.NO_DRAIN: "NOTE"}
_SIGNS = {Severity.ERROR: "⛔", Severity.WARNING: "⚠️", Severity.NOTE: "ℹ️"}  # noqa: RUF001 - the information sign is meant


def render_markdown(review: Review) -> str:
    """Return the comment, with at most `LONGEST` characters, ending with a newline."""
    for rows, addresses in _SIZES:
        text = _render(review, rows, addresses)
        if len(text) <= LONGEST:
            break
    return text


def marker(review: Review) -> str:
    """Return the hidden first line, by which a comment is found again: JSON in an HTML comment."""
    shown = {"schema": MARKER_SCHEMA, "target": review.target, "head": review.head, "digest": review.digest}
    return f"<!-- {MARKER}: {comment_value(json.dumps(shown))} -->"


def _render(review: Review, rows: int, addresses: int) -> str:
    most = min(rows, _FINDINGS_PER_KIND)
    is_blocked = review.verdict is Verdict.BLOCKED
    changes = [_table(review, rows), _addresses(review, addresses, is_folded=is_blocked)]
    blocks = [
        f"{marker(review)}\n## {_title(review)}",
        _alert(review, most),
        *([] if is_blocked else changes),
        _findings(review, most),
        *([_folded("What this plan would do", changes)] if is_blocked else []),
        _footer(review),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _title(review: Review) -> str:
    target = f" {code(review.target)}" if review.target else ""
    return f"natgw{target}: {prose(wording.headline(review), 200)}"


def _alert(review: Review, most: int) -> str:
    """What the verdict means: the first errors in full, or what is cut and how far capacity falls."""
    lines = [f"- {prose(line)}" for line in wording.verdict_lines(review)]
    if review.verdict is Verdict.BLOCKED:
        lines = _kind(wording.first_errors(review), most, sign="")
    return "\n".join(f"> {line}" for line in [f"[!{_ALERTS[review.verdict]}]", *lines]) if lines else ""


def _table(review: Review, rows: int) -> str:
    """The rows. A single row is shown only when the plan is blocked: otherwise the alert has all of it."""
    shown, left_out = review.changes[:rows], len(review.changes[rows:])
    if not shown or (len(review.changes) == 1 and review.verdict is not Verdict.BLOCKED):
        return ""
    lines = [_HEAD, "|---|---|---|---|---|", *(_row(row, several=len(review.plans) > 1) for row in shown)]
    if left_out:
        lines.append(f"| … and {counted(left_out, 'more row', 'more rows')} | | | | |")
    return "\n".join(lines)


def _row(row: GatewayChange, *, several: bool) -> str:
    title = f"**{code(row.name)}** " if row.name else ""
    stack = f"{code(row.stack)} " if several and row.stack else ""
    fate = f", **NAT gateway {row.gateway_fate}**" if row.gateway_fate else ""
    resource = f"{stack}{code(row.resource_address)}{wording.more_resources(row)} {prose(wording.action(row))}"
    cells = (
        f"{title}{code(wording.gateway(row))}{fate}<br>{resource}",
        wording.counts(row).replace(", ", "<br>"),
        wording.window(row),
        wording.in_service(row),
        wording.apply_time(row),
    )
    return f"| {' | '.join(cells)} |"


def _addresses(review: Review, rows: int, *, is_folded: bool) -> str:
    """Every address of the rows as a diff, folded where the rows are many."""
    shown, left_out = review.changes[:rows], len(review.changes[rows:])
    if not shown:
        return ""
    lines: list[str] = []
    for row in shown:
        name = f" {row.name}" if row.name else ""
        resource = f"{row.resource_address}{wording.more_resources(row)}"
        lines.append(visible(f"@@ {wording.gateway(row)}{name} @@ {resource}: {wording.action(row)}"))
        lines.extend(wording.address_lines(row))
    if left_out:
        lines.append(f"@@ and {counted(left_out, 'more row', 'more rows')} @@")
    block = fence(lines, "diff")
    return block if is_folded or len(shown) <= _OPEN_ROWS else _folded("Addresses", [block])


def _folded(title: str, blocks: Sequence[str]) -> str:
    body = "\n\n".join(block for block in blocks if block)
    return f"<details>\n<summary>{title}</summary>\n\n{body}\n\n</details>" if body else ""


def _findings(review: Review, most: int) -> str:
    """The findings by kind, without the errors that the alert shows."""
    shown = wording.first_errors(review)
    rest = (finding for finding in review.findings if finding not in shown)
    lines: list[str] = []
    for _, group in groupby(rest, key=lambda finding: finding.kind):
        found = tuple(group)
        first, *items = _kind(found, most, sign=f"{_SIGNS[found[0].kind.severity]} ")
        lines += [f"- {first}", *(f"  {item}" for item in items)]
    return "\n".join(["### Findings", "", *lines]) if lines else ""


def _kind(group: Sequence[Finding], most: int, *, sign: str) -> list[str]:
    """A kind of finding with what to do about it, then each cause."""
    kind = group[0].kind
    lines = [f"{sign}**{kind.title}** (`{kind.id}`). {prose(kind.fix)}"]
    abouts = (f"{code(finding.about)}: " if finding.about else "" for finding in group)
    items = dict.fromkeys(f"- {about}{prose(one.cause)}" for about, one in zip(abouts, group, strict=True))
    lines += list(items)[:most]
    if len(items) > most:
        lines.append(f"- … and {len(items) - most:,} more")
    return lines


def _footer(review: Review) -> str:
    lines = [prose(line, 2000) for line in (wording.others_line(review),) if line]
    if review.totals.gateways_unchanged:
        lines.append(f"{counted(review.totals.gateways_unchanged, 'gateway stays', 'gateways stay')} as declared.")
    parts = [f"natgw {__version__}"]
    parts += [f"plan `{review.digest}`"] if review.digest else []
    parts += [f"commit {code(review.head)}"] if review.head else []
    parts += [f"[run]({review.run_url})"] if review.run_url else []
    if review.limits:
        parts.append("limits " + ", ".join(f"{name} {value}" for name, value in review.limits.items()))
    return "\n\n".join(["---", *([" ".join(lines)] if lines else []), " · ".join(parts)])
