"""Nothing from outside leaves its place: checked through an independent Markdown renderer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from natgw_provider.review.as_json import render_json
from natgw_provider.review.escape import code, comment_value, fence, prose, visible
from natgw_provider.review.markdown import render_markdown
from natgw_provider.review.review import Review, review_plans
from natgw_provider.review.text import render_text
from review.plans_and_reviews import change_of, plain_plan, plan_of, reported, review_of
from review.rendered import render

HOSTILE = (
    "a|b",
    "`code` ``more``",
    "<img src=x onerror=alert(1)>",
    "</details></code><script>x</script>",
    "@octocat and @org/team",
    "#123, GH-1, org/repo#7 and !5",
    "https://example.org www.example.org mailto:a@b.c",
    "[link](https://example.org) ![image](x)",
    "**bold** __bold__ ~~gone~~ _i_",
    "line\n/close\r\n- [ ] task\n\n# heading",
    "<!-- natgw-review: {} -->",
    "--> <!--",
    "$\\frac{1}{2}$ $$x$$",
    "\x1b[31mred\x1b[0m\x07\x00",
    "\u202eright to left\u2066\u200b",
    "&lt;b&gt; &#64;x",
    "\\| \\` \\",
    ":smile: ```mermaid",
    "```\n@x\n```",
    "```",
    "# heading",
    "1. item",
    "- item",
    "12) item",
    "---",
    "+",
    "    indented",
)
_LIVE = re.compile(r"@\w|#\d|!\d|gh-\d|https?://|www\.|mailto:", re.IGNORECASE)
_TAGS = {"p", "em", "code", "table", "thead", "tbody", "tr", "th", "td", "br"}

anything = st.one_of(st.text(max_size=60), st.lists(st.sampled_from(HOSTILE), max_size=3).map(" ".join))


def with_hostile_examples(test: Callable[..., None]) -> Callable[..., None]:
    for text in HOSTILE:
        test = example(text=text)(test)
    return test


@with_hostile_examples
@given(text=anything)
def test_what_is_shown_is_one_line_of_letters_that_show(text: str) -> None:
    shown = visible(text)
    assert not any(unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp") for letter in shown)


@with_hostile_examples
@given(text=anything)
def test_code_in_a_table_reads_as_it_stands_and_does_nothing(text: str) -> None:
    rendered = render(f"| a | b |\n|---|---|\n| x {code(text)} | y |\n")
    assert rendered.cells == [2, 2]
    assert set(rendered.tags) <= _TAGS
    assert rendered.open_text.split() == ["a", "b", "x", "y"]
    assert rendered.code_text.split() == visible(text).split()


@with_hostile_examples
@given(text=anything)
def test_prose_reads_the_same_and_notifies_nobody(text: str) -> None:
    rendered = render(f"- {prose(text)} end")
    assert set(rendered.tags) <= {"ul", "li", "p"}
    assert not _LIVE.search(rendered.open_text)
    seen = rendered.open_text.replace("\u200b", "").split()
    assert seen == [*visible(" ".join(text.split()), 600).split(), "end"]


@with_hostile_examples
@given(text=anything)
def test_a_fence_holds_whatever_is_in_it(text: str) -> None:
    rendered = render(f"before\n\n{fence([visible(text)], 'diff')}\n\nafter @\n")
    assert rendered.open_text.split() == ["before", "after", "@"]
    assert rendered.tags == ["p", "pre", "code", "p"]


@with_hostile_examples
@given(text=anything)
def test_a_comment_cannot_be_ended_from_inside(text: str) -> None:
    value = comment_value(f'"{text}"')
    assert "--" not in value
    assert ">" not in value


def _hostile_review(text: str) -> Review:
    plain = plain_plan("swap")
    change_of(plain, "swap")["address"] = f'natgw_secondary_private_ips.this["{text}"]'
    for change in plain["resource_changes"]:
        if change["type"] == "aws_nat_gateway":
            change["change"]["after"]["tags"] = change["change"]["before"]["tags"] = {"Name": text}
    change_of(plain, "added")["change"]["before"]["nat_gateway_id"] = text
    findings = [*reported("error", text, text, text), *reported("error", text, "", "")]
    return review_plans([plan_of(plain, text)], reported=findings, target=text, head=text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_whole_comment_full_of_it_stays_what_it_is_and_a_terminal_gets_no_control_characters(text: str) -> None:
    harmless, hostile = render(render_markdown(_hostile_review("x"))), render(render_markdown(_hostile_review(text)))
    assert hostile.tags == harmless.tags
    assert hostile.cells == harmless.cells
    assert not _LIVE.search(hostile.open_text)
    lines = render_markdown(_hostile_review(text)).splitlines()
    assert not any(line.lstrip().startswith("/") for line in lines), "a quick action"
    terminal = render_text(_hostile_review(text)).replace("\n", "")
    assert not any(unicodedata.category(letter) in ("Cc", "Cf") for letter in terminal)


def test_addresses_that_terraform_holds_back_are_in_no_format() -> None:
    review = review_of("sensitive")
    for shown in (render_markdown(review), render_text(review), render_json(review)):
        assert "10.0.1." not in shown
