"""Runs the real `terraform` binary with the provider installed in a mirror of its own, for the end-to-end tests.

Nothing of the user's own Terraform settings reaches it, and it leaves nothing behind outside its folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from natgw_provider.cli.mirror import terraform_platform, write_launchers
from support.waiting import wait_for

if TYPE_CHECKING:
    from natgw_provider.simulator.simulator import Simulator

_FRAME = re.compile(r"^[│╷╵]\s?", re.MULTILINE)


def terraform_environment(home: Path) -> dict[str, str]:
    """Return an environment with only what Terraform and our provider need."""
    kept = ("PATH", "LANG", "TMPDIR")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(home),
        "NATGW_PYTHON": sys.executable,
        "CHECKPOINT_DISABLE": "1",
        "TF_IN_AUTOMATION": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "NO_COLOR": "1",
        "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
    }


def environment_for(aws: Simulator) -> dict[str, str]:
    """Return the variables with which natgw and Terraform find a simulator."""
    return {
        "AWS_ENDPOINT_URL": aws.url,
        "AWS_REGION": aws.region,
        "AWS_ACCESS_KEY_ID": "simulator",
        "AWS_SECRET_ACCESS_KEY": "simulator",
    }


def install_into(mirror: Path) -> Path:
    """Install the launcher for this checkout into a mirror and return the mirror."""
    write_launchers(mirror, [terraform_platform()])
    return mirror


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a provider's package as Terraform does, modes included, and return the folder."""
    with zipfile.ZipFile(archive) as opened:
        for entry in opened.infolist():
            Path(opened.extract(entry, folder)).chmod(entry.external_attr >> 16 & 0o777)
    return folder


@dataclass(frozen=True, slots=True)
class Result:
    """What a command printed and returned; `text` has no frames and its white space is folded."""

    exit_code: int
    output: str

    @property
    def text(self) -> str:
        """The output as running text, so that an assertion does not depend on where Terraform broke a line."""
        return " ".join(_FRAME.sub("", self.output).split())


@dataclass(frozen=True)
class Terraform:
    """One working folder."""

    folder: Path
    mirror: Path
    environment: Mapping[str, str]
    variables: dict[str, str] = field(default_factory=dict)

    def write(self, text: str, name: str = "main.tf") -> None:
        """Replace a configuration file."""
        (self.folder / name).write_text(text, encoding="utf-8")

    def run(self, *arguments: str, timeout: float = 120) -> Result:
        """Run a command to its end."""
        with self.start(*arguments) as process:
            try:
                output, _ = process.communicate(timeout=timeout)
            except BaseException:  # a timeout, or Ctrl-C, which does not reach the group
                os.killpg(process.pid, signal.SIGKILL)
                raise
        return Result(process.returncode, output)

    def ok(self, *arguments: str) -> Result:
        """Run a command that must succeed."""
        result = self.run(*arguments)
        assert result.exit_code == 0, result.output
        return result

    def init(self) -> None:
        """Initialise the folder from the mirror."""
        self.ok("init", f"-plugin-dir={self.mirror}", "-input=false")

    def apply(self, *options: str) -> Result:
        """Apply; it must succeed."""
        return self.ok("apply", "-auto-approve", "-input=false", "-no-color", *options)

    def fail_apply(self, *options: str) -> Result:
        """Apply; it must fail."""
        result = self.run("apply", "-auto-approve", "-input=false", "-no-color", *options)
        assert result.exit_code == 1, result.output
        return result

    def plan(self, *options: str) -> Result:
        """Plan; 0 is an empty plan, 2 one with changes."""
        result = self.run("plan", "-detailed-exitcode", "-input=false", "-no-color", *options)
        assert result.exit_code in (0, 2), result.output
        return result

    def fail_plan(self, *options: str) -> Result:
        """Plan; it must fail."""
        result = self.run("plan", "-input=false", "-no-color", *options)
        assert result.exit_code == 1, result.output
        return result

    def assert_empty_plan(self) -> None:
        """Assert that a plan proposes nothing."""
        result = self.plan()
        assert result.exit_code == 0, result.output

    def destroy(self) -> Result:
        """Destroy; it must succeed."""
        return self.ok("destroy", "-auto-approve", "-input=false", "-no-color")

    def show_plan(self, *options: str) -> dict[str, Any]:
        """Plan into a file, and return the planned change of the first resource of ours as JSON."""
        self.plan("-out=tfplan", *options)
        shown: dict[str, Any] = json.loads(self.ok("show", "-json", "tfplan").output)
        return next(change["change"] for change in shown["resource_changes"] if change["type"].startswith("natgw_"))

    def state(self) -> dict[str, Any]:
        """Return the attributes of the only resource of ours in the state."""
        [state] = self.states()
        return state

    def states(self) -> list[dict[str, Any]]:
        """Return the attributes of every resource of ours in the state."""
        shown = json.loads(self.ok("show", "-json").output)
        resources = shown.get("values", {}).get("root_module", {}).get("resources", [])
        return [one["values"] for one in resources if one["type"].startswith("natgw_secondary_")]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, its output piped."""
        return subprocess.Popen(
            [shutil.which("terraform") or "terraform", *arguments],
            cwd=self.folder,
            env=dict(self.environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def break_off(
        self, moment: Callable[[], bool], how: Callable[[subprocess.Popen[str]], None], command: str = "apply"
    ) -> Result:
        """Start a command and end it by `interrupt`, `kill` or the like as soon as `moment` is true; it must fail."""
        approved = ["-auto-approve", "-lock=false"] if command == "apply" else []
        with self.start(command, *approved, "-input=false", "-no-color") as process:
            wait_for(moment, "the moment to break off")
            how(process)
            output, _ = process.communicate(timeout=60)
        assert process.returncode != 0, output
        return Result(process.returncode, output)


def interrupt(process: subprocess.Popen[str]) -> None:
    """Send SIGINT to the whole group, as a terminal does for Ctrl-C."""
    os.killpg(process.pid, signal.SIGINT)


def kill(process: subprocess.Popen[str]) -> None:
    """Kill Terraform and the providers that it started."""
    os.killpg(process.pid, signal.SIGKILL)
