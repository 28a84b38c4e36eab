"""`natgw install`: put the provider where `terraform init` finds it without any setting.

The package folder holds one launcher, the same on every unix machine for one version, so that a committed lock file
holds for the whole team; nothing else is ever written there. What differs between machines, the path of Python, stands
in a note outside that folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import stat
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from natgw_provider import SOURCE, __version__

PLATFORMS: Final = ("darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64")
"""What `--all-platforms` and a release cover."""

LAUNCHER: Final = f"terraform-provider-natgw_v{__version__}"
"""The only file of a package folder."""

LAUNCHER_MODE: Final = 0o755

_ARCHITECTURES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an install goes: the mirror with the packages, the note that names Python, the command to use them.

    `owns_note` is false where other installs use the note too.
    """

    mirror: Path
    note: Path
    init: str = "terraform init"
    owns_note: bool = True


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_place_arguments(parser)
    parser.add_argument(
        "--all-platforms",
        action="store_true",
        help=f"for a mirror that many machines use: {', '.join(PLATFORMS)}, instead of this machine's alone",
    )
    parser.add_argument(
        "--check", action="store_true", help="write nothing; say what is installed and whether it works, or exit with 1"
    )


def add_place_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say where; the default is the user's own `~/.terraform.d/plugins`."""
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--plugin-dir",
        type=_folder,
        metavar="DIR",
        help="a folder for `terraform init -plugin-dir=DIR` or a filesystem_mirror, instead of ~/.terraform.d/plugins",
    )
    place.add_argument(
        "--project",
        action="store_true",
        help="./terraform.d/plugins, which `terraform init` searches when it runs in this folder",
    )


def run(arguments: argparse.Namespace) -> int:
    """Install and say where; 1 when the folder cannot be written, or when `--check` finds something wrong."""
    place = place_of(arguments)
    platforms = PLATFORMS if arguments.all_platforms else (terraform_platform(),)
    if arguments.check:
        from natgw_provider.cli.install_check import check  # noqa: PLC0415 - not needed to install

        return check(place, platforms)
    try:
        installed = list(install(place.mirror, place.note, platforms))
    except OSError as problem:
        print(f"natgw install: cannot write {problem.filename}: {_reason(problem)}.", file=sys.stderr)
        return 1
    print(f"natgw {__version__} is installed for {', '.join(platforms)}:")
    for launcher in installed:
        print(f"  {launcher}")
    print(f"It runs with {sys.executable} (noted in {place.note}).")
    print(f'Next: declare source = "{SOURCE}" in required_providers and run `{place.init}`.')
    return 0


def place_of(arguments: argparse.Namespace) -> Place:
    """Return the place that the options of `add_place_arguments` name.

    A mirror of its own has its note beside the packages, so that it serves whoever reads it. A project's folder may be
    committed, so that what is true for one machine alone stays out of it.
    """
    if arguments.plugin_dir is not None:
        mirror: Path = arguments.plugin_dir.absolute()
        return Place(mirror, mirror / f"natgw-{__version__}.python", f"terraform init -plugin-dir={mirror}")
    if arguments.project:
        return Place(Path.cwd() / "terraform.d" / "plugins", user_note(), owns_note=False)
    return Place(Path.home() / ".terraform.d" / "plugins", user_note())


def install(mirror: Path, note: Path, platforms: Iterable[str] | None = None) -> Iterator[Path]:
    """Write the note that says where Python is, and the launchers below `mirror`; yield the launchers.

    `platforms` are Terraform's names, by default this machine's alone. What is right already stays untouched. Raises
    OSError.
    """
    note.parent.mkdir(parents=True, exist_ok=True)
    _write(note, f"{sys.executable}\n", 0o644, note.parent)
    for folder in package_folders(mirror, platforms or (terraform_platform(),)):
        folder.mkdir(parents=True, exist_ok=True)
        # The draft stands beside the package folder: a Terraform that hashes it meanwhile must find the launcher alone.
        _write(folder / LAUNCHER, launcher_text(), LAUNCHER_MODE, folder.parent)
        yield folder / LAUNCHER


def package_folders(mirror: Path, platforms: Iterable[str]) -> list[Path]:
    """Return the folders below `mirror` that hold this version, for each platform."""
    return [version_folder(mirror) / of for of in platforms]


def version_folder(mirror: Path) -> Path:
    """Return the folder below `mirror` that holds this version."""
    return mirror / SOURCE / __version__


def launcher_text() -> str:
    """Return the launcher's text for this version."""
    template = files("natgw_provider.cli").joinpath("launcher.sh").read_text(encoding="utf-8")
    return template.replace("@VERSION@", __version__)


def user_note() -> Path:
    """Return the note of a user-wide install, where the launcher looks for it."""
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "natgw" / f"{__version__}.python"


def terraform_platform() -> str:
    """Return this machine as Terraform names it, such as `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_ARCHITECTURES.get(machine, machine)}"


def is_as_written(path: Path, text: str, mode: int) -> bool:
    """Whether a file is there with this text and mode."""
    if not path.is_file():
        return False
    return path.read_bytes() == text.encode() and stat.S_IMODE(path.stat().st_mode) == mode


def _folder(text: str) -> Path:
    """Refuse the empty name that an unset variable leaves: for pathlib it is the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} names no folder: is a variable unset? The current folder is '.'")
    return Path(text)


def _reason(problem: OSError) -> str:
    """Say why a path cannot be written; what stands in the way of a folder is told apart from what is well there."""
    if isinstance(problem, FileExistsError | NotADirectoryError):
        path = Path(problem.filename)
        in_the_way = next(it for it in (path, *path.parents) if it.exists())
        return f"{in_the_way} is a file and not a folder, so name another one"
    return problem.strerror or str(problem)


def _write(path: Path, text: str, mode: int, drafts: Path) -> None:
    """Replace a file at once, so that a Terraform that starts meanwhile sees the old one or the new one."""
    if is_as_written(path, text, mode):
        return
    draft = drafts / f".{path.name}.{os.getpid()}"
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)
