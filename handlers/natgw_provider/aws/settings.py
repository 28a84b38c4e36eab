"""How to reach AWS, as the provider block says it: plain data, used by `session` and `client`.

It imports neither boto3 nor botocore, so the resources can import it at any time. No `repr` here shows a secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Self

from natgw_provider.core.problems import Problem, ProblemError

MAX_RETRIES_DEFAULT: Final = 25
"""Retries of a read when neither the provider block nor the environment says otherwise (as in the AWS provider)."""

RETRY_MODE_DEFAULT: Final = "standard"
"""botocore's own default differs between its versions, so it is always set."""

RETRY_MODES: Final = ("standard", "adaptive")
"""What the provider block may say; `legacy` does not retry every throttling answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AssumeRole:
    """A role to assume, named and written as in the provider block; None or empty is left out.

    With a web identity, the credentials found are not needed. AWS then takes neither external id, source identity nor
    tags.

    Attributes:
        duration: how long the session lasts, such as "1h".
        web_identity_token: an OpenID Connect token.
        web_identity_token_file: path of a file with one, read at each renewal.
    """

    role_arn: str
    session_name: str | None = None
    duration: str | None = None
    policy: str | None = None
    policy_arns: tuple[str, ...] = ()
    external_id: str | None = field(default=None, repr=False)
    source_identity: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive_tag_keys: tuple[str, ...] = ()
    web_identity_token: str | None = field(default=None, repr=False)
    web_identity_token_file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionSettings:
    """The provider block's values that concern the connection; None leaves the choice to environment and profile.

    Attributes:
        endpoints: URLs by service: ec2, sts.
        max_retries: retries of a read; None: AWS_MAX_ATTEMPTS, then `MAX_RETRIES_DEFAULT`.
        retry_mode: None: AWS_RETRY_MODE, then `RETRY_MODE_DEFAULT`.
        use_fips_endpoint: None: AWS_USE_FIPS_ENDPOINT and the profile.
        use_dualstack_endpoint: None: AWS_USE_DUALSTACK_ENDPOINT and the profile.
        http_proxy: URL of a proxy; it may carry a password.
        user_agent_extra: what else the user agent names: "Terraform/1.11.4", then what TF_APPEND_USER_AGENT says.
    """

    region: str | None = None
    profile: str | None = None
    access_key: str | None = field(default=None, repr=False)
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    shared_config_files: tuple[str, ...] = ()
    shared_credentials_files: tuple[str, ...] = ()
    assume_role: AssumeRole | None = None
    assume_role_with_web_identity: AssumeRole | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    allowed_account_ids: tuple[str, ...] = ()
    forbidden_account_ids: tuple[str, ...] = ()
    max_retries: int | None = None
    retry_mode: str | None = None
    custom_ca_bundle: str | None = None
    use_fips_endpoint: bool | None = None
    use_dualstack_endpoint: bool | None = None
    http_proxy: str | None = field(default=None, repr=False)
    https_proxy: str | None = field(default=None, repr=False)
    skip_credentials_validation: bool = False
    user_agent_extra: str = ""

    @classmethod
    def of_block(cls, block: Mapping[str, Any], *, user_agent_extra: str) -> Self:
        """Return what a wholly known provider block means; an argument and the field of its name are the same.

        Null (None) is absent, and the arguments of natgw's own are passed over.
        """
        given = _without_nulls({field.name: block.get(field.name) for field in fields(cls)})
        for name in ("assume_role", "assume_role_with_web_identity"):
            if name in given:
                given[name] = AssumeRole(**_without_nulls(given[name]))
        given["endpoints"] = _without_nulls(given.get("endpoints", {}))
        return cls(**given, user_agent_extra=user_agent_extra)


def _without_nulls(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def setting_problem(summary: str, detail: str, setting: str | None = None) -> ProblemError:
    """Return the error that the provider block, or what it leaves to the environment, does not lead to AWS.

    `setting` is the block's argument, if it is one's fault. No text may hold a secret.
    """
    return ProblemError(Problem((setting,) if setting else (), summary, detail))
