"""Values to and from Terraform's msgpack encoding, and its JSON one for stored states, according to a type.

Pure. Bytes from outside become values here, so nothing is assumed: what does not fit the type is a `WireError` with the
location. Messages name types, never values, because a value may be a secret.
Source: docs/plugin-protocol/object-wire-format.md in hashicorp/terraform.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

import msgpack

from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, ListOf, MapOf, ObjectOf, Primitive, SetOf, Type
from natgw_provider.bridge.values import UNKNOWN, Unknown, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from natgw_provider.bridge.diagnostics import Path

_UNKNOWN_CODE: Final = 0
_REFINED_UNKNOWN_CODE: Final = 12
_PLAIN_UNKNOWN: Final = msgpack.ExtType(_UNKNOWN_CODE, b"\0")
"""The byte of data is ignored."""


class WireError(Exception):
    """A value does not fit its type: `path` is its location, the message says what was expected and found."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


def decode(type_: Type, data: bytes) -> Value:
    """Return the value of `type_` in the msgpack bytes `data`; no bytes mean null; raises WireError."""
    if not data:
        return None
    try:
        raw = msgpack.unpackb(data, ext_hook=_extension, raw=False, strict_map_key=True)
    except (ValueError, TypeError, OverflowError, msgpack.UnpackException) as error:
        raise WireError(f"the value is not msgpack: {type(error).__name__}", ()) from error
    return _decoded(type_, raw, ())


def parse_json(data: bytes) -> Any:
    """Return the JSON value `data`, with arrays as lists and exact numbers; raises WireError."""
    try:
        return json.loads(data, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise WireError(f"the value is not JSON: {type(error).__name__}", ()) from error


def encode(type_: Type, value: Value, *, known: bool = False) -> bytes:
    """Return `value` as msgpack; raises WireError when it does not fit `type_`, or holds an unknown and must not.

    Equal values give equal bytes: a set is sorted and has no duplicates, and so are the keys of a map.
    """
    return _packed(_encoded(type_, value, (), known))


def conform(type_: Type, raw: object) -> Value:
    """Return a stored value, which JSON can hold, as a value of `type_`; raises WireError.

    Attributes may have been added or removed since it was stored: one that an object lacks is null, one that `type_`
    lacks is dropped.
    """
    return _decoded(type_, raw, (), lenient=True)


def _extension(code: int, data: bytes) -> object:
    return UNKNOWN if code in {_UNKNOWN_CODE, _REFINED_UNKNOWN_CODE} else msgpack.ExtType(code, data)


# Decoding: `raw` is the result of the msgpack or JSON parser.


def _decoded(type_: Type, raw: object, path: Path, *, lenient: bool = False) -> Value:
    def inner(member: Type, value: object, step: str | int) -> Value:
        return _decoded(member, value, (*path, step), lenient=lenient)

    if raw is None or isinstance(raw, Unknown):
        return raw
    match type_:
        case Primitive():
            return _decoded_primitive(type_, raw, path)
        case ListOf(element) | SetOf(element):
            if not isinstance(raw, (list, tuple)):
                raise _mismatch(_name(type_), raw, path)
            return tuple(inner(element, value, index) for index, value in enumerate(raw))
        case MapOf(element):
            return {key: inner(element, value, key) for key, value in _members(raw, type_, path).items()}
        case ObjectOf(attributes):
            found = _members(raw, type_, path)
            if not lenient:
                _check_names(attributes, found, path)
            return {name: inner(member, found.get(name), name) for name, member in attributes.items()}


def _decoded_primitive(type_: Primitive, raw: object, path: Path) -> Value:
    if type_ is STRING and isinstance(raw, str):
        return _checked_text(raw, path)
    if type_ is BOOL and isinstance(raw, bool):
        return raw
    if type_ is NUMBER and isinstance(raw, (int, float, Decimal, str)) and not isinstance(raw, bool):
        try:
            return parse_number(raw) if isinstance(raw, str) else normalized(raw)
        except ValueError:
            pass
    raise _mismatch(_name(type_), raw, path)


def _members(raw: object, type_: Type, path: Path) -> Mapping[str, object]:
    """Return the members of a map or an object; raises WireError when `raw` is neither."""
    if not isinstance(raw, Mapping):
        raise _mismatch(_name(type_), raw, path)
    for key in raw:
        if not isinstance(key, str):
            raise _mismatch("a string as a key", key, path)
        _checked_text(key, path)
    return raw


def _check_names(attributes: Mapping[str, Type], found: Mapping[str, object], path: Path) -> None:
    for name in attributes:
        if name not in found:
            raise WireError("the attribute is missing; null is None", (*path, name))
    for name in found:
        if name not in attributes:
            raise WireError("the schema has no such attribute", (*path, name))


# Encoding: the result is for msgpack's packer.


def _encoded(type_: Type, value: object, path: Path, known: bool) -> object:
    if value is None:
        return None
    if not isinstance(value, Unknown):
        return _encoded_present(type_, value, path, known)
    if known:
        raise WireError("the value is unknown where it must be known", path)
    return _PLAIN_UNKNOWN


def _encoded_present(type_: Type, value: object, path: Path, known: bool) -> object:
    def inner(member: Type, value: object, step: str | int) -> object:
        return _encoded(member, value, (*path, step), known)

    match type_:
        case Primitive():
            return _encoded_primitive(type_, value, path)
        case ListOf(element):
            return [inner(element, member, index) for index, member in _enumerated(value, type_, path)]
        case SetOf(element):
            return _distinct([inner(element, member, index) for index, member in _enumerated(value, type_, path)])
        case MapOf(element):
            return {key: inner(element, member, key) for key, member in sorted(_members(value, type_, path).items())}
        case ObjectOf(attributes):
            found = _members(value, type_, path)
            _check_names(attributes, found, path)
            return {name: inner(member, found[name], name) for name, member in sorted(attributes.items())}


def _encoded_primitive(type_: Primitive, value: object, path: Path) -> object:
    if type_ is STRING and isinstance(value, str):
        return _checked_text(value, path)
    if type_ is BOOL and isinstance(value, bool):
        return value
    if type_ is NUMBER and isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        try:
            return wire_form(value)
        except ValueError:
            pass
    raise _mismatch(_name(type_), value, path)


def _enumerated(value: object, type_: Type, path: Path) -> Iterable[tuple[int, object]]:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        raise _mismatch(_name(type_), value, path)
    return enumerate(value)


def _distinct(elements: list[object]) -> list[object]:
    """Return the elements of a set, sorted by their bytes, each once; unknown ones are kept, as they may differ."""
    unknown = [element for element in elements if element is _PLAIN_UNKNOWN]
    known = {_packed(element): element for element in elements if element is not _PLAIN_UNKNOWN}
    return [known[packed] for packed in sorted(known)] + unknown


def _checked_text(text: str, path: Path) -> str:
    """Return `text`; raises WireError for half a surrogate pair, which JSON can escape and UTF-8 cannot encode."""
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise WireError("the string is not valid Unicode", path) from error
    return text


_packed: Callable[[object], bytes] = msgpack.packb


# Names for messages.


def _mismatch(expected: str, found: object, path: Path) -> WireError:
    return WireError(f"expected {expected}, found {type(found).__name__}", path)


def _name(type_: Type) -> str:
    match type_:
        case Primitive(name):
            return f"a {name}"
        case ListOf():
            return "a list"
        case SetOf():
            return "a set"
        case MapOf():
            return "a map"
        case ObjectOf():
            return "an object"


# Numbers. Terraform computes with 512-bit floats and sends an integer or a double where that is exact, else decimal
# digits. The number that is sent back must be equal to the one that was received.

_LONGEST: Final = 400
"""Digits up to which a decimal becomes an int (a double has 309); a huge exponent must not take gigabytes of memory."""

_MESSAGEPACK_INTEGERS: Final = range(-(2**63), 2**64)


def normalized(number: float | Decimal) -> int | float | Decimal:
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


def parse_number(digits: str) -> int | float | Decimal:
    """Return the number that `digits` are in Terraform's decimal notation; raises ValueError."""
    try:
        return normalized(Decimal(digits))
    except InvalidOperation as error:
        raise ValueError("not a number") from error


def wire_form(number: float | Decimal) -> int | float | str:
    """Return `number` as msgpack carries it: an integer, a double, or decimal digits; raises ValueError for NaN."""
    number = normalized(number)
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
