"""A client that keeps the rules of HTTP/2 is never refused, and each message and status of each call arrives."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterator
from typing import Final
from urllib.parse import unquote

import h2.events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from natgw_provider.bridge.grpc_connection import INTERNAL, OK, GrpcConnection, GrpcError

UNARY, LEFT_OPEN = "/a", "/b"
MESSAGE: Final = b"\0\0\0\0\x01m"
PADDING: Final = 256
PICKS = st.integers(0, 99)
MESSAGES = st.sampled_from([b"", b"a" * 3, b"a" * 2000, b"a" * 70_000])
ERRORS = st.sampled_from([None, None, GrpcError(INTERNAL, "50 % of \u00fc\n: [x]")])


def framed(message: bytes) -> bytes:
    return struct.pack("!?I", False, len(message)) + message


def frames(data: bytes) -> Iterator[bytes]:
    """Yield one HTTP/2 frame after another: h2 applies a larger frame size only from the next bytes on."""
    while data:
        size = 9 + int.from_bytes(data[:3])
        yield data[:size]
        data = data[size:]


class AnyClient(RuleBasedStateMachine):
    """Both sides of a connection; a rule decides when bytes reach the server, and in what pieces."""

    def __init__(self) -> None:
        super().__init__()
        self.server = GrpcConnection({LEFT_OPEN})
        self.http2 = H2Connection(H2Configuration(client_side=True, header_encoding="ascii"))
        self.http2.initiate_connection()
        self.in_transit = bytearray()
        self.open: list[int] = []
        self.requests: dict[int, bytes] = {}
        self.called: list[int] = []
        self.sent: dict[int, bytes] = {}
        self.finished: dict[int, GrpcError | None] = {}
        self.cancelled: set[int] = set()
        self.headers: dict[int, dict[str, str]] = {}
        self.bodies: dict[int, bytes] = {}
        self.complete: set[int] = set()
        # h2's client would take the acknowledgement of its first settings for that of its next ones.
        self.deliver(1 << 30)
        self.receive()

    @rule(
        method=st.sampled_from([UNARY, UNARY, UNARY, LEFT_OPEN]),
        header=st.sampled_from([b"v", b"v" * 20_000, b"\xff\xfe"]),
    )
    def call(self, method: str, header: bytes) -> None:
        stream = self.http2.get_next_available_stream_id()
        headers = {":method": "POST", ":scheme": "http", ":path": method, ":authority": "x", "te": "trailers"}
        self.http2.send_headers(stream, [*headers.items(), ("x", header)])
        self.open.append(stream)
        self.requests[stream] = b""
        self.bodies[stream] = b""
        self.headers[stream] = {}

    @precondition(lambda self: self.open)
    @rule(pick=PICKS, data=st.sampled_from([MESSAGE, b"m", b"m" * 15_000]), pad=st.sampled_from([None, 0, 200]))
    def send(self, pick: int, data: bytes, pad: int | None) -> None:
        stream = self.open[pick % len(self.open)]
        if len(data) + PADDING < self.http2.local_flow_control_window(stream):
            self.http2.send_data(stream, data, pad_length=pad)
            self.requests[stream] += data

    @precondition(lambda self: self.open)
    @rule(pick=PICKS, trailers=st.booleans())
    def end(self, pick: int, *, trailers: bool) -> None:
        stream = self.open.pop(pick % len(self.open))
        if trailers:
            self.http2.send_headers(stream, [("x", "y")], end_stream=True)
        else:
            self.http2.end_stream(stream)

    @precondition(lambda self: self.open_calls())
    @rule(pick=PICKS)
    def cancel(self, pick: int) -> None:
        open_calls = self.open_calls()
        stream = open_calls[pick % len(open_calls)]
        self.http2.reset_stream(stream)
        self.cancelled.add(stream)
        self.open = [one for one in self.open if one != stream]

    @rule(message=MESSAGES)
    def call_whole(self, message: bytes) -> None:
        """Call as a client that does nothing odd: most calls are like that, and only a whole one is answered."""
        self.call(UNARY, b"v")
        self.send(-1, MESSAGE, None)
        self.end(-1, trailers=False)
        self.deliver(1 << 30)
        if self.unfinished():
            self.answer(-1, message)

    @rule(size=st.sampled_from([0, 10, 1000, 65_535, 1 << 20]), frame=st.sampled_from([16_384, 100_000]))
    def change_settings(self, size: int, frame: int) -> None:
        self.http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: size, SettingCodes.MAX_FRAME_SIZE: frame})

    @rule(pick=PICKS, space=st.sampled_from([1, 1000, 100_000]))
    def widen(self, pick: int, space: int) -> None:
        choices = [None, *self.open_calls()]
        self.http2.increment_flow_control_window(space, choices[pick % len(choices)])

    @rule()
    def ping(self) -> None:
        self.http2.ping(b"12345678")

    @rule(piece=st.sampled_from([1, 50, 5000, 1 << 30]))
    def deliver(self, piece: int) -> None:
        self.in_transit += self.http2.data_to_send()
        sent = bytes(self.in_transit[:piece])
        del self.in_transit[:piece]
        for call in self.server.receive(sent):
            assert call.method == UNARY
            assert framed(call.request) == self.requests[call.stream]
            self.called.append(call.stream)

    @precondition(lambda self: self.unfinished())
    @rule(pick=PICKS, message=MESSAGES)
    def answer(self, pick: int, message: bytes) -> None:
        waiting = self.unfinished()
        stream = waiting[pick % len(waiting)]
        self.sent[stream] = self.sent.get(stream, b"") + framed(message)
        self.server.send(stream, message)

    @precondition(lambda self: self.sent_whole())
    @rule(pick=PICKS, error=ERRORS)
    def finish(self, pick: int, error: GrpcError | None) -> None:
        waiting = self.sent_whole()
        stream = waiting[pick % len(waiting)]
        self.finished[stream] = error
        self.server.finish(stream, error)

    @rule()
    def receive(self) -> None:
        for event in itertools.chain.from_iterable(map(self.http2.receive_data, frames(self.server.outgoing()))):
            assert not isinstance(event, h2.events.StreamReset | h2.events.ConnectionTerminated)
            if isinstance(event, h2.events.DataReceived):
                self.bodies[event.stream_id] += event.data
                self.http2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
            if isinstance(event, h2.events.ResponseReceived | h2.events.TrailersReceived):
                self.headers[event.stream_id] |= dict(event.headers)
            if isinstance(event, h2.events.StreamEnded):
                self.complete.add(event.stream_id)

    @invariant()
    def it_is_not_refused(self) -> None:
        assert not self.server.is_over

    def teardown(self) -> None:
        """Let everything arrive, answer each call that is left, and check that each answer arrives whole."""
        self.change_settings(1 << 20, 16_384)
        for _ in range(4):
            self.deliver(1 << 30)
            self.receive()
        for _ in range(100):
            while self.sent_whole():
                self.finish(0, None)
            if not self.unfinished() and set(self.finished) <= self.complete | self.cancelled:
                break
            self.http2.increment_flow_control_window(1 << 18)
            self.deliver(1 << 30)
            self.receive()
        assert not self.unfinished()
        assert set(self.finished) <= self.complete | self.cancelled
        for stream in self.finished.keys() - self.cancelled:
            assert self.bodies[stream] == self.sent.get(stream, b"")
            self.check_status(stream, self.finished[stream])

    def check_status(self, stream: int, error: GrpcError | None) -> None:
        headers = self.headers[stream]
        assert headers["grpc-status"] == str(error.status if error else OK)
        assert unquote(headers.get("grpc-message", "")) == (str(error) if error else "")

    def open_calls(self) -> list[int]:
        return [stream for stream in self.bodies if stream not in self.complete | self.cancelled]

    def unfinished(self) -> list[int]:
        return [stream for stream in self.called if stream not in self.finished]

    def sent_whole(self) -> list[int]:
        return [stream for stream in self.unfinished() if not self.server.has_unsent(stream)]


TestAnyClient = AnyClient.TestCase
TestAnyClient.settings = settings(max_examples=settings().max_examples // 4)
