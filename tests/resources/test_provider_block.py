"""The provider block: every mistake reported at its argument, every value handed on, unknown values waited for."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import pytest

from natgw_provider.aws.settings import ConnectionSettings, setting_problem
from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.handlers import Context
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.resources.provider import NatgwProvider
from natgw_provider.resources.provider_block import SCHEMA

ACCOUNT = "123456789012"
ROLE = "arn:aws:iam::123456789012:role/deploy"
NESTED = {
    name: [inner.name for inner in nested.attributes]
    for name in ("assume_role", "assume_role_with_web_identity", "endpoints")
    if (nested := SCHEMA.attribute(name).nested)
}


def block(**arguments: Any) -> dict[str, Any]:
    return {**{attribute.name: None for attribute in SCHEMA.attributes}, **arguments}


def nested(name: str, **arguments: Any) -> dict[str, Any]:
    return {**dict.fromkeys(NESTED[name]), **arguments}


def context() -> Context:
    return Context(stop=threading.Event(), terraform_version="1.11.4", log=Log())


@pytest.mark.parametrize(
    ("arguments", "path", "said"),
    [
        ({"max_retries": 101}, ("max_retries",), ["is 101", "0 to 100"]),
        ({"max_retries": float("inf")}, ("max_retries",), ["0 to 100"]),
        ({"private_ip_address_quota": 33}, ("private_ip_address_quota",), ["is 33", "2 to 32"]),
        ({"elastic_ip_quota": 1}, ("elastic_ip_quota",), ["is 1", "2 to 32"]),
        ({"private_ip_address_quota": 8.5}, ("private_ip_address_quota",), ["is 8.5", "whole numbers"]),
        ({"region": "eu central 1"}, ("region",), ['"eu central 1"', "as AWS does"]),
        ({"retry_mode": "legacy"}, ("retry_mode",), ['"legacy"', '"standard" and "adaptive"']),
        ({"access_key": "AKIAEXAMPLE"}, ("access_key",), ["secret_key is not", "Set access_key and secret_key"]),
        ({"secret_key": "very-secret", "access_key": ""}, ("secret_key",), ["access_key is not"]),
        ({"token": "very-secret"}, ("token",), ["access_key is not"]),
        *(
            ({name: (ACCOUNT, text)}, (name,), [f'{name} holds "{text}"', "12 digits"])
            for name in ("allowed_account_ids", "forbidden_account_ids")
            for text in ("99", "", "1234567890123", "12345678901a", "1234-5678-9012")
        ),
        (
            {"allowed_account_ids": (ACCOUNT,), "forbidden_account_ids": ("210987654321",)},
            ("forbidden_account_ids",),
            ["both set", "remove"],
        ),
        (
            {"assume_role": nested("assume_role", role_arn=ROLE, duration="10m")},
            ("assume_role", "duration"),
            ['assume_role.duration is "10m"', "15m to 12h"],
        ),
        (
            {"assume_role": nested("assume_role", role_arn="deploy")},
            ("assume_role", "role_arn"),
            ['assume_role.role_arn is "deploy"', "ARN of the role", "such as"],
        ),
        (
            {"assume_role_with_web_identity": nested("assume_role_with_web_identity", role_arn=ROLE)},
            ("assume_role_with_web_identity",),
            ["Exactly one", "neither is set"],
        ),
        ({"endpoints": nested("endpoints", ec2="localhost:1")}, ("endpoints", "ec2"), ['"localhost:1"', '"https://']),
        *(
            ({"endpoints": nested("endpoints", sts=url)}, ("endpoints", "sts"), [f'"{url}"', "such as"])
            for url in ("http://", "http://[", "http://a b", "https:///path", "http://a:port", " http://a", "ftp://a")
        ),
        *(
            ({name: (ACCOUNT, None)}, (name,), [f"{name} holds null", "Remove it"])
            for name in (
                "shared_config_files",
                "shared_credentials_files",
                "allowed_account_ids",
                "forbidden_account_ids",
            )
        ),
        (
            {"assume_role": nested("assume_role", role_arn=ROLE, tags={"team": None})},
            ("assume_role", "tags"),
            ["assume_role.tags holds null"],
        ),
        (
            {"assume_role": nested("assume_role", role_arn=ROLE, transitive_tag_keys=(None,))},
            ("assume_role", "transitive_tag_keys"),
            ["assume_role.transitive_tag_keys holds null"],
        ),
        *(
            (
                {"assume_role": nested("assume_role", role_arn=arn)},
                ("assume_role", "role_arn"),
                ["No role_arn", "leave assume_role out"],
            )
            for arn in (None, "")
        ),
        (
            {"assume_role_with_web_identity": nested("assume_role_with_web_identity", web_identity_token_file="file")},  # noqa: S106 - a path
            ("assume_role_with_web_identity", "role_arn"),
            ["No role_arn", "such as"],
        ),
    ],
)
def test_a_mistake_is_named_at_its_argument_and_no_secret_with_it(
    arguments: dict[str, Any], path: tuple[str, ...], said: list[str]
) -> None:
    found = NatgwProvider().validate(block(**arguments), context())
    assert [problem.path for problem in found] == [path]
    assert "very-secret" not in found[0].detail
    for words in said:
        assert words in found[0].detail


KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "very-secret", "token": "very-secret"}
BLANKS = ["very-secret\n", "very-secret\r\n", "\nvery-secret", "very secret", "very-secret\x00", "\ufeffvery-secret"]


@pytest.mark.parametrize("name", KEYS)
@pytest.mark.parametrize("value", BLANKS)
def test_white_space_in_a_secret_is_reported_with_its_usual_cause_and_without_its_value(name: str, value: str) -> None:
    (problem,) = NatgwProvider().validate(block(**{**KEYS, name: value}), context())
    assert problem.path == (name,)
    for words in (f"{name} holds white space", "secret and not shown", "end of a file", "trimspace(", "chomp("):
        assert words in problem.detail
    assert "very" not in problem.summary + problem.detail


@pytest.mark.parametrize("value", ["AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY==", ""])
def test_keys_as_aws_makes_them_pass(value: str) -> None:
    assert NatgwProvider().validate(block(**dict.fromkeys(KEYS, value)), context()) == []


@pytest.mark.parametrize("name", ["http_proxy", "https_proxy"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://user:very-secret/x@proxy:1", '"/", "?" or "#" before its "@"'),
        ("http://user:very-secret#x@proxy:1", "%2F, %3F and %23"),
        ("http://user:1very-secret?@proxy:1", "%2F, %3F and %23"),
        ("http://user:very-secret@proxy:99999", "1 to 65535"),
        ("http://user:very-secret@proxy:0", "1 to 65535"),
        ("http://user:very-secret", "1 to 65535"),
        ("http://user:very-secret@[::1", "host or port"),
        ("http://user:very-secret@", "no host"),
        ("http://", "no host"),
        ("socks5://user:very-secret@proxy:1", "neither http:// nor https://"),
        ("HTTP://proxy:3128", "neither http:// nor https://"),
        ("user:very-secret@proxy:99999", "1 to 65535"),
        ("http://us er:very-secret@proxy:1", "white space"),
        ("http://user:very-secret@proxy:1\n", "white space"),
    ],
)
def test_a_proxy_that_is_none_is_reported_without_its_url(name: str, url: str, said: str) -> None:
    (problem,) = NatgwProvider().validate(block(**{name: url}), context())
    assert problem.path == (name,)
    for words in (name, said, "not shown", "http://proxy.example.com:3128"):
        assert words in problem.detail
    assert "very-secret" not in problem.summary + problem.detail


@pytest.mark.parametrize(
    "url",
    [
        "http://proxy",
        "http://proxy:3128/",
        "https://user:p%2Fw%40@proxy.example.com:8080",
        "http://[fd00::1]:3128",
        "proxy:3128",
        "user:pw@proxy:3128",
        "",
    ],
)
def test_a_proxy_with_or_without_a_password_passes(url: str) -> None:
    assert NatgwProvider().validate(block(http_proxy=url, https_proxy=url), context()) == []


@pytest.mark.parametrize("region", [None, "", "eu-central-1", "us-gov-west-1", "xx-new-9"])
def test_a_region_that_is_one_or_is_left_to_the_environment_passes(region: str | None) -> None:
    assert NatgwProvider().validate(block(region=region), context()) == []


@pytest.mark.parametrize("name", [attribute.name for attribute in SCHEMA.attributes])
def test_an_unknown_argument_is_not_judged_and_nothing_is_connected(name: str) -> None:
    provider = NatgwProvider(lambda _settings, _log: pytest.fail("connected with unknown values"))
    arguments = {"access_key": "a", "secret_key": "b"} if name in ("access_key", "secret_key") else {}
    config = block(**{**arguments, name: UNKNOWN})
    assert provider.validate(config, context()) == []
    assert provider.configure(config, context()) == ()


def test_every_value_reaches_the_connection() -> None:
    config = block(
        region="eu-west-1",
        profile="p",
        shared_config_files=("a", "b"),
        max_retries=3,
        retry_mode="adaptive",
        use_fips_endpoint=True,
        assume_role=nested("assume_role", role_arn=ROLE, duration="1h", tags={"team": "net"}, policy_arns=("x",)),
        endpoints=nested("endpoints", ec2="http://localhost:1", sts="http://localhost:2"),
        allowed_account_ids=("123456789012",),
    )
    settings = ConnectionSettings.of_block(config, user_agent_extra="Terraform/1.11.4 ci/1")
    assert settings.region == "eu-west-1"
    assert settings.shared_config_files == ("a", "b")
    assert (settings.max_retries, settings.retry_mode, settings.use_fips_endpoint) == (3, "adaptive", True)
    assert settings.assume_role is not None
    assert settings.assume_role.duration == "1h"
    assert settings.assume_role.tags == {"team": "net"}
    assert settings.endpoints == {"ec2": "http://localhost:1", "sts": "http://localhost:2"}
    assert settings.allowed_account_ids == ("123456789012",)
    assert settings.user_agent_extra == "Terraform/1.11.4 ci/1"


def test_every_argument_but_natgws_own_has_a_field_of_the_connection() -> None:
    own = {"private_ip_address_quota", "elastic_ip_quota", "check_permissions_at_plan"}
    arguments = {attribute.name for attribute in SCHEMA.attributes} - own
    assert arguments <= {field.name for field in dataclasses.fields(ConnectionSettings)}


def test_what_is_left_out_is_left_to_environment_and_profile() -> None:
    settings = ConnectionSettings.of_block(block(), user_agent_extra="")
    assert settings.region is settings.max_retries is settings.retry_mode is settings.use_fips_endpoint is None


def test_a_connection_that_fails_is_an_error_at_its_argument() -> None:
    def fail(_settings: Any, _log: Any) -> Any:
        raise setting_problem("No region", "Set region.", "region")

    with pytest.raises(DiagnosticsError) as caught:
        NatgwProvider(fail).configure(block(), context())
    assert [(found.summary, found.path) for found in caught.value.diagnostics] == [("No region", ("region",))]
