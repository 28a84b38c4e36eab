"""JSON from outside, read with type checks: an error says what was expected and what was found.

A review is made in pipelines from files of unknown origin, so every value is checked when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from natgw_provider.core.addresses import sort_addresses

_T = TypeVar("_T")

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character: JSON can hold it as an escape, and nothing can print it."""

_JSON_NAMES = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}


class InputError(Exception):
    """The input cannot be reviewed. The text says what was found, what is needed, and what to do."""


@dataclass(frozen=True, slots=True)
class Values:
    """A JSON object and its location. Absent and null are the same: None.

    Every method raises InputError for a value of another type.
    """

    where: str
    plain: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """Return a text."""
        return self._read(name, str)

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        return self._read(name, bool)

    def whole(self, name: str) -> int | None:
        """Return a whole number."""
        return self._read(name, int)

    def values(self, name: str) -> Values:
        """Return a nested object; an empty one when it is absent."""
        return Values(f"{self.where}.{name}", self._read(name, dict) or {})

    def optional(self, name: str) -> Values | None:
        """Return a nested object; None when it is absent."""
        return self.values(name) if self.plain.get(name) is not None else None

    def listed(self, name: str) -> tuple[Values, ...]:
        """Return the objects of a list; none when it is absent."""
        found = enumerate(self._read(name, list) or ())
        places = ((f"{self.where}.{name}[{index}]", item) for index, item in found)
        return tuple(Values(where, expect(dict, item, where)) for where, item in places)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list; none when it is absent."""
        where = f"{self.where}.{name}"
        return tuple(expect(str, item, where) for item in self._read(name, list) or ())

    def addresses(self, name: str) -> tuple[str, ...] | None:
        """Return a set of addresses in order; None when it, or one of them, is absent, so unknown."""
        found = self._read(name, list)
        return None if found is None or None in found else self._sorted(name, self.texts(name))

    def listed_addresses(self, name: str) -> tuple[str, ...] | None:
        """Return the addresses of a text such as "10.0.0.21, 10.0.0.22", or "none"; None when it is absent."""
        text = self.text(name)
        return None if text is None else () if text == "none" else self._sorted(name, tuple(text.split(", ")))

    def address(self, name: str) -> str | None:
        """Return an address: IPv4, or the allocation id of an Elastic IP."""
        found = self.text(name)
        return None if found is None else self._sorted(name, (found,))[0]

    def _sorted(self, name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return sort_addresses(texts)
        except ValueError as problem:
            raise InputError(f"{self.where}.{name} holds no address that natgw manages: {problem}.") from None

    def _read(self, name: str, kind: type[_T]) -> _T | None:
        found = self.plain.get(name)
        return None if found is None else expect(kind, found, f"{self.where}.{name}")


def expect(kind: type[_T], found: object, where: str) -> _T:
    """Return `found` when it is of `kind`; a whole number may be written as 3.0. Raises InputError otherwise."""
    if kind is int and isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise InputError(f"{where} is {_kind_of(found)}; expected is {_JSON_NAMES[kind]}.")
    if isinstance(found, str) and _LONE_SURROGATE.search(found):
        raise InputError(f"{where} is not valid Unicode: it escapes half a character.")
    return found


def _kind_of(found: object) -> str:
    if found is None:
        return "null"
    kind = bool if isinstance(found, bool) else type(found)
    return _JSON_NAMES.get(kind, "a number")
