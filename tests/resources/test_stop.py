"""A stop ends whatever waits for AWS, within about a second, at a plan as at an apply."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import DiagnosticsError, Severity
from natgw_provider.bridge.handlers import ImportRequest, PlanRequest, ReadRequest
from natgw_provider.resources.nat_gateway import SCHEMA as LOOKUP_SCHEMA
from natgw_provider.resources.provider import NatgwProvider
from natgw_provider.resources.provider_block import SCHEMA as PROVIDER_SCHEMA
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from support.fault_proxy import FaultProxy
from support.resource import GATEWAY_ID, configuration, context, proposed
from support.waiting import wait_for

DESCRIBE = "DescribeNatGateways"
RESOURCE = "natgw_secondary_private_ips"


class Started:
    """A provider process that is connected to AWS through the proxy."""

    def __init__(self, proxy: FaultProxy, **block: Any) -> None:
        self.proxy = proxy
        self.provider = NatgwProvider()
        self.context = context()
        endpoints = {"ec2": proxy.url, "sts": proxy.url}
        keys = {"region": "eu-central-1", "access_key": "AKIA", "secret_key": "s", "endpoints": endpoints}
        self.block = {**dict.fromkeys(PROVIDER_SCHEMA.value_type.attributes), **keys, **block}

    def configure(self) -> None:
        assert self.provider.configure(self.block, self.context) == ()

    def stopped_while(self, action: str, work: Callable[[], object]) -> Any:
        """Return the error of `work`, which a user stops while AWS does not answer `action`."""

        def stop_when_asked() -> None:
            wait_for(lambda: self.proxy.asked and self.proxy.asked[-1] == (action, "half_open"), "a call that hangs")
            self.context.stop.set()

        self.proxy.spoil("half_open", action=action)
        threading.Thread(target=stop_when_asked).start()
        with pytest.raises(DiagnosticsError) as raised:
            work()
        (diagnostic,) = (one for one in raised.value.diagnostics if one.severity is Severity.ERROR)
        return diagnostic


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with Simulator(clock=ManualClock()) as aws, FaultProxy(aws.url) as proxy:
        aws.seed(nat_gateway_id=GATEWAY_ID, primary="10.0.0.10", secondaries=["10.0.0.20"])
        yield proxy


@pytest.fixture
def started(proxy: FaultProxy) -> Started:
    started = Started(proxy)
    started.configure()
    return started


CONFIG = configuration(secondary_private_ip_addresses=("10.0.0.21",))
PLAN = PlanRequest(prior_state=None, proposed_new_state=proposed(CONFIG, None), config=CONFIG)
LOOKUP = {**{a.name: None for a in LOOKUP_SCHEMA.attributes}, "id": GATEWAY_ID}

WORK: dict[str, Callable[[Started], object]] = {
    "refresh": lambda it: it.provider.resources[RESOURCE].read(ReadRequest(CONFIG), it.context),
    "plan": lambda it: it.provider.resources[RESOURCE].plan(PLAN, it.context),
    "import": lambda it: it.provider.resources[RESOURCE].import_state(ImportRequest(GATEWAY_ID), it.context),
    "lookup": lambda it: it.provider.data_sources["natgw_nat_gateway"].read(LOOKUP, it.context),
}


@pytest.mark.parametrize(
    ("work", "action"),
    [*((work, DESCRIBE) for work in WORK), *((work, "DescribeSubnets") for work in WORK if work != "import")],
)
def test_ends_what_only_reads(started: Started, action: str, work: str) -> None:
    diagnostic = started.stopped_while(action, lambda: WORK[work](started))
    assert diagnostic.summary == "Interrupted"
    assert diagnostic.detail == "Stopped on request, while AWS did not answer."


def test_ends_the_dry_runs_of_a_plan(proxy: FaultProxy) -> None:
    started = Started(proxy, check_permissions_at_plan=True)
    started.configure()
    diagnostic = started.stopped_while(
        "AssignPrivateNatGatewayAddress",
        lambda: _raise_errors(started.provider.resources[RESOURCE].plan(PLAN, started.context)),
    )
    assert diagnostic.summary == "Interrupted"


def test_ends_the_connecting(proxy: FaultProxy) -> None:
    started = Started(proxy)
    assert started.stopped_while("GetCallerIdentity", started.configure).summary == "Interrupted"


def test_ends_within_about_a_second(started: Started) -> None:
    stopped: list[float] = []
    stop = started.context.stop
    threading.Thread(target=lambda: (stop.wait(20), stopped.append(time.monotonic()))).start()
    started.stopped_while(DESCRIBE, lambda: WORK["refresh"](started))
    assert time.monotonic() - stopped[0] < 1.2


def _raise_errors(response: Any) -> None:
    raise DiagnosticsError(response.diagnostics)
