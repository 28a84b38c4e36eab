"""A resource's whole life, with real Terraform, in root directories that hold next to nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from bundle_parts import MACHINES, debian_root
from natgw_provider import __version__
from natgw_provider.cli.mirror import terraform_platform
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.package import SOURCE
from support.terraform import Terraform, unpack
from support.world import GATEWAY, SPEED, World

pytestmark = [pytest.mark.terraform, pytest.mark.package]

OTHER_USER = "1234:1234"
CHROOT = shutil.which("chroot", path=f"{os.environ['PATH']}:/usr/sbin")
PLAN = "/tmp/plan"  # noqa: S108 - of a root directory of its own
SETTINGS = 'provider_installation {\n  filesystem_mirror { path = "/mirror" }\n}\n'
HOSTILE = {
    **dict.fromkeys(("PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH"), "/decoy"),
    "LD_PRELOAD": "/decoy/libc.so.6",
    "PYTHONSTARTUP": "/decoy/os.py",
}


@dataclass(frozen=True)
class Root(Terraform):
    """Terraform in a root directory of its own, in a working folder of another user, with the package in a mirror."""

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        chroot = [CHROOT or "chroot", f"--userspec={OTHER_USER}", str(self.path)]
        return subprocess.Popen(
            [*chroot, "/terraform", f"-chdir=/{self.folder.name}", *arguments],
            env={"CHECKPOINT_DISABLE": "1", "NO_COLOR": "1", "TF_CLI_CONFIG_FILE": "/settings", **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    @property
    def path(self) -> Path:
        """The root directory."""
        return self.folder.parent


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ScaledClock(SPEED)) as simulator:
        simulator.seed(nat_gateway_id=GATEWAY, primary="10.0.0.10")
        yield simulator


@pytest.fixture
def bare(tmp_path: Path) -> Root:
    """No libc, no shell, no Python, no HOME, no /proc, no /dev."""
    if os.geteuid() != 0 or CHROOT is None:
        pytest.skip("only root can change the root directory")
    terraform = shutil.which("terraform")
    assert terraform is not None
    path = tmp_path / "root"
    root = Root(path / "wörk dir", path / "mirror", {})
    for folder in (path / "tmp", root.folder, root.mirror):
        folder.mkdir(parents=True)
    (path / "tmp").chmod(0o1777)
    os.chown(root.folder, 1234, 1234)
    shutil.copy(Path(terraform).resolve(), path / "terraform")
    (path / "settings").write_text(SETTINGS)
    probe = subprocess.run([CHROOT, path, "/terraform", "version"], env={}, capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"this terraform does not start in a root directory of its own: {probe.stderr.decode()}")
    return root


def packed(root: Root, package_zip: Path) -> None:
    place = root.mirror / SOURCE
    place.mkdir(parents=True)
    shutil.copy(package_zip, place)


def unpacked_and_read_only(root: Root, package_zip: Path) -> None:
    place = unpack(package_zip, root.mirror / SOURCE / __version__ / terraform_platform())
    for path in (place, *place.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def live(root: Root, aws: Simulator) -> None:
    """Create two addresses, swap one of them with a drain, see an empty plan, destroy."""
    world = World(aws, aws.client(), root)
    world.declare_set("10.0.0.20", "10.0.0.21")
    root.ok("init", "-input=false")
    assert "Plan: 1 to add" in root.plan(f"-out={PLAN}").text
    root.ok("apply", "-input=false", PLAN)
    world.declare_set("10.0.0.20", "10.0.0.22")
    assert "drains 1 address" in root.plan(f"-out={PLAN}").text
    root.ok("apply", "-input=false", PLAN)
    root.assert_empty_plan()
    assert ("Unassign", ("10.0.0.21",)) in world.mutations()
    root.destroy()
    assert world.addresses() == {}


def test_in_a_root_directory_that_holds_nothing_else(bare: Root, aws: Simulator, package_zip: Path) -> None:
    packed(bare, package_zip)
    live(bare, aws)


def test_read_only_on_musl_with_a_shell(bare: Root, aws: Simulator, package_zip: Path) -> None:
    machine = MACHINES[terraform_platform()]
    busybox = shutil.which("busybox")
    library = debian_root(machine) / "lib" / f"{machine.processor}-linux-musl" / "libc.so"
    (bare.path / "lib").mkdir()
    shutil.copy(library, bare.path / "lib" / f"ld-musl-{machine.processor}.so.1")
    if busybox:
        (bare.path / "bin").mkdir()
        shutil.copy(busybox, bare.path / "bin" / "sh")
    unpacked_and_read_only(bare, package_zip)
    live(bare, aws)


def test_beside_another_glibc_and_a_python_that_must_not_be_used(bare: Root, aws: Simulator, package_zip: Path) -> None:
    """The decoys break whatever loads them."""
    machine = MACHINES[terraform_platform()]
    decoy = bare.path / "decoy"
    for folder in (decoy, bare.path / "lib" / machine.triplet, bare.path / "usr/lib/python3.11", bare.path / "etc"):
        folder.mkdir(parents=True)
    shutil.copytree(
        debian_root(machine) / "lib" / machine.triplet, bare.path / "lib" / machine.triplet, dirs_exist_ok=True
    )
    for name in ("libc.so.6", "libssl.so.3", "libcrypto.so.3", "libz.so.1"):
        (decoy / name).write_bytes(b"no library")
    for folder in (decoy, bare.path / "usr/lib/python3.11"):
        for name in ("os.py", "encodings.py", "sitecustomize.py", "boto3.py"):
            (folder / name).write_text("raise SystemExit('a module of the host was imported')")
    (bare.path / "etc" / "ld.so.conf").write_text("/decoy\n")
    packed(bare, package_zip)
    live(replace(bare, environment=HOSTILE), aws)
