"""`natgw install`: put the provider where `terraform init` finds it without any setting.

The package folder holds one launcher, the same on every unix machine for one version, so that a committed lock file
holds for the whole team. What differs between machines, the path of Python, stands in a note outside that folder.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

from natgw_provider import __version__

SOURCE_HOSTS = ("registry.terraform.io", "registry.opentofu.org")
"""What Terraform and OpenTofu put before the source `local/natgw`; nothing is ever fetched from there."""

_ARCHITECTURES = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
_EXECUTABLE = 0o755


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--plugin-dir",
        type=Path,
        metavar="DIR",
        help="a folder for `terraform init -plugin-dir=DIR` or a filesystem_mirror, instead of ~/.terraform.d/plugins",
    )


def run(arguments: argparse.Namespace) -> int:
    """Install and say where; 1 when the folder cannot be written."""
    folder: Path | None = arguments.plugin_dir
    mirror = folder or Path.home() / ".terraform.d" / "plugins"
    note = mirror / f"natgw-{__version__}.python" if folder else user_note()
    try:
        installed = list(install(mirror, note))
    except OSError as problem:
        print(f"natgw install: cannot write {problem.filename}: {problem.strerror}.", file=sys.stderr)
        return 1
    print(f"natgw {__version__} is installed for {terraform_platform()}:")
    for launcher in installed:
        print(f"  {launcher}")
    how = f"terraform init -plugin-dir={mirror}" if folder else "terraform init"
    print(f'Next: declare source = "local/natgw" in required_providers and run `{how}`.')
    return 0


def install(mirror: Path, note: Path) -> Iterator[Path]:
    """Write the launcher below `mirror` for each host, and the note that says where Python is; yield the launchers."""
    note.parent.mkdir(parents=True, exist_ok=True)
    _write(note, f"{sys.executable}\n", 0o644)
    for host in SOURCE_HOSTS:
        folder = mirror / host / "local" / "natgw" / __version__ / terraform_platform()
        folder.mkdir(parents=True, exist_ok=True)
        launcher = folder / f"terraform-provider-natgw_v{__version__}"
        _write(launcher, launcher_text(), _EXECUTABLE)
        yield launcher


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


def _write(path: Path, text: str, mode: int) -> None:
    """Replace a file at once, so that a Terraform that starts meanwhile sees the old one or the new one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(mode)
    draft.replace(path)
