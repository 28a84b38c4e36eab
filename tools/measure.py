"""Measures what the code costs its next owner: its size by layer.

`python tools/measure.py` counts the hand-written Python of this checkout, or of the checkout that `--repo` names.
"""

from __future__ import annotations

import argparse
import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median

GENERATED = (
    "_pb2.py",
    "natgw_constructs/cdktf/",
    "natgw_constructs/cdktn/",
    "structs.py",
    "natgw_constructs/gateway.py",
)
ROOTS = ("constructs", "handlers", "tools", "main.py")


@dataclass
class Size:
    """Counts of one group of modules. `code` leaves out blank lines, comments and docstrings."""

    lines: list[int] = field(default_factory=list)
    code: int = 0
    imports: int = 0
    comments: int = 0
    functions: list[int] = field(default_factory=list)

    def add(self, other: Size) -> None:
        """Add the counts of another group."""
        self.lines += other.lines
        self.code += other.code
        self.imports += other.imports
        self.comments += other.comments
        self.functions += other.functions


def main() -> int:
    """Print the table; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--repo", type=Path, default=Path(__file__).resolve().parent.parent)
    _print_sizes(parser.parse_args().repo)
    return 0


def hand_written(repo: Path) -> Iterator[Path]:
    """Yield the Python modules that people maintain, tests apart."""
    for root in ROOTS:
        for path in sorted((repo / root).rglob("*.py")) if (repo / root).is_dir() else [repo / root]:
            if path.exists() and not any(part in path.as_posix() for part in GENERATED):
                yield path


def measure(path: Path) -> Size:
    """Return the counts of one module."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    prose: set[int] = set()
    functions: list[int] = []
    imports = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            prose.update(range(node.lineno, (node.end_lineno or node.lineno) + 1))
        elif isinstance(node, ast.Import | ast.ImportFrom):
            imports += (node.end_lineno or node.lineno) - node.lineno + 1
        elif isinstance(node, ast.FunctionDef):
            functions.append((node.end_lineno or node.lineno) - node.lineno + 1)
    numbered = list(enumerate(text.splitlines(), 1))
    comments = sum(line.lstrip().startswith("#") for number, line in numbered if number not in prose)
    code = sum(bool(line.strip()) for number, line in numbered if number not in prose) - comments
    return Size([len(numbered)], code, imports, comments, functions)


def _print_sizes(repo: Path) -> None:
    groups: dict[str, Size] = defaultdict(Size)
    for path in hand_written(repo):
        size = measure(path)
        parts = path.relative_to(repo).parts
        name = parts[2] if parts[0] == "handlers" and len(parts) > 3 else parts[0]  # noqa: PLR2004 - a subpackage
        groups[name].add(size)
        groups["all"].add(size)
    print(f"{'':12} lines  modules  imports/code  comments  module median/max  function median/mean/max")
    for name, size in groups.items():
        if not size.functions:
            continue
        print(
            f"{name:12}{sum(size.lines):6}{len(size.lines):9}{size.imports / max(1, size.code):13.1%}"
            f"{size.comments:10}{median(size.lines):11.0f} /{max(size.lines):5}"
            f"{median(size.functions):12.0f} /{mean(size.functions):5.1f} /{max(size.functions):4}"
        )
    for name, files in (("templates", (repo / "tools").rglob("*.j2")), ("tests", (repo / "tests").rglob("*.py"))):
        print(f"{name:12}{sum(len(path.read_text(encoding='utf-8').splitlines()) for path in files):6}")


if __name__ == "__main__":
    raise SystemExit(main())
