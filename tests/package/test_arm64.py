"""The package for arm64, in an emulator: text, handshake, schema and a plan with real Terraform."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from natgw_provider.cli.mirror import terraform_platform, version_folder
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.package import EXECUTABLE, copy_of, zip_name
from support.terraform import unpack
from support.world import SPEED, start_world

pytestmark = [pytest.mark.terraform, pytest.mark.package]

EMULATOR = shutil.which("qemu-aarch64-static") or shutil.which("qemu-aarch64")


@pytest.fixture(scope="module")
def arm64(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if EMULATOR is None:
        pytest.skip("qemu-aarch64-static is not on PATH: apt-get install qemu-user-static")
    return unpack(release / zip_name("linux_arm64"), tmp_path_factory.mktemp("arm64"))


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ScaledClock(SPEED)) as simulator:
        yield simulator


def test_its_starter_explains_itself(arm64: Path) -> None:
    words = [EMULATOR or "", str(arm64 / EXECUTABLE)]
    done = subprocess.run(words, env={}, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert "a Terraform provider" in done.stderr


def test_terraform_reads_its_schema_and_plans(arm64: Path, aws: Simulator, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    folder = copy_of(arm64, version_folder(mirror) / terraform_platform())
    library = f"{folder}/lib"
    # The emulator cannot follow the starter into the loader, so Terraform starts the emulator on the loader itself.
    loader = f"'{library}/ld.so' --inhibit-cache --library-path '{library}' --argv0 '{folder}/{EXECUTABLE}'"
    (folder / EXECUTABLE).unlink()
    (folder / EXECUTABLE).write_text(f"#!/bin/sh\nexec {EMULATOR} {loader} '{library}/natgw'\n")
    (folder / EXECUTABLE).chmod(0o755)
    world = start_world(aws, mirror, tmp_path)
    world.declare_set("10.0.0.20", "10.0.0.21")
    shown = json.loads(world.terraform.ok("providers", "schema", "-json").output)
    assert "natgw_secondary_private_ips" in next(iter(shown["provider_schemas"].values()))["resource_schemas"]
    change = world.terraform.show_plan()
    assert change["after"]["secondary_private_ip_addresses"] == ["10.0.0.20", "10.0.0.21"]
