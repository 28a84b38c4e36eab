"""Where the user's cached files stand, and that nobody else's are trusted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from natgw_provider.user_cache import cache_directory, read_private, write_private


@pytest.mark.parametrize(
    ("environment", "platform", "expected"),
    [
        ({"XDG_CACHE_HOME": "/c", "HOME": "/h"}, "linux", "/c/natgw"),
        ({"HOME": "/h"}, "linux", "/h/.cache/natgw"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Caches/natgw"),
        ({"HOME": ""}, "linux", None),
        ({}, "linux", None),
    ],
)
def test_the_cache_stands_where_the_system_keeps_caches(
    environment: dict[str, str], platform: str, expected: str | None
) -> None:
    assert cache_directory(environment, platform) == expected


def test_a_file_is_written_for_this_user_only_and_replaced_in_one_step(tmp_path: Path) -> None:
    file = tmp_path / "kept"
    for content in ("one", "two"):
        write_private(str(file), content.encode())
        assert read_private(str(file)) == content
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("mode", [0o640, 0o602, 0o604, 0o620])
def test_a_file_that_others_may_open_is_not_read(tmp_path: Path, mode: int) -> None:
    file = tmp_path / "kept"
    write_private(str(file), b"content")
    file.chmod(mode)
    with pytest.raises(ValueError, match="not private"):
        read_private(str(file))


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    write_private(str(tmp_path / "kept"), b"content")
    (tmp_path / "link").symlink_to("kept")
    with pytest.raises(OSError, match="link"):
        read_private(str(tmp_path / "link"))


def test_another_users_file_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    write_private(str(tmp_path / "kept"), b"content")
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ValueError, match="not private"):
        read_private(str(tmp_path / "kept"))
