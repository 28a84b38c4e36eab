"""One call, for tests that check what a client sent, and the rate limits that AWS documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from natgw_provider.core.operations import ASSIGN, ASSOCIATE, DESCRIBE, DISASSOCIATE, UNASSIGN

CALLS_KEPT: Final = 10_000
"""How many calls the log keeps, the newest ones."""

OK: Final = "ok"
CONNECTION_RESET: Final = "ConnectionReset"
ANSWER_LOST: Final = "AnswerLost"

RATE_LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    DESCRIBE: (100, 20),
    **dict.fromkeys(("CreateNatGateway", "DeleteNatGateway", ASSIGN, UNASSIGN, ASSOCIATE, DISASSOCIATE), (10, 1)),
}
"""For an account and region: calls that fit at once, and calls more for each second (EC2 developer guide, "Request
throttling"). The guide has no figure for Associate and Disassociate, so they have those of Assign and Unassign."""


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
    """HTTP status of the answer; None when none was sent."""

    message: str | None = None
    user_agent: str = ""


class RateLimits:
    """A token bucket for each action of RATE_LIMITS, of one account and region; full at the beginning."""

    def __init__(self) -> None:
        self._levels: dict[str, tuple[float, float]] = {}

    def admit(self, action: str, now: float) -> bool:
        """Take a token for a call; False: the bucket is empty, and the call is to be throttled."""
        if action not in RATE_LIMITS:
            return True
        burst, refill = RATE_LIMITS[action]
        tokens, since = self._levels.get(action, (float(burst), now))
        tokens = min(burst, tokens + (now - since) * refill)
        admitted = tokens >= 1
        self._levels[action] = (tokens - admitted, now)
        return admitted
