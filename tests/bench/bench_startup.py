"""What a user waits for: plan and apply of one resource beside other providers, and the parts of a provider's start."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import msgpack
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bench.sampling import Sample, milliseconds, run_command, summary
from bridge.plugin_client import Identity, Plugin
from natgw_provider.bridge.server import COOKIE, COOKIE_NAME
from natgw_provider.resources.provider_block import SCHEMA
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.terraform import install_into, terraform_environment
from support.world import GATEWAY, SPEED

TITLE: Final = "One resource, and the parts of a start"
ROUNDS: Final = 7

_AWS: Final = 'region = "eu-central-1"\n  access_key = "a"\n  secret_key = "a"\n  ' + "\n  ".join(
    f"skip_{check} = true" for check in ("credentials_validation", "requesting_account_id", "metadata_api_check")
)
RECIPES: Final = {
    "aws": (_AWS, 'resource "aws_vpc" "this" {\n  cidr_block = "10.0.0.0/16"\n}'),
    "null": ("", 'resource "null_resource" "this" {}'),
    "random": ("", 'resource "random_id" "this" {\n  byte_length = 4\n}'),
    "time": ("", 'resource "time_static" "this" {}'),
    "workato": (
        'api_key = "a"\n  base_url = "https://127.0.0.1:9"',
        'resource "workato_folder" "this" {\n  name = "a"\n  folder_id = "1"\n}',
    ),
}
"""Provider block and resource for the reference providers that `NATGW_BENCH_MIRROR` may hold, by type."""

_AWS_WITHOUT_CLASSIC: Final = 4
_OLD_AWS: Final = "\n  skip_get_ec2_platforms = true"
"""What an AWS provider before version 4 would ask EC2 about, with keys that are good for nothing."""

_PLAN_ONLY: Final = frozenset({"aws", "workato"})
_SENT_AT_IMPORT: Final = re.compile(r"import time:\s+(\d+) \|\s+\d+ \|\s*(\w+)")


@dataclass(frozen=True)
class Contender:
    """A folder in which one resource is planned and applied again and again."""

    name: str
    folder: Path
    environment: dict[str, str]
    before: Callable[[], object]
    is_applied: bool = True

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
        mirror = install_into(base / "mirror")
        contenders, notes = _contenders(base, mirror, aws)
        return [*notes, *_commands(contenders), *_parts(base, mirror, aws), *_imports()]


def _commands(contenders: list[Contender]) -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for command, able in (
        ("plan", contenders),
        ("apply", [contender for contender in contenders if contender.is_applied]),
    ):
        # The first round is not counted: it fills caches, the provider's and the system's.
        rounds = [{c.name: getattr(c, command)() for c in able} for _ in range(1 + ROUNDS)][1:]
        samples = {c.name: [one[c.name] for one in rounds] for c in able}
        ours = median(sample.wall for sample in samples["natgw"])
        for name, taken in samples.items():
            ratio = "" if name == "natgw" else f"; natgw takes {ours / median(s.wall for s in taken):.2f} times as long"
            rows.append((f"terraform {command}, {name}", summary(taken) + ratio))
    return rows


def _contenders(base: Path, mirror: Path, aws: Simulator) -> tuple[list[Contender], list[tuple[str, str]]]:
    def reset() -> None:
        aws.reset()
        aws.seed(nat_gateway_id=GATEWAY, primary="10.0.0.10")

    keys = f'region = "{aws.region}"\n  access_key = "simulator"\n  secret_key = "simulator"'
    endpoints = f'endpoints = {{ ec2 = "{aws.url}", sts = "{aws.url}" }}'
    ours = (
        f'resource "natgw_secondary_private_ips" "this" {{\n  nat_gateway_id = "{GATEWAY}"\n'
        '  secondary_private_ip_addresses = ["10.0.0.21"]\n}'
    )
    found = [
        Contender(
            "natgw", *_folder(base, mirror, "terraform.local/natgw/natgw", (f"{keys}\n  {endpoints}", ours)), reset
        ),
        Contender(
            "terraform_data", *_folder(base, mirror, None, ("", 'resource "terraform_data" "this" {}')), _nothing
        ),
    ]
    reference = os.environ.get("NATGW_BENCH_MIRROR")
    if not reference:
        return found, [("reference provider", "skipped: name the folder of a mirror in NATGW_BENCH_MIRROR")]
    notes = []
    for place in sorted(Path(reference).resolve().glob("*/*/*")):
        source, kind = "/".join(place.parts[-3:]), place.name
        if kind in RECIPES:
            block, resource = RECIPES[kind]
            block += _OLD_AWS if kind == "aws" and _major(place) < _AWS_WITHOUT_CLASSIC else ""
            folder = _folder(base, Path(reference).resolve(), source, (block, resource))
            found.append(Contender(kind, *folder, _nothing, is_applied=kind not in _PLAN_ONLY))
        else:
            notes.append((source, f"skipped: there is a recipe for {', '.join(RECIPES)} only"))
    return found, notes


def _major(place: Path) -> int:
    """Return the highest major version in a provider's folder of a mirror."""
    return max(int(version.name.split(".")[0]) for version in place.iterdir() if version.is_dir())


def _nothing() -> None:
    pass


def _folder(base: Path, mirror: Path, source: str | None, blocks: tuple[str, str]) -> tuple[Path, dict[str, str]]:
    """Write and initialise a folder; return it with the environment to run Terraform in."""
    kind = source.split("/")[-1] if source else "nothing"
    folder = base / kind
    home = folder / "home"
    home.mkdir(parents=True)
    provider = ""
    if source:
        required = f'terraform {{\n  required_providers {{\n    {kind} = {{ source = "{source}" }}\n  }}\n}}'
        provider = f'{required}\nprovider "{kind}" {{\n  {blocks[0]}\n}}\n'
    (folder / "main.tf").write_text(f"{provider}{blocks[1]}\n")
    environment = terraform_environment(home)
    run_command(["terraform", "init", f"-plugin-dir={mirror}", "-input=false"], folder, environment)
    return folder, environment


def _parts(base: Path, mirror: Path, aws: Simulator) -> list[tuple[str, str]]:
    launcher = next(path for path in mirror.glob("**/terraform-provider-*") if path.is_file())
    home = base / "parts"
    home.mkdir()
    first = _one_start(launcher, home, aws)
    taken = [_one_start(launcher, home, aws) for _ in range(2 * ROUNDS)]
    rows = [(f"{part}, by itself", milliseconds([one[part] for one in taken])) for part in taken[0] if part != "memory"]
    return [
        *rows,
        ("configure, the first time on a machine", f"{first['configure'] * 1000:.0f} ms"),
        ("peak memory of the provider, configured", f"{median(one['memory'] for one in taken):.0f} MiB"),
    ]


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


def _imports() -> list[tuple[str, str]]:
    bridge = "natgw_provider.bridge"
    until_handshake = f"import {bridge}.server, {bridge}.process, {bridge}.tls"
    configured = "import natgw_provider.resources.provider, natgw_provider.aws.client, natgw_provider.engine.engine"
    return [
        ("imports until the handshake, ms by package", _top(until_handshake)),
        ("imports until configured, ms by package", _top(f"{until_handshake}; {configured}")),
    ]


def _top(program: str) -> str:
    """Return the ten packages that cost most to import, the best of three measurements each."""
    runs = [_import_times(program) for _ in range(3)]
    names = {name for one in runs for name in one}
    times = Counter({name: min(one[name] for one in runs) for name in names})
    listed = ", ".join(f"{name} {spent / 1000:.0f}" for name, spent in times.most_common(10))
    return f"{listed}; all {sum(times.values()) / 1000:.0f}"


def _import_times(program: str) -> Counter[str]:
    command = [sys.executable, "-X", "importtime", "-c", program]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    times: Counter[str] = Counter()
    for spent, package in _SENT_AT_IMPORT.findall(told):
        times[package] += int(spent)
    return times
