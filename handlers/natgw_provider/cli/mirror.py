"""Where an install goes, and what it writes: a mirror with launchers, and the notes that name Python.

The folder of a package contains one launcher and nothing else. For one version it is the same on every unix machine, so
that a committed lock file is right for the whole team. What differs between machines, the path of Python, stands in a
note outside that folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import stat
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final

from natgw_provider import SOURCE, __version__
from natgw_provider.cli import CommandError
from natgw_provider.cli.package import is_package

LAUNCHER: Final = f"terraform-provider-natgw_v{__version__}"
"""The only file of a package folder, unless that holds a self-contained package (`cli/package.py`)."""

LAUNCHER_MODE: Final = 0o755

ANOTHER_FOLDER: Final = (
    "Name a folder that you may write to: `natgw install --plugin-dir DIR`, then `terraform init -plugin-dir=DIR`."
)

_ARCHITECTURES: Final = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}


@dataclass(frozen=True, slots=True)
class InstallLocation:
    """A mirror, the notes that its launchers read, and the command that uses it.

    Attributes:
        mirror: the folder that `terraform init` searches for packages.
        own_notes: the notes of this install.
        shared_notes: notes that other installs use too. This one keeps each that names a Python which exists.
        init: the command that uses the mirror.
        is_named: whether the user named the mirror (`--plugin-dir`). Then `init` names it too, and no setting matters.
    """

    mirror: Path
    own_notes: tuple[Path, ...] = ()
    shared_notes: tuple[Path, ...] = ()
    init: str = "terraform init"
    is_named: bool = False

    @property
    def notes(self) -> tuple[Path, ...]:
        """Every note, in the order in which the launcher tries them."""
        return (*self.own_notes, *self.shared_notes)

    def folders(self, platforms: Iterable[str]) -> list[Path]:
        """Return the folders that hold this version, for each platform."""
        return [version_folder(self.mirror) / it for it in platforms]


def add_location_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options that say where; the default is the user's own `~/.terraform.d/plugins`."""
    location = parser.add_mutually_exclusive_group()
    location.add_argument(
        "--plugin-dir",
        type=_folder,
        metavar="DIR",
        help="a folder for `terraform init -plugin-dir=DIR` or a filesystem_mirror, instead of ~/.terraform.d/plugins",
    )
    location.add_argument(
        "--project",
        action="store_true",
        help="./terraform.d/plugins, which `terraform init` searches when it runs in this folder",
    )


def location_of(arguments: argparse.Namespace) -> InstallLocation:
    """Return the location that the options of `add_location_arguments` name. Raises CommandError without a home.

    A mirror that the user names has its note beside the packages, for every user of the mirror. The launcher uses the
    user's note while that mirror is in the working folder. A project's folder may be committed, so it has no note: a
    note is right for one machine only.
    """
    home = home_directory()
    if arguments.plugin_dir is not None:
        mirror: Path = arguments.plugin_dir.absolute()
        return InstallLocation(
            mirror,
            own_notes=(mirror / f"natgw-{__version__}.python",),
            shared_notes=(user_note(),) if home else (),
            init=f"terraform init -plugin-dir={mirror}",
            is_named=True,
        )
    if home is None:
        raise CommandError(f"HOME names no home directory. {ANOTHER_FOLDER}")
    if arguments.project:
        return InstallLocation(Path.cwd() / "terraform.d" / "plugins", shared_notes=(user_note(),))
    return InstallLocation(home / ".terraform.d" / "plugins", own_notes=(user_note(),))


def home_directory() -> Path | None:
    """Return the home directory that HOME names, as the launcher reads it; None when HOME names no directory."""
    home = Path(os.environ.get("HOME", ""))
    return home if home.is_absolute() else None


def user_note() -> Path:
    """Return the note of an install for the user, where the launcher reads it."""
    configured = Path(os.environ.get("XDG_DATA_HOME", ""))
    data = configured if configured.is_absolute() else (home_directory() or Path("/")) / ".local" / "share"
    return data / "natgw" / f"{__version__}.python"


def note_text(note: Path) -> str:
    """Return what a note says; empty where there is no note that this user can read."""
    try:
        return note.read_text(encoding="utf-8", errors="replace").strip() if note.is_file() else ""
    except OSError:
        return ""


def noted_python(note: Path) -> str | None:
    """Return the Python that a note names; None without a note, or where it names no program."""
    python = note_text(note)
    return python if shutil.which(python) else None


def version_folder(mirror: Path) -> Path:
    """Return the folder below `mirror` that holds this version, with a folder for each platform."""
    return mirror / SOURCE / __version__


def zip_beside(folder: Path) -> Path:
    """Return where the package of a folder stands when it was copied as a zip, unopened."""
    return folder.parents[1] / f"terraform-provider-natgw_{__version__}_{folder.name}.zip"


def terraform_platform() -> str:
    """Return this machine as Terraform names it, such as `linux_amd64`."""
    machine = platform.machine().lower()
    return f"{platform.system().lower()}_{_ARCHITECTURES.get(machine, machine)}"


def launcher_text() -> str:
    """Return the launcher's text for this version."""
    template = files("natgw_provider.cli").joinpath("launcher.sh").read_text(encoding="utf-8")
    return template.replace("@VERSION@", __version__)


def write_launchers(mirror: Path, platforms: Iterable[str]) -> list[Path]:
    """Write the launchers of Terraform's `platforms` below `mirror`, and return them. Raises OSError.

    A file that is right already is left as it is.
    """
    launchers = []
    for folder in (version_folder(mirror) / it for it in platforms):
        if is_package(folder):
            shutil.rmtree(folder)
        _make_folders(folder)
        # The draft is beside the package folder: a Terraform that hashes it meanwhile must find only the launcher.
        _write(folder / LAUNCHER, launcher_text(), LAUNCHER_MODE, folder.parent)
        launchers.append(folder / LAUNCHER)
    return launchers


def write_note(note: Path) -> None:
    """Write where this Python is. Raises OSError."""
    _make_folders(note.parent)
    _write(note, f"{sys.executable}\n", 0o644, note.parent)


def is_as_written(path: Path, text: str, mode: int) -> bool:
    """Whether the file exists with this text and mode."""
    if not path.is_file():
        return False
    return path.read_bytes() == text.encode() and stat.S_IMODE(path.stat().st_mode) == mode


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


def _folder(text: str) -> Path:
    """Refuse an empty name, as an unset variable leaves it: pathlib takes it for the current folder."""
    if not text.strip():
        raise argparse.ArgumentTypeError(f"{text!r} names no folder: is a variable unset? The current folder is '.'")
    return Path(text)
