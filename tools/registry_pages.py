"""The pages of the Terraform Registry, made from the templates in `templates/` and from the provider's schema.

A template has the path that its page has in `docs/`, and holds what the schema does not say. Pages in a folder without
a template of their own share the folder's, such as `templates/list-resources.md`. In a template stand

- `{{ schema }}`: the attributes;
- `{{ name }}`: the name of the resource or data source;
- `{{ example("PATH", "WORD...") }}`: the blocks of a file in `examples/` whose first line has one of the words;
- `{{ guides }}`: the links to the guides, `templates/guides.md`;
- `{{ source }}`: the provider's source.

The order, the words for types and the anchors are those of terraform-plugin-docs, so that the Registry and its readers
find what they know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from bindings import filled
from natgw_provider import SOURCE
from natgw_provider.bridge.schema import Attribute, ListOf, MapOf, ObjectOf, Primitive, Schema, SetOf, Type
from natgw_provider.resources.provider import NatgwProvider

_PROVIDER: Final = "natgw"
_BETWEEN_BLOCKS: Final = re.compile(r"\n\n(?=\w)")

_GROUPS: Final = ("Required", "Optional", "Read-Only")
_PRIMITIVES: Final = {"string": "String", "number": "Number", "bool": "Boolean"}
_NESTED: Final = {"single": "Attributes", "list": "Attributes List", "set": "Attributes Set", "map": "Attributes Map"}


def schemas() -> dict[str, tuple[str, Schema]]:
    """Return the title and the schema of each page, by its path below `docs/`."""
    provider = NatgwProvider()
    pages = {"index.md": (f"{_PROVIDER} Provider", provider.schema)}
    for folder, kind, types in (
        ("resources", "Resource", provider.resources),
        ("data-sources", "Data Source", provider.data_sources),
        ("list-resources", "List Resource", provider.list_resources),
    ):
        for name, handler in types.items():
            path = f"{folder}/{name.removeprefix(f'{_PROVIDER}_')}.md"
            pages[path] = (f"{name} ({kind})", handler.schema)
    return pages


def pages(root: Path) -> dict[str, str]:
    """Return the text of each page by its path in the checkout at `root`, which holds templates and examples.

    Raises jinja2.TemplateError for a template that is missing or wrong.
    """
    return {f"docs/{path}": _page(root, path, title, schema) for path, (title, schema) in schemas().items()}


def _page(root: Path, path: str, title: str, schema: Schema) -> str:
    guides = (root / "templates" / "guides.md").read_text(encoding="utf-8").strip()
    name, _, kind = title.partition(" (")
    return filled(
        "page.md",
        root / "templates",
        page_title=f"{name} {kind.rstrip(')')} - {_PROVIDER}" if kind else title,
        title=title,
        description=schema.description,
        # A page's own template, or that of its folder.
        templates=[path, f"{path.partition('/')[0]}.md"],
        name=name,
        schema="\n\n".join(schema_section(schema)),
        source=SOURCE,
        guides=guides.replace("](guides/", "](../guides/") if "/" in path else guides,
        example=partial(_example, root),
    )


def _example(root: Path, path: str, words: str) -> str:
    blocks = _BETWEEN_BLOCKS.split((root / path).read_text(encoding="utf-8").strip())
    asked = set(words.split())
    shown = "\n\n".join(it for it in blocks if asked & set(re.findall(r"\w+", it.partition("\n")[0])))
    return f"## Example Usage\n\n```terraform\n{shown}\n```"


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
