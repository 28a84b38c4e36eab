"""Three hundred gateways in one state: how long Terraform takes, and how many calls AWS gets."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Final

from bench.sampling import run_command
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.terraform import Terraform, install_into, terraform_environment
from support.world import SPEED, World

TITLE: Final = "300 gateways in one state (one run each; the simulator throttles nothing)"
GATEWAYS: Final = 300
CHANGED: Final = 30
DRAIN: Final = 60


def run() -> list[tuple[str, str]]:
    """Create, look, change a tenth."""
    with tempfile.TemporaryDirectory() as name, Simulator(clock=ScaledClock(SPEED)) as aws:
        base = Path(name)
        home, folder = base / "home", base / "work"
        home.mkdir()
        folder.mkdir()
        terraform = Terraform(folder, install_into(base / "mirror"), terraform_environment(home))
        world = World(aws, None, terraform)
        for number in range(GATEWAYS):
            aws.seed(nat_gateway_id=_gateway(number), cidr=f"10.0.{number % 256}.0/24")
        _declare(world, changed=0)
        terraform.init()
        rows = [_measured(world, "plan, with nothing in the state", "plan", "-out=tfplan")]
        rows.append(_measured(world, "apply, an address for each", "apply", "tfplan"))
        rows.append(_measured(world, "plan, with nothing to change", "plan"))
        _declare(world, changed=CHANGED)
        label = f"apply, {CHANGED} swap their address ({DRAIN / SPEED:g} s of drain)"
        rows.append(_measured(world, label, "apply", "-auto-approve"))
        return rows


def _gateway(number: int) -> str:
    return f"nat-{number:017x}"


def _declare(world: World, changed: int) -> None:
    """Declare one address for each gateway, another one for the first `changed`."""
    listed = ", ".join(
        f'"{_gateway(number)}" = "10.0.{number % 256}.{30 if number < changed else 20}"' for number in range(GATEWAYS)
    )
    world.terraform.write(
        f"""{world.provider_block()}
resource "natgw_secondary_private_ips" "many" {{
  for_each                       = {{ {listed} }}
  nat_gateway_id                 = each.key
  secondary_private_ip_addresses = [each.value]
  max_drain_duration_seconds     = {DRAIN}
}}
"""
    )


def _measured(world: World, label: str, command: str, *arguments: str) -> tuple[str, str]:
    world.aws.clear_calls()
    terraform = shutil.which("terraform") or "terraform"
    sample = run_command(
        [terraform, command, "-input=false", *arguments], world.terraform.folder, world.terraform.environment
    )
    calls = ", ".join(f"{count} {action}" for action, count in sorted(world.aws.call_counts().items()))
    return (
        label,
        f"{sample.wall:.1f} s, CPU {sample.cpu:.1f} s, largest process {sample.memory:.0f} MiB; calls: {calls}",
    )
