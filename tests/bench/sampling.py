"""Measures commands from outside: wall time, CPU time and peak memory, as medians with their spread."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

_WATCH: Final = """
import json, os, sys, time
started = time.perf_counter()
child = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ)
_, status, usage = os.wait4(child, 0)
used = time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
print(json.dumps([os.waitstatus_to_exitcode(status), *used]), file=open("usage", "w"))
"""
"""Starts a command from a small process: a large one would count as the command's own peak."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One run: seconds on the wall, seconds of CPU (with what it started), MiB of the largest process among them."""

    wall: float
    cpu: float
    memory: float


def run_command(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Sample:
    """Run a command that must succeed, silently; raises AssertionError with its output."""
    watch = [sys.executable, "-IS", "-c", _WATCH, *command]
    done = subprocess.run(
        watch, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, check=True
    )
    code, wall, cpu, memory = json.loads((folder / "usage").read_text())
    assert code == 0, done.stdout + done.stderr
    return Sample(wall, cpu, memory)


def summary(samples: Sequence[Sample]) -> str:
    """Return the figures of one thing measured several times."""
    walls = seconds([sample.wall for sample in samples])
    cpu, memory = median(sample.cpu for sample in samples), median(sample.memory for sample in samples)
    return f"{walls}, CPU {cpu:.2f} s, largest process {memory:.0f} MiB"


def seconds(values: Sequence[float]) -> str:
    """Return the median and the spread of times."""
    return f"{median(values):.2f} s ({min(values):.2f} to {max(values):.2f})"


def milliseconds(values: Sequence[float]) -> str:
    """Return the median and the spread of short times, given in seconds."""
    return f"{median(values) * 1000:.0f} ms ({min(values) * 1000:.0f} to {max(values) * 1000:.0f})"
