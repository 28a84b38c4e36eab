"""Roles to assume, and why there are no credentials in the user's words.

Which settings lead where is `session`'s business, when to ask is `client`'s.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from botocore.credentials import Credentials, DeferredRefreshableCredentials

from natgw_provider.aws import errors
from natgw_provider.aws.answers import member
from natgw_provider.aws.botocore_errors import sorted_errors
from natgw_provider.aws.errors import ConnectionProblem
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings, WebIdentity


def role_credentials(sts: Any, role: AssumeRole) -> Credentials:
    """Return the role's credentials, fetched on first use by `sts`, a client with the base credentials."""
    parameters = _without_empty(
        RoleArn=role.role_arn,
        RoleSessionName=role.session_name or _session_name(),
        ExternalId=role.external_id,
        DurationSeconds=role.duration_seconds,
        Policy=role.policy,
        PolicyArns=[{"arn": arn} for arn in role.policy_arns],
        SourceIdentity=role.source_identity,
        Tags=[{"Key": key, "Value": value} for key, value in sorted(role.tags.items())],
        TransitiveTagKeys=list(role.transitive_tag_keys),
    )
    return _renewing("AssumeRole", partial(sts.assume_role, **parameters))


def web_identity_credentials(sts: Any, identity: WebIdentity) -> Credentials:
    """Return the role's credentials for an OpenID Connect token; a token file is read at each renewal.

    Raises ConnectionProblem when it cannot be read now.
    """
    file = identity.web_identity_token_file
    if file and not os.access(Path(file).expanduser(), os.R_OK):
        raise ConnectionProblem(
            "Web identity token file cannot be read",
            f'"{file}", named in web_identity_token_file, does not exist or cannot be read. Correct the path, or have '
            "the token written there before Terraform starts.",
            "assume_role_with_web_identity",
        )
    parameters = _without_empty(
        RoleArn=identity.role_arn,
        RoleSessionName=identity.session_name or _session_name(),
        DurationSeconds=identity.duration_seconds,
        Policy=identity.policy,
        PolicyArns=[{"arn": arn} for arn in identity.policy_arns],
    )
    return _renewing(
        "AssumeRoleWithWebIdentity",
        lambda: sts.assume_role_with_web_identity(**parameters, WebIdentityToken=_token(identity)),
    )


def _token(identity: WebIdentity) -> str:
    if identity.web_identity_token_file:
        return Path(identity.web_identity_token_file).expanduser().read_text(encoding="utf-8").strip()
    return identity.web_identity_token or ""


def _renewing(action: str, ask: Callable[[], dict[str, Any]]) -> Credentials:
    def refresh() -> dict[str, Any]:
        with sorted_errors(action):
            answer = member(ask(), "Credentials")
        return {
            "access_key": answer["AccessKeyId"],
            "secret_key": answer["SecretAccessKey"],
            "token": answer["SessionToken"],
            "expiry_time": answer["Expiration"].isoformat(),
        }

    return _RoleCredentials(refresh_using=refresh, method=action)


class _RoleCredentials(DeferredRefreshableCredentials):  # type: ignore[misc]  # botocore ships no types
    # botocore renews a quarter of an hour early: a role for the shortest time, 15 minutes, at every single call.
    _advisory_refresh_timeout = 300
    _mandatory_refresh_timeout = 120


def _session_name() -> str:
    return f"natgw-{os.getpid()}-{int(time.time())}"


def _without_empty(**parameters: Any) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value}


# Why it did not work


def no_credentials() -> ConnectionProblem:
    """Nothing in the whole chain gave credentials."""
    return ConnectionProblem(
        "No AWS credentials",
        "Looked in the provider block, the environment (AWS_ACCESS_KEY_ID), the shared config and credentials files "
        "(AWS_PROFILE), and the container's and instance's role, and found none. Set one of them up, for example with "
        "`aws configure` or `aws sso login`, and check it with `aws sts get-caller-identity`.",
    )


def failed_chain(error: errors.Ec2Error, settings: ConnectionSettings, profile: str | None) -> ConnectionProblem:
    """The environment, the profile or the machine's role names a way to credentials, and that way failed.

    `profile` is the one that block or environment name, if any.
    """
    setting = "profile" if settings.profile else None
    check = f"Check it with `aws sts get-caller-identity{f' --profile {profile}' if profile else ''}`."
    if not error.action:  # no call of AWS's API: a file, a process, metadata, a sign-on that ran out
        return ConnectionProblem(
            "AWS credentials could not be obtained", f"{error.code}: {_sentence(error.message)} {check}", setting
        )
    origin = f'the credentials of profile "{profile or "default"}"'
    if error.action == "AssumeRoleWithWebIdentity" and "AWS_WEB_IDENTITY_TOKEN_FILE" in os.environ and not setting:
        origin = "the credentials that AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE name"
    failed = f"{error.action}, on the way to {origin}, failed: {error.code}: {_sentence(error.message)}"
    if isinstance(error, errors.LostAnswer | errors.Unreachable | errors.Throttled):
        return ConnectionProblem("AWS credentials could not be obtained", f"{failed} {_CHECK_NETWORK}", setting)
    if error.request_id or isinstance(error, errors.AccessDenied):
        check = "Check the role's ARN, its trust policy (who may assume it, external id, audience) and the base "
        check += "credentials."
    return ConnectionProblem("AWS credentials could not be obtained", f"{failed} {check}", setting)


def failed_call(error: errors.Ec2Error, settings: ConnectionSettings) -> ConnectionProblem:
    """A call to sts failed."""
    if error.action in _ROLE_ACTIONS:
        return _refused_role(error, settings)
    answered = f"{error.action} was answered {error.code}: {_sentence(error.message)}"
    if isinstance(error, errors.CredentialsInvalid) and "valid region" in error.message:
        return ConnectionProblem(
            "AWS does not take this region",
            f"{answered} Correct region in the provider block (or AWS_REGION, or the profile's), or enable the region "
            "for the account.",
            "region",
        )
    if isinstance(error, errors.CredentialsInvalid | errors.AccessDenied):
        return ConnectionProblem(
            "AWS credentials are not valid",
            f"{answered} Renew the credentials (for temporary ones get new ones, such as with `aws sso login`), or "
            "choose others with profile. Check them with `aws sts get-caller-identity`.",
        )
    failed = f"{error.action} failed: {error.code}: {_sentence(error.message)}"
    if not (isinstance(error, errors.Rejected) and not error.request_id):  # what cannot be sent to sts, nor to EC2
        failed += f" {_CHECK_NETWORK} Where sts cannot be reached at all, set skip_credentials_validation = true."
    return ConnectionProblem(
        "AWS credentials could not be checked", failed, "endpoints" if settings.endpoint_sts else None
    )


_CHECK_NETWORK: Final = "Check network, proxy, region and endpoints.sts."
_ROLE_ACTIONS: Final = {
    "AssumeRole": "assume_role",
    "AssumeRoleWithWebIdentity": "assume_role_with_web_identity",
}


def _refused_role(error: errors.Ec2Error, settings: ConnectionSettings) -> ConnectionProblem:
    setting = _ROLE_ACTIONS[error.action]
    role = settings.assume_role if setting == "assume_role" else settings.assume_role_with_web_identity
    return ConnectionProblem(
        "Role cannot be assumed",
        f"{error.action} for {role.role_arn if role else 'the role'} failed: {error.code}: {_sentence(error.message)} "
        "Check the role's ARN, its trust policy (who may assume it, external id, audience) and that the base "
        f"credentials may call sts:{error.action}.",
        setting,
    )


def guard_problem(account_id: str, settings: ConnectionSettings) -> ConnectionProblem | None:
    """Return what the account guards have against this account."""
    allowed, forbidden = settings.allowed_account_ids, settings.forbidden_account_ids
    if allowed and account_id not in allowed:
        return ConnectionProblem(
            "AWS account not allowed",
            f"The credentials belong to account {account_id}; allowed_account_ids names {', '.join(sorted(allowed))}. "
            "Nothing was read or changed. Use credentials of an allowed account, or add this one to the list.",
            "allowed_account_ids",
        )
    if account_id in forbidden:
        return ConnectionProblem(
            "AWS account forbidden",
            f"The credentials belong to account {account_id}, which forbidden_account_ids names. "
            "Nothing was read or changed. Use credentials of another account, or take it off the list.",
            "forbidden_account_ids",
        )
    return None


def _sentence(text: str) -> str:
    return text.rstrip(". \n") + "."
