"""Durations as Terraform users write them ("15m", Go's syntax) and as people read them.

Seconds everywhere inside; it reads no clock.
"""

from __future__ import annotations

import re
from typing import Final

_NANOSECONDS: Final = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "\u00b5s": 1_000,  # the micro sign
    "\u03bcs": 1_000,  # the Greek letter
    "ns": 1,
}
_NANOSECONDS_MAXIMUM: Final = 2**63 - 1
"""What Go's time.Duration holds, about 292 years."""

# Digits are matched in one way only, so that no text takes more than linear time.
_NUMBER: Final = r"\d+(?:\.\d*)?|\.\d+"
_UNIT: Final = r"h|ms|us|\u00b5s|\u03bcs|ns|m|s"
_PART: Final = re.compile(rf"({_NUMBER})({_UNIT})", re.ASCII)
_DURATION: Final = re.compile(rf"\+?(?:(?:{_NUMBER})(?:{_UNIT}))+", re.ASCII)


def parse_duration(text: str) -> float:
    """Return the seconds of a Go duration such as "1h15m" or "90s" (Go, time.ParseDuration).

    Raises ValueError when it is no duration, not above zero, or longer than Go can hold.
    """
    parts = _PART.findall(text) if _DURATION.fullmatch(text) else []
    # Summed in nanoseconds, which keeps whole seconds exact whatever the unit.
    nanoseconds = sum(float(number) * _NANOSECONDS[unit] for number, unit in parts)
    if not 1 <= nanoseconds <= _NANOSECONDS_MAXIMUM:
        raise ValueError(f'not a duration: "{text}"')
    return nanoseconds / _NANOSECONDS["s"]


def format_seconds(seconds: float) -> str:
    """Return seconds for a person, as "350 s (5 min 50 s)"; without the brackets below a minute."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{whole} s"
    parts = [f"{value} {unit}" for value, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if value]
    return f"{whole} s ({' '.join(parts)})"
