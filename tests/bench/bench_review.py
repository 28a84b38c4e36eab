"""How long `natgw review` takes: a plan of 500 gateways, and the start of the command."""

from __future__ import annotations

import functools
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from review.plans_and_reviews import PLANS, many

TITLE = "The pull-request review"
GATEWAYS = 500
ROUNDS = 3


def run() -> list[tuple[str, str]]:
    """Return what was measured, the best of three rounds each."""
    with tempfile.TemporaryDirectory() as folder:
        plan = Path(folder) / "plan.json"
        plan.write_text(json.dumps(many(GATEWAYS)), encoding="utf-8")
        rows = [
            (
                f"natgw review, {GATEWAYS} gateways ({plan.stat().st_size / 1e6:.1f} MB), {form}",
                f"{_best(functools.partial(_review, plan, form)):.2f} s",
            )
            for form in ("markdown", "text", "json")
        ]
    return [
        ("natgw review, one changed gateway", f"{_best(lambda: _review(PLANS / 'swap.json', 'markdown')):.2f} s"),
        *rows,
    ]


def _review(plan: Path, form: str) -> None:
    program = "from natgw_provider.cli.main import run; raise SystemExit(run())"
    command = [sys.executable, "-c", program, "review", "--format", form, str(plan)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def _best(work: Callable[[], None]) -> float:
    def timed() -> float:
        start = time.perf_counter()
        work()
        return time.perf_counter() - start

    return min(timed() for _ in range(ROUNDS))
