"""The text of the bindings' classes, from a schema: names and types, constructors, attributes, nested objects.

Names are those that `cdktf get` gives, so that code written against its bindings runs with ours. The text is right but
not pretty; ruff formats it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from textwrap import wrap

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
    """A type in the bindings.

    Attributes:
        kind: the expression of an argument's kind.
        given: what users may give.
        read: what they read.
        reader: the expression that reads it, with NAME and LIBRARY to be filled in.
    """

    kind: str
    given: str
    read: str
    reader: str = ""


_WORDS: dict[Type, Words] = {
    STRING: Words("STRING", "str", "str", 'self.get_string_attribute("NAME")'),
    NUMBER: Words("NUMBER", "float", "float", 'self.get_number_attribute("NAME")'),
    BOOL: Words("BOOL", "bool | Resolvable", "Resolvable", 'self.get_boolean_attribute("NAME")'),
    ListOf(STRING): Words("STRINGS", "Sequence[str]", "list[str]", 'self.get_list_attribute("NAME")'),
    # Terraform does not index a set.
    SetOf(STRING): Words(
        "STRING_SET", "Sequence[str]", "list[str]", 'LIBRARY.Fn.tolist(self.get_list_attribute("NAME"))'
    ),
    MapOf(STRING): Words(
        "STRING_MAP", "Mapping[str, str]", "Mapping[str, str]", 'self.get_string_map_attribute("NAME")'
    ),
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
            return Words("", "", f"{name}OutputReference", f'{name}OutputReference(self, "NAME")')
        case "list", False:
            return Words("", "", f"{name}List", f'{name}List(self, "NAME")')
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


def arguments_source(owner: str, attributes: Iterable[Attribute]) -> Iterator[str]:
    """Yield the types of a class's arguments by name."""
    kinds = (f'"{it.name}": {words(owner, it).kind},' for it in attributes if is_argument(it))
    yield f"{constant(owner)}: Final[Mapping[str, Kind]] = {{{''.join(kinds)}}}\n"


def _struct(name: str, attribute: Attribute, nested: NestedAttributes) -> Iterator[str]:
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {name}:"
    yield docstring(attribute.description)
    for member in _required_first(nested.attributes):
        yield f"    {parameter(member.name, words(name, member).given, required=member.required)}"
        yield docstring(member.description)
    members = "".join(f"{member.name}={words(name, member).kind}," for member in nested.attributes)
    required = tuple(member.name for member in nested.attributes if member.required)
    kind = f"object_of({name}, required={required!r}, {members})"
    several = f'list_of({kind}, "a list of {name}(...)")'
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
            yield from (_reference if attribute.nested.nesting == "single" else _element)(library)
            for member in attribute.nested.attributes:
                yield from _getter(library, name, member)
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


def constructor_source(owner: str, attributes: Iterable[Attribute], meta: str, passed_on: str) -> Iterator[str]:
    """Yield `__init__`: arguments of the schema, those in `meta`, and what is `passed_on` beside them."""
    arguments = [attribute for attribute in _required_first(attributes) if is_argument(attribute)]
    construct_id = "id_" if any(argument.name == "id" for argument in arguments) else "id"
    yield f"    def __init__(self, scope: Construct, {construct_id}: str, *,"
    yield from (f"        {parameter(it.name, words(owner, it).given, required=it.required)}," for it in arguments)
    yield f"        {meta}"
    yield "    ) -> None:"
    yield f"        super().__init__(scope, {construct_id}, {{"
    yield from (f'            "{attribute.name}": {attribute.name},' for attribute in arguments)
    yield f"        }}, {passed_on})\n"


def attribute_source(library: str, owner: str, attributes: Iterable[Attribute], *, readable: bool) -> Iterator[str]:
    """Yield what is read and assigned, under the names of `cdktf get`: `x`, `x_input`, `reset_x()`, `put_x()`.

    An argument that is not `readable`, and every nested one, reads as it was given: Terraform does not give it back.
    """
    for attribute in attributes:
        if not is_argument(attribute):
            yield from _getter(library, owner, attribute)
            continue
        name, given = attribute.name, words(owner, attribute).given
        if readable and attribute.nested is None:
            yield from _getter(library, owner, attribute)
        else:
            yield from _given(name, name, given, attribute.description)
        yield f"    @{name}.setter"
        yield f"    def {name}(self, value: {given}{'' if attribute.required else ' | None'}) -> None:"
        yield f'        self.assign_value("{name}", value)\n'
        yield from _given(f"{name}_input", name, given, f"What was given for `{name}`, None when nothing was.")
        if readable and attribute.nested is not None:
            yield from _put(owner, attribute, attribute.nested)
        if attribute.optional:
            yield f"    def reset_{name}(self) -> None:"
            yield f'        """Take back what was given for `{name}`."""'
            yield f'        self.assign_value("{name}", None)\n'


def parameter(name: str, given: str, *, required: bool) -> str:
    """Return a parameter or field; None stands for what is not given."""
    return f"{name}: {given}" if required else f"{name}: {given} | None = None"


def _getter(library: str, owner: str, attribute: Attribute) -> Iterator[str]:
    written = words(owner, attribute)
    reader = written.reader.replace("NAME", attribute.name).replace("LIBRARY", library)
    yield "    @property"
    yield f"    def {attribute.name}(self) -> {written.read}:"
    yield docstring(attribute.description, "        ")
    yield f"        return {reader}\n"


def _given(method: str, name: str, given: str, description: str) -> Iterator[str]:
    yield "    @property"
    yield f"    def {method}(self) -> {given} | None:"
    yield docstring(description, "        ")
    yield f'        value: {given} | None = self.given_value("{name}")'
    yield "        return value\n"


def _put(owner: str, attribute: Attribute, nested: NestedAttributes) -> Iterator[str]:
    struct = nested_class(owner, attribute)
    arguments, value = f"value: {words(owner, attribute).given}", "value"
    if nested.nesting == "single":
        members = [parameter(it.name, words(struct, it).given, required=it.required) for it in nested.attributes]
        arguments = f"*, {', '.join(members)}"
        value = f"{struct}({', '.join(f'{it.name}={it.name}' for it in nested.attributes)})"
    yield f"    def put_{attribute.name}(self, {arguments}) -> None:"
    yield f'        """Declare `{attribute.name}`."""'
    yield f'        self.assign_value("{attribute.name}", {value})\n'


def docstring(text: str, indent: str = "    ") -> str:
    """Return `text` as a docstring that lines of 120 characters hold."""
    first, *rest = wrap(text, 116 - len(indent), break_on_hyphens=False)
    if not rest:
        return f'{indent}"""{first}"""'
    return "\n".join([f'{indent}"""{first}', *(indent + line for line in rest), f'{indent}"""'])


def _required_first(attributes: Iterable[Attribute]) -> list[Attribute]:
    return sorted(attributes, key=lambda attribute: not attribute.required)
