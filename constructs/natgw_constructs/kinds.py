"""The types of arguments and attributes: which values may be given, how they become JSON, how they are read as tokens.

jsii checks its own arguments only, so ours are checked here. What a value may be beyond its type (ranges, addresses) is
not judged: that is the business of the constructs above.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from types import ModuleType
from typing import Any, ClassVar, Final, Generic, Never, Protocol, TypeVar

from natgw_constructs.libraries import Resolvable
from natgw_provider.core.problems import AttributePath, Problem

Given = TypeVar("Given")
Read = TypeVar("Read")
IsToken = Callable[[object], bool]


class Readable(Protocol):
    """A resource, a data source or an object inside one, as far as attributes are read from it."""

    library: ClassVar[ModuleType]

    def get_string_attribute(self, terraform_attribute: str) -> str:
        """Return the attribute as a string token."""

    def get_number_attribute(self, terraform_attribute: str) -> float:
        """Return the attribute as a number token."""

    def get_boolean_attribute(self, terraform_attribute: str) -> Any:
        """Return the attribute as a token."""

    def get_list_attribute(self, terraform_attribute: str) -> list[str]:
        """Return the attribute as a list token."""

    def get_string_map_attribute(self, terraform_attribute: str) -> Mapping[str, str]:
        """Return the attribute as a map token."""


class Kind(ABC, Generic[Given]):
    """A type of argument; `Given` is what users may pass."""

    noun: str
    """What a value of it is called in a message."""
    hcl_type: str = "simple"
    """What the libraries call its shape when they write HCL."""
    hcl_storage: str = "any"
    """And what they call the type itself."""

    @abstractmethod
    def accepts(self, value: object) -> bool:
        """Whether `value`, which is no token, is of this type on its outside."""

    def check(self, path: AttributePath, value: object, is_token: IsToken) -> Iterator[Problem]:
        """Yield what is wrong with the type of `value`. Tokens are not judged, and None is no value."""
        if value is None or is_token(value):
            return
        if self.accepts(value):
            yield from self.check_inside(path, value, is_token)
        else:
            detail = f"{value!r} is of type {type(value).__name__}. Give {self.noun}, or a token of one."
            yield Problem(path, "Wrong type", detail)

    def check_inside(self, path: AttributePath, value: Any, is_token: IsToken) -> Iterator[Problem]:  # noqa: ARG002 - a hook's signature
        """Yield what is wrong with what an accepted value holds."""
        return iter(())

    def plain(self, value: Any) -> Any:
        """Return a checked value as JSON and tokens."""
        return value


class TokenKind(Kind[Given], Generic[Read, Given]):
    """A type of attribute; `Read` is what users get when they read it from a resource."""

    @abstractmethod
    def read(self, parent: Readable, name: str) -> Read:
        """Return the attribute as Terraform will know it."""


class String(TokenKind[str, str]):
    """Text."""

    noun = "a string"
    hcl_storage = "string"

    def accepts(self, value: object) -> bool:
        """Whether it is text."""
        return isinstance(value, str)

    def read(self, parent: Readable, name: str) -> str:
        """Return a string token."""
        return parent.get_string_attribute(name)


class Number(TokenKind[float, float]):
    """A whole or fractional number."""

    noun = "a number"
    hcl_storage = "number"

    def accepts(self, value: object) -> bool:
        """Whether it is a number; for Python, True would be one."""
        return isinstance(value, int | float) and not isinstance(value, bool)

    def read(self, parent: Readable, name: str) -> float:
        """Return a number token."""
        return parent.get_number_attribute(name)


class Bool(TokenKind[Resolvable, bool | Resolvable]):
    """True or false."""

    noun = "True or False"
    hcl_storage = "boolean"

    def accepts(self, value: object) -> bool:
        """Whether it is one of the two."""
        return isinstance(value, bool)

    def read(self, parent: Readable, name: str) -> Resolvable:
        """Return a token; Python has no boolean that could carry one."""
        token: Resolvable = parent.get_boolean_attribute(name)
        return token


class Items(Kind[Sequence[Given]]):
    """Several values of one type; a single text, for Python a sequence too, is none."""

    hcl_type = "list"

    def __init__(self, item: Kind[Given], noun: str) -> None:
        self.noun = noun
        self._item = item

    def accepts(self, value: object) -> bool:
        """Whether it is a list or a tuple."""
        return isinstance(value, list | tuple)

    def check_inside(self, path: AttributePath, value: Any, is_token: IsToken) -> Iterator[Problem]:
        """Yield what is wrong with the items."""
        for position, item in enumerate(value):
            if item is None:
                yield Problem((*path, position), "Wrong type", f"None is no value. Give {self.noun} without it.")
            yield from self._item.check((*path, position), item, is_token)

    def plain(self, value: Any) -> Any:
        """Return a list."""
        return [self._item.plain(item) for item in value] if self.accepts(value) else value


class StringList(Items[str], TokenKind[list[str], Sequence[str]]):
    """An ordered list of texts."""

    hcl_storage = "stringList"

    def __init__(self) -> None:
        super().__init__(STRING, "a list of strings")

    def read(self, parent: Readable, name: str) -> list[str]:
        """Return a list token."""
        return parent.get_list_attribute(name)


class StringSet(StringList):
    """A set of texts; Python gives and reads it as a list."""

    hcl_type = "set"

    def read(self, parent: Readable, name: str) -> list[str]:
        """Return a list token; Terraform indexes no set."""
        token: list[str] = parent.library.Fn.tolist(parent.get_list_attribute(name))
        return token


class StringMap(TokenKind[Mapping[str, str], Mapping[str, str]]):
    """Texts by name."""

    noun = "a mapping of strings to strings"
    hcl_type = "map"
    hcl_storage = "stringMap"

    def accepts(self, value: object) -> bool:
        """Whether it is a mapping with names as keys."""
        return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)

    def check_inside(self, path: AttributePath, value: Any, is_token: IsToken) -> Iterator[Problem]:
        """Yield what is wrong with the texts."""
        for key, text in value.items():
            yield from STRING.check((*path, key), text, is_token)

    def plain(self, value: Any) -> Any:
        """Return a dictionary."""
        return dict(value) if isinstance(value, Mapping) else value

    def read(self, parent: Readable, name: str) -> Mapping[str, str]:
        """Return a map token."""
        return parent.get_string_map_attribute(name)


class ObjectOf(Kind[Given]):
    """A nested object, given as its dataclass or as a mapping with the same names."""

    hcl_type = "map"

    def __init__(self, struct: type[Given], required: Sequence[str] = (), **members: Kind[Any]) -> None:
        self.noun = f"{struct.__name__}({', '.join(f'{member}=...' for member in members)}) or a dictionary of these"
        self._members = members
        self._required = required

    def accepts(self, value: object) -> bool:
        """Whether it is an object at all."""
        return isinstance(value, Mapping) or (is_dataclass(value) and not isinstance(value, type))

    def check_inside(self, path: AttributePath, value: Any, is_token: IsToken) -> Iterator[Problem]:
        """Yield what is wrong with the names or with the members."""
        members = _members_of(value)
        for name in self._required:
            if members.get(name) is None:
                yield Problem((*path, name), "Missing argument", f'"{name}" is required here. Give it.')
        for name, member in members.items():
            if name in self._members:
                yield from self._members[name].check((*path, name), member, is_token)
            else:
                known = ", ".join(self._members)
                yield Problem((*path, name), "Unknown argument", f'"{name}" is none of {known}. Correct or remove it.')

    def plain(self, value: Any) -> Any:
        """Return a dictionary without what was not given."""
        if not self.accepts(value):
            return value
        members = _members_of(value).items()
        return {name: self._members[name].plain(member) for name, member in members if member is not None}


class Nested(TokenKind[Read, Never]):
    """A nested object that only Terraform knows; its members are tokens."""

    noun = "nothing"

    def __init__(self, reference: Callable[[Any, str], Read]) -> None:
        self._reference = reference

    def accepts(self, value: object) -> bool:  # noqa: ARG002 - computed, so there is nothing to accept
        """Never."""
        return False

    def read(self, parent: Readable, name: str) -> Read:
        """Return an object whose members are tokens."""
        return self._reference(parent, name)


def _members_of(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {field.name: getattr(value, field.name) for field in fields(value)}


STRING: Final = String()
NUMBER: Final = Number()
BOOL: Final = Bool()
STRINGS: Final = StringList()
STRING_SET: Final = StringSet()
STRING_MAP: Final = StringMap()
