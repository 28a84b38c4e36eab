"""`python -m natgw_provider.cli.bindings [--check]`: write the constructs' bindings and their reference.

With `--check` it only says which are out of date.
"""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

from natgw_provider.cli.bindings.files import files, reference_page


def run(argv: list[str]) -> int:
    """Return 0 when all is written or current, 1 when `--check` found a file out of date."""
    parser = argparse.ArgumentParser(prog="python -m natgw_provider.cli.bindings", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 when a file is out of date")
    checking: bool = parser.parse_args(argv).check
    stale = {path: text for path, text in wanted(_package_folder()).items() if _read(path) != text}
    for path, text in stale.items():
        print(f"out of date: {path}" if checking else f"written: {path}")
        if not checking:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return int(checking and bool(stale))


def wanted(package: Path) -> dict[Path, str]:
    """Return the text of every generated file of the checkout in which `package` is."""
    bindings = {package / path: text for path, text in files().items()}
    return {**bindings, package.parents[1] / "docs" / "constructs.md": reference_page(package)}


def _package_folder() -> Path:
    spec = find_spec("natgw_constructs")
    if spec is None or spec.origin is None:
        raise SystemExit("natgw_constructs is not importable here: run `make setup` and use .venv/bin/python")
    return Path(spec.origin).parent


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
