"""`make demo` does what it tells, and the README shows what it prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLOURS = re.compile(r"\x1b\[[0-9;]*m")

pytestmark = pytest.mark.terraform


def test_the_demo_runs_to_its_end_and_prints_the_plan_that_the_readme_shows() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from natgw_provider.cli.main import run; sys.exit(run(['demo']))"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=240,
        check=False,
    )
    printed = COLOURS.sub("", done.stdout)
    assert done.returncode == 0, printed
    assert "8. Destroy" in printed
    plan = re.search(
        r"^```\n(  # natgw_.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )
    assert plan is not None
    assert plan.group(1) in printed


def test_a_missing_app_is_one_clear_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from natgw_provider.cli.main import run; sys.exit(run(['demo']))"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "natgw demo: there is no main.py: run it where the app is, or name the app\n"
