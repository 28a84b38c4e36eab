"""Fuzz targets of the bridge: values, and what the environment and the cache hold at the start."""

from __future__ import annotations

import functools
import os
import ssl
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from unittest import mock

import msgpack

from bridge.strategies import canonical
from fuzz.target import Target
from natgw_provider.bridge import certificate, server, tls
from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf, Type
from natgw_provider.bridge.wire import WireError, decode, decode_json, encode

_PRIMITIVES = (STRING, NUMBER, BOOL)
_NAMES = ("a", "b", "c")
_DEPTH = 4


def type_from(data: bytes) -> tuple[Type, bytes]:
    """Return a type that the first bytes stand for, and the rest of the bytes."""
    rest = iter(data)
    type_ = _type_from(rest, _DEPTH)
    return type_, bytes(rest)


def _type_from(data: Iterator[int], depth: int) -> Type:
    choice = next(data, 0) % 7
    if choice < len(_PRIMITIVES) or depth == 0:
        return _PRIMITIVES[choice % len(_PRIMITIVES)]
    if choice == len(_PRIMITIVES):
        return ObjectOf({name: _type_from(data, depth - 1) for name in _NAMES[: next(data, 0) % (len(_NAMES) + 1)]})
    return (ListOf, SetOf, MapOf)[choice - 4](_type_from(data, depth - 1))


def msgpack_value(data: bytes) -> None:
    """Whatever is read is written again, and means the same."""
    type_, rest = type_from(data)
    with suppress(WireError):
        value = decode(type_, rest)
        assert canonical(type_, decode(type_, encode(type_, value))) == canonical(type_, value)


def json_value(data: bytes) -> None:
    """The same for JSON. Text that is no Unicode can be read from it, but not written."""
    type_, rest = type_from(data)
    for lenient in (False, True):
        with suppress(WireError):
            value = decode_json(type_, rest, lenient=lenient)
            encoded = encode(type_, value)
            assert canonical(type_, decode(type_, encoded)) == canonical(type_, value)


def _value_seeds() -> list[bytes]:
    thing = b"\x03\x03\x00\x04\x01\x06\x02"  # {a = string, b = list(number), c = map(bool)}
    plain = {"a": "x", "b": [1, 0.5, "1e400", 2**64 - 1], "c": {"k": True, "l": None}}
    unknown = {"a": msgpack.ExtType(0, b"\0"), "b": None, "c": msgpack.ExtType(12, b"\x81\x01\xc2")}
    return [thing + msgpack.packb(plain), thing + msgpack.packb(unknown), b"\x01" + msgpack.packb("-1.5e-7")]


def _json_seeds() -> list[bytes]:
    thing = b"\x03\x03\x00\x04\x01\x06\x02"
    texts = [
        b'{"a": "x", "b": [1, 0.5, 1e400, -0.0], "c": {"k": true}}',
        b'{"a": null, "d": 1}',
        b'{"a": "\\ud800"}',
    ]
    numbers = [b"1e99999999999999999999", b"-1e-99999999999999999999", b"Infinity", b"NaN", b"9" * 5000, b"[" * 5000]
    return [thing + text for text in texts] + [b"\x01" + number for number in numbers]


def client_certificate(data: bytes) -> None:
    """Any text as Terraform's certificate: it is usable, or one clear line says that it is not."""
    pem = os.fsdecode(data.replace(b"\0", b""))
    environment = {"PLUGIN_CLIENT_CERT": pem, "XDG_CACHE_HOME": _cache()}
    with mock.patch.dict(os.environ, environment), suppress(server._UnusableError):
        server._security(_cache())


def certificate_cache(data: bytes) -> None:
    """Any content of the cached certificate's file: a certificate that works is announced all the same."""
    cache = Path(_cache(), "certificate")
    cache.mkdir(mode=0o700, exist_ok=True)
    file = cache / f"tls-{int(time.time()) // tls.PERIOD}.pem"
    file.touch(mode=0o600)
    file.write_bytes(data)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with mock.patch.object(certificate, "make_certificate", return_value=_certificate()):
        announced = tls.install_certificate(context, str(cache), str(cache))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=announced)


@functools.cache
def _certificate() -> bytes:
    return certificate.make_certificate(time.time(), 3 * tls.PERIOD)


def _certificate_seeds() -> list[bytes]:
    pem = _certificate()
    public = pem[pem.index(b"-----BEGIN CERTIFICATE-----") :]
    return [pem, public, public + pem, public * 2, public[:-40], b"garbage", "-----BEGIN é".encode()]


@functools.cache
def _cache() -> str:
    return tempfile.mkdtemp(prefix="natgw-fuzz-")


TARGETS: Sequence[Target] = (
    Target(name="msgpack-value", run=msgpack_value, seeds=_value_seeds),
    Target(name="json-value", run=json_value, seeds=_json_seeds),
    Target(name="client-certificate", run=client_certificate, seeds=_certificate_seeds),
    Target(name="certificate-cache", run=certificate_cache, seeds=_certificate_seeds),
)
