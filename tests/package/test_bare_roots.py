"""A resource's whole life, with real Terraform, in root directories that hold next to nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bundle_parts import MACHINES, debian_root
from natgw_provider import __version__
from natgw_provider.cli.mirror import terraform_platform
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.package import SOURCE
from support.terraform import Result, unpack
from support.world import GATEWAY, SPEED

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
class Root:
    """A root directory with Terraform, a working folder of another user, and the package in a mirror."""

    path: Path
    environment: dict[str, str]
    work: str = "wörk dir"

    def terraform(self, *words: str) -> Result:
        command = [CHROOT or "chroot", f"--userspec={OTHER_USER}", str(self.path), "/terraform", f"-chdir=/{self.work}"]
        environment = {"CHECKPOINT_DISABLE": "1", "TF_CLI_CONFIG_FILE": "/settings", **self.environment}
        done = subprocess.run(
            [*command, *words, "-no-color"], env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        return Result(done.returncode, done.stdout + done.stderr)

    def ok(self, *words: str, expect: int = 0) -> str:
        result = self.terraform(*words)
        assert result.exit_code == expect, result.output
        return result.text

    def declare(self, aws: Simulator, *addresses: str) -> None:
        listed = ", ".join(f'"{address}"' for address in addresses)
        (self.path / self.work / "main.tf").write_text(f"""
terraform {{
  required_providers {{
    natgw = {{ source = "{SOURCE}" }}
  }}
}}
provider "natgw" {{
  region     = "{aws.region}"
  access_key = "simulator"
  secret_key = "simulator"
  endpoints  = {{ ec2 = "{aws.url}", sts = "{aws.url}" }}
}}
resource "natgw_secondary_private_ips" "this" {{
  nat_gateway_id                 = "{GATEWAY}"
  secondary_private_ip_addresses = [{listed}]
  max_drain_duration_seconds     = 60
}}
""")


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
    root = Root(path, {})
    for folder in ("tmp", root.work, "mirror"):
        (path / folder).mkdir(parents=True)
    (path / "tmp").chmod(0o1777)
    os.chown(path / root.work, 1234, 1234)
    shutil.copy(Path(terraform).resolve(), path / "terraform")
    (path / "settings").write_text(SETTINGS)
    probe = subprocess.run([CHROOT, path, "/terraform", "version"], env={}, capture_output=True, check=False)
    if probe.returncode:
        pytest.skip(f"this terraform does not start in a root directory of its own: {probe.stderr.decode()}")
    return root


def packed(root: Root, package_zip: Path) -> None:
    place = root.path / "mirror" / SOURCE
    place.mkdir(parents=True)
    shutil.copy(package_zip, place)


def unpacked_and_read_only(root: Root, package_zip: Path) -> None:
    place = unpack(package_zip, root.path / "mirror" / SOURCE / __version__ / terraform_platform())
    for path in (place, *place.rglob("*")):
        path.chmod(path.stat().st_mode & ~0o222)


def live(root: Root, aws: Simulator) -> None:
    """Create two addresses, swap one of them with a drain, see an empty plan, destroy."""
    root.declare(aws, "10.0.0.20", "10.0.0.21")
    root.ok("init", "-input=false")
    assert "Plan: 1 to add" in root.ok("plan", "-input=false", f"-out={PLAN}")
    root.ok("apply", "-input=false", PLAN)
    root.declare(aws, "10.0.0.20", "10.0.0.22")
    assert "drains 1 address" in root.ok("plan", "-input=false", f"-out={PLAN}", "-detailed-exitcode", expect=2)
    root.ok("apply", "-input=false", PLAN)
    root.ok("plan", "-input=false", "-detailed-exitcode")
    assert [call.action for call in aws.calls() if call.action.startswith("Unassign") and not call.dry_run]
    root.ok("destroy", "-auto-approve", "-input=false")
    gateway = aws.model().get(GATEWAY)
    assert [str(address.private_ip) for address in gateway.listed(aws.clock.now())] == ["10.0.0.10"]


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
    live(Root(bare.path, HOSTILE), aws)
