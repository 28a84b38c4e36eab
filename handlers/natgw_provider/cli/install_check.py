"""`natgw install --check`: whether `terraform init` will find what is installed, and whether it starts.

It starts the provider once, as Terraform does. It writes nothing.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from natgw_provider import __version__
from natgw_provider.cli import package
from natgw_provider.cli.install import (
    LAUNCHER,
    LAUNCHER_MODE,
    Place,
    is_as_written,
    launcher_text,
    package_folders,
    search_trouble,
    terraform_platform,
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; `trouble` says what is wrong, None when nothing is."""

    subject: str
    trouble: str | None = None


def check(place: Place, platforms: Iterable[str]) -> int:
    """Print what was checked; return 0 when all is right, else 1."""
    folders = package_folders(place.mirror, platforms)
    notes = [] if all(map(package.is_package, folders)) else [_python(place)]
    written = [*_packages(place, platforms), *notes]
    search = Finding("terraform's search for it", search_trouble(place))
    start = _start(place)
    print(f"natgw {__version__} in {place.mirror}:")
    for finding in (*written, search, start):
        print(f"  {'right' if finding.trouble is None else 'WRONG'}  {finding.subject}")
        if finding.trouble is not None:
            print("\n".join(f"         {line}".rstrip() for line in finding.trouble.splitlines()))
    if notes and (speed := _slow_start()):
        print(f"  slow   {speed}")
    if any(finding.trouble for finding in written):
        print("`natgw install` with the same options, without --check, repairs the files.")
    elif notes and start.trouble:
        print(
            f"The files are right, this Python is not: install natgw {__version__} in it again, with its dependencies."
        )
    return int(any(finding.trouble for finding in (*written, search, start)))


def _slow_start() -> str | None:
    from natgw_provider.aws.trimmed_models import trimmed_models_folder  # noqa: PLC0415 - imports botocore

    if trimmed_models_folder().is_dir():
        return None
    return "AWS's service models are not cut for this botocore: `natgw install` cuts them, and a plan is 0.2 s faster"


def _packages(place: Place, platforms: Iterable[str]) -> Iterator[Finding]:
    for folder in package_folders(place.mirror, platforms):
        yield Finding(f"package {folder.relative_to(place.mirror)}", _package_trouble(folder))


def _package_trouble(folder: Path) -> str | None:
    launcher = folder / LAUNCHER
    if package.is_package(folder):
        damaged = package.damage(folder)
        return damaged and f"{damaged}; run `natgw install --package ZIP` with the release's zip"
    if not launcher.is_file():
        return "it is not installed"
    if not is_as_written(launcher, launcher_text(), LAUNCHER_MODE):
        return f"{LAUNCHER} is not the one of natgw {__version__}, or its mode is not {LAUNCHER_MODE:o}"
    others = sorted(path.name for path in folder.iterdir() if path.name != LAUNCHER)
    if others:
        return f"the folder contains more than the launcher, so no lock file matches it; delete {', '.join(others)}"
    return None


def _python(place: Place) -> Finding:
    if named := os.environ.get("NATGW_PYTHON"):
        return Finding(f"Python: {named}, since NATGW_PYTHON is set")
    for note in place.notes:
        if note.is_file():
            noted = note.read_text(encoding="utf-8").strip()
            trouble = None if os.access(noted, os.X_OK) else "this Python does not exist"
            return Finding(f"Python: noted in {note}: {noted}", trouble)
    return Finding(f"Python: noted in {place.notes[0]}", "this note does not exist")


def _start(place: Place) -> Finding:
    subject = "start, as Terraform does it"
    (folder, *_) = package_folders(place.mirror, (terraform_platform(),))
    launcher = folder / LAUNCHER
    if not os.access(launcher, os.X_OK):
        return Finding(subject, f"{launcher} does not exist or cannot be executed")
    return Finding(subject, package.start_trouble(launcher))
