"""Logging in the form that Terraform reads: one JSON object of strings per line on stderr.

Lines follow hclog's JSON format, because go-plugin parses them. A value that is not a string panics Terraform, and
go-plugin splits a line of 64 KiB or more. The standard `logging` would cost start-up time and let libraries write here.
"""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

LEVELS: Final = MappingProxyType({"trace": 0, "debug": 1, "info": 2, "warn": 3, "error": 4, "off": 5})
"""Terraform's log levels in rising order of severity."""

LINE_LIMIT: Final = 60_000
"""Bytes of a line at most; go-plugin's buffer holds 64 KiB."""

_WORST_ESCAPE: Final = 6
"""Bytes that one character can need: a control character is written as a six-character escape."""


class Log:
    """Writes lines at or above `level` (a key of `LEVELS`) for `module`; threads may share one."""

    __slots__ = ("_lock", "_module", "_stream", "_threshold")

    def __init__(self, level: str = "error", module: str = "provider", stream: TextIO | None = None) -> None:
        self._threshold = LEVELS[level]
        self._module = module
        self._stream = sys.stderr if stream is None else stream
        self._lock = threading.Lock()

    def trace(self, message: str, **fields: object) -> None:
        """Log a detail for those who debug the bridge."""
        self._write("trace", message, fields)

    def debug(self, message: str, **fields: object) -> None:
        """Log what a bug report needs."""
        self._write("debug", message, fields)

    def info(self, message: str, **fields: object) -> None:
        """Log a step."""
        self._write("info", message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Log what went wrong."""
        self._write("error", message, fields)

    def _write(self, level: str, message: str, fields: Mapping[str, object]) -> None:
        if LEVELS[level] < self._threshold:
            return
        line = _line(level, message, self._module, fields)
        # Terraform may have ended, and its end of the pipe be closed: that must not fail the handler that logs.
        with self._lock, suppress(OSError, ValueError):
            self._stream.write(line)
            self._stream.flush()


def level_from_environment(environment: Mapping[str, str]) -> str:
    """Return the level in Terraform's variables: `TF_LOG_PROVIDER`, else `TF_LOG`, else `error`.

    A value that is not a level means `trace`, as in Terraform; so does `JSON`, which also makes Terraform log in JSON.
    """
    level = environment.get("TF_LOG_PROVIDER") or environment.get("TF_LOG") or "error"
    return level.lower() if level.lower() in LEVELS else "trace"


def _line(level: str, message: str, module: str, fields: Mapping[str, object]) -> str:
    import json  # noqa: PLC0415 - most processes never log, and all start several times per command
    from datetime import UTC, datetime  # noqa: PLC0415 - the same

    entry = {
        "@level": level,
        "@message": message,
        "@module": module,
        "@timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    entry |= {name: value if isinstance(value, str) else str(value) for name, value in fields.items()}
    line = json.dumps(entry) + "\n"
    if len(line) <= LINE_LIMIT:
        return line
    longest = LINE_LIMIT // (2 * _WORST_ESCAPE * len(entry))
    return json.dumps({name: _cut(value, longest) for name, value in entry.items()}) + "\n"


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]} ... ({len(text)} characters)"
