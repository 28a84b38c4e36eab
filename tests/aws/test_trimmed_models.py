"""Clients on trimmed models behave as those on botocore's own; where nothing is trimmed, they are those."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import boto3
import botocore
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.loaders import Loader
from botocore.regions import EndpointResolver
from moto.core.request import Request
from werkzeug.wrappers import Response

from natgw_provider.aws import trimmed_models
from natgw_provider.aws.session import open_session
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from natgw_provider.simulator.transport import serve_in_process

GATEWAY = "nat-0a1b2c3d4e5f67890"
PUBLIC = "nat-0a1b2c3d4e5f67891"
ELASTIC_IPS = ["eipalloc-0a1b2c3d4e5f67891", "eipalloc-0a1b2c3d4e5f67892", "eipalloc-0a1b2c3d4e5f67893"]
ASSOCIATION = "the association of the public gateway's secondary"
SETTINGS = ConnectionSettings(region="eu-central-1", access_key="simulator", secret_key="simulator")  # noqa: S106
ROLE = {"RoleArn": "arn:aws:iam::123456789012:role/natgw", "RoleSessionName": "natgw"}

GOOD: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2", "assign_private_nat_gateway_address", {"NatGatewayId": GATEWAY, "PrivateIpAddresses": ["10.0.0.9"]}),
    ("ec2", "describe_nat_gateways", {"Filter": [{"Name": "state", "Values": ["available"]}], "MaxResults": 5}),
    ("ec2", "describe_subnets", {"Filters": [{"Name": "vpc-id", "Values": ["*"]}]}),
    (
        "ec2",
        "unassign_private_nat_gateway_address",
        {"NatGatewayId": GATEWAY, "PrivateIpAddresses": ["10.0.0.9"], "MaxDrainDurationSeconds": 60},
    ),
    (
        "ec2",
        "associate_nat_gateway_address",
        {"NatGatewayId": PUBLIC, "AllocationIds": ELASTIC_IPS[2:], "PrivateIpAddresses": ["10.0.0.21"]},
    ),
    (
        "ec2",
        "disassociate_nat_gateway_address",
        {"NatGatewayId": PUBLIC, "AssociationIds": [ASSOCIATION], "MaxDrainDurationSeconds": 60},
    ),
    ("sts", "get_caller_identity", {}),
    ("sts", "assume_role", {**ROLE, "Tags": [{"Key": "team", "Value": "net"}]}),
    ("sts", "assume_role_with_web_identity", {**ROLE, "WebIdentityToken": "a-web-token"}),
]
BAD: list[tuple[str, str, dict[str, Any]]] = [
    ("ec2", "assign_private_nat_gateway_address", {"NatGatewayId": "nat-0", "PrivateIpAddressCount": 1}),
    ("ec2", "assign_private_nat_gateway_address", {"NatGatewayId": GATEWAY, "PrivateIpAddressCount": 0}),
    ("ec2", "assign_private_nat_gateway_address", {"PrivateIpAddresses": "10.0.0.9"}),
    ("ec2", "assign_private_nat_gateway_address", {"NatGatewayId": GATEWAY, "Unheard": True}),
    ("ec2", "unassign_private_nat_gateway_address", {"NatGatewayId": GATEWAY}),
    ("ec2", "unassign_private_nat_gateway_address", {"NatGatewayId": 7, "PrivateIpAddresses": [7]}),
    ("ec2", "describe_nat_gateways", {"MaxResults": 1}),
    ("ec2", "describe_nat_gateways", {"NatGatewayIds": ["nat-0"]}),
    ("ec2", "describe_subnets", {"SubnetIds": ["subnet-0"]}),
    ("ec2", "associate_nat_gateway_address", {"NatGatewayId": GATEWAY, "AllocationIds": ELASTIC_IPS[2:]}),
    ("ec2", "disassociate_nat_gateway_address", {"NatGatewayId": PUBLIC, "AssociationIds": ["eipassoc-0"]}),
    ("sts", "assume_role", {"RoleArn": "short"}),
    ("sts", "assume_role_with_web_identity", ROLE),
]


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    trimmed_models.write_trimmed_models()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


def full_session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_config_variable("region", SETTINGS.region)
    session.set_credentials("simulator", "simulator")
    return session


def operations_of(session: botocore.session.Session, service: str = "ec2") -> set[str]:
    """Return what a client of the session can be asked; made as the connection makes it, through boto3."""
    client = boto3.Session(botocore_session=session).client(service)
    return set(client.meta.method_to_api_mapping.values())


def is_trimmed(session: botocore.session.Session, service: str = "ec2") -> bool:
    return operations_of(session, service) == set(trimmed_models.OPERATIONS[service])


class Conversation:
    """What clients of one session say to a fresh simulator, and what comes back; or to what another one heard."""

    def __init__(self, session: botocore.session.Session, heard: Sequence[tuple[bytes, Response]] = ()) -> None:
        self.heard: list[tuple[bytes, Response]] = []
        self._replay = list(heard)
        self._aws = Simulator(clock=ManualClock())
        self._aws.change_settings(elastic_ip_quota=3)
        self._aws.seed(nat_gateway_id=GATEWAY, primary="10.0.0.10")
        public = self._aws.seed(
            nat_gateway_id=PUBLIC, connectivity="public", secondaries=["10.0.0.20"], allocation_ids=ELASTIC_IPS
        )
        self.association = public.secondary_association_ids[0]
        serve_in_process(self._handle, session)
        self._clients = {service: session.create_client(service) for service in ("ec2", "sts")}

    def ask(self, service: str, method: str, parameters: dict[str, Any]) -> Any:
        self._aws.clock.advance(100)
        if parameters.get("AssociationIds") == [ASSOCIATION]:
            parameters = {**parameters, "AssociationIds": [self.association]}
        try:
            return getattr(self._clients[service], method)(**parameters)
        except (BotoCoreError, ClientError) as error:
            return type(error).__name__, str(error), getattr(error, "response", None)

    def _handle(self, request: Request) -> Response:
        if self._replay:
            expected, answer = self._replay.pop(0)
            assert request.get_data() == expected
            return answer
        answer = self._aws.handle(request)
        self.heard.append((request.get_data(), answer))
        return answer


def test_requests_and_answers_are_the_same() -> None:
    assert {method for _, method, _ in GOOD} == {
        botocore.xform_name(name) for names in trimmed_models.OPERATIONS.values() for name in names
    }
    trimmed = Conversation(open_session(SETTINGS))
    answers = [trimmed.ask(*question) for question in GOOD]
    refusals = [trimmed.ask(*question) for question in BAD]
    assert all(isinstance(answer, dict) for answer in answers), answers
    assert all(isinstance(refusal, tuple) for refusal in refusals), refusals
    full = Conversation(full_session(), trimmed.heard)
    full.association = trimmed.association
    assert answers == [full.ask(*question) for question in GOOD]
    assert refusals == [full.ask(*question) for question in BAD]
    assert full.heard == []


def test_modeled_errors_are_the_same_classes() -> None:
    trimmed, full = open_session(SETTINGS).create_client("sts"), full_session().create_client("sts")
    assert dir(trimmed.exceptions) == dir(full.exceptions)


@pytest.mark.parametrize("dualstack", [False, True])
@pytest.mark.parametrize("fips", [False, True])
def test_endpoints_are_the_same(fips: bool, dualstack: bool) -> None:
    trimmed, full = open_session(SETTINGS), full_session()
    config = Config(use_fips_endpoint=fips, use_dualstack_endpoint=dualstack)
    found = set()
    for region in ("eu-central-1", "us-east-1", "cn-north-1", "us-gov-west-1", "us-iso-east-1", "xx-new-9"):
        for service in ("ec2", "sts"):
            endpoint = endpoint_of(trimmed, service, region, config)
            # Full EC2 clients take a quarter of a second each; the rules are compared whole below.
            if service == "sts" or region == "cn-north-1":
                assert endpoint == endpoint_of(full, service, region, config)
            found.add(endpoint)
    assert len(found) > 8
    rules = ("ec2", "endpoint-rule-set-1")
    loaded = [session.get_component("data_loader").load_service_model(*rules) for session in (trimmed, full)]
    assert loaded[0] == loaded[1]


def endpoint_of(session: botocore.session.Session, service: str, region: str, config: Config) -> tuple[str, str]:
    try:
        client = session.create_client(service, region_name=region, config=config)
    except BotoCoreError as error:
        return type(error).__name__, str(error)
    return client.meta.endpoint_url, client.meta.service_model.signing_name


def test_every_endpoint_that_botocore_ships_for_what_is_in_use_is_found_the_same() -> None:
    loaders = [session.get_component("data_loader") for session in (open_session(SETTINGS), full_session())]
    assert len(json.dumps(loaders[0].load_data("endpoints"))) < 30_000
    trimmed, full = (EndpointResolver(loader.load_data("endpoints")) for loader in loaders)
    partitions = full.get_available_partitions()
    assert trimmed.get_available_partitions() == partitions
    regions = {region for name in partitions for region in full.get_available_endpoints("ec2", name)}
    for region in (*regions, "xx-new-9", "us-new-9"):
        for prefix in trimmed_models.ENDPOINT_PREFIXES:
            assert trimmed.construct_endpoint(prefix, region) == full.construct_endpoint(prefix, region)
    assert len(regions) > 30
    assert loaders[0].is_builtin_path(loaders[0].load_data_with_path("endpoints")[1])


def test_the_cut_of_an_installation_is_small_and_written_once() -> None:
    folder = trimmed_models.trimmed_models_folder()
    before = folder.stat().st_ino
    assert trimmed_models.write_trimmed_models() == folder
    assert folder.stat().st_ino == before
    assert sum(file.stat().st_size for file in folder.rglob("*.json")) < 100_000


def test_another_botocore_uses_its_own_models_until_they_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.99.0")
    assert len(operations_of(open_session(SETTINGS))) > 500
    folder = trimmed_models.write_trimmed_models()
    try:
        assert folder.name.startswith("botocore-1.99.0-")
        assert is_trimmed(open_session(SETTINGS))
        assert is_trimmed(open_session(SETTINGS), "sts")
    finally:
        shutil.rmtree(folder)


def test_a_cut_for_other_operations_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trimmed_models, "OPERATIONS", {**trimmed_models.OPERATIONS, "ec2": ("DescribeVpcs",)})
    assert len(operations_of(open_session(SETTINGS))) > 500


@pytest.mark.parametrize("model", [{}, {"operations": {}, "shapes": {}}, {"operations": [], "shapes": 1}, []])
def test_a_model_of_an_unknown_layout_is_not_written(monkeypatch: pytest.MonkeyPatch, model: Any) -> None:
    monkeypatch.setattr(botocore, "__version__", "1.99.1")
    original = trimmed_models.trimmed
    monkeypatch.setattr(trimmed_models, "trimmed", lambda _, operations: original(model, operations))
    with pytest.raises((KeyError, AttributeError, TypeError)):
        trimmed_models.write_trimmed_models()
    folder = trimmed_models.trimmed_models_folder()
    assert list(folder.parent.glob(f"*{folder.name}*")) == []


def test_a_users_own_models_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS_DATA_PATH and ~/.aws/models are searched by botocore first; this one has an operation of its own."""
    own = trimmed_models.trimmed(Loader().load_service_model("sts", "service-2"), ("GetCallerIdentity",))
    folder = tmp_path / "models" / "sts" / "2011-06-15"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(own))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path / "models"))
    assert operations_of(open_session(SETTINGS), "sts") == {"GetCallerIdentity"}
    assert is_trimmed(open_session(SETTINGS), "ec2")


def test_a_users_own_endpoints_win(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own: dict[str, Any] = {"version": 3, "partitions": []}
    (tmp_path / "endpoints.json").write_text(json.dumps(own))
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert open_session(SETTINGS).get_component("data_loader").load_data("endpoints") == own
    assert is_trimmed(open_session(SETTINGS))


def test_other_services_are_botocores() -> None:
    assert "GetRoleCredentials" in operations_of(open_session(SETTINGS), "sso")
