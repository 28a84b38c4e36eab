"""The endpoint on a socket: addresses, ports, connections, what is left after a stop."""

from __future__ import annotations

import re
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import boto3
import pytest
from botocore.config import Config

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import address_of, fetch
from support.waiting import wait_for

CREDENTIALS = {"aws_access_key_id": "any", "aws_secret_access_key": "key", "region_name": "eu-central-1"}


def test_a_busy_port_is_an_error_at_once_that_names_it() -> None:
    with Simulator() as first:
        port = address_of(first.url)[1]
        with pytest.raises(OSError, match=f"port {port} on 127.0.0.1 is taken"):
            Simulator().start(port)


def test_nothing_is_left_after_a_stop_even_with_an_idle_connection() -> None:
    threads = set(threading.enumerate())
    files = len(list(Path("/proc/self/fd").iterdir()))
    simulator = Simulator()
    with simulator, socket.create_connection(address_of(simulator.url), timeout=10) as idle:
        while not [it for it in set(threading.enumerate()) - threads if "process_request_thread" in it.name]:
            threading.Event().wait(0.005)
        simulator.stop()
        assert idle.recv(1) == b""
    assert set(threading.enumerate()) <= threads
    assert len(list(Path("/proc/self/fd").iterdir())) == files


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET /?Action=DescribeVpcs HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc",
    ],
)
def test_a_client_that_resets_its_connection_leaves_nothing(sent: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    files = len(list(Path("/proc/self/fd").iterdir()))
    with Simulator() as simulator:
        with socket.create_connection(address_of(simulator.url)) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.sendall(sent)
        assert fetch(simulator.url, "/_natgw/health")[0] == 200
    # The thread of the reset connection may still be on its way to closing it.
    wait_for(lambda: len(list(Path("/proc/self/fd").iterdir())) == files, "the connection's file to be closed")
    assert capfd.readouterr() == ("", "")


def test_a_stop_does_not_wait_for_an_answer_that_hangs() -> None:
    of_others = set(threading.enumerate())
    with Simulator() as simulator, ThreadPoolExecutor(1) as pool:
        simulator.add_fault("lost_answer", hang_seconds=3600)
        call = pool.submit(fetch, simulator.url, "/?Action=DescribeVpcs")
        while not simulator.calls():
            threading.Event().wait(0.005)
        with pytest.raises(TimeoutError):
            call.result(0.2)
        simulator.stop()
        left = set(threading.enumerate()) - of_others
        assert not [thread for thread in left if "process_request_thread" in thread.name]
        with pytest.raises(ConnectionError):
            call.result()


def test_simulators_at_the_same_time_share_no_network_and_no_log() -> None:
    first, second = Simulator(clock=ManualClock()), Simulator(clock=ManualClock())
    seed = first.seed()
    for simulator, gateways in ((first, 1), (second, 0)):
        client = simulator.client()
        assert len(client.describe_nat_gateways()["NatGateways"]) == gateways
        assert (seed.vpc_id in str(client.describe_vpcs())) is (simulator is first)
        client.close()
    assert (len(first.calls()), len(second.calls())) == (2, 2)


def test_parallel_calls_are_all_answered_and_logged() -> None:
    with Simulator(clock=ManualClock()) as simulator:
        seed = simulator.seed()
        client = boto3.client("ec2", endpoint_url=simulator.url, config=Config(max_pool_connections=16), **CREDENTIALS)
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: client.describe_nat_gateways(), range(100)))
        client.close()
        assert {answer["NatGateways"][0]["NatGatewayId"] for answer in answers} == {seed.nat_gateway_id}
        assert [call.number for call in simulator.calls()] == list(range(1, 101))


@pytest.mark.parametrize(
    ("target", "status", "code"),
    [
        ("/?Action=Frobnicate", 400, b"InvalidAction"),
        ("/", 400, b"MissingAction"),
        ("/?Action=DescribeNatGateways&MaxResults=many", 400, b"InvalidParameterValue"),
        ("/?Action=DescribeNatGateways&NatGatewayId.1=%00", 400, b"NatGatewayMalformed"),
        ("/?Action=GetConsoleScreenshot", 400, b"UnsupportedOperation"),
        ("/?Action=DescribeVpcs&Filter.1.Name=unheard-of&Filter.1.Value.1=x", 400, b"UnsupportedOperation"),
    ],
)
def test_requests_that_no_client_would_send_get_an_ec2_error(target: str, status: int, code: bytes) -> None:
    with Simulator() as simulator:
        answered, body = fetch(simulator.url, target)
    assert answered == status
    assert body.startswith(b'<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>' + code)
    assert b"<RequestID>" in body


def test_a_service_that_is_not_served_says_so() -> None:
    headers = {"Authorization": "AWS4-HMAC-SHA256 Credential=x/20250101/eu-central-1/s3/aws4_request, ..."}
    with Simulator() as simulator:
        status, body = fetch(simulator.url, "/?Action=x", headers=headers)
    assert status == 400
    assert b"ec2, sts, iam, not s3" in body


CALLS = MappingProxyType({"ec2": "describe_nat_gateways", "sts": "get_caller_identity", "iam": "list_users"})


@pytest.mark.parametrize("service", CALLS)
@pytest.mark.parametrize("region", ["eu-centrall-1", "EU-CENTRAL-1"])
def test_a_region_that_does_not_exist_is_refused_at_the_first_try_with_those_that_exist(
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
        action = {"sts": "GetCallerIdentity", "iam": "ListUsers"}[service]
        _, body = fetch(simulator.url, f"/?Action={action}", headers=headers)
    assert re.match(
        rf'<\?xml .*\?>\n<ErrorResponse xmlns="https://{service}\.amazonaws\.com/doc/[0-9-]+/"><Error>'
        "<Type>Receiver</Type><Code>RequestLimitExceeded</Code><Message>Request limit exceeded.</Message></Error>"
        "<RequestId>[0-9a-f-]+</RequestId></ErrorResponse>",
        body.decode(),
    )
