"""The two ways into the endpoint: HTTP on a TCP port of this machine, and botocore clients without a socket."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any, Final

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError
from moto.core.botocore_stubber import MockRawResponse
from moto.core.request import Request, normalize_request
from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.wrappers import Response

from natgw_provider.simulator.errors import ConnectionDropped
from natgw_provider.simulator.faults import SERVICES

HOST: Final = "127.0.0.1"
PORT_MAXIMUM: Final = 65_535

_CLOSE_SECONDS: Final = 2.0
"""How long `close` waits for calls that are being answered, slow ones by a latency fault among them."""

Handle = Callable[[Request], Response]


class HttpServer(ThreadedWSGIServer):
    """Serves `handle` on 127.0.0.1, a thread for each connection, until it is closed. Raises OSError or ValueError."""

    def __init__(self, handle: Handle, port: int = 0) -> None:
        self.closing = threading.Event()
        self._open: dict[Any, threading.Thread] = {}
        self._guard = threading.Lock()
        # werkzeug would end the process if the port were in use, so it gets a socket that listens already.
        with _listen(port) as listening:
            super().__init__(
                HOST,
                listening.getsockname()[1],
                lambda environ, start_response: handle(Request(environ))(environ, start_response),
                handler=_Handler,
                fd=listening.fileno(),
            )
        self.url = f"http://{HOST}:{self.port}"
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.05}, name="natgw-simulator", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening, end the connections that clients keep open, and wait for their threads."""
        self.shutdown()
        self._thread.join()
        with self._guard:
            still_open = dict(self._open)
        # Only now: an answer that hangs wakes up, forgets its connection, and would not be waited for.
        self.closing.set()
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + _CLOSE_SECONDS
        for thread in still_open.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection, and remember it until it ends, so that `close` can end it."""
        with self._guard:
            self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._guard:
                self._open.pop(request, None)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client went away in the middle of an answer."""

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 # the signature of werkzeug
        """Stay silent when a client went away in the middle of its request."""


def _listen(port: int) -> socket.socket:
    if not 0 <= port <= PORT_MAXIMUM:
        raise ValueError(f"a port is 0 to {PORT_MAXIMUM}, not {port}")
    try:
        return socket.create_server((HOST, port), backlog=128)
    except OSError as error:
        if error.errno in {errno.EADDRINUSE, errno.EACCES}:
            taken = f"port {port} on {HOST} is taken by another program; choose another one, or 0 for a free one"
            raise OSError(taken) from error
        raise


class _Handler(WSGIRequestHandler):
    server: HttpServer
    disable_nagle_algorithm = True

    def connection_dropped(self, error: BaseException, environ: Any = None) -> None:  # noqa: ARG002 # werkzeug's signature
        """Close the connection without an answer; werkzeug calls this for any ConnectionError."""
        self.close_connection = True
        if not isinstance(error, ConnectionDropped):
            return
        if error.hang_seconds:
            self.server.closing.wait(error.hang_seconds)
        if error.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 # the signature of werkzeug
        """Log nothing: the call log has it."""


def serve_in_process(handle: Handle, events: Any) -> None:
    """Let every client behind `events` (a botocore session, or `client.meta.events`) talk to `handle`.

    A client's request is signed, retried and parsed as ever; only the sending is replaced.
    """

    def send(request: Any, **_: Any) -> AWSResponse:
        try:
            response = handle(normalize_request(request))
        except ConnectionDropped as dropped:
            if dropped.hang_seconds:
                raise ReadTimeoutError(endpoint_url=request.url, error="the simulator hangs") from dropped
            raise ConnectionClosedError(endpoint_url=request.url, error=dropped) from dropped
        headers = HeadersDict(response.headers.items())
        return AWSResponse(request.url, response.status_code, headers, MockRawResponse(response.get_data()))

    for service in SERVICES:
        events.register(f"before-send.{service}", send)
