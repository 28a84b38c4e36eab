"""The formats: golden files, form and size of the comment, and the published schema of the JSON."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import fastjsonschema
import pytest

from natgw_provider.review.as_json import render_json, to_plain
from natgw_provider.review.markdown import LONGEST, render_markdown
from natgw_provider.review.review import Review, review_plans
from natgw_provider.review.text import render_text
from review.plans_and_reviews import HERE, NAMES, many, plain_plan, plan_of, reported, review_of, review_plain
from review.rendered import render
from review.written_plans import ONE, TWO, elastic_set, single

GOLDEN = HERE / "golden"
SCHEMA: dict[str, Any] = json.loads((HERE.parents[1] / "docs" / "review.schema.json").read_text(encoding="utf-8"))
RENDERERS = {"md": render_markdown, "txt": render_text, "json": render_json}


def _compare(path: Path, written: str) -> None:
    """Hold a text against its golden file; NATGW_UPDATE_GOLDEN=1 writes it instead."""
    if os.environ.get("NATGW_UPDATE_GOLDEN"):
        path.write_text(written, encoding="utf-8")
    assert written == path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "file",
    [
        *("swap.md", "swap.json", "kinds.md", "managed-twice.md", "move.md", "gateway-unknown.md"),
        *(f"{name}.txt" for name in NAMES),
    ],
)
def test_a_plan_is_reviewed_as_the_golden_file_shows(file: str) -> None:
    name, form = file.split(".")
    _compare(GOLDEN / file, RENDERERS[form](review_of(name)))


def test_several_stacks_are_reviewed_in_one_comment_as_the_golden_file_says() -> None:
    plans = [plan_of(plain_plan(name), name) for name in ("swap", "none")]
    review = review_plans(plans, limits={"min_in_service": 4}, target="prod", head="0123abc")
    _compare(GOLDEN / "stacks.md", render_markdown(review))


@pytest.mark.parametrize(("name", "alerts"), [("managed-twice", ["CAUTION"]), ("swap", ["WARNING"]), ("none", [])])
def test_the_alert_follows_the_verdict_and_is_absent_where_it_would_say_nothing(name: str, alerts: list[str]) -> None:
    assert re.findall(r"\[!(\w+)\]", render_markdown(review_of(name))) == alerts


@pytest.mark.parametrize("name", NAMES)
def test_the_first_line_is_the_marker_and_the_verdict_comes_next(name: str) -> None:
    review = review_of(name)
    first, second = render_markdown(review).splitlines()[:2]
    held = json.loads(first.removeprefix("<!-- natgw-review: ").removesuffix(" -->"))
    assert held == {"schema": 1, "target": "", "head": "", "digest": review.digest}
    assert second.startswith("## natgw: ")


@pytest.mark.parametrize("name", NAMES)
def test_the_table_has_one_row_for_each_operation_and_is_left_out_for_a_single_one(name: str) -> None:
    review = review_of(name)
    rows = len(review.changes)
    assert render(render_markdown(review)).cells == ([5] * (rows + 1) if rows > 1 else [])


@pytest.fixture(scope="module")
def large() -> Review:
    return review_plain(many(500), {"min_in_service": 1})


def test_five_hundred_gateways_fit_and_nothing_that_counts_is_cut(large: Review) -> None:
    text = render_markdown(large)
    assert len(text) < LONGEST
    assert "500 gateways drain 1,500 addresses for up to 350 s (5 min 50 s)" in text.splitlines()[1]
    assert re.search(r"… and [23]\d\d more rows", text)
    assert large.digest in text
    assert render(text).cells


def test_text_and_json_leave_nothing_out(large: Review) -> None:
    assert len(re.findall(r"^  - 10\.0\.1\.", render_text(large), re.MULTILINE)) == 1500
    assert len(to_plain(large)["gateways"]) == 500


def test_long_names_of_many_gateways_fit_too() -> None:
    plain = many(500)
    for change in plain["resource_changes"]:
        change["address"] = change["address"] + "|`<" * 200
    assert len(render_markdown(review_plain(plain))) < LONGEST


def test_colour_is_there_when_asked_for_only() -> None:
    review = review_of("swap")
    assert "\x1b[" in render_text(review, colour=True)
    assert "\x1b[" not in render_text(review)
    assert re.sub(r"\x1b\[\d+m", "", render_text(review, colour=True)) == render_text(review)


def _complete(schema: Any) -> Any:
    """Return a schema that also refuses members which are left out or not described: natgw writes neither."""
    if isinstance(schema, list):
        return [_complete(it) for it in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _complete(it) for name, it in schema.items()}
    if "required" in schema:
        made |= {"required": list(schema["properties"]), "additionalProperties": False}
    return made


@pytest.fixture(scope="module", params=[False, True], ids=["as published", "complete"])
def validate(request: pytest.FixtureRequest) -> Any:
    return fastjsonschema.compile(_complete(SCHEMA) if request.param else SCHEMA)


@pytest.mark.parametrize("name", NAMES)
def test_json_keeps_to_the_published_schema_which_describes_every_member(validate: Any, name: str) -> None:
    validate(json.loads(render_json(review_of(name))))


def test_json_of_every_kind_of_address_and_of_events_alone_keeps_to_the_schema_too(validate: Any) -> None:
    single_addresses = [single("ip21", "delete"), single("ip22", "create"), single("elastic", "delete", ip=ONE)]
    changes = [elastic_set([ONE], was=[ONE, TWO]), *single_addresses]
    validate(to_plain(review_plain({"format_version": "1.2", "resource_changes": changes})))
    validate(to_plain(review_plans([], reported=reported("error", "No", "why", "a.b"))))
