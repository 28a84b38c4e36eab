"""gRPC on the server's side of one connection: bytes in, calls out; answers in, bytes out.

h2 speaks HTTP/2, and this adds the little that gRPC is on top of it. Pure: it has no socket, no thread and no clock,
and knows neither a method nor a message.
Source: doc/PROTOCOL-HTTP2.md in grpc/grpc.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes, Settings

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

OK: Final = 0
RESOURCE_EXHAUSTED: Final = 8
UNIMPLEMENTED: Final = 12
INTERNAL: Final = 13
"""Status codes (doc/statuscodes.md in grpc/grpc)."""

MESSAGE_LIMIT: Final = 256 << 20
"""Bytes of a request at most, and of all requests that are not whole yet; Terraform takes as much of an answer."""

_STREAMS: Final = 1 << 16
"""Calls at a time. The usual 100 would make StopProvider queue behind a hundred applies."""

_WINDOW: Final = 4 << 20
"""Bytes that a client may send ahead of our reading, on one call and on all of them."""

_WINDOW_DEFAULT: Final = 65_535

_PREFIX: Final = struct.Struct("!?I")
"""What stands before every message: whether it is compressed, and its length."""

_HEADERS: Final = ((":status", "200"), ("content-type", "application/grpc+proto"))

_PLAIN: Final = " !#$&'()*+,-./:;<=>?@[]^_`{|}~"
"""What stands for itself in a status message, beside letters and digits."""


class GrpcError(Exception):
    """What a call is answered with instead of a message. Terraform shows the text to users, and has no result."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """A whole request: the stream to answer on, the method's full name, the serialized message."""

    stream: int
    method: str
    request: bytes


class GrpcConnection:
    """One connection, used by one thread. After `receive` and `answer`, `outgoing` has what is to be sent.

    A call of a `unary` method is reported once its request is whole. Of a `held` one nothing is reported and nothing
    answered: it stays open while the connection does. All others are answered with UNIMPLEMENTED.

    Attributes:
        is_over: the other side said goodbye, or broke the protocol: send the rest and close the connection.
    """

    def __init__(self, unary: Container[str], held: Container[str]) -> None:
        self.is_over = False
        self._unary = unary
        self._held = held
        self._requests: dict[int, tuple[str, bytearray]] = {}
        self._unanswered: set[int] = set()
        self._unsent: dict[int, memoryview] = {}
        # The headers stay bytes: whoever sends some that are no text must not become an exception.
        self._http2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        limits = {SettingCodes.MAX_CONCURRENT_STREAMS: _STREAMS, SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW}
        self._http2.local_settings = Settings(client=False, initial_values=limits)
        self._http2.initiate_connection()
        self._http2.increment_flow_control_window(_WINDOW - _WINDOW_DEFAULT)

    def receive(self, data: bytes) -> list[Call]:
        """Take what the other side sent, and return the calls that are whole now."""
        try:
            events = self._http2.receive_data(data)
        except ProtocolError:  # h2 has the goodbye ready that tells why
            self.is_over = True
            return []
        # h2 has read to the end already: nothing can be said any more on what was given up, or after a goodbye.
        self.is_over = any(isinstance(event, ConnectionTerminated) for event in events)
        given_up = {event.stream_id for event in events if isinstance(event, StreamReset)}
        for stream in given_up:
            self._forget(stream)
        if self.is_over:
            return []
        return [call for event in events for call in self._calls(event, given_up)]

    def answer(self, stream: int, answer: bytes | GrpcError) -> None:
        """Answer the call on `stream`; nothing happens when its client has given up."""
        if self.is_over or stream not in self._unanswered:
            return
        self._unanswered.discard(stream)
        if isinstance(answer, GrpcError):
            self._http2.send_headers(stream, [*_HEADERS, *_trailers(answer.status, str(answer))], end_stream=True)
            return
        self._http2.send_headers(stream, _HEADERS)
        self._unsent[stream] = memoryview(_PREFIX.pack(False, len(answer)) + answer)
        self._go_on(stream)

    def outgoing(self) -> bytes:
        """Return what is to be sent now, each byte once."""
        return self._http2.data_to_send()

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is held back until the other side has room for it."""
        return bool(self._unsent) and not self.is_over

    def _calls(self, event: Event, given_up: set[int]) -> Iterator[Call]:
        match event:
            case RequestReceived(stream_id=stream, headers=headers) if stream not in given_up:
                self._begin(stream, dict(headers).get(b":path", b"").decode("ascii", "replace"))
            case DataReceived(stream_id=stream, data=data, flow_controlled_length=length):
                self._http2.acknowledge_received_data(length, stream)
                self._collect(stream, data)
            case StreamEnded(stream_id=stream) if stream in self._requests:
                yield from self._whole(stream)
            case WindowUpdated() | RemoteSettingsChanged():
                for stream in list(self._unsent):
                    self._go_on(stream)

    def _forget(self, stream: int) -> None:
        self._requests.pop(stream, None)
        self._unsent.pop(stream, None)
        self._unanswered.discard(stream)

    def _begin(self, stream: int, method: str) -> None:
        self._unanswered.add(stream)
        if method in self._unary:
            self._requests[stream] = method, bytearray()
        elif method not in self._held:
            self.answer(stream, GrpcError(UNIMPLEMENTED, f"natgw has no method {method}"))

    def _collect(self, stream: int, data: bytes) -> None:
        if stream not in self._requests:
            return
        _, collected = self._requests[stream]
        collected += data
        if sum(len(request) for _, request in self._requests.values()) > _PREFIX.size + MESSAGE_LIMIT:
            del self._requests[stream]
            message = f"a request, or all requests that are under way, have over {MESSAGE_LIMIT} bytes"
            self.answer(stream, GrpcError(RESOURCE_EXHAUSTED, message))

    def _whole(self, stream: int) -> Iterator[Call]:
        method, collected = self._requests.pop(stream)
        is_compressed, length = _PREFIX.unpack_from(collected) if len(collected) >= _PREFIX.size else (False, -1)
        if is_compressed:
            self.answer(stream, GrpcError(UNIMPLEMENTED, "natgw understands no compressed messages"))
        elif length != len(collected) - _PREFIX.size:
            self.answer(stream, GrpcError(INTERNAL, "a request is not one whole message"))
        else:
            yield Call(stream, method, bytes(memoryview(collected)[_PREFIX.size :]))

    def _go_on(self, stream: int) -> None:
        """Send as much of an answer as the other side has room for."""
        rest = self._unsent[stream]
        while (
            rest
            and (room := min(self._http2.local_flow_control_window(stream), self._http2.max_outbound_frame_size)) > 0
        ):
            self._http2.send_data(stream, rest[:room].tobytes())
            rest = rest[room:]
        self._unsent[stream] = rest
        if not rest:
            del self._unsent[stream]
            self._http2.send_headers(stream, _trailers(OK), end_stream=True)


def _trailers(status: int, message: str = "") -> list[tuple[str, str]]:
    if not message:
        return [("grpc-status", str(status))]
    from urllib.parse import quote  # noqa: PLC0415 - for failures alone

    escaped = quote(message, safe=_PLAIN, errors="backslashreplace")
    return [("grpc-status", str(status)), ("grpc-message", escaped)]
