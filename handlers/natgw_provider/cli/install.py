"""`natgw install`: put the provider where `terraform init` finds it without any setting.

The package folder contains one launcher and nothing else. For one version it is the same on every unix machine, so that
a committed lock file is right for the whole team. What differs between machines, the path of Python, is in a note
outside that folder.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from natgw_provider import SOURCE, __version__
from natgw_provider.__main__ import PACKAGES
from natgw_provider.cli import terraform_settings
from natgw_provider.cli.package import UnusablePackageError, install_package, is_package, start_trouble

PLATFORMS: Final = ("darwin_amd64", "darwin_arm64", "linux_amd64", "linux_arm64")
"""What `--all-platforms` and a release cover."""

LAUNCHER: Final = f"terraform-provider-natgw_v{__version__}"
"""The only file of a package folder, unless that holds a self-contained package (`cli/package.py`)."""

LAUNCHER_MODE: Final = 0o755

_ANOTHER_PLACE: Final = (
    "Name a folder that you may write to: `natgw install --plugin-dir DIR`, then `terraform init -plugin-dir=DIR`."
)

_ARCHITECTURES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where an install goes: the mirror with the packages, the notes that name Python, the command to use them.

    The notes in `own_notes` belong to this install. Other installs also use those in `shared_notes`: this one writes them
    only where they name no Python that exists.
    """

    mirror: Path
    own_notes: tuple[Path, ...] = ()
    shared_notes: tuple[Path, ...] = ()
    init: str = "terraform init"
    is_named: bool = False
    """Whether the user named the mirror (`--plugin-dir`): then `init` names it too, and no setting matters."""

    @property
    def notes(self) -> tuple[Path, ...]:
        """Every note, in the order in which the launcher tries them."""
        return (*self.own_notes, *self.shared_notes)


class NoHomeError(Exception):
    """This user has no home directory; the message is for the user."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    add_place_arguments(parser)
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
    """Install and print where; return 1 when Terraform will not find it, or when `--check` finds something wrong."""
    platforms = PLATFORMS if arguments.all_platforms else (terraform_platform(),)
    try:
        place = place_of(arguments)
        if arguments.check:
            from natgw_provider.cli import install_check  # noqa: PLC0415 - it imports this module

            return install_check.check(place, platforms)
        if arguments.package is not None:
            return _install_package(arguments.package, place)
        launchers = _install_in(place, platforms)
    except (NoHomeError, UnusablePackageError) as problem:
        return _fail(str(problem))
    except OSError as problem:
        return _fail(f"cannot write {problem.filename}: {_reason(problem)}. {_ANOTHER_PLACE}")
    print(f"natgw {__version__} is installed for {', '.join(platforms)}:")
    for launcher in launchers:
        print(f"  {launcher}")
    print("\n".join(_pythons(place)))
    for remark in prepare_fast_starts():
        print(remark)
    return _say_what_is_next(place)


def _install_package(path: Path, place: Place) -> int:
    """Install a self-contained package and start it once; raises UnusablePackageError and OSError."""
    if not path.is_file():
        return _fail(f"{path} is not a file: name the zip of a release")
    here = terraform_platform()
    executable = install_package(path, place.mirror, None if place.is_named else here)
    if executable.parent.name == here and (trouble := start_trouble(executable)):
        return _fail(trouble)
    print(f"The package for {executable.parent.name} is installed:\n  {executable}")
    return _say_what_is_next(place)


def search_trouble(place: Place) -> str | None:
    """Return why `terraform init` does not find what is in `place`, with the lines to add; None if it does."""
    return None if place.is_named else terraform_settings.search_trouble(place.mirror, home_directory())


def _say_what_is_next(place: Place) -> int:
    """Print what the user does next; return 1 when Terraform will not find what is installed."""
    if trouble := search_trouble(place):
        return _fail(f"terraform will not find it: {trouble}")
    print(f'Next: declare source = "{SOURCE}" in required_providers and run `{place.init}`.')
    return 0


def _fail(why: str) -> int:
    print(f"natgw install: {why}", file=sys.stderr)
    return 1


def place_of(arguments: argparse.Namespace) -> Place:
    """Return the place that the options of `add_place_arguments` name. Raises NoHomeError.

    A mirror that the user names has its note beside the packages, for every user of the mirror. The launcher uses the
    user's note while that mirror is in the working folder. A project's folder may be committed, so it has no note: a
    note is right for one machine only.
    """
    if arguments.plugin_dir is not None:
        mirror: Path = arguments.plugin_dir.absolute()
        shared = (user_note(),) if home_directory() else ()
        own = (mirror / f"natgw-{__version__}.python",)
        return Place(mirror, own, shared, f"terraform init -plugin-dir={mirror}", is_named=True)
    home = home_directory()
    if home is None:
        raise NoHomeError(f"HOME names no home directory. {_ANOTHER_PLACE}")
    if arguments.project:
        return Place(Path.cwd() / "terraform.d" / "plugins", shared_notes=(user_note(),))
    return Place(home / ".terraform.d" / "plugins", own_notes=(user_note(),))


def home_directory() -> Path | None:
    """Return the home directory that HOME names, as the launcher reads it; None when HOME names no directory."""
    home = Path(os.environ.get("HOME", ""))
    return home if home.is_absolute() else None


def install(mirror: Path, note: Path, platforms: Iterable[str] | None = None) -> Iterator[Path]:
    """Write the note that says where Python is, and the launchers below `mirror`; yield the launchers.

    `platforms` are Terraform's names, by default only this machine's. A file that is right already is left as it is.
    Raises OSError.
    """
    write_note(note)
    yield from write_launchers(mirror, platforms or (terraform_platform(),))


def write_launchers(mirror: Path, platforms: Iterable[str]) -> Iterator[Path]:
    """Write the launchers below `mirror` and yield them. Raises OSError."""
    for folder in package_folders(mirror, platforms):
        if is_package(folder):
            shutil.rmtree(folder)
        _make_folders(folder)
        # The draft is beside the package folder: a Terraform that hashes it meanwhile must find only the launcher.
        _write(folder / LAUNCHER, launcher_text(), LAUNCHER_MODE, folder.parent)
        yield folder / LAUNCHER


def write_note(note: Path) -> None:
    """Write where this Python is. Raises OSError."""
    _make_folders(note.parent)
    _write(note, f"{sys.executable}\n", 0o644, note.parent)


def noted_python(note: Path) -> str | None:
    """Return the Python that a note names; None without a note, or where nothing can be executed there."""
    python = note.read_text(encoding="utf-8").strip() if note.is_file() else ""
    return python if python and os.access(python, os.X_OK) else None


def _install_in(place: Place, platforms: Iterable[str]) -> list[Path]:
    """Write the notes and launchers of `place`, and return the launchers. Raises OSError."""
    for note in place.own_notes:
        write_note(note)
    for note in place.shared_notes:
        if noted_python(note) is None:
            with suppress(OSError) if place.own_notes else nullcontext():  # a note of its own is enough
                write_note(note)
    return list(write_launchers(place.mirror, platforms))


def _pythons(place: Place) -> Iterator[str]:
    """Yield which Python runs, and which note says so."""
    if place.own_notes:
        yield f"It runs with {sys.executable} (noted in {', '.join(map(str, place.own_notes))})."
    for note in place.shared_notes:
        if (python := noted_python(note)) is None:
            continue
        where = "While the mirror is in the working folder, it" if place.own_notes else "It"
        yield f"{where} runs with {python}, which {note} names."
        if python != sys.executable:
            yield f"To use {sys.executable} instead, run `natgw install` without options."


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
    """Return the note of an install for the user, where the launcher reads it."""
    configured = Path(os.environ.get("XDG_DATA_HOME", ""))
    data = configured if configured.is_absolute() else (home_directory() or Path("/")) / ".local" / "share"
    return data / "natgw" / f"{__version__}.python"


def pip_command(extra: str) -> str:
    """Return the command that adds an extra, from the clone or the wheel that natgw was installed from (PEP 610)."""
    with suppress(PackageNotFoundError, ValueError, KeyError, TypeError):
        origin = json.loads(distribution("natgw").read_text("direct_url.json") or "")
        path = Path(url2pathname(urlsplit(origin["url"]).path))
        if origin["url"].startswith("file:") and path.exists():
            editable = "-e " if origin.get("dir_info", {}).get("editable") else ""
            return f"{shlex.quote(sys.executable)} -m pip install {editable}{shlex.quote(f'{path}[{extra}]')}"
    return f"in a clone of natgw, {shlex.quote(sys.executable)} -m pip install '.[{extra}]'"


def terraform_platform() -> str:
    """Return this machine as Terraform names it, such as `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_ARCHITECTURES.get(machine, machine)}"


def is_as_written(path: Path, text: str, mode: int) -> bool:
    """Whether the file exists with this text and mode."""
    if not path.is_file():
        return False
    return path.read_bytes() == text.encode() and stat.S_IMODE(path.stat().st_mode) == mode


def _folder(text: str) -> Path:
    """Refuse an empty name, as an unset variable leaves it: pathlib takes it for the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} names no folder: is a variable unset? The current folder is '.'")
    return Path(text)


def _reason(problem: OSError) -> str:
    """Return why a path cannot be written; where a folder is needed and a file exists, name that file."""
    if isinstance(problem, FileExistsError | NotADirectoryError):
        path = Path(problem.filename)
        in_the_way = next(it for it in (path, *path.parents) if it.exists())
        return f"{in_the_way} is a file and not a folder, so name another one"
    return problem.strerror or str(problem)


def _make_folders(folder: Path) -> None:
    """Make a folder and its missing parents, writable for this user only, whatever the umask."""
    for path in reversed((folder, *folder.parents)):
        if not path.is_dir():
            path.mkdir(mode=0o755, exist_ok=True)


def _write(path: Path, text: str, mode: int, drafts: Path) -> None:
    """Replace a file in one step: a Terraform that starts meanwhile finds the old one or the new one."""
    if is_as_written(path, text, mode):
        return
    draft = drafts / f".{path.name}.{os.getpid()}"
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)
