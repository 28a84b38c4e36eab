"""The bodies of the control API's requests: which names each takes, and what each name takes.

Whatever is not as it should be is a ValueError that says what was found and what is allowed.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Any, Final

Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a name takes, in the user's words, and the test for it."""

    words: str
    accepts: Callable[[Any], bool]


def _is_number(value: Any) -> bool:
    """NaN and Infinity, which Python's JSON knows, are no durations."""
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_address(value: Any) -> bool:
    try:
        return _is_text(value) and bool(IPv4Address(value).packed)
    except ValueError:
        return False


def _or_null(accepts: Callable[[Any], bool]) -> Callable[[Any], bool]:
    return lambda value: value is None or accepts(value)


TEXT: Final = Kind("a string", _is_text)
TEXT_OR_NULL: Final = Kind("a string or null", _or_null(_is_text))
ADDRESS: Final = Kind("an IPv4 address", _is_address)
ADDRESS_OR_NULL: Final = Kind("an IPv4 address or null", _or_null(_is_address))
ADDRESSES: Final = Kind("a list of IPv4 addresses", lambda it: isinstance(it, list) and all(map(_is_address, it)))
NUMBER: Final = Kind("a number", _is_number)
FLAG: Final = Kind("true or false", lambda value: isinstance(value, bool))
SECONDS: Final = Kind("a number of seconds, 0 or more", lambda value: _is_number(value) and value >= 0)
SECONDS_OR_NULL: Final = Kind("a number of seconds, 0 or more, or null", _or_null(SECONDS.accepts))
TAGS: Final = Kind(
    "an object of strings, or null",
    _or_null(lambda it: isinstance(it, dict) and all(map(_is_text, it.values()))),
)
ANYTHING: Final = Kind("", lambda _: True)
"""For what is checked where it is used, with words of its own."""


def read_body(text: bytes) -> Body:
    """Return the JSON object of a body; an empty body is an empty object."""
    try:
        body = json.loads(text or b"{}")
    except ValueError as error:  # bytes that are no UTF-8 among them
        shown = text[:60].decode("utf-8", "replace")
        raise ValueError(f'the body is not JSON: {shown!r} ({error}); send an object such as {{"name": 1}}') from None
    if not isinstance(body, dict):
        raise ValueError(f"the body is not a JSON object, but {json.dumps(body)[:60]}")  # noqa: TRY004 # bad input
    return body


def check_body(request: str, body: Body, takes: Mapping[str, Kind]) -> None:
    """Raise ValueError when a body has a name that the request does not take, or a value that the name does not."""
    unknown = sorted(set(body) - set(takes))
    if unknown:
        raise ValueError(f"{request} takes no {', '.join(unknown)}; it takes: {', '.join(takes) or 'nothing'}")
    for name, value in body.items():
        if not takes[name].accepts(value):
            raise ValueError(f"{request}: {name} is {takes[name].words}, not {json.dumps(value)}")


def check_present(request: str, body: Body, *names: str) -> None:
    """Raise ValueError when a body lacks a name that the request cannot do without."""
    lacking = [name for name in names if name not in body]
    if lacking:
        raise ValueError(f"{request} needs {', '.join(names)}; there is no {', '.join(lacking)}")
