"""How names and types of a schema are written in the bindings.

Pure. Names are those that `cdktf get` gives, so that code written against its bindings runs with ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, Attribute, ListOf, MapOf, SetOf, Type


@dataclass(frozen=True, slots=True)
class Words:
    """A type in the bindings: the expression of its kind, what users may give, what they read."""

    kind: str
    given: str
    read: str


_WORDS: dict[Type, Words] = {
    STRING: Words("STRING", "str", "str"),
    NUMBER: Words("NUMBER", "float", "float"),
    BOOL: Words("BOOL", "bool | Resolvable", "Resolvable"),
    ListOf(STRING): Words("STRINGS", "Sequence[str]", "list[str]"),
    SetOf(STRING): Words("STRING_SET", "Sequence[str]", "list[str]"),
    MapOf(STRING): Words("STRING_MAP", "Mapping[str, str]", "Mapping[str, str]"),
}


def words(owner: str, attribute: Attribute) -> Words:
    """Return how the type of `attribute` of the class `owner` is written. Raises KeyError on a type not in use yet."""
    if attribute.nested is None:
        return _WORDS[attribute.value_type]
    name = nested_class(owner, attribute)
    match attribute.nested.nesting, is_argument(attribute):
        case "single", True:
            return Words(constant(name), f"{name} | Mapping[str, Any]", "")
        case "list", True:
            return Words(constant(name), f"Sequence[{name} | Mapping[str, Any]]", "")
        case "single", False:
            return Words(f"Nested({name}OutputReference)", "", f"{name}OutputReference")
        case "list", False:
            return Words(f"Nested({name}List)", "", f"{name}List")
        case nesting, _:
            raise KeyError(f"{attribute.name}: nesting {nesting}")


def is_argument(attribute: Attribute) -> bool:
    """Whether users may give it."""
    return attribute.required or attribute.optional


def nested_class(owner: str, attribute: Attribute) -> str:
    """Return the class name of a nested object: the owner's and the attribute's."""
    return owner + pascal_case(attribute.name)


def pascal_case(name: str) -> str:
    """Return `secondary_private_ips` as `SecondaryPrivateIps`."""
    return "".join(part.capitalize() for part in name.split("_"))


def constant(class_name: str) -> str:
    """Return `SecondaryPrivateIps` as `SECONDARY_PRIVATE_IPS`."""
    return "".join(f"_{letter}" if letter.isupper() else letter.upper() for letter in class_name).strip("_")
