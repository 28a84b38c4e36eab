"""The certificate that is announced is the one that is used, is private, and is made rarely."""

from __future__ import annotations

import os
import ssl
import stat
import time
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from natgw_provider.bridge import tls

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


def test_the_cached_file_and_its_folder_are_private(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    install(cache, tmp_path)
    (file,) = cache.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(cache.stat().st_mode) == 0o700


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


@pytest.mark.parametrize("content", [b"", b"garbage", b"-----BEGIN CERTIFICATE-----\n", b"\xff\xfe"])
def test_a_damaged_file_is_replaced(made: list[bytes], tmp_path: Path, content: bytes) -> None:
    install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    file.write_bytes(content)
    assert install(tmp_path, tmp_path) == install(tmp_path, tmp_path)
    assert len(made) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_certificate_with_another_key_is_replaced(made: list[bytes], tmp_path: Path) -> None:
    install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    key, other = made[0], tls.make_certificate(time.time(), 1000)
    begin = b"-----BEGIN CERTIFICATE-----"
    file.write_bytes(key[: key.index(begin)] + other[other.index(begin) :])
    assert install(tmp_path, tmp_path) not in {tls.der(key.decode()), tls.der(other.decode())}


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o602])
def test_a_file_that_others_may_read_or_write_is_replaced(made: list[bytes], tmp_path: Path, mode: int) -> None:
    install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    file.chmod(mode)
    install(tmp_path, tmp_path)
    assert len(made) == 2
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_is_not_followed(made: list[bytes], tmp_path: Path) -> None:
    elsewhere, cache = tmp_path / "elsewhere", tmp_path / "cache"
    install(elsewhere, tmp_path)
    (file,) = elsewhere.iterdir()
    cache.mkdir()
    (cache / file.name).symlink_to(file)
    install(cache, tmp_path)
    assert len(made) == 2
    assert not (cache / file.name).is_symlink()


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_the_folders_above_the_cache_are_private_whatever_the_umask(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        install(tmp_path / ".cache" / "deep" / "natgw", tmp_path)
    finally:
        os.umask(before)
    for made in (tmp_path / ".cache", tmp_path / ".cache" / "deep", tmp_path / ".cache" / "deep" / "natgw"):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_a_fifo_in_place_of_the_file_is_replaced_without_waiting_for_it(tmp_path: Path) -> None:
    install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    file.unlink()
    os.mkfifo(file, 0o600)
    assert install(tmp_path, tmp_path) == install(tmp_path, tmp_path)
    assert file.is_file()


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
def test_without_a_usable_cache_nothing_stays_behind(made: list[bytes], tmp_path: Path, cache: Path | None) -> None:
    assert install(cache, tmp_path) != install(cache, tmp_path)
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_replaced_while_it_is_read_is_not_announced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = install(tmp_path, tmp_path)
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
    assert first


def test_the_certificate_is_what_go_plugin_expects(tmp_path: Path) -> None:
    loaded = x509.load_der_x509_certificate(install(None, tmp_path))
    names = loaded.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]
    assert loaded.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    usages = loaded.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {usage._name for usage in usages} == {"serverAuth", "clientAuth"}


@pytest.mark.parametrize(
    "pem", ["", "garbage", "-----BEGIN é", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_a_client_certificate_that_is_none_is_refused(pem: str) -> None:
    with pytest.raises((ssl.SSLError, ValueError)):
        tls.accept_client(tls.server_context(), pem)


def test_a_cached_key_under_a_passphrase_is_replaced_and_nobody_is_asked(tmp_path: Path) -> None:
    announced = install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    key = serialization.load_pem_private_key(file.read_bytes(), None)
    locked = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"secret")
    )
    file.write_bytes(locked + ssl.DER_cert_to_PEM_cert(announced).encode())
    assert install(tmp_path, tmp_path) != announced


def test_another_users_file_is_not_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    install(tmp_path, tmp_path)
    (file,) = tmp_path.iterdir()
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(ValueError, match="not private to this user"):
        tls._load(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), str(file))
