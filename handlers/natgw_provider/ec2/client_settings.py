"""How every botocore client is set up: endpoint, retries, timeouts, proxies, certificates, user agent.

Translation from settings to keywords of `create_client`; what is not set stays with botocore and the environment.
"""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.request import getproxies

import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.utils import should_bypass_proxies

from natgw_provider import __version__
from natgw_provider.ec2.connection_problems import ConnectionProblem
from natgw_provider.ec2.settings import MAX_RETRIES_DEFAULT, RETRY_MODE_DEFAULT, RETRY_MODES, ConnectionSettings

CONNECT_TIMEOUT_SECONDS: Final = 10
READ_TIMEOUT_SECONDS: Final = 30
"""EC2 answers these calls within a second; after this long the answer counts as lost."""

POOL_CONNECTIONS: Final = 50
"""Connections that a client keeps: more than the resources that Terraform usually works on at once (ten)."""

STS_ATTEMPTS_MAXIMUM: Final = 5
"""A wrong region or endpoint should be reported within seconds, not after every retry that a read may have."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """What clients are made with.

    Attributes:
        settings: the provider block.
        read_attempts: how often a read is sent at most.
        retry_mode: botocore's retry mode.
        user_agent_extra: what natgw adds to the user agent.
        proxies: by URL scheme; None leaves them to the environment.
        region: the region, for whether NO_PROXY means AWS.
    """

    settings: ConnectionSettings
    read_attempts: int
    retry_mode: str
    user_agent_extra: str
    proxies: dict[str, str] | None
    region: str

    @classmethod
    def of(cls, settings: ConnectionSettings, session: botocore.session.Session) -> ClientSettings:
        """Return them for a provider block and the session opened for it. Raises ConnectionProblem."""
        _check_ca_bundle(settings.custom_ca_bundle)
        return cls(
            settings=settings,
            read_attempts=_attempts(settings, session),
            retry_mode=_retry_mode(settings, session),
            user_agent_extra=_agent(settings),
            proxies=_proxies(settings),
            region=session.get_config_variable("region"),
        )

    @property
    def sts_attempts(self) -> int:
        """How often a call to sts is sent at most."""
        return min(self.read_attempts, STS_ATTEMPTS_MAXIMUM)

    def keywords(self, service: str, attempts: int, *, signed: bool = True) -> dict[str, Any]:
        """Return what to call `create_client` of a session with, for "ec2" or "sts"."""
        endpoint = {"ec2": self.settings.endpoint_ec2, "sts": self.settings.endpoint_sts}[service]
        url = endpoint or f"https://{service}.{self.region}.amazonaws.com"
        return {
            "endpoint_url": endpoint,
            "verify": _expanded(self.settings.custom_ca_bundle),
            "config": self._config(url, attempts, signed=signed),
        }

    def _config(self, url: str, attempts: int, *, signed: bool) -> Config:
        # botocore heeds NO_PROXY only for proxies that it finds in the environment itself.
        bypassed = self.proxies is not None and should_bypass_proxies(url)
        return Config(
            retries={"mode": self.retry_mode, "total_max_attempts": attempts},
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            read_timeout=READ_TIMEOUT_SECONDS,
            max_pool_connections=POOL_CONNECTIONS,
            proxies={} if bypassed else self.proxies,
            user_agent_extra=self.user_agent_extra,
            use_fips_endpoint=self.settings.use_fips_endpoint,
            use_dualstack_endpoint=self.settings.use_dualstack_endpoint,
            signature_version=None if signed else UNSIGNED,
        )


def _attempts(settings: ConnectionSettings, session: botocore.session.Session) -> int:
    if settings.max_retries is not None:
        return 1 + settings.max_retries
    return int(session.get_config_variable("max_attempts") or 1 + MAX_RETRIES_DEFAULT)


def _retry_mode(settings: ConnectionSettings, session: botocore.session.Session) -> str:
    found = str(settings.retry_mode or session.get_config_variable("retry_mode"))
    # The environment may say "legacy", which would leave some throttling unanswered.
    return found if found in RETRY_MODES else RETRY_MODE_DEFAULT


def _agent(settings: ConnectionSettings) -> str:
    # Line breaks would end the header; everything else is the user's business.
    return " ".join(f"natgw/{__version__} {settings.user_agent_extra}".split())


def _proxies(settings: ConnectionSettings) -> dict[str, str] | None:
    given = {"http": settings.http_proxy, "https": settings.https_proxy}
    if not any(given.values()):
        return None
    return getproxies() | {scheme: url for scheme, url in given.items() if url}


def _check_ca_bundle(path: str | None) -> None:
    if path is None:
        return
    try:
        ssl.create_default_context(cafile=_expanded(path))
    except OSError as error:  # SSLError is one
        raise ConnectionProblem(
            "CA bundle cannot be used",
            f'"{path}", named in custom_ca_bundle, cannot be read as PEM certificates: {error}. Correct the path.',
            "custom_ca_bundle",
        ) from error


def _expanded(path: str | None) -> str | None:
    return str(Path(path).expanduser()) if path else None
