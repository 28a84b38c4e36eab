"""What a provider declares: attributes, their types and nesting; the codec derives the types of values from it.

Pure. How values are encoded is in `wire`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Type: TypeAlias = "Primitive | ListOf | SetOf | MapOf | ObjectOf"
"""A type of Terraform's type system."""

Nesting: TypeAlias = Literal["single", "list", "set", "map"]
"""Whether a nested object occurs once, or as the elements of a collection."""


@dataclass(frozen=True, slots=True)
class Primitive:
    """`string`, `number` or `bool`; use the constants `STRING`, `NUMBER` and `BOOL`."""

    name: str


STRING: Final = Primitive("string")
NUMBER: Final = Primitive("number")
BOOL: Final = Primitive("bool")


@dataclass(frozen=True, slots=True)
class ListOf:
    """An ordered collection with elements of one type."""

    element: Type


@dataclass(frozen=True, slots=True)
class SetOf:
    """An unordered collection of distinct elements of one type."""

    element: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map from strings to values of one type."""

    element: Type


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """An object: named attributes, each with a type."""

    attributes: Mapping[str, Type]


@dataclass(frozen=True, slots=True)
class NestedAttributes:
    """The attributes inside an attribute: an object, or a list, a set or a map of them."""

    nesting: Nesting
    attributes: Sequence[Attribute]

    def __post_init__(self) -> None:
        _require_distinct(self.attributes)

    @property
    def implied_type(self) -> Type:
        """The type of the values."""
        members = ObjectOf({attribute.name: attribute.value_type for attribute in self.attributes})
        match self.nesting:
            case "single":
                return members
            case "list":
                return ListOf(members)
            case "set":
                return SetOf(members)
            case "map":
                return MapOf(members)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One attribute: exactly one of `type` and `nested`; `required`, or `optional` and `computed` in any mix.

    `description` is Markdown. Terraform itself refuses a wrong name or mix.
    """

    name: str
    description: str
    type: Type | None = None
    nested: NestedAttributes | None = None
    required: bool = False
    optional: bool = False
    computed: bool = False
    sensitive: bool = False
    value_type: Type = field(init=False, repr=False, compare=False)
    """The type of the values, of `nested` the implied one."""

    def __post_init__(self) -> None:
        value_type = self.nested.implied_type if self.nested else self.type
        if value_type is None or (self.type and self.nested):
            raise ValueError(f"attribute {self.name}: set exactly one of type and nested")
        object.__setattr__(self, "value_type", value_type)


@dataclass(frozen=True, slots=True)
class Schema:
    """The attributes of a provider block, a resource or a data source.

    `version` counts the changes of a resource's state format, from 0; `description` is Markdown.
    """

    version: int
    description: str
    attributes: Sequence[Attribute]
    value_type: ObjectOf = field(init=False, repr=False, compare=False)
    """The type of the whole object."""

    def __post_init__(self) -> None:
        _require_distinct(self.attributes)
        members = {attribute.name: attribute.value_type for attribute in self.attributes}
        object.__setattr__(self, "value_type", ObjectOf(members))

    def attribute(self, name: str) -> Attribute:
        """Return the attribute called `name`; raises KeyError when it does not exist."""
        for attribute in self.attributes:
            if attribute.name == name:
                return attribute
        raise KeyError(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityAttribute:
    """One part of what identifies a resource permanently; an import by identity needs it."""

    name: str
    type: Type
    description: str


@dataclass(frozen=True, slots=True)
class IdentitySchema:
    """What identifies a resource permanently; Terraform 1.12 and later can import by it.

    `version` counts the changes of the identity's format, from 0.
    """

    version: int
    attributes: Sequence[IdentityAttribute]

    @property
    def value_type(self) -> ObjectOf:
        """The type of the whole identity."""
        return ObjectOf({attribute.name: attribute.type for attribute in self.attributes})


def _require_distinct(attributes: Sequence[Attribute]) -> None:
    names = [attribute.name for attribute in attributes]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"attribute {name} is declared more than once")
