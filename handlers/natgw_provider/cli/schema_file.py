"""`python -m natgw_provider.cli.schema_file [--check]`: write the prepared answer to GetProviderSchema.

A developer's tool, like `cli.docs`. The file ships with the package; with `--check` this only says whether it is what
the provider would answer by itself.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from natgw_provider.__main__ import SCHEMA_FILE, natgw_provider
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.rpc.dispatch import answer
from natgw_provider.bridge.session import Session


def run(argv: list[str]) -> int:
    """Return 0 when the file is written or current, 1 when `--check` found it out of date."""
    parser = argparse.ArgumentParser(prog="python -m natgw_provider.cli.schema_file", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit with 1 when it is out of date")
    checking: bool = parser.parse_args(argv).check
    file, current = Path(SCHEMA_FILE), worked_out()
    stale = not file.exists() or file.read_bytes() != current
    if stale:
        print(f"out of date: {file.name} (run `make docs`)" if checking else f"written: {file.name}")
    if stale and not checking:
        file.write_bytes(current)
    return int(checking and stale)


def worked_out() -> bytes:
    """Return the provider's serialized answer, worked out from its schema."""
    return answer(Session(natgw_provider, Log()), "GetProviderSchema", b"")


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
