"""A gateway's past, so that a read may show it as it was some seconds ago.

Pure; it keeps no more of the past than a stale read can ask for.
"""

from __future__ import annotations

from natgw_provider.simulator.lifecycle import Gateway

STALE_SECONDS_MAXIMUM = 900.0
"""How far back a stale read can look; reads of EC2 lag by seconds."""


class Timeline:
    """The versions of one gateway, each from the moment of the request that made it."""

    def __init__(self, gateway: Gateway, since: float) -> None:
        self._versions = [(since, gateway)]

    @property
    def latest(self) -> Gateway:
        """The gateway as the last request left it."""
        return self._versions[-1][1]

    def record(self, gateway: Gateway, at: float) -> None:
        """Append a version and forget those that no stale read can reach any more."""
        horizon = at - STALE_SECONDS_MAXIMUM
        first_needed = max((i for i, (since, _) in enumerate(self._versions) if since <= horizon), default=0)
        self._versions = [*self._versions[first_needed:], (at, gateway)]

    def as_of(self, at: float) -> Gateway | None:
        """Return the version that was in force at that moment; None before the gateway was asked for."""
        return next((gateway for since, gateway in reversed(self._versions) if since <= at), None)
