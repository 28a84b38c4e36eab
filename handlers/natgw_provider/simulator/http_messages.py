"""A request and an answer, free of any server or client library, so that both ways into the endpoint share it."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit


@dataclass(frozen=True, slots=True)
class Request:
    """An HTTP request; header names are in lower case."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return urlsplit(self.target).path or "/"

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The form fields of the body, or of the query when there is no body."""
        text = self.body.decode("utf-8", "replace") or urlsplit(self.target).query
        return parse_qsl(text, keep_blank_values=True)

    def environ(self, host: str) -> dict[str, Any]:
        """Return the WSGI environment of the request, addressed to `host`."""
        headers = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in self.headers.items()}
        return headers | {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": self.path,
            "QUERY_STRING": urlsplit(self.target).query,
            "SERVER_NAME": host,
            "SERVER_PORT": "443",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": host,
            "CONTENT_TYPE": self.headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(self.body)),
            "wsgi.url_scheme": "https",
            "wsgi.input": io.BytesIO(self.body),
        }


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


class ConnectionDropped(Exception):  # noqa: N818 # it is what happens to the client, not an error of ours
    """The client gets no answer: the connection is reset, or closed after `hang_seconds` of real time."""

    def __init__(self, *, reset: bool, hang_seconds: float = 0.0) -> None:
        super().__init__("connection reset" if reset else "answer lost")
        self.reset = reset
        self.hang_seconds = hang_seconds
