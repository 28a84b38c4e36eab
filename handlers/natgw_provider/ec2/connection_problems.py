"""Why the provider block does not lead to AWS, in the user's words.

Wording only: no call, no botocore. What AWS said is quoted; what the user entered as a secret never is.
"""

from __future__ import annotations

from natgw_provider.ec2 import errors
from natgw_provider.ec2.settings import ConnectionSettings


class ConnectionProblem(Exception):  # noqa: N818 - a problem for the user to solve, not a bug
    """The provider block (or what it leaves to the environment) does not lead to AWS.

    Attributes:
        summary: the problem in a few words.
        detail: what was looked for, what was found, what to do. Never a secret.
        setting: the provider block's attribute it belongs to, or None.
    """

    def __init__(self, summary: str, detail: str, setting: str | None = None) -> None:
        super().__init__(summary, detail, setting)
        self.summary = summary
        self.detail = detail
        self.setting = setting


def no_credentials() -> ConnectionProblem:
    """Nothing in the whole chain gave credentials."""
    return ConnectionProblem(
        "No AWS credentials",
        "Looked in the provider block, the environment (AWS_ACCESS_KEY_ID), the shared config and credentials files "
        "(AWS_PROFILE), and the container's and instance's role, and found none. Set one of them up, for example with "
        "`aws configure` or `aws sso login`, and check it with `aws sts get-caller-identity`.",
    )


def unusable_settings(why: str) -> ConnectionProblem:
    """No client can be made of what block, environment and profile say together."""
    return ConnectionProblem(
        "AWS cannot be reached as configured",
        f"{why.rstrip('. ')}. Check endpoints, proxies and custom_ca_bundle in the provider block, "
        "AWS_ENDPOINT_URL and its like in the environment, and endpoint_url in the profile.",
    )


def failed_call(error: errors.Ec2Error, settings: ConnectionSettings) -> ConnectionProblem:
    """A call to sts, or the search for credentials, failed."""
    if error.action in _ROLE_ACTIONS:
        return _role_refused(error, settings)
    if isinstance(error, errors.CredentialsInvalid) and "valid region" in error.message:
        return ConnectionProblem(
            "AWS does not take this region",
            f"AWS answered {error.code}: {error.message} Correct region in the provider block (or AWS_REGION, or the "
            "profile's), or enable the region for the account.",
            "region",
        )
    if isinstance(error, errors.CredentialsInvalid | errors.AccessDenied):
        return ConnectionProblem(
            "AWS credentials are not valid",
            f"AWS answered {error.code}: {error.message} Renew the credentials (for temporary ones get new ones, such "
            "as with `aws sso login`), or choose others with profile. Check them with "
            "`aws sts get-caller-identity`.",
        )
    return ConnectionProblem(
        "AWS credentials could not be checked",
        f"sts:{error.action} failed: {error.code}: {error.message.rstrip('. ')}. Check network, proxy, region "
        "and endpoints.sts; where sts cannot be reached at all, set skip_credentials_validation = true.",
        "endpoints" if settings.endpoint_sts else None,
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


_ROLE_ACTIONS = {"AssumeRole": "assume_role", "AssumeRoleWithWebIdentity": "assume_role_with_web_identity"}


def _role_refused(error: errors.Ec2Error, settings: ConnectionSettings) -> ConnectionProblem:
    setting = _ROLE_ACTIONS[error.action]
    role = settings.assume_role if setting == "assume_role" else settings.assume_role_with_web_identity
    return ConnectionProblem(
        "Role cannot be assumed",
        f"sts:{error.action} for {role.role_arn if role else 'the role'} failed: {error.code}: "
        f"{error.message.rstrip('. ')}. Check the role's ARN, its trust policy (who may assume it, external id, "
        f"audience) and that the base credentials may call sts:{error.action}.",
        setting,
    )
