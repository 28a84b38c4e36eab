"""Every error of botocore and AWS falls into the one class that says what to do about it."""

from __future__ import annotations

import socket
import ssl
from http.client import BadStatusLine, RemoteDisconnected
from typing import Any

import pytest
from botocore import exceptions as botocore_exceptions
from botocore.parsers import ResponseParserError
from urllib3 import HTTPConnectionPool
from urllib3.connection import HTTPConnection
from urllib3.exceptions import (
    ConnectTimeoutError,
    LocationParseError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
    SSLError,
)
from urllib3.util.ssl_match_hostname import CertificateError

from natgw_provider.aws import errors
from natgw_provider.aws.errors import note_operation, sorted_errors

CONNECTION = HTTPConnection("p")
POOL = HTTPConnectionPool("p")
URL = {"endpoint_url": "https://ec2.eu-central-1.amazonaws.com"}


def answer(code: str, status: int = 400, message: str = "Because.") -> botocore_exceptions.ClientError:
    metadata = {"HTTPStatusCode": status, "RequestId": "r-1"}
    return botocore_exceptions.ClientError(
        {"Error": {"Code": code, "Message": message}, "ResponseMetadata": metadata}, "DescribeNatGateways"
    )


def behind_a_proxy(error: Exception) -> botocore_exceptions.ProxyConnectionError:
    return botocore_exceptions.ProxyConnectionError(proxy_url="http://p", error=ProxyError("Unable to connect", error))


def sorted_as(error: BaseException) -> errors.Ec2Error:
    with pytest.raises(errors.Ec2Error) as caught, sorted_errors("DescribeNatGateways"):
        raise error
    assert caught.value.__cause__ is error
    assert caught.value.action == "DescribeNatGateways"
    return caught.value


@pytest.mark.parametrize(
    ("code", "status", "kind"),
    [
        ("NatGatewayNotFound", 400, errors.GatewayNotFound),
        ("InvalidNatGatewayID.NotFound", 400, errors.GatewayNotFound),
        ("NatGatewayMalformed", 400, errors.GatewayNotFound),
        ("OperationInProgress", 400, errors.Busy),
        ("IncorrectState", 400, errors.Busy),
        ("IncorrectInstanceState", 400, errors.Busy),
        ("RequestLimitExceeded", 503, errors.Throttled),
        ("Throttling", 400, errors.Throttled),
        ("Client.Something", 429, errors.Throttled),
        ("UnauthorizedOperation", 403, errors.AccessDenied),
        ("AccessDenied", 403, errors.AccessDenied),
        ("AuthFailure", 401, errors.CredentialsInvalid),
        ("RequestExpired", 400, errors.CredentialsInvalid),
        ("ExpiredToken", 403, errors.CredentialsInvalid),
        ("InternalError", 500, errors.LostAnswer),
        ("Unavailable", 503, errors.LostAnswer),
        ("", 502, errors.LostAnswer),
        ("", 501, errors.Rejected),
        ("InvalidParameterValue", 400, errors.Rejected),
        ("PrivateIpAddressLimitExceeded", 400, errors.Rejected),
        ("SomethingNew", 400, errors.Rejected),
    ],
)
def test_an_answer_is_sorted_by_its_code_then_by_its_status(
    code: str, status: int, kind: type[errors.Ec2Error]
) -> None:
    error = sorted_as(answer(code, status))
    assert type(error) is kind
    assert (error.code, error.message, error.request_id) == (code or f"HTTP {status}", "Because.", "r-1")
    server_failure = f"HTTP {status}, " if status >= 500 and code else ""
    assert str(error) == f"DescribeNatGateways: {error.code}: Because. ({server_failure}request id r-1)"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (botocore_exceptions.EndpointConnectionError(**URL), errors.Unreachable),
        (botocore_exceptions.ConnectTimeoutError(**URL), errors.Unreachable),
        (behind_a_proxy(NewConnectionError(CONNECTION, "Connection refused")), errors.Unreachable),
        (behind_a_proxy(NameResolutionError("p", CONNECTION, socket.gaierror(-2, "unknown"))), errors.Unreachable),
        (behind_a_proxy(ConnectTimeoutError("timed out")), errors.Unreachable),
        (behind_a_proxy(SSLError(ssl.SSLCertVerificationError(1, "self-signed"))), errors.Rejected),
        (botocore_exceptions.SSLError(**URL, error=SSLError(CertificateError("mismatch"))), errors.Rejected),
        (botocore_exceptions.HTTPClientError(error=ValueError("Invalid header value b'a\\n'")), errors.Rejected),
        (botocore_exceptions.HTTPClientError(error=LocationParseError("a b")), errors.Rejected),
        (behind_a_proxy(OSError("Tunnel connection failed: 403 Forbidden")), errors.Unreachable),
        (behind_a_proxy(OSError("Something else failed")), errors.LostAnswer),
        (behind_a_proxy(SSLError(ssl.SSLError(1, "record layer failure"))), errors.LostAnswer),
        (behind_a_proxy(RemoteDisconnected("closed")), errors.LostAnswer),
        (behind_a_proxy(ConnectionResetError(104, "reset")), errors.LostAnswer),
        (behind_a_proxy(BrokenPipeError(32, "broken pipe")), errors.LostAnswer),
        (behind_a_proxy(ReadTimeoutError(POOL, "/", "timed out")), errors.LostAnswer),
        (behind_a_proxy(BadStatusLine("Tunnel connection failed")), errors.LostAnswer),
        (botocore_exceptions.ProxyConnectionError(proxy_url="http://p"), errors.LostAnswer),
        (botocore_exceptions.ReadTimeoutError(**URL), errors.LostAnswer),
        (botocore_exceptions.ConnectionClosedError(**URL), errors.LostAnswer),
        (botocore_exceptions.SSLError(**URL, error="bad"), errors.LostAnswer),
        (botocore_exceptions.HTTPClientError(error="odd"), errors.LostAnswer),
        (ResponseParserError("no XML"), errors.LostAnswer),
        (ValueError("Port out of range 0-65535"), errors.LostAnswer),
        (ConnectionResetError(104, "reset"), errors.LostAnswer),
        (botocore_exceptions.NoCredentialsError(), errors.CredentialsInvalid),
        (botocore_exceptions.CredentialRetrievalError(provider="p", error_msg="m"), errors.CredentialsInvalid),
        (botocore_exceptions.UnauthorizedSSOTokenError(), errors.CredentialsInvalid),
        (botocore_exceptions.ParamValidationError(report="r"), errors.Rejected),
    ],
)
def test_what_happens_on_the_way_is_sorted_by_whether_the_request_left(
    error: Exception, kind: type[errors.Ec2Error]
) -> None:
    assert type(sorted_as(error)) is kind


def test_what_was_handled_before_proves_nothing() -> None:
    """A call is tried again while the error of the first try is handled, which Python then chains to the second."""
    lost = behind_a_proxy(RemoteDisconnected("closed"))
    lost.kwargs["error"].original_error.__context__ = NewConnectionError(CONNECTION, "Connection refused")
    assert type(sorted_as(lost)) is errors.LostAnswer


def test_a_sorted_error_stays_what_it_is() -> None:
    """As when the credentials of a role are renewed inside another call."""
    inner = errors.CredentialsInvalid("AssumeRole", "ExpiredToken", "Expired.")
    with pytest.raises(errors.CredentialsInvalid) as caught, sorted_errors("DescribeNatGateways"):
        raise inner
    assert caught.value is inner


@pytest.mark.parametrize("call", ["AssumeRole", "GetRoleCredentials"])
def test_the_error_is_that_of_the_call_that_failed_and_the_outer_one_was_not_sent(call: str) -> None:
    """A request is signed, with calls on the way to its credentials, before it is sent."""
    lost = botocore_exceptions.ReadTimeoutError(**URL)
    note_operation(lost, f"after-call-error.sts.{call}")
    note_operation(lost, "after-call-error.ec2.AssignPrivateNatGatewayAddress")
    with pytest.raises(errors.Unreachable) as caught, sorted_errors("AssignPrivateNatGatewayAddress"):
        raise lost
    assert caught.value.action == call
    with pytest.raises(errors.Unreachable) as caught, sorted_errors("AssignPrivateNatGatewayAddress"):
        raise errors.LostAnswer(call, "HTTP 500", "")
    assert caught.value.action == call


def test_a_bug_is_not_dressed_up_as_an_answer() -> None:
    with pytest.raises(KeyError), sorted_errors("DescribeNatGateways"):
        raise KeyError("bug")


@pytest.mark.parametrize(
    ("message", "plain", "encoded"),
    [
        (
            "You are not authorized. Encoded authorization failure message: abc-DEF_123",
            "You are not authorized.",
            "abc-DEF_123",
        ),
        ("You are not authorized.", "You are not authorized.", ""),
    ],
)
def test_the_encoded_message_of_a_denial_is_taken_apart(message: str, plain: str, encoded: str) -> None:
    error: Any = sorted_as(answer("UnauthorizedOperation", 403, message))
    assert (error.message, error.encoded_message) == (plain, encoded)
