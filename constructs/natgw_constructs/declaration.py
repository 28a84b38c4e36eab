"""The checks of a declaration at synthesis: the rules of `natgw_provider.core`, on everything that is no token.

A token stands for what only Terraform will know; it is skipped wherever it stands, and the provider judges it later.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import timedelta
from typing import Any

from natgw_constructs.kinds import IsToken
from natgw_provider.core import limits, names
from natgw_provider.core.addresses import check_addresses
from natgw_provider.core.declaration_checks import (
    check_address_count,
    check_max_drain,
    check_min_in_service,
    check_on_destroy,
    check_one_of,
    check_timeouts,
)
from natgw_provider.core.problems import Problem


def check_declaration(
    given: Mapping[str, Any], is_token: IsToken, *, ill_typed: Collection[str] = ()
) -> tuple[Problem, ...]:
    """Return what is wrong with arguments, by attribute name; None is not given.

    Neither arguments in `ill_typed` nor ill-typed members of the others are judged.
    """
    known = {name: None if name in ill_typed or is_token(value) else value for name, value in given.items()}
    addresses = _known_items(known[names.ADDRESSES], is_token)
    return (
        *check_one_of(
            addresses_given=given[names.ADDRESSES] is not None, count_given=given[names.ADDRESS_COUNT] is not None
        ),
        *check_addresses(addresses),
        *check_address_count(known[names.ADDRESS_COUNT]),
        *check_max_drain(known[names.MAX_DRAIN]),
        *check_min_in_service(known[names.MIN_IN_SERVICE], _secondaries(known, addresses)),
        *check_on_destroy(known[names.ON_DESTROY]),
        *check_timeouts(
            _known_timeouts(known[names.TIMEOUTS], is_token),
            limits.DRAIN_SECONDS_DEFAULT if given[names.MAX_DRAIN] is None else known[names.MAX_DRAIN],
        ),
    )


def seconds_of(duration: float | timedelta | None) -> float | None:
    """Return a duration in seconds, a whole number as such; None and tokens as they are."""
    if not isinstance(duration, timedelta):
        return duration
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def in_order(addresses: Any) -> Any:
    """Return a Python set as a list in numerical order, so that synthesis repeats; anything else as it is."""
    if not isinstance(addresses, AbstractSet):
        return addresses
    return sorted(addresses, key=lambda address: [part.zfill(3) for part in str(address).split(".")])


def go_durations(timeouts: Any) -> Any:
    """Return a mapping of durations as Terraform writes them, such as "900s"; anything else as it is."""
    if not isinstance(timeouts, Mapping):
        return timeouts
    return {name: f"{seconds_of(it)}s" if isinstance(it, timedelta) else it for name, it in timeouts.items()}


def _known_items(items: Sequence[Any] | None, is_token: IsToken) -> list[str]:
    return [item for item in items or () if isinstance(item, str) and not is_token(item)]


def _secondaries(known: Mapping[str, Any], addresses: Sequence[str]) -> int | None:
    declared = known[names.ADDRESSES]
    if declared is None:
        count: int | None = known[names.ADDRESS_COUNT]
        return count
    return len(set(addresses)) if len(addresses) == len(declared) else None


def _known_timeouts(timeouts: Mapping[str, Any] | None, is_token: IsToken) -> dict[str, str]:
    texts = {operation: (timeouts or {}).get(operation) for operation in names.TIMEOUT_OPERATIONS}
    return {operation: text for operation, text in texts.items() if isinstance(text, str) and not is_token(text)}
