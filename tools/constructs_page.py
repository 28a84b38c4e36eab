"""Writes docs/constructs.md: what the constructs offer, from their own docstrings, and the bindings, from the schema.

Reads source text; imports no construct, so that it needs neither cdktf nor Node.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from bindings_source import is_argument, words
from natgw_provider.bridge.schema import Attribute, Schema

MODULES: Final = (
    "secondary_addresses",
    "nat_gateway_fleet",
    "gateway",
    "gateway_declaration",
    "iam",
    "aspects",
    "declarations",
)
"""Where the public names stand, in the order in which a reader wants them."""
SOURCES: Final = ("__init__", *MODULES)
"""What is read: also which names are public."""
_TOLD: Final = {"HasIamPolicy", "PrivateIp", "ElasticIp"}
"""Classes that the page describes although users do not import them."""

_HEAD: Final = """\
# Constructs: API reference

Generated from the docstrings and the provider's schema by `make docs`; do not edit.

`natgw_constructs` serves apps of cdktf and of its successor cdktn alike: import the constructs from `natgw_constructs`,
and the provider block from `natgw_constructs.cdktf` or `natgw_constructs.cdktn`. How they are used:
[examples](../examples).

The features of CDKTF work as with any resource:

- `ips.resource` is the resource itself: `ips.resource.lifecycle = ...`, `for_each`, `add_override`, `import_from`,
  `move_to`, `override_logical_id`.
- `depends_on` takes constructs, resources, or the `fqn` of one, in both directions.
- A token stands for any value, and so does text with an interpolation, such as `"${each.value.id}"`. The rules do not
  judge it at synthesis; the provider does at plan.
- `Testing.to_have_resource_with_properties(synthesized, SecondaryPrivateIps.TF_RESOURCE_TYPE, {...})` finds it.
"""
_BINDINGS: Final = """\
## Bindings

The same classes in `natgw_constructs.cdktf` and `natgw_constructs.cdktn`, with the names that `cdktf get` would give.
Besides these arguments each takes Terraform's own: `count`, `depends_on`, `for_each`, `lifecycle`, `provider`,
`provisioners`, `connection` (the provider block: `alias`). What was given for `x` reads as `x_input`; `reset_x()` takes
it back.
"""


def constructs_page(sources: Mapping[str, str], bindings: Iterable[tuple[str, Schema]]) -> str:
    """Return the page for the `sources` of `SOURCES` by name; `bindings` are the classes with their schemas."""
    trees = {name: ast.parse(text) for name, text in sources.items()}
    exported = _exported(trees["__init__"]) | _TOLD
    parts = [_HEAD]
    shared = [*trees["gateway"].body, *trees["secondary_addresses"].body]
    bases = {node.name: node for node in shared if isinstance(node, ast.ClassDef)}
    for module in MODULES:
        parts.extend("\n".join(_entry(node, bases)) for node in trees[module].body if _name(node) in exported)
    parts.append(_BINDINGS)
    parts.extend("\n".join(_binding(owner, schema)) for owner, schema in bindings)
    return "\n".join(parts)


def _exported(init: ast.Module) -> set[str]:
    for node in init.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return set(ast.literal_eval(node.value))
    raise ValueError("__init__.py has no __all__")


def _name(node: ast.stmt) -> str | None:
    return node.name if isinstance(node, ast.ClassDef | ast.FunctionDef) else None


def _entry(node: ast.stmt, bases: Mapping[str, ast.ClassDef]) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef):
        yield from _function(node, "##")
    elif isinstance(node, ast.ClassDef):
        yield f"## {node.name}\n"
        yield from _signature(node)
        yield from _docstring(node)
        parents = [bases[name] for name in map(ast.unparse, node.bases) if name in bases]
        members = [item for owner in (*parents, node) for item in owner.body]
        public = {it.name: it for it in members if isinstance(it, ast.FunctionDef) and not it.name.startswith("_")}
        functions = list(public.values())
        yield from _properties([item for item in functions if _is_property(item)])
        for item in functions:
            if not _is_property(item):
                yield from _function(item, "###")


def _signature(node: ast.ClassDef) -> Iterator[str]:
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__" and _documents_arguments(node):
            yield _code(f"{node.name}({_arguments(item)})")


def _documents_arguments(node: ast.ClassDef) -> bool:
    return "Args:" in (ast.get_docstring(node) or "")


def _function(node: ast.FunctionDef, level: str) -> Iterator[str]:
    yield f"{level} {node.name}\n"
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    yield _code(f"{node.name}({_arguments(node)}){result}")
    yield from _docstring(node)


def _arguments(node: ast.FunctionDef) -> str:
    text = ast.unparse(node.args)
    spaced = re.sub(r"(: [^=,]+(?:\[[^\]]*\][^=,]*)?)=", r"\1 = ", text)
    without_self = re.sub(r"^(self|cls)(, )?", "", spaced)
    parts = re.split(r", (?=\*{0,2}\w+(?:: |$)|\*(?:,|$))", without_self)
    return without_self if len(without_self) < 80 else "\n    " + ",\n    ".join(parts) + ",\n"  # noqa: PLR2004 - a line


def _code(text: str) -> str:
    return f"```python\n{text}\n```\n"


def _docstring(node: ast.ClassDef | ast.FunctionDef) -> Iterator[str]:
    """Yield the text, with Google's sections as tables."""
    for section in (ast.get_docstring(node) or "").split("\n\n"):
        title, _, body = section.partition("\n")
        if title in ("Args:", "Attributes:"):
            yield "| argument | meaning |\n|---|---|"
            yield from (f"| `{name}` | {_cell(text)} |" for name, text in _items(body))
            yield ""
        elif title == "Raises:":
            yield from (f"Raises `{name}` {text}\n" for name, text in _items(body))
        else:
            yield section + "\n"


def _items(body: str) -> Iterator[tuple[str, str]]:
    for item in re.split(r"\n(?=    \w)", body):
        name, _, text = item.strip().partition(": ")
        yield name, " ".join(text.split())


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(it, ast.Name) and it.id == "property" for it in node.decorator_list)


def _properties(nodes: list[ast.FunctionDef]) -> Iterator[str]:
    if nodes:
        yield "| property | meaning |\n|---|---|"
        yield from (f"| `{node.name}` | {_cell(ast.get_docstring(node) or '')} |" for node in nodes)
        yield ""


def _binding(owner: str, schema: Schema) -> Iterator[str]:
    yield f"### {owner}\n\n{schema.description}\n"
    yield "| name | given as | reads as | meaning |\n|---|---|---|---|"
    for attribute in schema.attributes:
        yield _row(owner, attribute)
    yield ""


def _row(owner: str, attribute: Attribute) -> str:
    written = words(owner, attribute)
    given = f"`{written.given}`{', required' if attribute.required else ''}" if is_argument(attribute) else ""
    reads = f"`{written.read}`" if written.read else "as given"
    return f"| `{attribute.name}` | {_escaped(given)} | {_escaped(reads)} | {_cell(attribute.description)} |"


def _cell(text: str) -> str:
    return _escaped(" ".join(text.split()))


def _escaped(text: str) -> str:
    return text.replace("|", "\\|")
