"""The debug log has every call to AWS with what support asks for, and no secret."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from natgw_provider.aws.client import connect
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings
from natgw_provider.bridge.log import Log
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator

SECRET = "plantedSECRET"  # noqa: S105 - planted, to be found if it leaks
ROLE = "arn:aws:iam::123456789012:role/natgw"


@pytest.fixture
def stream() -> io.StringIO:
    return io.StringIO()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def settings(url: str, **more: Any) -> ConnectionSettings:
    plain: dict[str, Any] = {"region": "eu-central-1", "access_key": "AKIA", "secret_key": SECRET, "token": SECRET}
    return ConnectionSettings(**{**plain, "endpoints": {"ec2": url, "sts": url}, **more})


def test_each_call_is_a_line_with_operation_duration_retries_and_request_id(stream: io.StringIO) -> None:
    with Simulator(clock=ManualClock()) as aws:
        aws.add_fault("throttling", actions=["GetCallerIdentity"], times=1)
        connect(settings(aws.url), Log("debug", stream=stream).debug)
    (line,) = lines(stream)
    assert line["@level"] == "debug"
    assert line["@message"] == "AWS API call"
    assert (line["operation"], line["outcome"], line["http_status"], line["retries"]) == (
        "GetCallerIdentity",
        "ok",
        "200",
        "1",
    )
    assert int(line["duration_ms"]) >= 0
    assert line["request_id"]


def test_an_error_is_a_line_with_its_code(stream: io.StringIO) -> None:
    with Simulator(clock=ManualClock()) as aws:
        connection = connect(settings(aws.url), Log("debug", stream=stream).debug)
        with pytest.raises(ClientError):
            connection.calls._client.describe_subnets(SubnetIds=["subnet-0"])
    line = lines(stream)[-1]
    assert (line["operation"], line["outcome"], line["http_status"]) == (
        "DescribeSubnets",
        "InvalidSubnetID.NotFound",
        "400",
    )
    assert line["request_id"]


def test_a_call_without_an_answer_is_a_line_with_the_kind_of_failure(stream: io.StringIO) -> None:
    """Its text would hold the proxy's URL, and that a password."""
    proxy = f"http://user:{SECRET}@127.0.0.1:1"
    unreachable = settings("http://ec2.invalid:1", http_proxy=proxy, skip_credentials_validation=True, max_retries=0)
    client = connect(unreachable, Log("trace", stream=stream).debug).calls._client
    with pytest.raises(Exception, match="proxy"):
        client.describe_subnets()
    (line,) = lines(stream)
    assert line["operation"] == "DescribeSubnets"
    assert line["outcome"] == "ProxyConnectionError"
    assert SECRET not in stream.getvalue()


def test_role_calls_are_lines_and_no_line_holds_a_secret(stream: io.StringIO) -> None:
    with Simulator(clock=ManualClock()) as aws:
        identity = AssumeRole(role_arn=ROLE, web_identity_token=SECRET)
        role = AssumeRole(role_arn=ROLE, external_id=SECRET, policy=f'{{"Id": "{SECRET}"}}')
        connection = connect(
            settings(aws.url, assume_role_with_web_identity=identity, assume_role=role),
            Log("trace", stream=stream).debug,
        )
        session_keys = connection.calls._client._request_signer._credentials.get_frozen_credentials()
    assert [line["operation"] for line in lines(stream)] == [
        "AssumeRoleWithWebIdentity",
        "AssumeRole",
        "GetCallerIdentity",
    ]
    for secret in (SECRET, session_keys.secret_key, session_keys.token, "Authorization", "X-Amz"):
        assert secret not in stream.getvalue()


@pytest.mark.parametrize("level", ["info", "error", "off"])
def test_above_debug_nothing_is_written(stream: io.StringIO, level: str) -> None:
    with Simulator(clock=ManualClock()) as aws:
        connect(settings(aws.url), Log(level, stream=stream).debug)
    assert stream.getvalue() == ""
