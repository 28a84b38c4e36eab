"""Mutual TLS as go-plugin asks for it: one certificate of Terraform's is let in, one of ours is announced to it.

Ours is made with `cryptography`, which takes a third of the start-up to import, so it is kept in the user's cache
directory for a few days. Terraform trusts it only as the handshake announces it, and it opens nothing but a socket
that only this user can reach.
"""

from __future__ import annotations

import os
import secrets
import ssl
import stat
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

DAY: Final = 24 * 3600
PERIOD: Final = 3 * DAY
"""Seconds for which a cached certificate is used."""

_VALIDITY: Final = 3 * PERIOD
"""Seconds of validity on both sides of the making: a clock that is set back or forward must not break it."""


def server_context(client_certificate: str) -> ssl.SSLContext:
    """Return a context that lets in only the holder of `client_certificate` (PEM); raises ssl.SSLError or ValueError."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0
    context.load_verify_locations(cadata=client_certificate)
    context.set_alpn_protocols(["h2"])
    return context


def cache_directory(environment: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return where this user's cached files of natgw belong; None without a home directory."""
    if configured := environment.get("XDG_CACHE_HOME"):
        return Path(configured) / "natgw"
    if home := environment.get("HOME"):
        return Path(home) / ("Library/Caches" if platform == "darwin" else ".cache") / "natgw"
    return None


def install_certificate(context: ssl.SSLContext, cache: Path | None, scratch: Path) -> bytes:
    """Give `context` a certificate with its key, the cached one if there is, and return the certificate (DER).

    `scratch` is a private directory to go through when the cache cannot be used.
    """
    if cache is not None:
        file = cache / f"tls-{int(time.time()) // PERIOD}.pem"
        with suppress(OSError, ValueError):
            return _load(context, file)
        with suppress(OSError, ValueError):
            cache.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write(file, _new_certificate())
            _remove_old(file)
            return _load(context, file)
    file = scratch / "tls.pem"
    _write(file, _new_certificate())
    try:
        return _load(context, file)
    finally:
        file.unlink()


def _load(context: ssl.SSLContext, file: Path) -> bytes:
    """Load `file` unless someone else may have written or read it; raises OSError (SSLError is one) or ValueError."""
    pem = _read_private(file)
    context.load_cert_chain(file)
    if _read_private(file) != pem:
        raise ValueError(f"{file} was replaced while it was read")
    return ssl.PEM_cert_to_DER_cert(pem[pem.index("-----BEGIN CERTIFICATE-----") :])


def _read_private(file: Path) -> str:
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    with open(descriptor) as stream:  # noqa: PTH123 - a file descriptor, not a path
        status = os.fstat(descriptor)
        shared = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or shared:
            raise ValueError(f"{file} is not private to this user")
        return stream.read()


def _write(file: Path, pem: bytes) -> None:
    temporary = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "wb") as stream:  # noqa: PTH123 - a file descriptor, not a path
        stream.write(pem)
    temporary.replace(file)


def _remove_old(current: Path) -> None:
    for file in current.parent.glob("tls-*.pem"):
        if file != current:
            file.unlink(missing_ok=True)


def _new_certificate() -> bytes:
    """Return a new key and a certificate of it, as go-plugin makes them: for localhost, its own authority."""
    from natgw_provider.bridge.certificate import make_certificate  # noqa: PLC0415 - imports cryptography

    return make_certificate(time.time(), _VALIDITY)
