"""What a user waits for: plan and apply of one resource, and the parts of a provider's start.

The provider is measured both ways: as the launcher starts it, and from the self-contained package.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgpack
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bench.sampling import Sample, milliseconds, run_command, summary
from bridge.plugin_client import Identity, Plugin
from natgw_provider.bridge.server import COOKIE, COOKIE_NAME
from natgw_provider.cli.mirror import terraform_platform, version_folder
from natgw_provider.resources.provider_block import SCHEMA
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.package import build_release, zip_name
from support.terraform import install_into, terraform_environment, unpack
from support.world import GATEWAY, SPEED

TITLE: Final = "One resource, and the parts of a start"
ROUNDS: Final = 7
PACKAGE: Final = "natgw, self-contained"

_BARS: Final = {
    "handshake": "; at most 30 ms",
    "memory": "; at most 45",
}
"""What a release's package has to meet on an idle machine; its plan may take 0.85 of the launcher's time."""

_MOST_MEGABYTES: Final = 20


@dataclass(frozen=True)
class Contender:
    """A folder in which one resource is planned and applied again and again."""

    name: str
    folder: Path
    environment: dict[str, str]
    before: Callable[[], object]

    def plan(self) -> Sample:
        """Plan the resource's creation."""
        self.before()
        return self._terraform("plan")

    def apply(self) -> Sample:
        """Create the resource."""
        self.before()
        (self.folder / "terraform.tfstate").unlink(missing_ok=True)
        sample = self._terraform("apply", "-auto-approve")
        (self.folder / "terraform.tfstate").unlink()
        return sample

    def _terraform(self, *arguments: str) -> Sample:
        terraform = shutil.which("terraform") or "terraform"
        return run_command([terraform, *arguments, "-input=false"], self.folder, self.environment)


def run() -> list[tuple[str, str]]:
    """Measure everything; contenders take turns."""
    with tempfile.TemporaryDirectory() as name, Simulator(clock=ScaledClock(SPEED)) as aws:
        base = Path(name)
        archive = build_release(base / "release") / zip_name(terraform_platform())
        package = base / "package-mirror"
        unpack(archive, version_folder(package) / terraform_platform())
        mirrors = {"natgw": install_into(base / "mirror"), PACKAGE: package}
        size = ("zip of the package", f"{archive.stat().st_size / 1e6:.1f} MB; at most {_MOST_MEGABYTES}")
        return [*_commands(_contenders(base, mirrors, aws)), *_parts(base, mirrors, aws), size]


def _commands(contenders: list[Contender]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for command in ("plan", "apply"):
        # The first round is not counted: it fills caches, the provider's and the system's.
        rounds = [{c.name: getattr(c, command)() for c in contenders} for _ in range(1 + ROUNDS)][1:]
        samples = {c.name: [one[c.name] for one in rounds] for c in contenders}
        ours = median(sample.wall for sample in samples["natgw"])
        for name, taken in samples.items():
            ratio = "" if name == "natgw" else f"; natgw takes {ours / median(s.wall for s in taken):.2f} times as long"
            rows.append((f"terraform {command}, {name}", summary(taken) + ratio))
    return rows


def _contenders(base: Path, mirrors: Mapping[str, Path], aws: Simulator) -> list[Contender]:
    """Return one resource of ours for each mirror, and one that needs no provider process at all."""

    def reset() -> None:
        aws.reset()
        aws.seed(nat_gateway_id=GATEWAY, primary="10.0.0.10")

    ours = f"""
terraform {{
  required_providers {{
    natgw = {{ source = "terraform.local/natgw/natgw" }}
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
  secondary_private_ip_addresses = ["10.0.0.21"]
}}
"""
    return [
        *(_contender(name, base, mirror, ours, reset) for name, mirror in mirrors.items()),
        _contender("terraform_data", base, mirrors["natgw"], 'resource "terraform_data" "this" {}\n', lambda: None),
    ]


def _contender(name: str, base: Path, mirror: Path, text: str, before: Callable[[], object]) -> Contender:
    """Write and initialise a folder."""
    folder = base / name.replace(", ", "-")
    home = folder / "home"
    home.mkdir(parents=True)
    (folder / "main.tf").write_text(text)
    environment = terraform_environment(home)
    run_command(["terraform", "init", f"-plugin-dir={mirror}", "-input=false"], folder, environment)
    return Contender(name, folder, environment, before)


def _parts(base: Path, mirrors: Mapping[str, Path], aws: Simulator) -> list[tuple[str, str]]:
    home = base / "parts"
    home.mkdir()
    starters = {
        name: next(path for path in mirror.glob("**/terraform-provider-*") if path.is_file())
        for name, mirror in mirrors.items()
    }
    first = {name: _one_start(starter, home, aws) for name, starter in starters.items()}
    rounds = [{name: _one_start(starter, home, aws) for name, starter in starters.items()} for _ in range(2 * ROUNDS)]
    rows = []
    for part in first["natgw"]:
        for name in starters:
            values = [one[name][part] for one in rounds]
            figure = f"{median(values):.0f} MiB" if part == "memory" else milliseconds(values)
            rows.append((f"{part}, {name}", figure + (_BARS.get(part, "") if name == PACKAGE else "")))
    return [*rows, ("configure, the first time on a machine", f"{first['natgw']['configure'] * 1000:.0f} ms")]


def _one_start(launcher: Path, home: Path, aws: Simulator) -> dict[str, float]:
    """Start the provider as Terraform does and end it; return the seconds of each part and its peak in MiB."""
    identity = Identity.fresh()
    environment = terraform_environment(home) | {
        COOKIE_NAME: COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": "6",
        "PLUGIN_CLIENT_CERT": identity.certificate.decode(),
    }
    times = {}
    clock = time.perf_counter()

    def lap(part: str) -> None:
        nonlocal clock
        now = time.perf_counter()
        times[part], clock = now - clock, now

    with subprocess.Popen([str(launcher)], env=environment, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        handshake = process.stdout.readline().decode()
        lap("handshake")
        plugin = Plugin(process, handshake, identity)
        plugin.call("GetProviderSchema")
        lap("schema (with the connection)")
        answer = plugin.call("ConfigureProvider", terraform_version="1.11.4", config=_provider_block(aws))
        assert not answer.diagnostics, answer
        lap("configure")
        memory = _peak_memory(process.pid)
        plugin.shut_down()
        process.wait()
        lap("exit")
        plugin.channel.close()
    assert process.returncode == 0
    return times | {"memory": memory}


def _peak_memory(pid: int) -> float:
    """Return the peak of a running process in MiB; 0 on a system without /proc."""
    status = Path(f"/proc/{pid}/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.exists() else None
    return int(found[1]) / 1024 if found else 0.0


def _provider_block(aws: Simulator) -> Any:
    block: dict[str, Any] = dict.fromkeys(SCHEMA.value_type.attributes)
    block |= {"region": aws.region, "access_key": "simulator", "secret_key": "simulator"}
    block["endpoints"] = {"ec2": aws.url, "sts": aws.url}
    return oracle.DynamicValue(msgpack=msgpack.packb(block))
