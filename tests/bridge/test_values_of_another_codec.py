"""Values pass between our codec and another author's, of Terraform's type system, both ways and as JSON too.

The other one is pyvider-cty. It stands in for Terraform: it holds text in Unicode's normal form C, and knows what an
unknown value is already known to be ("refined"), of which we only see that it is unknown.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyvider.cty import (
    CtyBool,
    CtyList,
    CtyMap,
    CtyNumber,
    CtyObject,
    CtySet,
    CtyString,
    CtyType,
    CtyValue,
    cty_to_json,
    refine,
)
from pyvider.cty.codec import cty_from_msgpack, cty_to_msgpack
from pyvider.cty.values import UnknownValue

from bridge.strategies import canonical, texts, typed_values
from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf, Type
from natgw_provider.bridge.values import UNKNOWN, Value
from natgw_provider.bridge.wire import decode, decode_json, encode

_PRIMITIVES: dict[Type, Callable[[], CtyType[Any]]] = {STRING: CtyString, NUMBER: CtyNumber, BOOL: CtyBool}
_INT64 = range(-(2**63), 2**63)


@given(typed_values())
def test_the_other_codec_reads_what_we_write(case: tuple[Type, Value]) -> None:
    type_, value = case
    read = cty_from_msgpack(encode(type_, value), theirs(type_))
    assert canonical(type_, plain(type_, read)) == canonical(type_, normalized(type_, value))


@given(typed_values())
def test_we_read_what_the_other_codec_writes(case: tuple[Type, Value]) -> None:
    type_, value = case
    held = cty_from_msgpack(encode(type_, value), theirs(type_))
    written = cty_to_msgpack(held, theirs(type_))
    assert canonical(type_, decode(type_, written)) == canonical(type_, normalized(type_, value))


@given(typed_values(unknown=False))
def test_we_read_what_the_other_codec_stores_as_json(case: tuple[Type, Value]) -> None:
    type_, value = case
    held = cty_from_msgpack(encode(type_, value), theirs(type_))
    stored = cty_to_json(held, theirs(type_))
    assert canonical(type_, decode_json(type_, stored)) == canonical(type_, normalized(type_, value))


@given(typed_values())
def test_both_write_the_same_bytes_where_there_is_one_way_to(case: tuple[Type, Value]) -> None:
    type_, value = case
    value = normalized(type_, value)
    assume(has_one_form(type_, value))
    ours = encode(type_, value)
    assert cty_to_msgpack(cty_from_msgpack(ours, theirs(type_)), theirs(type_)) == ours


_LENGTHS = st.tuples(st.integers(0, 9), st.integers(1, 9))
_REFINED: dict[Type, st.SearchStrategy[Callable[[Any], Any]]] = {
    STRING: texts.map(lambda prefix: lambda it: it.string_prefix_full(prefix)),
    BOOL: st.just(lambda it: it),
    NUMBER: st.integers(-9, 9).map(
        lambda low: lambda it: it.number_range_lower_bound(low).number_range_upper_bound(low + 1)
    ),
    ListOf(STRING): _LENGTHS.map(
        lambda pair: lambda it: it.collection_length_lower_bound(pair[0]).collection_length_upper_bound(sum(pair))
    ),
    MapOf(NUMBER): _LENGTHS.map(lambda pair: lambda it: it.collection_length_upper_bound(pair[1])),
    SetOf(BOOL): _LENGTHS.map(lambda pair: lambda it: it.collection_length_lower_bound(pair[1])),
}


@pytest.mark.parametrize("type_", _REFINED, ids=str)
@given(data=st.data())
def test_whatever_is_known_of_an_unknown_value_it_is_unknown(type_: Type, data: st.DataObject) -> None:
    narrow = data.draw(_REFINED[type_])
    builder = refine(CtyValue.unknown(theirs(type_)))
    refined = narrow(builder.not_null() if data.draw(st.booleans()) or type_ is BOOL else builder).new_value()
    assert refined.is_unknown
    written = cty_to_msgpack(refined, theirs(type_))
    assert decode(type_, written) is UNKNOWN
    inside = b"\x81\xa1x" + written
    assert decode(ObjectOf({"x": type_}), inside) == {"x": UNKNOWN}


def theirs(type_: Type) -> CtyType[Any]:
    """Return the other author's type."""
    match type_:
        case ListOf(element):
            return CtyList(element_type=theirs(element))
        case SetOf(element):
            return CtySet(element_type=theirs(element))
        case MapOf(element):
            return CtyMap(element_type=theirs(element))
        case ObjectOf(attributes):
            return CtyObject(attribute_types={name: theirs(member) for name, member in attributes.items()})
    return _PRIMITIVES[type_]()


def plain(type_: Type, value: CtyValue[Any]) -> Any:
    """Return the other author's value as one of ours."""
    if value.is_null:
        return None
    if isinstance(value.value, UnknownValue):
        return UNKNOWN
    return _mapped(type_, value.value, plain)


def normalized(type_: Type, value: Any) -> Any:
    """Return a value of ours with its text in normal form C, as Terraform holds it."""
    if value is None or value is UNKNOWN:
        return value
    return unicodedata.normalize("NFC", value) if type_ is STRING else _mapped(type_, value, normalized)


def _mapped(type_: Type, value: Any, member: Callable[[Type, Any], Any]) -> Any:
    match type_:
        case ListOf(element) | SetOf(element):
            return tuple(map(partial(member, element), value))
        case MapOf(element):
            return {unicodedata.normalize("NFC", key): member(element, inner) for key, inner in value.items()}
        case ObjectOf(attributes):
            return {name: member(attributes[name], inner) for name, inner in value.items()}
    return value


def has_one_form(type_: Type, value: Any) -> bool:
    """Whether all codecs write the same bytes: not for sets, nor numbers that are neither int64 nor a double."""
    if value is None or value is UNKNOWN:
        return True
    match type_:
        case ListOf(element):
            return all(has_one_form(element, inner) for inner in value)
        case MapOf(element):
            return all(has_one_form(element, inner) for inner in value.values())
        case ObjectOf(attributes):
            return all(has_one_form(member, value[name]) for name, member in attributes.items())
    return not isinstance(type_, SetOf) and (type_ is not NUMBER or _is_one_number(value))


def _is_one_number(value: float | Decimal) -> bool:
    return int(value) in _INT64 if Decimal(value) == int(value) else Decimal(float(value)) == Decimal(value)
