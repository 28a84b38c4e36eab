"""Numbers come back as the very numbers that came."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given

from bridge import strategies
from natgw_provider.bridge import wire


@pytest.mark.parametrize(
    ("digits", "expected"),
    [
        ("0", 0),
        ("350", 350),
        ("-1", -1),
        ("1.0", 1),
        ("1e3", 1000),
        ("0.5", 0.5),
        ("0.1", Decimal("0.1")),
        ("18446744073709551616", 18446744073709551616),
        ("1e999999999", Decimal("1e999999999")),
        ("1e-999999999", Decimal("1e-999999999")),
    ],
)
def test_digits_become_the_simplest_exact_number(digits: str, expected: object) -> None:
    number = wire.parse_number(digits)
    assert (type(number), number) == (type(expected), expected)


@pytest.mark.parametrize("digits", ["", "x", "1,5", "nan", "sNaN", "0x10"])
def test_what_is_not_a_number_is_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        wire.parse_number(digits)


@pytest.mark.parametrize("number", [math.nan, Decimal("nan")])
def test_nan_is_refused(number: float | Decimal) -> None:
    with pytest.raises(ValueError, match="not a number"):
        wire.wire_form(number)


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (2**63 - 1, 2**63 - 1),
        (-(2**63), -(2**63)),
        (2**64, "18446744073709551616"),
        (-(2**63) - 1, "-9223372036854775809"),
        (2.5, 2.5),
        (3.0, 3),
        (Decimal("0.25"), 0.25),
        (Decimal("0.1"), "0.1"),
        (math.inf, math.inf),
        (Decimal("-inf"), -math.inf),
    ],
)
def test_the_wire_form_is_an_integer_a_double_or_digits(number: float | Decimal, expected: object) -> None:
    assert wire.wire_form(number) == expected


@given(strategies.numbers)
def test_no_number_changes_on_the_way_out_and_back(number: float | Decimal) -> None:
    form = wire.wire_form(number)
    back = wire.parse_number(form) if isinstance(form, str) else wire.normalized(form)
    assert Decimal(back) == Decimal(number)
    assert not isinstance(back, float) or not back.is_integer()
