"""The way to AWS: from the provider block to a client for EC2, with credentials proven and the account guarded.

It loads boto3, so it is imported when the provider is configured and not before. No message may hold a secret.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
import botocore
from botocore import UNSIGNED, xform_name
from botocore import exceptions as botocore_exceptions
from botocore.config import Config
from botocore.credentials import Credentials, DeferredRefreshableCredentials

from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.errors import (
    AccessDenied,
    CredentialsInvalid,
    Ec2Error,
    LostAnswer,
    Rejected,
    Throttled,
    Unreachable,
    sorted_errors,
)
from natgw_provider.aws.exceptions import redact, without_logins
from natgw_provider.aws.session import Log, Session, open_session
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings, setting_problem
from natgw_provider.aws.transport import member
from natgw_provider.core.durations import parse_duration
from natgw_provider.core.problems import ProblemError

_ROLE_ACTIONS: Final = {
    "AssumeRole": "assume_role",
    "AssumeRoleWithWebIdentity": "assume_role_with_web_identity",
}
_CHECK_NETWORK: Final = "Check network, proxy, region and endpoints.sts."
_CHECK_ROLE: Final = "Check the role's ARN, its trust policy (who may assume it, external id, audience) and"


def connect(settings: ConnectionSettings, log: Log | None = None) -> Connection:
    """Find region and credentials, prove them unless the block says not to, and check the account guards.

    It calls sts once (GetCallerIdentity), and once more for each role to assume. Each call to AWS, now and later, is a
    debug line in `log`. Raises ProblemError.
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
    """Prove the credentials and check the account guards. Raises ProblemError or an Ec2Error."""
    guarded = settings.allowed_account_ids or settings.forbidden_account_ids
    if settings.skip_credentials_validation and not guarded:
        return None
    sts = session.create_client("sts")
    with sorted_errors("GetCallerIdentity"):
        account_id = str(member(sts.get_caller_identity(), "Account"))
    _check_account(account_id, settings)
    return account_id


def _check_account(account_id: str, settings: ConnectionSettings) -> None:
    allowed = settings.allowed_account_ids
    if allowed and account_id not in allowed:
        raise setting_problem(
            "AWS account not allowed",
            f"The credentials belong to account {account_id}; allowed_account_ids names {', '.join(sorted(allowed))}. "
            "Nothing was read or changed. Use credentials of an allowed account, or add this one to the list.",
            "allowed_account_ids",
        )
    if account_id in settings.forbidden_account_ids:
        raise setting_problem(
            "AWS account forbidden",
            f"The credentials belong to account {account_id}, which forbidden_account_ids names. "
            "Nothing was read or changed. Use credentials of another account, or take it off the list.",
            "forbidden_account_ids",
        )


def _check_region(session: Session, settings: ConnectionSettings) -> None:
    """Refuse a region that botocore does not know, unless an endpoint for EC2 is given: any host would fail later."""
    is_given = "ec2" in settings.endpoints or session.get_scoped_config().keys() & {"endpoint_url", "services"}
    if is_given or os.environ.get("AWS_ENDPOINT_URL_EC2") or os.environ.get("AWS_ENDPOINT_URL"):
        return
    region = str(session.get_config_variable("region"))
    partitions = session.get_component("data_loader").load_data("partitions")["partitions"]
    known = {name for partition in partitions for name in partition["regions"]}
    if region in known:
        return
    import difflib  # noqa: PLC0415 - takes milliseconds, and only this error needs it

    nearest = difflib.get_close_matches(region, known, n=1)
    hint = f'Did you mean "{nearest[0]}"?' if nearest else 'Write it as AWS does, such as "eu-central-1".'
    raise setting_problem(
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
        _check_token_file(settings.assume_role_with_web_identity.web_identity_token_file)
        sts = session.create_client("sts", config=Config(signature_version=UNSIGNED))
        session.use_role(role_credentials(sts, settings.assume_role_with_web_identity))
    else:
        _find_credentials(session, settings)
    if settings.assume_role:
        session.use_role(role_credentials(session.create_client("sts"), settings.assume_role))


def _check_token_file(file: str | None) -> None:
    if file and not os.access(Path(file).expanduser(), os.R_OK):
        raise setting_problem(
            "Web identity token file cannot be read",
            f'"{file}", named in web_identity_token_file, does not exist or cannot be read. Correct the path, or have '
            "the token written there before Terraform starts.",
            "assume_role_with_web_identity",
        )


def _find_credentials(session: Session, settings: ConnectionSettings) -> None:
    """Make the calls that the chain of credentials needs, so that its errors are not taken for a later call's."""
    try:
        with sorted_errors(action=""):  # some errors here come before any call
            credentials = session.get_credentials()
            if credentials:
                credentials.get_frozen_credentials()
    except Ec2Error as error:
        raise _failed_chain(error, settings, session.get_config_variable("profile")) from error
    if credentials is None:
        raise setting_problem(
            "No AWS credentials",
            "Looked in the provider block, the environment (AWS_ACCESS_KEY_ID), the shared config and credentials "
            "files (AWS_PROFILE), and the container's and instance's role, and found none. Set one of them up, for "
            "example with `aws configure` or `aws sso login`, and check it with `aws sts get-caller-identity`.",
        )


def _partition(session: Session, region: str) -> str:
    try:
        return str(session.get_partition_for_region(region))
    except botocore_exceptions.UnknownRegionError:
        return "aws"


@contextmanager
def _explained(settings: ConnectionSettings) -> Iterator[None]:
    """Turn what fails inside into a ProblemError."""
    try:
        yield
    except Ec2Error as error:
        raise _failed_call(error, settings) from error
    except botocore_exceptions.InvalidRegionError as error:
        raise setting_problem(
            "Not an AWS region", f'{error} Write it as AWS does, such as "eu-central-1".', "region"
        ) from error
    except (botocore_exceptions.BotoCoreError, ValueError) as error:
        why = redact(error, without_logins).rstrip(". ")
        raise setting_problem(
            "AWS cannot be reached as configured",
            f"{why}. Check endpoints, proxies and custom_ca_bundle in the provider block, AWS_ENDPOINT_URL and its "
            "like in the environment, and endpoint_url in the profile.",
        ) from error


def role_credentials(sts: Any, role: AssumeRole) -> Credentials:
    """Return the role's credentials, fetched on first use by `sts`, a client with the base credentials."""
    parameters = {
        "RoleArn": role.role_arn,
        "RoleSessionName": role.session_name or f"natgw-{os.getpid()}-{int(time.time())}",
        "DurationSeconds": int(parse_duration(role.duration)) if role.duration else None,
        "Policy": role.policy,
        "PolicyArns": [{"arn": arn} for arn in role.policy_arns],
        "ExternalId": role.external_id,
        "SourceIdentity": role.source_identity,
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(role.tags.items())],
        "TransitiveTagKeys": list(role.transitive_tag_keys),
    }
    is_by_token = role.web_identity_token is not None or role.web_identity_token_file is not None
    action = "AssumeRoleWithWebIdentity" if is_by_token else "AssumeRole"

    def refresh() -> dict[str, Any]:
        with sorted_errors(action):
            given = {name: value for name, value in (parameters | {"WebIdentityToken": _token(role)}).items() if value}
            answer = member(getattr(sts, xform_name(action))(**given), "Credentials")
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }

    return _RoleCredentials(refresh_using=refresh, method=action)


def _token(role: AssumeRole) -> str | None:
    """Return the OpenID Connect token to assume a role with, None without one; a file is read at each renewal."""
    if role.web_identity_token_file:
        return Path(role.web_identity_token_file).expanduser().read_text(encoding="utf-8").strip()
    return role.web_identity_token


class _RoleCredentials(DeferredRefreshableCredentials):  # type: ignore[misc]  # botocore ships no types
    # botocore renews a quarter of an hour early: a role for the shortest time, 15 minutes, at every single call.
    _advisory_refresh_timeout = 300
    _mandatory_refresh_timeout = 120


# Errors in the user's words


def _failed_chain(error: Ec2Error, settings: ConnectionSettings, profile: str | None) -> ProblemError:
    """The environment, the profile or the machine's role names a way to credentials, and that way failed.

    `profile` is the one that block or environment name, if any. An error without an action is not that of a call: a
    file, a process, metadata, a sign-on that ran out.
    """
    setting = "profile" if settings.profile else None
    remedy = f"Check it with `aws sts get-caller-identity{f' --profile {profile}' if profile else ''}`."
    if not error.action:
        return setting_problem("AWS credentials could not be obtained", f"{_said(error)} {remedy}", setting)
    origin = f'the credentials of profile "{profile or "default"}"'
    if error.action == "AssumeRoleWithWebIdentity" and "AWS_WEB_IDENTITY_TOKEN_FILE" in os.environ and not setting:
        origin = "the credentials that AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE name"
    if isinstance(error, LostAnswer | Unreachable | Throttled):
        remedy = _CHECK_NETWORK
    elif error.request_id or isinstance(error, AccessDenied):
        remedy = f"{_CHECK_ROLE} the base credentials."
    return setting_problem(
        "AWS credentials could not be obtained",
        f"{error.action}, on the way to {origin}, failed: {_said(error)} {remedy}",
        setting,
    )


def _failed_call(error: Ec2Error, settings: ConnectionSettings) -> ProblemError:
    """A call to sts failed."""
    setting = _ROLE_ACTIONS.get(error.action)
    role = getattr(settings, setting) if setting else None
    if role:  # else it is that of a profile or the environment, whose credentials end
        return setting_problem(
            "Role cannot be assumed",
            f"{error.action} for {role.role_arn} failed: {_said(error)} {_CHECK_ROLE} that the "
            f"base credentials may call sts:{error.action}.",
            setting,
        )
    answered = f"{error.action} was answered {_said(error)}"
    if isinstance(error, CredentialsInvalid) and "valid region" in error.message:
        return setting_problem(
            "AWS does not take this region",
            f"{answered} Correct region in the provider block (or AWS_REGION, or the profile's), or enable the region "
            "for the account.",
            "region",
        )
    if isinstance(error, CredentialsInvalid | AccessDenied):
        return setting_problem(
            "AWS credentials are not valid",
            f"{answered} Renew the credentials (for temporary ones get new ones, such as with `aws sso login`), or "
            "choose others with profile. Check them with `aws sts get-caller-identity`.",
        )
    failed = f"{error.action} failed: {_said(error)}"
    if not (isinstance(error, Rejected) and not error.request_id):  # what cannot be sent to sts, nor to EC2
        failed += f" {_CHECK_NETWORK} Where sts cannot be reached at all, set skip_credentials_validation = true."
    return setting_problem(
        "AWS credentials could not be checked", failed, "endpoints" if "sts" in settings.endpoints else None
    )


def _said(error: Ec2Error) -> str:
    return error.said.rstrip(". \n") + "."
