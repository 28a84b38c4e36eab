"""Durations as Terraform users write them ("15m", Go's syntax) and as people read them.

Seconds everywhere inside; it reads no clock.
"""

from __future__ import annotations

import re
from typing import Final

_UNIT_SECONDS: Final = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(h|ms|us|µs|ns|m|s)", re.ASCII)


def parse_duration(text: str) -> float:
    """Return the seconds of a Go duration such as "1h15m" or "90s" (Go, time.ParseDuration).

    Raises ValueError when it is none, or not above zero.
    """
    parts = _PART.findall(text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(text)
    seconds = sum(float(number) * _UNIT_SECONDS[unit] for number, unit in parts)
    if seconds <= 0:
        raise ValueError(text)
    return seconds


def format_seconds(seconds: float) -> str:
    """Return seconds for a person, as "350 s (5 min 50 s)"; without the brackets below a minute."""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if whole < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{whole} s"
    parts = [f"{value} {unit}" for value, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if value]
    return f"{whole} s ({' '.join(parts)})"
