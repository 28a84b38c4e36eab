"""Ctrl-C with ten drains under way: how long until Terraform has saved everything and is gone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Final

from bench.sampling import seconds
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from support.fleet import declare_many, many_gateways
from support.terraform import install_into, interrupt
from support.waiting import wait_for
from support.world import SPEED, World, start_world

TITLE: Final = "Ctrl-C with ten drains under way"
ROUNDS: Final = 5
GATEWAYS: Final = 10
DRAIN: Final = 4000


def run() -> list[tuple[str, str]]:
    """Interrupt some applies."""
    taken = [_interrupted() for _ in range(ROUNDS)]
    return [
        ("from Ctrl-C to the end of terraform apply", seconds([whole for whole, _ in taken])),
        ("from the last answer of the API to the end", seconds([last for _, last in taken])),
    ]


def _interrupted() -> tuple[float, float]:
    """Interrupt one apply; return the real seconds from the signal, and from the last answer, to its end."""
    with tempfile.TemporaryDirectory() as name, Simulator(clock=ScaledClock(SPEED)) as aws:
        world = start_world(aws, install_into(Path(name) / "mirror"), Path(name))
        ids = many_gateways(world, GATEWAYS, 21, 22)
        declare_many(world, ids, [21, 22], DRAIN)
        world.terraform.apply()
        declare_many(world, ids, [21], DRAIN)
        process = world.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
        wait_for(lambda: _drains(world) == GATEWAYS, "the drains")
        signalled = aws.clock.now()
        interrupt(process)
        output, _ = process.communicate(timeout=60)
        ended = aws.clock.now()
        assert process.returncode == 1, output
        assert len(world.terraform.states()) == GATEWAYS
        last = max(call.at for call in aws.calls())
    return (ended - signalled) / SPEED, (ended - max(last, signalled)) / SPEED


def _drains(world: World) -> int:
    return sum(not call.dry_run for call in world.aws.calls("UnassignPrivateNatGatewayAddress"))
