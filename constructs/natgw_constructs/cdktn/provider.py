"""The provider block of natgw.

Generated from the provider's schema by `make docs`; do not edit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any, ClassVar

import cdktn
from constructs import Construct

from natgw_constructs.bindings import (
    PROVIDER_NAME,
    PROVIDER_SOURCE,
    Binding,
)
from natgw_constructs.kinds import Kind
from natgw_constructs.libraries import Resolvable
from natgw_constructs.structs import (
    NATGW_PROVIDER,
    NatgwProviderAssumeRole,
    NatgwProviderAssumeRoleWithWebIdentity,
    NatgwProviderEndpoints,
)


class NatgwProvider(Binding, cdktn.TerraformProvider):
    """natgw manages the secondary addresses of AWS NAT gateways, private and public. Credentials and region are found
    as the AWS provider finds them: this block, then `AWS_*` environment variables, then the shared files, then the
    machine's role.
    """

    LIBRARY: ClassVar[ModuleType] = cdktn
    TF_RESOURCE_TYPE: ClassVar[str] = PROVIDER_NAME
    ARGUMENTS: ClassVar[Mapping[str, Kind]] = NATGW_PROVIDER
    REQUIRED: ClassVar[tuple[str, ...]] = ()

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
        elastic_ip_quota: float | None = None,
        check_permissions_at_plan: bool | Resolvable | None = None,
        alias: str | None = None,
    ) -> None:
        super().__init__(
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
                "elastic_ip_quota": elastic_ip_quota,
                "check_permissions_at_plan": check_permissions_at_plan,
                "alias": alias,
            },
            terraform_provider_source=PROVIDER_SOURCE,
        )

    @property
    def region(self) -> str | None:
        """AWS region. Also `AWS_REGION`, `AWS_DEFAULT_REGION`, the profile's, or the EC2 instance's."""
        value: str | None = self.given_value("region")
        return value

    @region.setter
    def region(self, value: str | None) -> None:
        self.assign_value("region", value)

    @property
    def region_input(self) -> str | None:
        """What was given for `region`, None when nothing was."""
        value: str | None = self.given_value("region")
        return value

    def reset_region(self) -> None:
        """Take back what was given for `region`."""
        self.assign_value("region", None)

    @property
    def profile(self) -> str | None:
        """Profile in the shared files. Also `AWS_PROFILE`."""
        value: str | None = self.given_value("profile")
        return value

    @profile.setter
    def profile(self, value: str | None) -> None:
        self.assign_value("profile", value)

    @property
    def profile_input(self) -> str | None:
        """What was given for `profile`, None when nothing was."""
        value: str | None = self.given_value("profile")
        return value

    def reset_profile(self) -> None:
        """Take back what was given for `profile`."""
        self.assign_value("profile", None)

    @property
    def access_key(self) -> str | None:
        """Access key id. Needs `secret_key`."""
        value: str | None = self.given_value("access_key")
        return value

    @access_key.setter
    def access_key(self, value: str | None) -> None:
        self.assign_value("access_key", value)

    @property
    def access_key_input(self) -> str | None:
        """What was given for `access_key`, None when nothing was."""
        value: str | None = self.given_value("access_key")
        return value

    def reset_access_key(self) -> None:
        """Take back what was given for `access_key`."""
        self.assign_value("access_key", None)

    @property
    def secret_key(self) -> str | None:
        """Secret access key."""
        value: str | None = self.given_value("secret_key")
        return value

    @secret_key.setter
    def secret_key(self, value: str | None) -> None:
        self.assign_value("secret_key", value)

    @property
    def secret_key_input(self) -> str | None:
        """What was given for `secret_key`, None when nothing was."""
        value: str | None = self.given_value("secret_key")
        return value

    def reset_secret_key(self) -> None:
        """Take back what was given for `secret_key`."""
        self.assign_value("secret_key", None)

    @property
    def token(self) -> str | None:
        """Session token of temporary credentials."""
        value: str | None = self.given_value("token")
        return value

    @token.setter
    def token(self, value: str | None) -> None:
        self.assign_value("token", value)

    @property
    def token_input(self) -> str | None:
        """What was given for `token`, None when nothing was."""
        value: str | None = self.given_value("token")
        return value

    def reset_token(self) -> None:
        """Take back what was given for `token`."""
        self.assign_value("token", None)

    @property
    def shared_config_files(self) -> Sequence[str] | None:
        """Shared config files. Default: `~/.aws/config`."""
        value: Sequence[str] | None = self.given_value("shared_config_files")
        return value

    @shared_config_files.setter
    def shared_config_files(self, value: Sequence[str] | None) -> None:
        self.assign_value("shared_config_files", value)

    @property
    def shared_config_files_input(self) -> Sequence[str] | None:
        """What was given for `shared_config_files`, None when nothing was."""
        value: Sequence[str] | None = self.given_value("shared_config_files")
        return value

    def reset_shared_config_files(self) -> None:
        """Take back what was given for `shared_config_files`."""
        self.assign_value("shared_config_files", None)

    @property
    def shared_credentials_files(self) -> Sequence[str] | None:
        """Shared credentials files."""
        value: Sequence[str] | None = self.given_value("shared_credentials_files")
        return value

    @shared_credentials_files.setter
    def shared_credentials_files(self, value: Sequence[str] | None) -> None:
        self.assign_value("shared_credentials_files", value)

    @property
    def shared_credentials_files_input(self) -> Sequence[str] | None:
        """What was given for `shared_credentials_files`, None when nothing was."""
        value: Sequence[str] | None = self.given_value("shared_credentials_files")
        return value

    def reset_shared_credentials_files(self) -> None:
        """Take back what was given for `shared_credentials_files`."""
        self.assign_value("shared_credentials_files", None)

    @property
    def assume_role(self) -> NatgwProviderAssumeRole | Mapping[str, Any] | None:
        """Role to assume before any call."""
        value: NatgwProviderAssumeRole | Mapping[str, Any] | None = self.given_value("assume_role")
        return value

    @assume_role.setter
    def assume_role(self, value: NatgwProviderAssumeRole | Mapping[str, Any] | None) -> None:
        self.assign_value("assume_role", value)

    @property
    def assume_role_input(self) -> NatgwProviderAssumeRole | Mapping[str, Any] | None:
        """What was given for `assume_role`, None when nothing was."""
        value: NatgwProviderAssumeRole | Mapping[str, Any] | None = self.given_value("assume_role")
        return value

    def reset_assume_role(self) -> None:
        """Take back what was given for `assume_role`."""
        self.assign_value("assume_role", None)

    @property
    def assume_role_with_web_identity(self) -> NatgwProviderAssumeRoleWithWebIdentity | Mapping[str, Any] | None:
        """Role to assume with an OpenID Connect token, such as that of a CI job."""
        value: NatgwProviderAssumeRoleWithWebIdentity | Mapping[str, Any] | None = self.given_value(
            "assume_role_with_web_identity"
        )
        return value

    @assume_role_with_web_identity.setter
    def assume_role_with_web_identity(
        self, value: NatgwProviderAssumeRoleWithWebIdentity | Mapping[str, Any] | None
    ) -> None:
        self.assign_value("assume_role_with_web_identity", value)

    @property
    def assume_role_with_web_identity_input(self) -> NatgwProviderAssumeRoleWithWebIdentity | Mapping[str, Any] | None:
        """What was given for `assume_role_with_web_identity`, None when nothing was."""
        value: NatgwProviderAssumeRoleWithWebIdentity | Mapping[str, Any] | None = self.given_value(
            "assume_role_with_web_identity"
        )
        return value

    def reset_assume_role_with_web_identity(self) -> None:
        """Take back what was given for `assume_role_with_web_identity`."""
        self.assign_value("assume_role_with_web_identity", None)

    @property
    def endpoints(self) -> NatgwProviderEndpoints | Mapping[str, Any] | None:
        """Endpoints to use instead of AWS's own, such as VPC endpoints or `natgw simulator`."""
        value: NatgwProviderEndpoints | Mapping[str, Any] | None = self.given_value("endpoints")
        return value

    @endpoints.setter
    def endpoints(self, value: NatgwProviderEndpoints | Mapping[str, Any] | None) -> None:
        self.assign_value("endpoints", value)

    @property
    def endpoints_input(self) -> NatgwProviderEndpoints | Mapping[str, Any] | None:
        """What was given for `endpoints`, None when nothing was."""
        value: NatgwProviderEndpoints | Mapping[str, Any] | None = self.given_value("endpoints")
        return value

    def reset_endpoints(self) -> None:
        """Take back what was given for `endpoints`."""
        self.assign_value("endpoints", None)

    @property
    def allowed_account_ids(self) -> Sequence[str] | None:
        """Ids of the accounts that the provider may work in. In any other account it stops with an error."""
        value: Sequence[str] | None = self.given_value("allowed_account_ids")
        return value

    @allowed_account_ids.setter
    def allowed_account_ids(self, value: Sequence[str] | None) -> None:
        self.assign_value("allowed_account_ids", value)

    @property
    def allowed_account_ids_input(self) -> Sequence[str] | None:
        """What was given for `allowed_account_ids`, None when nothing was."""
        value: Sequence[str] | None = self.given_value("allowed_account_ids")
        return value

    def reset_allowed_account_ids(self) -> None:
        """Take back what was given for `allowed_account_ids`."""
        self.assign_value("allowed_account_ids", None)

    @property
    def forbidden_account_ids(self) -> Sequence[str] | None:
        """Ids of accounts that the provider must not work in. In such an account it stops with an error."""
        value: Sequence[str] | None = self.given_value("forbidden_account_ids")
        return value

    @forbidden_account_ids.setter
    def forbidden_account_ids(self, value: Sequence[str] | None) -> None:
        self.assign_value("forbidden_account_ids", value)

    @property
    def forbidden_account_ids_input(self) -> Sequence[str] | None:
        """What was given for `forbidden_account_ids`, None when nothing was."""
        value: Sequence[str] | None = self.given_value("forbidden_account_ids")
        return value

    def reset_forbidden_account_ids(self) -> None:
        """Take back what was given for `forbidden_account_ids`."""
        self.assign_value("forbidden_account_ids", None)

    @property
    def max_retries(self) -> float | None:
        """How many times a throttled or failed read is tried again. Default: 25."""
        value: float | None = self.given_value("max_retries")
        return value

    @max_retries.setter
    def max_retries(self, value: float | None) -> None:
        self.assign_value("max_retries", value)

    @property
    def max_retries_input(self) -> float | None:
        """What was given for `max_retries`, None when nothing was."""
        value: float | None = self.given_value("max_retries")
        return value

    def reset_max_retries(self) -> None:
        """Take back what was given for `max_retries`."""
        self.assign_value("max_retries", None)

    @property
    def retry_mode(self) -> str | None:
        """Retry mode of the AWS SDK: `standard` (default) or `adaptive`."""
        value: str | None = self.given_value("retry_mode")
        return value

    @retry_mode.setter
    def retry_mode(self, value: str | None) -> None:
        self.assign_value("retry_mode", value)

    @property
    def retry_mode_input(self) -> str | None:
        """What was given for `retry_mode`, None when nothing was."""
        value: str | None = self.given_value("retry_mode")
        return value

    def reset_retry_mode(self) -> None:
        """Take back what was given for `retry_mode`."""
        self.assign_value("retry_mode", None)

    @property
    def custom_ca_bundle(self) -> str | None:
        """File of CA certificates (PEM) to trust. Also `AWS_CA_BUNDLE`."""
        value: str | None = self.given_value("custom_ca_bundle")
        return value

    @custom_ca_bundle.setter
    def custom_ca_bundle(self, value: str | None) -> None:
        self.assign_value("custom_ca_bundle", value)

    @property
    def custom_ca_bundle_input(self) -> str | None:
        """What was given for `custom_ca_bundle`, None when nothing was."""
        value: str | None = self.given_value("custom_ca_bundle")
        return value

    def reset_custom_ca_bundle(self) -> None:
        """Take back what was given for `custom_ca_bundle`."""
        self.assign_value("custom_ca_bundle", None)

    @property
    def use_fips_endpoint(self) -> bool | Resolvable | None:
        """Use FIPS endpoints. Also `AWS_USE_FIPS_ENDPOINT`."""
        value: bool | Resolvable | None = self.given_value("use_fips_endpoint")
        return value

    @use_fips_endpoint.setter
    def use_fips_endpoint(self, value: bool | Resolvable | None) -> None:
        self.assign_value("use_fips_endpoint", value)

    @property
    def use_fips_endpoint_input(self) -> bool | Resolvable | None:
        """What was given for `use_fips_endpoint`, None when nothing was."""
        value: bool | Resolvable | None = self.given_value("use_fips_endpoint")
        return value

    def reset_use_fips_endpoint(self) -> None:
        """Take back what was given for `use_fips_endpoint`."""
        self.assign_value("use_fips_endpoint", None)

    @property
    def use_dualstack_endpoint(self) -> bool | Resolvable | None:
        """Use dual-stack endpoints. Also `AWS_USE_DUALSTACK_ENDPOINT`."""
        value: bool | Resolvable | None = self.given_value("use_dualstack_endpoint")
        return value

    @use_dualstack_endpoint.setter
    def use_dualstack_endpoint(self, value: bool | Resolvable | None) -> None:
        self.assign_value("use_dualstack_endpoint", value)

    @property
    def use_dualstack_endpoint_input(self) -> bool | Resolvable | None:
        """What was given for `use_dualstack_endpoint`, None when nothing was."""
        value: bool | Resolvable | None = self.given_value("use_dualstack_endpoint")
        return value

    def reset_use_dualstack_endpoint(self) -> None:
        """Take back what was given for `use_dualstack_endpoint`."""
        self.assign_value("use_dualstack_endpoint", None)

    @property
    def http_proxy(self) -> str | None:
        """Proxy for HTTP, and for HTTPS where neither `https_proxy` nor `HTTPS_PROXY` is set. Also `HTTP_PROXY`."""
        value: str | None = self.given_value("http_proxy")
        return value

    @http_proxy.setter
    def http_proxy(self, value: str | None) -> None:
        self.assign_value("http_proxy", value)

    @property
    def http_proxy_input(self) -> str | None:
        """What was given for `http_proxy`, None when nothing was."""
        value: str | None = self.given_value("http_proxy")
        return value

    def reset_http_proxy(self) -> None:
        """Take back what was given for `http_proxy`."""
        self.assign_value("http_proxy", None)

    @property
    def https_proxy(self) -> str | None:
        """Proxy for HTTPS; `NO_PROXY` names hosts to reach directly. Also `HTTPS_PROXY`."""
        value: str | None = self.given_value("https_proxy")
        return value

    @https_proxy.setter
    def https_proxy(self, value: str | None) -> None:
        self.assign_value("https_proxy", value)

    @property
    def https_proxy_input(self) -> str | None:
        """What was given for `https_proxy`, None when nothing was."""
        value: str | None = self.given_value("https_proxy")
        return value

    def reset_https_proxy(self) -> None:
        """Take back what was given for `https_proxy`."""
        self.assign_value("https_proxy", None)

    @property
    def skip_credentials_validation(self) -> bool | Resolvable | None:
        """Whether not to ask STS whose the credentials are. Default: false."""
        value: bool | Resolvable | None = self.given_value("skip_credentials_validation")
        return value

    @skip_credentials_validation.setter
    def skip_credentials_validation(self, value: bool | Resolvable | None) -> None:
        self.assign_value("skip_credentials_validation", value)

    @property
    def skip_credentials_validation_input(self) -> bool | Resolvable | None:
        """What was given for `skip_credentials_validation`, None when nothing was."""
        value: bool | Resolvable | None = self.given_value("skip_credentials_validation")
        return value

    def reset_skip_credentials_validation(self) -> None:
        """Take back what was given for `skip_credentials_validation`."""
        self.assign_value("skip_credentials_validation", None)

    @property
    def private_ip_address_quota(self) -> float | None:
        """Addresses for each private NAT gateway in this account, primary included (quota L-DFA99DE7). Default: 8, at
        most 32.
        """
        value: float | None = self.given_value("private_ip_address_quota")
        return value

    @private_ip_address_quota.setter
    def private_ip_address_quota(self, value: float | None) -> None:
        self.assign_value("private_ip_address_quota", value)

    @property
    def private_ip_address_quota_input(self) -> float | None:
        """What was given for `private_ip_address_quota`, None when nothing was."""
        value: float | None = self.given_value("private_ip_address_quota")
        return value

    def reset_private_ip_address_quota(self) -> None:
        """Take back what was given for `private_ip_address_quota`."""
        self.assign_value("private_ip_address_quota", None)

    @property
    def elastic_ip_quota(self) -> float | None:
        """Elastic IPs for each public NAT gateway in this account, primary included (quota L-5F53652F). Default: 2, at
        most 32.
        """
        value: float | None = self.given_value("elastic_ip_quota")
        return value

    @elastic_ip_quota.setter
    def elastic_ip_quota(self, value: float | None) -> None:
        self.assign_value("elastic_ip_quota", value)

    @property
    def elastic_ip_quota_input(self) -> float | None:
        """What was given for `elastic_ip_quota`, None when nothing was."""
        value: float | None = self.given_value("elastic_ip_quota")
        return value

    def reset_elastic_ip_quota(self) -> None:
        """Take back what was given for `elastic_ip_quota`."""
        self.assign_value("elastic_ip_quota", None)

    @property
    def check_permissions_at_plan(self) -> bool | Resolvable | None:
        """Whether plan, too, checks by dry runs that AWS permits the planned calls. Default: false. Apply always
        checks before its first change.
        """
        value: bool | Resolvable | None = self.given_value("check_permissions_at_plan")
        return value

    @check_permissions_at_plan.setter
    def check_permissions_at_plan(self, value: bool | Resolvable | None) -> None:
        self.assign_value("check_permissions_at_plan", value)

    @property
    def check_permissions_at_plan_input(self) -> bool | Resolvable | None:
        """What was given for `check_permissions_at_plan`, None when nothing was."""
        value: bool | Resolvable | None = self.given_value("check_permissions_at_plan")
        return value

    def reset_check_permissions_at_plan(self) -> None:
        """Take back what was given for `check_permissions_at_plan`."""
        self.assign_value("check_permissions_at_plan", None)

    @property
    def alias(self) -> str | None:
        """Name of this provider block where a stack has several, as for several regions."""
        value: str | None = self.given_value("alias")
        return value

    @alias.setter
    def alias(self, value: str | None) -> None:
        self.assign_value("alias", value)

    @property
    def alias_input(self) -> str | None:
        """What was given for `alias`, None when nothing was."""
        value: str | None = self.given_value("alias")
        return value

    def reset_alias(self) -> None:
        """Take back what was given for `alias`."""
        self.assign_value("alias", None)
