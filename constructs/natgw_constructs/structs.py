"""The arguments of the bindings, for both libraries: their nested objects, and the type of each.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from natgw_constructs.kinds import BOOL, NUMBER, STRING, STRING_MAP, STRING_SET, STRINGS, Kind, list_of, object_of


@dataclass(frozen=True, slots=True, kw_only=True)
class NatgwProviderAssumeRole:
    """Role to assume before any call."""

    role_arn: str
    """ARN of the role to assume."""
    session_name: str | None = None
    """Name of the session, as CloudTrail shows it. Default: `natgw`."""
    duration: str | None = None
    """How long the session lasts, such as `1h`; 15 minutes to 12 hours."""
    policy: str | None = None
    """IAM policy (JSON) that further restricts the session."""
    policy_arns: Sequence[str] | None = None
    """ARNs of IAM policies that further restrict the session."""
    external_id: str | None = None
    """External id that the role's trust policy asks for."""
    source_identity: str | None = None
    """Source identity that the role's trust policy asks for."""
    tags: Mapping[str, str] | None = None
    """Session tags."""
    transitive_tag_keys: Sequence[str] | None = None
    """Session tags that are passed on to further roles."""


NATGW_PROVIDER_ASSUME_ROLE: Final = object_of(
    NatgwProviderAssumeRole,
    required=("role_arn",),
    role_arn=STRING,
    session_name=STRING,
    duration=STRING,
    policy=STRING,
    policy_arns=STRING_SET,
    external_id=STRING,
    source_identity=STRING,
    tags=STRING_MAP,
    transitive_tag_keys=STRING_SET,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatgwProviderAssumeRoleWithWebIdentity:
    """Role to assume with an OpenID Connect token, such as that of a CI job."""

    role_arn: str
    """ARN of the role to assume."""
    session_name: str | None = None
    """Name of the session, as CloudTrail shows it. Default: `natgw`."""
    duration: str | None = None
    """How long the session lasts, such as `1h`; 15 minutes to 12 hours."""
    policy: str | None = None
    """IAM policy (JSON) that further restricts the session."""
    policy_arns: Sequence[str] | None = None
    """ARNs of IAM policies that further restrict the session."""
    web_identity_token: str | None = None
    """The OpenID Connect token itself."""
    web_identity_token_file: str | None = None
    """File that holds the token, read at each renewal."""


NATGW_PROVIDER_ASSUME_ROLE_WITH_WEB_IDENTITY: Final = object_of(
    NatgwProviderAssumeRoleWithWebIdentity,
    required=("role_arn",),
    role_arn=STRING,
    session_name=STRING,
    duration=STRING,
    policy=STRING,
    policy_arns=STRING_SET,
    web_identity_token=STRING,
    web_identity_token_file=STRING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatgwProviderEndpoints:
    """Endpoints to use instead of AWS's own, such as VPC endpoints or `natgw simulator`."""

    ec2: str | None = None
    """URL of the EC2 endpoint."""
    sts: str | None = None
    """URL of the STS endpoint."""


NATGW_PROVIDER_ENDPOINTS: Final = object_of(
    NatgwProviderEndpoints,
    required=(),
    ec2=STRING,
    sts=STRING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryPrivateIpsTimeouts:
    """How long apply may take, as durations like `90s`, `15m` or `1h30m`."""

    create: str | None = None
    """Longest time that create may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    update: str | None = None
    """Longest time that update may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    delete: str | None = None
    """Longest time that delete may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """


SECONDARY_PRIVATE_IPS_TIMEOUTS: Final = object_of(
    SecondaryPrivateIpsTimeouts,
    required=(),
    create=STRING,
    update=STRING,
    delete=STRING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryElasticIpsTimeouts:
    """How long apply may take, as durations like `90s`, `15m` or `1h30m`."""

    create: str | None = None
    """Longest time that create may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    update: str | None = None
    """Longest time that update may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    delete: str | None = None
    """Longest time that delete may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """


SECONDARY_ELASTIC_IPS_TIMEOUTS: Final = object_of(
    SecondaryElasticIpsTimeouts,
    required=(),
    create=STRING,
    update=STRING,
    delete=STRING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryPrivateIpTimeouts:
    """How long apply may take, as durations like `90s`, `15m` or `1h30m`."""

    create: str | None = None
    """Longest time that create may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    update: str | None = None
    """Longest time that update may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    delete: str | None = None
    """Longest time that delete may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """


SECONDARY_PRIVATE_IP_TIMEOUTS: Final = object_of(
    SecondaryPrivateIpTimeouts,
    required=(),
    create=STRING,
    update=STRING,
    delete=STRING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondaryElasticIpTimeouts:
    """How long apply may take, as durations like `90s`, `15m` or `1h30m`."""

    create: str | None = None
    """Longest time that create may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    update: str | None = None
    """Longest time that update may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """
    delete: str | None = None
    """Longest time that delete may take, such as `15m`. Default: the drain time and 10 minutes; never shorter than the
    drain.
    """


SECONDARY_ELASTIC_IP_TIMEOUTS: Final = object_of(
    SecondaryElasticIpTimeouts,
    required=(),
    create=STRING,
    update=STRING,
    delete=STRING,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataNatgwNatGatewayFilter:
    """Filters that the gateway has to match, all of them. Gateways that are deleted, being deleted or failed are
    passed over unless a filter names their `state`.
    """

    name: str
    """A filter of DescribeNatGateways: `nat-gateway-id`, `state`, `subnet-id`, `vpc-id`, `tag-key` or `tag:KEY`, such
    as `tag:Name`.
    """
    values: Sequence[str]
    """Values, any of which matches."""


DATA_NATGW_NAT_GATEWAY_FILTER: Final = list_of(
    object_of(
        DataNatgwNatGatewayFilter,
        required=("name", "values"),
        name=STRING,
        values=STRINGS,
    ),
    "a list of DataNatgwNatGatewayFilter(...)",
)


NATGW_PROVIDER: Final[Mapping[str, Kind]] = {
    "region": STRING,
    "profile": STRING,
    "access_key": STRING,
    "secret_key": STRING,
    "token": STRING,
    "shared_config_files": STRINGS,
    "shared_credentials_files": STRINGS,
    "assume_role": NATGW_PROVIDER_ASSUME_ROLE,
    "assume_role_with_web_identity": NATGW_PROVIDER_ASSUME_ROLE_WITH_WEB_IDENTITY,
    "endpoints": NATGW_PROVIDER_ENDPOINTS,
    "allowed_account_ids": STRING_SET,
    "forbidden_account_ids": STRING_SET,
    "max_retries": NUMBER,
    "retry_mode": STRING,
    "custom_ca_bundle": STRING,
    "use_fips_endpoint": BOOL,
    "use_dualstack_endpoint": BOOL,
    "http_proxy": STRING,
    "https_proxy": STRING,
    "skip_credentials_validation": BOOL,
    "private_ip_address_quota": NUMBER,
    "elastic_ip_quota": NUMBER,
    "check_permissions_at_plan": BOOL,
    "alias": STRING,
}

SECONDARY_PRIVATE_IPS: Final[Mapping[str, Kind]] = {
    "nat_gateway_id": STRING,
    "secondary_private_ip_addresses": STRING_SET,
    "secondary_private_ip_address_count": NUMBER,
    "max_drain_duration_seconds": NUMBER,
    "wait_for_drain": BOOL,
    "min_in_service_addresses": NUMBER,
    "on_destroy": STRING,
    "timeouts": SECONDARY_PRIVATE_IPS_TIMEOUTS,
}

SECONDARY_ELASTIC_IPS: Final[Mapping[str, Kind]] = {
    "nat_gateway_id": STRING,
    "allocation_ids": STRING_SET,
    "private_ip_addresses": STRING_MAP,
    "max_drain_duration_seconds": NUMBER,
    "wait_for_drain": BOOL,
    "min_in_service_addresses": NUMBER,
    "on_destroy": STRING,
    "timeouts": SECONDARY_ELASTIC_IPS_TIMEOUTS,
}

SECONDARY_PRIVATE_IP: Final[Mapping[str, Kind]] = {
    "nat_gateway_id": STRING,
    "private_ip_address": STRING,
    "max_drain_duration_seconds": NUMBER,
    "wait_for_drain": BOOL,
    "on_destroy": STRING,
    "timeouts": SECONDARY_PRIVATE_IP_TIMEOUTS,
}

SECONDARY_ELASTIC_IP: Final[Mapping[str, Kind]] = {
    "nat_gateway_id": STRING,
    "allocation_id": STRING,
    "private_ip_address": STRING,
    "max_drain_duration_seconds": NUMBER,
    "wait_for_drain": BOOL,
    "on_destroy": STRING,
    "timeouts": SECONDARY_ELASTIC_IP_TIMEOUTS,
}

DATA_NATGW_NAT_GATEWAY: Final[Mapping[str, Kind]] = {
    "id": STRING,
    "filter": DATA_NATGW_NAT_GATEWAY_FILTER,
    "tags": STRING_MAP,
}
