"""gRPC on one connection, against h2's client side. What any client may do in any order is in `test_any_client`."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

import h2.events
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.bridge import grpc_connection
from natgw_provider.bridge.grpc_connection import INTERNAL, RESOURCE_EXHAUSTED, UNIMPLEMENTED, GrpcConnection


@dataclass
class Answer:
    """What a client has received on one stream."""

    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    is_whole: bool = False

    @property
    def status(self) -> int:
        return int(self.headers["grpc-status"])

    @property
    def message(self) -> bytes:
        is_compressed, length = struct.unpack("!?I", self.body[:5])
        assert (is_compressed, length) == (False, len(self.body) - 5)
        return self.body[5:]


class Client:
    """The other side of one connection."""

    def __init__(self) -> None:
        self.server = GrpcConnection(())
        self.http2 = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))
        self.http2.initiate_connection()
        self.answers: dict[int, Answer] = {}
        self.calls: dict[int, bytes] = {}

    def open(self) -> int:
        stream = self.http2.get_next_available_stream_id()
        headers = {":method": "POST", ":scheme": "http", ":path": "/test/Unary", ":authority": "x"}
        headers |= {"te": "trailers", "content-type": "application/grpc"}
        self.http2.send_headers(stream, list(headers.items()))
        self.answers[stream] = Answer()
        return stream

    def send(self, stream: int, data: bytes, *, ends: bool = True) -> None:
        """Send `data` as fast as the server lets us."""
        while data:
            space = min(self.http2.local_flow_control_window(stream), self.http2.max_outbound_frame_size, len(data))
            assert space > 0, "the server must make space for what it has read"
            self.http2.send_data(stream, data[:space])
            data = data[space:]
            self.exchange()
        if ends:
            self.http2.end_stream(stream)
        self.exchange()

    def call(self, message: bytes) -> int:
        stream = self.open()
        self.send(stream, struct.pack("!?I", False, len(message)) + message)
        return stream

    def exchange(self) -> None:
        """Carry bytes both ways until neither side has any more."""
        while sent := self.http2.data_to_send():
            self.calls |= {call.stream: call.request for call in self.server.receive(sent)}
            self.receive()
        self.receive()

    def receive(self) -> None:
        for event in self.http2.receive_data(self.server.outgoing()):
            match event:
                case h2.events.ResponseReceived() | h2.events.TrailersReceived():
                    assert event.headers is not None
                    self.answers[event.stream_id].headers |= dict(event.headers)  # type: ignore[arg-type]
                case h2.events.DataReceived():
                    self.answers[event.stream_id].body += event.data
                    self.http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                case h2.events.StreamEnded():
                    self.answers[event.stream_id].is_whole = True

    def answer(self, stream: int, answer: bytes) -> Answer:
        self.server.send(stream, answer)
        self.server.finish(stream)
        self.exchange()
        return self.answers[stream]


def test_a_setting_that_widens_the_window_lets_a_message_pass() -> None:
    client = Client()
    client.http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 0})
    stream = client.call(b"")
    client.server.send(stream, b"abc")
    client.http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1000})
    client.exchange()
    assert client.answers[stream].message == b"abc"


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"", INTERNAL),
        (b"\0\0\0", INTERNAL),
        (b"\0\0\0\0\x05abc", INTERNAL),
        (b"\0\0\0\0\x01ab", INTERNAL),
        (b"\x01\0\0\0\x01a", UNIMPLEMENTED),
    ],
)
def test_what_is_not_one_plain_message_is_answered_with_an_error(sent: bytes, status: int) -> None:
    client = Client()
    stream = client.open()
    client.send(stream, sent)
    assert (client.answers[stream].status, client.answers[stream].is_whole) == (status, True)
    assert client.calls == {}
    assert client.answer(client.call(b"next"), b"goes on").message == b"goes on"


def test_a_message_beyond_the_limit_is_refused_and_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_connection, "MESSAGE_LIMIT", 1000)
    client = Client()
    stream = client.open()
    message = b"x" * 40_000
    client.send(stream, struct.pack("!?I", False, len(message)) + message)
    assert client.answers[stream].status == RESOURCE_EXHAUSTED
    assert client.calls == {}


def test_unfinished_messages_share_one_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_connection, "MESSAGE_LIMIT", 1000)
    client = Client()
    streams = [client.open() for _ in range(3)]
    for stream in streams:
        client.send(stream, struct.pack("!?I", False, 500) + b"m" * 400, ends=False)
    assert [client.answers[stream].is_whole for stream in streams] == [False, False, True]
    assert client.answers[streams[2]].status == RESOURCE_EXHAUSTED
    for stream in streams[:2]:
        client.send(stream, b"m" * 100)
    assert list(client.calls) == streams[:2]
    assert client.call(b"m" * 900) in client.calls, "what is over must not count any more"


def test_padding_does_not_use_up_the_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grpc_connection, "_WINDOW", 1 << 17)
    client = Client()
    stream = client.open()
    for _ in range(2 * (1 << 17) // 256):
        client.http2.send_data(stream, b"x", pad_length=255)
        client.exchange()


def test_a_call_that_comes_with_the_end_of_the_connection_is_not_begun() -> None:
    client = Client()
    stream = client.open()
    client.http2.send_data(stream, b"\0\0\0\0\x01a", end_stream=True)
    client.http2.close_connection()
    client.exchange()
    assert client.server.is_over
    assert client.calls == {}


def test_a_connection_stays_over_after_its_client_has_broken_the_protocol() -> None:
    client = Client()
    stream = client.call(b"a")
    client.server.receive(b"\0\0\0\1\4\0\0\0\2")  # a call on an even stream, which is the server's
    assert client.server.is_over
    client.server.receive(b"\0")
    assert client.server.is_over
    client.answer(stream, b"too late")


@given(st.binary(min_size=1, max_size=400))
def test_garbage_ends_the_connection_and_raises_nothing(garbage: bytes) -> None:
    server = GrpcConnection(())
    server.outgoing()
    server.receive(garbage + b"\r" * 24)
    assert server.is_over
    server.receive(b"more")
    server.send(1, b"")
    server.outgoing()
