"""Values to and from bytes: nothing is lost, and what does not fit is refused with its location."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

import msgpack
import pytest
from hypothesis import given

from bridge.strategies import canonical, typed_values
from natgw_provider.bridge.diagnostics import Path
from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    ListOf,
    MapOf,
    NestedAttributes,
    Nesting,
    ObjectOf,
    Schema,
    SetOf,
    Type,
)
from natgw_provider.bridge.values import UNKNOWN, Value, is_wholly_known
from natgw_provider.bridge.wire import (
    WireError,
    conform,
    decode,
    encode,
    parse_json,
    parse_number,
    wire_form,
)

THING = ObjectOf({"name": STRING, "sizes": ListOf(NUMBER), "labels": MapOf(BOOL), "inner": ObjectOf({"on": BOOL})})


@given(typed_values())
def test_a_value_survives_the_round_trip_and_is_refused_if_it_must_be_known_and_is_not(
    case: tuple[Type, Value],
) -> None:
    type_, value = case
    encoded = encode(type_, value)
    assert canonical(type_, decode(type_, encoded)) == canonical(type_, value)
    if is_wholly_known(value):
        assert encode(type_, value, known=True) == encoded
    else:
        with pytest.raises(WireError, match="unknown where it must be known"):
            encode(type_, value, known=True)


@pytest.mark.parametrize("nesting", ["single", "list", "set", "map"])
def test_nested_attributes_imply_a_type(nesting: Nesting) -> None:
    inner = Attribute(name="size", description="d", type=NUMBER, required=True)
    nested = Attribute(name="rules", description="d", nested=NestedAttributes(nesting, (inner,)), optional=True)
    members = ObjectOf({"size": NUMBER})
    implied: dict[str, Type] = {
        "single": members,
        "list": ListOf(members),
        "set": SetOf(members),
        "map": MapOf(members),
    }
    assert Schema(0, "d", (nested,)).value_type == ObjectOf({"rules": implied[nesting]})


def test_unknown_refuses_to_be_tested_or_measured() -> None:
    for measure in (bool, len):
        with pytest.raises(TypeError, match="value is UNKNOWN"):
            measure(UNKNOWN)


def test_no_bytes_are_null() -> None:
    assert decode(THING, b"") is None


@pytest.mark.parametrize("extension", [(0, b"\0"), (0, b""), (12, b""), (12, b"\x81\x01\xc2")])
def test_unknown_and_refined_unknown_are_unknown(extension: tuple[int, bytes]) -> None:
    assert decode(STRING, msgpack.packb(msgpack.ExtType(*extension))) is UNKNOWN


def test_unknown_is_written_plain() -> None:
    assert encode(STRING, UNKNOWN) == b"\xd4\x00\x00"


def test_a_set_is_written_sorted_and_without_duplicates_from_any_iterable() -> None:
    expected = encode(SetOf(STRING), ("10.0.0.1", "10.0.0.2"))
    for given_set in (["10.0.0.2", "10.0.0.1", "10.0.0.2"], {"10.0.0.2", "10.0.0.1"}, iter(("10.0.0.1", "10.0.0.2"))):
        assert encode(SetOf(STRING), given_set) == expected  # type: ignore[arg-type]


def thing(**changes: object) -> dict[str, Any]:
    return {"name": "n", "sizes": (1, 2), "labels": {"x": True}, "inner": {"on": False}} | changes


@pytest.mark.parametrize(
    ("value", "path", "complaint"),
    [
        (thing(name=1), ("name",), "expected a string, found int"),
        (thing(sizes=(1, "2")), ("sizes", 1), "expected a number, found str"),
        (thing(sizes=(True,)), ("sizes", 0), "expected a number, found bool"),
        (thing(sizes=(float("nan"),)), ("sizes", 0), "expected a number, found float"),
        (thing(sizes="12"), ("sizes",), "expected a list, found str"),
        (thing(sizes=1), ("sizes",), "expected a list, found int"),
        (thing(labels=("x",)), ("labels",), "expected a map, found tuple"),
        (thing(labels={"x": "yes"}), ("labels", "x"), "expected a bool, found str"),
        (thing(labels={1: True}), ("labels",), "expected a string as a key, found int"),
        (thing(inner={}), ("inner", "on"), "the attribute is missing"),
        (thing(inner={"on": True, "off": False}), ("inner", "off"), "no such attribute"),
        (thing(name="\udcff"), ("name",), "not valid Unicode"),
        (thing(labels={"\udcff": True}), ("labels",), "not valid Unicode"),
        ((), (), "expected an object, found tuple"),
    ],
)
def test_a_handlers_value_that_does_not_fit_is_refused_with_its_path(value: Any, path: Path, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint) as caught:
        encode(THING, value)
    assert caught.value.path == path


@pytest.mark.parametrize(
    ("value", "path", "complaint"),
    [
        (thing(sizes=["x"]), ("sizes", 0), "expected a number, found str"),
        (thing(inner=[]), ("inner",), "expected an object, found list"),
        ({"name": "n"}, ("sizes",), "the attribute is missing"),
        (thing(more=1), ("more",), "no such attribute"),
        (thing(name=msgpack.ExtType(5, b"")), ("name",), "expected a string, found ExtType"),
    ],
)
def test_bytes_that_do_not_fit_the_type_are_refused_with_their_path(value: Any, path: Path, complaint: str) -> None:
    with pytest.raises(WireError, match=complaint) as caught:
        decode(THING, msgpack.packb(value))
    assert caught.value.path == path


def test_no_message_shows_a_value_because_it_may_be_a_secret() -> None:
    with pytest.raises(WireError) as caught:
        encode(THING, thing(sizes=("hunter2",)))
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    "data", [b"\xc1", b"\x81", b"\xdd\xff\xff\xff\xff", b"\xd4", b"\x01\x01", b"\x91" * 2000, b"\xa1\xff"]
)
def test_bytes_that_are_not_msgpack_are_refused(data: bytes) -> None:
    with pytest.raises(WireError, match="not msgpack"):
        decode(THING, data)


@pytest.mark.parametrize("data", [b"{", b"\xff", b"[" * 200_000, b"", b"1e99999999999999999999", b"9" * 5000])
def test_bytes_that_are_not_json_are_refused(data: bytes) -> None:
    with pytest.raises(WireError, match="not JSON"):
        parse_json(data)


@pytest.mark.parametrize("data", [b'{"name": "\\ud800"}', b'{"labels": {"\\ud800": true}}'])
def test_json_text_that_is_not_unicode_is_refused(data: bytes) -> None:
    with pytest.raises(WireError, match="not valid Unicode"):
        conform(THING, parse_json(data))


def test_json_numbers_are_exact() -> None:
    numbers = conform(ListOf(NUMBER), parse_json(b"[1, 1.0, 0.5, 0.1, 12345678901234567890]"))
    assert numbers == (1, 1, 0.5, Decimal("0.1"), 12345678901234567890)


def test_a_stored_value_may_lack_attributes_and_have_others_at_every_depth() -> None:
    stored = {"name": "n", "inner": {"off": 1}, "old": 2}
    assert conform(THING, stored) == {"name": "n", "sizes": None, "labels": None, "inner": {"on": None}}


@pytest.mark.parametrize(
    ("digits", "number", "wire"),
    [
        ("350", 350, 350),
        ("1.0", 1, 1),
        ("0.5", 0.5, 0.5),
        ("0.1", Decimal("0.1"), "0.1"),
        ("9223372036854775807", 2**63 - 1, 2**63 - 1),
        ("18446744073709551616", 2**64, "18446744073709551616"),
        ("-9223372036854775809", -(2**63) - 1, "-9223372036854775809"),
        ("1E+999999999", Decimal("1e999999999"), "1E+999999999"),
        ("-1E-999999999", Decimal("-1e-999999999"), "-1E-999999999"),
        ("-Infinity", -math.inf, -math.inf),
    ],
)
def test_a_number_is_the_simplest_exact_one_and_is_sent_as_integer_double_or_digits(
    digits: str, number: float | Decimal, wire: object
) -> None:
    parsed = parse_number(digits)
    assert (type(parsed), parsed) == (type(number), number)
    assert (type(wire_form(number)), wire_form(number)) == (type(wire), wire)


@pytest.mark.parametrize("digits", ["", "x", "1,5", "nan", "sNaN", "0x10"])
def test_what_is_not_a_number_is_refused(digits: str) -> None:
    with pytest.raises(ValueError, match="not a number"):
        parse_number(digits)
    with pytest.raises(ValueError, match="not a number"):
        wire_form(math.nan)
