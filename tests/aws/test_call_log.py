"""The debug log has every call to AWS with what support asks for, and no secret."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from aws.conftest import ROLE, SECRET, keys_of, settings
from natgw_provider.aws.client import connect
from natgw_provider.aws.settings import AssumeRole
from natgw_provider.bridge.log import Log
from natgw_provider.simulator.simulator import Simulator


class Stream(io.StringIO):
    """What a log is written to."""

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The lines, each of them JSON."""
        return [json.loads(line) for line in self.getvalue().splitlines()]


@pytest.fixture
def stream() -> Stream:
    return Stream()


def test_each_call_is_a_line_with_operation_duration_retries_and_request_id(aws: Simulator, stream: Stream) -> None:
    aws.add_fault("throttling", actions=["GetCallerIdentity"], times=1)
    connect(settings(aws.url), Log("debug", stream=stream).debug)
    (line,) = stream.lines
    assert line.pop("request_id")
    assert int(line.pop("duration_ms")) >= 0
    wanted = {"@level": "debug", "@message": "AWS API call", "operation": "GetCallerIdentity"}
    wanted |= {"outcome": "ok", "http_status": "200", "retries": "1"}
    assert line.items() >= wanted.items()


def test_an_error_is_a_line_with_its_code(aws: Simulator, stream: Stream) -> None:
    connection = connect(settings(aws.url), Log("debug", stream=stream).debug)
    with pytest.raises(ClientError):
        connection.calls._client.describe_subnets(SubnetIds=["subnet-0"])
    line = stream.lines[-1]
    assert line["request_id"]
    wanted = {"operation": "DescribeSubnets", "outcome": "InvalidSubnetID.NotFound", "http_status": "400"}
    assert line.items() >= wanted.items()


def test_a_call_without_an_answer_is_a_line_with_the_kind_of_failure(stream: Stream) -> None:
    """Its text would hold the proxy's URL, and that a password."""
    proxy = f"http://user:{SECRET}@127.0.0.1:1"
    unreachable = settings("http://ec2.invalid:1", http_proxy=proxy, skip_credentials_validation=True, max_retries=0)
    client = connect(unreachable, Log("trace", stream=stream).debug).calls._client
    with pytest.raises(Exception, match="proxy"):
        client.describe_subnets()
    (line,) = stream.lines
    assert (line["operation"], line["outcome"]) == ("DescribeSubnets", "ProxyConnectionError")
    assert SECRET not in stream.getvalue()


def test_role_calls_are_lines_and_no_line_holds_a_secret(aws: Simulator, stream: Stream) -> None:
    identity = AssumeRole(role_arn=ROLE, web_identity_token=SECRET)
    role = AssumeRole(role_arn=ROLE, external_id=SECRET, policy=f'{{"Id": "{SECRET}"}}')
    wanted = settings(aws.url, token=SECRET, assume_role_with_web_identity=identity, assume_role=role)
    _, secret_key, token = keys_of(connect(wanted, Log("trace", stream=stream).debug))
    called = [line["operation"] for line in stream.lines]
    assert called == ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"]
    for secret in (SECRET, secret_key, token, "Authorization", "X-Amz"):
        assert str(secret) not in stream.getvalue()
