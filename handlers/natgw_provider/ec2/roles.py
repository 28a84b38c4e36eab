"""Credentials of a role, taken on with sts and renewed by themselves before they expire.

It only says what to ask sts; who asks, and what an error means to the user, is the connection's business.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from botocore.credentials import Credentials, DeferredRefreshableCredentials

from natgw_provider.ec2.botocore_errors import sorted_errors
from natgw_provider.ec2.connection_problems import ConnectionProblem
from natgw_provider.ec2.settings import AssumeRole, WebIdentity


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
            answer = ask()["Credentials"]
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
