"""Plain Python values as handlers see them, and the unknown value, which Python does not have.

Pure; it depends on neither the wire format nor a schema.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

if TYPE_CHECKING:
    from decimal import Decimal

Value: TypeAlias = "bool | int | float | Decimal | str | tuple[Value, ...] | dict[str, Value] | Unknown | None"
"""A value of a Terraform type.

Null is `None`; a list and a set are tuples, a set in the order Terraform sent it; a map and an object are dicts with
string keys. A number is an `int` when it is integral, a `float` when it came as one, a `Decimal` when neither is exact.
"""


class Unknown(enum.Enum):
    """The type of `UNKNOWN`, its only instance."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return "UNKNOWN"

    def __bool__(self) -> NoReturn:
        raise TypeError("UNKNOWN is neither true nor false: test `value is UNKNOWN` first")

    def __len__(self) -> NoReturn:
        raise TypeError("UNKNOWN has no length: test `value is UNKNOWN` first")


UNKNOWN: Final = Unknown.UNKNOWN
"""A value that Terraform knows only during the apply. Compare with `is`."""


def is_given(value: Value) -> bool | None:
    """Whether an argument is set: null is absent. None while it is unknown."""
    return None if value is UNKNOWN else value is not None


def is_wholly_known(value: Value) -> bool:
    """Whether neither `value` nor anything inside it is unknown."""
    if isinstance(value, dict):
        return all(is_wholly_known(member) for member in value.values())
    if isinstance(value, tuple):
        return all(is_wholly_known(element) for element in value)
    return value is not UNKNOWN
