"""gRPC over a unix socket: grpclib, taught to pass bytes, to pin the client's certificate and to count connections.

Requests are decoded in the handlers' threads, so that a big one does not hold up the event loop, and protobuf is not
imported before the handshake.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any, Final, cast

from grpclib.const import Cardinality, Handler, Status
from grpclib.encoding.base import CodecBase
from grpclib.exceptions import GRPCError
from grpclib.protocol import H2Protocol
from grpclib.server import Server, Stream
from h2.settings import SettingCodes

if TYPE_CHECKING:
    from asyncio import BaseTransport, Transport
    from collections.abc import Awaitable, Callable, Mapping

    from natgw_provider.bridge.lifecycle import Lifecycle

    BytesStream = Stream[bytes, bytes]

_STREAMS: Final = 1 << 16
"""Calls at a time. HTTP/2's usual 100 would make StopProvider queue behind a hundred applies."""


class RawCodec(CodecBase):
    """Leaves messages as the bytes they are."""

    __content_subtype__ = "proto"

    def encode(self, message: bytes, message_type: Any) -> bytes:  # noqa: ARG002 - grpclib's signature
        """Return `message`."""
        return message

    def decode(self, data: bytes, message_type: Any) -> bytes:  # noqa: ARG002 - grpclib's signature
        """Return `data`."""
        return data


class Service:
    """Methods by their full names; unknown ones are answered with UNIMPLEMENTED by grpclib."""

    def __init__(self) -> None:
        self._methods: dict[str, Handler] = {}

    def __mapping__(self) -> Mapping[str, Handler]:
        """Return the methods as grpclib wants them."""
        return self._methods

    def unary(self, name: str, answer: Callable[[bytes], Awaitable[bytes]], lifecycle: Lifecycle) -> None:
        """Add a method with one request and one response; the process does not end before that has been sent.

        An `answer` that raises is a broken installation: what can be told to users, it returns.
        """

        async def serve(stream: BytesStream) -> None:
            request = await stream.recv_message()
            if request is not None:
                with lifecycle.running():
                    await stream.send_message(await _answered(answer, request))
                    await stream.send_trailing_metadata()

        self._methods[name] = Handler(serve, Cardinality.UNARY_UNARY, bytes, bytes)

    def streaming(self, name: str, serve: Callable[[BytesStream], Awaitable[None]], cardinality: Cardinality) -> None:
        """Add a method that streams."""
        self._methods[name] = Handler(serve, cardinality, bytes, bytes)


class PluginServer(Server):
    """A grpclib server that lets in one client certificate (DER; None: no TLS) and tells `lifecycle` who is here."""

    def __init__(self, service: Service, lifecycle: Lifecycle, client_certificate: bytes | None) -> None:
        super().__init__([service], codec=RawCodec())
        self._lifecycle = lifecycle
        self._client_certificate = client_certificate

    def _protocol_factory(self) -> H2Protocol:
        plain = super()._protocol_factory()
        return _Connection(plain, self._lifecycle, self._client_certificate)


class _Connection(H2Protocol):
    """One connection. TLS has verified the client; here its certificate must be the very one that was announced."""

    def __init__(self, plain: H2Protocol, lifecycle: Lifecycle, client_certificate: bytes | None) -> None:
        super().__init__(plain.handler, plain.config, plain.h2_config)
        self._lifecycle = lifecycle
        self._client_certificate = client_certificate
        self._accepted = False

    def connection_made(self, transport: BaseTransport) -> None:
        if self._client_certificate is not None and _peer_certificate(transport) != self._client_certificate:
            cast("Transport", transport).abort()
            return
        self._accepted = True
        super().connection_made(transport)
        http2 = self.connection._connection  # noqa: SLF001 - grpclib offers no setting for the number of streams
        http2.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: _STREAMS})
        self.connection.flush()
        self._lifecycle.connected()

    def data_received(self, data: bytes) -> None:
        if self._accepted:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        if self._accepted:
            self._lifecycle.disconnected()
            super().connection_lost(exc)


async def _answered(answer: Callable[[bytes], Awaitable[bytes]], request: bytes) -> bytes:
    try:
        return await answer(request)
    except Exception as failure:
        raise GRPCError(Status.INTERNAL, f"natgw cannot answer, {type(failure).__name__}: {failure}") from failure


def _peer_certificate(transport: BaseTransport) -> bytes | None:
    connection = transport.get_extra_info("ssl_object")
    return connection.getpeercert(binary_form=True) if isinstance(connection, ssl.SSLObject) else None
