"""`natgw uninstall`: remove what `natgw install` wrote, and what the provider has cached for the user.

Run it before `pip uninstall natgw`. It also removes the folders that are empty afterwards, and nothing else.
"""

from __future__ import annotations

import argparse
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from natgw_provider import __version__
from natgw_provider.bridge.tls import cache_directory
from natgw_provider.cli import CommandError
from natgw_provider.cli.mirror import InstallLocation, add_location_arguments, location_of, user_note, version_folder
from natgw_provider.cli.package import is_package


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options: the same locations as those of `natgw install`."""
    add_location_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Remove this version and print what was removed. Raises CommandError when something cannot be removed."""
    location = location_of(arguments)
    removed: list[Path] = []
    try:
        removed.extend(uninstall(location))  # when it fails, what is removed already is in the list
    except OSError as problem:
        raise CommandError(f"cannot remove {problem.filename}: {problem.strerror}.") from problem
    finally:
        for path in removed:
            print(f"removed {path}")
    if not removed:
        print(f"natgw {__version__} is not installed in {location.mirror}: nothing to remove.")
    return 0


def uninstall(location: InstallLocation) -> Iterator[Path]:
    """Remove this version's launchers and packages of every platform, and the note; yield each. Raises OSError.

    An install for the user also had a cache, which holds the key of the provider's certificate: it is removed too.
    """
    for launcher in sorted(version_folder(location.mirror).glob("*/terraform-provider-natgw_v*")):
        folder = launcher.parent
        if is_package(folder):
            shutil.rmtree(folder)
        else:
            launcher.unlink()
        yield launcher
        _prune(folder, location.mirror)
    for note in filter(Path.is_file, location.own_notes):
        note.unlink()
        yield note
        _prune(note.parent, location.mirror if location.is_named else note.parent.parent)
    cache = cache_directory(os.environ)
    if user_note() in location.own_notes and cache is not None and Path(cache).is_dir():
        shutil.rmtree(cache)
        yield Path(cache)


def _prune(folder: Path, end: Path) -> None:
    """Remove a folder and its parents below `end` while they are empty; a folder may be gone already."""
    while folder != end and not (folder.exists() and any(folder.iterdir())):
        if folder.exists():
            folder.rmdir()
        folder = folder.parent
