"""The way to AWS: from the provider block to clients for EC2, with credentials proven and the account guarded.

It loads boto3, so it is imported when the provider is configured and not before. No message may hold a secret.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
import botocore
from botocore import UNSIGNED
from botocore import exceptions as botocore_exceptions
from botocore.config import Config

from natgw_provider.aws.answers import member
from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.botocore_errors import redact, sorted_errors, without_logins
from natgw_provider.aws.credentials import (
    failed_call,
    failed_chain,
    guard_problem,
    no_credentials,
    role_credentials,
    web_identity_credentials,
)
from natgw_provider.aws.errors import ConnectionProblem, Ec2Error
from natgw_provider.aws.session import Session, open_session
from natgw_provider.aws.settings import ConnectionSettings
from natgw_provider.aws.transport import Log

_NO_CALL = ""
"""The action of an error in the search for credentials that is not a call's."""


def connect(settings: ConnectionSettings, log: Log | None = None) -> Connection:
    """Find region and credentials, prove them unless told not to, and check the account guards.

    It calls sts once (GetCallerIdentity), and once more for each role to assume. Each call to AWS, now and later, is a
    debug line in `log`. Raises ConnectionProblem.
    """
    with _explained(settings):
        session = open_session(settings, log)
        _check_region(session, settings)
        _assume_roles(session, settings)
        account_id = _account_id(session, settings)
        once = Config(retries=session.retries(1))
        calls = Ec2Api(boto3.Session(botocore_session=session).client("ec2", config=once))
    region = str(session.get_config_variable("region"))
    return Connection(calls, region, _partition(session, region), account_id, session.read_attempts)


@dataclass(frozen=True, slots=True)
class Connection:
    """One configured way to AWS, safe to share between threads.

    Attributes:
        calls: EC2, with every call sent once: the caller decides what may be repeated, and may stop in between.
        region: the region, such as "eu-central-1".
        partition: "aws", "aws-cn", "aws-us-gov", ...
        account_id: the account's number; None when validation is switched off and no account guard needs it.
        read_attempts: how often a read is to be sent at most, as the user says.
    """

    calls: Ec2Api
    region: str
    partition: str
    account_id: str | None
    read_attempts: int

    @property
    def location(self) -> str:
        """Region and, where it is known, account, for messages: "region eu-central-1 of account 123456789012"."""
        return f"region {self.region}" + (f" of account {self.account_id}" if self.account_id else "")

    def natgw_arn(self, nat_gateway_id: str) -> str:
        """Return the gateway's ARN, with `*` for an account that is not known."""
        return f"arn:{self.partition}:ec2:{self.region}:{self.account_id or '*'}:natgateway/{nat_gateway_id}"


def _account_id(session: Session, settings: ConnectionSettings) -> str | None:
    """Prove the credentials and check the account guards. Raises ConnectionProblem or an Ec2Error."""
    guarded = settings.allowed_account_ids or settings.forbidden_account_ids
    if settings.skip_credentials_validation and not guarded:
        return None
    sts = session.create_client("sts")
    with sorted_errors("GetCallerIdentity"):
        account_id = str(member(sts.get_caller_identity(), "Account"))
    problem = guard_problem(account_id, settings)
    if problem:
        raise problem
    return account_id


def _check_region(session: Session, settings: ConnectionSettings) -> None:
    """Refuse a region that botocore does not know, unless an endpoint for EC2 is given: any host would fail later."""
    variables = ("AWS_ENDPOINT_URL_EC2", "AWS_ENDPOINT_URL")
    profile = session.get_scoped_config()
    if settings.endpoint_ec2 or any(map(os.environ.get, variables)) or profile.keys() & {"endpoint_url", "services"}:
        return
    region = str(session.get_config_variable("region"))
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    known = {name for partition in partitions for name in partition["regions"]}
    if region in known:
        return
    import difflib  # noqa: PLC0415 - takes milliseconds, and only this error needs it

    nearest = difflib.get_close_matches(region, known, n=1)
    hint = f'Did you mean "{nearest[0]}"?' if nearest else 'Write it as AWS does, such as "eu-central-1".'
    raise ConnectionProblem(
        "Not an AWS region",
        f'region is "{region}", which botocore {botocore.__version__} does not know. {hint} Correct region in the '
        "provider block (or AWS_REGION, or the profile's). For a region that is newer than this natgw, name its "
        f'endpoints: endpoints = {{ ec2 = "https://ec2.{region}.amazonaws.com", '
        f'sts = "https://sts.{region}.amazonaws.com" }}.',
        "region",
    )


def _assume_roles(session: Session, settings: ConnectionSettings) -> None:
    """Find the base credentials and let the session use the roles of the provider block, fetched on first use."""
    if settings.assume_role_with_web_identity:
        sts = session.create_client("sts", config=Config(signature_version=UNSIGNED))
        session.use_role(web_identity_credentials(sts, settings.assume_role_with_web_identity))
    else:
        _find_credentials(session, settings)
    if settings.assume_role:
        session.use_role(role_credentials(session.create_client("sts"), settings.assume_role))


def _find_credentials(session: Session, settings: ConnectionSettings) -> None:
    """Make the calls that the chain of credentials needs, so that an error is told apart from one of a later call."""
    try:
        with sorted_errors(_NO_CALL):
            credentials = session.get_credentials()
            if credentials:
                credentials.get_frozen_credentials()
    except Ec2Error as error:
        raise failed_chain(error, settings, session.get_config_variable("profile")) from error
    if credentials is None:
        raise no_credentials()


def _partition(session: Session, region: str) -> str:
    try:
        return str(session.get_partition_for_region(region))
    except botocore_exceptions.UnknownRegionError:
        return "aws"


@contextmanager
def _explained(settings: ConnectionSettings) -> Iterator[None]:
    """Turn what fails inside into a ConnectionProblem."""
    try:
        yield
    except Ec2Error as error:
        raise failed_call(error, settings) from error
    except botocore_exceptions.InvalidRegionError as error:
        raise ConnectionProblem(
            "Not an AWS region", f'{error} Write it as AWS does, such as "eu-central-1".', "region"
        ) from error
    except (botocore_exceptions.BotoCoreError, ValueError) as error:
        why = redact(error, without_logins).rstrip(". ")
        raise ConnectionProblem(
            "AWS cannot be reached as configured",
            f"{why}. Check endpoints, proxies and custom_ca_bundle in the provider block, AWS_ENDPOINT_URL and its "
            "like in the environment, and endpoint_url in the profile.",
        ) from error
