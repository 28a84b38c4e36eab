"""The limits that a team sets for its gateways: from options, from `natgw-review.toml` or `[tool.natgw.review]`.

Text in, limits out; which file is read is the command line's business.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from natgw_provider.core import limits
from natgw_provider.review.reading import InputError

_RANGES = {
    "max_window_seconds": (0, limits.DRAIN_SECONDS_MAXIMUM, "seconds"),
    "min_in_service": (1, limits.QUOTA_MAXIMUM, "addresses, the primary included"),
    "max_drained_percent": (0, 100, "percent of the addresses in service"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a plan must not exceed; None sets no limit. Exceeding one blocks the plan.

    Attributes:
        max_window_seconds: longest drain of any gateway.
        min_in_service: fewest addresses, the primary included, that take new connections at any moment of a change.
        max_drained_percent: largest part of a gateway's addresses in service that may drain at once, 0 to 100.
    """

    max_window_seconds: int | None = None
    min_in_service: int | None = None
    max_drained_percent: int | None = None

    def overridden_by(self, other: Limits) -> Limits:
        """Return these limits with those of `other` wherever it sets one."""
        return replace(self, **other.given())

    def given(self) -> dict[str, int]:
        """Return the limits that are set, by name."""
        pairs = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: value for name, value in pairs if value is not None}


def parse_limits(text: str, source: str, table: tuple[str, ...] = ()) -> Limits:
    """Return the limits in a TOML text, at its top or in a table such as ("tool", "natgw", "review").

    Raises InputError for broken TOML, an unknown name or a bad value, with `source` in the text.
    """
    try:
        found: Any = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as problem:
        raise InputError(f"{source} is not TOML: {problem}.") from None
    for key in table:
        found = found.get(key, {})
        if not isinstance(found, dict):
            raise InputError(f"{source}: {'.'.join(table)} is not a table.")
    return limits_from(found, source)


def limits_from(settings: Mapping[str, Any], source: str) -> Limits:
    """Return the limits that `settings` holds by name. Raises InputError for an unknown name or a bad value."""
    unknown = sorted(set(settings) - set(_RANGES))
    if unknown:
        raise InputError(f"{source} sets {', '.join(unknown)}; a review knows {', '.join(_RANGES)}.")
    for name, value in settings.items():
        lowest, highest, unit = _RANGES[name]
        if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
            raise InputError(
                f"{source}: {name} is {value!r}; allowed are {lowest} to {highest} {unit}, in whole numbers."
            )
    return Limits(**settings)
