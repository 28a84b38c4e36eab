"""A review as plain text for a terminal or a log, with colour when asked for.

The same words as the Markdown, without its markup; nothing is left out, however long.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import Final

from natgw_provider.review import call_order, sentences, shown
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
    yield _VERDICTS[review.verdict], f"natgw{target}: {sentences.headline(review)}"
    for line in sentences.verdict_lines(review):
        yield from _wrapped(line, "  ")
    for change in review.changes:
        yield "", ""
        yield from _row(change, several=len(review.plans) > 1)
    if review.findings:
        yield "", ""
    for finding in review.findings:
        yield from _finding(finding)
    yield "", ""
    yield from _footer(review)


def _row(change: GatewayChange, *, several: bool) -> Iterator[_Line]:
    stack = f"{visible(change.stack)}: " if several and change.stack else ""
    name = f" {visible(change.name)}" if change.name else ""
    fate = f", NAT gateway {change.gateway_fate}" if change.gateway_fate else ""
    yield _BOLD, f"{stack}{visible(shown.gateway(change))}{name}{fate}"
    yield "", f"  {visible(change.resource_address)}: {shown.action(change)}"
    for line in shown.address_lines(change):
        yield _DIFF.get(line[0], ""), f"  {line}"
    yield (
        "",
        f"  in service {sentences.in_service(change)}, {sentences.capacity(change)} connections to each destination",
    )
    why = f", {call_order.why(change.order)}" if call_order.calls(change) else ""
    yield "", f"  apply, at most: {sentences.apply_time(change)}{why}"
    for number, step in enumerate(call_order.calls(change), 1):
        yield "", f"  {number}. {step}"


def _finding(finding: Finding) -> Iterator[_Line]:
    kind = finding.kind
    about = finding.nat_gateway_id or finding.resource_address
    where = f" {visible(about)}" if about else ""
    yield _SEVERITIES[kind.severity], f"{kind.severity.value}: {kind.title} ({kind.id}){where}"
    yield from _wrapped(visible(" ".join(finding.cause.split()), _LONGEST), "  ")
    yield from _wrapped(kind.fix, "  ")


def _footer(review: Review) -> Iterator[_Line]:
    others = sentences.others_line(review)
    if others:
        yield from _wrapped(visible(others, _LONGEST), "")
    if review.digest:
        yield "", f"plan {review.digest}"


def _wrapped(text: str, indent: str) -> Iterator[_Line]:
    wrapped = textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
    return (("", line) for line in wrapped)
