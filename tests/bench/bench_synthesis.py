"""How long one stack of many gateways takes to synthesise."""

from __future__ import annotations

import os
import time
from importlib import import_module
from itertools import count
from typing import Any, Final

TITLE: Final = "Synthesis of 200 gateways in one stack"
GATEWAYS: Final = 200
ADDRESSES: Final = 7

_stacks = count()


def synthesis_seconds(library: str, gateways: int = GATEWAYS) -> tuple[float, float]:
    """Return the seconds that declaring and synthesising take, in a process in which `library` is loaded."""
    os.environ.setdefault("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "20")
    core: Any = import_module(library)
    stack = core.TerraformStack(core.Testing.app(), f"stack-{next(_stacks)}")
    started = time.perf_counter()
    _declare(stack, gateways)
    declared = time.perf_counter()
    core.Testing.synth(stack)
    return declared - started, time.perf_counter() - declared


def _declare(stack: Any, gateways: int) -> None:
    from natgw_constructs import Gateway, NatGatewayFleet  # noqa: PLC0415 - jsii reads its variable first

    declared = {
        f"gateway-{number}": Gateway(
            nat_gateway_id=f"nat-{number:017x}",
            addresses=[f"10.{number}.0.{last}" for last in range(10, 10 + ADDRESSES)],
        )
        for number in range(gateways)
    }
    NatGatewayFleet(stack, "fleet", declared, max_drain=350, min_in_service=2)


def run() -> list[tuple[str, str]]:
    """Measure both libraries, alternating; the best of three."""
    libraries = ("cdktf", "cdktn")
    measured = [(library, synthesis_seconds(library)) for _ in range(3) for library in libraries]
    best = {library: min(times for name, times in measured if name == library) for library in libraries}
    return [
        (f"{library}: declare, synthesise", f"{declare:.2f} s, {synthesise:.2f} s")
        for library, (declare, synthesise) in best.items()
    ]
