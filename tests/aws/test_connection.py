"""From the provider block to clients: precedence, roles, guards, retries, and clear words where it leads nowhere."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.credentials import RefreshableCredentials
from botocore.exceptions import EndpointConnectionError

from aws.conftest import ACCOUNT, KEYS, ROLE, SECRET, keyless, keys_of, offline, problem_of, settings
from engine.stage import ASSIGN, DESCRIBE, GATEWAY, SoloClock, ip
from natgw_provider import __version__
from natgw_provider.aws.client import connect, role_credentials
from natgw_provider.aws.errors import LostAnswer, Throttled
from natgw_provider.aws.session import open_session
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.change_plan import Assign
from natgw_provider.core.problems import ProblemError
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator

NOWHERE = {"access_key": None, "secret_key": None}
WEB_IDENTITY = "assume_role_with_web_identity"
TOKEN_NOWHERE = AssumeRole(role_arn=ROLE, web_identity_token_file="nowhere")  # noqa: S106 - a path
NO_TOKEN = {WEB_IDENTITY: AssumeRole(role_arn=ROLE, web_identity_token=""), "skip_credentials_validation": False}


def client_of(wanted: ConnectionSettings) -> Any:
    """Return a client set up as every client is; sts's, since EC2's takes ten times as long to make."""
    return open_session(wanted).create_client("sts")


@pytest.mark.parametrize(
    ("block", "environment", "argument", "words"),
    [
        (NOWHERE, {}, "", "Looked in the provider block, the environment (AWS_ACCESS_KEY_ID)"),
        (NOWHERE | {"skip_credentials_validation": False}, {}, "", "Looked in the provider block"),
        (NOWHERE | {"assume_role": AssumeRole(role_arn=ROLE)}, {}, "", "Looked in the provider block"),
        ({"profile": "prod"}, {}, "profile", '"prod", from the provider\'s profile'),
        ({"profile": "prod"}, {}, "profile", "Profiles found: dev."),
        ({}, {"AWS_PROFILE": "prod"}, "", '"prod", from the environment variable AWS_PROFILE'),
        ({"shared_config_files": ("nowhere",)}, {}, "shared_config_files", '"nowhere", named in shared_config_files'),
        (
            {"shared_credentials_files": ("nowhere",)},
            {},
            "shared_credentials_files",
            "does not exist or cannot be read",
        ),
        ({"shared_config_files": ("broken",)}, {}, "shared_config_files", "broken is not a valid AWS config file"),
        ({WEB_IDENTITY: TOKEN_NOWHERE}, {}, WEB_IDENTITY, '"nowhere", named in web_identity_token_file, does not'),
        (NO_TOKEN, {}, WEB_IDENTITY, "AssumeRoleWithWebIdentity for arn:aws:iam::123456789012:role/natgw failed"),
        ({"custom_ca_bundle": "nowhere"}, {}, "custom_ca_bundle", '"nowhere", named in custom_ca_bundle'),
        ({"custom_ca_bundle": "broken"}, {}, "custom_ca_bundle", "it holds no PEM certificate"),
        ({}, {"AWS_CA_BUNDLE": "nowhere"}, "", '"nowhere", named in AWS_CA_BUNDLE'),
        ({"region": None}, {}, "region", "Set region in the provider block"),
        ({"region": "a b"}, {}, "region", 'region is "a b"'),
        ({"region": "a b", "endpoints": {"ec2": "http://localhost"}}, {}, "region", "Write it as AWS does"),
        ({}, {"AWS_ENDPOINT_URL_EC2": "http://["}, "", "AWS_ENDPOINT_URL"),
        ({}, {"AWS_ENDPOINT_URL_EC2": "http://"}, "", "Check endpoints"),
        ({}, {"AWS_ENDPOINT_URL_EC2": "http://a b"}, "", "Check endpoints"),
    ],
)
def test_what_leads_nowhere_is_a_problem_at_its_argument(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    block: dict[str, Any],
    environment: dict[str, str],
    argument: str,
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("credentials").write_text("[dev]\n")
    Path("broken").write_text("no section\n")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    problem = problem_of(offline(**block))
    assert problem.path == ((argument,) if argument else ())
    assert words in problem.detail


class TestCredentials:
    def test_are_proven_once_with_sts_and_give_the_account(self, aws: Simulator) -> None:
        connection = connect(settings(aws.url))
        assert connection.account_id == ACCOUNT
        assert connection.natgw_arn(GATEWAY) == f"arn:aws:ec2:eu-central-1:{ACCOUNT}:natgateway/{GATEWAY}"
        assert aws.call_counts() == {"GetCallerIdentity": 1}

    def test_are_not_proven_when_the_block_says_so_and_the_arn_leaves_the_account_open(self, aws: Simulator) -> None:
        connection = connect(settings(aws.url, skip_credentials_validation=True))
        assert connection.account_id is None
        assert connection.natgw_arn(GATEWAY) == f"arn:aws:ec2:eu-central-1:*:natgateway/{GATEWAY}"
        assert aws.call_counts() == {}

    @pytest.mark.parametrize(
        ("block", "found"),
        [
            ({"token": "a-token"}, (*KEYS.values(), "a-token")),
            (NOWHERE, ("environment", "s", None)),
            (NOWHERE | {"profile": "dev"}, ("profile", SECRET, None)),
        ],
    )
    def test_come_from_block_then_environment_then_the_environments_profile(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        block: dict[str, Any],
        found: tuple[str, str, str | None],
    ) -> None:
        _write_profile(tmp_path / "credentials", "dev", "profile")
        monkeypatch.setenv("AWS_PROFILE", "dev")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "environment")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        assert keys_of(connect(offline(**block))) == found

    def test_are_found_in_any_of_several_shared_files_the_last_one_winning(self, tmp_path: Path) -> None:
        _write_profile(tmp_path / "one", "dev", "one")
        _write_profile(tmp_path / "two", "prod", "two")
        _write_profile(tmp_path / "three", "dev", "three")
        (tmp_path / "config-one").write_text("[profile dev]\nregion = eu-west-1\n")
        (tmp_path / "config-two").write_text("[profile prod]\nregion = eu-west-2\n")
        files = {
            "shared_credentials_files": tuple(str(tmp_path / name) for name in ("one", "two", "three")),
            "shared_config_files": tuple(str(tmp_path / name) for name in ("config-one", "config-two")),
        }
        for profile, key, region in (("dev", "three", "eu-west-1"), ("prod", "two", "eu-west-2")):
            connection = connect(offline(**NOWHERE, region=None, profile=profile, **files))
            assert (keys_of(connection)[0], connection.region) == (key, region)

    @pytest.mark.parametrize(
        ("code", "message", "summary", "path", "words"),
        [
            ("ExpiredToken", "No good.", "AWS credentials are not valid", (), "ExpiredToken: No good. (request id "),
            ("AccessDenied", "No good.", "AWS credentials are not valid", (), "aws sts get-caller-identity"),
            ("InvalidClientTokenId", "No valid region.", "AWS does not take this region", ("region",), "AWS_REGION"),
            ("Odd", "Odd.", "AWS credentials could not be checked", ("endpoints",), "skip_credentials_validation"),
        ],
    )
    def test_that_aws_refuses_are_a_problem_with_its_words(
        self, aws: Simulator, code: str, message: str, summary: str, path: tuple[str, ...], words: str
    ) -> None:
        aws.add_fault("error", actions=["GetCallerIdentity"], code=code, message=message, status=403)
        problem = problem_of(settings(aws.url))
        assert (problem.summary, problem.path) == (summary, path)
        assert words in problem.detail


class TestRoles:
    def test_a_role_is_taken_on_and_used_for_every_call(self, aws: Simulator) -> None:
        role = AssumeRole(
            role_arn=ROLE,
            session_name="deploy",
            external_id="known-to-both",
            duration="15m",
            policy='{"Version":"2012-10-17","Statement":[]}',
            policy_arns=("arn:aws:iam::aws:policy/ReadOnlyAccess",),
            source_identity="ci",
            tags={"team": "net"},
            transitive_tag_keys=("team",),
        )
        connection = connect(settings(aws.url, assume_role=role))
        assert connection.account_id == ACCOUNT
        assert keys_of(connection)[0] != KEYS["access_key"]
        assert aws.call_counts() == {"AssumeRole": 1, "GetCallerIdentity": 1}
        assert aws.calls("AssumeRole")[0].parameters == {
            "RoleArn": ROLE,
            "RoleSessionName": "deploy",
            "ExternalId": "known-to-both",
            "DurationSeconds": 900,
            "Policy": role.policy,
            "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}],
            "SourceIdentity": "ci",
            "Tags": [{"Key": "team", "Value": "net"}],
            "TransitiveTagKeys": ["team"],
        }

    def test_a_web_identity_asks_for_no_credentials_and_reads_its_token_file(
        self, aws: Simulator, tmp_path: Path
    ) -> None:
        (tmp_path / "credentials").write_text("[default]\naws_access_key_id = half\n")
        (tmp_path / "token").write_text("a-web-token\n")
        identity = AssumeRole(role_arn=ROLE, web_identity_token_file=str(tmp_path / "token"), duration="15m")
        assert connect(keyless(aws.url, assume_role_with_web_identity=identity)).account_id == ACCOUNT
        assert aws.calls("AssumeRoleWithWebIdentity")[0].parameters["WebIdentityToken"] == "a-web-token"

    def test_a_role_on_top_of_a_web_identity_is_taken_on_with_it(self, aws: Simulator) -> None:
        identity = AssumeRole(role_arn=ROLE, web_identity_token="a-web-token")  # noqa: S106 - no secret
        connect(keyless(aws.url, assume_role_with_web_identity=identity, assume_role=AssumeRole(role_arn=ROLE)))
        assert list(aws.call_counts()) == ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"]

    def test_a_refused_role_is_a_problem_at_its_setting(self, aws: Simulator) -> None:
        aws.add_fault("error", actions=["AssumeRole"], code="AccessDenied", message="Not you.", status=403)
        problem = problem_of(settings(aws.url, assume_role=AssumeRole(role_arn=ROLE)))
        assert problem.path == ("assume_role",)
        assert f"AssumeRole for {ROLE} failed: AccessDenied: Not you. " in problem.detail

    def test_the_role_of_a_profile_that_cannot_be_renewed_is_a_problem_as_well(
        self, aws: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Its credentials may end within minutes, by a clock that is wrong."""
        _write_profile(tmp_path / "credentials", "base", "A")
        (tmp_path / "config").write_text(
            f"[profile dev]\nrole_arn = {ROLE}\nsource_profile = base\nduration_seconds = 900\n"
        )
        monkeypatch.setattr(RefreshableCredentials, "_mandatory_refresh_timeout", 10**6)
        aws.add_fault("error", actions=["AssumeRole"], code="AccessDenied", message="Not you.", status=403, skip=1)
        assert "Not you." in problem_of(keyless(aws.url, profile="dev")).detail

    def test_a_role_that_is_refused_later_is_no_missing_permission_on_ec2(self, aws: Simulator) -> None:
        seed = aws.seed()
        connection = connect(settings(aws.url, assume_role=AssumeRole(role_arn=ROLE), skip_credentials_validation=True))
        aws.add_fault("error", actions=["AssumeRole"], code="AccessDenied", message="Not you.", status=403)
        with pytest.raises(ProblemError) as caught:
            GatewayEngine(connection).read(seed.nat_gateway_id)
        assert caught.value.problem.summary == "AWS credentials are invalid or expired"
        for words in ("AssumeRole", "Not you."):
            assert words in caught.value.problem.detail

    @pytest.mark.parametrize(
        ("seconds", "is_refused", "second"), [(110, False, "key 2"), (900, False, "key 1"), (200, True, "key 1")]
    )
    def test_a_roles_credentials_that_end_within_two_minutes_are_renewed_before_the_next_call(
        self, seconds: float, is_refused: bool, second: str
    ) -> None:
        """They live shorter than a long drain. Those that last are used again, also when a renewal fails."""
        numbers = count(1)

        class Sts:
            def assume_role(self, **_parameters: Any) -> dict[str, Any]:
                number = next(numbers)
                if is_refused and number > 1:
                    raise EndpointConnectionError(endpoint_url="https://sts.eu-central-1.amazonaws.com")
                keys = {"AccessKeyId": f"key {number}", "SecretAccessKey": "secret", "SessionToken": "token"}
                credentials = {**keys, "Expiration": datetime.now(UTC) + timedelta(seconds=seconds)}
                return {"Credentials": credentials, "ResponseMetadata": {"RequestId": "r-1"}}

        credentials = role_credentials(Sts(), AssumeRole(role_arn=ROLE))
        assert [credentials.get_frozen_credentials().access_key for _ in range(2)] == ["key 1", second]


@pytest.mark.parametrize(
    ("guards", "refused_by"),
    [
        ({"allowed_account_ids": (ACCOUNT,), "forbidden_account_ids": ("999999999999",)}, None),
        ({"allowed_account_ids": ("111111111111",)}, "allowed_account_ids"),
        ({"forbidden_account_ids": (ACCOUNT,)}, "forbidden_account_ids"),
        ({"allowed_account_ids": ("111111111111",), "skip_credentials_validation": True}, "allowed_account_ids"),
    ],
)
def test_another_account_is_stopped_before_anything_is_read(
    aws: Simulator, guards: dict[str, Any], refused_by: str | None
) -> None:
    if refused_by:
        problem = problem_of(settings(aws.url, **guards))
        assert problem.path == (refused_by,)
        assert ACCOUNT in problem.detail
    else:
        connect(settings(aws.url, **guards))
    assert aws.call_counts() == {"GetCallerIdentity": 1}


class TestRegion:
    @pytest.mark.parametrize(
        ("block", "environment", "found"),
        [
            ("eu-north-1", {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-north-1"),
            (None, {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
            (None, {"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
            (None, {}, "eu-west-3"),
        ],
    )
    def test_comes_from_block_then_environment_then_profile(
        self,
        monkeypatch: pytest.MonkeyPatch,
        tmp_path: Path,
        block: str | None,
        environment: dict[str, str],
        found: str,
    ) -> None:
        (tmp_path / "config").write_text("[default]\nregion = eu-west-3\n")
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert connect(offline(region=block)).region == found

    @pytest.mark.parametrize(
        ("typo", "meant"),
        [("eu-centrall-1", "eu-central-1"), ("us-easst-1", "us-east-1"), ("eucentral-1", "eu-central-1")],
    )
    def test_that_is_mistyped_is_a_problem_with_the_nearest_one_before_anything_is_called(
        self, monkeypatch: pytest.MonkeyPatch, typo: str, meant: str
    ) -> None:
        monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_more: pytest.fail("called"))
        problem = problem_of(settings(None, region=typo))
        assert problem.path == ("region",)
        assert f'Did you mean "{meant}"?' in problem.detail
        assert f'ec2 = "https://ec2.{typo}.amazonaws.com"' in problem.detail  # the way out for a new region

    @pytest.mark.parametrize("given", ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_EC2", None])
    def test_that_is_new_passes_with_an_endpoint_from_anywhere(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: str | None
    ) -> None:
        if given:
            monkeypatch.setenv(given, "http://127.0.0.1:9")
        else:
            (tmp_path / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:9\n")
        assert connect(offline(region="eu-brandnew-1")).region == "eu-brandnew-1"

    @pytest.mark.parametrize(
        ("region", "partition"),
        [("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("xx-new-1", "aws")],
    )
    def test_gives_the_partition(self, region: str, partition: str) -> None:
        connection = connect(offline(region=region, endpoints={"ec2": f"https://ec2.{region}.amazonaws.com"}))
        assert connection.natgw_arn("nat-1") == f"arn:{partition}:ec2:{region}:*:natgateway/nat-1"


class TestClients:
    def test_a_read_is_repeated_and_a_change_is_not(self, aws: Simulator) -> None:
        seed = aws.seed()
        connection = connect(settings(aws.url, max_retries=1))
        aws.add_fault("throttling", actions=[DESCRIBE], times=1)
        gateway = GatewayEngine(connection).read(seed.nat_gateway_id)
        assert gateway is not None
        assert aws.call_counts()[DESCRIBE] == 2
        for fault, kind in (("throttling", Throttled), ("internal_error", LostAnswer)):
            aws.add_fault(fault, actions=[ASSIGN], times=1)
            with pytest.raises(kind):
                connection.calls.change(PRIVATE_IPS, gateway, Assign(ip(20)))
        assert aws.call_counts()[ASSIGN] == 2

    @pytest.mark.parametrize(
        ("block", "environment", "attempts", "mode"),
        [
            ({}, {}, 26, "standard"),
            ({"max_retries": 3}, {"AWS_MAX_ATTEMPTS": "7"}, 4, "standard"),
            ({}, {"AWS_MAX_ATTEMPTS": "7", "AWS_RETRY_MODE": "adaptive"}, 7, "adaptive"),
            ({"retry_mode": "adaptive"}, {"AWS_RETRY_MODE": "standard"}, 26, "adaptive"),
            ({"max_retries": 0}, {"AWS_RETRY_MODE": "legacy"}, 1, "standard"),
        ],
    )
    def test_retries_come_from_block_then_environment_then_the_default(
        self,
        monkeypatch: pytest.MonkeyPatch,
        block: dict[str, Any],
        environment: dict[str, str],
        attempts: int,
        mode: str,
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert connect(offline(**block)).read_attempts == attempts
        retries = client_of(offline(**block)).meta.config.retries
        assert (retries["total_max_attempts"], retries["mode"]) == (min(attempts, 5), mode)

    @pytest.mark.parametrize(
        ("key", "value", "allowed"),
        [
            ("max_attempts", "five", "a whole number"),
            ("max_attempts", "0", "a whole number from 1"),
            ("retry_mode", "often", "standard, adaptive or legacy"),
            ("metadata_service_timeout", "soon", "a whole number"),
        ],
    )
    def test_a_setting_that_cannot_be_used_is_named_with_where_it_is_from(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str, value: str, allowed: str
    ) -> None:
        (tmp_path / "config").write_text(f"[default]\n{key} = {value}\n")
        assert f'{key} of profile "default" is "{value}". It must be {allowed}.' in problem_of(offline()).detail
        (tmp_path / "config").write_text("")
        variable = f"AWS_{key.upper()}"
        monkeypatch.setenv(variable, value)
        assert f'The environment variable {variable} is "{value}". It must be' in problem_of(offline()).detail

    def test_the_user_agent_names_natgw_and_terraform(self, aws: Simulator) -> None:
        agent = "Terraform/1.11.4 pipeline/7\r\nX-Evil: 1"
        connect(settings(aws.url, user_agent_extra=agent)).calls.describe([GATEWAY])
        assert f"natgw/{__version__} Terraform/1.11.4 pipeline/7 X-Evil: 1" in aws.calls(DESCRIBE)[0].user_agent

    @pytest.mark.parametrize(
        ("block", "environment", "url"),
        [
            ({}, {}, "https://sts.us-east-1.amazonaws.com"),
            ({"use_fips_endpoint": True}, {}, "https://sts-fips.us-east-1.amazonaws.com"),
            ({}, {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://sts-fips.us-east-1.amazonaws.com"),
            ({"use_fips_endpoint": False}, {"AWS_USE_FIPS_ENDPOINT": "true"}, "https://sts.us-east-1.amazonaws.com"),
            ({"use_dualstack_endpoint": True}, {}, "https://sts.us-east-1.api.aws"),
            ({}, {"AWS_ENDPOINT_URL_STS": "http://localhost:9"}, "http://localhost:9"),
        ],
    )
    def test_block_then_environment_choose_the_endpoint(
        self, monkeypatch: pytest.MonkeyPatch, block: dict[str, bool], environment: dict[str, str], url: str
    ) -> None:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        assert client_of(offline(region="us-east-1", **block)).meta.endpoint_url == url

    def test_an_endpoint_that_nobody_answers_at_is_given_up_soon(self) -> None:
        clock = SoloClock(ManualClock())
        engine = GatewayEngine(connect(offline(endpoints={"ec2": "http://127.0.0.1:9"})), clock=clock)
        began = clock.now()
        with pytest.raises(ProblemError) as caught:
            engine.read(GATEWAY)
        for words in ("DescribeNatGateways", "127.0.0.1:9", "got no answer from AWS"):
            assert words in str(caught.value)
        assert 10 < clock.now() - began < 35


def test_settings_never_show_a_secret() -> None:
    proxy = f"http://u:{SECRET}@p"
    role = AssumeRole(role_arn=ROLE, external_id=SECRET, web_identity_token=SECRET)
    hidden = {"access_key": SECRET, "secret_key": SECRET, "token": SECRET, "http_proxy": proxy, "https_proxy": proxy}
    shown = repr(ConnectionSettings(**hidden, assume_role=role, assume_role_with_web_identity=role))  # type: ignore[arg-type]
    assert SECRET not in shown
    assert ROLE in shown


def _write_profile(path: Path, name: str, key: str) -> None:
    path.write_text(f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {SECRET}\n")
