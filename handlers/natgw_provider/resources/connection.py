"""The provider block as the connection's settings. Renaming only; nothing is looked up or connected here."""

from __future__ import annotations

from typing import Any

from natgw_provider.aws.settings import AssumeRole, ConnectionSettings, WebIdentity
from natgw_provider.bridge.handlers import Object
from natgw_provider.core.durations import parse_duration

_SAME_NAME = (
    "region",
    "profile",
    "access_key",
    "secret_key",
    "token",
    "custom_ca_bundle",
    "use_fips_endpoint",
    "use_dualstack_endpoint",
    "http_proxy",
    "https_proxy",
    "retry_mode",
)
_LISTS = ("shared_config_files", "shared_credentials_files", "allowed_account_ids", "forbidden_account_ids")
_SESSION_LISTS = ("policy_arns", "transitive_tag_keys")


def connection_settings(config: Object, *, terraform_version: str, append: str) -> ConnectionSettings:
    """Return the settings that a wholly known provider block means.

    `append` is what `TF_APPEND_USER_AGENT` adds to the user agent.
    """
    block: dict[str, Any] = dict(config)
    endpoints = block["endpoints"] or {}
    retries = block["max_retries"]
    assume_role, web_identity = block["assume_role"], block["assume_role_with_web_identity"]
    plain: dict[str, Any] = {name: block[name] for name in _SAME_NAME}
    lists: dict[str, Any] = {name: tuple(block[name] or ()) for name in _LISTS}
    return ConnectionSettings(
        **plain,
        **lists,
        assume_role=AssumeRole(**_session(assume_role)) if assume_role else None,
        assume_role_with_web_identity=WebIdentity(**_session(web_identity)) if web_identity else None,
        endpoint_ec2=endpoints.get("ec2"),
        endpoint_sts=endpoints.get("sts"),
        max_retries=None if retries is None else int(retries),
        skip_credentials_validation=bool(block["skip_credentials_validation"]),
        user_agent_extra=" ".join(part for part in (f"Terraform/{terraform_version}", append) if part),
    )


def _session(block: dict[str, Any]) -> dict[str, Any]:
    fields = {name: value for name, value in block.items() if value is not None}
    if "duration" in fields:
        fields["duration_seconds"] = int(parse_duration(fields.pop("duration")))
    for name in _SESSION_LISTS:
        if name in fields:
            fields[name] = tuple(fields[name])
    return fields
