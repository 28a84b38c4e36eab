"""`make bench`: runs every `bench_*.py` beside this file and prints what it measured.

A module has `TITLE` and `run() -> list[tuple[str, str]]`: label and figure. Figures that are compared are taken in one
run, alternating, so that a slow machine slows both sides. Name parts of module names to run only those.
"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1] / "tools")]


def main(wanted: list[str]) -> int:
    """Run the benchmarks whose names contain one of `wanted` (all when it is empty)."""
    for path in sorted(HERE.glob("bench_*.py")):
        if wanted and not any(word in path.stem for word in wanted):
            continue
        module = importlib.import_module(path.stem)
        print(f"\n## {module.TITLE}\n", flush=True)
        print("| what | measured |\n|---|---|")
        for label, figure in module.run():
            print(f"| {label} | {figure} |", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
