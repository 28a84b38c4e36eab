"""The endpoint on a socket: addresses, ports, connections, what is left after a stop."""

from __future__ import annotations

import http.client
import json
import re
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.http_server import PortBusyError
from natgw_provider.simulator.simulator import Simulator

CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "key", "region_name": "eu-central-1"}


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


def test_it_serves_between_start_and_stop_on_loopback_only() -> None:
    simulator = Simulator()
    with simulator:
        host, port = address_of(simulator.url)
        assert host == "127.0.0.1"
        with socket.create_connection((host, port)):
            pass
        assert simulator.start() == simulator.url
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, port))
    with pytest.raises(RuntimeError, match="not started"):
        _ = simulator.url
    simulator.stop()


def test_a_busy_port_is_an_error_at_once_that_names_it() -> None:
    with Simulator() as first:
        port = address_of(first.url)[1]
        with pytest.raises(PortBusyError, match=f"port {port} on 127.0.0.1 is taken"):
            Simulator().start(port)


def test_a_port_can_be_used_again_after_a_stop() -> None:
    with Simulator() as first:
        port = address_of(first.url)[1]
        assert fetch(first.url, "/_natgw/health")[0] == 200
    with Simulator() as second:
        second.stop()
        assert address_of(second.start(port))[1] == port


def test_nothing_is_left_after_a_stop_even_with_an_idle_connection() -> None:
    threads = set(threading.enumerate())
    files = len(list(Path("/proc/self/fd").iterdir()))
    simulator = Simulator()
    with simulator, socket.create_connection(address_of(simulator.url)) as idle:
        idle.sendall(b"GET /_natgw/health HTTP/1.1\r\nHost: x\r\n\r\n")
        assert b"200 OK" in idle.recv(4096)
        simulator.stop()
        assert idle.recv(4096) == b""
    assert set(threading.enumerate()) <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) == files


def test_a_stop_does_not_wait_for_an_answer_that_hangs() -> None:
    of_others = set(threading.enumerate())
    with Simulator() as simulator, ThreadPoolExecutor(1) as pool:
        simulator.add_fault("lost_answer", hang_seconds=3600)
        call = pool.submit(fetch, simulator.url, "/?Action=DescribeVpcs")
        while not simulator.calls():
            threading.Event().wait(0.005)
        simulator.stop()
        left = set(threading.enumerate()) - of_others
        assert not [thread for thread in left if "process_request_thread" in thread.name]
        with pytest.raises(ConnectionError):
            call.result()


def test_simulators_at_the_same_time_share_nothing() -> None:
    with Simulator(clock=ManualClock()) as first, Simulator(clock=ManualClock()) as second:
        session = boto3.session.Session()
        clients = {
            (service, simulator.url): session.client(service, endpoint_url=simulator.url, **CREDENTIALS)
            for simulator in (first, second)
            for service in ("ec2", "iam")
        }
        seed = first.seed()
        clients["iam", first.url].create_user(UserName="alice")
        found = {
            simulator: (
                len(clients["ec2", simulator.url].describe_nat_gateways()["NatGateways"]),
                seed.vpc_id in str(clients["ec2", simulator.url].describe_vpcs()),
                [user["UserName"] for user in clients["iam", simulator.url].list_users()["Users"]],
                len(simulator.calls()),
            )
            for simulator in (first, second)
        }
        assert found == {first: (1, True, ["alice"], 4), second: (0, False, [], 3)}
        for client in clients.values():
            client.close()


def test_parallel_calls_are_all_answered_and_logged() -> None:
    with Simulator(clock=ManualClock()) as simulator:
        seed = simulator.seed()
        client = boto3.client("ec2", endpoint_url=simulator.url, config=Config(max_pool_connections=16), **CREDENTIALS)
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: client.describe_nat_gateways(), range(100)))
        client.close()
        assert {answer["NatGateways"][0]["NatGatewayId"] for answer in answers} == {seed.nat_gateway_id}
        assert [call.number for call in simulator.calls()] == list(range(1, 101))


def test_racing_assigns_never_exceed_the_quota() -> None:
    with Simulator() as simulator:
        simulator.change_settings(assigning_seconds=0)
        seed = simulator.seed()
        client = boto3.client(
            "ec2",
            endpoint_url=simulator.url,
            config=Config(max_pool_connections=8, retries={"total_max_attempts": 1}),
            **CREDENTIALS,
        )

        def assign(_: int) -> bool:
            try:
                client.assign_private_nat_gateway_address(NatGatewayId=seed.nat_gateway_id, PrivateIpAddressCount=1)
            except client.exceptions.ClientError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            accepted = sum(pool.map(assign, range(20)))
        client.close()
        assert accepted == 7


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/?Action=Frobnicate", 400, b"InvalidAction"),
        ("/", 400, b"MissingAction"),
        ("/?Action=DescribeNatGateways&Colour=red", 400, b"UnknownParameter"),
        ("/?Action=DescribeNatGateways&NatGatewayId=nat-1", 400, b"UnknownParameter"),
        ("/?Action=DescribeNatGateways&NatGatewayId.one=nat-1", 400, b"UnknownParameter"),
        ("/?Action=DescribeNatGateways&Filter.1.Name.x=y", 400, b"UnknownParameter"),
        ("/?Action=DescribeNatGateways&Filter=abc", 400, b"UnknownParameter"),
        ("/?Action=DescribeNatGateways&Filter=abc&Filter.1.Name=state", 400, b"UnknownParameter"),
        ("/?Action=DescribeNatGateways&DryRun=perhaps", 400, b"InvalidParameterValue"),
        ("/?Action=GetConsoleScreenshot", 400, b"UnsupportedOperation"),
    ],
)
def test_requests_that_no_client_would_send_get_an_ec2_error(target: str, status: int, code: bytes) -> None:
    with Simulator() as simulator:
        answered, body = fetch(simulator.url, target)
    assert answered == status
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>' + code)
    assert b"<RequestID>" in body


def test_unsigned_requests_are_taken_for_ec2() -> None:
    with Simulator() as simulator:
        _, body = fetch(simulator.url, "/?Action=DescribeNatGateways&MaxResults=5")
    assert b"<DescribeNatGatewaysResponse" in body
    assert b"<natGatewaySet></natGatewaySet>" in body


def test_a_service_that_is_not_served_says_so() -> None:
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20250101/eu-central-1/s3/aws4_request, ..."}
    with Simulator() as simulator:
        status, body = fetch(simulator.url, "/?Action=x", headers=headers)
    assert status == 400
    assert b"ec2, sts, iam, not s3" in body


CALLS = MappingProxyType({"ec2": "describe_nat_gateways", "sts": "get_caller_identity", "iam": "list_users"})


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("region", ["eu-centrall-1", "EU-CENTRAL-1"])
def test_a_region_that_there_is_not_is_refused_at_the_first_try_with_those_that_there_are(
    service: str, region: str
) -> None:
    with Simulator() as simulator:
        client = boto3.client(service, endpoint_url=simulator.url, **CREDENTIALS | {"region_name": region})
        with pytest.raises(client.exceptions.ClientError) as refused:
            getattr(client, CALLS[service])()
        client.close()
    error = refused.value.response
    assert (error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]) == ("SignatureDoesNotMatch", 403)
    assert error["Error"]["Message"].startswith(
        f"Credential should be scoped to a valid region, not '{region}'. There are: af-south-1, "
    )
    assert [call.outcome for call in simulator.calls()] == ["SignatureDoesNotMatch"]


@pytest.mark.parametrize("service", ["sts", "iam"])
def test_sts_and_iam_answer_an_error_in_their_own_shape_which_every_sdk_reads(service: str) -> None:
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential=x/20250101/eu-central-1/{service}/aws4_request, ..."}
    with Simulator() as simulator:
        simulator.add_fault("throttling")
        _, body = fetch(simulator.url, "/?Action=Any", headers=headers)
    assert re.match(
        rf'<\?xml .*\?>\n<ErrorResponse xmlns="https://{service}\.amazonaws\.com/doc/[0-9-]+/"><Error>'
        "<Type>Receiver</Type><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error>"
        "<RequestId>[0-9a-f-]+</RequestId></ErrorResponse>",
        body.decode(),
    )


def control(simulator: Simulator, method: str, path: str, body: Any = None) -> Any:
    sent = None if body is None else json.dumps(body)
    status, answer = fetch(simulator.url, f"/_natgw/{path}", method, sent)
    found = json.loads(answer)
    return found if status == 200 else (status, found["error"])


def test_another_process_can_steer_everything() -> None:
    with Simulator(clock=ManualClock()) as simulator:
        health = control(simulator, "GET", "health")
        assert (health["status"], health["region"], health["account_id"]) == ("ok", "eu-central-1", "123456789012")
        assert control(simulator, "GET", "")["GET /_natgw/health"].startswith("Whether it serves")
        assert all(control(simulator, "GET", "").values())
        seed = control(simulator, "POST", "seed", {"nat_gateway_id": "nat-12345678", "secondaries": ["10.0.0.9"]})
        assert seed["nat_gateway_id"] == "nat-12345678"
        assert (seed["primary_private_ip_address"], seed["secondary_private_ip_addresses"]) == (
            "10.0.0.4",
            ["10.0.0.9"],
        )
        assert control(simulator, "POST", "clock", {"advance": 90})["now"] == 1_750_000_090
        assert control(simulator, "GET", "clock")["now"] == 1_750_000_090
        assert control(simulator, "POST", "settings", {"quota": 12})["quota"] == 12
        assert control(simulator, "GET", "settings")["quota"] == 12
        fault = control(simulator, "POST", "faults", {"kind": "throttling", "actions": ["DescribeVpcs"], "times": 3})
        listed = control(simulator, "GET", "faults")["faults"]
        assert (listed[fault["id"]]["kind"], listed[fault["id"]]["hits"]) == ("throttling", 0)
        assert control(simulator, "DELETE", f"faults/{fault['id']}") == {}
        assert control(simulator, "GET", "faults") == {"faults": {}}
        where = {"nat_gateway_id": "nat-12345678", "address": "10.0.0.9"}
        assert control(simulator, "POST", "connections", where | {"last": 7}) == {}
        assert control(simulator, "POST", "connections", where | {"end_now": True}) == {}
        assert control(simulator, "POST", "end-gateway", {"nat_gateway_id": "nat-12345678", "state": "failed"}) == {}
        fetch(simulator.url, "/?Action=DescribeNatGateways")
        log = control(simulator, "GET", "calls")
        assert log["counts"] == {"DescribeNatGateways": 1}
        assert (log["calls"][0]["action"], log["calls"][0]["outcome"]) == ("DescribeNatGateways", "ok")
        assert control(simulator, "GET", "calls/DescribeVpcs")["calls"] == []
        assert control(simulator, "DELETE", "calls") == {}
        assert control(simulator, "GET", "calls") == {"calls": [], "counts": {}}
        assert control(simulator, "POST", "reset") == {}
        assert b"nat-12345678" not in fetch(simulator.url, "/?Action=DescribeNatGateways")[1]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "nowhere", None, 404, "there are: GET /_natgw, GET /_natgw/health"),
        ("POST", "clock", {"advance": -1}, 400, "only moves forward"),
        ("POST", "clock", [1], 400, "not a JSON object"),
        ("POST", "seed", {"nat_gateway_id": "nat-z"}, 400, "8 or 17"),
        ("POST", "seed", {"cidr": "10.0.0.0/99"}, 400, "10.0.0.0/99"),
        ("POST", "seed", {"cidr": "10.0.0.0/29"}, 400, "InvalidVpc.Range"),
        ("POST", "seed", {"primary": "10.0.0.1"}, 400, "reserved"),
        ("POST", "seed", {"region": "mars-1"}, 400, "no region 'mars-1'"),
        ("POST", "seed", {"colour": "red"}, 400, "colour"),
        ("POST", "faults", {"kind": "earthquake"}, 400, "throttling"),
        ("POST", "faults", {}, 400, "kind"),
        ("DELETE", "faults/fault-9", None, 404, "fault-9"),
        ("POST", "settings", {"quota": 0}, 400, "1 to 32, not 0"),
        ("POST", "settings", {"colour": "red"}, 400, "no such setting: colour. There are: addresses_lag_seconds"),
        ("POST", "connections", {"nat_gateway_id": "nat-12345678", "address": "10.0.0.9"}, 404, "last"),
        ("POST", "connections", {"nat_gateway_id": "nat-1", "address": "10.0.0.9", "last": 1}, 400, "not found"),
        ("POST", "end-gateway", {"nat_gateway_id": "nat-12345678", "state": "sleepy"}, 400, "'sleepy'"),
    ],
)
def test_a_bad_control_request_says_what_is_wrong(method: str, path: str, body: Any, status: int, message: str) -> None:
    with Simulator(clock=ManualClock()) as simulator:
        simulator.seed(nat_gateway_id="nat-12345678")
        answered, error = control(simulator, method, path, body)
    assert answered == status
    assert message in error
