"""How requests reach AWS, and what counts as its answer: one HTTP configuration for every call.

Every client of a session sends through one `Transport`, also those that botocore makes on its way to credentials. So CA
bundle, timeouts and proxies hold for AssumeRole of a profile or a single sign-on as they do for EC2.

A proxy that inspects TLS may answer in AWS's place with a login page. botocore takes any well-formed XML for an answer
that leaves everything out, and a gateway without addresses would follow. So an answer is judged before botocore parses
it. Every answer of EC2 and STS is XML and has a request id (EC2 API reference, "Common response"; STS, "Making
requests").
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from time import monotonic
from typing import Any, Final, NoReturn, Self
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from botocore import exceptions as botocore_exceptions
from botocore.httpsession import URLLib3Session
from urllib3 import exceptions as urllib3_exceptions

from natgw_provider.aws.settings import ConnectionSettings, setting_problem

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

        Raises ProblemError when the CA bundle cannot be read.
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
            raise setting_problem(
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


ANSWER_BYTES_MAXIMUM: Final = 8 * 1024 * 1024
"""A page of 1,000 NAT gateways with eight addresses each has about 3 MB."""

BODY_SECONDS: Final = 30
"""The longest that the body of an answer may take; most come at once."""

_REDIRECTS: Final = range(300, 400)
_CHUNK: Final = 64 * 1024
_HEAD_BYTES: Final = 2048
_WEB_PAGE: Final = "a web page"


class NotAnAwsAnswer(botocore_exceptions.HTTPClientError):  # type: ignore[misc]  # botocore ships no types
    """What came back is not AWS's answer. botocore treats it as a connection error, which is repeated for reads.

    Attributes:
        status: the HTTP status.
    """

    fmt = "{found}"

    def __init__(self, found: str, status: int) -> None:
        super().__init__(found=found)
        self.status = status


class AwsAnswers:
    """Sends the requests of clients of EC2 and STS; raises NotAnAwsAnswer instead of returning what is not AWS's."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: Any) -> Any:
        """Send one prepared request of botocore and return AWS's answer, read to its end."""
        request.stream_output = True  # the body is then left unread
        response = self._transport.send(request)
        response.raw = _LimitedBody(response.raw, response.status_code)
        try:
            body = response.content
        except urllib3_exceptions.ReadTimeoutError as error:
            raise botocore_exceptions.ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except urllib3_exceptions.HTTPError as error:
            raise botocore_exceptions.ConnectionClosedError(endpoint_url=request.url, error=error) from error
        problem = what_is_wrong(response.status_code, response.headers, body)
        if problem:
            raise NotAnAwsAnswer(problem, response.status_code)
        return response

    def close(self) -> None:
        """Close all connections."""
        self._transport.close()


class _LimitedBody:
    """A body that is read up to a limit."""

    def __init__(self, raw: Any, status: int) -> None:
        self._raw = raw
        self._status = status

    def stream(self) -> Iterator[bytes]:
        """Yield the body as it comes."""
        read = getattr(self._raw, "read1", self._raw.read)  # what has come, in urllib3 2; else a chunk of full size
        size, deadline = 0, monotonic() + BODY_SECONDS
        while chunk := read(_CHUNK):
            size += len(chunk)
            if size > ANSWER_BYTES_MAXIMUM:
                self._reject(f"more than {ANSWER_BYTES_MAXIMUM} bytes")
            if monotonic() > deadline:
                self._reject(f"a body that takes longer than {BODY_SECONDS} s")
            yield chunk

    def _reject(self, found: str) -> NoReturn:
        self._raw.close()
        raise NotAnAwsAnswer(_not_aws(found, self._status), self._status)


def member(answer: Mapping[str, Any], name: str) -> Any:
    """Return a member of an answer as botocore parsed it. Raises NotAnAwsAnswer when it is absent.

    An empty set is an empty list; what is absent was not in the answer at all.
    """
    metadata = answer.get("ResponseMetadata", {})
    if name not in answer or not metadata.get("RequestId"):
        status = int(metadata.get("HTTPStatusCode", HTTPStatus.OK))
        raise NotAnAwsAnswer(_not_aws(f"an answer that has no {name} or no request id", status), status)
    return answer[name]


def what_is_wrong(status: int, headers: Any, body: bytes) -> str | None:
    """Return why this is no answer from AWS's; None when it is one."""
    if status in _REDIRECTS:
        target = urlsplit(headers.get("Location", ""))
        return _not_aws(
            f"a redirect to {target.scheme}://{target.hostname}" if target.hostname else "a redirect", status
        )
    try:
        root = ET.fromstring(body)  # noqa: S314 - expat reads no external entity and limits the internal ones
    except ET.ParseError:
        return _not_aws(_kind(headers, body), status)
    if any(element.tag.rpartition("}")[2].lower() == "requestid" for element in (*root, *root.iterfind("*/*"))):
        return None
    kind = _kind(headers, body)
    return _not_aws(kind if kind == _WEB_PAGE else f"{kind} without a request id", status)


def _kind(headers: Any, body: bytes) -> str:
    if not body:
        return "an empty body"
    if headers.get("Content-Encoding"):
        return f"a body encoded as {headers['Content-Encoding'][:40]}"
    if b"<html" in body[:_HEAD_BYTES].lower():
        return _WEB_PAGE
    return f"{headers.get('Content-Type', '').partition(';')[0].strip()[:80] or 'a body of no type'}, {len(body)} bytes"


def _not_aws(found: str, status: int) -> str:
    answered = f"HTTP {status} with {found}"
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return answered
    return (
        f"{answered} is not an answer from AWS: something else answered (a proxy, a login page of the network, a wrong "
        "endpoint), or the answer was cut short"
    )
