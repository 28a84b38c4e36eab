"""The few calls of GitHub's REST API that the review needs, on the standard library alone.

It distinguishes two errors: refused, and unavailable. It retries nothing. The caller lists the comments again instead,
because a comment whose answer was lost may have been written.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

_PAGE: Final = 100
_TIMEOUT_SECONDS: Final = 20
_SERVER_ERROR: Final = 500
_TOO_MANY: Final = 429


class RefusedError(Exception):
    """GitHub refuses: the token may not, or the thing is not there for it."""


class UnavailableError(Exception):
    """GitHub did not answer, or answered that it is out of order or overrun."""


@dataclass(frozen=True)
class GitHub:
    """One repository as one token sees it. `url` is the API's, without a slash at the end."""

    url: str
    repository: str
    token: str

    def comments(self, number: int) -> Iterator[dict[str, Any]]:
        """Yield the comments of a pull request, oldest first."""
        page = 1
        while True:
            found = self._call("GET", f"issues/{number}/comments?per_page={_PAGE}&page={page}")
            yield from found
            if len(found) < _PAGE:
                return
            page += 1

    def create_comment(self, number: int, body: str) -> dict[str, Any]:
        """Write a new comment."""
        created: dict[str, Any] = self._call("POST", f"issues/{number}/comments", {"body": body})
        return created

    def update_comment(self, comment_id: int, body: str) -> dict[str, Any]:
        """Replace the text of a comment."""
        updated: dict[str, Any] = self._call("PATCH", f"issues/comments/{comment_id}", {"body": body})
        return updated

    def delete_comment(self, comment_id: int) -> None:
        """Delete a comment."""
        self._call("DELETE", f"issues/comments/{comment_id}")

    def merged_pull_requests(self, commit: str) -> list[int]:
        """Return the numbers of the merged pull requests that brought a commit."""
        found = self._call("GET", f"commits/{commit}/pulls?per_page={_PAGE}")
        return [pull["number"] for pull in found if pull.get("merged_at")]

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        request = urllib.request.Request(  # noqa: S310 - the URL is the runner's own setting
            f"{self.url}/repos/{self.repository}/{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Authorization": f"Bearer {self.token}",
                "Content-Type": "application/json",
                "X-GitHub-Api-Version": "2022-11-28",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 - see above
                return json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as problem:
            problem.close()
            kind = UnavailableError if problem.code >= _SERVER_ERROR or problem.code == _TOO_MANY else RefusedError
            raise kind(f"{method} {path}: HTTP {problem.code}") from None
        except (OSError, ValueError) as problem:
            raise UnavailableError(f"{method} {path}: {problem}") from None
