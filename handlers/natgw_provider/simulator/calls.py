"""The log of calls, for tests that ask what a client really sent."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

CALLS_KEPT: Final = 10_000
"""The newest calls that the log keeps; the counters count them all."""

OK: Final = "ok"
CONNECTION_RESET: Final = "ConnectionReset"
ANSWER_LOST: Final = "AnswerLost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call and what became of it."""

    number: int
    service: str
    action: str
    gateway_ids: tuple[str, ...]
    parameters: Mapping[str, Any]
    dry_run: bool
    at: float
    """When it was answered, in simulated seconds since the epoch."""

    outcome: str
    """`ok`, an error code, `ConnectionReset` (nothing done) or `AnswerLost` (done, but the client got no answer)."""

    status: int | None
    """HTTP status of the answer; None when there was none."""

    message: str | None = None
    user_agent: str = ""


class CallLog:
    """The newest calls and counters of all."""

    def __init__(self) -> None:
        self._calls: deque[Call] = deque(maxlen=CALLS_KEPT)
        self._counts: Counter[str] = Counter()
        self._number = 0

    def next_number(self) -> int:
        """Return the number of the next call to be recorded."""
        return self._number + 1

    def record(self, call: Call) -> None:
        """Add a call."""
        self._number = call.number
        self._calls.append(call)
        self._counts[call.action] += 1

    def list(self, action: str | None = None) -> list[Call]:
        """Return the calls kept, oldest first; only those of one action when it is named."""
        return [call for call in self._calls if action in {None, call.action}]

    def counts(self) -> dict[str, int]:
        """Return the number of calls of each action since the log was cleared."""
        return dict(self._counts)

    def clear(self) -> None:
        """Forget all calls."""
        self._calls.clear()
        self._counts.clear()
        self._number = 0
