"""Terraform's numbers as Python's, without loss: what is sent back must be the very number that came.

Terraform computes with 512-bit floats and sends an integer or a double where that is exact, else decimal digits. Pure.
"""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Final

_LONGEST: Final = 400
"""Digits up to which a decimal becomes an int (a double has 309); a huge exponent must not become gigabytes."""

_MESSAGEPACK_INTEGERS: Final = range(-(2**63), 2**64)


def normalised(number: float | Decimal) -> int | float | Decimal:
    """Return `number` as an int when it is integral, as a float when that is exact, else as a Decimal.

    Raises ValueError for what is not a number.
    """
    if isinstance(number, int):
        return number
    if number.is_nan() if isinstance(number, Decimal) else math.isnan(number):
        raise ValueError("not a number")
    if isinstance(number, float):
        return int(number) if number.is_integer() else number
    return _narrowed(number)


def parsed(digits: str) -> int | float | Decimal:
    """Return the number that `digits`, in Terraform's decimal notation, stand for; raises ValueError."""
    try:
        return normalised(Decimal(digits))
    except InvalidOperation as error:
        raise ValueError("not a number") from error


def wire_form(number: float | Decimal) -> int | float | str:
    """Return what msgpack carries for `number`: an integer, a double, or decimal digits; raises ValueError for NaN."""
    number = normalised(number)
    if isinstance(number, Decimal):
        return str(number)
    if isinstance(number, int) and number not in _MESSAGEPACK_INTEGERS:
        return str(Decimal(number))
    return number


def _narrowed(number: Decimal) -> int | float | Decimal:
    if number.is_infinite():
        return float(number)
    if abs(number.adjusted()) > _LONGEST:
        return number
    if number == number.to_integral_value():
        return int(number)
    as_float = float(number)
    return as_float if Decimal(as_float) == number else number
