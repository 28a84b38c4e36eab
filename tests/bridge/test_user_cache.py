"""Where the user's cached files stand, and that nobody else's are trusted."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from natgw_provider.bridge.tls import cache_directory, make_private_directory, write_private


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "linux", "/c/natgw"),
        ({"HOME": "/h"}, "linux", "/h/.cache/natgw"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Caches/natgw"),
        ({"HOME": ""}, "linux", None),
        ({"HOME": "."}, "linux", None),
        ({"XDG_CACHE_HOME": "c", "HOME": "/h"}, "linux", "/h/.cache/natgw"),
        ({}, "linux", None),
    ],
)
def test_the_cache_stands_where_the_system_keeps_caches(
    environment: dict[str, str], platform: str, expected: str | None
) -> None:
    assert cache_directory(environment, platform) == expected


@pytest.fixture
def below(tmp_path: Path) -> Path:
    """A folder in a folder, of which nobody else is kept out on the way."""
    for folder in (*reversed(tmp_path.parents), tmp_path):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o077:
            folder.chmod(0o711)
    (tmp_path / "parent" / "cache").mkdir(parents=True)
    (tmp_path / "parent" / "cache").chmod(0o755)
    return tmp_path / "parent" / "cache"


@pytest.mark.parametrize(
    ("mode", "is_used"),
    [(0o755, True), (0o700, True), (0o775, False), (0o777, False), (0o1777, True), (0o707, False)],
)
def test_a_cache_is_used_only_if_nobody_else_can_replace_what_is_above_it(
    below: Path, mode: int, is_used: bool
) -> None:
    below.parent.chmod(mode)
    if is_used:
        assert make_private_directory(str(below)) == str(below.resolve())
    else:
        with pytest.raises(ValueError, match="another user could replace"):
            make_private_directory(str(below))


def test_what_is_shared_below_a_folder_that_only_this_user_enters_is_private(below: Path) -> None:
    """As with a umask of 002, usual where each user has a group of their own."""
    below.parent.chmod(0o700)
    below.chmod(0o775)
    assert make_private_directory(str(below))


def test_a_cache_below_another_users_folder_is_not_used(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """D3: its owner can rename what is in it."""
    lstat = os.lstat

    def theirs(path: str) -> os.stat_result:
        status = lstat(path)
        return os.stat_result((*status[:4], 12345, *status[5:])) if path == str(below.parent) else status

    monkeypatch.setattr(os, "lstat", theirs)
    with pytest.raises(ValueError, match="another user could replace"):
        make_private_directory(str(below))


def test_a_link_on_the_way_is_judged_by_where_it_leads(below: Path) -> None:
    below.parent.chmod(0o777)
    (below.parents[1] / "link").symlink_to(below.parent)
    with pytest.raises(ValueError, match="another user could replace"):
        make_private_directory(str(below.parents[1] / "link" / "cache"))


@pytest.mark.parametrize("limit", [0, 10])
def test_a_full_disk_leaves_nothing_behind(tmp_path: Path, limit: int) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, before[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            write_private(str(tmp_path / "kept"), b"content that does not fit")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
