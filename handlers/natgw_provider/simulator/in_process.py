"""boto3 and botocore clients against the endpoint without a socket, for tests with thousands of runs.

A client's request is signed, retried and parsed as ever; only the sending is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from botocore.awsrequest import AWSResponse, HeadersDict
from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from natgw_provider.simulator.http_messages import Answer, ConnectionDropped, Request

SERVICES: Final = ("ec2", "sts", "iam")


class _Events(Protocol):
    """What botocore sessions and `client.meta.events` offer."""

    def register(self, event_name: str, handler: Callable[..., Any]) -> None:
        """Call `handler` for an event."""


def serve(handle: Callable[[Request], Answer], events: _Events) -> None:
    """Let every client behind `events` (a botocore session, or `client.meta.events`) talk to `handle`."""

    def send(request: Any, **_: Any) -> AWSResponse:
        return _send(handle, request)

    for service in SERVICES:
        events.register(f"before-send.{service}", send)


def _send(handle: Callable[[Request], Answer], request: Any) -> AWSResponse:
    parts = urlsplit(request.url)
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    try:
        answer = handle(Request(request.method, target, headers, _bytes(request.body)))
    except ConnectionDropped as dropped:
        if dropped.hang_seconds:
            raise ReadTimeoutError(endpoint_url=request.url, error="the simulator hangs") from dropped
        raise ConnectionClosedError(endpoint_url=request.url, error=dropped) from dropped
    return AWSResponse(request.url, HTTPStatus(answer.status), HeadersDict(answer.headers), _Raw(answer.body))


class _Raw:
    """A body as botocore reads it."""

    def __init__(self, body: bytes) -> None:
        self._body = body

    def stream(self, amt: int = 0, decode_content: bool | None = None) -> Iterator[bytes]:  # noqa: ARG002 # urllib3's
        yield self._body


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode() if isinstance(body, str) else bytes(body)


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
