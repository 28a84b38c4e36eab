"""Mutual TLS as go-plugin asks for it: one certificate of Terraform's is let in, one of ours is announced to it.

Ours is made with `cryptography`, which takes a third of the start-up to import, so it is kept in the user's cache
directory for a few days. Terraform trusts it only as the handshake announces it, and it opens nothing but a socket
that only this user can reach.
"""

from __future__ import annotations

import glob
import os
import ssl
import time
from contextlib import suppress
from typing import Final

from natgw_provider.user_cache import make_private_directory, read_private, write_private

DAY: Final = 24 * 3600
PERIOD: Final = 3 * DAY
"""Seconds for which a cached certificate is used."""

_VALIDITY: Final = 3 * PERIOD
"""Seconds of validity on both sides of the making: a clock that is set back or forward must not break it."""

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


def server_context() -> ssl.SSLContext:
    """Return a context that asks for a client's certificate. Raises SSLError when OpenSSL itself cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0
    context.set_alpn_protocols(["h2"])
    return context


def let_in(context: ssl.SSLContext, client_certificate: str) -> bytes:
    """Have `context` let in only the holder of `client_certificate` (PEM), and return that certificate (DER).

    Raises SSLError, or ValueError for what is not even ASCII.
    """
    client_certificate.encode("ascii")
    context.load_verify_locations(cadata=client_certificate)
    return der(client_certificate)


def install_certificate(context: ssl.SSLContext, cache: str | None, scratch: str) -> bytes:
    """Give `context` a certificate with its key, the cached one if there is, and return the certificate (DER).

    `scratch` is a private directory to go through when the cache cannot be used. Raises OSError when neither can.
    """
    if cache is not None:
        with suppress(OSError, ValueError):
            return _install_cached(context, make_private_directory(cache))
    file = os.path.join(scratch, "tls.pem")
    write_private(file, _new_certificate())
    try:
        return _load(context, file)
    finally:
        os.unlink(file)


def _install_cached(context: ssl.SSLContext, cache: str) -> bytes:
    """Load the certificate of these days from `cache`, made first where it is missing or not to be trusted."""
    file = os.path.join(cache, f"tls-{int(time.time()) // PERIOD}.pem")
    with suppress(OSError, ValueError):
        return _load(context, file)
    write_private(file, _new_certificate())
    _remove_old(file)
    return _load(context, file)


def _load(context: ssl.SSLContext, file: str) -> bytes:
    """Load `file` unless someone else may have written or read it; raises OSError (SSLError is one) or ValueError."""
    pem = read_private(file)
    context.load_cert_chain(file, password="")  # an encrypted key is not ours: OpenSSL must not ask a person for it
    if read_private(file) != pem:
        raise ValueError(f"{file} was replaced while it was read")
    return der(pem)


def _remove_old(current: str) -> None:
    for file in glob.glob(os.path.join(glob.escape(os.path.dirname(current)), "tls-*")):
        if file != current:
            os.unlink(file)


def _new_certificate() -> bytes:
    """Return a new key and a certificate of it, as go-plugin makes them: for localhost, its own authority."""
    from natgw_provider.bridge.certificate import make_certificate  # noqa: PLC0415 - imports cryptography

    return make_certificate(time.time(), _VALIDITY)


def der(pem: str) -> bytes:
    """Return the first certificate of `pem` as DER; raises ValueError when there is none."""
    return ssl.PEM_cert_to_DER_cert(pem[pem.index(_BEGIN) : pem.index(_END) + len(_END)])
