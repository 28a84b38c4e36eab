"""EC2's request throttling: a token bucket for each action, refilled by the simulator's clock.

Sizes are those that AWS documents for an account and region (EC2 developer guide, "Request throttling"). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """How many calls fit at once, and how many more each second."""

    burst: int
    refill_per_second: float


LIMITS: Final[Mapping[str, Limit]] = {
    "DescribeNatGateways": Limit(100, 20),
    "CreateNatGateway": Limit(10, 1),
    "DeleteNatGateway": Limit(10, 1),
    "AssignPrivateNatGatewayAddress": Limit(10, 1),
    "UnassignPrivateNatGatewayAddress": Limit(10, 1),
}
"""The actions that are limited here."""


class RateLimits:
    """The buckets of one account and region, full at the beginning."""

    def __init__(self) -> None:
        self._levels: dict[str, tuple[float, float]] = {}

    def admit(self, action: str, now: float) -> bool:
        """Take a token for a call; False: there is none, and the call is to be throttled."""
        limit = LIMITS.get(action)
        if limit is None:
            return True
        tokens, since = self._levels.get(action, (limit.burst, now))
        tokens = min(limit.burst, tokens + (now - since) * limit.refill_per_second)
        admitted = tokens >= 1
        self._levels[action] = (tokens - admitted, now)
        return admitted
