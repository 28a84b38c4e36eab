"""`make docs`: writes every file that is generated from the provider's schema and the constructs' docstrings.

`python tools/generate.py [--check]`: with `--check` it writes nothing, names what is out of date, and exits with 1.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Final

from bindings import binding_files, bound_classes
from constructs_page import SOURCES, constructs_page
from gateway_source import gateway_source
from natgw_provider.__main__ import SCHEMA_FILE, natgw_provider
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.protocol.tfplugin6_pb2 import GetProviderSchema
from natgw_provider.bridge.rpc.dispatch import answer
from registry_pages import pages

ROOT: Final = Path(__file__).resolve().parents[1]
_CONSTRUCTS: Final = ROOT / "constructs" / "natgw_constructs"


def run(argv: list[str]) -> int:
    """Return 0 when all files are written or current, 1 when `--check` found one out of date."""
    parser = argparse.ArgumentParser(prog="python tools/generate.py", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 when a file is out of date")
    checking: bool = parser.parse_args(argv).check
    stale = {path: content for path, content in generated().items() if not _holds(path, content)}
    for path, content in stale.items():
        print(f"out of date: {path.relative_to(ROOT)} (run `make docs`)" if checking else f"written: {path}")
        if not checking:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return int(checking and bool(stale))


def generated() -> dict[Path, bytes]:
    """Return the content of every generated file of this checkout. Raises SystemExit when the schema has an error."""
    classes = bound_classes()
    modules = {**binding_files(classes), "gateway.py": gateway_source(it for it in classes if it.is_resource)}
    texts = {_CONSTRUCTS / path: _formatted(text, path) for path, text in modules.items()}
    sources = {name: _CONSTRUCTS / f"{name}.py" for name in SOURCES}
    read = {name: texts.get(path) or path.read_text(encoding="utf-8") for name, path in sources.items()}
    texts[ROOT / "docs" / "constructs.md"] = constructs_page(read, classes)
    texts |= {ROOT / path: text for path, text in pages(ROOT).items()}
    return {path: text.encode() for path, text in texts.items()} | {Path(SCHEMA_FILE): schema_answer()}


def schema_answer() -> bytes:
    """Return the provider's serialized answer to GetProviderSchema, which ships with the package.

    Raises SystemExit when the answer holds an error: Terraform would be given it at every start.
    """
    content = answer(Session(natgw_provider, Log()), "GetProviderSchema", b"")
    if problems := GetProviderSchema.Response.FromString(content).diagnostics:
        raise SystemExit(f"the schema answer holds an error: {problems[0].summary}. {problems[0].detail}")
    return content


def _formatted(text: str, path: str) -> str:
    """Return a module without unused imports and in the repository's format."""
    ruff = [sys.executable, "-m", "ruff"]
    name = f"--stdin-filename={_CONSTRUCTS / path}"
    for command in (["check", "--fix", "--quiet", "--select=F401,I001", name, "-"], ["format", "--quiet", name, "-"]):
        result = subprocess.run([*ruff, *command], input=text, capture_output=True, text=True, check=True)
        text = result.stdout
    return text


def _holds(path: Path, content: bytes) -> bool:
    return path.exists() and path.read_bytes() == content


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
