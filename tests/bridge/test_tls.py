"""The certificate that is announced is the one that is used, is private, and is made rarely."""

from __future__ import annotations

import os
import ssl
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from natgw_provider.bridge import tls
from natgw_provider.bridge.tls import cache_directory, make_certificate, make_private_directory

NOW = 1_800_000_000.0


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Every certificate that was made, newest last."""
    made: list[bytes] = []

    def make(now: float, validity: float) -> bytes:
        made.append(certificate_of(now, validity))
        return made[-1]

    certificate_of = tls.make_certificate
    monkeypatch.setattr(tls, "make_certificate", make)
    return made


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time, to be set."""
    moment = [NOW]
    monkeypatch.setattr(time, "time", lambda: moment[0])
    return moment


def install(cache: Path | None, scratch: Path) -> bytes:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    announced = tls.install_certificate(context, None if cache is None else str(cache), str(scratch))
    x509.load_der_x509_certificate(announced)
    return announced


def test_a_second_start_uses_the_cached_certificate(made: list[bytes], tmp_path: Path) -> None:
    cache = tmp_path / "deep" / "cache"
    assert install(cache, tmp_path) == install(cache, tmp_path)
    assert len(made) == 1


def test_a_certificate_is_replaced_after_a_few_days(made: list[bytes], clock: list[float], tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    install(cache, tmp_path)
    clock[0] += tls.PERIOD
    install(cache, tmp_path)
    assert len(made) == 2
    assert len(list(cache.iterdir())) == 1


def test_a_certificate_is_valid_for_longer_than_it_is_used_on_both_sides(clock: list[float], tmp_path: Path) -> None:
    loaded = x509.load_der_x509_certificate(install(tmp_path / "cache", tmp_path))
    assert loaded.not_valid_before_utc.timestamp() <= clock[0] - 2 * tls.PERIOD
    assert loaded.not_valid_after_utc.timestamp() >= clock[0] + 2 * tls.PERIOD


def _another_key(file: Path) -> None:
    pem, other = file.read_bytes(), make_certificate(time.time(), 1000)
    begin = b"-----BEGIN CERTIFICATE-----"
    file.write_bytes(pem[: pem.index(begin)] + other[other.index(begin) :])


def _locked_key(file: Path) -> None:
    pem = file.read_bytes()
    locked = serialization.load_pem_private_key(pem, None).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    file.write_bytes(locked + pem[pem.index(b"-----BEGIN CERTIFICATE-----") :])


def _link(file: Path) -> None:
    elsewhere = file.rename(file.with_name("elsewhere"))
    file.symlink_to(elsewhere)


def _fifo(file: Path) -> None:
    file.unlink()
    os.mkfifo(file, 0o600)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda file: file.write_bytes(b""), id="empty"),
        pytest.param(lambda file: file.write_bytes(b"-----BEGIN CERTIFICATE-----\n"), id="cut short"),
        pytest.param(lambda file: file.write_bytes(b"\xff\xfe"), id="no text"),
        pytest.param(lambda file: file.chmod(0o644), id="others may read it"),
        pytest.param(lambda file: file.chmod(0o602), id="others may write it"),
        pytest.param(lambda file: file.chmod(0o660), id="the group may read and write it"),
        pytest.param(_another_key, id="another key"),
        pytest.param(_locked_key, id="key under a passphrase"),
        pytest.param(_link, id="link"),
        pytest.param(_fifo, id="fifo"),
    ],
)
def test_a_cached_file_that_cannot_be_trusted_is_replaced_without_a_prompt_or_a_wait(
    made: list[bytes], tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    before = install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    spoil(file)
    after = install(tmp_path, tmp_path)
    assert before != after == install(tmp_path, tmp_path)
    assert len(made) == 2
    assert stat.S_ISREG(file.lstat().st_mode)
    assert stat.S_IMODE(file.lstat().st_mode) == 0o600


def test_the_cache_and_the_folders_above_it_are_private_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        install(tmp_path / ".cache" / "deep" / "natgw", tmp_path)
    finally:
        os.umask(before)
    (file,) = (tmp_path / ".cache" / "deep" / "natgw").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    for made in (tmp_path / ".cache", tmp_path / ".cache" / "deep", tmp_path / ".cache" / "deep" / "natgw"):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_folder_in_place_of_the_file_leaves_nothing_behind(tmp_path: Path) -> None:
    cache, scratch = tmp_path / "cache", tmp_path / "scratch"
    scratch.mkdir()
    install(cache, scratch)
    (file,) = cache.iterdir()
    file.unlink()
    (file / "full").mkdir(parents=True)
    assert install(cache, scratch) != install(cache, scratch)
    assert list(cache.iterdir()) == [file]
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize("cache", [None, Path("/proc/nowhere"), Path("/dev/null")])
def test_without_a_usable_cache_nothing_is_left_behind(made: list[bytes], tmp_path: Path, cache: Path | None) -> None:
    assert install(cache, tmp_path) != install(cache, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_replaced_while_it_is_read_is_not_announced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    load = ssl.SSLContext.load_cert_chain

    class Racing(ssl.SSLContext):
        def load_cert_chain(self, certfile: str, *, password: str) -> None:  # type: ignore[override]
            monkeypatch.undo()
            file.write_bytes(tls.make_certificate(time.time(), 1000))
            load(self, certfile, password=password)

    context = Racing(ssl.PROTOCOL_TLS_SERVER)
    with pytest.raises(ValueError, match="was replaced while it was read"):
        tls._load(context, str(file))


def test_another_users_file_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ValueError, match="not private to this user"):
        tls._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), str(file))


# The cache directory, and private files in it.


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
def test_the_cache_is_where_the_system_keeps_caches(
    environment: dict[str, str], platform: str, expected: str | None
) -> None:
    assert cache_directory(environment, platform) == expected


@pytest.fixture
def below(tmp_path: Path) -> Path:
    """A folder in a folder that other users can enter."""
    for folder in (*reversed(tmp_path.parents), tmp_path):
        if folder.stat().st_uid == os.geteuid() and not folder.stat().st_mode & 0o077:
            folder.chmod(0o711)
    (tmp_path / "parent" / "cache").mkdir(parents=True)
    return tmp_path / "parent" / "cache"


@pytest.mark.parametrize(
    ("parent", "cache", "is_used"),
    [
        (0o755, 0o755, True),
        (0o775, 0o755, False),
        (0o777, 0o755, False),
        (0o1777, 0o755, True),
        (0o707, 0o755, False),
        # Nobody else enters the parent. A umask of 002 is usual where each user has a group of their own.
        (0o700, 0o775, True),
    ],
)
def test_a_cache_is_used_only_if_no_other_user_can_replace_a_folder_above_it(
    below: Path, parent: int, cache: int, is_used: bool
) -> None:
    below.parent.chmod(parent)
    below.chmod(cache)
    if is_used:
        assert make_private_directory(str(below)) == str(below.resolve())
    else:
        with pytest.raises(ValueError, match="another user could replace"):
            make_private_directory(str(below))


def test_a_cache_below_another_users_folder_is_not_used(below: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """D3: its owner can rename what is in it."""
    lstat = os.lstat

    def theirs(path: str) -> os.stat_result:
        status = lstat(path)
        return os.stat_result((*status[:4], 12345, *status[5:])) if path == str(below.parent) else status

    monkeypatch.setattr(os, "lstat", theirs)
    with pytest.raises(ValueError, match="another user could replace"):
        make_private_directory(str(below))


def test_a_link_is_judged_by_the_folder_it_leads_to(below: Path) -> None:
    below.parent.chmod(0o777)
    (below.parents[1] / "link").symlink_to(below.parent)
    with pytest.raises(ValueError, match="another user could replace"):
        make_private_directory(str(below.parents[1] / "link" / "cache"))
