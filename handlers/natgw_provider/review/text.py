"""A review as plain text for a terminal or a log, with colour when asked for.

The same words as the Markdown, without its markup. Nothing is left out, however long it is.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from natgw_provider.review import wording
from natgw_provider.review.escape import visible
from natgw_provider.review.findings import Finding, Severity
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.review import Review, Verdict

_Line = tuple[str, str]
"""A colour, empty for none, and a line."""

_WIDTH: Final = 100
_LONGEST: Final = 2000
_RESET: Final = "\x1b[0m"
_BOLD: Final = "\x1b[1m"
_RED: Final = "\x1b[31m"
_GREEN: Final = "\x1b[32m"
_YELLOW: Final = "\x1b[33m"
_VERDICTS = {Verdict.BLOCKED: _BOLD + _RED, Verdict.DRAINS: _BOLD + _YELLOW, Verdict.NO_DRAIN: _BOLD + _GREEN}
_SEVERITIES = {Severity.ERROR: _RED, Severity.WARNING: _YELLOW, Severity.NOTE: ""}
_DIFF = {"-": _RED, "+": _GREEN, "!": _YELLOW}


def render_text(review: Review, *, colour: bool = False) -> str:
    """Return the review as text, ending with a newline."""
    lines = (f"{style}{line}{_RESET}" if colour and style else line for style, line in _lines(review))
    return "\n".join(lines) + "\n"


def _lines(review: Review) -> Iterator[_Line]:
    target = f" {visible(review.target)}" if review.target else ""
    yield _VERDICTS[review.verdict], f"natgw{target}: {visible(wording.headline(review), _LONGEST)}"
    for line in wording.verdict_lines(review):
        yield from _wrapped(line, "  ")
    kinds = groupby(review.findings, key=lambda finding: finding.kind)
    blocks = [[line for _, group in kinds for line in _kind(tuple(group))]] if review.findings else []
    rows = [list(_row(row, review)) for row in review.changes]
    for block in blocks + rows if review.verdict is Verdict.BLOCKED else rows + blocks:
        yield "", ""
        yield from block
    yield "", ""
    yield from _wrapped(visible(wording.others_line(review), _LONGEST), "")
    if review.digest:
        yield "", f"plan {review.digest}"


def _row(row: GatewayChange, review: Review) -> Iterator[_Line]:
    stack = f"{visible(row.stack)}: " if len(review.plans) > 1 and row.stack else ""
    name = f" {visible(row.name)}" if row.name else ""
    fate = f", NAT gateway {row.gateway_fate}" if row.gateway_fate else ""
    yield _BOLD, f"{stack}{visible(wording.gateway(row))}{name}{fate}"
    resources = ", ".join(map(visible, (row.resource_address, *row.more_resource_addresses)))
    yield "", f"  {resources}: {visible(wording.action(row))}"
    for line in wording.address_lines(row):
        yield _DIFF.get(line[0], ""), f"  {line}"
    if len(review.changes) > 1 or review.verdict is Verdict.BLOCKED:
        drains = f"drains for up to {wording.window(row)}; " if row.unassign else ""
        ends = "calls nothing" if row.timeout_seconds == 0 else f"gives up after: {wording.apply_time(row)}"
        yield "", f"  {drains}in service {wording.in_service(row)}; apply {ends}"


def _kind(group: Sequence[Finding]) -> Iterator[_Line]:
    """A kind of finding: each cause, then once what to do about it."""
    kind, first = group[0].kind, group[0]
    is_one = len(group) == 1
    where = f" {visible(first.about)}" if is_one and first.about else ""
    yield _SEVERITIES[kind.severity], f"{kind.severity.value}: {kind.title} ({kind.id}){where}"
    for finding in group:
        about = "" if is_one or not finding.about else f"{visible(finding.about)}: "
        yield from _wrapped(f"{about}{visible(' '.join(finding.cause.split()), _LONGEST)}", "  ")
    yield from _wrapped(kind.fix, "  ")


def _wrapped(text: str, indent: str) -> Iterator[_Line]:
    wrapped = textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    return (("", line) for line in wrapped)
