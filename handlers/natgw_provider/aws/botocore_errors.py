"""Sorts what botocore raises into `errors`: the one place that knows AWS's error codes and botocore's exceptions.

Three questions are answered here: which of our errors it is, whether the request was sent, and what may be quoted.

An unknown code is permanent. An unknown failure on the way means that the answer is lost. Neither leads to a blind
repetition. Sources: EC2 API reference, "Error codes"; facts observed in public reports are marked.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore import exceptions as botocore_exceptions
from botocore.parsers import ResponseParserError
from urllib3 import exceptions as urllib3_exceptions
from urllib3.util.ssl_match_hostname import CertificateError

from natgw_provider.aws import errors
from natgw_provider.aws.answers import NotAnAwsAnswer

_NOT_FOUND: Final = frozenset(
    {
        "NatGatewayNotFound",
        "InvalidNatGatewayID.NotFound",
        "InvalidNatGatewayID.Malformed",
        "InvalidNatGatewayId.NotFound",
        "NatGatewayMalformed",
    }
)
_BUSY: Final = re.compile(r"OperationInProgress|Incorrect(\w*)State|ConcurrentModification\w*|Resource(InUse|Busy)")
_THROTTLED: Final = frozenset(
    {
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "ThrottledException",
        "RequestThrottled",
        "RequestThrottledException",
        "TooManyRequestsException",
        "EC2ThrottledException",
        "BandwidthLimitExceeded",
        "SlowDown",
    }
)
_DENIED: Final = frozenset({"UnauthorizedOperation", "AccessDenied", "AccessDeniedException"})
_CREDENTIALS: Final = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IDPRejectedClaim",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidIdentityToken",
        "MissingAuthenticationToken",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_NO_CREDENTIALS: Final = (
    botocore_exceptions.NoCredentialsError,
    botocore_exceptions.PartialCredentialsError,
    botocore_exceptions.CredentialRetrievalError,
    botocore_exceptions.TokenRetrievalError,
    botocore_exceptions.SSOError,
    getattr(botocore_exceptions, "LoginError", botocore_exceptions.NoCredentialsError),  # newer than boto3 1.40
    botocore_exceptions.InfiniteLoopConfigError,
    botocore_exceptions.InvalidConfigError,
    botocore_exceptions.RefreshWithMFAUnsupportedError,
)
_OUR_MISTAKE: Final = (
    botocore_exceptions.ParamValidationError,
    botocore_exceptions.OperationNotPageableError,
    botocore_exceptions.UnknownServiceError,
)
_RESULT: Final = "Result"
"""How the element ends that botocore's parser looks for in an answer of sts; it raises KeyError without it."""

_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_NOT_IMPLEMENTED: Final = 501
_ENCODED: Final = re.compile(r"\s*Encoded authorization failure message:\s*(\S+)")


# Which of our errors it is


@contextmanager
def sorted_errors(action: str) -> Iterator[None]:
    """Turn what botocore raises inside into an `Ec2Error`, with the cause chained and no secret in it.

    The error's action is the call that failed: `action`, or a call on the way to its credentials such as AssumeRole.
    """
    try:
        yield
    except errors.LostAnswer as error:
        raise _of_call(action, error) from error.__cause__
    except botocore_exceptions.ClientError as error:
        raise _of_call(action, sort_answer(error.operation_name, error.response)) from error
    except botocore_exceptions.BotoCoreError as error:
        raise _of_call(action, _sort_local(_operation(error, action), error, redact(error))) from error
    except KeyError as error:
        if not str(error.args[0]).endswith(_RESULT):
            raise
        found = f"an answer that has no {error.args[0]}"
        raise _of_call(action, errors.NotFromAws(_operation(error, action), "NotAnAwsAnswer", found)) from error
    except (ResponseParserError, OSError, ValueError) as error:  # no BotoCoreErrors; the request may have left
        lost = errors.LostAnswer(_operation(error, action), type(error).__name__, redact(error))
        raise _of_call(action, lost) from error


def note_operation(exception: Exception, event_name: str, **_: Any) -> None:
    """Remember in an exception which operation failed, as botocore does for answers; hears "after-call-error"."""
    if not hasattr(exception, "operation_name"):
        exception.operation_name = event_name.rsplit(".", 1)[-1]  # type: ignore[attr-defined]


def sort_answer(action: str, answer: dict[str, Any]) -> errors.Ec2Error:
    """Return the error that an error answer (a ClientError's `response`) stands for."""
    error, metadata = answer.get("Error", {}), answer.get("ResponseMetadata", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    status, request_id = int(metadata.get("HTTPStatusCode", 0)), str(metadata.get("RequestId", ""))
    if code in _DENIED:
        encoded = _ENCODED.search(message)
        return errors.AccessDenied(
            action, code, _ENCODED.sub("", message), request_id, status, encoded_message=encoded[1] if encoded else ""
        )
    # botocore makes the status the code of an answer that says no more.
    named = code if code and code != str(status) else f"HTTP {status}"
    return _kind(code, status)(action, named, message, request_id, status)


def _kind(code: str, status: int) -> type[errors.Ec2Error]:
    if code in _THROTTLED or status == _TOO_MANY_REQUESTS:
        return errors.Throttled
    if code in _NOT_FOUND:
        return errors.GatewayNotFound
    if _BUSY.fullmatch(code):
        return errors.Busy
    if code in _CREDENTIALS:
        return errors.CredentialsInvalid
    if status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED:
        return errors.LostAnswer
    return errors.Rejected


def _sort_local(action: str, error: botocore_exceptions.BotoCoreError, text: str) -> errors.Ec2Error:
    name = type(error).__name__
    if isinstance(error, NotAnAwsAnswer):
        is_aws_perhaps = error.status >= _SERVER_ERROR or error.status == _TOO_MANY_REQUESTS
        kind = _kind("", error.status) if is_aws_perhaps else errors.NotFromAws
        return kind(action, name, text, http_status=error.status)
    if isinstance(error, _NO_CREDENTIALS):
        return errors.CredentialsInvalid(action, name, text)
    if is_final(error) or isinstance(error, _OUR_MISTAKE):
        return errors.Rejected(action, name, text)
    if never_sent(error):
        return errors.Unreachable(action, name, text)
    return errors.LostAnswer(action, name, text)


def _operation(error: Exception, action: str) -> str:
    return str(getattr(error, "operation_name", action))


def _of_call(action: str, error: errors.Ec2Error) -> errors.Ec2Error:
    """Return `error` as it concerns the call `action`.

    A request is signed before it is sent. So when the answer to a call for credentials is lost, `action` was not sent.
    """
    if isinstance(error, errors.LostAnswer) and error.action != action:
        return errors.Unreachable(error.action, error.code, error.message, error.request_id, error.http_status)
    return error


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

    Only then may a mutating call be repeated without a look. botocore calls every failure on a connection through a
    proxy a ProxyConnectionError once that connection is closed, and losing the answer closes it. The innermost error
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
