"""`python -m natgw_provider.cli.docs [--check]`: write the pages of the Terraform Registry from the provider's schema.

A developer's tool, like `cli.bindings`. The example of each page is cut from a file in `examples/` that the tests run.
With `--check` it only says which pages are out of date.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import natgw_provider
from natgw_provider.bridge.schema import Schema
from natgw_provider.cli import docs_prose as prose
from natgw_provider.cli.docs_schema import schema_section
from natgw_provider.core import names
from natgw_provider.resources.provider import NatgwProvider

RESOURCE_EXAMPLE: Final = Path("examples/02-hcl-minimal/main.tf")
DATA_SOURCE_EXAMPLE: Final = Path("examples/08-hcl-data-source/main.tf")

_PROVIDER: Final = "natgw"
_MARK: Final = (
    "<!-- Generated from the provider's schema by `make docs` (python -m natgw_provider.cli.docs); do not edit. -->"
)
_BETWEEN_BLOCKS: Final = re.compile(r"\n\n(?=\w)")


def run(argv: list[str]) -> int:
    """Return 0 when all is written or current, 1 when `--check` found a page out of date."""
    parser = argparse.ArgumentParser(prog="python -m natgw_provider.cli.docs", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 when a page is out of date")
    checking: bool = parser.parse_args(argv).check
    root = Path(natgw_provider.__file__).parents[2]
    stale = {path: text for path, text in pages(root).items() if _read(root / path) != text}
    for path, text in stale.items():
        print(f"out of date: {path} (run `make docs`)" if checking else f"written: {path}")
        if not checking:
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text, encoding="utf-8")
    return int(checking and bool(stale))


def pages(root: Path) -> dict[str, str]:
    """Return the text of each page by its path in the checkout at `root`, whose examples it shows."""
    provider = NatgwProvider()
    return {
        "docs/index.md": _index(provider.schema, root),
        "docs/resources/secondary_private_ips.md": _resource(provider.resources[names.RESOURCE_TYPE].schema, root),
        "docs/data-sources/nat_gateway.md": _data_source(provider.data_sources[names.DATA_SOURCE_TYPE].schema, root),
    }


def _index(schema: Schema, root: Path) -> str:
    return _page(
        f"{_PROVIDER} Provider",
        schema,
        [
            _example(root / RESOURCE_EXAMPLE, ("terraform", "provider", "resource")),
            prose.AFTER_INDEX_EXAMPLE,
            *schema_section(schema),
            prose.INDEX_GUIDES,
        ],
    )


def _resource(schema: Schema, root: Path) -> str:
    return _page(
        f"{names.RESOURCE_TYPE} (Resource)",
        schema,
        [
            prose.RESOURCE_EXCLUSIVE,
            _example(root / RESOURCE_EXAMPLE, ("resource", "output")),
            *schema_section(schema),
            prose.RESOURCE_IMPORT,
            prose.PAGE_GUIDES,
        ],
    )


def _data_source(schema: Schema, root: Path) -> str:
    return _page(
        f"{names.DATA_SOURCE_TYPE} (Data Source)",
        schema,
        [
            prose.DATA_SOURCE_NOTE,
            _example(root / DATA_SOURCE_EXAMPLE, ("data", "output")),
            *schema_section(schema),
            prose.PAGE_GUIDES,
        ],
    )


def _page(title: str, schema: Schema, sections: Iterable[str]) -> str:
    front = [
        "---",
        f'page_title: "{_page_title(title)}"',
        'subcategory: ""',
        "description: |-",
        f"  {schema.description}",
        "---",
    ]
    return "\n\n".join(["\n".join(front), _MARK, f"# {title}", schema.description, *sections]) + "\n"


def _page_title(title: str) -> str:
    name, _, kind = title.partition(" (")
    return f"{name} {kind.rstrip(')')} - {_PROVIDER}" if kind else title


def _example(path: Path, kinds: tuple[str, ...]) -> str:
    blocks = _BETWEEN_BLOCKS.split(path.read_text(encoding="utf-8").strip())
    shown = "\n\n".join(block for block in blocks if block.split(maxsplit=1)[0] in kinds)
    return f"## Example Usage\n\n```terraform\n{shown}\n```"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
