"""How requests reach AWS: one HTTP configuration for every call, proxies by Go's rules, and a log line for each call.

Every client of a session sends through one `Transport`, also those that botocore makes on its way to credentials. So CA
bundle, timeouts and proxies hold for AssumeRole of a profile or a single sign-on as they do for EC2.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from typing import Any, Final, Protocol, Self
from urllib.parse import urlsplit

from botocore.httpsession import URLLib3Session

from natgw_provider.aws.errors import ConnectionProblem
from natgw_provider.aws.settings import ConnectionSettings

CONNECT_TIMEOUT_SECONDS: Final = 10
READ_TIMEOUT_SECONDS: Final = 30
"""EC2 answers these calls within a second; after this long the answer counts as lost."""

POOL_CONNECTIONS: Final = 50
"""Connections that are kept open: more than the resources that Terraform usually works on at once (ten)."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_EVERY_HOST: Final = "*"


class Transport:
    """Sends requests for all clients of a session; safe to share between threads."""

    def __init__(
        self,
        proxies: Proxies,
        verify: str | bool,
        *,
        timeout: tuple[float, float] = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
    ) -> None:
        """Trust the CA bundle at `verify`, True for botocore's own; `timeout` is to connect and to read, in seconds."""
        self._proxies = proxies
        self._verify = verify
        self._timeout = timeout
        self._lock = threading.Lock()
        self._sessions: dict[str | None, URLLib3Session] = {}

    @classmethod
    def of(cls, settings: ConnectionSettings, environ: Mapping[str, str], bundle: str | None) -> Self:
        """Return the one for a provider block; `bundle` is the CA bundle of environment or profile.

        Raises ConnectionProblem when the CA bundle cannot be read.
        """
        path = settings.custom_ca_bundle or bundle
        if not path:
            return cls(Proxies.of(settings, environ), verify=True)
        expanded = Path(path).expanduser()
        try:
            # Parsing them all takes 50 ms; that is left to the first connection.
            flaw = None if b"-----BEGIN" in expanded.read_bytes() else "it holds no PEM certificate"
        except OSError as error:
            flaw = error.strerror
        if flaw:
            setting = "custom_ca_bundle" if settings.custom_ca_bundle else None
            raise ConnectionProblem(
                "CA bundle cannot be used",
                f'"{path}", named in {setting or "AWS_CA_BUNDLE or ca_bundle of the profile"}, cannot be used: {flaw}. '
                "Correct the path.",
                setting,
            )
        return cls(Proxies.of(settings, environ), verify=str(expanded))

    def send(self, request: Any) -> Any:
        """Send one prepared request of botocore and return its answer, through the proxy for its URL if it has one."""
        return self._session(self._proxies.for_url(request.url)).send(request)

    def with_timeout(self, seconds: float) -> Transport:
        """Return one for a service that is near: `seconds` to connect and again to read."""
        return Transport(self._proxies, self._verify, timeout=(seconds, seconds))

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            for session in self._sessions.values():
                session.close()

    def _session(self, proxy: str | None) -> URLLib3Session:
        with self._lock:
            if proxy not in self._sessions:
                self._sessions[proxy] = URLLib3Session(
                    verify=self._verify,
                    proxies={"http": proxy, "https": proxy} if proxy else {},
                    proxies_config={"proxy_ca_bundle": self._verify} if isinstance(self._verify, str) else {},
                    timeout=self._timeout,
                    max_pool_connections=POOL_CONNECTIONS,
                )
            return self._sessions[proxy]


@dataclass(frozen=True)
class Proxies:
    """Which proxy a request takes, judged as Go's HTTP client does, and with it the AWS provider.

    Source: golang.org/x/net/http/httpproxy and, for the provider block, hashicorp/aws-sdk-go-base (legacy proxy mode).
    Go differs in one place: here no proxy is asked for instance or container metadata, since the proxy would answer
    with its own machine's.

    Attributes:
        http: proxy for URLs with http; it may carry a password, as `https` may.
        https: proxy for URLs with https.
        no_proxy: hosts to reach directly, as in the environment variable NO_PROXY.
    """

    http: str | None = field(default=None, repr=False)
    https: str | None = field(default=None, repr=False)
    no_proxy: str = ""

    @classmethod
    def of(cls, settings: ConnectionSettings, environ: Mapping[str, str]) -> Self:
        """Return the proxies of a provider block, completed by the environment.

        The block's http_proxy alone also serves HTTPS, unless HTTPS_PROXY is set; https_proxy = "" is no proxy.
        """
        https = _variable(environ, "HTTPS_PROXY")
        if settings.https_proxy is not None:
            https = settings.https_proxy
        elif settings.http_proxy and not https:
            https = settings.http_proxy
        http = _variable(environ, "HTTP_PROXY") if settings.http_proxy is None else settings.http_proxy
        return cls(http or None, https or None, _variable(environ, "NO_PROXY"))

    def for_url(self, url: str) -> str | None:
        """Return the URL of the proxy for a request to `url`, or None to send it directly."""
        parts = urlsplit(url)
        proxy = {"http": self.http, "https": self.https}.get(parts.scheme)
        if not proxy or parts.hostname is None:
            return None
        port = parts.port or _DEFAULT_PORTS[parts.scheme]
        return None if self._is_direct(parts.hostname, port) else proxy

    def _is_direct(self, host: str, port: int) -> bool:
        address = _address(host)
        if host == "localhost" or (address and (address.is_loopback or address.is_link_local)):
            return True
        return any(rule.matches(host, address, port) for rule in self._rules)

    @cached_property
    def _rules(self) -> tuple[_DirectHosts, ...]:
        entries = (entry.strip().lower() for entry in self.no_proxy.split(","))
        return tuple(_DirectHosts(entry) for entry in entries if entry)


class _DirectHosts:
    """One entry of NO_PROXY: `*`, an address or network, a domain; address and domain may name a port."""

    def __init__(self, entry: str) -> None:
        self._entry = entry
        host, colon, port = entry.rpartition(":")
        is_port = colon and _address(entry) is None and not host.endswith(":")
        self._port = port if is_port else ""
        host = (host if is_port else entry).removeprefix("[").removesuffix("]")
        self._host = host.removeprefix("*") if host.startswith("*.") else host

    def matches(self, host: str, address: IPv4Address | IPv6Address | None, port: int) -> bool:
        """Return whether requests to this host (and `address`, if the host is one) and port go directly."""
        if self._entry == _EVERY_HOST:
            return True
        if "/" in self._entry:
            return address is not None and self._has_in_network(address)
        if self._port not in ("", str(port)):
            return False
        if address is not None:
            return _address(self._host) == address
        # "example.com" means itself and what is below it, ".example.com" and "*.example.com" only what is below it.
        domain = self._host.removeprefix(".")
        return bool(domain) and (host.endswith(f".{domain}") or host == self._host)

    def _has_in_network(self, address: IPv4Address | IPv6Address) -> bool:
        try:
            return address in ip_network(self._entry, strict=False)
        except ValueError:
            return False


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.lower()) or ""


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


class Log(Protocol):
    """What takes a line for each call; the bridge's log is one, which this layer does not import."""

    def is_enabled(self, level: str) -> bool:
        """Whether a line at "debug" would be written."""

    def debug(self, message: str, **fields: object) -> None:
        """Write a line with named values."""


class CallLog:
    """Writes a debug line for each call of a session's clients: operation, duration, retries, outcome, request id.

    Never a parameter, a header or a proxy's URL: any of them may hold a secret. AWS's support asks for the request id.
    """

    def __init__(self, log: Log) -> None:
        self._log = log

    def register(self, session: Any) -> None:
        """Hear of the calls of a botocore session; costs nothing when debug lines are not wanted."""
        if self._log.is_enabled("debug"):
            session.register("before-call", self._begin)
            session.register("after-call", self._answered)
            session.register("after-call-error", self._failed)

    @staticmethod
    def _begin(context: dict[str, Any], **_: Any) -> None:
        # botocore hands the same context to all events of a call.
        context["natgw_started"] = time.monotonic()

    def _answered(self, model: Any, parsed: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        metadata = parsed.get("ResponseMetadata", {})
        self._write(
            model.name,
            context,
            outcome=parsed.get("Error", {}).get("Code", "ok"),
            request_id=metadata.get("RequestId", ""),
            http_status=metadata.get("HTTPStatusCode", ""),
            retries=metadata.get("RetryAttempts", 0),
        )

    def _failed(self, exception: Exception, context: dict[str, Any], event_name: str, **_: Any) -> None:
        # Only the kind: the text of a connection error holds the proxy's URL, and that may hold a password.
        self._write(event_name.rsplit(".", 1)[-1], context, outcome=type(exception).__name__)

    def _write(self, operation: str, context: dict[str, Any], **fields: object) -> None:
        duration = time.monotonic() - context["natgw_started"]
        self._log.debug("AWS API call", operation=operation, duration_ms=round(duration * 1000), **fields)
