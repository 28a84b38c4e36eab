"""Mutual TLS as go-plugin requires it, and the private cache file that holds the provider's own certificate.

One certificate of Terraform's is accepted; one of natgw's is announced to Terraform, which trusts it for this process
alone. To make it imports `cryptography`, a third of the start-up, so it is kept in the user's cache directory for a few
days. Its key is of use only on a socket that no other user can reach. Nothing is read from the cache that another user
could have written.
"""

from __future__ import annotations

import glob
import os
import ssl
import stat
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

PERIOD: Final = 3 * 24 * 3600
"""Seconds for which a cached certificate is used."""

_VALIDITY: Final = 3 * PERIOD
"""Seconds of validity before and after the certificate is made: a clock that is changed must not invalidate it."""

_BEGIN: Final = "-----BEGIN CERTIFICATE-----"
_END: Final = "-----END CERTIFICATE-----"


def server_context() -> ssl.SSLContext:
    """Return a context that requires a client's certificate. Raises SSLError when OpenSSL itself cannot be used."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.num_tickets = 0
    context.set_alpn_protocols(["h2"])
    return context


def accept_client(context: ssl.SSLContext, client_certificate: str) -> bytes:
    """Let `context` accept only the owner of `client_certificate` (PEM), and return that certificate (DER).

    Raises SSLError, or ValueError for text that is not ASCII or holds no certificate.
    """
    client_certificate.encode("ascii")
    context.load_verify_locations(cadata=client_certificate)
    return der(client_certificate)


def install_certificate(context: ssl.SSLContext, cache: str | None, scratch: str) -> bytes:
    """Give `context` a certificate with its key, the cached one if it exists, and return the certificate (DER).

    `scratch` is a private directory, used when the cache cannot be. Raises OSError when neither can.
    """
    if cache is not None:
        with suppress(OSError, ValueError):
            return _install_cached(context, make_private_directory(cache))
    file = os.path.join(scratch, "tls.pem")
    write_private(file, make_certificate(time.time(), _VALIDITY))
    try:
        return _load(context, file)
    finally:
        os.unlink(file)


def _install_cached(context: ssl.SSLContext, cache: str) -> bytes:
    """Load the current certificate from `cache`; make it when it is missing or cannot be trusted."""
    file = os.path.join(cache, f"tls-{int(time.time()) // PERIOD}.pem")
    with suppress(OSError, ValueError):
        return _load(context, file)
    write_private(file, make_certificate(time.time(), _VALIDITY))
    for old in glob.glob(os.path.join(glob.escape(cache), "tls-*")):
        if old != file:
            os.unlink(old)
    return _load(context, file)


def _load(context: ssl.SSLContext, file: str) -> bytes:
    """Load `file` unless another user may have written or read it; raises OSError (SSLError is one) or ValueError."""
    pem = read_private(file)
    context.load_cert_chain(file, password="")  # natgw encrypts no key: OpenSSL must not prompt for a password
    if read_private(file) != pem:
        raise ValueError(f"{file} was replaced while it was read")
    return der(pem)


def der(pem: str) -> bytes:
    """Return the first certificate of `pem` as DER; raises ValueError when `pem` holds no certificate."""
    return ssl.PEM_cert_to_DER_cert(pem[pem.index(_BEGIN) : pem.index(_END) + len(_END)])


def make_certificate(now: float, validity: float) -> bytes:
    """Return a new private key and a self-signed certificate of it, both PEM, valid `validity` seconds around `now`.

    It is what go-plugin makes for itself: DNS name localhost, its own authority, for servers and clients.
    """
    from datetime import UTC, datetime, timedelta  # noqa: PLC0415 - most starts find a certificate in the cache

    from cryptography import x509  # noqa: PLC0415 - the same
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415 - the same
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415 - the same
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID  # noqa: PLC0415 - the same

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    usages = ("digital_signature", "key_encipherment", "key_agreement", "key_cert_sign")
    other_usages = ("content_commitment", "data_encipherment", "crl_sign", "encipher_only", "decipher_only")
    usage = x509.KeyUsage(**dict.fromkeys(usages, True), **dict.fromkeys(other_usages, False))
    extended_usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime.fromtimestamp(now, UTC) - timedelta(seconds=validity))
        .not_valid_after(datetime.fromtimestamp(now, UTC) + timedelta(seconds=validity))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(extended_usage, critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return private + certificate.public_bytes(pem)


# The cache directory, and private files in it.


def cache_directory(environment: Mapping[str, str], platform: str = sys.platform) -> str | None:
    """Return the directory of natgw's cached files for this user; None without a home directory.

    A relative path is ignored, as the XDG Base Directory Specification requires: it would be in the working directory.
    """
    configured = environment.get("XDG_CACHE_HOME", "")
    if os.path.isabs(configured):
        return os.path.join(configured, "natgw")
    home = environment.get("HOME", "")
    if os.path.isabs(home):
        return os.path.join(home, "Library/Caches" if platform == "darwin" else ".cache", "natgw")
    return None


def make_private_directory(directory: str) -> str:
    """Make `directory` and its missing parents, for this user only with any umask, and return its real path.

    Raises OSError, and ValueError when another user could replace it or a directory above it.
    """
    missing = []
    path = directory
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    for path in reversed(missing):
        with suppress(FileExistsError):  # another start has made it meanwhile
            os.mkdir(path, mode=0o700)
    real = os.path.realpath(directory)
    _refuse_replaceable(real)
    return real


def read_private(file: str) -> str:
    """Return the text of `file`; raises OSError, and ValueError when another user may have written or read it.

    A FIFO or a device is refused without waiting for it.
    """
    descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, encoding="utf-8") as stream:
        status = os.fstat(descriptor)
        shared = status.st_mode & (stat.S_IRWXG | stat.S_IRWXO)
        if not stat.S_ISREG(status.st_mode) or status.st_uid != os.geteuid() or shared:
            raise ValueError(f"{file} is not private to this user")
        return stream.read()


def write_private(file: str, content: bytes) -> None:
    """Make or replace `file` in one step, for this user only; raises OSError, and then leaves nothing behind."""
    temporary = f"{file}.{os.urandom(8).hex()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as stream:
            stream.write(content)
        os.replace(temporary, file)
    except OSError:
        os.unlink(temporary)
        raise


def _refuse_replaceable(real: str) -> None:
    """Raise ValueError when another user could rename a directory on the way to `real`, or put another in its place."""
    for directory in _from_the_root(real):
        status = os.lstat(directory)
        is_shared = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH) and not status.st_mode & stat.S_ISVTX
        if status.st_uid not in (0, os.geteuid()) or is_shared:
            raise ValueError(f"another user could replace what is in {directory}")
        if status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            return  # no other user can enter it


def _from_the_root(path: str) -> Iterator[str]:
    parent = os.path.dirname(path)
    if parent != path:
        yield from _from_the_root(parent)
    yield path
