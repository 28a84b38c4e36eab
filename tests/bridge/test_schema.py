"""A schema refuses what Terraform would refuse, and knows the types of its values."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.bridge.schema import (
    NUMBER,
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


def attribute(name: str = "size", **changes: Any) -> Attribute:
    return Attribute(**({"name": name, "description": "d", "type": NUMBER, "optional": True} | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "Size"}, "lower-case"),
        ({"name": ""}, "lower-case"),
        ({"name": "size-x"}, "lower-case"),
        ({"required": True}, "required excludes"),
        ({"required": True, "optional": False, "computed": True}, "required excludes"),
        ({"optional": False}, "one of required, optional and computed"),
        ({"type": None}, "exactly one of type and nested"),
        ({"nested": NestedAttributes("single", ())}, "exactly one of type and nested"),
    ],
)
def test_an_inconsistent_attribute_is_refused(changes: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        attribute(**changes)


def test_an_attribute_may_be_declared_only_once() -> None:
    with pytest.raises(ValueError, match="size is declared more than once"):
        Schema(0, "d", (attribute(), attribute()))
    with pytest.raises(ValueError, match="size is declared more than once"):
        NestedAttributes("list", (attribute(), attribute()))


@pytest.mark.parametrize(
    ("nesting", "expected"),
    [
        ("single", ObjectOf({"size": NUMBER})),
        ("list", ListOf(ObjectOf({"size": NUMBER}))),
        ("set", SetOf(ObjectOf({"size": NUMBER}))),
        ("map", MapOf(ObjectOf({"size": NUMBER}))),
    ],
)
def test_nested_attributes_imply_a_type(nesting: Nesting, expected: Type) -> None:
    nested = attribute("rules", type=None, nested=NestedAttributes(nesting, (attribute(),)))
    assert nested.value_type == expected
    assert Schema(0, "d", (nested,)).value_type == ObjectOf({"rules": expected})
