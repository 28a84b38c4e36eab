"""gRPC on the server's side of one connection: it takes bytes and returns calls, it takes answers and returns bytes.

h2 implements HTTP/2; this module adds what gRPC needs on top of it. Pure: it has no socket, no thread and no clock, and
does not depend on methods or messages. One thread at a time may use a connection.
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
"""The most bytes of a request, and of all incomplete requests together; Terraform accepts answers of the same size."""

_STREAMS: Final = 1 << 16
"""Concurrent calls. With the usual 100, StopProvider would wait for one of a hundred applies to end."""

_WINDOW: Final = 4 << 20
"""Bytes that a client may send before natgw has read them, on one call and on all of them."""

_WINDOW_DEFAULT: Final = 65_535

_PREFIX: Final = struct.Struct("!?I")
"""What precedes every message: whether it is compressed, and its length."""

_HEADERS: Final = ((":status", "200"), ("content-type", "application/grpc+proto"))


class GrpcError(Exception):
    """The status that a call ends with instead of OK. Terraform shows the text to users, and has no result."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """A complete request: the stream to answer on, the method's full name, the serialized message."""

    stream: int
    method: str
    request: bytes


@dataclass(slots=True)
class _Answer:
    """What the client of one open call has not received yet."""

    has_headers: bool = False
    unsent: bytes | memoryview = b""


class GrpcConnection:
    """One connection; after each call of a method, `outgoing` has the bytes to send.

    A call is reported once its request is complete. A call of a `left_open` method is neither reported nor answered: it
    stays open as long as the connection.

    Attributes:
        is_over: the client ended the connection, or broke the protocol: send the rest and close the connection.
    """

    def __init__(self, left_open: Container[str]) -> None:
        self.is_over = False
        self._left_open = left_open
        self._requests: dict[int, tuple[str, bytearray]] = {}
        self._answers: dict[int, _Answer] = {}
        # The headers stay bytes: a client that sends some that are not text must not cause an exception.
        self._http2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        limits = {SettingCodes.MAX_CONCURRENT_STREAMS: _STREAMS, SettingCodes.INITIAL_WINDOW_SIZE: _WINDOW}
        self._http2.local_settings = Settings(client=False, initial_values=limits)
        self._http2.initiate_connection()
        self._http2.increment_flow_control_window(_WINDOW - _WINDOW_DEFAULT)

    def receive(self, data: bytes) -> list[Call]:
        """Process bytes from the client, and return the calls that are complete now."""
        if self.is_over:  # h2 would take the rest of a broken frame for the beginning of a good one
            return []
        try:
            events = self._http2.receive_data(data)
        except ProtocolError:  # h2 has prepared the frame with the reason
            self.is_over = True
            return []
        # h2 has processed all of `data` already: nothing can be sent on a stream that is reset in it, or after its end.
        self.is_over = any(isinstance(event, ConnectionTerminated) for event in events)
        cancelled = {event.stream_id for event in events if isinstance(event, StreamReset)}
        for stream in cancelled:
            self._requests.pop(stream, None)
            self._answers.pop(stream, None)
        if self.is_over:
            return []
        return [call for event in events for call in self._calls(event, cancelled)]

    def send(self, stream: int, message: bytes) -> None:
        """Send one message on `stream`; more may follow. The call may be cancelled already."""
        if not self.is_open(stream):
            return
        answer = self._answers[stream]
        if not answer.has_headers:
            answer.has_headers = True
            self._http2.send_headers(stream, _HEADERS)
        answer.unsent = memoryview(b"".join((answer.unsent, _PREFIX.pack(False, len(message)), message)))
        self._send_rest(stream)

    def finish(self, stream: int, error: GrpcError | None = None) -> None:
        """End the call on `stream`, which has nothing unsent. It may be cancelled already."""
        if self.is_open(stream):
            headers = () if self._answers.pop(stream).has_headers else _HEADERS
            trailers = _trailers(OK) if error is None else _trailers(error.status, str(error))
            self._http2.send_headers(stream, [*headers, *trailers], end_stream=True)

    def outgoing(self) -> bytes:
        """Return the bytes to send now, each byte once."""
        return self._http2.data_to_send()

    def is_open(self, stream: int) -> bool:
        """Whether a message on `stream` would reach its client: the call is neither finished nor cancelled."""
        return not self.is_over and stream in self._answers

    def has_unsent(self, stream: int) -> bool:
        """Whether a message on `stream` waits until the client's flow control lets it pass."""
        return self.is_open(stream) and bool(self._answers[stream].unsent)

    def _calls(self, event: Event, cancelled: set[int]) -> Iterator[Call]:
        match event:
            case RequestReceived(stream_id=stream, headers=headers) if stream not in cancelled:
                self._begin(stream, dict(headers).get(b":path", b"").decode("ascii", "replace"))
            case DataReceived(stream_id=stream, data=data, flow_controlled_length=length):
                self._http2.acknowledge_received_data(length, stream)
                self._collect(stream, data)
            case StreamEnded(stream_id=stream) if stream in self._requests:
                yield from self._complete(stream)
            case WindowUpdated() | RemoteSettingsChanged():
                for stream in [stream for stream, answer in self._answers.items() if answer.unsent]:
                    self._send_rest(stream)

    def _begin(self, stream: int, method: str) -> None:
        self._answers[stream] = _Answer()
        if method not in self._left_open:
            self._requests[stream] = method, bytearray()

    def _collect(self, stream: int, data: bytes) -> None:
        if stream not in self._requests:
            return
        _, collected = self._requests[stream]
        collected += data
        if sum(len(request) for _, request in self._requests.values()) > _PREFIX.size + MESSAGE_LIMIT:
            del self._requests[stream]
            message = f"a request, or all incomplete requests together, have over {MESSAGE_LIMIT} bytes"
            self.finish(stream, GrpcError(RESOURCE_EXHAUSTED, message))

    def _complete(self, stream: int) -> Iterator[Call]:
        method, collected = self._requests.pop(stream)
        is_compressed, length = _PREFIX.unpack_from(collected) if len(collected) >= _PREFIX.size else (False, -1)
        if is_compressed:
            self.finish(stream, GrpcError(UNIMPLEMENTED, "natgw does not support compressed messages"))
        elif length != len(collected) - _PREFIX.size:
            self.finish(stream, GrpcError(INTERNAL, "a request is not one complete message"))
        else:
            yield Call(stream, method, bytes(memoryview(collected)[_PREFIX.size :]))

    def _send_rest(self, stream: int) -> None:
        """Send as much of an answer as the client's flow control lets pass."""
        answer = self._answers[stream]
        while answer.unsent:
            size = min(self._http2.local_flow_control_window(stream), self._http2.max_outbound_frame_size)
            if size <= 0:
                return
            self._http2.send_data(stream, bytes(answer.unsent[:size]))
            answer.unsent = answer.unsent[size:]


def _trailers(status: int, message: str = "") -> list[tuple[str, str]]:
    if not message:
        return [("grpc-status", str(status))]
    from urllib.parse import quote  # noqa: PLC0415 - for failures alone

    escaped = quote(message, safe=" ", errors="backslashreplace")
    return [("grpc-status", str(status)), ("grpc-message", escaped)]
