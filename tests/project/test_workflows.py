"""The repository's workflows and dependabot's settings have the shape that GitHub asks for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
EXAMPLES = sorted((ROOT / "examples").glob("**/.github/workflows/*.yml"))


@pytest.mark.parametrize("file", [*WORKFLOWS, *EXAMPLES], ids=lambda file: file.name)
def test_a_workflow_follows_githubs_schema(file: Path) -> None:
    check("vendor.github-workflows", file)


def test_the_dependency_updates_follow_githubs_schema() -> None:
    check("vendor.dependabot", ROOT / ".github" / "dependabot.yml")


def check(schema: str, file: Path) -> None:
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(file)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
