"""The text of the bindings' classes, from a schema: names and types, constructors, attributes, nested objects.

Names are those that `cdktf get` gives, so that code written against its bindings runs with ours. The text is right but
not pretty; ruff formats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    ListOf,
    MapOf,
    NestedAttributes,
    Schema,
    SetOf,
    Type,
)


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


def struct_source(owner: str, schema: Schema) -> Iterator[str]:
    """Yield a dataclass and its kind for each nested argument."""
    for attribute in schema.attributes:
        if attribute.nested is not None and is_argument(attribute):
            yield from _struct(nested_class(owner, attribute), attribute, attribute.nested)


def structs(owner: str, schema: Schema) -> list[str]:
    """Return the names of the dataclasses that `struct_source` yields."""
    return [nested_class(owner, a) for a in schema.attributes if a.nested is not None and is_argument(a)]


def struct_imports(owner: str, schema: Schema) -> str:
    """Return the import of everything that `struct_source` yields for the class."""
    classes = structs(owner, schema)
    names = ", ".join([*classes, *(constant(name) for name in classes)])
    return f"from natgw_constructs.structs import {names}" if names else ""


def _struct(name: str, attribute: Attribute, nested: NestedAttributes) -> Iterator[str]:
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {name}:"
    yield docstring(attribute.description)
    for member in _required_first(nested.attributes):
        given = words(name, member).given
        yield f"    {member.name}: {given}" if member.required else f"    {member.name}: {given} | None = None"
        yield docstring(member.description)
    members = "".join(f"{member.name}={words(name, member).kind}," for member in nested.attributes)
    required = tuple(member.name for member in nested.attributes if member.required)
    kind = f"ObjectOf({name}, required={required!r}, {members})"
    several = f'Items({kind}, "a list of {name}(...)")'
    yield f"\n{constant(name)}: Final = {kind if nested.nesting == 'single' else several}\n\n"


def references(owner: str, schema: Schema) -> list[str]:
    """Return the names of the classes that `reference_source` yields."""
    computed = [attribute for attribute in schema.attributes if attribute.nested and not is_argument(attribute)]
    single = [f"{nested_class(owner, attribute)}OutputReference" for attribute in computed]
    several = [f"{nested_class(owner, a)}List" for a in computed if a.nested and a.nested.nesting == "list"]
    return [*single, *several]


def reference_source(library: str, owner: str, schema: Schema) -> Iterator[str]:
    """Yield a class for each nested object that only Terraform knows, and one for each list of them."""
    for attribute in schema.attributes:
        if attribute.nested is not None and not is_argument(attribute):
            name = nested_class(owner, attribute)
            yield f"class {name}OutputReference({library}.ComplexObject):"
            yield docstring(attribute.description)
            yield f"    library: ClassVar[ModuleType] = {library}\n"
            yield from (_reference if attribute.nested.nesting == "single" else _element)(library)
            yield from _members(name, attribute.nested.attributes, "Computed")
            if attribute.nested.nesting == "list":
                yield from _list(library, name, attribute)


def _reference(library: str) -> Iterator[str]:
    yield f"    def __init__(self, parent: {library}.IInterpolatingParent, name: str) -> None:"
    yield "        super().__init__(parent, name, False)\n"


def _element(library: str) -> Iterator[str]:
    yield f"    def __init__(self, parent: {library}.IInterpolatingParent, name: str, index: int) -> None:"
    yield "        super().__init__(parent, name, False, index)\n"


def _list(library: str, name: str, attribute: Attribute) -> Iterator[str]:
    yield f"class {name}List({library}.ComplexList):"
    yield docstring(attribute.description)
    yield f"    def __init__(self, parent: {library}.IInterpolatingParent, name: str) -> None:"
    yield "        super().__init__(parent, name, False)"
    yield "        self._parent, self._name = parent, name\n"
    yield f"    def get(self, index: int) -> {name}OutputReference:"
    yield '        """Return the element at a position, counted from 0."""'
    yield f"        return {name}OutputReference(self._parent, self._name, index)\n"


def constructor_source(owner: str, attributes: Iterable[Attribute], meta: str, call: str) -> Iterator[str]:
    """Yield `__init__`: arguments of the schema, those in `meta`, and the library's arguments in `call`."""
    arguments = [attribute for attribute in _required_first(attributes) if is_argument(attribute)]
    construct_id = "id_" if any(argument.name == "id" for argument in arguments) else "id"
    yield f"    def __init__(self, scope: Construct, {construct_id}: str, *,"
    for attribute in arguments:
        given = words(owner, attribute).given
        yield (
            f"        {attribute.name}: {given},"
            if attribute.required
            else (f"        {attribute.name}: {given} | None = None,")
        )
    yield f"        {meta}"
    yield "    ) -> None:"
    yield f"        self._declare(scope, {construct_id}, {{"
    yield from (f'            "{attribute.name}": {attribute.name},' for attribute in arguments)
    yield "        })"
    yield f"        super().__init__(scope, {construct_id}, {call})"


def attribute_source(owner: str, attributes: Iterable[Attribute], argument: str) -> Iterator[str]:
    """Yield the attributes of a class; `argument` is the descriptor for those that users may give."""
    attributes = list(attributes)
    yield from _members(owner, [attribute for attribute in attributes if is_argument(attribute)], argument)
    yield from _members(owner, [attribute for attribute in attributes if not is_argument(attribute)], "Computed")


def compatibility_source(attributes: Iterable[Attribute]) -> Iterator[str]:
    """Yield what users of `cdktf get` know as `x_input` and `reset_x()`."""
    for attribute in attributes:
        if is_argument(attribute):
            yield f"    {attribute.name}_input = Input({attribute.name})"
        if attribute.optional:
            yield f"    reset_{attribute.name} = Reset({attribute.name})"


def docstring(text: str, indent: str = "    ") -> str:
    """Return `text` as a docstring that lines of 120 characters hold."""
    first, *rest = _wrapped(text, 112)
    if not rest:
        return f'{indent}"""{first}"""'
    return "\n".join([f'{indent}"""{first}', *(indent + line for line in rest), f'{indent}"""'])


def _members(owner: str, attributes: Iterable[Attribute], descriptor: str) -> Iterator[str]:
    for attribute in attributes:
        nested_argument = attribute.nested is not None and is_argument(attribute)
        yield f"    {attribute.name} = {'Setting' if nested_argument else descriptor}({words(owner, attribute).kind})"
        yield docstring(attribute.description)


def _required_first(attributes: Iterable[Attribute]) -> list[Attribute]:
    return sorted(attributes, key=lambda attribute: not attribute.required)


def _wrapped(text: str, width: int) -> list[str]:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if len(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
