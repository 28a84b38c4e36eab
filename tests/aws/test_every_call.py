"""Endpoints, CA bundle, proxies and retries of the provider block hold for every call on the way to credentials."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from werkzeug.wrappers import Response

from aws.conftest import ACCOUNT, ROLE, keyless, problem_of
from natgw_provider.aws.client import connect
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings
from natgw_provider.simulator.simulator import Simulator
from natgw_provider.simulator.transport import HttpServer
from support.https import RefusingProxy, certificate_for, tls_front

SECOND_ROLE = "arn:aws:iam::123456789012:role/second"
KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n"
PROFILES = f"""
[profile base]
{KEYS}
[profile deploy]
role_arn = {ROLE}
source_profile = base
[profile chain]
role_arn = {SECOND_ROLE}
source_profile = deploy
[profile environment]
role_arn = {ROLE}
credential_source = Environment
[profile token]
role_arn = {ROLE}
web_identity_token_file = FOLDER/token
[profile from-token]
role_arn = {SECOND_ROLE}
source_profile = token
[profile process]
credential_process = {sys.executable} FOLDER/process.py
[profile from-process]
role_arn = {ROLE}
source_profile = process
[profile container]
role_arn = {ROLE}
credential_source = EcsContainer
[profile instance]
role_arn = {ROLE}
credential_source = Ec2InstanceMetadata
[profile sso]
sso_start_url = https://example.awsapps.com/start
sso_region = eu-west-1
sso_account_id = 123456789012
sso_role_name = natgw
[profile mfa]
role_arn = {ROLE}
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/someone
[profile after-mfa]
role_arn = {SECOND_ROLE}
source_profile = mfa
"""
GIVEN = {"AccessKeyId": "AKIA", "SecretAccessKey": "s", "Expiration": "2099-01-01T00:00:00Z"}

WAYS = [
    ("deploy", ["AssumeRole"]),
    ("chain", ["AssumeRole", "AssumeRole"]),
    ("environment", ["AssumeRole"]),
    ("token", ["AssumeRoleWithWebIdentity"]),
    ("from-token", ["AssumeRoleWithWebIdentity", "AssumeRole"]),
    ("from-process", ["AssumeRole"]),
    ("container", ["AssumeRole"]),
    ("instance", ["AssumeRole"]),
]
"""Profiles, and the calls that each makes on the way to its credentials."""


@pytest.fixture(autouse=True)
def _profiles(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    (tmp_path / "config").write_text(PROFILES.replace("FOLDER", str(tmp_path)))
    (tmp_path / "token").write_text("a-web-token")
    (tmp_path / "process.py").write_text(f"print({json.dumps(json.dumps({'Version': 1, **GIVEN}))})")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIA")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
    with metadata() as url:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{url}/container")
        monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", url)
        yield


def by_profile(url: str | None, profile: str | None, **more: Any) -> ConnectionSettings:
    return keyless(url, **{"profile": profile, "max_retries": 1, **more})


@pytest.mark.parametrize(("profile", "calls"), WAYS)
def test_endpoint_and_user_agent_hold_for_the_calls_of_a_profile_and_an_error_names_the_call(
    monkeypatch: pytest.MonkeyPatch, aws: Simulator, profile: str, calls: list[str]
) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    connection = connect(by_profile(aws.url, profile, user_agent_extra="pipeline/7"))
    assert connection.account_id == ACCOUNT
    made = [call for name in ("AssumeRoleWithWebIdentity", "AssumeRole") for call in aws.calls(name)]
    assert [call.action for call in made] == calls
    assert all("pipeline/7" in call.user_agent for call in made)
    aws.add_fault("error", actions=[calls[-1]], code="AccessDenied", message="Not you.", status=403)
    problem = problem_of(by_profile(aws.url, profile))
    assert problem.path == ("profile",)
    for words in (f"{calls[-1]}, on the way to", "AccessDenied: Not you. ", profile):
        assert words in problem.detail
    assert "GetCallerIdentity" not in problem.detail


def test_the_endpoint_for_sts_holds_for_a_web_identity_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, aws: Simulator, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_ROLE_ARN", ROLE)
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(tmp_path / "token"))
    connect(by_profile(aws.url, None))
    assert aws.call_counts() == {"AssumeRoleWithWebIdentity": 1, "GetCallerIdentity": 1}
    aws.add_fault("error", actions=["AssumeRoleWithWebIdentity"], code="AccessDenied", message="Not you.", status=403)
    detail = problem_of(by_profile(aws.url, None)).detail
    for words in ("AssumeRoleWithWebIdentity", "AWS_WEB_IDENTITY_TOKEN_FILE", "AccessDenied: Not you."):
        assert words in detail


def test_a_role_of_the_block_is_not_blamed_for_the_profile_that_it_starts_from(aws: Simulator) -> None:
    aws.add_fault("error", actions=["AssumeRole"], code="AccessDenied", message="Not you.", status=403)
    problem = problem_of(by_profile(aws.url, "deploy", assume_role=AssumeRole(role_arn=SECOND_ROLE)))
    assert problem.path == ("profile",)
    assert SECOND_ROLE not in problem.detail


@pytest.mark.parametrize(("retries", "passes"), [(1, True), (0, False)])
def test_retries_hold_for_the_calls_of_a_profile(aws: Simulator, retries: int, passes: bool) -> None:
    aws.add_fault("throttling", actions=["AssumeRole"], times=1)
    wanted = by_profile(aws.url, "deploy", max_retries=retries)
    if passes:
        connect(wanted)
    else:
        assert "AssumeRole" in problem_of(wanted).detail
    assert aws.call_counts()["AssumeRole"] == 1 + retries


def test_the_ca_bundle_holds_for_the_calls_of_a_profile(aws: Simulator, tmp_path: Path) -> None:
    pem = certificate_for("localhost", tmp_path / "both.pem")
    with tls_front(aws.url, pem) as front:
        connect(by_profile(front.url, "chain", custom_ca_bundle=str(pem)))
        assert aws.call_counts() == {"AssumeRole": 2, "GetCallerIdentity": 1}
        before = front.connections
        problem = problem_of(by_profile(front.url, "chain", max_retries=25))
    assert front.connections == before + 1
    assert "AssumeRole" in problem.detail
    assert "custom_ca_bundle" in problem.detail


def test_the_ca_bundle_holds_for_the_metadata_of_a_container(
    monkeypatch: pytest.MonkeyPatch, aws: Simulator, tmp_path: Path
) -> None:
    pem = certificate_for("localhost", tmp_path / "both.pem")
    with metadata() as url, tls_front(url, pem) as front:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{front.url}/container")
        connect(by_profile(aws.url, "container", custom_ca_bundle=str(pem)))
    assert aws.call_counts() == {"AssumeRole": 1, "GetCallerIdentity": 1}


@pytest.mark.parametrize(
    ("profile", "host"),
    [("deploy", "sts.eu-central-1.amazonaws.com"), ("sso", "portal.sso.eu-west-1.amazonaws.com")],
)
def test_the_proxy_holds_for_the_calls_of_a_profile(
    monkeypatch: pytest.MonkeyPatch, proxy: RefusingProxy, tmp_path: Path, profile: str, host: str
) -> None:
    name = hashlib.sha1(b"https://example.awsapps.com/start").hexdigest()  # noqa: S324 - as AWS names the file
    (tmp_path / f"{name}.json").write_text(json.dumps({"accessToken": "t", "expiresAt": "2099-01-01T00:00:00Z"}))
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path))
    problem = problem_of(by_profile(None, profile, max_retries=0, https_proxy=proxy.url))
    assert proxy.hosts == [host]
    assert "403 Forbidden" in problem.detail


def test_metadata_is_asked_directly_whatever_proxy_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, aws: Simulator
) -> None:
    """Neither credentials nor the region of another machine."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    for name in ("HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert connect(by_profile(aws.url, "instance", region=None)).region == "eu-west-2"


def test_a_source_profile_is_found_in_any_of_several_files(aws: Simulator, tmp_path: Path) -> None:
    (tmp_path / "first").write_text(f"[other]\n{KEYS}")
    (tmp_path / "second").write_text(f"[elsewhere]\n{KEYS}")
    (tmp_path / "roles").write_text(f"[profile role]\nrole_arn = {ROLE}\nsource_profile = elsewhere\n")
    files = {
        "shared_config_files": (str(tmp_path / "config"), str(tmp_path / "roles")),
        "shared_credentials_files": (str(tmp_path / "first"), str(tmp_path / "second")),
    }
    connect(by_profile(aws.url, "role", **files))
    assert aws.call_counts() == {"AssumeRole": 1, "GetCallerIdentity": 1}


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ("failing", ["custom-process", "log in first. Check it with"]),
        ("lost", ['source_profile "nowhere"']),
        ("sso", ["Token", "--profile sso"]),
    ],
)
def test_a_way_to_credentials_that_fails_without_a_call_is_reported_as_that(
    monkeypatch: pytest.MonkeyPatch, aws: Simulator, tmp_path: Path, profile: str, words: list[str]
) -> None:
    failing = f"[profile failing]\ncredential_process = {sys.executable} {tmp_path}/failing.py\n"
    lost = f"[profile lost]\nrole_arn = {ROLE}\nsource_profile = nowhere\n"
    (tmp_path / "config").write_text(PROFILES + failing + lost)
    (tmp_path / "failing.py").write_text("raise SystemExit('log in first.')")
    monkeypatch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(tmp_path))
    problem = problem_of(by_profile(aws.url, profile))
    assert (problem.summary, problem.path) == ("AWS credentials could not be obtained", ("profile",))
    for word in words:
        assert word in problem.detail
    assert "GetCallerIdentity" not in problem.detail
    assert aws.call_counts() == {}


@pytest.mark.parametrize("profile", ["deploy", "token"])
def test_fips_holds_for_the_calls_of_a_profile(proxy: RefusingProxy, profile: str) -> None:
    problem_of(
        by_profile(None, profile, region="us-east-1", max_retries=0, https_proxy=proxy.url, use_fips_endpoint=True)
    )
    assert proxy.hosts == ["sts-fips.us-east-1.amazonaws.com"]


@pytest.mark.parametrize("profile", ["mfa", "after-mfa"])
def test_a_code_is_never_asked_for(monkeypatch: pytest.MonkeyPatch, aws: Simulator, profile: str) -> None:
    monkeypatch.setattr("getpass.getpass", lambda _prompt: pytest.fail("asked at the terminal"))
    before = time.monotonic()
    problem = problem_of(by_profile(aws.url, profile))
    assert time.monotonic() - before < 5
    assert 'Profile "mfa" has mfa_serial = arn:aws:iam::123456789012:mfa/someone' in problem.detail
    assert problem.path == ("profile",)
    assert aws.call_counts() == {}


def test_a_region_that_only_the_instance_knows_is_found(monkeypatch: pytest.MonkeyPatch, aws: Simulator) -> None:
    wanted = by_profile(aws.url, "base", region=None)
    assert problem_of(wanted).path == ("region",)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    assert connect(wanted).region == "eu-west-2"
    monkeypatch.setenv("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:9")
    assert "metadata" in problem_of(wanted).detail


@contextmanager
def metadata() -> Iterator[str]:
    """Serve what a container and an instance can ask about themselves."""
    answers = {
        "/container": json.dumps({**GIVEN, "Token": "t"}),
        "/latest/api/token": "a-token",
        "/latest/meta-data/iam/security-credentials/": "natgw",
        "/latest/meta-data/iam/security-credentials/natgw": json.dumps({**GIVEN, "Token": "t"}),
        "/latest/meta-data/placement/availability-zone/": "eu-west-2a",
    }

    server = HttpServer(
        lambda request: Response(answers.get(request.path), status=200 if request.path in answers else 404)
    )
    yield server.url
    server.close()
