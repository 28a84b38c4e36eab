"""Each test runs once for every Terraform of the table, against a simulator."""

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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs other versions, which are fetched, unless `make compat` asks."""
    if os.environ.get(SWITCH) != "1":
        here = [item for item in items if item.path.parent == HERE and "release" in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=here)
        items[:] = [item for item in items if item not in here]


def use(release: Release, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `terraform` be this release from now on."""
    assert (release.bin / "terraform").exists(), f"{release} is not there: run `make compat`"
    monkeypatch.setenv("PATH", f"{release.bin}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture(params=RELEASES, ids=str)
def release(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Release:
    """The Terraform that this test runs."""
    chosen: Release = request.param
    use(chosen, monkeypatch)
    return chosen


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return install_into(tmp_path_factory.mktemp("mirror"))


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ScaledClock(SPEED)) as simulator:
        yield simulator


@pytest.fixture
def world(release: Release, aws: Simulator, mirror: Path, tmp_path: Path) -> World:
    """One gateway without secondaries, and a folder that this Terraform has initialised."""
    return start_world(aws, mirror, tmp_path)
