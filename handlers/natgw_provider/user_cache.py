"""The user's cache directory, and private files in it: the provider's TLS certificate is the only one.

Every start of the provider imports it, so it imports next to nothing; it knows nothing of what the file holds. What is
read here decides what the provider serves with, so nothing is read that another user could have put there.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def cache_directory(environment: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """Return where this user's cached files of natgw belong; None without a home directory.

    A relative path is ignored, as the XDG Base Directory Specification asks: it would lead into the working directory.
    """
    configured = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(configured):
        return os.path.join(configured, "natgw")
    home = environment.get("HOME", "")
    if os.path.isabs(home):
        return os.path.join(home, "Library/Caches" if platform == "darwin" else ".cache", "natgw")
    return None


def make_private_directory(directory: str) -> str:
    """Make `directory` and the parents it lacks, for this user only whatever the umask, and return its real path.

    Raises OSError, and ValueError when another user could replace it or a directory above it.
    """
    missing = []
    path = directory
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for path in reversed(missing):
        with suppress(FileExistsError):  # another start was faster
            os.mkdir(path, mode=0o700)
    real = os.path.realpath(directory)
    _refuse_replaceable(real)
    return real


def read_private(file: str) -> str:
    """Return the text of `file`; raises OSError, and ValueError when someone else may have written or read it.

    A FIFO or a device is refused without waiting for it.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, encoding="utf-8") as stream:
        status = os.fstat(descriptor)
        shared = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or shared:
            raise ValueError(f"{file} is not private to this user")
        return stream.read()


def write_private(file: str, content: bytes) -> None:
    """Make or replace `file` in one step, for this user only; raises OSError, and then leaves nothing behind."""
    temporary = f"{file}.{os.urandom(8).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
        os.replace(temporary, file)
    except OSError:
        os.unlink(temporary)
        raise


def _refuse_replaceable(real: str) -> None:
    """Raise ValueError when another user could rename a directory on the way to `real`, or put another in its place."""
    for directory in _from_the_root(real):
        status = os.lstat(directory)
        is_shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX
        if status.st_uid not in (0, os.geteuid()) or is_shared:
            raise ValueError(f"another user could replace what is in {directory}")
        if status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return  # nobody else gets below it


def _from_the_root(path: str) -> Iterator[str]:
    parent = os.path.dirname(path)
    if parent != path:
        yield from _from_the_root(parent)
    yield path
