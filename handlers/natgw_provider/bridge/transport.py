"""The clients of a provider process: sockets on one side, calls on the other, all in the loop's thread.

Nothing here waits: what a client has no room for is kept until it has.
"""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from natgw_provider.bridge.channel import Channel, PlainChannel, TlsChannel
from natgw_provider.bridge.grpc_connection import GrpcConnection, GrpcError
from natgw_provider.bridge.loop import READ, WRITE

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Container

    from natgw_provider.bridge.log import Log
    from natgw_provider.bridge.loop import Lifecycle, Loop


Reply: TypeAlias = "Callable[[bytes | GrpcError], None]"
"""What a call is answered with, once and in the loop's thread."""

_CHUNK: Final = 1 << 18

_UNSENT_LIMIT: Final = 1 << 20
"""Bytes that a client leaves unread before nothing more is read from it: HTTP/2's PINGs have no limit of their own."""


class Service(Protocol):
    """What a server's clients may call."""

    @property
    def unary(self) -> Container[str]:
        """The methods with one request and one response, by full name."""

    @property
    def held(self) -> Container[str]:
        """The methods whose calls are left open."""

    def take(self, method: str, request: bytes, reply: Reply) -> None:
        """Begin to answer a call of a unary method; `reply` is to be called once, in the loop's thread."""


class PluginServer:
    """Accepts clients on `listener` and passes their calls to `service`.

    `security` is the TLS context with the one client certificate to let in (DER), None without TLS; `lifecycle` hears
    of connections.
    """

    def __init__(
        self,
        loop: Loop,
        listener: socket.socket,
        security: tuple[ssl.SSLContext, bytes] | None,
        *,
        service: Service,
        lifecycle: Lifecycle,
        log: Log,
    ) -> None:
        self.loop = loop
        self.service = service
        self.lifecycle = lifecycle
        self.log = log
        self._listener = listener
        self._security = security
        self._clients: set[_Client] = set()
        listener.setblocking(False)
        loop.watch(listener, READ, self._accept)

    @property
    def has_unsent(self) -> bool:
        """Whether a client has not yet got all that it was answered."""
        return any(client.has_unsent for client in self._clients)

    def forget(self, client: _Client) -> None:
        """Serve a client no longer; there is room for another one."""
        self._clients.discard(client)
        self.loop.watch(self._listener, READ, self._accept)

    def _accept(self, _events: int) -> None:
        try:
            accepted, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):  # the client has gone already
            return
        except OSError as failure:  # no file descriptor is left: asking again at once would only keep a core busy
            self.log.debug("no client can be accepted until another one goes", reason=failure)
            self.loop.forget(self._listener)
            return
        channel = TlsChannel(*self._security) if self._security else PlainChannel()
        self._clients.add(_Client(self, accepted, channel))


class _Client:
    """One connection, from the first byte to the last."""

    def __init__(self, server: PluginServer, connected: socket.socket, channel: Channel) -> None:
        self._server = server
        self._socket = connected
        self._channel = channel
        self._grpc: GrpcConnection | None = None
        self._unsent = bytearray()
        self._is_closed = False
        connected.setblocking(False)
        server.loop.watch(connected, READ, self._ready)
        self._welcome()

    @property
    def has_unsent(self) -> bool:
        return bool(self._unsent) or (self._grpc is not None and self._grpc.is_waiting)

    def _ready(self, events: int) -> None:
        self._serve(self._receive if events & READ else _nothing)

    def _reply(self, stream: int, answer: bytes | GrpcError) -> None:
        if self._grpc is not None:
            self._serve(partial(self._grpc.answer, stream, answer))

    def _serve(self, work: Callable[[], None]) -> None:
        """Do `work` and send what comes of it; whatever goes wrong is the end of this connection and of no other."""
        if self._is_closed:  # by what was done for another socket in the same turn
            return
        try:
            work()
            self._send()
        except Exception as failure:  # noqa: BLE001 - see above
            self._log_end(failure)
            self._close()

    def _receive(self) -> None:
        try:
            data = self._socket.recv(_CHUNK)
        except BlockingIOError:
            return
        if not data:
            raise ConnectionResetError("the client has closed it")
        try:
            meant = self._channel.receive(data)
        except OSError:
            self._send()  # the alert that says why
            raise
        self._welcome()
        if self._grpc is not None:
            for call in self._grpc.receive(meant):
                self._server.service.take(call.method, call.request, partial(self._reply, call.stream))

    def _welcome(self) -> None:
        if self._channel.is_open and self._grpc is None:
            self._grpc = GrpcConnection(self._server.service.unary, self._server.service.held)
            self._server.lifecycle.connected()

    def _send(self) -> None:
        if self._is_closed:  # by a reply that could not be sent
            return
        if self._grpc is not None:
            self._channel.send(self._grpc.outgoing())
        self._unsent += self._channel.outgoing()
        with suppress(BlockingIOError):
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
        is_over = self._channel.is_over or (self._grpc is not None and self._grpc.is_over)
        if is_over and not self._unsent:
            raise ConnectionResetError("the client has said goodbye, or broken the protocol")
        events = READ if len(self._unsent) <= _UNSENT_LIMIT else 0
        self._server.loop.watch(self._socket, events | (WRITE if self._unsent else 0), self._ready)

    def _log_end(self, failure: Exception) -> None:
        if isinstance(failure, OSError):  # SSLError is one
            self._server.log.debug("a connection has ended", reason=failure)
            return
        from traceback import format_exception  # noqa: PLC0415 - for our own mistakes alone

        told = "".join(format_exception(failure))
        self._server.log.error("a connection is closed because of a bug in natgw", traceback=told)

    def _close(self) -> None:
        self._is_closed = True
        self._unsent.clear()
        self._server.loop.forget(self._socket)
        self._server.forget(self)
        self._socket.close()
        if self._grpc is not None:
            self._server.lifecycle.disconnected()
            self._grpc.is_over = True


def _nothing() -> None:
    pass
