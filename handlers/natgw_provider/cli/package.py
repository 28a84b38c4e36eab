"""`natgw install --package ZIP`: put a self-contained package where `terraform init` finds it.

A package lists its files and their sizes in `lib/files`. The zip is checked before anything is written. A package for
this machine is started once.
"""

from __future__ import annotations

import hashlib
import os
import re
import select
import shutil
import socket
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from natgw_provider import SOURCE
from natgw_provider.bridge import server

FILE_LIST: Final = "lib/files"
_NAME: Final = re.compile(r"terraform-provider-natgw_(?P<version>[^_]+)_(?P<platform>[a-z0-9]+_[a-z0-9]+)\.zip")
_DOWNLOAD: Final = "Download it again"


START_TIMEOUT_SECONDS: Final = 30.0
"""Time for a first start, which may have to compile byte code; Terraform itself waits a minute."""


class UnusablePackageError(Exception):
    """The file cannot be installed; the message is for the user."""


def is_package(folder: Path) -> bool:
    """Whether a folder of a mirror holds a self-contained package, not the launcher."""
    return (folder / FILE_LIST).is_file()


def damage(folder: Path) -> str | None:
    """Return which file of an unpacked package is missing or incomplete; None when the package is complete."""
    for name, size in _listed((folder / FILE_LIST).read_text(encoding="utf-8")):
        path = folder / name
        found = path.stat().st_size if path.is_file() else None
        if found != size:
            return f"{path} is missing" if found is None else f"{path} has {found} bytes instead of {size}"
    return None


def install_package(path: Path, mirror: Path, wanted_platform: str | None) -> Path:
    """Unpack a release's zip into `mirror`, replace an earlier install, and return the executable.

    The zip has to be for `wanted_platform`, if that is not None. Raises UnusablePackageError and OSError.
    """
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise UnusablePackageError(
            f"{path.name} is not the name of a package, such as terraform-provider-natgw_VERSION_linux_amd64.zip. "
            "Keep the file's name of the release"
        )
    if wanted_platform not in (None, named["platform"]):
        raise UnusablePackageError(
            f"{path.name} is for {named['platform']}, and this machine is {wanted_platform}. Use the release's zip for "
            f"{wanted_platform}, or fill a mirror for other machines with --plugin-dir DIR"
        )
    _compare_with_sums(path)
    folder = mirror / SOURCE / named["version"] / named["platform"]
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(path) as archive:
            _check_contents(archive, path.name, f"terraform-provider-natgw_v{named['version']}")
            _unpack(archive, draft)
    except zipfile.BadZipFile as problem:
        raise UnusablePackageError(f"{path} is not a complete zip: {problem}. {_DOWNLOAD}") from problem
    else:
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder / f"terraform-provider-natgw_v{named['version']}"


def _compare_with_sums(path: Path) -> None:
    """Compare the zip with the release's checksums, if their file is in the same folder."""
    sums = path.with_name(re.sub(r"_[a-z0-9]+_[a-z0-9]+\.zip$", "_SHA256SUMS", path.name))
    if not sums.is_file():
        return
    stated = dict(line.split()[::-1] for line in sums.read_text(encoding="utf-8").splitlines() if line)
    if stated.get(path.name) != hashlib.sha256(path.read_bytes()).hexdigest():
        raise UnusablePackageError(f"the checksum of {path} is not the one in {sums.name}. {_DOWNLOAD}")


def _check_contents(archive: zipfile.ZipFile, name: str, executable: str) -> None:
    """Raise UnusablePackageError unless the zip contains what it lists, BadZipFile where its bytes are damaged."""
    sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if executable not in sizes:
        raise UnusablePackageError(f"{name} is not a natgw package: it does not contain {executable}. {_DOWNLOAD}")
    if FILE_LIST not in sizes:
        raise UnusablePackageError(
            f"{name} contains only the launcher. Install natgw in Python there, and run `natgw install`"
        )
    listed = dict(_listed(archive.read(FILE_LIST).decode()))
    for file, size in listed.items():
        if sizes.get(file) != size:
            raise UnusablePackageError(f"{name} is not complete: {file} is missing or has the wrong size. {_DOWNLOAD}")
    foreign = sizes.keys() - listed.keys() - {FILE_LIST}
    if foreign or any(".." in PurePosixPath(file).parts or file.startswith("/") for file in sizes):
        raise UnusablePackageError(f"{name} contains files of something else: {', '.join(sorted(foreign))}")
    if damaged := archive.testzip():
        raise zipfile.BadZipFile(f"{damaged} is damaged")


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    folder.mkdir(parents=True)
    for entry in archive.infolist():
        Path(archive.extract(entry, folder)).chmod(0o755 if entry.external_attr >> 16 & 0o100 else 0o644)


def _listed(text: str) -> Iterator[tuple[str, int]]:
    """Yield the files of a package and their sizes; raises UnusablePackageError for any other text."""
    for line in text.splitlines():
        size, _, name = line.partition(" ")
        if not size.isdecimal() or not name:
            raise UnusablePackageError(f"{FILE_LIST} of the package is not a list of files. {_DOWNLOAD}")
        yield name, int(size)


def start_trouble(launcher: Path) -> str | None:
    """Start the provider as Terraform does, end it, and return why it did not serve; None if it did."""
    try:
        with tempfile.TemporaryDirectory(prefix="natgw-") as scratch:
            return _start_trouble(launcher, scratch)
    except PermissionError:
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
        ready, _, _ = select.select([process.stdout], [], [], START_TIMEOUT_SECONDS)
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
        client.settimeout(START_TIMEOUT_SECONDS)
        try:
            client.connect(path)
            client.sendall(b"not HTTP/2")
            while client.recv(1024):
                pass
        except OSError:
            return False
    return True
