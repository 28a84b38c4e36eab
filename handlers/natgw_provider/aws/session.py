"""A botocore session as the provider block asks for it: files, region, chain of credentials, and how its clients call.

The chain is botocore's. This module tells it where to look and how to call AWS, keeps it from asking at a terminal, and
says in the user's words what is missing. Opening a session makes no call, unless only the instance knows the region.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, NoReturn, TypeAlias

import botocore.configloader
import botocore.credentials
import botocore.session
from botocore import exceptions as botocore_exceptions
from botocore.config import Config
from botocore.credentials import CredentialResolver, Credentials, SharedCredentialProvider
from botocore.utils import ContainerMetadataFetcher, IMDSRegionProvider

from natgw_provider import __version__
from natgw_provider.aws.errors import note_operation
from natgw_provider.aws.exceptions import is_final
from natgw_provider.aws.settings import (
    MAX_RETRIES_DEFAULT,
    RETRY_MODE_DEFAULT,
    RETRY_MODES,
    ConnectionSettings,
    setting_problem,
)
from natgw_provider.aws.transport import (
    CONNECT_TIMEOUT_SECONDS,
    POOL_CONNECTIONS,
    READ_TIMEOUT_SECONDS,
    AwsAnswers,
    Transport,
)
from natgw_provider.aws.trimmed_models import OPERATIONS, use_trimmed_models
from natgw_provider.core.problems import ProblemError

Log: TypeAlias = Callable[..., None]
"""Takes a debug line: a message, and named values."""

CREDENTIAL_ATTEMPTS_MAXIMUM: Final = 5
"""For calls to sts and on the way to credentials: a wrong region or endpoint should be reported within seconds."""


def open_session(settings: ConnectionSettings, log: Log | None = None) -> Session:
    """Return a session for the provider block, with its region; `log` gets a debug line for each call.

    Raises ProblemError.
    """
    session = Session(settings)
    _check_files(session, settings)
    _check_aws_settings(session)
    session.connect()
    session.set_config_variable("region", _region(session, settings))
    if settings.access_key:
        session.set_credentials(settings.access_key, settings.secret_key, settings.token)
    if log:
        _log_calls(session, log)
    return session


class Session(botocore.session.Session):  # type: ignore[misc]  # botocore ships no types
    """A botocore session whose clients all call AWS as the provider block says.

    That includes the clients that botocore makes on its way to credentials. It can read several shared files; the later
    ones win, as in AWS's other tools.
    """

    def __init__(self, settings: ConnectionSettings) -> None:
        # The profile is passed only when given: botocore then prefers it to keys in the environment.
        super().__init__(profile=settings.profile)
        self._settings = settings
        self._role: Credentials | None = None
        self._merged: dict[str, Any] | None = None
        if settings.shared_config_files:
            self.set_config_variable("config_file", settings.shared_config_files[0])
        if settings.shared_credentials_files:
            self.set_config_variable("credentials_file", settings.shared_credentials_files[0])
        self.lazy_register_component("credential_provider", self._chain)
        self.register("needs-retry", _stop_retrying)
        self.register("after-call-error", note_operation)

    def connect(self) -> None:
        """Let every client from now on send through one transport, set up as the provider block says."""
        use_trimmed_models(self)
        self._transport = Transport.of(self._settings, os.environ, self.get_config_variable("ca_bundle"))
        self.set_default_client_config(
            Config(
                retries=self.retries(min(self.read_attempts, CREDENTIAL_ATTEMPTS_MAXIMUM)),
                connect_timeout=CONNECT_TIMEOUT_SECONDS,
                read_timeout=READ_TIMEOUT_SECONDS,
                max_pool_connections=POOL_CONNECTIONS,
                proxies={},  # the transport's business
                # Line breaks would end the header; everything else is the user's business.
                user_agent_extra=" ".join(f"natgw/{__version__} {self._settings.user_agent_extra}".split()),
                use_fips_endpoint=self._settings.use_fips_endpoint,
                use_dualstack_endpoint=self._settings.use_dualstack_endpoint,
            )
        )

    @property
    def read_attempts(self) -> int:
        """How often a read is sent at most, as the provider block, the environment or the profile says."""
        if self._settings.max_retries is not None:
            return 1 + self._settings.max_retries
        return int(self.get_config_variable("max_attempts") or 1 + MAX_RETRIES_DEFAULT)

    def retries(self, attempts: int) -> dict[str, Any]:
        """Return the retry settings of a client that sends a call at most `attempts` times."""
        mode = self._settings.retry_mode or self.get_config_variable("retry_mode")
        # The environment may say "legacy", which would leave some throttling unanswered.
        return {"mode": mode if mode in RETRY_MODES else RETRY_MODE_DEFAULT, "total_max_attempts": attempts}

    def use_role(self, credentials: Credentials) -> None:
        """Let every client from now on use these credentials instead of those of the chain."""
        self._role = credentials

    def create_client(self, service_name: str, *positional: Any, **keywords: Any) -> Any:
        """Return a client as botocore does, with the provider block's endpoint and HTTP configuration."""
        if endpoint := self._settings.endpoints.get(service_name):
            keywords["endpoint_url"] = endpoint
        client = super().create_client(service_name, *positional, **keywords)
        # botocore would choose the proxy for the client once, by its own rules.
        is_xml = service_name in OPERATIONS
        client._endpoint.http_session = AwsAnswers(self._transport) if is_xml else self._transport  # noqa: SLF001
        return client

    def get_credentials(self) -> Credentials | None:
        """Return the role's credentials if there is one, else those of the chain; None when the chain has none."""
        return self._role or super().get_credentials()

    @property
    def profile_in_use(self) -> str:
        """Name of the profile that settings and credentials are read from."""
        return str(self.get_config_variable("profile") or "default")

    @property
    def full_config(self) -> dict[str, Any]:
        """All shared files as one, by section."""
        if self._merged is None:
            merged: dict[str, Any] = super().full_config
            for path in self._settings.shared_config_files[1:]:
                _merge(merged, botocore.configloader.load_config(path))
            for path in self._settings.shared_credentials_files[1:]:
                _merge(merged, {"profiles": botocore.configloader.raw_config_parse(path)})
            self._merged = merged
        return self._merged

    def instance_region(self) -> str | None:
        """Return the region of the EC2 instance that this runs on, or None within about two seconds."""
        fetcher = IMDSRegionProvider(self)._get_fetcher()  # noqa: SLF001 - the public way goes through a proxy
        fetcher._session = self._metadata_transport()  # noqa: SLF001
        try:
            region: str | None = fetcher.retrieve_region()
        except (botocore_exceptions.MetadataRetrievalError, botocore_exceptions.HTTPClientError):
            return None
        return region

    def _chain(self) -> CredentialResolver:
        """Return botocore's chain of credentials. What it offers no parameter for is replaced in place."""
        chain = botocore.credentials.create_credential_resolver(self)
        chain.get_provider("assume-role")._prompter = self._refuse_mfa  # noqa: SLF001
        chain.get_provider("iam-role")._role_fetcher._session = self._metadata_transport()  # noqa: SLF001
        container = self._transport.with_timeout(ContainerMetadataFetcher.TIMEOUT_SECONDS)
        chain.get_provider("container-role")._fetcher._session = container  # noqa: SLF001
        if len(self._settings.shared_config_files) > 1 or len(self._settings.shared_credentials_files) > 1:
            chain.insert_before("shared-credentials-file", self._keys_of(self.profile_in_use))
            of_source_profiles = chain.get_provider("assume-role")._profile_provider_builder  # noqa: SLF001
            of_source_profiles._create_shared_credential_provider = self._keys_of  # noqa: SLF001
        return chain

    def _keys_of(self, profile_name: str) -> SharedCredentialProvider:
        """Return what finds the keys of a profile in any of several shared files."""
        return SharedCredentialProvider("all shared files", profile_name, lambda _: self.full_config["profiles"])

    def _metadata_transport(self) -> Transport:
        return self._transport.with_timeout(self.get_config_variable("metadata_service_timeout"))

    def _refuse_mfa(self, prompt: str) -> NoReturn:
        profiles = self.full_config["profiles"]
        asking = [name for name, found in profiles.items() if found.get("mfa_serial", "\n") in prompt]
        name = self.profile_in_use if self.profile_in_use in asking else (asking or ["default"])[0]
        raise setting_problem(
            "Profile asks for an MFA code",
            f'Profile "{name}" has mfa_serial = {profiles.get(name, {}).get("mfa_serial")}, so its role is assumed '
            "with a code that a person types in. A provider cannot ask for one. Get temporary credentials before "
            f"Terraform starts, for example with `aws configure export-credentials --profile {name} --format env`, or "
            "use a profile without mfa_serial.",
            "profile" if self._settings.profile else None,
        )


def _stop_retrying(caught_exception: Exception | None, **_: Any) -> None:
    """End the retries of a call, at "needs-retry", for what another attempt cannot change."""
    if caught_exception is not None and is_final(caught_exception):
        raise caught_exception


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for section, entries in more.items():
        if isinstance(entries, Mapping):
            _merge(into.setdefault(section, {}), entries)
        else:
            into[section] = entries


def _check_files(session: Session, settings: ConnectionSettings) -> None:
    for setting in ("shared_config_files", "shared_credentials_files"):
        for path in getattr(settings, setting):
            if not os.access(Path(path).expanduser(), os.R_OK):
                raise setting_problem(
                    "Shared file cannot be read",
                    f'"{path}", named in {setting}, does not exist or cannot be read. Correct the path or remove it.',
                    setting,
                )
    try:
        session.get_scoped_config()
    except botocore_exceptions.ProfileNotFound as error:
        raise _profile_not_found(session, settings) from error
    except botocore_exceptions.ConfigParseError as error:
        raise setting_problem(
            "Shared file cannot be parsed",
            f"{error.kwargs.get('path', 'A shared config or credentials file')} is not a valid AWS config file. "
            "Each profile starts with a [name] line, followed by lines of key = value.",
            "shared_config_files" if settings.shared_config_files else None,
        ) from error


def _profile_not_found(session: Session, settings: ConnectionSettings) -> ProblemError:
    name = session.profile_in_use
    known = ", ".join(sorted(session.available_profiles)) or "none"
    origin = "the provider's profile" if settings.profile else "the environment variable AWS_PROFILE"
    return setting_problem(
        "Profile not found",
        f'"{name}", from {origin}, is in none of the shared config and credentials files. '
        f"Profiles found: {known}. Correct the name, or create the profile with `aws configure --profile {name}`.",
        "profile" if settings.profile else None,
    )


def _check_aws_settings(session: Session) -> None:
    """Check the settings that botocore reads from environment or profile, so that a wrong one is named."""
    for name, (key, variables, _, convert) in session.SESSION_VARIABLES.items():
        if convert is not int:
            continue
        try:
            session.get_config_variable(name)
        except ValueError as error:
            raise _unusable_setting(session, key, variables, "a whole number") from error
    attempts, mode = session.get_config_variable("max_attempts"), session.get_config_variable("retry_mode")
    if attempts is not None and attempts < 1:
        raise _unusable_setting(session, "max_attempts", "AWS_MAX_ATTEMPTS", "a whole number from 1")
    if mode not in (*RETRY_MODES, "legacy"):
        raise _unusable_setting(session, "retry_mode", "AWS_RETRY_MODE", "standard, adaptive or legacy")


def _unusable_setting(session: Session, key: str, variables: str | list[str], allowed: str) -> ProblemError:
    names = [variables] if isinstance(variables, str) else variables or []
    variable = next((name for name in names if name in os.environ), None)
    if variable:
        found = f'The environment variable {variable} is "{os.environ[variable]}"'
    else:
        found = f'{key} of profile "{session.profile_in_use}" is "{session.get_scoped_config().get(key)}"'
    return setting_problem(
        "AWS setting cannot be used", f"{found}. It must be {allowed}. Correct it, or remove it for the default."
    )


def _region(session: Session, settings: ConnectionSettings) -> str:
    # AWS_REGION is what every AWS tool but botocore reads first.
    region = settings.region or os.environ.get("AWS_REGION") or session.get_config_variable("region")
    region = region or session.instance_region()
    if not region:
        raise setting_problem(
            "No AWS region",
            "Neither the provider's region, nor AWS_REGION or AWS_DEFAULT_REGION, nor the profile, nor the metadata of "
            'an EC2 instance names a region. Set region in the provider block, such as "eu-central-1".',
            "region",
        )
    return str(region)


# A debug line for each call: never a parameter, a header or a proxy's URL, since any of them may hold a secret. AWS's
# support asks for the request id.


def _log_calls(session: Session, log: Log) -> None:
    session.register("before-call", _note_start)
    session.register("after-call", partial(_log_answer, log))
    session.register("after-call-error", partial(_log_failure, log))


def _note_start(context: dict[str, Any], **_: Any) -> None:
    # botocore hands the same context to all events of a call.
    context["natgw_started"] = time.monotonic()


def _log_answer(log: Log, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
    metadata = parsed.get("ResponseMetadata", {})
    log(
        "AWS API call",
        operation=model.name,
        duration_ms=_duration(context),
        outcome=parsed.get("Error", {}).get("Code", "ok"),
        request_id=metadata.get("RequestId", ""),
        http_status=metadata.get("HTTPStatusCode", ""),
        retries=metadata.get("RetryAttempts", 0),
    )


def _log_failure(log: Log, exception: Exception, context: dict[str, Any], event_name: str, **_: Any) -> None:
    # Only the kind: the text of a connection error holds the proxy's URL, and that may hold a password.
    operation = event_name.rsplit(".", 1)[-1]
    log("AWS API call", operation=operation, duration_ms=_duration(context), outcome=type(exception).__name__)


def _duration(context: dict[str, Any]) -> int:
    started: float = context["natgw_started"]
    return round((time.monotonic() - started) * 1000)
