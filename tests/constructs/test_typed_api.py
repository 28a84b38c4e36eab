"""The API is typed: mypy strict accepts the right user code and refuses every wrong line, before anything runs."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from support.repository import ROOT

TYPED = Path(__file__).parent / "typed"


def test_every_wrong_line_of_user_code_is_refused_and_no_other() -> None:
    files = [str(TYPED / name) for name in ("right.py", "wrong.py")]
    command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml"), *files]
    reported = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300).stdout
    lines = (TYPED / "wrong.py").read_text().splitlines()
    marked = {("wrong", number) for number, line in enumerate(lines, 1) if line.endswith("# refused")}
    refused = {(name, int(number)) for name, number in re.findall(r"(\w+)\.py:(\d+): error", reported)}
    assert refused == marked
