"""The comment in a real browser: GitHub's flavour of Markdown becomes HTML, and Mermaid draws the timeline.

Skipped where `browser.py`'s needs are not installed; the golden files and the independent renderer always run.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from natgw_provider.review.markdown import render_markdown
from review import browser
from review.plans_and_reviews import review_of

pytestmark = pytest.mark.skipif(
    browser.chromium() is None or browser.modules() is None, reason="needs Chromium and npm packages, see browser.py"
)


@pytest.mark.parametrize("name", ["kinds", "hostile"])
def test_the_browser_shows_table_findings_and_timeline_and_nothing_from_outside_runs(name: str) -> None:
    html = browser.drawn(render_markdown(review_of(name)))
    article = html[html.rindex("<article") : html.rindex("</article>")]
    assert "<title>drawn</title>" in html, re.findall(r"<title>.{0,200}?</title>", html)
    assert 'aria-roledescription="gantt"' in article
    assert "Syntax error" not in article
    assert "<img" not in article
    assert article.count("<tr>") == len(review_of(name).changes) + 1
    assert article.count('class="alert WARNING"') == 1


def test_the_screenshot_in_the_docs_is_a_png_of_less_than_200_kb() -> None:
    image = Path(browser.ROOT / "docs" / "images" / "review.png").read_bytes()
    assert image.startswith(b"\x89PNG")
    assert len(image) < 200_000
