"""The bindings of both libraries, from the provider's schema: which classes there are, and how an attribute is written.

Their text stands in `tools/templates/`. Names are those that `cdktf get` gives, so that code written against its
bindings runs with ours. The text is right but not pretty; ruff formats it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from natgw_provider.bridge.schema import BOOL, NUMBER, STRING, Attribute, ListOf, MapOf, Schema, SetOf, Type
from natgw_provider.resources.provider import NatgwProvider

LIBRARIES: Final = ("cdktf", "cdktn")

_ALIAS: Final = Attribute(
    name="alias",
    type=STRING,
    optional=True,
    description="Name of this provider block where a stack has several, as for several regions.",
)
"""Terraform's own argument of every provider block."""

_TYPES: Final[dict[Type, tuple[str, str, str, str]]] = {
    STRING: ("STRING", "str", "str", 'self.get_string_attribute("NAME")'),
    NUMBER: ("NUMBER", "float", "float", 'self.get_number_attribute("NAME")'),
    BOOL: ("BOOL", "bool | Resolvable", "Resolvable", 'self.get_boolean_attribute("NAME")'),
    ListOf(STRING): ("STRINGS", "Sequence[str]", "list[str]", 'self.get_list_attribute("NAME")'),
    # Terraform does not index a set.
    SetOf(STRING): ("STRING_SET", "Sequence[str]", "list[str]", 'LIBRARY.Fn.tolist(self.get_list_attribute("NAME"))'),
    MapOf(STRING): ("STRING_MAP", "Mapping[str, str]", "Mapping[str, str]", 'self.get_string_map_attribute("NAME")'),
}
"""How a type is written: `kind`, `given`, `read` and `reader` of a `Member`."""


@dataclass(frozen=True, slots=True)
class Member:
    """An attribute in the bindings.

    Attributes:
        name: its name in Terraform and in Python.
        description: what it means.
        type: its type; None of a nested object.
        is_argument: whether users may give it.
        is_required: whether they have to.
        kind: the expression of its type as an argument.
        given: the type of what users give.
        read: the type of what they read; empty where it reads as given.
        reader: the expression that reads it, with LIBRARY to be filled in.
        nesting: of a nested object `single` or `list`, else empty.
        class_name: the name of a nested object's class.
        members: the attributes of a nested object.
    """

    name: str
    description: str
    type: Type | None
    is_argument: bool
    is_required: bool
    kind: str
    given: str
    read: str
    reader: str
    nesting: str = ""
    class_name: str = ""
    members: Sequence[Member] = ()

    @property
    def parameter(self) -> str:
        """The member as a parameter or field; None stands for what is not given."""
        return f"{self.name}: {self.given}{'' if self.is_required else ' | None = None'}"

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the required members of a nested object."""
        return tuple(it.name for it in self.members if it.is_required)


@dataclass(frozen=True, slots=True)
class BoundClass:
    """A provider block, resource or data source: its name in Terraform, its class, base class and attributes."""

    name: str
    class_name: str
    base: str
    description: str
    members: Sequence[Member]

    @property
    def is_provider(self) -> bool:
        """Whether it is the provider block."""
        return self.base == "TerraformProvider"

    @property
    def is_resource(self) -> bool:
        """Whether it is a resource."""
        return self.base == "TerraformResource"

    @property
    def module(self) -> str:
        """The module that holds the class."""
        short = self.name.removeprefix("natgw_")
        return "provider" if self.is_provider else short if self.is_resource else f"data_{self.name}"

    @property
    def summary(self) -> str:
        """The first line of that module."""
        kind = "resource" if self.is_resource else "data source"
        return "The provider block of natgw." if self.is_provider else f"The {kind} `{self.name}`."

    @property
    def constant(self) -> str:
        """The name of what has the types of its arguments."""
        return constant(self.class_name)

    @property
    def arguments(self) -> list[Member]:
        """What users may give, the required ones first."""
        return sorted((it for it in self.members if it.is_argument), key=lambda it: not it.is_required)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the required arguments."""
        return tuple(it.name for it in self.members if it.is_required)

    @property
    def structs(self) -> list[str]:
        """The classes of nested arguments."""
        return [it.class_name for it in self.members if it.nesting and it.is_argument]

    @property
    def references(self) -> list[str]:
        """The classes of nested objects that only Terraform knows."""
        objects = [it for it in self.members if it.nesting and not it.is_argument]
        lists = [f"{it.class_name}List" for it in objects if it.nesting == "list"]
        return [*(f"{it.class_name}OutputReference" for it in objects), *lists]


def binding_files(classes: Sequence[BoundClass]) -> dict[str, str]:
    """Return the text of every file of the bindings by its path in `natgw_constructs`."""
    texts = {"structs.py": filled("structs.py", classes=classes)}
    for library in LIBRARIES:
        within = f"natgw_constructs.{library}"
        modules = {f"{within}.meta_arguments": ["MetaArguments"]}
        modules |= {f"{within}.{it.module}": [it.class_name, *it.references] for it in classes}
        modules["natgw_constructs.structs"] = [name for it in classes for name in it.structs]
        texts[f"{library}/__init__.py"] = filled("package.py", library=library, modules=modules)
        texts[f"{library}/meta_arguments.py"] = filled("meta_arguments.py", library=library)
        texts |= {f"{library}/{it.module}.py": filled("binding.py", library=library, of=it) for it in classes}
    return texts


def bound_classes() -> list[BoundClass]:
    """Return the provider block, the resources and the data sources."""
    provider = NatgwProvider()
    resources = [
        bound_class(name, _pascal_case(name.removeprefix("natgw_")), "TerraformResource", it.schema)
        for name, it in provider.resources.items()
    ]
    data_sources = [
        bound_class(name, _pascal_case(f"data_{name}"), "TerraformDataSource", it.schema)
        for name, it in provider.data_sources.items()
    ]
    return [bound_class("natgw", "NatgwProvider", "TerraformProvider", provider.schema), *resources, *data_sources]


def bound_class(name: str, class_name: str, base: str, schema: Schema) -> BoundClass:
    """Return the class that binds the Terraform type `name`. Raises KeyError on a type not in use yet."""
    attributes = [*schema.attributes, _ALIAS] if base == "TerraformProvider" else schema.attributes
    return BoundClass(name, class_name, base, schema.description, _members(class_name, attributes))


def constant(class_name: str) -> str:
    """Return `SecondaryPrivateIps` as `SECONDARY_PRIVATE_IPS`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", class_name).upper()


def _pascal_case(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _members(owner: str, attributes: Iterable[Attribute]) -> list[Member]:
    return [_member(owner, it) for it in attributes]


def _member(owner: str, attribute: Attribute) -> Member:
    name, is_argument = attribute.name, attribute.required or attribute.optional
    common = (name, attribute.description, attribute.type, is_argument, attribute.required)
    if attribute.nested is None:
        kind, given, read, reader = _TYPES[attribute.value_type]
        return Member(*common, kind, given, read, reader.replace("NAME", name))
    nesting = attribute.nested.nesting
    class_name = owner + _pascal_case(name)
    one = f"{class_name} | Mapping[str, Any]"
    given = {"single": one, "list": f"Sequence[{one}]"}[nesting]
    reference = class_name + {"single": "OutputReference", "list": "List"}[nesting]
    reading = ("", "") if is_argument else (reference, f'{reference}(self, "{name}")')
    members = _members(class_name, attribute.nested.attributes)
    return Member(*common, constant(class_name), given, *reading, nesting, class_name, members)


def filled(template: str, *folders: Path, **values: Any) -> str:
    """Return the text of a template in `tools/templates/` with these values; it may include those in `folders`."""
    # What is written is Python and Markdown, not HTML: nothing is to be escaped.
    templates = Environment(  # noqa: S701
        loader=FileSystemLoader([Path(__file__).parent / "templates", *folders]),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    templates.filters |= {"docstring": _docstring, "wrapped": _wrapped, "cell": cell}
    return templates.get_template(f"{template}.j2").render(values)


def cell(text: str) -> str:
    """Return `text` as a cell of a Markdown table holds it."""
    return " ".join(text.split()).replace("|", "\\|")


def _wrapped(text: str, indent: int, indent_below: int) -> str:
    """Return `text` in lines of 120 characters."""
    below = " " * indent_below
    lines = wrap(text, 120, initial_indent=" " * indent, subsequent_indent=below, break_on_hyphens=False)
    return "\n".join(lines)


def _docstring(text: str, indent: int) -> str:
    """Return `text` as a docstring that lines of 120 characters hold."""
    first, *rest = wrap(text, 116 - indent, break_on_hyphens=False)
    lines = [f'"""{first}', *rest, '"""'] if rest else [f'"""{first}"""']
    return "\n".join(" " * indent + line for line in lines)
