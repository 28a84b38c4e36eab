"""`natgw demo`: the main job from declaration to destroy, with real Terraform against the simulator, told step by step.

It works in a temporary folder, with an install of its own, and leaves nothing running and nothing behind.
"""

from __future__ import annotations

import argparse
import difflib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from natgw_provider.cli import demo_needs
from natgw_provider.cli.demo_needs import APP, GATEWAY_ID, NEW_ADDRESS, OLD_ADDRESS, OTHER_GATEWAY_ID
from natgw_provider.cli.install import install

if TYPE_CHECKING:
    from natgw_provider.simulator.simulator import Simulator

CONNECTIONS_LAST_SECONDS: Final = 8
"""The demo's connections end long before the 350 s that they would be granted."""

_EMPTY_PLAN, _CHANGES = 0, 2
_TOOLS_MISSING = 2


class DemoFailed(Exception):  # noqa: N818 - it ends the demo, it is no bug
    """A step did not do what the demo promises."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the demo plays: a working folder, the app in it, and the environment of every command."""

    folder: Path
    environment: Mapping[str, str]
    mirror: Path
    coloured: bool

    @property
    def app(self) -> Path:
        """The CDKTF app, a copy that the demo may change."""
        return self.folder / APP

    @property
    def stack(self) -> Path:
        """The folder of the synthesised stack."""
        (name,) = demo_needs.stacks(self.folder)
        return self.folder / "cdktf.out" / "stacks" / name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("app", nargs="?", type=Path, default=Path(APP), help=demo_needs.APP_HELP)


def run(arguments: argparse.Namespace) -> int:
    """Play the demo: 0 when every step did what it promises, 1 when one did not, 2 when something is missing."""
    missing = demo_needs.missing_tool() or demo_needs.trouble_with_app(arguments.app)
    if missing:
        print(f"natgw demo: {missing}", file=sys.stderr)
        return _TOOLS_MISSING
    from natgw_provider.simulator.simulator import Simulator  # noqa: PLC0415 - an optional extra

    started = time.monotonic()
    with Simulator(region=demo_needs.REGION) as aws, tempfile.TemporaryDirectory(prefix="natgw-demo-") as scratch:
        aws.seed(nat_gateway_id=GATEWAY_ID, cidr=demo_needs.CIDR, primary=demo_needs.PRIMARY, tags={"Name": "egress-a"})
        aws.seed(nat_gateway_id=OTHER_GATEWAY_ID, cidr=demo_needs.OTHER_CIDR, tags={"Name": "egress-b"})
        try:
            _play(_stage(arguments.app, Path(scratch), aws.url), aws)
        except DemoFailed as failure:
            print(f"\nnatgw demo: {failure}", file=sys.stderr)
            return 1
    print(f"\nThat was the whole product, in {time.monotonic() - started:.0f} s. Nothing was left running.")
    return 0


def _play(stage: Stage, aws: Simulator) -> None:
    _say(1, "The declaration", f"{APP} says which addresses each gateway has. It is all that a pull request changes.")
    print(stage.app.read_text(encoding="utf-8"))
    _say(2, "Synthesise and initialise", f"python {APP} writes Terraform's JSON; terraform init finds the provider.")
    _synthesise(stage, OLD_ADDRESS)
    _terraform(stage, "init", f"-plugin-dir={stage.mirror}", "-input=false")
    _say(
        3,
        "The first apply",
        "AWS is asked for the declared addresses, over HTTP. Look at last_change.summary in the plan.",
    )
    _terraform(stage, "apply", "-auto-approve", "-input=false")
    _say(4, "A pull request", f"It swaps {OLD_ADDRESS} for {NEW_ADDRESS}: one line.")
    _change_the_set(stage)
    _synthesise(stage, NEW_ADDRESS)
    _say(
        5,
        "The plan that a reviewer approves",
        "last_change.summary says it in one sentence; in_service_low is how far capacity drops on the way.",
    )
    _terraform(stage, "plan", "-input=false", "-out=reviewed.tfplan", "-detailed-exitcode", expect=_CHANGES)
    _say(
        6,
        "The drain",
        f"Make before break: {NEW_ADDRESS} first, then {OLD_ADDRESS} drains for up to 350 s. "
        f"Here its connections end after {CONNECTIONS_LAST_SECONDS} s, and so does the wait.",
    )
    aws.set_connections(GATEWAY_ID, OLD_ADDRESS, CONNECTIONS_LAST_SECONDS)
    _terraform(stage, "apply", "-input=false", "reviewed.tfplan")
    _show_calls(aws)
    _say(7, "A second plan", "It is empty: the gateways are what the declaration says.")
    _terraform(stage, "plan", "-input=false", "-detailed-exitcode", expect=_EMPTY_PLAN)
    _say(8, "Destroy", "The managed addresses drain and go; the gateways and their primaries stay.")
    _end_all_connections(aws)
    _terraform(stage, "destroy", "-auto-approve", "-input=false")


def _stage(app: Path, scratch: Path, url: str) -> Stage:
    mirror = scratch / "mirror"
    for _ in install(mirror, scratch / "note"):
        pass
    folder = scratch / "app"
    folder.mkdir()
    shutil.copy(app, folder / APP)
    return Stage(folder, _environment(url), mirror, _coloured())


def _coloured() -> bool:
    """Whether a person looks at a terminal, and has not said that colours are unwelcome (https://no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def _environment(url: str) -> dict[str, str]:
    """The user's environment, less what would change Terraform's behaviour, plus where the simulated AWS is."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "AWS_", "CDKTF_"))}
    return {
        **kept,
        **({} if _coloured() else {"NO_COLOR": "1"}),
        "NATGW_PYTHON": sys.executable,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "JSII_NODE": demo_needs.node() or "node",
        "NODE_NO_WARNINGS": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
        "AWS_ACCESS_KEY_ID": "demo",
        "AWS_SECRET_ACCESS_KEY": "demo",
        "AWS_REGION": demo_needs.REGION,
        "AWS_ENDPOINT_URL_EC2": url,
        "AWS_ENDPOINT_URL_STS": url,
    }


def _synthesise(stage: Stage, address: str) -> None:
    _run(stage, [sys.executable, APP], stage.folder, f"$ python {APP}")
    trouble = demo_needs.trouble_with_stacks(stage.folder, address)
    if trouble:
        raise DemoFailed(trouble)


def _terraform(stage: Stage, command: str, *arguments: str, expect: int = 0) -> None:
    # Terraform colours whatever it writes to, unless it is told: it does not know NO_COLOR.
    words = [command, *([] if stage.coloured else ["-no-color"]), *arguments]
    shown = " ".join(word.replace(str(stage.mirror), "MIRROR") for word in words)
    _run(stage, ["terraform", *words], stage.stack, f"$ terraform {shown}", expect)


def _run(stage: Stage, command: list[str], folder: Path, shown: str, expect: int = 0) -> None:
    print(shown, flush=True)
    done = subprocess.run(command, cwd=folder, env=dict(stage.environment), stdin=subprocess.DEVNULL, check=False)  # noqa: S603 - our own words
    if done.returncode != expect:
        raise DemoFailed(f"`{shown.removeprefix('$ ')}` ended with {done.returncode}, expected was {expect}")


def _change_the_set(stage: Stage) -> None:
    before = stage.app.read_text(encoding="utf-8")
    after = demo_needs.with_the_swap(before)
    stage.app.write_text(after, encoding="utf-8")
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), APP, APP, n=0, lineterm="")
    print("\n".join(lines))


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


def _say(number: int, headline: str, look: str) -> None:
    print(f"\n{'=' * 100}\n{number}. {headline}\n   {look}\n{'=' * 100}", flush=True)
