"""What these tests run against: one Terraform of the table, which `make compat` names, and a simulator."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from compat.releases import RELEASES, SWITCH, Release
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.terraform import install_into
from support.world import SPEED, World, start_world

HERE = Path(__file__).parent
CHOSEN = next((release for release in RELEASES if release.terraform == os.environ.get(SWITCH)), None)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip the tests that need another Terraform, which is downloaded, except in `make compat`."""
    if CHOSEN is None:
        here = [item for item in items if item.path.parent == HERE and item.path.name != "test_releases.py"]
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]


def since(minor: tuple[int, int], *, before: tuple[int, int] = (2, 0)) -> pytest.MarkDecorator:
    """Run a test with the versions that have what it uses, and not yet what took its place."""
    has_it = CHOSEN is not None and minor <= CHOSEN.minor < before
    return pytest.mark.skipif(not has_it, reason="not in this Terraform")


@pytest.fixture(scope="session")
def release() -> Release:
    assert CHOSEN is not None
    return CHOSEN


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_into(tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ScaledClock(SPEED)) as simulator:
        yield simulator


@pytest.fixture
def world(aws: Simulator, mirror: Path, tmp_path: Path) -> World:
    """One gateway without secondaries, and a folder that this Terraform has initialised."""
    return start_world(aws, mirror, tmp_path)
