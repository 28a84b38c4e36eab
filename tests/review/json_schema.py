"""The part of JSON Schema that `docs/review.schema.json` uses; a keyword that is not known here is an error."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}
_SAID_ONLY = {"$schema", "$defs", "title", "description", "format"}


def check(schema: dict[str, Any], value: Any) -> None:
    """Assert that a value keeps to a schema."""
    _check(schema, schema, value, "$")


def _check(root: dict[str, Any], schema: dict[str, Any], value: Any, where: str) -> None:
    for keyword, rule in schema.items():
        if keyword not in _SAID_ONLY:
            _RULES[keyword](root, rule, value, where)


def _reference(root: dict[str, Any], rule: str, value: Any, where: str) -> None:
    _check(root, root["$defs"][rule.removeprefix("#/$defs/")], value, where)


def _type(root: dict[str, Any], rule: str | list[str], value: Any, where: str) -> None:
    allowed = [rule] if isinstance(rule, str) else rule
    assert any(_is(kind, value) for kind in allowed), f"{where} is {value!r}, not {rule}"


def _is(kind: str, value: Any) -> bool:
    if kind == "null":
        return value is None
    return isinstance(value, _KINDS[kind]) and (kind == "boolean" or not isinstance(value, bool))


def _required(root: dict[str, Any], rule: list[str], value: Any, where: str) -> None:
    assert set(rule) <= set(value), f"{where} lacks {sorted(set(rule) - set(value))}"


def _properties(root: dict[str, Any], rule: dict[str, Any], value: Any, where: str) -> None:
    for name, schema in rule.items():
        if name in value:
            _check(root, schema, value[name], f"{where}.{name}")


def _additional(root: dict[str, Any], rule: dict[str, Any], value: Any, where: str) -> None:
    for name, item in value.items():
        _check(root, rule, item, f"{where}.{name}")


def _items(root: dict[str, Any], rule: dict[str, Any], value: Any, where: str) -> None:
    for index, item in enumerate(value or ()):
        _check(root, rule, item, f"{where}[{index}]")


def _enum(root: dict[str, Any], rule: list[str], value: Any, where: str) -> None:
    assert value in rule, f"{where} is {value!r}, not one of {rule}"


def _pattern(root: dict[str, Any], rule: str, value: Any, where: str) -> None:
    assert re.search(rule, value), f"{where} is {value!r}, not like {rule}"


def _minimum(root: dict[str, Any], rule: int, value: Any, where: str) -> None:
    assert value is None or value >= rule, f"{where} is {value!r}, below {rule}"


_RULES: dict[str, Callable[[dict[str, Any], Any, Any, str], None]] = {
    "$ref": _reference,
    "type": _type,
    "required": _required,
    "properties": _properties,
    "additionalProperties": _additional,
    "items": _items,
    "enum": _enum,
    "pattern": _pattern,
    "minimum": _minimum,
}
