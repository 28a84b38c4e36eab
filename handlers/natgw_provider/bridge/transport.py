"""The clients of a provider process: sockets on one side, calls on the other, all in the loop's thread.

Nothing here waits: bytes that a client cannot receive yet are kept until it can. Between a socket and HTTP/2 stands
TLS, or nothing. TLS verifies the client's certificate; here it must also be the very one that Terraform announced, not
just one that this has signed.
"""

from __future__ import annotations

import ssl
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from natgw_provider.bridge.grpc_connection import GrpcConnection
from natgw_provider.bridge.loop import READ, WRITE

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Container, Iterator

    from natgw_provider.bridge.grpc_connection import GrpcError
    from natgw_provider.bridge.log import Log
    from natgw_provider.bridge.loop import Lifecycle, Loop

_CHUNK: Final = 1 << 18

_UNSENT_LIMIT: Final = 1 << 20
"""Bytes that a client leaves unread before nothing more is read from it: HTTP/2's PINGs have no limit of their own."""


class PlainChannel:
    """No TLS: any client that reaches the socket is accepted. The attributes are those of `TlsChannel`."""

    def __init__(self) -> None:
        self.is_open = True
        self.is_over = False
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
        is_over: the client has said that no more data follows.
    """

    def __init__(self, context: ssl.SSLContext, pinned: bytes) -> None:
        self.is_open = False
        self.is_over = False
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
            if not data:
                self.is_over = True
                return
            yield data


class Reply:
    """How one call is answered: with one `answer`, or with any number of `send` and then `finish`.

    Attributes:
        stop: set when the client cancels the call or is gone; others may set it for reasons of their own.
    """

    def __init__(self, client: _Client, stream: int) -> None:
        self.stop = threading.Event()
        self._client = client
        self._stream = stream
        self._message: bytes | None = None
        self._is_cancelled = False
        self._may_go_on = threading.Event()

    def answer(self, answer: bytes | GrpcError) -> None:
        """Answer a call that has one response; in the loop's thread."""
        self._client.write(lambda grpc: grpc.answer(self._stream, answer))

    def send(self, message: bytes) -> bool:
        """Send one of several responses, and wait until the client can receive another; in a handler's thread.

        Returns False when the client has cancelled the call, so that nothing more needs to be sent.
        """
        self._may_go_on.clear()
        if not self._is_cancelled:
            self._message = message
            self._client.loop.post(lambda: self._client.write(self._write))
            self._may_go_on.wait()
        return not self._is_cancelled

    def finish(self, error: GrpcError | None = None) -> None:
        """End a call that has several responses; in the loop's thread."""
        self._client.write(lambda grpc: grpc.finish(self._stream, error))

    def update(self, *, is_open: bool, can_receive: bool) -> None:
        """Let `send` return, or wait on, as the state of the call asks; in the loop's thread."""
        if not is_open:
            self._is_cancelled = True
            self.stop.set()
        if not is_open or (can_receive and self._message is None):
            self._may_go_on.set()

    def _write(self, grpc: GrpcConnection) -> None:
        message, self._message = self._message, None
        if message is not None:
            grpc.send(self._stream, message)


class PluginServer:
    """Accepts clients on `listener`, and calls `handle` with each call's method, request and `Reply`.

    `security` is the TLS context with the one client certificate to accept (DER), None without TLS. `left_open` has
    full names of methods, see `GrpcConnection`. `lifecycle` counts the connections.
    """

    def __init__(
        self,
        loop: Loop,
        listener: socket.socket,
        security: tuple[ssl.SSLContext, bytes] | None,
        *,
        left_open: Container[str],
        handle: Callable[[str, bytes, Reply], None],
        lifecycle: Lifecycle,
        log: Log,
    ) -> None:
        self.loop = loop
        self.left_open = left_open
        self.handle = handle
        self.lifecycle = lifecycle
        self.log = log
        self._listener = listener
        self._security = security
        self._clients: set[_Client] = set()
        listener.setblocking(False)
        loop.watch(listener, READ, self._accept)

    @property
    def has_unsent(self) -> bool:
        """Whether some client has not yet received all of its answers."""
        return any(client.has_unsent for client in self._clients)

    def forget(self, client: _Client) -> None:
        """Stop serving a client."""
        self._clients.discard(client)

    def _accept(self, _events: int) -> None:
        try:
            accepted, _ = self._listener.accept()
        except OSError:  # the client has gone already
            return
        channel = TlsChannel(*self._security) if self._security else PlainChannel()
        self._clients.add(_Client(self, accepted, channel))


class _Client:
    """One connection, from the first byte to the last."""

    def __init__(self, server: PluginServer, connected: socket.socket, channel: PlainChannel | TlsChannel) -> None:
        self.loop = server.loop
        self._server = server
        self._socket = connected
        self._channel = channel
        self._grpc: GrpcConnection | None = None
        self._replies: dict[int, Reply] = {}
        self._unsent = bytearray()
        self._is_closed = False
        connected.setblocking(False)
        self.loop.watch(connected, READ, self._ready)
        self._open_channel()

    @property
    def has_unsent(self) -> bool:
        return bool(self._unsent) or (self._grpc is not None and self._grpc.is_waiting)

    def write(self, work: Callable[[GrpcConnection], None]) -> None:
        """Do `work`, which answers a call, and send the bytes."""
        if self._grpc is not None:
            self._serve(partial(work, self._grpc))

    def _ready(self, events: int) -> None:
        self._serve(self._receive if events & READ else _nothing)

    def _serve(self, work: Callable[[], None]) -> None:
        """Do `work` and send what results from it; any failure ends this connection and no other."""
        if self._is_closed:  # by what was done for another socket in the same turn
            return
        try:
            work()
            self._send()
        except Exception as failure:  # noqa: BLE001 - see above
            self._log_end(failure)
            self._close()
        self._update_replies()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionResetError("the client has closed it")
        decrypted = self._channel.receive(data)
        self._open_channel()
        if self._grpc is not None:
            for call in self._grpc.receive(decrypted):
                reply = self._replies[call.stream] = Reply(self, call.stream)
                self._server.handle(call.method, call.request, reply)

    def _open_channel(self) -> None:
        if self._channel.is_open and self._grpc is None:
            self._grpc = GrpcConnection(self._server.left_open)
            self._server.lifecycle.connected()

    def _send(self) -> None:
        if self._is_closed:  # by an answer that could not be sent
            return
        if self._grpc is not None:
            self._channel.send(self._grpc.outgoing())
        self._unsent += self._channel.outgoing()
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
        is_over = self._channel.is_over or (self._grpc is not None and self._grpc.is_over)
        if is_over and not self._unsent:
            raise ConnectionResetError("the client has ended it, or broken the protocol")
        events = READ if len(self._unsent) <= _UNSENT_LIMIT else 0
        self.loop.watch(self._socket, events | (WRITE if self._unsent else 0), self._ready)

    def _update_replies(self) -> None:
        """Update each reply: whether its call is still open, and whether its client can receive more."""
        has_space = len(self._unsent) <= _UNSENT_LIMIT
        for stream, reply in list(self._replies.items()):
            is_open = self._grpc is not None and not self._is_closed and self._grpc.is_open(stream)
            if not is_open:
                self._replies.pop(stream, None)
            can_receive = has_space and self._grpc is not None and not self._grpc.has_unsent(stream)
            reply.update(is_open=is_open, can_receive=can_receive)

    def _log_end(self, failure: Exception) -> None:
        if isinstance(failure, OSError):  # SSLError is one
            self._server.log.debug("a connection has ended", reason=failure)
            return
        from traceback import format_exception  # noqa: PLC0415 - for natgw's own mistakes alone

        trace = "".join(format_exception(failure))
        self._server.log.error("a connection is closed because of a bug in natgw", traceback=trace)

    def _close(self) -> None:
        self._is_closed = True
        self._unsent.clear()
        self.loop.forget(self._socket)
        self._server.forget(self)
        self._socket.close()
        if self._grpc is not None:
            self._server.lifecycle.disconnected()
            self._grpc.is_over = True


def _nothing() -> None:
    pass
