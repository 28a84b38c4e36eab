"""A simulator with one gateway, and a Terraform folder that points to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.terraform import Terraform, install_into, terraform_environment
from support.world import GATEWAY, SPEED, World


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_into(tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ScaledClock(SPEED)) as simulator:
        yield simulator


@pytest.fixture
def world(aws: Simulator, mirror: Path, tmp_path: Path) -> World:
    """One gateway without secondaries, and an initialised folder."""
    aws.seed(nat_gateway_id=GATEWAY, primary="10.0.0.10")
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    terraform = Terraform(folder, mirror, terraform_environment(home))
    world = World(aws, aws.client(), terraform)
    terraform.write(world.provider_block())
    terraform.init()
    return world
