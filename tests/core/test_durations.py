"""Durations are read by the rules of Go's time.ParseDuration and written for people."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.durations import format_seconds, parse_duration

NANOSECONDS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15m", 900),
        ("1h15m", 4500),
        ("1m1h", 3660),
        ("1.5h", 5400),
        ("2\u00b5s", 2e-6),
        ("2\u03bcs", 2e-6),
        ("1ns", 1e-9),
        ("1.s", 1),
        (".5s", 0.5),
        ("007s", 7),
        ("0h1s", 1),
        ("+15m", 900),
        ("2562047h47m16s", 2562047 * 3600 + 47 * 60 + 16),
    ],
)
def test_what_go_reads_is_read_alike(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds


REFUSED = [
    *("", "15", "0s", "0.1ns", "-5m", "+", "++5m", "5m-3s", "5 m", "5m ", "5m\n", "1d", ".s", "1..5s", "1,5s", "1e3s"),
    *("5M", "5min", "PT5M", "\u0663s", "\u00bdh", "5m30", "2562048h", "9" * 400 + "h"),
]


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    "text",
    ["1" * 50_000, "1" * 50_000 + "x", "1." * 20_000, "1s" * 20_000 + "x"],
    ids=["digits", "digits and a letter", "digits and points", "parts and a letter"],
)
def test_a_long_nonsense_is_refused_at_once(text: str) -> None:
    """Reading has to stay linear: with a backtracking pattern this test would never end."""
    with pytest.raises(ValueError, match="not a duration"):
        parse_duration(text)


@given(st.lists(st.tuples(st.integers(0, 10**6), st.sampled_from(sorted(NANOSECONDS))), min_size=1, max_size=6))
def test_parts_add_up(parts: list[tuple[int, str]]) -> None:
    total = sum(number * NANOSECONDS[unit] for number, unit in parts)
    text = "".join(f"{number}{unit}" for number, unit in parts)
    if total == 0:
        with pytest.raises(ValueError, match="not a duration"):
            parse_duration(text)
    else:
        assert parse_duration(text) == pytest.approx(float(Fraction(total, 10**9)), rel=1e-15)


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_drain_time_means_the_same_in_every_unit(unit: str) -> None:
    """A timeout as long as the drain must not be found shorter for a rounding error."""
    factor = NANOSECONDS["s"] // NANOSECONDS[unit]
    assert all(parse_duration(f"{seconds * factor}{unit}") == seconds for seconds in range(1, 4001))


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.4, "0 s"),
        (59.4, "59 s"),
        (59.6, "60 s (1 min)"),
        (350.0, "350 s (5 min 50 s)"),
        (3600, "3600 s (1 h)"),
        (3601, "3601 s (1 h 1 s)"),
        (4000, "4000 s (1 h 6 min 40 s)"),
    ],
)
def test_seconds_are_written_for_people(seconds: float, text: str) -> None:
    assert format_seconds(seconds) == text


@given(st.integers(60, 10**6))
def test_what_stands_in_brackets_is_the_same_time(seconds: int) -> None:
    lead, _, rest = format_seconds(seconds).partition(" s (")
    numbers_and_units = rest.rstrip(")").split()
    units = {"h": 3600, "min": 60, "s": 1}
    spelled = [int(n) * units[u] for n, u in zip(numbers_and_units[::2], numbers_and_units[1::2], strict=True)]
    assert int(lead) == sum(spelled) == seconds
