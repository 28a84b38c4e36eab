"""Values pass between our codec and another author's, of Terraform's type system, both ways and as JSON too.

The other one is pyvider-cty. It stands in for Terraform: it holds text in Unicode's normal form C.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import partial
from typing import Any

from hypothesis import given
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
)
from pyvider.cty.codec import cty_from_msgpack, cty_to_msgpack
from pyvider.cty.values import UnknownValue

from bridge.strategies import canonical, typed_values
from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, SetOf, Type
from natgw_provider.bridge.values import UNKNOWN, Value, is_wholly_known
from natgw_provider.bridge.wire import conform, decode, encode, parse_json

_PRIMITIVES: dict[Type, Callable[[], CtyType[Any]]] = {STRING: CtyString, NUMBER: CtyNumber, BOOL: CtyBool}


@given(typed_values())
def test_each_codec_reads_what_the_other_writes(case: tuple[Type, Value]) -> None:
    type_, value = case
    expected = canonical(type_, normalized(type_, value))
    held = cty_from_msgpack(encode(type_, value), theirs(type_))
    assert canonical(type_, plain(type_, held)) == expected
    assert canonical(type_, decode(type_, cty_to_msgpack(held, theirs(type_)))) == expected
    if is_wholly_known(value):
        assert canonical(type_, conform(type_, parse_json(cty_to_json(held, theirs(type_))))) == expected


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
