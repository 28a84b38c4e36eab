"""The clients of a provider process: for each a socket, TLS or nothing, and gRPC on top.

TLS verifies the client's certificate. It must also be the one that Terraform announced, not one that this has signed.
"""

from __future__ import annotations

import socket
import ssl
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from natgw_provider.bridge.grpc_connection import Call, GrpcConnection, GrpcError
    from natgw_provider.bridge.lifecycle import Lifecycle

_CHUNK: Final = 1 << 18


class PlainChannel:
    """No TLS: any client that reaches the socket is accepted. `is_open` is that of `TlsChannel`."""

    def __init__(self) -> None:
        self.is_open = True
        self._outgoing = bytearray()

    def receive(self, data: bytes) -> bytes:
        """Return `data`."""
        return data

    def send(self, data: bytes) -> None:
        """Add `data` to what `outgoing` returns."""
        self._outgoing += data

    def outgoing(self) -> bytes:
        """Return the bytes for the socket, each byte once."""
        data, self._outgoing = bytes(self._outgoing), bytearray()
        return data


class TlsChannel:
    """TLS for one connection, on memory; accepts only the owner of the client certificate `pinned` (DER).

    Attributes:
        is_open: the client is accepted, so that data can be sent to it.
    """

    def __init__(self, context: ssl.SSLContext, pinned: bytes) -> None:
        self.is_open = False
        self._pinned = pinned
        self._encrypted = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._encrypted, self._outgoing, server_side=True)

    def receive(self, data: bytes) -> bytes:
        """Return `data` decrypted, nothing during the handshake; raises SSLError when the client is refused."""
        self._encrypted.write(data)
        if not self.is_open:
            self._shake_hands()
        return b"".join(self._decrypted()) if self.is_open else b""

    def send(self, data: bytes) -> None:
        """Encrypt `data` for `outgoing`."""
        if data:
            self._tls.write(data)

    def outgoing(self) -> bytes:
        """Return the bytes for the socket, each byte once; those of the handshake are among them."""
        return self._outgoing.read()

    def _shake_hands(self) -> None:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return
        if self._tls.getpeercert(binary_form=True) != self._pinned:
            raise ssl.SSLError("the client shows another certificate than Terraform announced")
        self.is_open = True

    def _decrypted(self) -> Iterator[bytes]:
        while True:
            try:
                data = self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                return
            if not data:  # the client ends TLS, and then the connection
                return
            yield data


class Connection:
    """One client: one thread serves it, and any number of threads answer its calls.

    A lock orders them; a thread that waits until the client can receive more does not hold it. A client that does not
    read what is sent to it is not read either, so that what it leaves unread is bounded.
    """

    def __init__(self, connected: socket.socket, channel: PlainChannel | TlsChannel, grpc: GrpcConnection) -> None:
        self._socket = connected
        self._channel = channel
        self._grpc = grpc
        self._changed = threading.Condition()

    def serve(self, lifecycle: Lifecycle, handle: Callable[[Connection, Call], None]) -> None:
        """Read until the client ends the connection, and call `handle` with each call.

        The client counts in `lifecycle` once it is accepted. Raises OSError when it is refused (SSLError is one) or
        breaks the connection.
        """
        is_counted = False
        try:
            while not self._grpc.is_over and (data := self._socket.recv(_CHUNK)):
                calls = self._receive(data)
                if self._channel.is_open and not is_counted:
                    is_counted = True
                    lifecycle.connected()
                for call in calls:
                    handle(self, call)
        finally:
            with self._changed:
                self._grpc.is_over = True
                self._changed.notify_all()
                self._socket.close()
            if is_counted:
                lifecycle.disconnected()

    def close(self) -> None:
        """Let `serve` end."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def answer(self, stream: int, answer: bytes | GrpcError) -> None:
        """Answer the call on `stream` with one message, or with an error."""
        if not isinstance(answer, bytes):
            self.finish(stream, answer)
        elif self.send(stream, answer):
            self.finish(stream)

    def send(self, stream: int, message: bytes) -> bool:
        """Send one message on `stream`, and wait until the client can receive another.

        Returns False when the client has cancelled the call or disconnected: nothing more needs to be sent.
        """
        with self._changed:
            self._grpc.send(stream, message)
            self._flush()
            self._changed.wait_for(lambda: not self._grpc.has_unsent(stream))
            return self._grpc.is_open(stream)

    def finish(self, stream: int, error: GrpcError | None = None) -> None:
        """End the call on `stream`, whose messages are sent."""
        with self._changed:
            self._grpc.finish(stream, error)
            self._flush()

    def _receive(self, data: bytes) -> list[Call]:
        with self._changed:
            decrypted = self._channel.receive(data)
            calls = self._grpc.receive(decrypted) if self._channel.is_open else []
            self._flush()
            self._changed.notify_all()
            return calls

    def _flush(self) -> None:
        with suppress(OSError):  # the client has disconnected: the thread that reads ends the connection
            if self._channel.is_open:
                self._channel.send(self._grpc.outgoing())
            self._socket.sendall(self._channel.outgoing())
