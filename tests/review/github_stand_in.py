"""GitHub's API for comments as far as the action uses it, over HTTP on this machine."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

BOT = "github-actions[bot]"


@dataclass
class Forge:
    """One repository with one pull request, number 7, merged by commit `merged`.

    Attributes:
        comments: what stands on the pull request.
        faults: HTTP codes for the next requests by method, first come first; 0 answers as usual. A negative code does
            the work and then answers with the code, as when an answer is lost on the way.
        on_list: called before the comments are listed, to let another run get in between.
        calls: method and path of every request.
    """

    comments: list[dict[str, Any]] = field(default_factory=list)
    faults: dict[str, list[int]] = field(default_factory=dict)
    on_list: Callable[[], None] = lambda: None
    calls: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    _next: int = 1000

    def add(self, body: str, login: str = BOT) -> dict[str, Any]:
        """Write a comment."""
        self._next += 1
        comment = {"id": self._next, "body": body, "user": {"login": login}, "html_url": f"https://forge/{self._next}"}
        self.comments.append(comment)
        return comment

    def bodies(self) -> list[str]:
        """Return the texts of all comments."""
        return [comment["body"] for comment in self.comments]

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Return status and JSON for a request."""
        parts = urlsplit(path)
        self.calls.append((method, parts.path))
        fault = self.faults.get(method, [0]).pop(0) if self.faults.get(method) else 0
        if fault > 0:
            return fault, {"message": "fault"}
        status, found = self._do(method, parts.path, parse_qs(parts.query), body)
        return (-fault, {"message": "fault"}) if fault else (status, found)

    def _do(self, method: str, path: str, query: dict[str, list[str]], body: Any) -> tuple[int, Any]:
        if path == "/repos/o/r/issues/7/comments":
            return self._list(query) if method == "GET" else (201, self.add(body["body"]))
        if path.endswith("/pulls"):
            merged = [{"number": 6, "merged_at": None}, {"number": 7, "merged_at": "2026-01-01T00:00:00Z"}]
            return 200, merged if path == "/repos/o/r/commits/merged/pulls" else []
        return self._change(method, path, body)

    def _list(self, query: dict[str, list[str]]) -> tuple[int, Any]:
        self.on_list()
        page, size = int(query["page"][0]), int(query["per_page"][0])
        return 200, self.comments[(page - 1) * size : page * size]

    def _change(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        match = re.fullmatch(r"/repos/o/r/issues/comments/(\d+)", path)
        found = next((one for one in self.comments if match and one["id"] == int(match[1])), None)
        if found is None:
            return 404, {"message": "Not Found"}
        if method == "DELETE":
            self.comments.remove(found)
            return 204, None
        found["body"] = body["body"]
        return 200, found


@contextmanager
def serving(forge: Forge) -> Iterator[None]:
    """Serve the forge while the body runs; its address is in `forge.url`."""

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            assert self.headers["Authorization"] == "Bearer secret-token"
            status, found = forge.answer(self.command, self.path, body)
            payload = b"" if found is None else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve  # noqa: N815 - the names that http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    forge.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
