"""Fuzz targets of what reads text: plans, events and limits for the review; addresses, subnets and durations."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from ipaddress import IPv4Address
from typing import Any

from fuzz.target import Target
from natgw_provider.core.addresses import canonical_address, check_addresses, check_in_subnet
from natgw_provider.core.durations import format_seconds, parse_duration
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
        _print_review(parse_plan(data.decode("utf-8", "replace"), "stack"))


def _print_review(document: Any) -> None:
    review = review_plans([document], limits=_LIMITS)
    for text in (render_markdown(review), render_text(review, colour=True), render_json(review)):
        text.encode()
    json.loads(render_json(review))


def events(data: bytes) -> None:
    """Any text as the events of a plan."""
    with suppress(InputError):
        review = review_plans([], limits=_LIMITS, reported=parse_events(data.decode("utf-8", "replace"), "events"))
        render_markdown(review).encode()
        render_text(review, colour=False).encode()


def limits(data: bytes) -> None:
    """Any text as a file of limits."""
    for table in ((), ("tool", "natgw", "review")):
        with suppress(InputError):
            parse_limits(data.decode("utf-8", "replace"), "limits.toml", table)


def texts(data: bytes) -> None:
    """Any text as an address, a list of them, a subnet, a duration."""
    text = data.decode("utf-8", "replace")
    if (canonical := canonical_address(text)) is not None:
        assert str(IPv4Address(canonical)) == canonical == canonical_address(canonical)
    check_addresses(text.split(","))
    with suppress(ValueError):
        assert format_seconds(parse_duration(text))
    with suppress(ValueError):
        check_in_subnet(["10.0.0.21"], text)


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


def _text_seeds() -> list[bytes]:
    return [b"10.0.0.21,010.0.0.21", b"10.0.0.0/24", b"1h15m0.5s", "\u0661s".encode(), b"9" * 400 + b"h", b"::1"]


TARGETS: Sequence[Target] = (
    Target(name="review-plan", run=plan, seeds=_plan_seeds),
    Target(name="review-events", run=events, seeds=_event_seeds),
    Target(name="review-limits", run=limits, seeds=_limit_seeds),
    Target(name="texts", run=texts, seeds=_text_seeds),
)
