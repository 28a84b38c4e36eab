"""Fuzzes with atheris: `make fuzz`, `make fuzz SECONDS=3600`, `make fuzz TARGETS="msgpack-value review-plan"`.

The seconds are shared among the targets, one process after the other. Inputs that reached something new are kept in
`.fuzz/corpus`, and the next run continues from there; an input that fails is kept in `.fuzz/findings`, and
`run.py --again FILE TARGET` tries it again. A finding becomes a test.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import atheris

HOME = Path(__file__).parents[2] / ".fuzz"
_LONGEST_INPUT = 16_384
_LONGEST_RUN_SECONDS = 20
_MEMORY_MIB = 2048


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one target. `coverage` counts libFuzzer's edges; `finding` is empty when nothing failed."""

    name: str
    executions: int
    coverage: int
    seconds: int
    finding: str


def fuzz(name: str, seconds: int) -> Result:
    """Fuzz one target in a process of its own."""
    corpus, findings = HOME / "corpus" / name, HOME / "findings"
    for folder in (corpus, findings):
        folder.mkdir(parents=True, exist_ok=True)
    command = [
        *(sys.executable, __file__, "--one", name, str(corpus)),
        f"-max_total_time={seconds}",
        f"-timeout={_LONGEST_RUN_SECONDS}",
        f"-rss_limit_mb={_MEMORY_MIB}",
        f"-max_len={_LONGEST_INPUT}",
        f"-artifact_prefix={findings}/{name}-",
        "-print_final_stats=1",
    ]
    ended = subprocess.run(command, capture_output=True, check=False)
    said = ended.stderr.decode(errors="replace")
    return Result(
        name,
        executions=_last_number(r"(?:stat::number_of_executed_units:|^#)\s*(\d+)", said),
        coverage=_last_number(r"cov: (\d+)", said),
        seconds=seconds,
        finding="" if ended.returncode == 0 else ended.stdout.decode(errors="replace") + _finding_lines(said),
    )


def _finding_lines(said: str) -> str:
    """Return libFuzzer's lines about a finding: what it is, and where the input is kept."""
    return "\n".join(line for line in said.splitlines() if re.match(r"==|SUMMARY|artifact_prefix|Base64", line))


def _last_number(pattern: str, text: str) -> int:
    found = re.findall(pattern, text, re.MULTILINE)
    return int(found[-1]) if found else 0


def fuzz_one(name: str, arguments: Sequence[str]) -> None:
    """Fuzz one target in this process until libFuzzer ends it."""
    with atheris.instrument_imports(include=["natgw_provider"], exclude=["natgw_provider.simulator"]):
        from fuzz.targets import TARGETS  # noqa: PLC0415 - what is imported here is instrumented
    target = TARGETS[name]
    for seed in target.seeds():
        Path(arguments[0], hashlib.sha256(seed).hexdigest()[:16]).write_bytes(seed)
    atheris.Setup([sys.argv[0], *arguments], target.run)
    atheris.Fuzz()


def main() -> int:
    """Fuzz the targets of the command line; return 1 after a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=120, help="for all targets together; default: %(default)s")
    parser.add_argument("--again", type=Path, metavar="FILE", help="run this input alone")
    parser.add_argument("targets", nargs="*")
    arguments = parser.parse_args()
    from fuzz.targets import TARGETS  # noqa: PLC0415 - not before `fuzz_one`, which instruments it

    names = arguments.targets or list(TARGETS)
    if unknown := sorted(set(names) - set(TARGETS)):
        parser.error(f"no such target: {', '.join(unknown)}; the targets are {', '.join(TARGETS)}")
    if arguments.again is not None:
        for name in names:
            TARGETS[name].run(arguments.again.read_bytes())
        return 0
    results = []
    for name in names:
        results.append(fuzz(name, max(1, arguments.seconds // len(names))))
        sys.stdout.write(_line(results[-1]))
        sys.stdout.flush()
    return int(any(result.finding for result in results))


def _line(result: Result) -> str:
    figures = f"{result.name:18} {result.executions:>9} executions {result.coverage:>5} edges {result.seconds:>5} s"
    return f"{figures}  FINDING\n{result.finding}\n" if result.finding else f"{figures}  nothing found\n"


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        fuzz_one(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(main())
