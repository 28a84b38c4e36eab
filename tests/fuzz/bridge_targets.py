"""Fuzz targets of the bridge: values, connections, and what the environment and the cache hold at the start."""

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
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes

from bridge.fake_provider import FakeProvider, ListThings
from bridge.strategies import canonical
from fuzz.target import Target, session_of
from natgw_provider.bridge import server, tls
from natgw_provider.bridge.grpc_connection import INTERNAL, GrpcConnection, GrpcError
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.dispatch import list_resource
from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf, Type
from natgw_provider.bridge.transport import TlsChannel
from natgw_provider.bridge.wire import WireError, conform, decode, encode, parse_json

_PRIMITIVES = (STRING, NUMBER, BOOL)
_NAMES = ("a", "b", "c")
_DEPTH = 4
_EVENTS = 20


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
    """The same for a stored value in JSON."""
    type_, rest = type_from(data)
    with suppress(WireError):
        value = conform(type_, parse_json(rest))
        assert canonical(type_, decode(type_, encode(type_, value))) == canonical(type_, value)


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


def list_request(data: bytes) -> None:
    """Any bytes as a request for a list: it ends, and each event holds a resource or a diagnostic."""
    events: list[pb.ListResource.Event] = []

    def send(event: bytes) -> bool:
        events.append(pb.ListResource.Event.FromString(event))
        assert len(events) <= _EVENTS, "the list must end when its client needs no more"
        return len(events) < _EVENTS

    session = session_of(FakeProvider(Path(_cache())))
    session.stop()
    list_resource(session, data, send)
    assert all(event.HasField("identity") or event.diagnostic for event in events)


def _list_seeds() -> list[bytes]:
    block = dict.fromkeys(ListThings.schema.value_type.attributes)
    blocks = [None, block, block | {"count": 3, "size": 9}, block | {"at": 1, "script": "raise"}]
    return [
        pb.ListResource.Request(
            type_name="fake_thing",
            config=pb.DynamicValue(msgpack=msgpack.packb(config)),
            limit=limit,
            include_resource_object=bool(limit),
        ).SerializeToString()
        for config in blocks
        for limit in (0, 2)
    ]


def client_certificate(data: bytes) -> None:
    """Any text as Terraform's certificate: it is usable, or refused with one line."""
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
    with mock.patch.object(tls, "make_certificate", return_value=_certificate()):
        announced = tls.install_certificate(context, str(cache), str(cache))
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_verify_locations(cadata=announced)


@functools.cache
def _certificate() -> bytes:
    return tls.make_certificate(time.time(), 3 * tls.PERIOD)


def _certificate_seeds() -> list[bytes]:
    pem = _certificate()
    public = pem[pem.index(b"-----BEGIN CERTIFICATE-----") :]
    return [pem, public, public + pem, public * 2, public[:-40], b"garbage", "-----BEGIN é".encode()]


@functools.cache
def _cache() -> str:
    return tempfile.mkdtemp(prefix="natgw-fuzz-")


def grpc_bytes(data: bytes) -> None:
    """Any bytes on a connection, whole and one by one: what is called is answered, or the connection is over."""
    for pieces in ([data], [data[place : place + 1] for place in range(len(data))]):
        connection = GrpcConnection({"/b"})
        calls = [call for piece in pieces for call in connection.receive(piece)]
        for call in calls:
            connection.send(call.stream, call.request)
            if not connection.has_unsent(call.stream):
                connection.finish(call.stream, GrpcError(INTERNAL, call.method) if len(call.request) % 2 else None)
        connection.outgoing()


def _grpc_seeds() -> list[bytes]:
    client = H2Connection(H2Configuration(client_side=True))
    client.initiate_connection()
    for stream, (path, body) in enumerate(
        [("/a", b"\0\0\0\0\x03abc"), ("/b", b""), ("/c", b"x"), ("/a", b"\1\0\0\0\0")]
    ):
        headers = [(":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "x"), ("te", "trailers")]
        client.send_headers(2 * stream + 1, headers)
        client.send_data(2 * stream + 1, body, end_stream=True)
    called = client.data_to_send()
    client.ping(b"12345678")
    client.increment_flow_control_window(10)
    client.reset_stream(1)
    client.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    client.close_connection()
    return [called, called + client.data_to_send(), called[:24], b"GET / HTTP/1.1\r\n\r\n"]


def tls_bytes(data: bytes) -> None:
    """Any bytes of TLS: a client without a key is refused with an SSLError."""
    channel = TlsChannel(_tls_context(), b"no certificate")
    with suppress(ssl.SSLError):
        channel.receive(data)
    assert not channel.is_open
    channel.outgoing()


@functools.cache
def _tls_context() -> ssl.SSLContext:
    pem = _certificate().decode()
    context = tls.server_context()
    tls.accept_client(context, pem[pem.index("-----BEGIN CERTIFICATE-----") :])
    tls.install_certificate(context, None, _cache())
    return context


def _tls_seeds() -> list[bytes]:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="localhost").do_handshake()
    return [outgoing.read(), b"\x16\x03\x01\x00\x05hello", b"\x15\x03\x03\x00\x02\x01\x00"]


TARGETS: Sequence[Target] = (
    Target(name="msgpack-value", run=msgpack_value, seeds=_value_seeds),
    Target(name="json-value", run=json_value, seeds=_json_seeds),
    Target(name="list-request", run=list_request, seeds=_list_seeds),
    Target(name="client-certificate", run=client_certificate, seeds=_certificate_seeds),
    Target(name="certificate-cache", run=certificate_cache, seeds=_certificate_seeds),
    Target(name="grpc-bytes", run=grpc_bytes, seeds=_grpc_seeds),
    Target(name="tls-bytes", run=tls_bytes, seeds=_tls_seeds),
)
