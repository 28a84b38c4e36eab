"""The Registry's pages say what the schema says, in the Registry's layout, and fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

import pytest

import generate
from natgw_provider.bridge.diagnostics import DiagnosticsError, error
from natgw_provider.bridge.schema import BOOL, STRING, Attribute, NestedAttributes, Schema, SetOf
from registry_pages import pages, schema_section, schemas
from support.repository import ROOT

PAGES = pages(ROOT)


def declared_names(attributes: object) -> Iterator[str]:
    for attribute in attributes:  # type: ignore[attr-defined]
        yield attribute.name
        if attribute.nested:
            yield from declared_names(attribute.nested.attributes)


@pytest.mark.parametrize("path", PAGES)
def test_the_page_lists_each_attribute_once(path: str) -> None:
    _, schema = schemas()[path.removeprefix("docs/")]
    listed = re.findall(r"^- `(\w+)` \(", PAGES[path], re.MULTILINE)
    assert sorted(listed) == sorted(declared_names(schema.attributes))


def test_groups_types_and_nesting_are_worded_as_the_registry_words_them() -> None:
    inner = (
        Attribute(name="b", type=STRING, optional=True, sensitive=True, description="Inner b."),
        Attribute(name="a", type=BOOL, required=True, description="Inner a."),
    )
    schema = Schema(
        0,
        "",
        (
            Attribute(name="seen", type=SetOf(STRING), computed=True, description="Seen."),
            Attribute(name="both", type=STRING, optional=True, computed=True, description="Both."),
            Attribute(name="many", optional=True, nested=NestedAttributes("list", inner), description="Many."),
        ),
    )
    assert list(schema_section(schema)) == [
        "## Schema",
        "### Optional",
        "- `both` (String) Both.\n- `many` (Attributes List) Many. (see [below for nested schema](#nestedatt--many))",
        "### Read-Only",
        "- `seen` (Set of String) Seen.",
        '<a id="nestedatt--many"></a>\n### Nested Schema for `many`',
        "Required:",
        "- `a` (Boolean) Inner a.",
        "Optional:",
        "- `b` (String, Sensitive) Inner b.",
    ]


def test_a_file_out_of_date_is_named_and_fails_the_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(generate, "generated", lambda: {ROOT / "docs" / "index.md": b"something newer"})
    assert generate.run(["--check"]) == 1
    assert "out of date: docs/index.md" in capsys.readouterr().out


def test_a_schema_answer_with_an_error_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> NoReturn:
        raise DiagnosticsError([error("No schema", "Something is wrong.")])

    monkeypatch.setattr(generate, "natgw_provider", broken)
    with pytest.raises(SystemExit, match="the schema answer holds an error: No schema"):
        generate.schema_answer()
