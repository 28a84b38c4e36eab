"""An HTTP proxy between provider and simulator that spoils answers, in every way that a network may.

    with FaultProxy(aws.url) as proxy:
        proxy.spoil("login_page", action="DescribeNatGateways", times=1)

What is not to be spoiled is passed on unchanged. A spoiled call reaches the simulator first, unless `acts` is False.
"""

from __future__ import annotations

import contextlib
import itertools
import re
import socket
import struct
import threading
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import parse_qs, urlsplit

LOGIN_PAGE: Final = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "xhtml1">\n'
    b'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>Log in</title></head>'
    b"<body><p>Who are you?</p></body></html>"
)
"""Well-formed, as the page of a proxy that inspects TLS may be."""

PAGES: Final[dict[str, tuple[int, dict[str, str], bytes]]] = {
    "login_page": (200, {"Content-Type": "text/html"}, LOGIN_PAGE),
    "foreign_xml": (200, {"Content-Type": "text/xml"}, b'<?xml version="1.0"?><answer><status>ok</status></answer>'),
    "empty": (200, {"Content-Type": "text/xml"}, b""),
    "redirect": (301, {"Location": "https://login.example.com/x?token=secret"}, b""),
    "forbidden_page": (403, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><p>Blocked<br></html>"),
    "gzip_garbage": (200, {"Content-Type": "text/xml", "Content-Encoding": "gzip"}, b"\x1f\x8b\x08\x00garbage"),
    "bad_gateway": (502, {"Content-Type": "text/html"}, b"<!DOCTYPE html><html><p>Bad gateway<br></html>"),
}
"""Answers that are sent instead of AWS's: status, headers, body."""

WAYS: Final = (*PAGES, "truncated", "reset", "without_members", "huge", "endless_pages", "trickle", "half_open")
"""Every way to spoil an answer."""

SLOW: Final = frozenset({"trickle", "half_open"})
"""The ways that end only when the client gives up."""

_TRICKLE_SECONDS: Final = 0.1
_CHUNK: Final = b"x" * 65536


@dataclass
class _Fault:
    way: str
    action: str
    times: float
    skip: int
    dry_run: bool | None
    acts: bool
    about: str

    def takes(self, action: str, body: bytes, *, dry_run: bool) -> bool:
        """Return whether it spoils this call, and count it."""
        if action != self.action or self.dry_run not in (None, dry_run) or self.times <= 0:
            return False
        if self.about.encode() not in body:
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class FaultProxy:
    """The proxy.

    Attributes:
        url: where it listens.
        upstream: the URL that it passes calls on to.
        asked: the action of each call so far, and how its answer was spoiled.
    """

    def __init__(self, upstream: str = "") -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.closing = threading.Event()
        self.upstream = upstream
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()
        self._tokens = itertools.count()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (_Handler,), {"proxy": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def spoil(
        self,
        way: str,
        *,
        action: str,
        times: float = float("inf"),
        skip: int = 0,
        dry_run: bool | None = None,
        acts: bool = True,
        about: str = "",
    ) -> None:
        """Spoil the next `times` answers to an action, after `skip` more.

        With `dry_run` only (not) of dry runs, with `about` only of requests in which that text is.
        """
        assert way in WAYS
        with self._lock:
            self._faults.append(_Fault(way, action, times, skip, dry_run, acts, about))

    def heal(self) -> None:
        """Spoil nothing more, and let go of what hangs."""
        with self._lock:
            self._faults.clear()
            self.closing.set()
            self.closing = threading.Event()

    def fault_for(self, action: str, body: bytes, *, dry_run: bool) -> _Fault | None:
        """Return the first fault that spoils this call."""
        with self._lock:
            fault = next((fault for fault in self._faults if fault.takes(action, body, dry_run=dry_run)), None)
            self.asked.append((action, fault.way if fault else None))
        return fault

    def forward(self, path: str, headers: Any, body: bytes) -> tuple[HTTPResponse, bytes]:
        """Return what the simulator answers."""
        body = re.sub(rb"&NextToken=\d+", b"", body)  # one of `with_next_page`
        kept = {name: value for name, value in headers.items() if name.lower() != "content-length"}
        connection = HTTPConnection(urlsplit(self.upstream).netloc, timeout=30)
        with contextlib.closing(connection):
            connection.request("POST", path, body, kept)
            answer = connection.getresponse()
            return answer, answer.read()

    def with_next_page(self, body: bytes) -> bytes:
        """Return an answer of EC2's that says that one more page follows."""
        token = b"<nextToken>%d</nextToken>" % next(self._tokens)
        return re.sub(rb"(</\w+Response>)\s*$", token + rb"\1", body)


class _Server(ThreadingHTTPServer):
    """Says nothing of connections that break off, as most of these do."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing."""


class _Handler(BaseHTTPRequestHandler):
    """One request."""

    proxy: FaultProxy
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fields = parse_qs(body.decode())
        dry_run = fields.get("DryRun", [""])[0] == "true"
        fault = self.proxy.fault_for(fields.get("Action", [""])[0], body, dry_run=dry_run)
        if fault is not None and not fault.acts:
            self._spoil(fault.way, 200, b"<a/>")
            return
        answer, content = self.proxy.forward(self.path, self.headers, body)
        if fault is None:
            self._send(answer.status, {"Content-Type": answer.headers["Content-Type"]}, content)
        else:
            self._spoil(fault.way, answer.status, content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - http.server's name
        """Say nothing."""

    def _spoil(self, way: str, status: int, content: bytes) -> None:
        if way in PAGES:
            self._send(*PAGES[way])
        elif way == "without_members":
            self._send(status, {}, b"<Answer><requestId>r-1</requestId></Answer>")
        elif way == "endless_pages":
            self._send(status, {}, self.proxy.with_next_page(content))
        elif way == "truncated":
            self._head(status, {"Content-Length": str(len(content))})
            self._write(content[: len(content) // 2])
            self.close_connection = True
        elif way == "huge":
            self._head(status, {"Connection": "close"})
            while self._write(_CHUNK):
                pass
        elif way == "trickle":
            self._head(status, {"Content-Length": "100000"})
            while self._write(b" ") and not self.proxy.closing.wait(_TRICKLE_SECONDS):
                pass
        elif way == "half_open":
            self.proxy.closing.wait()
            self.close_connection = True
        else:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        self._head(status, {**headers, "Content-Length": str(len(body))})
        self._write(body)

    def _head(self, status: int, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        with contextlib.suppress(OSError):
            self.end_headers()

    def _write(self, data: bytes) -> bool:
        """Return whether the client is still there."""
        try:
            self.wfile.write(data)
        except OSError:
            self.close_connection = True
            return False
        return not self.proxy.closing.is_set()
