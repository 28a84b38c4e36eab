"""`natgw uninstall`: remove what `natgw install` wrote, and what the provider has cached for the user.

Run it before `pip uninstall natgw`. It also removes the folders that are empty afterwards, and nothing else.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from natgw_provider import __version__
from natgw_provider.bridge.tls import cache_directory
from natgw_provider.cli.install import NoHomeError, Place, add_place_arguments, place_of, user_note, version_folder
from natgw_provider.cli.package import is_package


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: the same places as those of `natgw install`."""
    add_place_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Remove this version and print what was removed; return 1 when something cannot be removed."""
    try:
        place = place_of(arguments)
        removed = list(uninstall(place))
    except NoHomeError as problem:
        print(f"natgw uninstall: {problem}", file=sys.stderr)
        return 1
    except OSError as problem:
        print(f"natgw uninstall: cannot remove {problem.filename}: {problem.strerror}.", file=sys.stderr)
        return 1
    for path in removed:
        print(f"removed {path}")
    if not removed:
        print(f"natgw {__version__} is not installed in {place.mirror}: nothing to remove.")
    return 0


def uninstall(place: Place) -> Iterator[Path]:
    """Remove this version's launchers and packages of every platform, and the note; yield each. Raises OSError.

    An install for the user also had a cache, which holds the key of the provider's certificate: it is removed too.
    """
    for launcher in sorted(version_folder(place.mirror).glob("*/terraform-provider-natgw_v*")):
        if is_package(launcher.parent):
            shutil.rmtree(launcher.parent)
        else:
            launcher.unlink()
        yield launcher
        _prune(launcher.parent if launcher.parent.exists() else launcher.parent.parent, place.mirror)
    for note in filter(Path.is_file, place.own_notes):
        note.unlink()
        yield note
        _prune(note.parent, place.mirror if note.parent == place.mirror else note.parent.parent)
    cache = cache_directory(os.environ)
    if user_note() in place.own_notes and cache is not None and Path(cache).is_dir():
        shutil.rmtree(cache)
        yield Path(cache)


def _prune(folder: Path, end: Path) -> None:
    """Remove a folder and its parents below `end` while they are empty."""
    while folder != end and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
