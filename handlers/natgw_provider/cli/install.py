"""`natgw install`: put the provider where `terraform init` finds it without any setting."""

from __future__ import annotations

import argparse
import json
import shlex
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from natgw_provider import SOURCE, __version__
from natgw_provider.__main__ import PACKAGES
from natgw_provider.cli import CommandError, install_check, mirror
from natgw_provider.cli.mirror import ANOTHER_FOLDER, InstallLocation, terraform_platform
from natgw_provider.cli.package import install_package

PLATFORMS: Final = ("darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64")
"""What `--all-platforms` and a release cover."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    mirror.add_location_arguments(parser)
    parser.add_argument(
        "--all-platforms",
        action="store_true",
        help=f"for a mirror that many machines use: {', '.join(PLATFORMS)}, instead of only this machine's",
    )
    parser.add_argument(
        "--package",
        type=Path,
        metavar="ZIP",
        help="a release's zip for Linux, which needs no Python, instead of the launcher for this Python",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print what is installed, and exit with 1 if it does not work",
    )


def run(arguments: argparse.Namespace) -> int:
    """Install and print where; with `--check`, return 1 when something is wrong. Raises CommandError.

    It is an error too when Terraform will not find what is installed.
    """
    platforms = PLATFORMS if arguments.all_platforms else (terraform_platform(),)
    location = mirror.location_of(arguments)
    if arguments.check:
        return install_check.check(location, platforms)
    try:
        if arguments.package is None:
            done = _install_launchers(location, platforms)
        else:
            done = _install_package(arguments.package, location)
    except OSError as problem:
        path = problem.filename or location.mirror  # a full disk names no file
        raise CommandError(f"cannot write {path}: {_reason(problem)}. {ANOTHER_FOLDER}") from problem
    print("\n".join(done))
    if trouble := install_check.search_trouble(location):
        raise CommandError(f"terraform will not find it. {trouble}")
    print(f'Next: declare source = "{SOURCE}" in required_providers and run `{location.init}`.')
    return 0


def _install_package(path: Path, location: InstallLocation) -> list[str]:
    """Install a self-contained package, start it once, and say what was done. Raises CommandError and OSError."""
    if not path.is_file():
        raise CommandError(f"{path} is not a file: name the zip of a release")
    here = terraform_platform()
    executable = install_package(path, location.mirror, None if location.is_named else here)
    if executable.parent.name == here and (trouble := install_check.start_trouble(executable)):
        raise CommandError(trouble)
    return [f"The package for {executable.parent.name} is installed:", f"  {executable}"]


def _install_launchers(location: InstallLocation, platforms: Iterable[str]) -> list[str]:
    """Write the notes and launchers, prepare fast starts, and say what was done. Raises OSError."""
    _write_notes(location)
    launchers = mirror.write_launchers(location.mirror, platforms)
    headline = f"natgw {__version__} is installed for {', '.join(platforms)}:"
    return [headline, *(f"  {launcher}" for launcher in launchers), *_pythons(location), *prepare_fast_starts()]


def _write_notes(location: InstallLocation) -> None:
    """Write which Python runs. Other installs of this user follow a shared note, so it is kept while it holds."""
    for note in location.own_notes:
        mirror.write_note(note)
    for note in location.shared_notes:
        if mirror.noted_python(note) is not None:
            continue
        try:
            mirror.write_note(note)
        except OSError:
            if not location.own_notes:  # a note of its own is enough
                raise


def _pythons(location: InstallLocation) -> Iterator[str]:
    """Yield which Python runs, and which note says so."""
    for note in location.own_notes:
        yield f"It runs with {sys.executable}, which {note} names."
    where = "While the mirror is in the working folder, it" if location.own_notes else "It"
    for note in location.shared_notes:
        if python := mirror.noted_python(note):
            other = f" To use {sys.executable}, run `natgw install` without options." * (python != sys.executable)
            yield f"{where} runs with {python}, which {note} names.{other}"


def prepare_fast_starts() -> Iterator[str]:
    """Do what the installation of the package did not do for fast starts; yield what cannot be done.

    pip compiles byte code, other installers may not. The service models may be cut from another version of botocore.
    """
    from natgw_provider.aws.trimmed_models import write_trimmed_models  # noqa: PLC0415 - imports botocore

    try:
        write_trimmed_models()
    except (OSError, KeyError, AttributeError, TypeError) as problem:
        yield f"AWS's service models are not cut, so that each plan takes about 0.2 s longer: {problem}"
    specs = [find_spec(name) for name in ("natgw_provider", "google.protobuf", *PACKAGES) if name != "google"]
    folders = [str(folder) for spec in specs if spec for folder in spec.submodule_search_locations or ()]
    words = [sys.executable, "-I", "-m", "compileall", "-q", "-q", *folders]
    if subprocess.run(words, stdin=subprocess.DEVNULL, check=False).returncode:  # noqa: S603 - our own words
        yield "Not all byte code could be written beside the modules; without it each plan takes seconds longer."


def pip_command(extra: str) -> str:
    """Return the command that adds an extra, from the clone or the wheel that natgw was installed from (PEP 610)."""
    with suppress(PackageNotFoundError, ValueError, KeyError, TypeError):
        origin = json.loads(distribution("natgw").read_text("direct_url.json") or "")
        path = Path(url2pathname(urlsplit(origin["url"]).path))
        if origin["url"].startswith("file:") and path.exists():
            editable = "-e " if origin.get("dir_info", {}).get("editable") else ""
            return f"{shlex.quote(sys.executable)} -m pip install {editable}{shlex.quote(f'{path}[{extra}]')}"
    return f"in a clone of natgw, {shlex.quote(sys.executable)} -m pip install '.[{extra}]'"


def _reason(problem: OSError) -> str:
    """Return why a path cannot be written; where a folder is needed and a file exists, name that file."""
    if isinstance(problem, FileExistsError | NotADirectoryError):
        path = Path(problem.filename)
        in_the_way = next(it for it in (path, *path.parents) if it.exists())
        return f"{in_the_way} is a file and not a folder, so name another one"
    return problem.strerror or str(problem)
