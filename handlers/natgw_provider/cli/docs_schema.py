"""From a schema to the section "Schema" of a page, as the Terraform Registry's own generator writes it.

Pure. The order, the words for types and the anchors are those of terraform-plugin-docs, so that the Registry and its
readers find what they know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from natgw_provider.bridge.schema import Attribute, ListOf, MapOf, ObjectOf, Primitive, Schema, SetOf, Type

_GROUPS: Final = ("Required", "Optional", "Read-Only")
_PRIMITIVES: Final = {"string": "String", "number": "Number", "bool": "Boolean"}
_NESTED: Final = {"single": "Attributes", "list": "Attributes List", "set": "Attributes Set", "map": "Attributes Map"}


def schema_section(schema: Schema) -> Iterator[str]:
    """Yield the paragraphs: the attributes by group, in alphabetical order, then each nested object."""
    yield "## Schema"
    for group, members in _grouped(schema.attributes):
        yield f"### {group}"
        yield _listed(members, ())
    yield from _nested_sections(schema.attributes, ())


def _nested_sections(attributes: Iterable[Attribute], path: tuple[str, ...]) -> Iterator[str]:
    for attribute in _in_page_order(attributes):
        if attribute.nested is not None:
            below = (*path, attribute.name)
            yield f'<a id="{_anchor(below)}"></a>\n### Nested Schema for `{".".join(below)}`'
            for group, members in _grouped(attribute.nested.attributes):
                yield f"{group}:"
                yield _listed(members, below)
            yield from _nested_sections(attribute.nested.attributes, below)


def _in_page_order(attributes: Iterable[Attribute]) -> list[Attribute]:
    return [attribute for _, members in _grouped(attributes) for attribute in members]


def _grouped(attributes: Iterable[Attribute]) -> Iterator[tuple[str, Sequence[Attribute]]]:
    by_name = sorted(attributes, key=lambda attribute: attribute.name)
    for group in _GROUPS:
        if members := [attribute for attribute in by_name if _group(attribute) == group]:
            yield group, members


def _group(attribute: Attribute) -> str:
    """An argument that the provider fills in when it is left out stands under Optional."""
    if attribute.required:
        return "Required"
    return "Optional" if attribute.optional else "Read-Only"


def _listed(attributes: Iterable[Attribute], path: tuple[str, ...]) -> str:
    return "\n".join(_line(attribute, (*path, attribute.name)) for attribute in attributes)


def _line(attribute: Attribute, path: tuple[str, ...]) -> str:
    notes = [_kind(attribute), *(["Sensitive"] if attribute.sensitive else [])]
    notes += ["Deprecated"] if attribute.deprecated else []
    pointer = f" (see [below for nested schema](#{_anchor(path)}))" if attribute.nested else ""
    return f"- `{attribute.name}` ({', '.join(notes)}) {' '.join(attribute.description.split())}{pointer}"


def _anchor(path: tuple[str, ...]) -> str:
    return "nestedatt--" + "--".join(path)


def _kind(attribute: Attribute) -> str:
    return _NESTED[attribute.nested.nesting] if attribute.nested else _words(attribute.value_type)


def _words(kind: Type) -> str:
    match kind:
        case Primitive(name):
            return _PRIMITIVES[name]
        case ListOf(element):
            return f"List of {_words(element)}"
        case SetOf(element):
            return f"Set of {_words(element)}"
        case MapOf(element):
            return f"Map of {_words(element)}"
        case ObjectOf():
            return "Object"
