"""Five hundred gateways that are not managed yet: how long it takes to find them, and how many calls AWS gets."""

from __future__ import annotations

import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

from bench.sampling import run_command
from compat.releases import RELEASES
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.terraform import Terraform, install_into, terraform_environment

TITLE: Final = "500 gateways to bring under management (one run each; the simulator throttles nothing)"
GATEWAYS: Final = 500
_QUERY: Final = 'list "natgw_secondary_private_ips" "all" {\n  provider = natgw\n  limit = 1000\n}\n'
_MAIN: Final = (
    'terraform {\n  required_providers {\n    natgw = { source = "terraform.local/natgw/natgw" }\n  }\n}\n\n'
    'provider "natgw" {\n  region = "eu-central-1"\n}\n'
)


def run() -> list[tuple[str, str]]:
    """Write configuration with `natgw adopt` and plan it; the same with `terraform query` where a release has it."""
    with tempfile.TemporaryDirectory() as name, Simulator(clock=ScaledClock()) as aws:
        base = Path(name)
        home, folder = base / "home", base / "work"
        home.mkdir()
        folder.mkdir()
        for number in range(GATEWAYS):
            block = f"10.{number // 250}.{number % 250}"
            aws.seed(
                nat_gateway_id=f"nat-{number:017x}",
                cidr=f"{block}.0/24",
                secondaries=[f"{block}.{host}" for host in range(20, 27)],
                tags={"Name": f"gateway-{number}"},
            )
        environment = {
            **terraform_environment(home),
            "AWS_ENDPOINT_URL": aws.url,
            "AWS_REGION": aws.region,
            "AWS_ACCESS_KEY_ID": "simulator",
            "AWS_SECRET_ACCESS_KEY": "simulator",
        }
        terraform = Terraform(folder, install_into(base / "mirror"), environment)
        natgw = str(Path(sys.executable).with_name("natgw"))
        rows = [_measured(aws, terraform, "natgw adopt", natgw, "adopt", "--format", "hcl", "--out", "all.tf")]
        terraform.write(_MAIN)
        terraform.init()
        rows.append(_measured(aws, terraform, "terraform plan of that", _terraform(), "plan", "-input=false"))
        (folder / "all.tf").unlink()
        return rows + _queries(aws, terraform)


def _queries(aws: Simulator, terraform: Terraform) -> list[tuple[str, str]]:
    newest = RELEASES[-1]
    program = newest.bin / "terraform"
    if not program.exists():
        return [("terraform query", "not measured: run `make compat` first")]
    path = f"{newest.bin}:{terraform.environment['PATH']}"
    terraform = replace(terraform, environment={**terraform.environment, "PATH": path})
    terraform.write(_QUERY, "all.tfquery.hcl")
    generate = (str(program), "query", "-generate-config-out=generated.tf")
    return [
        _measured(aws, terraform, f"terraform query ({newest})", str(program), "query"),
        _measured(aws, terraform, f"the same with -generate-config-out ({newest})", *generate),
    ]


def _terraform() -> str:
    return shutil.which("terraform") or "terraform"


def _measured(aws: Simulator, terraform: Terraform, label: str, *command: str) -> tuple[str, str]:
    aws.clear_calls()
    sample = run_command(command, terraform.folder, terraform.environment)
    calls = ", ".join(f"{count} {action}" for action, count in sorted(aws.call_counts().items()))
    figures = f"{sample.wall:.1f} s, CPU {sample.cpu:.1f} s, largest process {sample.memory:.0f} MiB; calls: {calls}"
    return label, figures
