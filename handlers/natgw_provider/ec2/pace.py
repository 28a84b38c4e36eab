"""How long to wait between two looks at a gateway, and between two attempts at a refused call.

Pure arithmetic on seconds; the randomness is passed in.

The promise for a drain of D seconds: its full length is noticed within a second, an early release within 5 % of D (or
1 s), and a drain of 350 s costs at most 25 looks. To notice *every* early release within 5 % of the time waited until
then would take 79 looks, since the gaps could only grow by a twentieth each; so the 5 % are of what the drain may
take. The first gaps grow from one second, so that a gateway without connections is not waited for.

In the first minute it takes a second look, a `confirmation` later, to prove a release: the gaps are shorter by that.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Final

from natgw_provider.aws.errors import Ec2Error, NotFromAws, Unreachable
from natgw_provider.aws.settings import UNREACHABLE_ATTEMPTS
from natgw_provider.core.limits import DRAIN_SECONDS_DEFAULT
from natgw_provider.ec2.memory import LAG_SECONDS

SHARE: Final = 0.05
"""Of the time waited, or of the expected time where that is longer: the longest gap."""

GAP_MINIMUM: Final = 1.0
_CONFIRMATION: Final = 0.1
"""Of the promised time: the gap before a look that only confirms the one before it, `GAP_MINIMUM` at most."""

_GROWTH: Final = 2.0
"""The first gaps, in terms of the time waited; `_SPREAD` of it at random, so that several processes part ways."""

_SPREAD: Final = 0.4
_AFTER_END: Final = 0.3
"""Seconds after the expected end at which to look, so that the look does not come a moment too early."""

BACK_OFF_MAXIMUM: Final = 20.0
"""Longest wait between two attempts at one call, as in botocore's standard mode."""


@dataclass(frozen=True, slots=True)
class Pace:
    """The gaps of one wait.

    Attributes:
        expected: seconds after which the wait is over at the latest, or a guess when nobody knows.
        is_known: whether it is known; then a look falls right behind it.
        random: spreads the looks of several processes.
    """

    expected: float
    is_known: bool
    random: Random

    @property
    def confirmation(self) -> float:
        """How many seconds later to look again where one look alone proves nothing."""
        return min(GAP_MINIMUM, _CONFIRMATION * self._promised(0.0))

    def gap(self, waited: float) -> float:
        """Return how many seconds to wait for the next look, `waited` seconds after the beginning."""
        over = waited - self.expected if self.is_known and waited >= self.expected else waited
        is_to_confirm = self.is_known and waited < LAG_SECONDS
        longest = self._promised(waited) - (self.confirmation if is_to_confirm else 0.0)
        growth = _GROWTH + _SPREAD * self.random.random()
        gap = min(longest, max(GAP_MINIMUM, growth * over))
        if self.is_known and waited < self.expected <= waited + gap:
            return self.expected - waited + _AFTER_END
        return gap

    def _promised(self, waited: float) -> float:
        """Return how late the end may be seen after so many seconds."""
        return max(GAP_MINIMUM, SHARE * max(waited, min(self.expected, DRAIN_SECONDS_DEFAULT)))


def back_off(attempt: int, random: Random) -> float:
    """Return how many seconds to wait before attempt number `attempt` + 1 at a call that was refused for now."""
    return float(min(BACK_OFF_MAXIMUM, 2.0**attempt) * (0.5 + random.random() / 2))


def attempts_allowed(error: Ec2Error, read_attempts: int) -> int:
    """Return how often to make a read that failed with `error`, the first time included."""
    return min(read_attempts, UNREACHABLE_ATTEMPTS) if isinstance(error, Unreachable | NotFromAws) else read_attempts
