"""Where Python keeps its byte code when it cannot do so beside the modules, as in an image that is read-only.

Without any, each of a command's several starts compiles hundreds of modules anew, which takes longer than all else.
"""

from __future__ import annotations

import os
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from natgw_provider.user_cache import cache_directory

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import ModuleSpec


def keep_byte_code(package: ModuleSpec | None, environment: Mapping[str, str]) -> None:
    """Let Python keep it in the user's cache from now on, unless that of `package`, just imported, is in its place.

    If Python could not leave it there it can leave none for the rest either. Nothing changes where other users could
    write into the cache.
    """
    cache = cache_directory(environment)
    if sys.dont_write_bytecode:  # asked for on the command line: an empty place would hide what stands beside the rest
        return
    if package is None or package.cached is None or cache is None or os.path.exists(package.cached):
        return
    place = os.path.join(cache, "byte-code")
    with suppress(OSError):
        os.makedirs(cache, mode=0o700, exist_ok=True)
        os.makedirs(place, mode=0o700, exist_ok=True)
        if _is_ours(cache) and _is_ours(place):
            sys.pycache_prefix = place


def _is_ours(directory: str) -> bool:
    status = os.lstat(directory)
    writable = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.geteuid() and not writable
