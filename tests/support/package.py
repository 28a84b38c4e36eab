"""Self-contained packages for tests: one release, built once for all processes of a test run, and ways to start it."""

from __future__ import annotations

import fcntl
import marshal
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bundle_parts import MACHINES, MissingError, require_tools
from natgw_provider import __version__
from natgw_provider.bridge.server import COOKIE, COOKIE_NAME
from support.repository import ROOT

EXECUTABLE = f"terraform-provider-natgw_v{__version__}"
SOURCE = "terraform.local/natgw/natgw"


def zip_name(platform: str) -> str:
    return f"terraform-provider-natgw_{__version__}_{platform}.zip"


def why_no_release() -> str | None:
    """Say what this machine lacks to build a release; None when it lacks nothing."""
    try:
        require_tools(list(MACHINES.values()))
    except MissingError as missing:
        return str(missing)
    return None


def build_release(out: Path, **environment: str) -> Path:
    """Build a release as `make release` does; the test is skipped where this machine cannot."""
    if missing := why_no_release():
        pytest.skip(missing)
    command = [sys.executable, str(ROOT / "tools" / "release.py"), "--out", str(out)]
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


def shared_release(folders: pytest.TempPathFactory) -> Path:
    """Return the release of this test run."""
    # With pytest-xdist each process has a folder of its own below the run's.
    base = folders.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (shared / "release.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (shared / "release").exists():
            shutil.rmtree(shared / "release-draft", ignore_errors=True)
            build_release(shared / "release-draft").rename(shared / "release")
    return shared / "release"


def copy_of(package: Path, folder: Path) -> Path:
    """Return a copy of a package that a test may damage; its files are links to those of `package`."""
    shutil.copytree(package, folder, copy_function=os.link)
    return folder


def start(package: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Start a package that is to refuse, as Terraform starts it."""
    command = [str(package / EXECUTABLE)]
    return subprocess.run(
        command, env={COOKIE_NAME: COOKIE, **environment}, capture_output=True, text=True, timeout=60, check=False
    )


def run_inside(
    package: Path, scratch: Path, code: str, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python code in the package's interpreter, with its modules and nothing else."""
    copy = copy_of(package, scratch / "inside")
    (copy / "lib" / "start.bin").unlink()
    (copy / "lib" / "start.bin").write_bytes(marshal.dumps(compile(code, "test", "exec")))
    library = str(copy / "lib")
    loader = [f"{library}/ld.so", "--inhibit-cache", "--library-path", library, "--argv0", str(copy / EXECUTABLE)]
    return subprocess.run(
        [*loader, f"{library}/natgw"], env=environment or {}, capture_output=True, text=True, timeout=120, check=False
    )
