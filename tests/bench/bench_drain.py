"""How many calls a drain and a refresh make, and how late the end of a drain is seen, on the manual clock.

Calls take no time on the manual clock, so it shows what the poll interval alone adds.
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from statistics import median
from typing import Any, Final

import boto3
from botocore.config import Config

from engine import crowd
from engine.stage import DESCRIBE, ONE_ATTEMPT, UNASSIGN, Relay, Stage, connection_of, ip
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.simulator.transport import serve_in_process

TITLE: Final = "Drains"
DRAINS: Final = (10, 60, 350, 4000)
RELEASES: Final = 60
"""Early releases at random moments, for each length of drain."""

REFRESHES: Final = (1, 10, 100)
WORKERS: Final = 10
"""How many resources Terraform refreshes at a time."""


def run() -> list[tuple[str, str]]:
    """Return what was measured."""
    with _relay() as relay:
        return [
            *(row for seconds in DRAINS for row in _drain_rows(relay, seconds)),
            *(_refresh_row(relay, gateways) for gateways in REFRESHES),
            *(_swap_row(relay, seconds) for seconds in DRAINS),
            *(_singles_row(relay, seconds) for seconds in DRAINS),
        ]


def measured_drain(relay: Relay, seconds: int, ends_after: float | None = None, seed: int = 7) -> tuple[int, float]:
    """Drain one address; return the Describe calls that it took, and how many seconds late its release was seen."""
    stage = Stage(relay)
    stage.seed(10)
    if ends_after is not None:
        stage.settings(connections_end_after=ends_after)
    request = stage.request((), max_drain_seconds=seconds)
    stage.aws.clear_calls()
    began = stage.manual.now()
    engine = GatewayEngine(connection_of(stage.api), clock=stage.clock, random=Random(seed))  # noqa: S311 - it spreads waits
    outcome = stage.carry_out(request, engine)
    if outcome.failure is not None:
        raise RuntimeError(outcome.failure.detail)
    released = seconds if ends_after is None else ends_after
    return stage.count(DESCRIBE), stage.manual.now() - began - released


def measured_refresh(relay: Relay, gateways: int) -> int:
    """Read so many gateways as Terraform does; return how many DescribeNatGateways it took."""
    stage = Stage(relay)
    ids = [f"nat-{number:017x}" for number in range(1, gateways + 1)]
    for number, gateway in enumerate(ids, 1):
        stage.aws.seed(nat_gateway_id=gateway, cidr=f"10.{number}.0.0/24")
    stage.aws.clear_calls()
    engine = stage.new_engine()
    with ThreadPoolExecutor(WORKERS) as pool:
        found = list(pool.map(engine.read, ids))
    if None in found:
        raise RuntimeError("a gateway was not found")
    return stage.count(DESCRIBE)


def _drain_rows(relay: Relay, seconds: int) -> Iterator[tuple[str, str]]:
    polls, late = measured_drain(relay, seconds)
    yield f"drain of {seconds} s, full length", f"{polls} Describe calls, seen {late:.1f} s late"
    moments = Random(seconds)  # noqa: S311 - a sample
    early = [measured_drain(relay, seconds, moments.uniform(0, seconds), seed) for seed in range(RELEASES)]
    calls, lateness = [polls for polls, _ in early], [late for _, late in early]
    share = max(lateness) / seconds
    seen = f"seen {median(lateness):.1f} s late, worst {max(lateness):.1f} s ({share:.1%} of the drain)"
    yield (
        f"drain of {seconds} s, released at {RELEASES} random moments",
        f"{median(calls):.0f} Describe calls, most {max(calls)}; {seen}",
    )


def _refresh_row(relay: Relay, gateways: int) -> tuple[str, str]:
    calls = [measured_refresh(relay, gateways) for _ in range(3)]
    return f"refresh, {WORKERS} at a time, gateways: {gateways}", f"Describe calls: {max(calls)} (most of 3)"


def _swap_row(relay: Relay, seconds: int) -> tuple[str, str]:
    room = _swap_seconds(relay, (10,), ip(11), seconds)
    full = _swap_seconds(relay, tuple(range(10, 17)), ip(*range(20, 27)), seconds)
    return (
        f"apply of a swap, drain of {seconds} s and assignment of {Stage(relay).settings().assigning_seconds:.0f} s",
        f"{room:.1f} s with room ({room / seconds:.2f} x), {full:.1f} s on a full gateway ({full / seconds:.2f} x)",
    )


def _swap_seconds(relay: Relay, have: tuple[int, ...], wanted: tuple[str, ...], seconds: int) -> float:
    stage = Stage(relay)
    stage.seed(*have)
    began = stage.manual.now()
    outcome = stage.change(wanted, max_drain_seconds=seconds)
    if outcome.failure is not None:
        raise RuntimeError(outcome.failure.detail)
    return stage.manual.now() - began


def _singles_row(relay: Relay, seconds: int) -> tuple[str, str]:
    stage, hosts = Stage(relay), range(10, 17)
    stage.seed(*hosts)
    began = stage.manual.now()
    removed = crowd.run(stage, remove=ip(*hosts), max_drain_seconds=seconds)
    if any(removed.failures()):
        raise RuntimeError("a single address was not removed")
    calls = len(stage.effective(UNASSIGN))
    windows = (stage.manual.now() - began) / seconds
    return (
        f"seven single addresses removed, drain of {seconds} s",
        f"{calls} Unassign, {stage.count(DESCRIBE)} Describe calls, {windows:.2f} windows",
    )


@contextmanager
def _relay() -> Iterator[Relay]:
    """One botocore client that talks to the simulators without a socket."""
    relay = Relay()
    client: Any = boto3.session.Session().client(
        "ec2",
        region_name="eu-central-1",
        aws_access_key_id="simulator",
        aws_secret_access_key="simulator",  # noqa: S106 - any will do
        config=Config(retries=ONE_ATTEMPT, max_pool_connections=50),
    )
    serve_in_process(relay.handle, client.meta.events)
    relay.client = client
    try:
        yield relay
    finally:
        client.close()
