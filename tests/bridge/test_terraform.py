"""The fake provider under the real terraform: what users and their states go through."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bridge.plugin_client import PROGRAM, is_running, until

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not installed"),
]

HEAD = 'terraform {\n  required_providers {\n    fake = {\n      source = "local/fake"\n    }\n  }\n}\n'


@dataclass(frozen=True)
class Terraform:
    """A working folder with the fake provider installed in a mirror of its own."""

    folder: Path

    @property
    def world(self) -> Path:
        return self.folder / "world"

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "PLUGIN_", "PYTHON"))}
        return kept | {
            "TF_CLI_CONFIG_FILE": str(self.folder / "terraformrc"),
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_ARGS": "-no-color",
            "FAKE_WORLD": str(self.world),
            "XDG_CACHE_HOME": str(self.folder / "cache"),
        }

    def install(self) -> None:
        plain = {name: value for name, value in self.environment.items() if name != "TF_CLI_CONFIG_FILE"}
        described = json.loads(subprocess.check_output(["terraform", "version", "-json"], env=plain))
        target = self.folder / "mirror/registry.terraform.io/local/fake/1.0.0" / described["platform"]
        target.mkdir(parents=True)
        self.world.mkdir()
        program = target / "terraform-provider-fake"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{PROGRAM}" "$@"\n')
        program.chmod(0o755)
        mirror = f'  filesystem_mirror {{\n    path = "{self.folder}/mirror"\n  }}\n'
        (self.folder / "terraformrc").write_text(f"provider_installation {{\n{mirror}}}\n")

    def declare(self, *resources: str) -> None:
        (self.folder / "main.tf").write_text(HEAD + "\n".join(resources))

    def command(self, *words: str) -> list[str]:
        return ["terraform", f"-chdir={self.folder}", *words]

    def run(self, *words: str, succeeds: bool = True, **variables: str) -> str:
        ended = subprocess.run(
            self.command(*words),
            env=self.environment | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert (ended.returncode == 0) == succeeds, ended.stdout
        assert "Traceback" not in ended.stdout
        return ended.stdout

    def apply(self, *, succeeds: bool = True) -> str:
        return self.run("apply", "-auto-approve", succeeds=succeeds)

    @contextmanager
    def applying(self) -> Iterator[subprocess.Popen[str]]:
        """Begin an apply, in a process group of its own, as a terminal would."""
        process = subprocess.Popen(
            self.command("apply", "-auto-approve"),
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)

    def state(self) -> dict[str, Any]:
        """Return the attributes of every resource by its name, and whether it is tainted."""
        stored = json.loads((self.folder / "terraform.tfstate").read_text())
        instances = {resource["name"]: resource["instances"][0] for resource in stored["resources"]}
        return {name: i["attributes"] | {"tainted": i.get("status") == "tainted"} for name, i in instances.items()}


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    terraform = Terraform(tmp_path)
    terraform.install()
    terraform.declare(thing())
    terraform.run("init")
    return terraform


def thing(label: str = "a", **arguments: Any) -> str:
    lines = [f"  {name} = {json.dumps(value)}" for name, value in ({"name": label} | arguments).items()]
    return f'resource "fake_thing" "{label}" {{\n' + "\n".join(lines) + "\n}\n"


def test_an_exception_in_a_create_an_update_and_a_destroy_loses_nothing(terraform: Terraform) -> None:
    terraform.declare(thing("updated"), thing("destroyed", script="raise:destroy"))
    terraform.apply()
    before = terraform.state()
    terraform.declare(thing("updated", size=3, script="raise:apply"), thing("created", script="raise:apply"))
    output = terraform.apply(succeeds=False)
    assert output.count("Error: natgw bug: RuntimeError in ApplyResourceChange of fake_thing") == 3
    assert output.count("the thing broke") == 3
    assert terraform.state() == before


def test_killing_terraform_leaves_no_process_behind(terraform: Terraform) -> None:
    terraform.declare(thing(script="wait:apply"))
    with terraform.applying() as process:
        started = terraform.world / "a.started"
        until(lambda: started.exists() and started.read_text())
        provider = int(started.read_text())
        assert is_running(provider)
        process.send_signal(signal.SIGKILL)
        until(lambda: not is_running(provider))
        assert (terraform.world / "a.stopped").exists()


def test_the_log_is_read_by_terraform_line_by_line(terraform: Terraform) -> None:
    terraform.declare(thing(script="print:plan"))
    output = terraform.run("plan", TF_LOG_PROVIDER="INFO")
    assert "[INFO]  provider" in output
    assert "a line" in output
    assert "natgw" in output
