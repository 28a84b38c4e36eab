"""A simulator with one gateway, and a Terraform folder that points to it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from natgw_provider.cli.mirror import terraform_platform, version_folder
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.package import shared_release, why_no_release, zip_name
from support.terraform import install_into, unpack
from support.world import SPEED, World, start_world

LAUNCHER, PACKAGE = "launcher", "package"
TESTED = PACKAGE if os.environ.get("NATGW_PACKAGE") and not why_no_release() else LAUNCHER
"""What runs the tests: with NATGW_PACKAGE=1 the self-contained package, where this machine can build it."""

ON_THE_LAUNCHER_TOO = pytest.mark.parametrize("mirror", sorted({LAUNCHER, TESTED}), indirect=True)
"""Marks a test of what the package's processes could do differently."""


@pytest.fixture(scope="session")
def mirror(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A mirror with the launcher or the package."""
    folder = tmp_path_factory.mktemp("mirror")
    if getattr(request, "param", TESTED) == LAUNCHER:
        return install_into(folder)
    archive = shared_release(tmp_path_factory) / zip_name(terraform_platform())
    unpack(archive, version_folder(folder) / terraform_platform())
    return folder


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ScaledClock(SPEED)) as simulator:
        yield simulator


@pytest.fixture(params=KINDS, ids=lambda kind: kind.connectivity)
def kind(request: pytest.FixtureRequest) -> AddressKind:
    chosen: AddressKind = request.param
    return chosen


@pytest.fixture
def small(aws: Simulator, mirror: Path, tmp_path: Path, kind: AddressKind) -> World:
    """A gateway of either kind without secondaries, which may have two."""
    return start_world(aws, mirror, tmp_path, kind, quota=3)


@pytest.fixture
def large(aws: Simulator, mirror: Path, tmp_path: Path, kind: AddressKind) -> World:
    """A gateway of either kind without secondaries, which may have seven."""
    return start_world(aws, mirror, tmp_path, kind, quota=8)


@pytest.fixture
def world(aws: Simulator, mirror: Path, tmp_path: Path) -> World:
    """One private gateway without secondaries, and an initialised folder."""
    return start_world(aws, mirror, tmp_path)
