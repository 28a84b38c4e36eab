"""The provider block: every mistake reported at its argument, every value handed on, unknown values waited for."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from natgw_provider.aws.settings import AssumeRole, ConnectionSettings, setting_problem
from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.resources.provider import NatgwProvider
from natgw_provider.resources.provider_block import SCHEMA
from support.resource import context

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
    """Return a block that has one nested block."""
    return {name: {**dict.fromkeys(NESTED[name]), **arguments}}


def role(**arguments: Any) -> dict[str, Any]:
    return nested("assume_role", **{"role_arn": ROLE, **arguments})


def identity(**arguments: Any) -> dict[str, Any]:
    return nested("assume_role_with_web_identity", **{"role_arn": ROLE, **arguments})


BOTH = {"allowed_account_ids": (ACCOUNT,), "forbidden_account_ids": ("210987654321",)}
MISTAKES: list[tuple[dict[str, Any], str, str]] = [
    ({"max_retries": 101}, "max_retries", "is 101. Allowed: whole numbers from 0 to 100."),
    ({"max_retries": float("inf")}, "max_retries", "0 to 100"),
    ({"private_ip_address_quota": 33}, "private_ip_address_quota", "is 33. Allowed: whole numbers from 2 to 32."),
    ({"elastic_ip_quota": 1}, "elastic_ip_quota", "is 1. Allowed: whole numbers from 2 to 32."),
    ({"private_ip_address_quota": 8.5}, "private_ip_address_quota", "is 8.5. Allowed: whole numbers"),
    ({"region": "eu central 1"}, "region", 'is "eu central 1". Write it as AWS does'),
    ({"retry_mode": "legacy"}, "retry_mode", 'is "legacy". Allowed: "standard" and "adaptive".'),
    ({"access_key": "AKIAEXAMPLE"}, "access_key", "secret_key is not. Set access_key and secret_key both"),
    ({"secret_key": "very-secret", "access_key": ""}, "secret_key", "access_key is not"),
    ({"token": "very-secret"}, "token", "access_key is not"),
    *(
        ({name: (ACCOUNT, text)}, name, f'{name} holds "{text}". The id of an AWS account has 12 digits')
        for name in BOTH
        for text in ("99", "", "1234567890123", "12345678901a", "1234-5678-9012")
    ),
    (BOTH, "forbidden_account_ids", "are both set"),
    (role(duration="10m"), "assume_role.duration", 'assume_role.duration is "10m". Allowed: durations from 15m to 12h'),
    (role(duration="soon"), "assume_role.duration", 'assume_role.duration is "soon"'),
    (role(role_arn="deploy"), "assume_role.role_arn", 'assume_role.role_arn is "deploy". Write the ARN of the role'),
    (role(role_arn=None), "assume_role.role_arn", "No role_arn is given"),
    (role(role_arn=""), "assume_role.role_arn", "or leave assume_role out"),
    (identity(), "assume_role_with_web_identity", "Exactly one of"),
    (identity(web_identity_token="t", web_identity_token_file="f"), "assume_role_with_web_identity", "both are set"),  # noqa: S106
    (
        identity(web_identity_token_file="f", role_arn=None),  # noqa: S106 - a path
        "assume_role_with_web_identity.role_arn",
        "No role_arn is given",
    ),
    (nested("endpoints", ec2="localhost:1"), "endpoints.ec2", 'endpoints.ec2 is "localhost:1". Write a URL'),
    *(
        (nested("endpoints", sts=url), "endpoints.sts", f'"{url}"')
        for url in ("http://", "http://[", "http://a b", "https:///path", "http://a:port", " http://a", "ftp://a")
    ),
    *(
        ({name: (ACCOUNT, None)}, name, f"{name} holds null")
        for name in ("shared_config_files", "shared_credentials_files", "allowed_account_ids", "forbidden_account_ids")
    ),
    (role(tags={"team": None}), "assume_role.tags", "assume_role.tags holds null"),
    (role(policy_arns=(None,)), "assume_role.policy_arns", "assume_role.policy_arns holds null"),
]


@pytest.mark.parametrize(("arguments", "path", "words"), MISTAKES)
def test_a_mistake_is_named_at_its_argument_and_no_secret_with_it(
    arguments: dict[str, Any], path: str, words: str
) -> None:
    (found,) = NatgwProvider().validate(block(**arguments), context())
    assert found.path == tuple(path.split("."))
    assert words in found.detail
    assert "very-secret" not in found.summary + found.detail


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
        allowed_account_ids=(ACCOUNT,),
        **role(duration="1h", tags={"team": "net"}, policy_arns=("x",)),
        **identity(web_identity_token="t"),  # noqa: S106 - no secret
        **nested("endpoints", ec2="http://localhost:1"),
    )
    assert ConnectionSettings.of_block(config, user_agent_extra="Terraform/1.11.4 ci/1") == ConnectionSettings(
        region="eu-west-1",
        profile="p",
        shared_config_files=("a", "b"),
        max_retries=3,
        retry_mode="adaptive",
        use_fips_endpoint=True,
        allowed_account_ids=(ACCOUNT,),
        assume_role=AssumeRole(role_arn=ROLE, duration="1h", tags={"team": "net"}, policy_arns=("x",)),
        assume_role_with_web_identity=AssumeRole(role_arn=ROLE, web_identity_token="t"),  # noqa: S106 - no secret
        endpoints={"ec2": "http://localhost:1"},
        user_agent_extra="Terraform/1.11.4 ci/1",
    )


def test_every_argument_but_natgws_own_has_a_field_of_the_connection() -> None:
    own = {"private_ip_address_quota", "elastic_ip_quota", "check_permissions_at_plan"}
    arguments = {attribute.name for attribute in SCHEMA.attributes} - own
    assert arguments <= {field.name for field in dataclasses.fields(ConnectionSettings)}


def test_what_is_left_out_is_left_to_environment_and_profile() -> None:
    assert ConnectionSettings.of_block(block(), user_agent_extra="") == ConnectionSettings()


def test_a_connection_that_fails_is_an_error_at_its_argument() -> None:
    def fail(_settings: Any, _log: Any) -> Any:
        raise setting_problem("No region", "Set region.", "region")

    with pytest.raises(DiagnosticsError) as caught:
        NatgwProvider(fail).configure(block(), context())
    assert [(found.summary, found.path) for found in caught.value.diagnostics] == [("No region", ("region",))]
