"""No error shows a secret, wherever it came from, nor does its traceback; what is no secret is still shown."""

from __future__ import annotations

import io
import traceback
from typing import Any

import pytest
from botocore import exceptions as botocore_exceptions
from botocore.parsers import ResponseParserError
from urllib3.exceptions import NewConnectionError, ProxyError
from werkzeug.wrappers import Response

from aws.conftest import ROLE, SECRET, settings
from engine.stage import ASSIGN, GATEWAY, NOTHING
from natgw_provider.aws.client import connect
from natgw_provider.aws.errors import Ec2Error, Rejected
from natgw_provider.aws.exceptions import redacted_text
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings
from natgw_provider.bridge.log import Log
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.change_plan import Assign
from natgw_provider.core.problems import ProblemError
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.simulator.transport import HttpServer

NOBODY = "http://127.0.0.1:9"
ELSEWHERE = {"endpoints": {"ec2": "http://ec2.invalid", "sts": "http://sts.invalid"}}
"""What only a proxy finds: loopback never takes one."""
TRUNCATED = f"<AssumeRoleResponse><Credentials><SecretAccessKey>{SECRET}</SecretAccessKey>".encode()
BROKEN_PROXIES = [
    f"http://user:{SECRET}/x@127.0.0.1:9",
    f"http://user:{SECRET}#x@127.0.0.1:9",
    f"http://user:{SECRET}@127.0.0.1:99999",
    f"http://user:{SECRET}@[::1",
    f"http://user:{SECRET}\u2100@127.0.0.1:9",
    f"http://us er:{SECRET}@127.0.0.1:9",
    f"socks5://user:{SECRET}@127.0.0.1:9",
    f"user:{SECRET}@127.0.0.1:9",
    f"http://user:{SECRET}@127.0.0.1:9",
]


def block(**more: Any) -> ConnectionSettings:
    return settings(NOBODY, **{"access_key": "AKIA", "secret_key": "s", "max_retries": 0, **more})


def said(wanted: ConnectionSettings) -> str:
    """Return the error of a first read; it and all that the log may show of it hold no secret."""
    stream = io.StringIO()
    with pytest.raises(ProblemError) as caught:
        GatewayEngine(connect(wanted, Log("trace", stream=stream).debug)).read(GATEWAY)
    problem = caught.value.problem
    logged = stream.getvalue() + "".join(traceback.format_exception(caught.value))
    for hidden in (SECRET, "Signature="):
        assert hidden not in problem.detail
        assert hidden not in logged
    return problem.detail


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize(
    "given", [{"token": f"{SECRET}\n"}, {"access_key": f"{SECRET}\n"}, {"token": f"{SECRET}\r\nx"}]
)
def test_a_key_with_a_line_break_is_not_quoted(given: dict[str, str], skip: bool) -> None:
    detail = said(block(**given, skip_credentials_validation=skip))
    for words in ("HTTPClientError: ValueError", "line break", "AWS_SESSION_TOKEN"):
        assert words in detail


@pytest.mark.parametrize("skip", [False, True])
@pytest.mark.parametrize("url", BROKEN_PROXIES)
def test_a_proxys_password_is_not_quoted(url: str, skip: bool) -> None:
    assert "proxy" in said(block(**ELSEWHERE, http_proxy=url, skip_credentials_validation=skip))


@pytest.mark.parametrize("url", BROKEN_PROXIES[:3])
def test_a_proxys_password_in_the_environment_is_not_quoted(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setenv("http_proxy", url)
    assert "proxy" in said(block(**ELSEWHERE))


def test_an_endpoints_password_is_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "***@127.0.0.1:9" in said(block(endpoints={"sts": f"http://user:{SECRET}@127.0.0.1:9"}))
    monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", f"http://us er:{SECRET}@a b")
    assert "***@a b" in said(block(endpoints={}, skip_credentials_validation=True))


@pytest.mark.parametrize(
    "given",
    [
        {"assume_role": AssumeRole(role_arn=ROLE)},
        {"assume_role_with_web_identity": AssumeRole(role_arn=ROLE, web_identity_token="a-web-token")},  # noqa: S106 - no secret
    ],
)
def test_an_answer_of_sts_that_breaks_off_is_not_quoted(given: dict[str, Any]) -> None:
    server = HttpServer(lambda _request: Response(TRUNCATED))
    detail = said(block(**given, endpoints={"sts": server.url}))
    server.close()
    assert "is not an answer from AWS" in detail
    assert "the answer was cut short" in detail


def test_the_progress_of_a_change_shows_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", f"http://user:{SECRET}/x@127.0.0.1:9")
    with pytest.raises(Ec2Error) as caught:
        connect(block(**ELSEWHERE, skip_credentials_validation=True)).calls.change(
            PRIVATE_IPS, NOTHING, Assign(count=1)
        )
    assert type(caught.value) is Rejected
    assert str(caught.value).startswith(f"{ASSIGN}: HTTPClientError: LocationParseError")
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, 'Could not connect to the endpoint URL: "http://127.0.0.1:9/"'),
        ({**ELSEWHERE, "http_proxy": NOBODY}, "no connection through the proxy http://127.0.0.1:9: Connection refused"),
        ({**ELSEWHERE, "http_proxy": "http://me:pw@127.0.0.1:9/"}, "the proxy http://127.0.0.1:9: Connection refused"),
        (
            {**ELSEWHERE, "http_proxy": "http://proxy.invalid:1"},
            "no connection through the proxy http://proxy.invalid:1: ",
        ),
    ],
)
def test_what_stands_in_the_way_is_reported(given: dict[str, str], words: str) -> None:
    assert words in said(block(**given))
    assert words in said(block(**given, skip_credentials_validation=True))


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            botocore_exceptions.SSLError(endpoint_url="https://a", error="certificate verify failed: self-signed"),
            "SSL validation failed for https://a certificate verify failed: self-signed",
        ),
        (botocore_exceptions.ReadTimeoutError(endpoint_url="https://a"), 'Read timeout on endpoint URL: "https://a"'),
        (FileNotFoundError(2, "No such file or directory", "/token"), "[Errno 2] No such file or directory: '/token'"),
        (
            botocore_exceptions.ProxyConnectionError(
                proxy_url="http://p:1", error=ProxyError("", ConnectionResetError(104, "Connection reset by peer"))
            ),
            "the connection through the proxy http://p:1 broke off: Connection reset by peer",
        ),
        (
            ResponseParserError(f"Unable to parse response (a), invalid XML received:\n{SECRET}"),
            "Unable to parse response (a), invalid XML received",
        ),
    ],
)
def test_words_that_hold_no_secret_stay(error: Exception, text: str) -> None:
    assert redacted_text(error) == text


@pytest.mark.parametrize(
    "error",
    [
        botocore_exceptions.HTTPClientError(error=ValueError(SECRET)),
        botocore_exceptions.ResponseStreamingError(error=SECRET),
        botocore_exceptions.ProxyConnectionError(
            proxy_url=f"http://{SECRET}/@p",
            error=ProxyError(SECRET, NewConnectionError(None, SECRET)),  # type: ignore[arg-type]
        ),
        botocore_exceptions.EndpointConnectionError(endpoint_url=f"http://user:{SECRET}@a"),
        ValueError(SECRET),
        OSError(SECRET),
    ],
)
def test_words_that_may_hold_a_secret_do_not(error: Exception) -> None:
    assert SECRET in str(error)
    assert SECRET not in redacted_text(error)
