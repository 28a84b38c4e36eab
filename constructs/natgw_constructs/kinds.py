"""The types of arguments: which values may be given, and how they become JSON.

jsii checks the arguments of its own classes only, so those of ours are checked here. What a value may be beyond its
type (ranges, addresses) is not judged: that is what `gateway_declaration` does for the constructs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Final

from natgw_constructs.libraries import is_token_of_many
from natgw_provider.core.problems import AttributePath, Problem

IsUnknown = Callable[[object], bool]
"""Whether only Terraform knows a value; such a value is of every type."""


class Kind:
    """A type of argument.

    Attributes:
        noun: what a value of it is called in a message.
        hcl_type: what the libraries call its shape when they write HCL.
        hcl_storage: what they call the type itself.
    """

    noun: str
    hcl_type: str = "simple"
    hcl_storage: str = "any"

    def accepts(self, value: Any) -> bool:
        """Whether `value` is of this type on its outside."""
        raise NotImplementedError

    def check(self, path: AttributePath, value: object, is_unknown: IsUnknown) -> Iterator[Problem]:
        """Yield what is wrong with the type of `value`. None is not given, and an unknown value is not judged."""
        if value is None or is_unknown(value):
            return
        if self.accepts(value):
            yield from self.check_inside(path, value, is_unknown)
        else:
            detail = f"{value!r} is of type {type(value).__name__}. Give {self.noun}, or a token of one."
            yield Problem(path, "Wrong type", detail)

    def check_inside(self, path: AttributePath, value: Any, is_unknown: IsUnknown) -> Iterator[Problem]:  # noqa: ARG002 - a scalar holds nothing
        """Yield what is wrong with what an accepted value holds."""
        return iter(())


class Scalar(Kind):
    """Text, a number, or true and false."""

    def __init__(self, noun: str, hcl_storage: str, *types: type) -> None:
        self.noun = noun
        self.hcl_storage = hcl_storage
        self._types = types

    def accepts(self, value: Any) -> bool:
        """Whether it is of one of the Python types; to Python, True is a number too."""
        return isinstance(value, self._types) and (bool in self._types or not isinstance(value, bool))


class Items(Kind):
    """Several values of one type; a single text, to Python a sequence too, is not one of them."""

    def __init__(self, item: Kind, noun: str, hcl_type: str = "list", hcl_storage: str = "any") -> None:
        self.noun = noun
        self.hcl_type = hcl_type
        self.hcl_storage = hcl_storage
        self._item = item

    def accepts(self, value: Any) -> bool:
        """Whether it is a list or a tuple."""
        return isinstance(value, list | tuple)

    def check_inside(self, path: AttributePath, value: Any, is_unknown: IsUnknown) -> Iterator[Problem]:
        """Yield what is wrong with the items."""
        for position, item in enumerate(value):
            if item is None:
                yield Problem((*path, position), "Wrong type", f"None is no value. Give {self.noun} without it.")
            elif is_token_of_many(item):
                detail = (
                    "This is the token of a whole list, which cannot be one of several items. Use Fn.concat([...])."
                )
                yield Problem((*path, position), "Wrong type", detail)
            else:
                yield from self._item.check((*path, position), item, is_unknown)


class StringMap(Kind):
    """Texts by name."""

    noun = "a mapping of strings to strings"
    hcl_type = "map"
    hcl_storage = "stringMap"

    def accepts(self, value: Any) -> bool:
        """Whether it is a mapping with names as keys."""
        return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)

    def check_inside(self, path: AttributePath, value: Any, is_unknown: IsUnknown) -> Iterator[Problem]:
        """Yield what is wrong with the texts."""
        for key, text in value.items():
            yield from STRING.check((*path, key), text, is_unknown)


class ObjectOf(Kind):
    """A nested object, given as its dataclass or as a mapping with the same names."""

    hcl_type = "map"

    def __init__(self, struct: type, required: Sequence[str] = (), **members: Kind) -> None:
        self.noun = f"{struct.__name__}({', '.join(f'{member}=...' for member in members)}) or a dictionary of these"
        self._members = members
        self._required = required

    def accepts(self, value: Any) -> bool:
        """Whether it is an object at all."""
        return isinstance(value, Mapping) or (is_dataclass(value) and not isinstance(value, type))

    def check_inside(self, path: AttributePath, value: Any, is_unknown: IsUnknown) -> Iterator[Problem]:
        """Yield what is wrong with the names or with the members."""
        members = members_of(value)
        for name in self._required:
            if members.get(name) is None:
                yield Problem((*path, name), "Missing argument", f'"{name}" is required here. Give it.')
        for name, member in members.items():
            if name in self._members:
                yield from self._members[name].check((*path, name), member, is_unknown)
            else:
                known = ", ".join(self._members)
                yield Problem(
                    (*path, name), "Unknown argument", f'"{name}" is not one of {known}. Correct or remove it.'
                )


def plain(value: Any) -> Any:
    """Return a checked value as JSON and tokens; an object without what was not given."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping) or is_dataclass(value):
        return {name: plain(member) for name, member in members_of(value).items() if member is not None}
    return value


def members_of(value: Any) -> Mapping[str, Any]:
    """Return the members of a nested object by name, whichever way it was given."""
    return value if isinstance(value, Mapping) else {field.name: getattr(value, field.name) for field in fields(value)}


STRING: Final = Scalar("a string", "string", str)
NUMBER: Final = Scalar("a number", "number", int, float)
BOOL: Final = Scalar("True or False", "boolean", bool)
STRINGS: Final = Items(STRING, "a list of strings", hcl_storage="stringList")
STRING_SET: Final = Items(STRING, "a list of strings", hcl_type="set", hcl_storage="stringList")
STRING_MAP: Final = StringMap()
