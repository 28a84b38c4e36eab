"""`natgw install --package ZIP`: put a self-contained package where `terraform init` finds it.

A package lists its files and their sizes in `lib/files`. The zip is checked before anything is written.
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
from natgw_provider.cli import CommandError

FILE_LIST: Final = "lib/files"
_NAME: Final = re.compile(r"terraform-provider-natgw_(?P<version>[^_]+)_(?P<platform>[a-z0-9]+_[a-z0-9]+)\.zip")
_DOWNLOAD: Final = "Download it again"


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

    The zip has to be for `wanted_platform`, if that is not None. Raises CommandError and OSError.
    """
    named = _NAME.fullmatch(path.name)
    if named is None:
        raise CommandError(
            f"{path.name} is not the name of a package, such as terraform-provider-natgw_VERSION_linux_amd64.zip. "
            "Keep the file's name of the release"
        )
    if wanted_platform not in (None, named["platform"]):
        raise CommandError(
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
        raise CommandError(f"{path} is not a complete zip: {problem}. {_DOWNLOAD}") from problem
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
        raise CommandError(f"the checksum of {path} is not the one in {sums.name}. {_DOWNLOAD}")


def _check_contents(archive: zipfile.ZipFile, name: str, executable: str) -> None:
    """Raise CommandError unless the zip contains what it lists, BadZipFile where its bytes are damaged."""
    sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if executable not in sizes:
        raise CommandError(f"{name} is not a natgw package: it does not contain {executable}. {_DOWNLOAD}")
    if FILE_LIST not in sizes:
        raise CommandError(f"{name} contains only the launcher. Install natgw in Python there, and run `natgw install`")
    listed = dict(_listed(archive.read(FILE_LIST).decode()))
    for file, size in listed.items():
        if sizes.get(file) != size:
            raise CommandError(f"{name} is not complete: {file} is missing or has the wrong size. {_DOWNLOAD}")
    foreign = sizes.keys() - listed.keys() - {FILE_LIST}
    if foreign or any(".." in PurePosixPath(file).parts or file.startswith("/") for file in sizes):
        raise CommandError(f"{name} contains files of something else: {', '.join(sorted(foreign))}")
    if damaged := archive.testzip():
        raise zipfile.BadZipFile(f"{damaged} is damaged")


def _unpack(archive: zipfile.ZipFile, folder: Path) -> None:
    folder.mkdir(parents=True)
    for entry in archive.infolist():
        Path(archive.extract(entry, folder)).chmod(0o755 if entry.external_attr >> 16 & 0o100 else 0o644)


def _listed(text: str) -> Iterator[tuple[str, int]]:
    """Yield the files of a package and their sizes; raises CommandError for any other text."""
    for line in text.splitlines():
        size, _, name = line.partition(" ")
        if not size.isdecimal() or not name:
            raise CommandError(f"{FILE_LIST} of the package is not a list of files. {_DOWNLOAD}")
        yield name, int(size)
