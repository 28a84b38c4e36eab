"""A botocore session as the provider block asks for it: region, profile, files and base credentials.

The chain of credentials is botocore's; this module only tells it where to look, and says in the user's words what is
missing. It makes no call.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import botocore.configloader
import botocore.session
from botocore import exceptions as botocore_exceptions
from botocore.credentials import CredentialProvider, CredentialResolver, Credentials

from natgw_provider.ec2.call_log import Log, log_calls
from natgw_provider.ec2.connection_problems import ConnectionProblem
from natgw_provider.ec2.settings import ConnectionSettings
from natgw_provider.ec2.trimmed_models import use_trimmed_models


def open_session(
    settings: ConnectionSettings, credentials: Credentials | None = None, log: Log | None = None
) -> botocore.session.Session:
    """Return a session with the region set up, and with `credentials` or else the base ones the settings lead to.

    Its clients write their calls to `log`.

    Raises ConnectionProblem.
    """
    session = _FilesSession(settings)
    _check_profile(session, settings)
    session.set_config_variable("region", _region(session, settings))
    use_trimmed_models(session)
    if log:
        log_calls(session, log)
    if credentials is None:
        _use_static_keys(session, settings)
    else:
        session.register_component("credential_provider", CredentialResolver([_Given(credentials)]))
    return session


class _FilesSession(botocore.session.Session):  # type: ignore[misc]  # botocore ships no types
    """A session that can read several shared files; later ones win, as in AWS's other tools."""

    def __init__(self, settings: ConnectionSettings) -> None:
        # The profile goes in only when given: botocore then prefers it to keys in the environment.
        super().__init__(profile=settings.profile)
        self._shared_config_files = settings.shared_config_files
        self._shared_credentials_files = settings.shared_credentials_files
        self._merged: dict[str, Any] | None = None
        if self._shared_config_files:
            self.set_config_variable("config_file", self._shared_config_files[0])
        if self._shared_credentials_files:
            self.set_config_variable("credentials_file", self._shared_credentials_files[0])
        if len(self._shared_config_files) > 1 or len(self._shared_credentials_files) > 1:
            resolver = self.get_component("credential_provider")
            resolver.insert_before("shared-credentials-file", _MergedFiles(self))

    @property
    def full_config(self) -> dict[str, Any]:
        if self._merged is None:
            merged: dict[str, Any] = super().full_config
            for path in self._shared_config_files[1:]:
                _merge(merged, botocore.configloader.load_config(_readable(path, "shared_config_files")))
            for path in self._shared_credentials_files[1:]:
                profiles = botocore.configloader.raw_config_parse(_readable(path, "shared_credentials_files"))
                _merge(merged, {"profiles": profiles})
            self._merged = merged
        return self._merged


class _Given(CredentialProvider):  # type: ignore[misc]  # botocore ships no types
    """Gives the credentials it was made with."""

    METHOD = "natgw-given"

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> Credentials:
        """Return them."""
        return self._credentials


class _MergedFiles(CredentialProvider):  # type: ignore[misc]  # botocore ships no types
    """Finds the keys of a profile wherever among the shared files they stand."""

    METHOD = "natgw-shared-files"

    def __init__(self, session: _FilesSession) -> None:
        super().__init__()
        self._session = session

    def load(self) -> Credentials | None:
        """Return the profile's keys, or None when it has none."""
        profile = self._session.get_config_variable("profile") or "default"
        found = self._session.full_config["profiles"].get(profile, {})
        if "aws_access_key_id" not in found:
            return None
        access_key, secret_key = self._extract_creds_from_mapping(found, "aws_access_key_id", "aws_secret_access_key")
        return Credentials(access_key, secret_key, found.get("aws_session_token"), method=self.METHOD)


def _merge(into: dict[str, Any], more: Mapping[str, Any]) -> None:
    for section, entries in more.items():
        if isinstance(entries, Mapping):
            _merge(into.setdefault(section, {}), entries)
        else:
            into[section] = entries


def _readable(path: str, setting: str) -> str:
    expanded = Path(path).expanduser()
    if not os.access(expanded, os.R_OK):
        raise ConnectionProblem(
            "Shared file cannot be read",
            f'"{path}", named in {setting}, does not exist or cannot be read. Correct the path or remove it.',
            setting,
        )
    return str(expanded)


def _check_profile(session: botocore.session.Session, settings: ConnectionSettings) -> None:
    for path in settings.shared_config_files:
        _readable(path, "shared_config_files")
    for path in settings.shared_credentials_files:
        _readable(path, "shared_credentials_files")
    try:
        session.get_scoped_config()
    except botocore_exceptions.ProfileNotFound as error:
        raise _no_such_profile(session, settings) from error
    except botocore_exceptions.ConfigParseError as error:
        raise ConnectionProblem(
            "Shared file cannot be parsed",
            f"{error.kwargs.get('path', 'A shared config or credentials file')} is not a valid AWS config file. "
            "Each profile starts with a [name] line, followed by lines of key = value.",
            "shared_config_files" if settings.shared_config_files else None,
        ) from error


def _no_such_profile(session: botocore.session.Session, settings: ConnectionSettings) -> ConnectionProblem:
    name = session.get_config_variable("profile")
    known = ", ".join(sorted(session.available_profiles)) or "none"
    origin = "the provider's profile" if settings.profile else "the environment variable AWS_PROFILE"
    return ConnectionProblem(
        "Profile not found",
        f'"{name}", from {origin}, is in none of the shared config and credentials files. '
        f"Profiles found: {known}. Correct the name, or create the profile with `aws configure --profile {name}`.",
        "profile" if settings.profile else None,
    )


def _region(session: botocore.session.Session, settings: ConnectionSettings) -> str:
    # AWS_REGION is what every AWS tool but botocore reads first.
    region = settings.region or os.environ.get("AWS_REGION") or session.get_config_variable("region")
    if not region:
        raise ConnectionProblem(
            "No AWS region",
            "Neither the provider's region, nor AWS_REGION or AWS_DEFAULT_REGION, nor the profile names a region. "
            'Set region in the provider block, such as "eu-central-1".',
            "region",
        )
    return str(region)


def _use_static_keys(session: botocore.session.Session, settings: ConnectionSettings) -> None:
    if not (settings.access_key or settings.secret_key or settings.token):
        return
    if not (settings.access_key and settings.secret_key):
        missing, given = ("secret_key", "access_key") if settings.access_key else ("access_key", "secret_key or token")
        raise ConnectionProblem(
            "Incomplete static credentials",
            f"{given} is set and {missing} is not. Set access_key and secret_key both, or neither to take the "
            "credentials from the environment, the profile or the machine's role.",
            missing,
        )
    session.set_credentials(settings.access_key, settings.secret_key, settings.token)
