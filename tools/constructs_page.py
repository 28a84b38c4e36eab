"""Writes docs/constructs.md: what the constructs offer, from their own docstrings, and the bindings, from the schema.

Reads source text; imports no construct, so that it needs neither cdktf nor Node. The page's own text stands in
`tools/templates/constructs.md.j2`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bindings import BoundClass, cell, filled

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
_ALSO: Final = {"HasIamPolicy", "PrivateIp", "ElasticIp"}
"""Classes that the page describes although users do not import them."""

_LINE: Final = 80


@dataclass(frozen=True, slots=True)
class Entry:
    """A public class or function on the page.

    Attributes:
        name: what users import.
        signature: how it is called; empty for a class that users do not make.
        text: its docstring, in Markdown.
        properties: the meaning of each property of a class, by name.
        methods: the methods of a class.
    """

    name: str
    signature: str
    text: str
    properties: Mapping[str, str]
    methods: Sequence[Entry]


def constructs_page(sources: Mapping[str, str], classes: Iterable[BoundClass]) -> str:
    """Return the page for the `sources` of `SOURCES` by name, and for the classes of the bindings."""
    trees = {name: ast.parse(text) for name, text in sources.items()}
    exported = _exported(trees["__init__"]) | _ALSO
    shared = [*trees["gateway"].body, *trees["secondary_addresses"].body]
    bases = {node.name: node for node in shared if isinstance(node, ast.ClassDef)}
    entries = []
    for node in (node for module in MODULES for node in trees[module].body):
        if isinstance(node, ast.ClassDef) and node.name in exported:
            entries.append(_class(node, bases))
        elif isinstance(node, ast.FunctionDef) and node.name in exported:
            entries.append(_function(node))
    return filled("constructs.md", entries=entries, classes=classes)


def _exported(init: ast.Module) -> set[str]:
    for node in init.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name) and node.targets[0].id == "__all__":
            return set(ast.literal_eval(node.value))
    raise ValueError("__init__.py has no __all__")


def _class(node: ast.ClassDef, bases: Mapping[str, ast.ClassDef]) -> Entry:
    parents = [bases[name] for name in map(ast.unparse, node.bases) if name in bases]
    members = [it for owner in (*parents, node) for it in owner.body if isinstance(it, ast.FunctionDef)]
    public = {it.name: it for it in members if not it.name.startswith("_")}.values()
    properties = {it.name: ast.get_docstring(it) or "" for it in public if _is_property(it)}
    constructors = [it for it in node.body if isinstance(it, ast.FunctionDef) and it.name == "__init__"]
    is_made_by_users = constructors and "Args:" in (ast.get_docstring(node) or "")
    signature = f"{node.name}({_parameters(constructors[0])})" if is_made_by_users else ""
    methods = [_function(it) for it in public if it.name not in properties]
    return Entry(node.name, signature, _docstring(node), properties, methods)


def _is_property(node: ast.FunctionDef) -> bool:
    return any(isinstance(it, ast.Name) and it.id == "property" for it in node.decorator_list)


def _function(node: ast.FunctionDef) -> Entry:
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return Entry(node.name, f"{node.name}({_parameters(node)}){result}", _docstring(node), {}, ())


def _parameters(node: ast.FunctionDef) -> str:
    """Return the parameters but `self`, in one line, or one on each line."""
    given = node.args
    without_default = [None] * (len(given.args) - len(given.defaults))
    plain = zip(given.args, [*without_default, *given.defaults], strict=True)
    named = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    parts = [
        *(_parameter(it, default) for it, default in plain if it.arg not in ("self", "cls")),
        *(["*"] if given.kwonlyargs else []),
        *(_parameter(it, default) for it, default in named),
        *([f"**{ast.unparse(given.kwarg)}"] if given.kwarg else []),
    ]
    text = ", ".join(parts)
    return text if len(text) < _LINE else "\n    " + ",\n    ".join(parts) + ",\n"


def _parameter(node: ast.arg, default: ast.expr | None) -> str:
    return ast.unparse(node) + (f" = {ast.unparse(default)}" if default else "")


def _docstring(node: ast.ClassDef | ast.FunctionDef) -> str:
    """Return the text, with Google's sections as tables."""
    return "\n\n".join(_section(it) for it in (ast.get_docstring(node) or "").split("\n\n"))


def _section(text: str) -> str:
    title, _, body = text.partition("\n")
    if title in ("Args:", "Attributes:"):
        rows = [f"| `{name}` | {cell(meaning)} |" for name, meaning in _items(body)]
        return "\n".join(["| argument | meaning |", "|---|---|", *rows])
    if title == "Raises:":
        return "\n\n".join(f"Raises `{name}` {meaning}" for name, meaning in _items(body))
    return text


def _items(body: str) -> Iterator[tuple[str, str]]:
    for item in re.split(r"\n(?=    \w)", body):
        name, _, text = item.strip().partition(": ")
        yield name, text
