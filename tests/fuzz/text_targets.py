"""Fuzz targets of what the review reads: plans, events and limits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from fuzz.target import Target
from natgw_provider.review.as_json import render_json
from natgw_provider.review.judging import parse_limits
from natgw_provider.review.markdown import render_markdown
from natgw_provider.review.plan_document import InputError, parse_events, parse_plan
from natgw_provider.review.review import review_plans
from natgw_provider.review.text import render_text
from review.plans_and_reviews import NAMES, PLANS, plain_plan

_LIMITS = {"max_window_seconds": 60, "min_in_service": 2, "max_drained_percent": 50}


def plan(data: bytes) -> None:
    """Any text as a plan: it is reviewed and can be printed in every format, or it is called what it is."""
    with suppress(InputError):
        _print(review_plans([parse_plan(data.decode("utf-8", "replace"), "stack")], limits=_LIMITS))


def events(data: bytes) -> None:
    """Any text as the events of a plan."""
    with suppress(InputError):
        _print(review_plans([], limits=_LIMITS, reported=parse_events(data.decode("utf-8", "replace"), "events")))


def _print(review: Any) -> None:
    for text in (render_markdown(review), render_text(review, colour=True), render_json(review)):
        text.encode()
    json.loads(render_json(review))


def limits(data: bytes) -> None:
    """Any text as a file of limits."""
    for table in ((), ("tool", "natgw", "review")):
        with suppress(InputError):
            parse_limits(data.decode("utf-8", "replace"), "limits.toml", table)


def _plan_seeds() -> list[bytes]:
    """Return plans of one resource each: a fuzzer gets nowhere with big ones."""
    seeds = []
    for name in NAMES:
        whole = plain_plan(name)
        for change in whole.get("resource_changes", ())[:6]:
            drift = [entry for entry in whole.get("resource_drift", ()) if entry["address"] == change["address"]]
            small = {"format_version": "1.2", "resource_changes": [change], "resource_drift": drift}
            seeds.append(json.dumps(small).encode())
    return [*dict.fromkeys(seeds), b'{"@level": 1}', b"PK", b"[" * 5000]


def _event_seeds() -> list[bytes]:
    lines = (PLANS / "errored.events.jsonl").read_bytes().splitlines()
    return [*lines, b"{", b"{" * 5000, b'{"type":"diagnostic"}']


def _limit_seeds() -> list[bytes]:
    return [
        b"max_window_seconds = 60\nmin_in_service = 2\nmax_drained_percent = 50\n",
        b"[tool.natgw.review]\nmin_in_service = 2\n",
        b"tool.natgw = 1",
        b"a = " + b"[" * 5000,
    ]


TARGETS: Sequence[Target] = (
    Target(name="review-plan", run=plan, seeds=_plan_seeds),
    Target(name="review-events", run=events, seeds=_event_seeds),
    Target(name="review-limits", run=limits, seeds=_limit_seeds),
)
