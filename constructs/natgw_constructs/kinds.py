"""The types of arguments: which values may be given, and how they become JSON.

jsii checks the arguments of its own classes only, so those of ours are checked here. What a value may be beyond its
type (ranges, addresses) is not judged: that is what `gateway_declaration` does for the constructs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Final

from natgw_constructs.declarations import unknown_arguments, wrong_type
from natgw_constructs.libraries import is_token_of_many
from natgw_provider.core.problems import AttributePath, Problem

IsUnknown = Callable[[object], bool]
"""Whether only Terraform knows a value; such a value is of every type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A type of argument: text, a number, true and false, several values of one type, or a nested object.

    Attributes:
        noun: what a value of it is called in a message.
        types: the Python types that a value may have. A dataclass counts as a mapping.
        item: the type of each value in a list or a mapping; None for others.
        members: the types of a nested object's members by name; None for others.
        required: the members that a nested object must have.
        hcl_type: what the libraries call its shape when they write HCL.
        hcl_storage: what they call the type itself.
    """

    noun: str
    types: tuple[type, ...]
    item: Kind | None = None
    members: Mapping[str, Kind] | None = None
    required: Sequence[str] = ()
    hcl_type: str = "simple"
    hcl_storage: str = "any"

    def check(self, path: AttributePath, value: Any, is_unknown: IsUnknown) -> Iterator[Problem]:
        """Yield what is wrong with the type of `value`. None counts as left out, and an unknown value is not judged."""
        # To Python, the token of a list or a map is a list or a map. It cannot stand for a string.
        is_token = is_unknown(value) and (not isinstance(value, list | dict) or self._accepts(value))
        if value is None or is_token:
            return
        if is_token_of_many(value):
            detail = "This is the token of a whole list. Use Fn.element(list, 0) for one of its values"
            yield Problem(path, "Wrong type", f"{detail}, Fn.concat([...]) to join it with others.")
        elif not self._accepts(value):
            yield wrong_type(path, value, f"Give {self.noun}, or a token of one.")
        elif self.members is not None:
            yield from self._check_members(path, members_of(value), self.members, is_unknown)
        elif self.item is not None:
            held: Iterable[tuple[Any, Any]] = value.items() if isinstance(value, Mapping) else enumerate(value)
            for place, item in held:
                if item is None:
                    yield Problem((*path, place), "Wrong type", f"None is not a value. Give {self.noun} without it.")
                yield from self.item.check((*path, place), item, is_unknown)

    def _accepts(self, value: Any) -> bool:
        if Mapping in self.types:
            is_struct = self.members is not None and is_dataclass(value) and not isinstance(value, type)
            return is_struct or (isinstance(value, Mapping) and all(isinstance(key, str) for key in value))
        # Python counts True as a number.
        return isinstance(value, self.types) and (bool in self.types or not isinstance(value, bool))

    def _check_members(
        self, path: AttributePath, given: Mapping[str, Any], members: Mapping[str, Kind], is_unknown: IsUnknown
    ) -> Iterator[Problem]:
        for name in self.required:
            if given.get(name) is None:
                yield Problem((*path, name), "Missing argument", f'"{name}" is required here. Give it.')
        yield from unknown_arguments(given, members, path)
        for name in (name for name in given if name in members):
            yield from members[name].check((*path, name), given[name], is_unknown)


def object_of(struct: type, *, required: Sequence[str] = (), **members: Kind) -> Kind:
    """Return the type of a nested object, given as its dataclass `struct` or as a mapping with the same names."""
    noun = f"{struct.__name__}({', '.join(f'{member}=...' for member in members)}) or a dictionary of these"
    return Kind(noun=noun, types=(Mapping,), members=members, required=required, hcl_type="map")


def list_of(item: Kind, noun: str, *, hcl_type: str = "list", hcl_storage: str = "any") -> Kind:
    """Return the type of several values of one type. A single text, to Python a sequence too, is not one of them."""
    return Kind(noun=noun, types=(list, tuple), item=item, hcl_type=hcl_type, hcl_storage=hcl_storage)


def plain(value: Any) -> Any:
    """Return a checked value as JSON and tokens. The libraries leave out what is None."""
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, Mapping) or is_dataclass(value):
        return {name: plain(member) for name, member in members_of(value).items()}
    return value


def members_of(value: Any) -> Mapping[str, Any]:
    """Return the members of a nested object by name, whichever way it was given."""
    return value if isinstance(value, Mapping) else {field.name: getattr(value, field.name) for field in fields(value)}


STRING: Final = Kind(noun="a string", types=(str,), hcl_storage="string")
NUMBER: Final = Kind(noun="a number", types=(int, float), hcl_storage="number")
BOOL: Final = Kind(noun="True or False", types=(bool,), hcl_storage="boolean")
STRINGS: Final = list_of(STRING, "a list of strings", hcl_storage="stringList")
STRING_SET: Final = list_of(STRING, "a list of strings", hcl_type="set", hcl_storage="stringList")
STRING_MAP: Final = Kind(
    noun="a mapping of strings to strings", types=(Mapping,), item=STRING, hcl_type="map", hcl_storage="stringMap"
)
