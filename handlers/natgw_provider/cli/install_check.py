"""Whether what is installed works: `natgw install --check`, and what an install tries at its end.

Terraform itself says whether it finds the provider, in a scratch folder, and the provider is started once as Terraform
starts it. Neither writes anything else.
"""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from natgw_provider import SOURCE, __version__
from natgw_provider.bridge import server
from natgw_provider.cli import CommandError, mirror, package
from natgw_provider.cli.mirror import LAUNCHER, LAUNCHER_MODE, InstallLocation

TIMEOUT_SECONDS: Final = 30.0
"""Time for a first start, which may have to compile byte code; Terraform itself waits a minute."""

SEARCH_SECONDS: Final = 60
"""Time for `terraform init`, which may search the network where the CLI configuration says so."""

_CONFIGURATION: Final = f"""\
terraform {{
  required_providers {{
    natgw = {{
      source  = "{SOURCE}"
      version = "{__version__}"
    }}
  }}
}}
"""
_SETTINGS_NAMED_BY: Final = ("TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG")
_HOST: Final = SOURCE.split("/")[0]
_LINES_TO_ADD: Final = """\
With a provider_installation block in its CLI configuration (~/.terraformrc, ~/.terraform.d/*.tfrc, or the file that
TF_CLI_CONFIG_FILE names), terraform searches only where that block says. Add to the block:

  filesystem_mirror {{
    path    = "{mirror}"
    include = ["{host}/*/*"]
  }}

and to the exclude list of its direct method, which asks for a host that does not exist:

    exclude = ["{host}/*/*"]"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was checked; `trouble` says what is wrong, None when nothing is."""

    subject: str
    trouble: str | None = None


def check(location: InstallLocation, platforms: Iterable[str]) -> int:
    """Print what was checked; return 0 when all is right, else 1."""
    folders = location.folders(platforms)
    zips = {it: zip_file for it in folders if not it.exists() and (zip_file := mirror.zip_beside(it)).is_file()}
    needs_python = any(it not in zips and not package.is_package(it) for it in folders)
    files = [
        _zip(zips[it]) if it in zips else Finding(f"package {it.relative_to(location.mirror)}", _package_trouble(it))
        for it in folders
    ]
    files += [_python(location)] if needs_python else []
    (here,) = location.folders([mirror.terraform_platform()])
    tried = [] if here in zips else [Finding("start, as Terraform does it", start_trouble(here / LAUNCHER))]
    starts = not any(finding.trouble for finding in tried)
    if not any(finding.trouble for finding in files):
        tried.append(Finding("terraform's search for it", search_trouble(location)))
    print(f"natgw {__version__} in {location.mirror}:")
    for finding in (*files, *tried):
        print(f"  {'right' if finding.trouble is None else 'WRONG'}  {finding.subject}")
        if finding.trouble is not None:
            print("\n".join(f"         {line}".rstrip() for line in finding.trouble.splitlines()))
    if needs_python and (speed := _slow_start()):
        print(f"  slow   {speed}")
    if any(finding.trouble for finding in files):
        print("`natgw install` with the same options, without --check, repairs the files.")
    elif needs_python and not starts:
        print(
            f"The files are right, this Python is not: install natgw {__version__} in it again, with its dependencies."
        )
    return int(any(finding.trouble for finding in (*files, *tried)))


def _slow_start() -> str | None:
    from natgw_provider.aws.trimmed_models import trimmed_models_folder  # noqa: PLC0415 - imports botocore

    if trimmed_models_folder().is_dir():
        return None
    return "AWS's service models are not cut for this botocore: `natgw install` cuts them, and a plan is 0.2 s faster"


def _package_trouble(folder: Path) -> str | None:
    launcher = folder / LAUNCHER
    if package.is_package(folder):
        damaged = package.damage(folder)
        return damaged and f"{damaged}; run `natgw install --package ZIP` with the release's zip"
    if not launcher.is_file():
        return "it is not installed"
    if not mirror.is_as_written(launcher, mirror.launcher_text(), LAUNCHER_MODE):
        return f"{LAUNCHER} is not the one of natgw {__version__}, or its mode is not {LAUNCHER_MODE:o}"
    others = sorted(path.name for path in folder.iterdir() if path.name != LAUNCHER)
    if others:
        return f"the folder contains more than the launcher, so no lock file matches it; delete {', '.join(others)}"
    return None


def _zip(path: Path) -> Finding:
    """Check a package that was copied as a zip, which Terraform unpacks: do so elsewhere, and start it if it can be."""
    with tempfile.TemporaryDirectory(prefix="natgw-") as scratch:
        try:
            executable = package.install_package(path, Path(scratch), None)
        except CommandError as error:
            return Finding(f"package {path.name}", str(error))
        is_for_here = executable.parent.name == mirror.terraform_platform()
        return Finding(f"package {path.name}", start_trouble(executable) if is_for_here else None)


def _python(location: InstallLocation) -> Finding:
    if named := os.environ.get("NATGW_PYTHON"):
        return Finding(f"Python: {named}, since NATGW_PYTHON is set")
    for note, noted in ((it, mirror.note_text(it)) for it in location.notes):
        if noted:
            trouble = None if mirror.noted_python(note) else "this Python does not exist"
            return Finding(f"Python: noted in {note}: {noted}", trouble)
    return Finding(f"Python: noted in {location.notes[0]}", "this note does not exist")


def search_trouble(location: InstallLocation) -> str | None:
    """Return why `terraform init` does not find what is installed, with the lines to add; None if it does.

    None also where the user names the mirror to `terraform init`, and where Terraform is not on PATH. A relative folder
    of PATH does not count: what the working folder holds is not started.
    """
    terraform = shutil.which("terraform")
    if location.is_named or terraform is None or not Path(terraform).is_absolute():
        return None
    with tempfile.TemporaryDirectory(prefix="natgw-") as scratch:
        Path(scratch, "main.tf").write_text(_CONFIGURATION, encoding="utf-8")
        if location.mirror.parent.name == "terraform.d":  # a project's, which is searched beside the configuration
            Path(scratch, "terraform.d").symlink_to(location.mirror.parent)
        kept = {name: it for name, it in os.environ.items() if not name.startswith(("TF_CLI_ARGS", "TF_DATA_DIR"))}
        # The scratch folder is not where the user's settings are named from.
        settings = {name: str(Path(kept[name]).absolute()) for name in _SETTINGS_NAMED_BY if kept.get(name)}
        try:
            init = subprocess.run(  # noqa: S603 - the user's terraform, our words
                [terraform, "init", "-backend=false", "-input=false", "-no-color"],
                cwd=scratch,
                env={**kept, **settings, "CHECKPOINT_DISABLE": "1", "TF_PLUGIN_CACHE_DIR": scratch},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=SEARCH_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return (
                f"`terraform init` does not end within {SEARCH_SECONDS} seconds. "
                f"Run it where you use natgw, and see what it waits for.\n\n{_lines_to_add(location)}"
            )
    if init.returncode == 0:
        return None
    said = init.stderr.strip() or init.stdout.strip()
    return f"`terraform init` says:\n\n{said}\n\n{_lines_to_add(location)}"


def _lines_to_add(location: InstallLocation) -> str:
    return _LINES_TO_ADD.format(mirror=location.mirror, host=_HOST)


def start_trouble(launcher: Path) -> str | None:
    """Start the provider as Terraform does, end it, and return why it did not serve; None if it did."""
    try:
        with tempfile.TemporaryDirectory(prefix="natgw-") as scratch:
            return _start_trouble(launcher, scratch)
    except PermissionError:
        if launcher.is_file() and not launcher.stat().st_mode & 0o111:
            return f"{launcher} cannot be executed: its mode does not allow execution: chmod 755 {launcher}"
        return (
            f"{launcher} cannot be executed: its folder is on a file system that does not allow execution (noexec). "
            "Name a folder on another one, with --plugin-dir DIR, then `terraform init -plugin-dir=DIR`"
        )
    except OSError as problem:
        return f"{launcher} cannot be executed: {problem.strerror}"


def _start_trouble(launcher: Path, scratch: str) -> str | None:
    """Start the provider, with its socket in `scratch`, end it, and return why it did not serve."""
    environment = {**os.environ, server.COOKIE_NAME: server.COOKIE, "TMPDIR": scratch}
    environment.pop(server.CLIENT_CERTIFICATE_NAME, None)
    with (
        tempfile.TemporaryFile() as stderr,
        subprocess.Popen(  # noqa: S603 - our own launcher
            [launcher], env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=stderr
        ) as process,
    ):
        assert process.stdout is not None  # noqa: S101 - for mypy: it was asked for above
        ready, _, _ = select.select([process.stdout], [], [], TIMEOUT_SECONDS)
        said = process.stdout.readline().decode(errors="replace").strip() if ready else ""
        is_handshake = said.startswith("1|6|unix|")
        # Twice: a process that fails after the handshake closes the first connection too, by ending itself.
        serves = is_handshake and all(_answers(said.split("|")[3]) for _ in range(2))
        process.kill()
        process.wait()
        stderr.seek(0)
        lines = stderr.read().decode(errors="replace").strip().splitlines() or ["it prints nothing"]
    if serves:
        return None
    return lines[-1] if is_handshake or not said else said


def _answers(path: str) -> bool:
    """Whether a server accepts a connection and closes it, as a gRPC server does when it receives anything else."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(TIMEOUT_SECONDS)
        try:
            client.connect(path)
            client.sendall(b"not HTTP/2")
            while client.recv(1024):
                pass
        except OSError:
            return False
    return True
