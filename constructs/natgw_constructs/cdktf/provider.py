"""The provider block of natgw.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar

import cdktf
from constructs import Construct

from natgw_constructs.bindings import (
    PROVIDER_NAME,
    PROVIDER_SOURCE,
    PROVIDER_VERSION_CONSTRAINT,
    Binding,
    Input,
    Reset,
    Setting,
)
from natgw_constructs.kinds import BOOL, NUMBER, STRING, STRING_SET, STRINGS
from natgw_constructs.libraries import Resolvable
from natgw_constructs.structs import (
    NATGW_PROVIDER_ASSUME_ROLE,
    NATGW_PROVIDER_ASSUME_ROLE_WITH_WEB_IDENTITY,
    NATGW_PROVIDER_ENDPOINTS,
    NatgwProviderAssumeRole,
    NatgwProviderAssumeRoleWithWebIdentity,
    NatgwProviderEndpoints,
)


class NatgwProvider(Binding, cdktf.TerraformProvider):
    """natgw manages the secondary private IPv4 addresses of AWS private NAT gateways. Credentials and region are found
    as the AWS provider finds them: this block, then `AWS_*` environment variables, then the shared files, then the
    machine's role.
    """

    library: ClassVar[ModuleType] = cdktf
    tf_resource_type: ClassVar[str] = PROVIDER_NAME

    def __init__(
        self,
        scope: Construct,
        id: str,
        *,
        region: str | None = None,
        profile: str | None = None,
        access_key: str | None = None,
        secret_key: str | None = None,
        token: str | None = None,
        shared_config_files: Sequence[str] | None = None,
        shared_credentials_files: Sequence[str] | None = None,
        assume_role: NatgwProviderAssumeRole | Mapping[str, Any] | None = None,
        assume_role_with_web_identity: NatgwProviderAssumeRoleWithWebIdentity | Mapping[str, Any] | None = None,
        endpoints: NatgwProviderEndpoints | Mapping[str, Any] | None = None,
        allowed_account_ids: Sequence[str] | None = None,
        forbidden_account_ids: Sequence[str] | None = None,
        max_retries: float | None = None,
        retry_mode: str | None = None,
        custom_ca_bundle: str | None = None,
        use_fips_endpoint: bool | Resolvable | None = None,
        use_dualstack_endpoint: bool | Resolvable | None = None,
        http_proxy: str | None = None,
        https_proxy: str | None = None,
        skip_credentials_validation: bool | Resolvable | None = None,
        private_ip_address_quota: float | None = None,
        check_permissions_at_plan: bool | Resolvable | None = None,
        alias: str | None = None,
    ) -> None:
        self._declare(
            scope,
            id,
            {
                "region": region,
                "profile": profile,
                "access_key": access_key,
                "secret_key": secret_key,
                "token": token,
                "shared_config_files": shared_config_files,
                "shared_credentials_files": shared_credentials_files,
                "assume_role": assume_role,
                "assume_role_with_web_identity": assume_role_with_web_identity,
                "endpoints": endpoints,
                "allowed_account_ids": allowed_account_ids,
                "forbidden_account_ids": forbidden_account_ids,
                "max_retries": max_retries,
                "retry_mode": retry_mode,
                "custom_ca_bundle": custom_ca_bundle,
                "use_fips_endpoint": use_fips_endpoint,
                "use_dualstack_endpoint": use_dualstack_endpoint,
                "http_proxy": http_proxy,
                "https_proxy": https_proxy,
                "skip_credentials_validation": skip_credentials_validation,
                "private_ip_address_quota": private_ip_address_quota,
                "check_permissions_at_plan": check_permissions_at_plan,
                "alias": alias,
            },
        )
        super().__init__(
            scope,
            id,
            terraform_resource_type=PROVIDER_NAME,
            terraform_provider_source=PROVIDER_SOURCE,
            terraform_generator_metadata=cdktf.TerraformProviderGeneratorMetadata(
                provider_name=PROVIDER_NAME, provider_version_constraint=PROVIDER_VERSION_CONSTRAINT
            ),
        )

    region = Setting(STRING)
    """AWS region. Also `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, or the EC2 instance's."""
    profile = Setting(STRING)
    """Profile in the shared files. Also `AWS_PROFILE`."""
    access_key = Setting(STRING)
    """Access key id; goes with `secret_key`."""
    secret_key = Setting(STRING)
    """Secret access key."""
    token = Setting(STRING)
    """Session token of temporary credentials."""
    shared_config_files = Setting(STRINGS)
    """Shared config files. Default: `~/.aws/config`."""
    shared_credentials_files = Setting(STRINGS)
    """Shared credentials files."""
    assume_role = Setting(NATGW_PROVIDER_ASSUME_ROLE)
    """Role to assume before any call."""
    assume_role_with_web_identity = Setting(NATGW_PROVIDER_ASSUME_ROLE_WITH_WEB_IDENTITY)
    """Role to assume with an OpenID Connect token, as CI has it."""
    endpoints = Setting(NATGW_PROVIDER_ENDPOINTS)
    """Other endpoints than AWS's own: VPC endpoints, or `natgw simulator`."""
    allowed_account_ids = Setting(STRING_SET)
    """The only account ids in which anything may be done."""
    forbidden_account_ids = Setting(STRING_SET)
    """Account ids in which nothing may be done."""
    max_retries = Setting(NUMBER)
    """How often a throttled or failed read is tried again. Default: 25."""
    retry_mode = Setting(STRING)
    """`standard` (default) or `adaptive`."""
    custom_ca_bundle = Setting(STRING)
    """File of CA certificates (PEM) to trust. Also `AWS_CA_BUNDLE`."""
    use_fips_endpoint = Setting(BOOL)
    """Use FIPS endpoints. Also `AWS_USE_FIPS_ENDPOINT`."""
    use_dualstack_endpoint = Setting(BOOL)
    """Use dual-stack endpoints. Also `AWS_USE_DUALSTACK_ENDPOINT`."""
    http_proxy = Setting(STRING)
    """Proxy for HTTP, and for HTTPS where neither `https_proxy` nor `HTTPS_PROXY` is set. Also `HTTP_PROXY`."""
    https_proxy = Setting(STRING)
    """Proxy for HTTPS; `NO_PROXY` names hosts to reach directly. Also `HTTPS_PROXY`."""
    skip_credentials_validation = Setting(BOOL)
    """Do not ask STS who the credentials belong to. Default: false."""
    private_ip_address_quota = Setting(NUMBER)
    """Private addresses for each private NAT gateway in this account, primary included (quota L-DFA99DE7). Default: 8,
    at most 32.
    """
    check_permissions_at_plan = Setting(BOOL)
    """Ask AWS at plan already, by dry runs, whether the planned calls are permitted. Default: false; apply always asks
    before its first change.
    """
    alias = Setting(STRING)
    """Name of this provider block where a stack has several, as for several regions."""

    region_input = Input(region)
    reset_region = Reset(region)
    profile_input = Input(profile)
    reset_profile = Reset(profile)
    access_key_input = Input(access_key)
    reset_access_key = Reset(access_key)
    secret_key_input = Input(secret_key)
    reset_secret_key = Reset(secret_key)
    token_input = Input(token)
    reset_token = Reset(token)
    shared_config_files_input = Input(shared_config_files)
    reset_shared_config_files = Reset(shared_config_files)
    shared_credentials_files_input = Input(shared_credentials_files)
    reset_shared_credentials_files = Reset(shared_credentials_files)
    assume_role_input = Input(assume_role)
    reset_assume_role = Reset(assume_role)
    assume_role_with_web_identity_input = Input(assume_role_with_web_identity)
    reset_assume_role_with_web_identity = Reset(assume_role_with_web_identity)
    endpoints_input = Input(endpoints)
    reset_endpoints = Reset(endpoints)
    allowed_account_ids_input = Input(allowed_account_ids)
    reset_allowed_account_ids = Reset(allowed_account_ids)
    forbidden_account_ids_input = Input(forbidden_account_ids)
    reset_forbidden_account_ids = Reset(forbidden_account_ids)
    max_retries_input = Input(max_retries)
    reset_max_retries = Reset(max_retries)
    retry_mode_input = Input(retry_mode)
    reset_retry_mode = Reset(retry_mode)
    custom_ca_bundle_input = Input(custom_ca_bundle)
    reset_custom_ca_bundle = Reset(custom_ca_bundle)
    use_fips_endpoint_input = Input(use_fips_endpoint)
    reset_use_fips_endpoint = Reset(use_fips_endpoint)
    use_dualstack_endpoint_input = Input(use_dualstack_endpoint)
    reset_use_dualstack_endpoint = Reset(use_dualstack_endpoint)
    http_proxy_input = Input(http_proxy)
    reset_http_proxy = Reset(http_proxy)
    https_proxy_input = Input(https_proxy)
    reset_https_proxy = Reset(https_proxy)
    skip_credentials_validation_input = Input(skip_credentials_validation)
    reset_skip_credentials_validation = Reset(skip_credentials_validation)
    private_ip_address_quota_input = Input(private_ip_address_quota)
    reset_private_ip_address_quota = Reset(private_ip_address_quota)
    check_permissions_at_plan_input = Input(check_permissions_at_plan)
    reset_check_permissions_at_plan = Reset(check_permissions_at_plan)
    alias_input = Input(alias)
    reset_alias = Reset(alias)
