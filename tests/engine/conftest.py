"""Fixtures: a simulated AWS on a manual clock, and the engine on botocore clients that talk to it without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from engine.stage import ONE_ATTEMPT, Relay, Stage
from natgw_provider.aws.client import Connection, connect
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.core.address_kinds import KINDS
from natgw_provider.simulator.transport import serve_in_process
from support.fault_proxy import FaultProxy


@pytest.fixture(scope="session")
def relay() -> Iterator[Relay]:
    """One client for the whole run, since making one takes longer than a test; pointed at the test's simulator."""
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
    yield relay
    client.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each test that takes a stage with gateways of every kind, or of those in its module's STAGE_KINDS."""
    marked = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if "stage" in metafunc.fixturenames and "stage" not in marked:
        kinds = getattr(metafunc.module, "STAGE_KINDS", KINDS)
        metafunc.parametrize("stage", kinds, ids=lambda kind: kind.connectivity, indirect=True)


@pytest.fixture(scope="module")
def proxy() -> Iterator[FaultProxy]:
    """Stands between a client and the simulator, and spoils answers on request."""
    with FaultProxy() as proxy:
        yield proxy


@pytest.fixture(scope="module")
def connection(proxy: FaultProxy) -> Connection:
    """A connection to EC2 through the proxy."""
    plain = {"region": "eu-central-1", "access_key": "AKIA", "secret_key": "s"}
    return connect(ConnectionSettings(**plain, endpoints={"ec2": proxy.url}, skip_credentials_validation=True))


@pytest.fixture
def stage(relay: Relay, request: pytest.FixtureRequest) -> Stage:
    """A simulated AWS for gateways of one kind, on a clock that nobody waits for."""
    return Stage(relay, request.param)
