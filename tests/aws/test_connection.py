"""From the provider block to clients: precedence, roles, guards, retries, and clear words where it leads nowhere."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

import pytest

from engine.stage import ASSIGN, DESCRIBE, GATEWAY, SoloClock, ip
from natgw_provider import __version__
from natgw_provider.aws.client import Connection, connect
from natgw_provider.aws.errors import LostAnswer, Throttled
from natgw_provider.aws.session import open_session
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.change_plan import Assign
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator

ROLE = "arn:aws:iam::123456789012:role/natgw"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"  # noqa: S105 - AWS's own example
KEYS = {"access_key": "AKIAIOSFODNN7EXAMPLE", "secret_key": SECRET}


def settings(aws: Simulator, **more: Any) -> ConnectionSettings:
    plain: dict[str, Any] = {"region": "eu-central-1", "endpoints": {"ec2": aws.url, "sts": aws.url}, **KEYS}
    return ConnectionSettings(**(plain | more))


def keyless(aws: Simulator, **more: Any) -> ConnectionSettings:
    return settings(aws, **({"access_key": None, "secret_key": None} | more))


def offline(**more: Any) -> ConnectionSettings:
    """Settings whose connection asks nobody."""
    plain: dict[str, Any] = {"region": "eu-central-1", "skip_credentials_validation": True, **KEYS}
    return ConnectionSettings(**(plain | more))


def client_of(wanted: ConnectionSettings) -> Any:
    """Return a client set up as every client is; sts's, since EC2's takes ten times as long to make."""
    return open_session(wanted).create_client("sts")


def keys_of(connection: Connection) -> tuple[str, str, str | None]:
    found = connection.calls._client._request_signer._credentials.get_frozen_credentials()
    return found.access_key, found.secret_key, found.token


def problem_of(wanted: ConnectionSettings) -> Problem:
    with pytest.raises(ProblemError) as caught:
        connect(wanted)
    problem = caught.value.problem
    assert SECRET not in f"{problem} {''.join(traceback.format_exception(caught.value))}"
    assert problem.detail.endswith((".", ". "))
    return problem


class TestCredentials:
    def test_are_proven_once_with_sts_and_give_the_account(self, aws: Simulator) -> None:
        connection = connect(settings(aws))
        assert connection.account_id == "123456789012"
        assert connection.natgw_arn(GATEWAY) == f"arn:aws:ec2:eu-central-1:123456789012:natgateway/{GATEWAY}"
        assert aws.call_counts() == {"GetCallerIdentity": 1}

    def test_are_not_proven_when_the_block_says_so_and_the_arn_leaves_the_account_open(self, aws: Simulator) -> None:
        connection = connect(settings(aws, skip_credentials_validation=True))
        assert connection.account_id is None
        assert connection.natgw_arn(GATEWAY) == f"arn:aws:ec2:eu-central-1:*:natgateway/{GATEWAY}"
        assert aws.call_counts() == {}

    def test_of_the_provider_block_come_before_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "environment")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "environment")
        assert keys_of(connect(offline(token="a-token"))) == (KEYS["access_key"], SECRET, "a-token")  # noqa: S106

    def test_of_the_environment_come_before_a_profile_of_the_environment(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        _write_profile(tmp_path / "credentials", "dev", "from-profile")
        monkeypatch.setenv("AWS_PROFILE", "dev")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "from-environment")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        assert keys_of(connect(offline(access_key=None, secret_key=None)))[0] == "from-environment"

    def test_of_a_profile_in_the_provider_block_come_before_the_environment(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        _write_profile(tmp_path / "credentials", "dev", "from-profile")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "from-environment")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s")
        assert keys_of(connect(offline(access_key=None, secret_key=None, profile="dev")))[0] == "from-profile"

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
            connection = connect(offline(access_key=None, secret_key=None, region=None, profile=profile, **files))
            assert (keys_of(connection)[0], connection.region) == (key, region)

    def test_that_are_nowhere_are_a_problem_that_says_where_was_looked(self, aws: Simulator) -> None:
        problem = problem_of(keyless(aws))
        assert problem.summary == "No AWS credentials"
        assert "AWS_ACCESS_KEY_ID" in problem.detail
        assert problem_of(keyless(aws, skip_credentials_validation=True)).summary == "No AWS credentials"
        assert problem_of(keyless(aws, assume_role=AssumeRole(role_arn=ROLE))).summary == "No AWS credentials"

    @pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
    def test_that_aws_does_not_accept_are_a_problem_with_its_words(self, aws: Simulator, code: str) -> None:
        aws.add_fault("error", actions=["GetCallerIdentity"], code=code, message="It is no good.", status=403)
        problem = problem_of(settings(aws))
        assert problem.summary == "AWS credentials are not valid"
        assert f"{code}: It is no good." in problem.detail

    def test_that_cannot_be_checked_are_a_problem_that_names_the_switch(self, aws: Simulator) -> None:
        aws.add_fault("error", actions=["GetCallerIdentity"], code="Odd", message="Odd.", status=400)
        problem = problem_of(settings(aws))
        assert "skip_credentials_validation" in problem.detail
        assert problem.path == ("endpoints",)

    def test_of_an_unknown_profile_are_a_problem_that_lists_the_known(self, aws: Simulator, tmp_path: Path) -> None:
        _write_profile(tmp_path / "credentials", "dev", "key")
        problem = problem_of(keyless(aws, profile="prod"))
        assert problem.path == ("profile",)
        assert '"prod"' in problem.detail
        assert "Profiles found: dev" in problem.detail

    def test_of_an_unknown_profile_in_the_environment_name_the_variable(
        self, aws: Simulator, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_PROFILE", "prod")
        problem = problem_of(keyless(aws))
        assert "AWS_PROFILE" in problem.detail
        assert problem.path == ()

    def test_in_files_that_are_missing_or_broken_are_a_problem(self, aws: Simulator, tmp_path: Path) -> None:
        problem = problem_of(keyless(aws, shared_credentials_files=(str(tmp_path / "nowhere"),)))
        assert problem.path == ("shared_credentials_files",)
        (tmp_path / "broken").write_text("no section\n")
        problem = problem_of(keyless(aws, shared_config_files=(str(tmp_path / "broken"),)))
        assert "not a valid AWS config file" in problem.detail


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
        connection = connect(settings(aws, assume_role=role))
        assert connection.account_id == "123456789012"
        assert keys_of(connection)[0] != KEYS["access_key"]
        assert aws.call_counts() == {"AssumeRole": 1, "GetCallerIdentity": 1}
        asked = aws.calls("AssumeRole")[0].parameters
        assert asked["RoleSessionName"] == "deploy"
        assert asked["ExternalId"] == "known-to-both"

    def test_a_web_identity_needs_no_credentials_and_reads_its_token_file(self, aws: Simulator, tmp_path: Path) -> None:
        (tmp_path / "token").write_text("a-web-token\n")
        identity = AssumeRole(role_arn=ROLE, web_identity_token_file=str(tmp_path / "token"), duration="15m")
        connection = connect(keyless(aws, assume_role_with_web_identity=identity))
        assert connection.account_id == "123456789012"
        assert aws.calls("AssumeRoleWithWebIdentity")[0].parameters["WebIdentityToken"] == "a-web-token"

    def test_a_role_on_top_of_a_web_identity_is_taken_on_with_it(self, aws: Simulator) -> None:
        identity = AssumeRole(role_arn=ROLE, web_identity_token="a-web-token")  # noqa: S106 - no secret
        connect(keyless(aws, assume_role_with_web_identity=identity, assume_role=AssumeRole(role_arn=ROLE)))
        assert list(aws.call_counts()) == ["AssumeRoleWithWebIdentity", "AssumeRole", "GetCallerIdentity"]

    def test_a_refused_role_is_a_problem_at_its_setting(self, aws: Simulator) -> None:
        aws.add_fault("error", actions=["AssumeRole"], code="AccessDenied", message="Not you.", status=403)
        problem = problem_of(settings(aws, assume_role=AssumeRole(role_arn=ROLE)))
        assert problem.path == ("assume_role",)
        assert ROLE in problem.detail
        assert "AccessDenied: Not you." in problem.detail

    def test_a_role_that_is_refused_later_is_no_missing_permission_on_ec2(self, aws: Simulator) -> None:
        seed = aws.seed()
        connection = connect(settings(aws, assume_role=AssumeRole(role_arn=ROLE), skip_credentials_validation=True))
        aws.add_fault("error", actions=["AssumeRole"], code="AccessDenied", message="Not you.", status=403)
        with pytest.raises(ProblemError) as caught:
            GatewayEngine(connection).read(seed.nat_gateway_id)
        assert caught.value.problem.summary == "AWS credentials are invalid or expired"
        assert "AssumeRole" in caught.value.problem.detail
        assert "Not you." in caught.value.problem.detail

    def test_a_missing_token_file_is_a_problem_at_its_setting(self, aws: Simulator, tmp_path: Path) -> None:
        identity = AssumeRole(role_arn=ROLE, web_identity_token_file=str(tmp_path / "nowhere"))
        problem = problem_of(keyless(aws, assume_role_with_web_identity=identity))
        assert problem.path == ("assume_role_with_web_identity",)
        assert problem.summary == "Web identity token file cannot be read"
        assert f'"{tmp_path / "nowhere"}", named in web_identity_token_file, does not exist' in problem.detail


def test_a_region_that_aws_does_not_know_is_a_problem_at_the_region(aws: Simulator) -> None:
    problem = problem_of(settings(aws, region="eu-centrall-1"))
    assert (problem.summary, problem.path) == ("AWS does not take this region", ("region",))
    assert "Correct region in the provider block" in problem.detail


class TestAccountGuards:
    def test_an_allowed_account_passes(self, aws: Simulator) -> None:
        connect(settings(aws, allowed_account_ids=("123456789012",), forbidden_account_ids=("999999999999",)))

    def test_another_account_is_stopped_before_anything_is_read(self, aws: Simulator) -> None:
        problem = problem_of(settings(aws, allowed_account_ids=("111111111111",)))
        assert problem.path == ("allowed_account_ids",)
        assert "123456789012" in problem.detail
        assert aws.call_counts() == {"GetCallerIdentity": 1}

    def test_a_forbidden_account_is_stopped(self, aws: Simulator) -> None:
        assert problem_of(settings(aws, forbidden_account_ids=("123456789012",))).path == ("forbidden_account_ids",)

    def test_guards_ask_sts_even_without_validation(self, aws: Simulator) -> None:
        guarded = settings(aws, skip_credentials_validation=True, allowed_account_ids=("111111111111",))
        assert problem_of(guarded).path == ("allowed_account_ids",)


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

    def test_that_is_nowhere_is_a_problem(self) -> None:
        assert problem_of(offline(region=None)).path == ("region",)

    @pytest.mark.parametrize(
        ("typo", "meant"),
        [("eu-centrall-1", "eu-central-1"), ("us-easst-1", "us-east-1"), ("eucentral-1", "eu-central-1")],
    )
    def test_that_is_mistyped_is_a_problem_with_the_nearest_one_before_anything_is_called(
        self, monkeypatch: pytest.MonkeyPatch, typo: str, meant: str
    ) -> None:
        monkeypatch.setattr("socket.getaddrinfo", lambda *_args, **_more: pytest.fail("called"))
        for problem in (problem_of(offline(region=typo)), problem_of(offline(region=typo, max_retries=0))):
            assert problem.path == ("region",)
            assert f'Did you mean "{meant}"?' in problem.detail
            assert f'ec2 = "https://ec2.{typo}.amazonaws.com"' in problem.detail  # the way out for a new region

    @pytest.mark.parametrize(
        "given",
        [{"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, {"AWS_ENDPOINT_URL_EC2": "http://127.0.0.1:9"}, {}],
    )
    def test_that_is_new_passes_with_an_endpoint_from_anywhere(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, str]
    ) -> None:
        for name, url in given.items():
            monkeypatch.setenv(name, url)
        if not given:
            (tmp_path / "config").write_text("[default]\nendpoint_url = http://127.0.0.1:9\n")
        assert connect(offline(region="eu-brandnew-1")).region == "eu-brandnew-1"

    def test_that_is_none_is_a_problem(self) -> None:
        assert problem_of(offline(region="not a region", skip_credentials_validation=False)).path == ("region",)
        assert problem_of(offline(region="not a region")).path == ("region",)

    @pytest.mark.parametrize(
        ("region", "partition"),
        [("eu-central-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("xx-new-1", "aws")],
    )
    def test_gives_the_partition(self, region: str, partition: str) -> None:
        connection = connect(offline(region=region, endpoints={"ec2": f"https://ec2.{region}.amazonaws.com"}))
        assert connection.partition == partition
        assert connection.natgw_arn("nat-1") == f"arn:{partition}:ec2:{region}:*:natgateway/nat-1"


class TestClients:
    def test_a_read_is_repeated_and_a_change_is_not(self, aws: Simulator) -> None:
        seed = aws.seed()
        connection = connect(settings(aws, max_retries=1))
        aws.add_fault("throttling", actions=[DESCRIBE], times=1)
        gateway = GatewayEngine(connection).read(seed.nat_gateway_id)
        assert gateway is not None
        assert aws.call_counts()[DESCRIBE] == 2
        aws.add_fault("throttling", actions=[ASSIGN], times=1)
        with pytest.raises(Throttled):
            connection.calls.change(PRIVATE_IPS, gateway, Assign(ip(20)))
        aws.add_fault("internal_error", actions=[ASSIGN], times=1)
        with pytest.raises(LostAnswer):
            connection.calls.change(PRIVATE_IPS, gateway, Assign(ip(20)))
        assert aws.call_counts()[ASSIGN] == 2

    @pytest.mark.parametrize(
        ("block", "environment", "attempts"),
        [(None, None, 26), (3, "7", 4), (None, "7", 7), (0, None, 1)],
    )
    def test_retries_come_from_block_then_environment_then_the_default(
        self, monkeypatch: pytest.MonkeyPatch, block: int | None, environment: str | None, attempts: int
    ) -> None:
        if environment:
            monkeypatch.setenv("AWS_MAX_ATTEMPTS", environment)
        connection = connect(offline(max_retries=block))
        assert connection.read_attempts == attempts
        credentials = client_of(offline(max_retries=block))
        assert credentials.meta.config.retries["total_max_attempts"] == min(attempts, 5)

    @pytest.mark.parametrize(
        ("variable", "key", "value", "allowed"),
        [
            ("AWS_MAX_ATTEMPTS", "max_attempts", "five", "a whole number"),
            ("AWS_MAX_ATTEMPTS", "max_attempts", "0", "a whole number from 1"),
            ("AWS_RETRY_MODE", "retry_mode", "often", "standard, adaptive or legacy"),
            ("AWS_METADATA_SERVICE_TIMEOUT", "metadata_service_timeout", "soon", "a whole number"),
        ],
    )
    def test_a_setting_that_cannot_be_used_is_named_with_where_it_is_from(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, key: str, value: str, allowed: str
    ) -> None:
        (tmp_path / "config").write_text(f"[default]\n{key} = {value}\n")
        problem = problem_of(offline())
        assert f'{key} of profile "default" is "{value}". It must be {allowed}.' in problem.detail
        (tmp_path / "config").write_text("")
        monkeypatch.setenv(variable, value)
        assert f'The environment variable {variable} is "{value}". It must be' in problem_of(offline()).detail

    @pytest.mark.parametrize(
        ("block", "environment", "mode"),
        [
            (None, None, "standard"),
            ("adaptive", "standard", "adaptive"),
            (None, "adaptive", "adaptive"),
            (None, "legacy", "standard"),
        ],
    )
    def test_the_retry_mode_is_always_set(
        self, monkeypatch: pytest.MonkeyPatch, block: str | None, environment: str | None, mode: str
    ) -> None:
        if environment:
            monkeypatch.setenv("AWS_RETRY_MODE", environment)
        assert client_of(offline(retry_mode=block)).meta.config.retries["mode"] == mode

    @pytest.mark.parametrize("url", ["http://[", "http://", "http://a b"])
    def test_an_endpoint_that_is_none_is_reported_before_anything_is_read(
        self, monkeypatch: pytest.MonkeyPatch, url: str
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_EC2", url)
        assert problem_of(offline()).summary == "AWS cannot be reached as configured"

    def test_the_user_agent_names_natgw_and_terraform(self, aws: Simulator) -> None:
        connect(settings(aws, user_agent_extra="Terraform/1.11.4 pipeline/7\r\nX-Evil: 1")).calls.describe([GATEWAY])
        agent = aws.calls(DESCRIBE)[0].user_agent
        assert f"natgw/{__version__} Terraform/1.11.4 pipeline/7 X-Evil: 1" in agent

    def test_fips_and_dual_stack_choose_other_endpoints(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def host(**more: Any) -> str:
            return str(client_of(offline(**more)).meta.endpoint_url).removeprefix("https://")

        assert host(region="us-east-1") == "sts.us-east-1.amazonaws.com"
        assert host(region="us-east-1", use_fips_endpoint=True) == "sts-fips.us-east-1.amazonaws.com"
        assert host(region="us-east-1", use_dualstack_endpoint=True) == "sts.us-east-1.api.aws"
        monkeypatch.setenv("AWS_USE_FIPS_ENDPOINT", "true")
        assert host(region="us-east-1") == "sts-fips.us-east-1.amazonaws.com"
        assert host(region="us-east-1", use_fips_endpoint=False) == "sts.us-east-1.amazonaws.com"

    def test_the_environments_endpoint_is_botocores_own_business(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL_STS", "http://localhost:9")
        assert client_of(offline()).meta.endpoint_url == "http://localhost:9"

    def test_a_ca_bundle_is_used_or_refused(self, tmp_path: Path) -> None:
        problem = problem_of(offline(custom_ca_bundle=str(tmp_path / "nowhere.pem")))
        assert problem.path == ("custom_ca_bundle",)
        (tmp_path / "empty.pem").write_text("not a certificate")
        assert problem_of(offline(custom_ca_bundle=str(tmp_path / "empty.pem"))).path == ("custom_ca_bundle",)

    def test_an_endpoint_that_nobody_answers_at_is_given_up_soon(self) -> None:
        clock = SoloClock(ManualClock())
        engine = GatewayEngine(connect(offline(endpoints={"ec2": "http://127.0.0.1:9"})), clock=clock)
        began = clock.now()
        with pytest.raises(Exception, match="DescribeNatGateways") as caught:
            engine.read(GATEWAY)
        assert "127.0.0.1:9" in str(caught.value)
        assert "got no answer from AWS" in str(caught.value)
        assert 10 < clock.now() - began < 35


def test_settings_never_show_a_secret() -> None:
    shown = repr(
        ConnectionSettings(
            access_key=KEYS["access_key"],
            secret_key=SECRET,
            token=SECRET,
            http_proxy=f"http://u:{SECRET}@p",
            https_proxy=f"http://u:{SECRET}@p",
            assume_role=AssumeRole(role_arn=ROLE, external_id=SECRET),
            assume_role_with_web_identity=AssumeRole(role_arn=ROLE, web_identity_token=SECRET),
        )
    )
    assert SECRET not in shown
    assert KEYS["access_key"] not in shown
    assert ROLE in shown


def _write_profile(path: Path, name: str, key: str) -> None:
    path.write_text(f"[{name}]\naws_access_key_id = {key}\naws_secret_access_key = {SECRET}\n")
