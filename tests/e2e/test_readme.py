"""What the README tells a stranger to type works, block by block, in a home and an environment of their own.

The dependencies come from the environment that runs the tests, so that no network is needed; natgw itself is built from
a copy of the repository.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from textwrap import dedent

import pytest

from natgw_provider.simulator.simulator import Simulator
from support.repository import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
GATEWAY = "nat-0a1b2c3d4e5f67890"

pytestmark = pytest.mark.terraform


class Stranger:
    """A person with an empty home and a clone."""

    def __init__(self, folder: Path) -> None:
        self.home, self.clone, self.network = (folder / name for name in ("home", "clone", "network"))
        for path in (self.home, self.network, folder / "bin"):
            path.mkdir()
        tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
        for name in tracked.rstrip("\0").split("\0"):
            (self.clone / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, self.clone / name)
        python = folder / "bin" / "python3"
        python.write_text(
            f'#!/bin/sh\n"{sys.executable}" "$@" || exit 1\n'
            f'for site in "$3"/lib/python*/site-packages; do echo "{sysconfig.get_path("purelib")}" '
            '> "$site/dependencies.pth"; done\n'
        )
        python.chmod(0o755)
        self.environment = {
            "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
            "HOME": str(self.home),
            "CHECKPOINT_DISABLE": "1",
            "TF_CLI_ARGS": "-no-color",
            "PIP_NO_INDEX": "1",
            "PIP_NO_DEPS": "1",
            "PIP_NO_BUILD_ISOLATION": "false",  # pip's way to say that there is none
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        }

    def types(self, block: str, folder: Path, **environment: str) -> str:
        """Run a block as a reader who says yes to what is asked; return what is printed."""
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block],
            cwd=folder,
            env=self.environment | environment,
            input="yes\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=240,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    @contextmanager
    def keeps_running(self, block: str) -> Iterator[str]:
        """Run a block that serves until Ctrl-C; yield what it prints up to there."""
        command = ["bash", "-c", f"exec {block}"]
        with subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, text=True) as process:
            try:
                printed = ""
                while "Ctrl-C" not in printed:
                    assert process.stdout
                    printed += process.stdout.readline()
                    assert process.poll() is None, printed
                yield printed
            finally:
                process.terminate()


def blocks(section: str) -> list[str]:
    """Return the shell and HCL blocks of a section, in order."""
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## )", README, re.DOTALL | re.MULTILINE)
    return re.findall(r"```(?:sh|hcl)\n(.*?)```", text, re.DOTALL)


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> Stranger:
    """Return a stranger who has followed the section that installs."""
    reader = Stranger(tmp_path_factory.mktemp("stranger"))
    (install,) = blocks("Install")
    assert "terraform init" in reader.types(install, reader.clone)
    return reader


def test_a_rehearsal_ends_with_an_empty_plan(stranger: Stranger) -> None:
    simulator, terraform = blocks("Rehearse a change without AWS")
    with stranger.keeps_running(simulator) as printed:
        (configuration,) = re.findall(r"^  terraform \{.*?^  resource .*?^  \}", printed, re.DOTALL | re.MULTILINE)
        (stranger.network / "main.tf").write_text(dedent(configuration))
        output = stranger.types(terraform, stranger.network)
    assert "Apply complete! Resources: 1 added" in output
    assert "No changes." in output


def test_real_use_plans_with_the_configuration_shown(stranger: Stranger, tmp_path: Path) -> None:
    configuration, terraform = blocks("Use it on AWS")
    (tmp_path / "main.tf").write_text(configuration)
    with Simulator() as aws:
        aws.seed(nat_gateway_id=GATEWAY)
        keys = {"AWS_ACCESS_KEY_ID": "simulator", "AWS_SECRET_ACCESS_KEY": "simulator"}
        endpoints = {"AWS_ENDPOINT_URL_EC2": aws.url, "AWS_ENDPOINT_URL_STS": aws.url}
        output = stranger.types(terraform, tmp_path, **keys, **endpoints)
    assert "Plan: 1 to add, 0 to change, 0 to destroy." in output
    assert "assign 10.0.0.21, 10.0.0.22" in output
