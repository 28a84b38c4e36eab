"""Fuzz targets of the bridge: values, lists, connections, and the certificate in the environment."""

from __future__ import annotations

import functools
import os
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
from natgw_provider.bridge.values import Value
from natgw_provider.bridge.wire import WireError, conform, decode, encode, parse_json

_PRIMITIVES = (STRING, NUMBER, BOOL)
_EVENTS = 20


def type_from(data: Iterator[int], depth: int = 4) -> Type:
    """Return a type that the first bytes stand for; the rest of the bytes is left."""
    choice = next(data, 0) % 7
    if choice < len(_PRIMITIVES) or depth == 0:
        return _PRIMITIVES[choice % len(_PRIMITIVES)]
    if choice == len(_PRIMITIVES):
        return ObjectOf({name: type_from(data, depth - 1) for name in "abc"[: next(data, 0) % 4]})
    return (ListOf, SetOf, MapOf)[choice - 4](type_from(data, depth - 1))


def msgpack_value(data: bytes) -> None:
    """Whatever is read is written again, and means the same."""
    rest = iter(data)
    type_ = type_from(rest)
    with suppress(WireError):
        assert_written_alike(type_, decode(type_, bytes(rest)))


def json_value(data: bytes) -> None:
    """The same for a stored value in JSON."""
    rest = iter(data)
    type_ = type_from(rest)
    with suppress(WireError):
        assert_written_alike(type_, conform(type_, parse_json(bytes(rest))))


def assert_written_alike(type_: Type, value: Value) -> None:
    assert canonical(type_, decode(type_, encode(type_, value))) == canonical(type_, value)


_THING = b"\x03\x03\x00\x04\x01\x06\x02"
"""{a = string, b = list(number), c = map(bool)}"""


def _value_seeds() -> list[bytes]:
    plain = {"a": "x", "b": [1, 0.5, "1e400", 2**64 - 1], "c": {"k": True, "l": None}}
    unknown = {"a": msgpack.ExtType(0, b"\0"), "b": None, "c": msgpack.ExtType(12, b"\x81\x01\xc2")}
    return [_THING + msgpack.packb(plain), _THING + msgpack.packb(unknown), b"\x01" + msgpack.packb("-1.5e-7")]


def _json_seeds() -> list[bytes]:
    texts = [
        b'{"a": "x", "b": [1, 0.5, 1e400, -0.0], "c": {"k": true}}',
        b'{"a": null, "d": 1}',
        b'{"a": "\\ud800"}',
    ]
    numbers = [b"1e99999999999999999999", b"-1e-99999999999999999999", b"Infinity", b"NaN", b"9" * 5000, b"[" * 5000]
    return [_THING + text for text in texts] + [b"\x01" + number for number in numbers]


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


TARGETS: Sequence[Target] = (
    Target(name="msgpack-value", run=msgpack_value, seeds=_value_seeds),
    Target(name="json-value", run=json_value, seeds=_json_seeds),
    Target(name="list-request", run=list_request, seeds=_list_seeds),
    Target(name="client-certificate", run=client_certificate, seeds=_certificate_seeds),
    Target(name="grpc-bytes", run=grpc_bytes, seeds=_grpc_seeds),
)
