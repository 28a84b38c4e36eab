"""`natgw install --package ZIP`: put a self-contained package where `terraform init` finds it.

A package lists its own files, with their sizes, in `lib/files`. It is looked through before anything is written, and
started once where it is for this machine.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from natgw_provider import SOURCE

FILE_LIST: Final = "lib/files"
_NAME: Final = re.compile(r"terraform-provider-natgw_(?P<version>[^_]+)_(?P<platform>[a-z0-9]+_[a-z0-9]+)\.zip")
_DOWNLOAD: Final = "Download it again"


class UnusablePackageError(Exception):
    """The file cannot be installed; the message is for the user."""


def is_package(folder: Path) -> bool:
    """Whether a folder of a mirror holds a self-contained package, not the launcher."""
    return (folder / FILE_LIST).is_file()


def damage(folder: Path) -> str | None:
    """Say which file of an unpacked package is missing or cut short; None when it is whole."""
    for name, size in _listed((folder / FILE_LIST).read_text(encoding="utf-8")):
        path = folder / name
        if not path.is_file():
            return f"{path} is missing"
        if path.stat().st_size != size:
            return f"{path} is not whole: it has {path.stat().st_size} bytes of {size}"
    return None


def install_package(path: Path, mirror: Path, wanted_platform: str | None) -> Path:
    """Unpack a release's zip into `mirror` in place of what is there, and return the executable.

    Its platform has to be `wanted_platform`, unless that is None. Raises UnusablePackageError and OSError.
    """
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise UnusablePackageError(
            f"{path.name} is not the name of a package, as terraform-provider-natgw_VERSION_linux_amd64.zip is. "
            "Keep the name that the release has given it"
        )
    if wanted_platform not in (None, named["platform"]):
        raise UnusablePackageError(
            f"{path.name} is for {named['platform']}, and this machine is {wanted_platform}. Take the release's zip "
            "for this one, or install into a mirror that other machines read, with --plugin-dir DIR"
        )
    _compare_with_sums(path)
    folder = mirror / SOURCE / named["version"] / named["platform"]
    draft = folder.with_name(f".{folder.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(path) as archive:
            _look_through(archive, path.name, f"terraform-provider-natgw_v{named['version']}")
            _unpack(archive, draft)
    except zipfile.BadZipFile as problem:
        raise UnusablePackageError(f"{path} is not a whole zip: {problem}. {_DOWNLOAD}") from problem
    else:
        shutil.rmtree(folder, ignore_errors=True)
        draft.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder / f"terraform-provider-natgw_v{named['version']}"


def _compare_with_sums(path: Path) -> None:
    """Compare the zip with the release's sums, where these lie beside it."""
    sums = path.with_name(re.sub(r"_[a-z0-9]+_[a-z0-9]+\.zip$", "_SHA256SUMS", path.name))
    if not sums.is_file():
        return
    stated = dict(line.split()[::-1] for line in sums.read_text(encoding="utf-8").splitlines() if line)
    if stated.get(path.name) != hashlib.sha256(path.read_bytes()).hexdigest():
        raise UnusablePackageError(f"{path} is not the file that {sums.name} beside it lists. {_DOWNLOAD}")


def _look_through(archive: zipfile.ZipFile, name: str, executable: str) -> None:
    """Raise UnusablePackageError unless the zip holds what it lists, and BadZipFile where its bytes are damaged."""
    sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if executable not in sizes:
        raise UnusablePackageError(f"{name} holds no {executable}, so it is no package of natgw. {_DOWNLOAD}")
    if FILE_LIST not in sizes:
        raise UnusablePackageError(
            f"{name} holds the launcher for an installed Python alone. Install natgw there and run its `natgw install`"
        )
    listed = dict(_listed(archive.read(FILE_LIST).decode()))
    for file, size in listed.items():
        if sizes.get(file) != size:
            raise UnusablePackageError(f"{name} is not whole: {file} is missing in it or cut short. {_DOWNLOAD}")
    foreign = sizes.keys() - listed.keys() - {FILE_LIST}
    if foreign or any(".." in PurePosixPath(file).parts or file.startswith("/") for file in sizes):
        raise UnusablePackageError(f"{name} holds files that are not a package's: {', '.join(sorted(foreign))}")
    if damaged := archive.testzip():
        raise zipfile.BadZipFile(f"{damaged} is damaged")


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    folder.mkdir(parents=True)
    for entry in archive.infolist():
        Path(archive.extract(entry, folder)).chmod(0o755 if entry.external_attr >> 16 & 0o100 else 0o644)


def _listed(text: str) -> Iterator[tuple[str, int]]:
    """Yield the files of a package and their sizes; raises UnusablePackageError for another text."""
    for line in text.splitlines():
        size, _, name = line.partition(" ")
        if not size.isdecimal() or not name:
            raise UnusablePackageError(f"{FILE_LIST} of the package is not a list of files. {_DOWNLOAD}")
        yield name, int(size)
