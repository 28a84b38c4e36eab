"""STS and IAM: whoever calls gets an identity, and a role of another account is of that account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator

OTHER_ACCOUNT = "222222222222"


@pytest.fixture(scope="module")
def own_account() -> Iterator[Simulator]:
    with Simulator(clock=ManualClock()) as simulator:
        yield simulator


def sts(simulator: Simulator, credentials: dict[str, str] | None = None) -> Any:
    keys = credentials or {"aws_access_key_id": "any", "aws_secret_access_key": "key"}
    return boto3.client("sts", endpoint_url=simulator.url, region_name="eu-central-1", **keys)


def test_any_key_is_of_the_simulators_account(own_account: Simulator) -> None:
    client = sts(own_account)
    identity = client.get_caller_identity()
    client.close()
    assert identity["Account"] == "123456789012"
    assert identity["Arn"].startswith("arn:aws:sts::123456789012:")


@pytest.mark.parametrize("account", ["123456789012", OTHER_ACCOUNT])
def test_an_assumed_role_is_of_the_roles_account(own_account: Simulator, account: str) -> None:
    role = f"arn:aws:iam::{account}:role/deploy"
    client = sts(own_account)
    assumed = client.assume_role(RoleArn=role, RoleSessionName="plan")
    client.close()
    assert assumed["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{account}:assumed-role/deploy/plan"
    keys = assumed["Credentials"]
    as_role = sts(
        own_account,
        {
            "aws_access_key_id": keys["AccessKeyId"],
            "aws_secret_access_key": keys["SecretAccessKey"],
            "aws_session_token": keys["SessionToken"],
        },
    )
    identity = as_role.get_caller_identity()
    as_role.close()
    assert (identity["Account"], identity["Arn"]) == (account, assumed["AssumedRoleUser"]["Arn"])


def test_a_web_identity_needs_no_key(own_account: Simulator) -> None:
    client = sts(own_account)
    role = "arn:aws:iam::123456789012:role/ci"
    assumed = client.assume_role_with_web_identity(RoleArn=role, RoleSessionName="ci", WebIdentityToken="token")
    client.close()
    assert assumed["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/ci/ci"


def test_iam_is_forgotten_by_a_reset(own_account: Simulator) -> None:
    iam = own_account.client("iam")
    iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")
    assert [role["RoleName"] for role in iam.list_roles()["Roles"]] == ["r"]
    assert iam.get_role(RoleName="r")["Role"]["Arn"] == "arn:aws:iam::123456789012:role/r"
    own_account.reset()
    assert iam.list_roles()["Roles"] == []
