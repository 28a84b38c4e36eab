"""Measures what the code costs its next owner: size by layer, and the files that one plan and one apply pass through.

`python tools/measure.py` counts the hand-written Python of this checkout, or of the checkout that `--repo` names.
`--follow` also runs one plan and one apply of a swap with the real Terraform against the simulator, and lists every
file of the package in which a function ran; it needs the checkout's environment and `terraform` on PATH.
"""

from __future__ import annotations

import argparse
import ast
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median
from types import FrameType
from typing import Any

GENERATED = (
    "_pb2.py",
    "natgw_constructs/cdktf/",
    "natgw_constructs/cdktn/",
    "structs.py",
    "natgw_constructs/gateway.py",
)
ROOTS = ("constructs", "handlers", "tools", "main.py")
GATEWAY = "nat-0a1b2c3d4e5f67890"


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
    parser.add_argument("--follow", action="store_true", help="also run a plan and an apply, and list their files")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        return _serve(arguments.serve, arguments.repo)
    _print_sizes(arguments.repo)
    if arguments.follow:
        for command, files in _follow(arguments.repo):
            print(f"\n{command}: {len(files)} files\n  " + "\n  ".join(files))
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
    tests = sum(len(path.read_text(encoding="utf-8").splitlines()) for path in (repo / "tests").rglob("*.py"))
    print(f"{'tests':12}{tests:6}")


def _follow(repo: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield "plan" and "apply" of a swap of one address, with the files that each runs through."""
    command = [
        str(repo / ".venv" / "bin" / "natgw"),
        "simulator",
        "--json",
        "--speed",
        "100",
        "--seed-gateway",
        GATEWAY,
    ]
    with tempfile.TemporaryDirectory() as folder, subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as aws:
        place = Path(folder)
        assert aws.stdout is not None  # noqa: S101 - a pipe was asked for
        url = json.loads(aws.stdout.readline())["url"]
        for address, verb in (("10.0.0.21", "apply"), ("10.0.0.22", "plan"), ("10.0.0.22", "apply")):
            (place / "main.tf").write_text(_configuration(url, address), encoding="utf-8")
            files = _run(verb, place, repo)
            if address == "10.0.0.22":
                yield verb, files
        aws.terminate()


def _configuration(url: str, address: str) -> str:
    return f"""
terraform {{
  required_providers {{
    natgw = {{ source = "natgw/natgw" }}
  }}
}}
provider "natgw" {{
  region     = "eu-central-1"
  access_key = "simulator"
  secret_key = "simulator"
  endpoints  = {{ ec2 = "{url}", sts = "{url}" }}
}}
resource "natgw_secondary_private_ips" "this" {{
  nat_gateway_id                 = "{GATEWAY}"
  secondary_private_ip_addresses = ["{address}"]
  max_drain_duration_seconds     = 1
}}
"""


def _run(command: str, place: Path, repo: Path) -> list[str]:
    output = place / "files.json"
    server = subprocess.Popen(
        [sys.executable, __file__, "--serve", str(output), "--repo", str(repo)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None  # noqa: S101 - a pipe was asked for
    setting = server.stdout.readline().strip().partition("=")[2].strip("'")
    environment = {**os.environ, "TF_REATTACH_PROVIDERS": setting, "TF_CLI_CONFIG_FILE": os.devnull}
    extra = ["-auto-approve"] if command == "apply" else []
    subprocess.run(["terraform", "init", "-no-color"], cwd=place, env=environment, check=True, capture_output=True)
    subprocess.run(
        ["terraform", command, "-no-color", *extra], cwd=place, env=environment, check=True, capture_output=True
    )
    server.terminate()
    server.wait()
    return list(json.loads(output.read_text(encoding="utf-8")))


def _serve(output: Path, repo: Path) -> int:
    """Serve the provider in debug mode, and write the files in which a function ran between its start and its end."""
    from natgw_provider.bridge.server import serve_debug  # noqa: PLC0415 - only in the child
    from natgw_provider.resources.provider import NatgwProvider  # noqa: PLC0415

    package = str(repo / "handlers" / "natgw_provider")
    files: set[str] = set()

    def note(frame: FrameType, event: str, _: Any) -> None:
        is_function = frame.f_code.co_flags & 0x1  # CO_OPTIMIZED: neither a module's nor a class's body
        if event == "call" and is_function and frame.f_code.co_filename.startswith(package):
            files.add(frame.f_code.co_filename.removeprefix(package + "/"))

    threading.setprofile(note)
    sys.setprofile(note)
    code = serve_debug(NatgwProvider, "registry.terraform.io/natgw/natgw")
    sys.setprofile(None)
    output.write_text(json.dumps(sorted(files)), encoding="utf-8")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
