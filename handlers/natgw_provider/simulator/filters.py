"""The filters and the paging of DescribeNatGateways, as EC2 does them. Pure.

Filters: nat-gateway-id, state, subnet-id, vpc-id, tag:KEY, tag-key (DescribeNatGateways reference). Values of one
filter are alternatives, filters add up; `*` stands for any text, `?` for one character, and a backslash
makes them plain.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from natgw_provider.simulator import errors
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.lifecycle import Gateway

FILTER_VALUES_MAXIMUM: Final = 200
PAGE_MINIMUM: Final = 5
PAGE_MAXIMUM: Final = 1000

Item = TypeVar("Item")

_TAG_PREFIX: Final = "tag:"
_TOKEN = re.compile(r"after:(\d{1,9})")


def matches(
    gateway: Gateway, state: str, tags: Mapping[str, str], filters: Sequence[tuple[str, Sequence[str]]]
) -> bool:
    """Whether a gateway in `state` with `tags` passes every filter (name, alternative values)."""
    return all(_passes(_values(gateway, state, tags, name), patterns) for name, patterns in filters)


def check_filter(name: str, values: Sequence[str]) -> None:
    """Raise ApiError for a filter that EC2 does not know, or with no or too many values."""
    if name not in {"nat-gateway-id", "state", "subnet-id", "vpc-id", "tag-key"} and not name.startswith(_TAG_PREFIX):
        raise errors.invalid_value(f"The filter '{name}' is invalid")
    if not values:
        raise errors.invalid_value(f"The filter '{name}' has no values")
    if len(values) > FILTER_VALUES_MAXIMUM:
        raise ApiError(
            "FilterLimitExceeded",
            f"The filter '{name}' has {len(values)} values; at most {FILTER_VALUES_MAXIMUM} are allowed",
        )


def page(found: Sequence[Item], size: int, token: str | None) -> tuple[Sequence[Item], str | None]:
    """Return one page and the token of the next (None: this was the last). Raises ApiError for a bad token."""
    start = 0 if token is None else _decode(token)
    following = start + size
    return found[start:following], _encode(following) if following < len(found) else None


def _values(gateway: Gateway, state: str, tags: Mapping[str, str], name: str) -> Sequence[str]:
    if name.startswith(_TAG_PREFIX):
        key = name.removeprefix(_TAG_PREFIX)
        return [tags[key]] if key in tags else []
    if name == "tag-key":
        return list(tags)
    attributes = {
        "nat-gateway-id": gateway.gateway_id,
        "state": state,
        "subnet-id": gateway.subnet_id,
        "vpc-id": gateway.vpc_id,
    }
    return [attributes[name]]


def _passes(values: Sequence[str], patterns: Sequence[str]) -> bool:
    return any(_expression(pattern).fullmatch(value) for pattern in patterns for value in values)


def _expression(pattern: str) -> re.Pattern[str]:
    parts = re.findall(r"\\.|.", pattern, re.DOTALL)
    wildcards = {"*": ".*", "?": "."}
    escaped = (wildcards.get(part) or re.escape(part[-1]) for part in parts)
    return re.compile("".join(escaped), re.DOTALL)


def _encode(start: int) -> str:
    return base64.urlsafe_b64encode(f"after:{start}".encode()).decode()


def _decode(token: str) -> int:
    try:
        match = _TOKEN.fullmatch(base64.urlsafe_b64decode(token.encode()).decode())
    except (binascii.Error, UnicodeError):
        match = None
    if match is None:
        raise ApiError("InvalidNextToken", "The specified token is not valid")
    return int(match.group(1))
