"""How requests reach AWS, and what counts as its answer: one HTTP configuration for every call.

Every client of a session sends through one `Transport`, also those that botocore makes on its way to credentials. So CA
bundle, timeouts and proxies hold for AssumeRole of a profile or a single sign-on as they do for EC2.

A proxy that inspects TLS may answer in AWS's place with a login page. botocore takes any well-formed XML for an answer
that leaves everything out, and a gateway without addresses would follow. So an answer is judged before botocore parses
it. Every answer of EC2 and STS is XML and has a request id (EC2 API reference, "Common response"; STS, "Making
requests").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from http import HTTPStatus
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any, Final, Self
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from botocore import exceptions as botocore_exceptions
from botocore.httpsession import ProxyConfiguration, URLLib3Session
from urllib3 import exceptions as urllib3_exceptions

from natgw_provider.aws.settings import ConnectionSettings, setting_problem

CONNECT_TIMEOUT_SECONDS: Final = 10
READ_TIMEOUT_SECONDS: Final = 30
"""EC2 answers these calls within a second; after this long the answer counts as lost."""

POOL_CONNECTIONS: Final = 50
"""Connections that are kept open: more than the resources that Terraform usually works on at once (ten)."""

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_METADATA_IPV6: Final = ip_network("fd00:ec2::/32")
"""Instance and container metadata over IPv6 (EC2 user guide, "Instance metadata"); those of IPv4 are link-local."""


class Proxies(ProxyConfiguration):  # type: ignore[misc]  # botocore ships no types
    """Which proxy a request takes, judged as Go's HTTP client does, and with it the AWS provider.

    Source: golang.org/x/net/http/httpproxy and, for the provider block, hashicorp/aws-sdk-go-base (legacy proxy mode).
    Go differs in one place: here no proxy is asked for instance or container metadata, since the proxy would answer
    with its own machine's.
    """

    def __init__(
        self, http: str | None = None, https: str | None = None, no_proxy: str = "", *, bundle: str | None = None
    ) -> None:
        """Take the URLs of proxies, what NO_PROXY says, and the CA bundle for a proxy that itself speaks TLS."""
        super().__init__({"http": http, "https": https}, {"proxy_ca_bundle": bundle} if bundle else {})
        self._direct = [entry for entry in map(str.strip, no_proxy.lower().split(",")) if entry]

    @classmethod
    def of(cls, settings: ConnectionSettings, environ: Mapping[str, str], bundle: str | None = None) -> Self:
        """Return the proxies of a provider block, completed by the environment.

        The block's http_proxy alone also serves HTTPS, unless HTTPS_PROXY is set; https_proxy = "" is no proxy.
        """
        https = _variable(environ, "HTTPS_PROXY")
        if settings.https_proxy is not None:
            https = settings.https_proxy
        elif settings.http_proxy and not https:
            https = settings.http_proxy
        http = _variable(environ, "HTTP_PROXY") if settings.http_proxy is None else settings.http_proxy
        return cls(http, https, _variable(environ, "NO_PROXY"), bundle=bundle)

    def proxy_url_for(self, url: str) -> str | None:
        """Return the URL of the proxy for a request to `url`, or None to send it directly."""
        proxy: str | None = super().proxy_url_for(url)
        if not proxy:
            return None
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]
        address = _address(host)
        if host == "localhost" or (address and (address.is_loopback or address.is_link_local)):
            return None
        if address and address in _METADATA_IPV6:
            return None
        return None if any(_is_named(entry, host, address, port) for entry in self._direct) else proxy


def _is_named(entry: str, host: str, address: IPv4Address | IPv6Address | None, port: int) -> bool:
    """Return whether an entry of NO_PROXY means this host (and `address`, if the host is one) and port.

    It is `*`, an address or network, or a domain; address and domain may name a port.
    """
    if entry == "*":
        return True
    if "/" in entry:
        try:
            return address is not None and address in ip_network(entry, strict=False)
        except ValueError:
            return False
    if _address(entry.strip("[]")) is None:
        entry, _, named_port = entry.partition("]:" if "]" in entry else ":")
        if named_port not in ("", str(port)):
            return False
    if address is not None:
        return _address(entry.strip("[]")) == address
    # "example.com" means itself and what is below it, ".example.com" and "*.example.com" only what is below it.
    domain = entry.removeprefix("*.").removeprefix(".")
    return bool(domain) and (host == entry or host.endswith(f".{domain}"))


def _variable(environ: Mapping[str, str], name: str) -> str:
    return environ.get(name) or environ.get(name.lower()) or ""


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(host)
    except ValueError:
        return None
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


class Transport(URLLib3Session):  # type: ignore[misc]  # botocore ships no types
    """Sends the requests of all clients of a session; safe to share between threads."""

    def __init__(
        self,
        proxies: Proxies,
        bundle: str | None,
        *,
        timeout: tuple[float, float] = (CONNECT_TIMEOUT_SECONDS, READ_TIMEOUT_SECONDS),
    ) -> None:
        """Trust the CA bundle at `bundle`, None for botocore's own; `timeout` is to connect and to read, in seconds."""
        super().__init__(verify=bundle or True, timeout=timeout, max_pool_connections=POOL_CONNECTIONS)
        # botocore would choose by its own rules: loopback takes a proxy, NO_PROXY has no networks.
        self._proxy_config = proxies
        self._bundle = bundle

    @classmethod
    def of(cls, settings: ConnectionSettings, environ: Mapping[str, str], bundle: str | None) -> Self:
        """Return the one for a provider block; `bundle` is the CA bundle of environment or profile.

        Raises ProblemError when the CA bundle cannot be read.
        """
        path = settings.custom_ca_bundle or bundle
        trusted = _checked_bundle(path, "custom_ca_bundle" if settings.custom_ca_bundle else None) if path else None
        return cls(Proxies.of(settings, environ, trusted), trusted)

    def with_timeout(self, seconds: float) -> Transport:
        """Return one for a service that is near: `seconds` to connect and again to read."""
        return Transport(self._proxy_config, self._bundle, timeout=(seconds, seconds))


def _checked_bundle(path: str, setting: str | None) -> str:
    expanded = Path(path).expanduser()
    try:
        # Parsing them all takes 50 ms; that is left to the first connection.
        flaw = None if b"-----BEGIN" in expanded.read_bytes() else "it holds no PEM certificate"
    except OSError as error:
        flaw = error.strerror
    if flaw:
        raise setting_problem(
            "CA bundle cannot be used",
            f'"{path}", named in {setting or "AWS_CA_BUNDLE or ca_bundle of the profile"}, cannot be used: {flaw}. '
            "Correct the path.",
            setting,
        )
    return str(expanded)


# What counts as AWS's answer

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

    fmt = "{said}"

    def __init__(self, found: str, status: int) -> None:
        """Say that `found` came back with an HTTP status; the text of a failure of the server says only that."""
        said = f"HTTP {status} with {found}"
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            said += (
                " is not an answer from AWS: something else answered (a proxy, a login page of the network, a wrong "
                "endpoint), or the answer was cut short"
            )
        super().__init__(said=said)
        self.status = status


class AwsAnswers:
    """Sends the requests of clients of EC2 and STS; raises NotAnAwsAnswer instead of returning what is not AWS's."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport

    def send(self, request: Any) -> Any:
        """Send one prepared request of botocore and return AWS's answer, read to its end."""
        request.stream_output = True  # the body is then left unread
        response = self._transport.send(request)
        response.raw = SimpleNamespace(stream=partial(_limited, response.raw, response.status_code))
        try:
            body = response.content
        except urllib3_exceptions.ReadTimeoutError as error:
            raise botocore_exceptions.ReadTimeoutError(endpoint_url=request.url, error=error) from error
        except urllib3_exceptions.HTTPError as error:
            raise botocore_exceptions.ConnectionClosedError(endpoint_url=request.url, error=error) from error
        if found := _not_from_aws(response.status_code, response.headers, body):
            raise NotAnAwsAnswer(found, response.status_code)
        return response


def _limited(raw: Any, status: int) -> Iterator[bytes]:
    """Yield the body of an answer as it comes, up to the limits of size and time."""
    read = getattr(raw, "read1", raw.read)  # what has come, in urllib3 2; else a chunk of full size
    size, deadline = 0, monotonic() + BODY_SECONDS
    while chunk := read(_CHUNK):
        size += len(chunk)
        found = None
        if size > ANSWER_BYTES_MAXIMUM:
            found = f"more than {ANSWER_BYTES_MAXIMUM} bytes"
        elif monotonic() > deadline:
            found = f"a body that takes longer than {BODY_SECONDS} s"
        if found:
            raw.close()
            raise NotAnAwsAnswer(found, status)
        yield chunk


def member(answer: Mapping[str, Any], name: str) -> Any:
    """Return a member of an answer as botocore parsed it. Raises NotAnAwsAnswer when it is absent.

    An empty set is an empty list; what is absent was not in the answer at all.
    """
    metadata = answer.get("ResponseMetadata", {})
    if name not in answer or not metadata.get("RequestId"):
        status = int(metadata.get("HTTPStatusCode", HTTPStatus.OK))
        raise NotAnAwsAnswer(f"an answer that has no {name} or no request id", status)
    return answer[name]


def _not_from_aws(status: int, headers: Any, body: bytes) -> str | None:
    """Return what an answer is that does not come from AWS; None when it does."""
    if status in _REDIRECTS:
        target = urlsplit(headers.get("Location", ""))
        return f"a redirect to {target.scheme}://{target.hostname}" if target.hostname else "a redirect"
    kind = _kind(headers, body)
    try:
        root = ET.fromstring(body)  # noqa: S314 - expat reads no external entity and limits the internal ones
    except ET.ParseError:
        return kind
    if any(element.tag.rpartition("}")[2].lower() == "requestid" for element in (*root, *root.iterfind("*/*"))):
        return None
    return kind if kind == _WEB_PAGE else f"{kind} without a request id"


def _kind(headers: Any, body: bytes) -> str:
    if not body:
        return "an empty body"
    if headers.get("Content-Encoding"):
        return f"a body encoded as {headers['Content-Encoding'][:40]}"
    if b"<html" in body[:_HEAD_BYTES].lower():
        return _WEB_PAGE
    return f"{headers.get('Content-Type', '').partition(';')[0].strip()[:80] or 'a body of no type'}, {len(body)} bytes"
