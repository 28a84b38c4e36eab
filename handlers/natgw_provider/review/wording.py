"""How counts and lists are worded, for every format alike. Words only; nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence

_LISTED = 8


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun, as "1 address" or "12 addresses"."""
    return f"{number:,} {one if number == 1 else many}"


def address_list(addresses: Sequence[str]) -> str:
    """Return addresses for a sentence; a long list ends with how many more there are."""
    shown = ", ".join(addresses[:_LISTED])
    more = len(addresses) - _LISTED
    return f"{shown} and {more} more" if more > 0 else shown
