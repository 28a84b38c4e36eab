"""Small private files in the user's cache directory, which every layer may keep and must be able to do without.

Every start of the provider imports it, so it imports next to nothing; it knows nothing of what the files hold.
"""

from __future__ import annotations

import os
import stat
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def cache_directory(environment: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """Return where this user's cached files of natgw belong; None without a home directory."""
    if configured := environment.get("XDG_CACHE_HOME"):
        return os.path.join(configured, "natgw")
    if home := environment.get("HOME"):
        return os.path.join(home, "Library/Caches" if platform == "darwin" else ".cache", "natgw")
    return None


def read_private(file: str) -> str:
    """Return the text of `file`; raises OSError, and ValueError when someone else may have written or read it."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with open(descriptor, encoding="utf-8") as stream:
        status = os.fstat(descriptor)
        shared = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or shared:
            raise ValueError(f"{file} is not private to this user")
        return stream.read()


def write_private(file: str, content: bytes) -> None:
    """Make or replace `file` in one step, for this user only; raises OSError."""
    temporary = f"{file}.{os.urandom(8).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:
        stream.write(content)
    os.replace(temporary, file)
