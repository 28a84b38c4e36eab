"""One line in the debug log for each call to AWS: operation, duration, attempts, outcome, request id.

Never a parameter, a header or a proxy's URL: any of them may hold a secret. The id is what AWS's support asks for.
"""

from __future__ import annotations

import time
from typing import Any, Protocol


class Log(Protocol):
    """What takes the lines; the bridge's log is one."""

    def is_enabled(self, level: str) -> bool:
        """Whether a line at "debug" would be written."""

    def debug(self, message: str, **fields: object) -> None:
        """Write a line with named values."""


def log_calls(session: Any, log: Log) -> None:
    """Let all clients of a botocore session write to `log`; costs nothing when debug lines are not wanted."""
    if not log.is_enabled("debug"):
        return
    calls = _Calls(log)
    session.register("before-call", calls.begin)
    session.register("after-call", calls.answered)
    session.register("after-call-error", calls.failed)


class _Calls:
    """Hears of the calls of a session's clients, on whatever threads they are made."""

    def __init__(self, log: Log) -> None:
        self._log = log

    @staticmethod
    def begin(context: dict[str, Any], **_: Any) -> None:
        # botocore hands the same context to all events of a call.
        context["natgw_started"] = time.monotonic()

    def answered(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        metadata = parsed.get("ResponseMetadata", {})
        self._write(
            model.name,
            context,
            outcome=parsed.get("Error", {}).get("Code", "ok"),
            request_id=metadata.get("RequestId", ""),
            http_status=metadata.get("HTTPStatusCode", ""),
            retries=metadata.get("RetryAttempts", 0),
        )

    def failed(self, exception: Exception, context: dict[str, Any], event_name: str, **_: Any) -> None:
        # Only the kind: the text of a connection error holds the proxy's URL, and that may hold a password.
        self._write(event_name.rsplit(".", 1)[-1], context, outcome=type(exception).__name__)

    def _write(self, operation: str, context: dict[str, Any], **fields: object) -> None:
        duration = time.monotonic() - context["natgw_started"]
        self._log.debug("AWS API call", operation=operation, duration_ms=round(duration * 1000), **fields)
