"""The documents promise the Terraform versions that the table has, and no other."""

from __future__ import annotations

from itertools import groupby

import pytest

from compat.releases import RELEASES
from support.repository import ROOT


def claim() -> str:
    """Return the table's minors as the documents write them: `1.6 and 1.8 to 1.15`."""
    minors = [release.minor[1] for release in RELEASES]
    runs = [[minor for _, minor in run] for _, run in groupby(enumerate(minors), lambda pair: pair[1] - pair[0])]
    return " and ".join(f"1.{run[0]} to 1.{run[-1]}" if len(run) > 1 else f"1.{run[0]}" for run in runs)


@pytest.mark.parametrize("document", ["README.md", "docs/index.md"])
def test_a_document_names_the_tested_versions(document: str) -> None:
    text = " ".join((ROOT / document).read_text(encoding="utf-8").split())
    assert f"Tested with Terraform {claim()}" in text


def test_the_oldest_version_in_the_table_is_the_oldest_that_natgw_requires() -> None:
    major, minor = RELEASES[0].minor
    assert f"Terraform {major}.{minor}+" in (ROOT / "README.md").read_text(encoding="utf-8")
    demo = (ROOT / "handlers/natgw_provider/cli/demo.py").read_text(encoding="utf-8")
    assert f"Terraform {major}.{minor} or newer" in demo


def test_each_minor_version_is_listed_once_in_order_with_the_hash_of_its_wheel() -> None:
    minors = [release.minor for release in RELEASES]
    assert minors == sorted(set(minors))
    assert all(len(bytes.fromhex(release.sha256)) == 32 for release in RELEASES)
