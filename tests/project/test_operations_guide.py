"""Every section of the operations guide names tests, and they exist."""

from __future__ import annotations

import re

import pytest

from support.repository import ROOT

GUIDE = (ROOT / "docs" / "guides" / "operations.md").read_text(encoding="utf-8")
HEAD, *SECTIONS = re.split(r"^## ", GUIDE, flags=re.MULTILINE)
TITLES = [section.splitlines()[0] for section in SECTIONS]


def anchor(title: str) -> str:
    """Return the fragment that a heading gets on GitHub."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


@pytest.mark.parametrize("section", SECTIONS, ids=TITLES)
def test_a_section_names_its_tests_and_they_exist(section: str) -> None:
    comments = re.findall(r"<!-- tests: (.*?) -->", section)
    assert len(comments) == 1
    assert section.rstrip().endswith("-->")
    for name in comments[0].split(", "):
        path, *_, test = name.split("::")
        assert path.startswith("tests/")
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8"), name


def test_the_contents_list_every_section_in_order() -> None:
    assert re.findall(r"\[(.*?)\]\(#(.*?)\)", HEAD) == [(title, anchor(title)) for title in TITLES]


def test_links_inside_the_guide_lead_to_a_section() -> None:
    assert set(re.findall(r"\]\(#(.*?)\)", GUIDE)) == {anchor(title) for title in TITLES}
