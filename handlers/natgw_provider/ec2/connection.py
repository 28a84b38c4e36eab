"""The way to AWS: from the provider block's settings to clients for EC2, with credentials proven and account guarded.

It loads boto3, so it is imported when the provider is configured and not before. No message may hold a secret.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import boto3
import botocore.session
from botocore import exceptions as botocore_exceptions

from natgw_provider.ec2 import roles
from natgw_provider.ec2.api import Ec2Api
from natgw_provider.ec2.botocore_errors import sorted_errors
from natgw_provider.ec2.call_log import Log
from natgw_provider.ec2.client_settings import ClientSettings
from natgw_provider.ec2.connection_problems import (
    ConnectionProblem,
    failed_call,
    guard_problem,
    no_credentials,
    unusable_settings,
)
from natgw_provider.ec2.error_texts import concealed, without_logins
from natgw_provider.ec2.errors import Ec2Error
from natgw_provider.ec2.never_sent import never_sent
from natgw_provider.ec2.pace import UNREACHABLE_ATTEMPTS
from natgw_provider.ec2.session import open_session
from natgw_provider.ec2.settings import ConnectionSettings

__all__ = ["Connection", "ConnectionProblem", "connect"]


def connect(settings: ConnectionSettings, log: Log | None = None) -> Connection:
    """Find region and credentials, prove them unless told not to, and check the account guards.

    It asks sts once (GetCallerIdentity), and once more for each role to take on. Each call to AWS, now and later, is a
    debug line in `log`. Raises ConnectionProblem.
    """
    session = open_session(settings, log=log)
    client_settings = ClientSettings.of(settings, session)
    with _explained(settings):
        connection = Connection(_session_with_roles(session, client_settings, log), client_settings)
        connection.prove()
        _ = connection.reads  # a region or endpoint that makes no client is told here, not in the first read
    return connection


class Connection:
    """One configured way to AWS; each of its clients is made once and shared by all threads.

    Attributes:
        region: the region, such as "eu-central-1".
        partition: "aws", "aws-cn", "aws-us-gov", ...
    """

    def __init__(self, session: botocore.session.Session, client_settings: ClientSettings) -> None:
        self._boto3 = boto3.Session(botocore_session=session)
        self._client_settings = client_settings
        self._settings = client_settings.settings
        self._lock = threading.RLock()
        self.region: str = self._boto3.region_name
        self.partition = _partition(session, self.region)

    @property
    def read_attempts(self) -> int:
        """How often a read is sent at most, as the provider block or the environment says."""
        return self._client_settings.read_attempts

    @property
    def reads(self) -> Ec2Api:
        """EC2 for reads and dry runs: botocore repeats what failed or was throttled."""
        with self._lock:
            return self._patient

    @property
    def calls(self) -> Ec2Api:
        """EC2 where every call is sent once: Assign and Unassign have no client token, a repetition could act twice."""
        with self._lock:
            return self._once

    def account_id(self) -> str | None:
        """Return the account's number, asked for once; None when validation is switched off and nothing needs it.

        Raises an Ec2Error.
        """
        guarded = self._settings.allowed_account_ids or self._settings.forbidden_account_ids
        if self._settings.skip_credentials_validation and not guarded:
            return None
        with self._lock:
            return self._account_id

    @property
    def place(self) -> str:
        """Region and, when it was looked up, account: where it looks, for messages."""
        account_id = self.account_id()
        return f"region {self.region}" + (f" of account {account_id}" if account_id else "")

    def natgw_arn(self, nat_gateway_id: str) -> str:
        """Return the gateway's ARN, with `*` for an account that is not known."""
        return f"arn:{self.partition}:ec2:{self.region}:{self.account_id() or '*'}:natgateway/{nat_gateway_id}"

    def prove(self) -> None:
        """Look the credentials up, prove them, check the account guards. Raises ConnectionProblem or an Ec2Error."""
        with sorted_errors("GetCallerIdentity"):
            credentials = self._boto3.get_credentials()
        if credentials is None:
            raise no_credentials()
        account_id = self.account_id()
        problem = guard_problem(account_id, self._settings) if account_id else None
        if problem:
            raise problem

    @cached_property
    def _patient(self) -> Ec2Api:
        client = self._client("ec2", self.read_attempts)
        client.meta.events.register_first("needs-retry.ec2", _give_up_unreachable)
        return Ec2Api(client)

    @cached_property
    def _once(self) -> Ec2Api:
        return Ec2Api(self._client("ec2", 1))

    @cached_property
    def _account_id(self) -> str:
        sts = self._client("sts", self._client_settings.sts_attempts)
        with sorted_errors("GetCallerIdentity"):
            answer = sts.get_caller_identity()
        return str(answer["Account"])

    def _client(self, service: str, attempts: int) -> Any:
        return self._boto3.client(service, **self._client_settings.keywords(service, attempts))


def _give_up_unreachable(attempts: int, caught_exception: Exception | None, **_: Any) -> None:
    if caught_exception and never_sent(caught_exception) and attempts >= UNREACHABLE_ATTEMPTS:
        raise caught_exception


def _session_with_roles(
    session: botocore.session.Session, client_settings: ClientSettings, log: Log | None
) -> botocore.session.Session:
    settings = client_settings.settings
    if settings.assume_role_with_web_identity:
        sts = _sts(session, client_settings, signed=False)
        credentials = roles.web_identity_credentials(sts, settings.assume_role_with_web_identity)
        session = open_session(settings, credentials, log)
    if settings.assume_role:
        with sorted_errors("AssumeRole"):
            base = session.get_credentials()
        if base is None:
            raise no_credentials()
        credentials = roles.role_credentials(_sts(session, client_settings), settings.assume_role)
        session = open_session(settings, credentials, log)
    return session


def _sts(session: botocore.session.Session, client_settings: ClientSettings, *, signed: bool = True) -> Any:
    return session.create_client("sts", **client_settings.keywords("sts", client_settings.sts_attempts, signed=signed))


def _partition(session: botocore.session.Session, region: str) -> str:
    try:
        return str(session.get_partition_for_region(region))
    except botocore_exceptions.UnknownRegionError:
        return "aws"


@contextmanager
def _explained(settings: ConnectionSettings) -> Iterator[None]:
    try:
        yield
    except Ec2Error as error:
        raise failed_call(error, settings) from error
    except botocore_exceptions.InvalidRegionError as error:
        raise ConnectionProblem(
            "Not an AWS region", f'{error} Write it as AWS does, such as "eu-central-1".', "region"
        ) from error
    except (botocore_exceptions.BotoCoreError, ValueError) as error:
        raise unusable_settings(concealed(error, without_logins)) from error
