"""What is said of an exception of botocore: its own words, or ours where its words may quote a secret.

What cannot be sent or parsed is quoted: a token with a line break, the Authorization header, a proxy's URL with its
password, an answer of sts with the credentials in it. They come from the provider block as well as from environment and
profiles, so nothing here relies on knowing the secrets: what may be quoted is decided by the kind of the exception.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final

from botocore import exceptions as botocore_exceptions
from botocore.parsers import ResponseParserError

from natgw_provider.ec2.never_sent import innermost, is_refused_tunnel, never_sent

_TELLING: Final = (
    botocore_exceptions.ConnectionClosedError,
    botocore_exceptions.ReadTimeoutError,
    json.JSONDecodeError,
)
"""Kinds that say nothing but where or what they are, though their base says more."""

_QUOTING_NOTHING: Final = frozenset({"Port out of range 0-65535", "Invalid IPv6 URL"})
"""What urllib.parse says of a URL; its other words quote it."""

_USUAL_CAUSES: Final = (
    "Usual causes: a line break or another character that cannot be sent in a key or token (also in AWS_SESSION_TOKEN "
    "and its like), or a proxy's URL (also in HTTPS_PROXY) that cannot be parsed"
)
_LOGIN: Final = re.compile(r"(?:\w+://.*|\S*)@", re.DOTALL)
"""What stands before an "@": in a URL, however broken, a name and a password."""

_PROXY: Final = re.compile(
    r"(?P<scheme>https?://)(?:[^@/?#\s]*@)?(?P<host>(?:[\w.-]+|\[[\da-f:.]+\])(?::\d+)?)/?", re.IGNORECASE
)


def told(error: Exception) -> str:
    """Return what to tell of `error`, without a full stop and without a secret."""
    if isinstance(error, botocore_exceptions.ProxyConnectionError):
        return _of_a_proxy(error)
    if isinstance(error, ResponseParserError):
        return str(error).partition("\n")[0].rstrip(": ")
    if _may_quote(error):
        return f"{_reason_that_quotes_nothing(innermost(error))}. {_USUAL_CAUSES}"
    return without_logins(error)


def without_logins(error: Exception) -> str:
    """Return the words of `error` without the names and passwords of URLs."""
    return _LOGIN.sub("***@", str(error))


def concealed(error: Exception, tell: Callable[[Exception], str] = told) -> str:
    """Return what to tell of `error`, and make it say no more itself: the debug log prints it as a cause."""
    text = tell(error)
    if text != str(error):
        error.args = (text,)
        error.__cause__ = error.__context__ = None
    return text


def _may_quote(error: Exception) -> bool:
    if isinstance(error, _TELLING):
        return False
    if isinstance(error, botocore_exceptions.BotoCoreError):
        return isinstance(error, botocore_exceptions.HTTPClientError)
    return not (isinstance(error, OSError) and error.strerror)


def _reason_that_quotes_nothing(beneath: BaseException) -> str:
    if str(beneath) in _QUOTING_NOTHING:
        return str(beneath)
    return f"{_reason(beneath)}, in words that are not shown because they may quote a secret"


def _of_a_proxy(error: botocore_exceptions.ProxyConnectionError) -> str:
    found = _PROXY.fullmatch(str(error.kwargs.get("proxy_url")))
    proxy = f"the proxy {found['scheme']}{found['host']}" if found else "the proxy"
    reason = _LOGIN.sub("***@", _reason(innermost(error)))
    if never_sent(error):
        return f"no connection through {proxy}: {reason}"
    return f"the connection through {proxy} broke off: {reason}"


def _reason(beneath: BaseException) -> str:
    """Return the system's words for a failure, or a proxy's refusal, or else the kind of the exception."""
    for error in (beneath, beneath.__cause__):
        if isinstance(error, OSError) and error.strerror:
            return error.strerror
    return str(beneath) if is_refused_tunnel(beneath) else type(beneath).__name__
