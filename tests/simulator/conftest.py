"""Fixtures: a fresh simulator on a manual clock for every test, and EC2 clients for both ways into it.

Making a boto3 client takes longer than a test, so one client for each way lives for the whole run, and is pointed at
the simulator of the test that runs.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core.request import Request
from werkzeug.wrappers import Response

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from natgw_provider.simulator.transport import HttpServer, serve_in_process

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


class Stage:
    """Whatever simulator is being tested now."""

    simulator: Simulator

    def handle(self, request: Request) -> Response:
        return self.simulator.handle(request)


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


both_kinds = pytest.mark.parametrize("seed", ["private", "public"], indirect=True)
"""Runs a test with a private gateway and with a public one."""

JOINING = MappingProxyType({"private": "assigning", "public": "associating"})
LEAVING = MappingProxyType({"private": "unassigning", "public": "disassociating"})


@pytest.fixture
def seed(request: pytest.FixtureRequest, simulator: Simulator) -> Seed:
    """A gateway with primary 10.0.0.4 and two secondaries in a /24: private, unless the test runs with both kinds."""
    used = ["10.0.0.4", "10.0.0.10", "10.0.0.11"]
    free = [f"10.0.0.{host}" for host in range(20, 30)]
    public = getattr(request, "param", "private") == "public"
    simulator.change_settings(elastic_ip_quota=8)
    return simulator.seed(
        connectivity="public" if public else "private",
        primary=used[0],
        secondaries=used[1:],
        allocation_ids=[allocation_id(address) for address in (*used, *free)] if public else [],
    )


both_ways = pytest.mark.parametrize("ec2", ["http", "in-process"], indirect=True)
"""Runs a test over HTTP and without a socket."""


@pytest.fixture
def ec2(request: pytest.FixtureRequest, simulator: Simulator, clients: dict[str, Any]) -> Any:
    """An EC2 client, without a socket unless the test runs both ways."""
    return clients[getattr(request, "param", "in-process")]


def allocation_id(address: str) -> str:
    """Return the allocation id of the Elastic IP that these tests associate with a private address."""
    return f"eipalloc-{int(address.rpartition('.')[2]):08d}"


def association_ids(ec2: Any, seed: Seed) -> dict[str, str]:
    """Return the association id of each private address of a public gateway."""
    seeded = dict(zip(seed.secondary_private_ip_addresses, seed.secondary_association_ids, strict=True))
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    return {it["PrivateIp"]: it["AssociationId"] for it in gateway["NatGatewayAddresses"]} | seeded


def assign(ec2: Any, seed: Seed, *addresses: str, **more: Any) -> Any:
    """Assign addresses, by default 10.0.0.20, or what `more` says; on a public gateway, associate Elastic IPs."""
    if seed.connectivity == "public":
        wanted = list(addresses or ["10.0.0.20"])
        elastic = {"AllocationIds": [allocation_id(it) for it in wanted], "PrivateIpAddresses": wanted}
        return ec2.associate_nat_gateway_address(**{"NatGatewayId": seed.nat_gateway_id, **elastic, **more})
    named = {} if "PrivateIpAddressCount" in more else {"PrivateIpAddresses": list(addresses or ["10.0.0.20"])}
    return ec2.assign_private_nat_gateway_address(**{"NatGatewayId": seed.nat_gateway_id, **named, **more})


def unassign(ec2: Any, seed: Seed, *addresses: str, **more: Any) -> Any:
    """Unassign addresses, by default 10.0.0.10; on a public gateway, disassociate the Elastic IPs there."""
    if seed.connectivity == "public":
        known = association_ids(ec2, seed)
        ids = [known.get(it, "eipassoc-0ffffffffffffffff") for it in addresses or ["10.0.0.10"]]
        return ec2.disassociate_nat_gateway_address(
            **{"NatGatewayId": seed.nat_gateway_id, "AssociationIds": ids, **more}
        )
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
