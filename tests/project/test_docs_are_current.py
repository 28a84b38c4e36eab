"""The Registry's pages say what the schema says, in the Registry's layout, and fit together."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NoReturn

import pytest

import generate
from natgw_provider.bridge.diagnostics import DiagnosticsError, error
from registry_pages import pages, schemas
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
