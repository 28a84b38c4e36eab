"""A simulator with one gateway, and a Terraform folder that points to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.terraform import install_into
from support.world import SPEED, World, start_world


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
    return start_world(aws, mirror, tmp_path)
