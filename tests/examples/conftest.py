"""A simulated AWS with the gateways that the examples name, and a way to run an example as its README says."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.repository import ROOT
from support.terraform import Terraform, environment_for, install_into, terraform_environment

STUBS = Path(__file__).parent / "stubs"


@dataclass(frozen=True)
class Workshop:
    """A folder for one example, a folder of stacks for all, and the provider's mirror."""

    folder: Path
    stacks: Path
    mirror: Path
    environment: dict[str, str]

    def copy(self, example: str) -> Path:
        target = self.folder / example
        shutil.copytree(ROOT / "examples" / example, target)
        return target

    def synthesise(self, example: str) -> Path:
        """Return a copy of the folder of an app's only stack."""
        return Path(shutil.copytree(self.synthesised(example), self.folder / example))

    def synthesised(self, example: str) -> Path:
        """Return the folder of an app's only stack, synthesised once in a run."""
        stacks = self.stacks / example / "cdktf.out" / "stacks"
        if not stacks.exists():
            folder = shutil.copytree(ROOT / "examples" / example, self.stacks / example)
            environment = {**self.environment, "PYTHONPATH": str(STUBS)}
            subprocess.run([sys.executable, "main.py"], cwd=folder, env=environment, check=True, timeout=120)
        (stack,) = stacks.iterdir()
        return stack

    def json(self, example: str) -> dict[str, Any]:
        """Return what an app writes."""
        text: dict[str, Any] = json.loads((self.synthesised(example) / "cdk.tf.json").read_text())
        return text

    def terraform(self, folder: Path) -> Terraform:
        terraform = Terraform(folder, self.mirror, self.environment)
        terraform.init()
        return terraform


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_into(tmp_path_factory.mktemp("mirror"))


@pytest.fixture(scope="session")
def stacks(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stacks")


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ScaledClock(100)) as simulator:
        yield simulator


@pytest.fixture
def workshop(aws: Simulator, stacks: Path, mirror: Path, tmp_path: Path) -> Workshop:
    home = tmp_path / "home"
    home.mkdir()
    environment = terraform_environment(home) | environment_for(aws)
    del environment["AWS_REGION"]  # each example names its own
    return Workshop(tmp_path, stacks, mirror, environment)
