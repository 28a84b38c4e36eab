"""Damages values as a fuzzer would bytes, but so that they still parse: what lies behind the parser gets tested too."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any, Final

import msgpack

Codec = tuple[Callable[[bytes], Any], Callable[[Any], bytes]]
"""How bytes become a value of JSON's kinds, and the way back; both may raise."""


def _pack(value: Any) -> bytes:
    return bytes(msgpack.packb(value, unicode_errors="surrogatepass"))


def _unpack(data: bytes) -> Any:
    return msgpack.unpackb(data, unicode_errors="surrogatepass", strict_map_key=False)


JSON: Final[Codec] = (json.loads, lambda value: json.dumps(value).encode())
MSGPACK: Final[Codec] = (_unpack, _pack)

_TEXTS: Final = (
    "",
    " ",
    "10.0.0.21",
    "10.0.0.10",
    "10.0.0.255",
    "10.0.0.256",
    "010.0.0.21",
    "10.0.0.0/24",
    "::1",
    "nat-0a1b2c3d4e5f67890",
    "unassign",
    "retain",
    "failed",
    "1h",
    "-1s",
    "1e3",
    "\0",
    "\ud800",
    "\x1b[31m",
    "é",
    "{}",
)
_ORDINARY: Final = (None, True, False, 0, 1, -1, 7, 4000, 2**63, 2**64 - 1, -(2**63), 0.5, -0.0, 1e300, float("inf"))
_EXTENSIONS: Final = (
    msgpack.ExtType(0, b"\0"),
    msgpack.ExtType(12, b"\x81\x01\xc2"),
    msgpack.ExtType(5, b"xx"),
    b"\xff",
)


def damaged(data: bytes, random: Random, codec: Codec) -> bytes:
    """Return `data` with one to four parts of its value changed; as it is when it holds none."""
    load, dump = codec
    try:
        value = load(data)
        for _ in range(random.choice((1, 1, 2, 4))):
            value = _changed(value, random, wild=codec is MSGPACK)
        return dump(value)
    except (ValueError, TypeError, OverflowError, RecursionError, msgpack.UnpackException):
        return data


def _changed(value: Any, random: Random, *, wild: bool) -> Any:
    """Go down into a container most of the time, and change what is there."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        return _changed_member(value, key, random, wild=wild)
    if isinstance(value, list) and value and random.random() < 0.9:
        return _changed_element(value, random.randrange(len(value)), random, wild=wild)
    return _replaced(value, random, wild=wild)


def _changed_member(value: dict[Any, Any], key: Any, random: Random, *, wild: bool) -> dict[Any, Any]:
    what = random.random()
    if what < 0.06:
        return {name: member for name, member in value.items() if name != key}
    if what < 0.1:
        return {**value, _replaced("", random, wild=False): value[key]}
    if what < 0.16:
        return {**value, key: random.choice(list(value.values()))}
    return {**value, key: _changed(value[key], random, wild=wild)}


def _changed_element(value: list[Any], index: int, random: Random, *, wild: bool) -> list[Any]:
    what = random.random()
    if what < 0.1:
        return value[:index] + value[index + 1 :]
    if what < 0.2:
        return [*value, value[index]]
    return [*value[:index], _changed(value[index], random, wild=wild), *value[index + 1 :]]


def _replaced(value: Any, random: Random, *, wild: bool) -> Any:
    what = random.random()
    if isinstance(value, str) and what < 0.4:
        at = random.randrange(len(value) + 1)
        return value[:at] + random.choice(_TEXTS) + value[at + random.randrange(3) :]
    if isinstance(value, int) and what < 0.4:
        return value + random.choice((-1, 1, 10, -400, 2**32))
    if what < 0.5:
        return random.choice(([], {}, [value], [value, value], {"x": value}))
    return random.choice((*_TEXTS, *_ORDINARY, *_EXTENSIONS) if wild else (*_TEXTS, *_ORDINARY))
