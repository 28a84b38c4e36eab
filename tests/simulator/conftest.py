"""Fixtures: a fresh simulator on a manual clock for every test, and EC2 clients for both ways into it.

Making a boto3 client takes longer than a test, so one client for each way lives for the whole run, and is pointed at
the simulator of the test that runs.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from natgw_provider.simulator.transport import HttpServer, serve_in_process
from support.simulator import Stage

CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "key", "region_name": "eu-central-1"}
PLAIN = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
"""One attempt, and every bad parameter reaches the server."""


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def fetch(
    url: str, target: str, method: str = "GET", body: str | None = None, headers: dict[str, str] | None = None
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(*address_of(url))
    try:
        connection.request(method, target, body, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


@pytest.fixture(scope="session")
def stage() -> Stage:
    return Stage()


@pytest.fixture(scope="session")
def server(stage: Stage) -> Iterator[HttpServer]:
    server = HttpServer(stage.handle)
    yield server
    server.close()


@pytest.fixture(scope="session")
def clients(stage: Stage, server: HttpServer) -> Iterator[dict[str, Any]]:
    session = boto3.session.Session()
    clients = {
        "http": session.client("ec2", endpoint_url=server.url, config=PLAIN, **CREDENTIALS),
        "in-process": session.client("ec2", config=PLAIN, **CREDENTIALS),
    }
    serve_in_process(stage.handle, clients["in-process"].meta.events)
    yield clients
    for client in clients.values():
        client.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def simulator(stage: Stage, clock: ManualClock) -> Simulator:
    stage.simulator = Simulator(clock=clock)
    return stage.simulator


@pytest.fixture
def seed(simulator: Simulator) -> Seed:
    """A gateway with primary 10.0.0.4 and two secondaries in a /24."""
    return simulator.seed(primary="10.0.0.4", secondaries=["10.0.0.10", "10.0.0.11"])


@pytest.fixture(params=["http", "in-process"])
def ec2(request: pytest.FixtureRequest, simulator: Simulator, clients: dict[str, Any]) -> Any:
    """An EC2 client; a test that takes it runs once over HTTP and once without a socket."""
    return clients[request.param]


@pytest.fixture
def quick_ec2(simulator: Simulator, clients: dict[str, Any]) -> Any:
    """An EC2 client without a socket, for tests of what does not depend on the way in."""
    return clients["in-process"]


def assign(ec2: Any, seed: Seed, *addresses: str, **more: Any) -> Any:
    """Assign addresses, by default 10.0.0.20, or what `more` says."""
    named = {} if "PrivateIpAddressCount" in more else {"PrivateIpAddresses": list(addresses or ["10.0.0.20"])}
    return ec2.assign_private_nat_gateway_address(**{"NatGatewayId": seed.nat_gateway_id, **named, **more})


def unassign(ec2: Any, seed: Seed, *addresses: str, **more: Any) -> Any:
    """Unassign addresses, by default 10.0.0.10."""
    named = {"NatGatewayId": seed.nat_gateway_id, "PrivateIpAddresses": list(addresses or ["10.0.0.10"])}
    return ec2.unassign_private_nat_gateway_address(**{**named, **more})


def statuses(ec2: Any, seed: Seed) -> dict[str, str]:
    """Return the status of each address that a description of the gateway shows."""
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    return {address["PrivateIp"]: address["Status"] for address in gateway["NatGatewayAddresses"]}


def refusal(call: Any, *arguments: Any, **parameters: Any) -> tuple[str, int]:
    """Return the code and the HTTP status that a call is refused with."""
    with pytest.raises(ClientError) as error:
        call(*arguments, **parameters)
    response = error.value.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]
