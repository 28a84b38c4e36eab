"""Which proxy a request takes: as Go's HTTP client decides, and with it the AWS provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from aws.conftest import problem_of, settings
from natgw_provider.aws.client import connect
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.aws.transport import Proxies
from natgw_provider.simulator.simulator import Simulator
from support.https import RefusingProxy, certificate_for, tls_front

GO_NO_PROXY = (
    "foobar.com, .barbaz.net, *.wildcard.io, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30, "
    "2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64"
)
"""Of Go's own test of httpproxy, as are the hosts below and what becomes of them."""


DIRECT = """
localhost 127.0.0.1 127.0.0.2 [::1] 192.168.1.1 192.168.1.3 10.0.0.2 [2001:db8::52:0:1] [2001:db8::52:0:3]
[2002:db8:a::123] www.barbaz.net foobar.com www.foobar.com nested.wildcard.io
"""
BY_PROXY = """
[::2] 192.168.1.2 192.168.1.4 [2001:db8::52:0:2] barbaz.net foofoobar.com baz.com localhost.net local.localhost
barbarbaz.net wildcard.io awildcard.io
"""


@pytest.mark.parametrize(
    ("host", "proxy"),
    [*((host, None) for host in DIRECT.split()), *((host, "http://proxy:1") for host in BY_PROXY.split())],
)
def test_no_proxy_means_what_it_means_to_go(host: str, proxy: str | None) -> None:
    proxies = Proxies(http="http://proxy:1", no_proxy=GO_NO_PROXY)
    assert proxies.proxy_url_for(f"http://{host}:80/") == proxies.proxy_url_for(f"http://{host}/") == proxy
    assert Proxies(http="http://proxy:1", no_proxy=f"{GO_NO_PROXY},*").proxy_url_for(f"http://{host}/") is None


@pytest.mark.parametrize(
    "entry", ["", ":1", "ample.com", ".example.com", "example.com:81", "foo/8", ",,", "*example.com"]
)
def test_an_entry_for_another_host_or_for_none_sends_nothing_directly(entry: str) -> None:
    assert Proxies(http="http://proxy:1", no_proxy=entry).proxy_url_for("http://example.com/") == "http://proxy:1"


@pytest.mark.parametrize(
    "host", ["169.254.169.254", "169.254.170.2", "169.254.170.23", "[fe80::1]", "[fd00:ec2::254]", "[fd00:ec2::23]"]
)
def test_metadata_never_takes_a_proxy_which_would_answer_with_its_own(host: str) -> None:
    assert Proxies(http="http://proxy:1").proxy_url_for(f"http://{host}/latest") is None


@pytest.mark.parametrize(
    ("block", "environment", "http", "https"),
    [
        ({}, {}, None, None),
        ({"http_proxy": ""}, {}, None, None),
        ({"http_proxy": "a"}, {}, "a", "a"),
        ({"https_proxy": "b"}, {}, None, "b"),
        ({"http_proxy": "a", "https_proxy": "b"}, {}, "a", "b"),
        ({"http_proxy": "a", "https_proxy": ""}, {}, "a", None),
        ({"http_proxy": "", "https_proxy": "b"}, {}, None, "b"),
        ({}, {"HTTP_PROXY": "e"}, "e", None),
        ({}, {"http_proxy": "e"}, "e", None),
        ({}, {"HTTPS_PROXY": "e"}, None, "e"),
        ({}, {"https_proxy": "e"}, None, "e"),
        ({"http_proxy": "a"}, {"HTTPS_PROXY": "e"}, "a", "e"),
        ({"http_proxy": "a"}, {"https_proxy": "e"}, "a", "e"),
        ({"http_proxy": "a"}, {"HTTP_PROXY": "e"}, "a", "a"),
        ({"https_proxy": "b"}, {"HTTPS_PROXY": "e"}, None, "b"),
        ({"https_proxy": "b"}, {"HTTP_PROXY": "e"}, "e", "b"),
    ],
)
def test_block_and_environment_complete_each_other_as_in_the_aws_provider(
    block: dict[str, str], environment: dict[str, str], http: str | None, https: str | None
) -> None:
    proxies = Proxies.of(ConnectionSettings(**block), {**environment, "NO_PROXY": "direct.test"})  # type: ignore[arg-type]
    assert proxies.proxy_url_for("http://example.com") == (http and f"http://{http}")
    assert proxies.proxy_url_for("https://example.com") == (https and f"http://{https}")
    assert proxies.proxy_url_for("http://direct.test") is proxies.proxy_url_for("https://direct.test") is None


@pytest.mark.parametrize(
    ("region", "more", "host"),
    [
        ("eu-central-1", {}, "eu-central-1.amazonaws.com"),
        ("cn-north-1", {}, "cn-north-1.amazonaws.com.cn"),
        ("us-east-1", {"use_fips_endpoint": True}, "us-east-1.amazonaws.com"),
        ("us-east-1", {"use_dualstack_endpoint": True}, "us-east-1.api.aws"),
    ],
)
def test_the_host_that_is_really_called_decides(
    monkeypatch: pytest.MonkeyPatch, proxy: RefusingProxy, region: str, more: dict[str, bool], host: str
) -> None:
    """The first NO_PROXY names the domain of another host, so the proxy is asked; the second names this one's."""
    wanted = settings(None, region=region, max_retries=0, http_proxy=proxy.url, **more)
    monkeypatch.setenv("NO_PROXY", "eu-west-1.amazonaws.com,10.0.0.0/8")
    assert "403 Forbidden" in problem_of(wanted).detail
    assert [asked.endswith(host) for asked in proxy.hosts] == [True]
    monkeypatch.setenv("NO_PROXY", host)
    monkeypatch.setattr("socket.getaddrinfo", _no_such_host)
    problem_of(wanted)
    assert len(proxy.hosts) == 1


def test_the_ca_bundle_holds_for_a_proxy_that_speaks_tls(aws: Simulator, tmp_path: Path) -> None:
    """The server below is no proxy: what it answers to CONNECT shows that it was trusted."""
    pem = certificate_for("localhost", tmp_path / "both.pem")
    with tls_front(aws.url, pem) as front:
        trusted = settings(None, https_proxy=front.url, custom_ca_bundle=str(pem), max_retries=0)
        assert "Tunnel connection failed: 501" in problem_of(trusted).detail
        before = front.connections
        assert "custom_ca_bundle" in problem_of(settings(None, https_proxy=front.url)).detail
    assert front.connections == before + 1


def test_a_proxy_that_speaks_tls_is_verified_for_http_as_well(aws: Simulator, tmp_path: Path) -> None:
    """It gets a password, which is not for another one in its place."""
    trusted = certificate_for("localhost", tmp_path / "trusted.pem")
    with tls_front(aws.url, certificate_for("localhost", tmp_path / "other.pem")) as front:
        wanted = settings("http://sts.invalid", http_proxy=front.url, custom_ca_bundle=str(trusted), max_retries=0)
        assert "custom_ca_bundle" in problem_of(wanted).detail


def test_a_dead_proxy_of_the_environment_does_not_stand_before_loopback(
    monkeypatch: pytest.MonkeyPatch, aws: Simulator
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert connect(settings(aws.url)).calls.describe(["nat-0a1b2c3d4e5f67890"]) == {}


def _no_such_host(*_: object, **__: object) -> None:
    raise OSError(-2, "Name or service not known")
