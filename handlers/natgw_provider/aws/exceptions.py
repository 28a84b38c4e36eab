"""What an exception of botocore says of a call without an answer: was it sent, can it succeed, what may be quoted.

`errors` makes this provider's errors of it.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable
from typing import Final

from botocore import exceptions as botocore_exceptions
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as urllib3_exceptions
from urllib3.util.ssl_match_hostname import CertificateError

from natgw_provider.aws.transport import NotAnAwsAnswer

# Whether the request was sent

_NO_CONNECTION: Final = (botocore_exceptions.EndpointConnectionError, botocore_exceptions.ConnectTimeoutError)
"""botocore makes them of what urllib3 raises while it connects, and of nothing that it raises later."""

_NO_CONNECTION_TO_THE_PROXY: Final = (
    urllib3_exceptions.NewConnectionError,
    urllib3_exceptions.ConnectTimeoutError,
    socket.gaierror,
)
_TUNNEL_REFUSED: Final = "Tunnel connection failed"
"""How http.client begins what it raises when the proxy refuses CONNECT; the kind alone, OSError, says nothing."""

_CERTIFICATE: Final = (ssl.SSLCertVerificationError, CertificateError)
_HEADER: Final = "Invalid header"
"""How http.client begins what it raises for a header that it does not send, such as a token with a line break."""


def never_sent(error: BaseException) -> bool:
    """Return whether `error`, from botocore, proves that there was no connection for the request to leave on.

    Only then may a mutating call be repeated at once. botocore calls every failure on a connection through a proxy a
    ProxyConnectionError once that connection is closed, and losing the answer closes it. The innermost error
    tells the two apart; without a proof the request counts as sent.
    """
    if isinstance(error, botocore_exceptions.ProxyConnectionError):
        inner = innermost(error)
        return isinstance(inner, (*_NO_CONNECTION_TO_THE_PROXY, *_CERTIFICATE)) or _is_refused_tunnel(inner)
    return isinstance(error, _NO_CONNECTION)


def is_final(error: BaseException) -> bool:
    """Return whether `error`, from botocore, comes back however often the call is tried, and nothing was sent.

    These are a certificate that does not verify, a CA bundle that cannot be parsed, and a header or a URL that cannot
    be sent.
    """
    inner = innermost(error)
    if isinstance(inner, ssl.SSLError) and getattr(inner, "library", "") == "X509":
        return True
    is_unsendable = isinstance(inner, urllib3_exceptions.LocationValueError | UnicodeEncodeError) or (
        isinstance(inner, ValueError) and str(inner).startswith(_HEADER)
    )
    return isinstance(inner, _CERTIFICATE) or is_unsendable


def innermost(error: BaseException) -> BaseException:
    """Return what botocore and urllib3 wrapped into `error`, or `error` itself.

    Python's own chain is no guide: an error that is raised while another one is handled has that one as its context.
    """
    while (inner := _wrapped(error)) is not None:
        error = inner
    return error


def _wrapped(error: BaseException) -> BaseException | None:
    if isinstance(error, botocore_exceptions.BotoCoreError):
        inner = error.kwargs.get("error")
    elif isinstance(error, urllib3_exceptions.ProxyError):
        inner = error.original_error
    elif isinstance(error, urllib3_exceptions.SSLError | urllib3_exceptions.ProtocolError):
        inner = error.args[-1] if error.args else None
    else:
        inner = None
    return inner if isinstance(inner, BaseException) else None


def _is_refused_tunnel(inner: BaseException) -> bool:
    return isinstance(inner, OSError) and str(inner).startswith(_TUNNEL_REFUSED)


# What may be quoted
#
# botocore quotes what it cannot send or parse: a token with a line break, the Authorization header, a proxy's URL with
# its password, an answer of sts with credentials in it. They come from the provider block as well as from environment
# and profiles, so nothing here relies on knowing the secrets: the kind of the exception decides what may be quoted.

_QUOTED_AS_THEY_ARE: Final = (
    botocore_exceptions.ConnectionClosedError,
    botocore_exceptions.ReadTimeoutError,
    json.JSONDecodeError,
    NotAnAwsAnswer,
)
"""Kinds that say nothing but where or what they are, though their base says more."""

_HARMLESS: Final = frozenset({"Port out of range 0-65535", "Invalid IPv6 URL"})
"""What urllib.parse says of a URL; its other words quote it."""

_USUAL_CAUSES: Final = (
    "Usual causes: a line break or another character that cannot be sent in a key or token (also in AWS_SESSION_TOKEN "
    "and its like), or a proxy's URL (also in HTTPS_PROXY) that cannot be parsed"
)
_TRUST: Final = (
    "The certificate is not signed by an authority that natgw trusts. Where a proxy inspects TLS, or the endpoint has "
    "a private authority, name the file with that authority's certificate (PEM) in custom_ca_bundle of the provider "
    "block, or in AWS_CA_BUNDLE"
)
_OTHER_HOST: Final = (
    "The certificate is valid, but for another host: check endpoints of the provider block, AWS_ENDPOINT_URL, DNS and "
    "proxies. custom_ca_bundle and AWS_CA_BUNDLE only add authorities to trust"
)
_LOGIN: Final = re.compile(r"(?:\w+://.*|\S*)@", re.DOTALL)
"""What stands before an "@": in a URL, however broken, a name and a password."""

_PROXY: Final = re.compile(
    r"(?P<scheme>https?://)(?:[^@/?#\s]*@)?(?P<host>(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?)/?", re.IGNORECASE
)


def redacted_text(error: Exception) -> str:
    """Return what `error` says, without a full stop and without a secret."""
    inner = innermost(error)
    if isinstance(error, botocore_exceptions.ProxyConnectionError):
        text = _of_a_proxy(error)
    elif isinstance(error, ResponseParserError):
        text = str(error).partition("\n")[0].rstrip(": ")
    elif _may_quote_a_secret(error):
        text = f"{_harmless_reason(inner)}. {_USUAL_CAUSES}"
    else:
        text = without_logins(error)
    if isinstance(inner, _CERTIFICATE):
        text += f". {_OTHER_HOST if _names_another_host(inner) else _TRUST}"
    return text


def without_logins(error: Exception) -> str:
    """Return the words of `error` without the names and passwords of URLs."""
    return _LOGIN.sub("***@", str(error))


def redact(error: Exception, text_of: Callable[[Exception], str] = redacted_text) -> str:
    """Return what `error` says, and make it say no more itself: the debug log prints it as a cause."""
    text = text_of(error)
    if text != str(error):
        error.args = (text,)
        error.__cause__ = error.__context__ = None
    return text


def _names_another_host(inner: BaseException) -> bool:
    return isinstance(inner, CertificateError) or "mismatch" in str(inner)


def _may_quote_a_secret(error: Exception) -> bool:
    if isinstance(error, _QUOTED_AS_THEY_ARE):
        return False
    if isinstance(error, botocore_exceptions.BotoCoreError):
        return isinstance(error, botocore_exceptions.HTTPClientError)
    return not (isinstance(error, OSError) and error.strerror)


def _harmless_reason(inner: BaseException) -> str:
    if str(inner) in _HARMLESS:
        return str(inner)
    return f"{_reason(inner)}, in words that are not shown because they may quote a secret"


def _of_a_proxy(error: botocore_exceptions.ProxyConnectionError) -> str:
    found = _PROXY.fullmatch(str(error.kwargs.get("proxy_url")))
    proxy = f"the proxy {found['scheme']}{found['host']}" if found else "the proxy"
    reason = _LOGIN.sub("***@", _reason(innermost(error)))
    if never_sent(error):
        return f"no connection through {proxy}: {reason}"
    return f"the connection through {proxy} broke off: {reason}"


def _reason(inner: BaseException) -> str:
    """Return the system's words for a failure, or a proxy's refusal, or else the kind of the exception."""
    for error in (inner, inner.__cause__):
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
    return str(inner) if _is_refused_tunnel(inner) else type(inner).__name__
