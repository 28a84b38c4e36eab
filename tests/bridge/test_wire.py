"""Values to and from bytes: nothing is lost, nothing that does not fit gets through, and the error says where."""

from __future__ import annotations

import contextlib
import json
from decimal import Decimal
from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge import strategies
from bridge.strategies import canonical, typed_values, types, wire_structure
from natgw_provider.bridge.diagnostics import Path
from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf, Type
from natgw_provider.bridge.values import UNKNOWN, Value, is_wholly_known
from natgw_provider.bridge.wire import WireError, conform, decode, decode_json, encode, parse_json

THING = ObjectOf({"name": STRING, "sizes": ListOf(NUMBER), "labels": MapOf(BOOL), "inner": ObjectOf({"on": BOOL})})


@given(typed_values())
def test_every_value_survives_the_round_trip(case: tuple[Type, Value]) -> None:
    type_, value = case
    assert canonical(type_, decode(type_, encode(type_, value))) == canonical(type_, value)


@given(typed_values())
def test_what_terraform_writes_is_read(case: tuple[Type, Value]) -> None:
    type_, value = case
    written = msgpack.packb(wire_structure(type_, value))
    assert canonical(type_, decode(type_, written)) == canonical(type_, value)


@given(typed_values())
def test_what_is_written_is_what_another_msgpack_reader_expects(case: tuple[Type, Value]) -> None:
    type_, value = case
    read = msgpack.unpackb(
        encode(type_, value), ext_hook=lambda code, data: UNKNOWN if (code, data) == (0, b"\0") else 1
    )
    assert canonical(type_, _as_values(type_, read)) == canonical(type_, value)


@given(typed_values(unknown=False))
def test_what_terraform_stores_as_json_is_read(case: tuple[Type, Value]) -> None:
    type_, value = case
    text = json.dumps(value, default=float) if _json_exact(value) else None
    if text is not None:
        assert canonical(type_, decode_json(type_, text.encode())) == canonical(type_, value)


@given(types(), st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_wire_error(type_: Type, data: bytes) -> None:
    for read in (decode, decode_json):
        with contextlib.suppress(WireError):
            encode(type_, read(type_, data))


@given(typed_values(), st.data())
def test_damaged_bytes_are_a_value_or_a_wire_error(case: tuple[Type, Value], data: st.DataObject) -> None:
    type_, value = case
    encoded = bytearray(encode(type_, value))
    position = data.draw(st.integers(0, len(encoded) - 1))
    encoded[position] = data.draw(st.integers(0, 255))
    with contextlib.suppress(WireError):
        encode(type_, decode(type_, bytes(encoded)))


@given(typed_values())
def test_an_unknown_is_refused_exactly_where_all_must_be_known(case: tuple[Type, Value]) -> None:
    type_, value = case
    if is_wholly_known(value):
        assert encode(type_, value, known=True) == encode(type_, value)
    else:
        with pytest.raises(WireError, match="unknown where it must be known"):
            encode(type_, value, known=True)


def test_no_bytes_are_null() -> None:
    assert decode(THING, b"") is None


@pytest.mark.parametrize("extension", [(0, b"\0"), (0, b""), (12, b""), (12, b"\x81\x01\xc2")])
def test_unknown_and_refined_unknown_are_unknown(extension: tuple[int, bytes]) -> None:
    assert decode(STRING, msgpack.packb(msgpack.ExtType(*extension))) is UNKNOWN


def test_unknown_is_written_plain() -> None:
    assert encode(STRING, UNKNOWN) == b"\xd4\x00\x00"


def test_several_unknown_elements_of_a_set_survive_both_ways() -> None:
    value = ("a", UNKNOWN, UNKNOWN)
    assert decode(SetOf(STRING), encode(SetOf(STRING), value)) == value


def test_a_set_is_written_sorted_and_without_duplicates_from_any_iterable() -> None:
    expected = encode(SetOf(STRING), ("10.0.0.1", "10.0.0.2"))
    for given_set in (["10.0.0.2", "10.0.0.1", "10.0.0.2"], {"10.0.0.2", "10.0.0.1"}, iter(("10.0.0.1", "10.0.0.2"))):
        assert encode(SetOf(STRING), given_set) == expected  # type: ignore[arg-type]


def test_a_list_keeps_order_and_duplicates_from_any_iterable() -> None:
    for given_list in (["b", "a", "b"], iter("bab"), dict.fromkeys("ba").keys()):
        written = decode(ListOf(STRING), encode(ListOf(STRING), given_list))  # type: ignore[arg-type]
        assert written in {("b", "a", "b"), ("b", "a")}


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 65_535, 65_536])
def test_collections_of_every_header_size_survive(length: int) -> None:
    elements = tuple(range(length))
    assert decode(ListOf(NUMBER), encode(ListOf(NUMBER), elements)) == elements
    members: Value = {f"{number:05}": number for number in elements}
    assert decode(MapOf(NUMBER), encode(MapOf(NUMBER), members)) == members


def thing(**changes: object) -> dict[str, Any]:
    return {"name": "n", "sizes": (1, 2), "labels": {"x": True}, "inner": {"on": False}} | changes


@pytest.mark.parametrize(
    ("value", "path", "complaint"),
    [
        (thing(name=1), ("name",), "expected a string, found int"),
        (thing(name=b"x"), ("name",), "expected a string, found bytes"),
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
        (thing(name=1), ("name",), "expected a string, found int"),
        (thing(sizes=["x"]), ("sizes", 0), "expected a number, found str"),
        (thing(sizes=[False]), ("sizes", 0), "expected a number, found bool"),
        (thing(labels={"x": 1}), ("labels", "x"), "expected a bool, found int"),
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
        decode_json(THING, data, lenient=True)


def test_json_numbers_are_exact() -> None:
    assert decode_json(ListOf(NUMBER), b"[1, 1.0, 0.5, 0.1, 12345678901234567890]") == (
        1,
        1,
        0.5,
        Decimal("0.1"),
        12345678901234567890,
    )


def test_lenient_json_fills_and_skips_attributes_at_every_depth() -> None:
    stored = b'{"name": "n", "inner": {"off": 1}, "old": 2}'
    assert decode_json(THING, stored, lenient=True) == {
        "name": "n",
        "sizes": None,
        "labels": None,
        "inner": {"on": None},
    }


def test_conforming_fills_attributes_but_refuses_unknown_ones() -> None:
    assert conform(THING, {"name": "n"}) == {"name": "n", "sizes": None, "labels": None, "inner": None}
    with pytest.raises(WireError, match="no such attribute"):
        conform(THING, {"old": 1})


def _as_values(type_: Type, read: Any) -> Any:
    if type_ is NUMBER and isinstance(read, str):
        return Decimal(read)
    match type_, read:
        case ((ListOf(element) | SetOf(element)), list()):
            return tuple(_as_values(element, inner) for inner in read)
        case MapOf(element), dict():
            return {key: _as_values(element, inner) for key, inner in read.items()}
        case ObjectOf(attributes), dict():
            return {name: _as_values(attributes[name], inner) for name, inner in read.items()}
    return read


def _json_exact(value: Any) -> bool:
    """Whether Python's json can write `value` without rounding it."""
    if isinstance(value, dict):
        return all(map(_json_exact, value.values()))
    if isinstance(value, tuple):
        return all(map(_json_exact, value))
    return not isinstance(value, (Decimal, float)) or Decimal(repr(float(value))) == Decimal(value)


def test_the_strategies_reach_what_they_should() -> None:
    assert strategies.wire_structure(NUMBER, Decimal("0.1")) == "0.1"
    assert strategies.wire_structure(NUMBER, 2.0) == 2
