"""The API is typed: mypy strict accepts the right user code and refuses every wrong line, before anything runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from support.repository import ROOT

TYPED = Path(__file__).parent / "typed"


def mypy(name: str) -> str:
    """Return what mypy strict says of a file, as a user's project would run it."""
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), str(TYPED / name)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300).stdout


def test_right_user_code_is_accepted() -> None:
    assert mypy("right.py").startswith("Success")


def test_every_wrong_line_is_refused_and_no_other() -> None:
    lines = (TYPED / "wrong.py").read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if line.endswith("# refused")}
    refused = {int(number) for number in re.findall(r"wrong\.py:(\d+): error", mypy("wrong.py"))}
    assert refused == marked
