"""The schema of the provider block, with names and meanings as users know them from the AWS provider.

Declarations only.
"""

from __future__ import annotations

from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    ListOf,
    MapOf,
    NestedAttributes,
    Schema,
    SetOf,
    Type,
)
from natgw_provider.core import limits


def _optional(name: str, kind: Type, description: str, *, sensitive: bool = False) -> Attribute:
    return Attribute(name=name, type=kind, optional=True, sensitive=sensitive, description=description)


def _nested(name: str, attributes: tuple[Attribute, ...], description: str) -> Attribute:
    return Attribute(name=name, optional=True, nested=NestedAttributes("single", attributes), description=description)


_SESSION = (
    Attribute(name="role_arn", type=STRING, required=True, description="ARN of the role to assume."),
    _optional("session_name", STRING, "Name of the session, as CloudTrail shows it. Default: `natgw`."),
    _optional("duration", STRING, "How long the session lasts, such as `1h`; 15 minutes to 12 hours."),
    _optional("policy", STRING, "IAM policy (JSON) that further restricts the session."),
    _optional("policy_arns", SetOf(STRING), "ARNs of IAM policies that further restrict the session."),
)

_ASSUME_ROLE = (
    *_SESSION,
    _optional("external_id", STRING, "External id that the role's trust policy asks for."),
    _optional("source_identity", STRING, "Source identity that the role's trust policy asks for."),
    _optional("tags", MapOf(STRING), "Session tags."),
    _optional("transitive_tag_keys", SetOf(STRING), "Session tags that are passed on to further roles."),
)

_WEB_IDENTITY = (
    *_SESSION,
    _optional("web_identity_token", STRING, "The OpenID Connect token itself.", sensitive=True),
    _optional("web_identity_token_file", STRING, "File that holds the token, read at each renewal."),
)

_ENDPOINTS = (
    _optional("ec2", STRING, "URL of the EC2 endpoint."),
    _optional("sts", STRING, "URL of the STS endpoint."),
)

SCHEMA = Schema(
    0,
    "natgw manages the secondary private IPv4 addresses of AWS private NAT gateways. Credentials and region are found "
    "as the AWS provider finds them: this block, then `AWS_*` environment variables, then the shared files, then the "
    "machine's role.",
    (
        _optional(
            "region",
            STRING,
            "AWS region. Also `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, or the EC2 instance's.",
        ),
        _optional("profile", STRING, "Profile in the shared files. Also `AWS_PROFILE`."),
        _optional("access_key", STRING, "Access key id; goes with `secret_key`.", sensitive=True),
        _optional("secret_key", STRING, "Secret access key.", sensitive=True),
        _optional("token", STRING, "Session token of temporary credentials.", sensitive=True),
        _optional("shared_config_files", ListOf(STRING), "Shared config files. Default: `~/.aws/config`."),
        _optional("shared_credentials_files", ListOf(STRING), "Shared credentials files."),
        _nested("assume_role", _ASSUME_ROLE, "Role to assume before any call."),
        _nested(
            "assume_role_with_web_identity", _WEB_IDENTITY, "Role to assume with an OpenID Connect token, as CI has it."
        ),
        _nested("endpoints", _ENDPOINTS, "Other endpoints than AWS's own: VPC endpoints, or `natgw simulator`."),
        _optional("allowed_account_ids", SetOf(STRING), "The only account ids in which anything may be done."),
        _optional("forbidden_account_ids", SetOf(STRING), "Account ids in which nothing may be done."),
        _optional("max_retries", NUMBER, "How often a throttled or failed read is tried again. Default: 25."),
        _optional("retry_mode", STRING, "`standard` (default) or `adaptive`."),
        _optional("custom_ca_bundle", STRING, "File of CA certificates (PEM) to trust. Also `AWS_CA_BUNDLE`."),
        _optional("use_fips_endpoint", BOOL, "Use FIPS endpoints. Also `AWS_USE_FIPS_ENDPOINT`."),
        _optional("use_dualstack_endpoint", BOOL, "Use dual-stack endpoints. Also `AWS_USE_DUALSTACK_ENDPOINT`."),
        _optional(
            "http_proxy",
            STRING,
            "Proxy for HTTP, and for HTTPS where neither `https_proxy` nor `HTTPS_PROXY` is set. Also `HTTP_PROXY`.",
            sensitive=True,
        ),
        _optional(
            "https_proxy",
            STRING,
            "Proxy for HTTPS; `NO_PROXY` names hosts to reach directly. Also `HTTPS_PROXY`.",
            sensitive=True,
        ),
        _optional(
            "skip_credentials_validation",
            BOOL,
            "Do not ask STS who the credentials belong to. Default: false.",
        ),
        _optional(
            "private_ip_address_quota",
            NUMBER,
            "Private addresses for each private NAT gateway in this account, primary included (quota L-DFA99DE7). "
            f"Default: {limits.QUOTA_DEFAULT}, at most {limits.QUOTA_MAXIMUM}.",
        ),
        _optional(
            "check_permissions_at_plan",
            BOOL,
            "Ask AWS at plan already, by dry runs, whether the planned calls are permitted. Default: false; apply "
            "always asks before its first change.",
        ),
    ),
)
"""Every argument is optional."""
