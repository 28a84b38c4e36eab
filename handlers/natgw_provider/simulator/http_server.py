"""The endpoint on a TCP port of this machine: 127.0.0.1 only, a thread for each connection, nothing left after stop."""

from __future__ import annotations

import contextlib
import errno
import socket
import struct
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from natgw_provider.simulator.http_messages import Answer, ConnectionDropped, Request

HOST: Final = "127.0.0.1"

_CLOSE_SECONDS: Final = 2.0
"""How long `close` waits for calls that are being answered, slow ones by a latency fault among them."""

Handle = Callable[[Request], Answer]


class PortBusyError(OSError):
    """Another program listens on the port that was asked for."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} on {HOST} is taken by another program; choose another one, or 0 for a free one")
        self.port = port


class HttpServer:
    """Serves `handle` until it is closed."""

    def __init__(self, handle: Handle, port: int = 0) -> None:
        try:
            self._server = _Server((HOST, port), handle)
        except OSError as error:
            if error.errno in {errno.EADDRINUSE, errno.EACCES}:
                raise PortBusyError(port) from error
            raise
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="natgw-simulator", daemon=True
        )
        self._thread.start()

    def close(self) -> None:
        """Stop listening, end every connection and wait until no thread of the server is left."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._server.end_connections()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], handle: Handle) -> None:
        self.handle = handle
        self.closing = threading.Event()
        self._open: dict[socket.socket, threading.Thread] = {}
        self._guard = threading.Lock()
        super().__init__(address, _Handler)

    def server_bind(self) -> None:
        """Bind without the name look-up of the base class, which may ask a DNS server."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = HOST, self.socket.getsockname()[1]

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection; remember it meanwhile, so that it can be ended."""
        with self._guard:
            self._open[request] = threading.current_thread()
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._guard:
                self._open.pop(request, None)

    def end_connections(self) -> None:
        """End the connections that clients keep open, and wait for their threads."""
        with self._guard:
            still_open = dict(self._open)
        # Only now: who hangs wakes up, forgets its connection, and would not be waited for.
        self.closing.set()
        for connection in still_open:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + _CLOSE_SECONDS
        for thread in still_open.values():
            thread.join(max(0.0, deadline - time.monotonic()))

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client went away in the middle of an answer."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, self.rfile.read(length))
        try:
            answer = self.server.handle(request)
        except ConnectionDropped as dropped:
            self._drop(dropped)
            return
        self.send_response_only(answer.status, HTTPStatus(answer.status).phrase)
        self.send_header("Date", self.date_time_string())
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = _serve  # noqa: N815 # the names that http.server calls

    def _drop(self, dropped: ConnectionDropped) -> None:
        if dropped.hang_seconds:
            self.server.closing.wait(dropped.hang_seconds)
        self.close_connection = True
        if dropped.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 # the signature of http.server
        """Log nothing: the call log has it."""
