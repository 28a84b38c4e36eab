"""What can go wrong with a call to AWS, by what to do about it: wait, repeat, read first, or stop.

Own exceptions with the cause chained; `sorted_errors` makes them of botocore's. It is the one place that sorts AWS's
error codes; `hints` in `core.address_kinds` say what a user can do about one. An unknown code is permanent. An unknown
failure on the way means that the answer is lost. Neither leads to a blind repetition. No text may hold a credential.
Sources: EC2 API reference, "Error codes".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore import exceptions as botocore_exceptions
from botocore.parsers import ResponseParserError

from natgw_provider.aws.exceptions import is_final, never_sent, redact
from natgw_provider.aws.transport import NotAnAwsAnswer

_SERVER_ERROR: Final = 500


class Ec2Error(Exception):
    """A call to AWS that did not answer as hoped.

    Attributes:
        action: the operation, such as "DescribeNatGateways".
        code: AWS's error code, or the name of what happened on the way.
        message: AWS's words, or what happened on the way.
        request_id: AWS's id for the request; empty when there was no answer.
        http_status: the HTTP status of the answer; 0 when there was no answer.
    """

    def __init__(self, action: str, code: str, message: str, request_id: str = "", http_status: int = 0) -> None:
        super().__init__(action, code, message, request_id, http_status)
        self.action = action
        self.code = code
        self.message = message
        self.request_id = request_id
        self.http_status = http_status

    @property
    def said(self) -> str:
        """What was answered, or what happened instead: "code: message (HTTP status, request id)".

        The status is only stated for a failure of the server: elsewhere AWS's code says more.
        """
        status = f"HTTP {self.http_status}"
        facts = [status] if self.http_status >= _SERVER_ERROR and self.code != status else []
        facts += [f"request id {self.request_id}"] if self.request_id else []
        return f"{self.code}: {self.message}" + (f" ({', '.join(facts)})" if facts else "")

    def __str__(self) -> str:
        """Return "action: code: message (HTTP status, request id)"; see `said`."""
        return f"{self.action}: {self.said}"


class GatewayNotFound(Ec2Error):  # noqa: N818 - the condition is the name; the base says that it is an error
    """The gateway does not exist."""


class Busy(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """Refused because the gateway is changing: wait until it is idle, then call again."""


class Throttled(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """Refused for the rate of requests: nothing happened, call again later."""


class Unreachable(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """The request was not sent: nothing happened, call again later."""


class LostAnswer(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """No answer, or one that says nothing (HTTP 5xx): a mutating call may have acted, so read before repeating it."""


class NotFromAws(LostAnswer):
    """Something other than AWS answered, such as a proxy's login page; AWS may have got the request or not."""


class Abandoned(LostAnswer):
    """The call had not ended when a stop was requested, or when the time for the change was over."""

    def __init__(self, action: str) -> None:
        super().__init__(action, "NoAnswerYet", "no answer when the time was over or a stop was requested")


class AccessDenied(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """The credentials lack a permission. `encoded_message` is what sts:DecodeAuthorizationMessage takes, or empty."""

    encoded_message = ""


class CredentialsInvalid(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """No credentials, or ones that AWS does not accept (any more)."""


class Rejected(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """Refused for good: calling again changes nothing."""


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
_RESULT: Final = "Result"
"""How the element ends that botocore's parser looks for in an answer of sts; it raises KeyError without it."""

_TOO_MANY_REQUESTS: Final = 429
_NOT_IMPLEMENTED: Final = 501
_ENCODED: Final = re.compile(r"\s*Encoded authorization failure message:\s*(\S+)")


@contextmanager
def sorted_errors(action: str) -> Iterator[None]:
    """Turn what botocore raises inside into an `Ec2Error`, with the cause chained and no secret in it.

    The error's action is the call that failed: `action`, or a call on the way to its credentials such as AssumeRole.
    """
    try:
        yield
    except LostAnswer as error:
        raise _of_call(action, error) from error.__cause__
    except botocore_exceptions.ClientError as error:
        raise _of_call(action, sort_answer(error.operation_name, error.response)) from error
    except botocore_exceptions.BotoCoreError as error:
        raise _of_call(action, _sort_local(_operation(error, action), error, redact(error))) from error
    except KeyError as error:
        if not str(error.args[0]).endswith(_RESULT):
            raise
        found = f"an answer that has no {error.args[0]}"
        raise _of_call(action, NotFromAws(_operation(error, action), "NotAnAwsAnswer", found)) from error
    except (ResponseParserError, OSError, ValueError) as error:  # no BotoCoreErrors; the request may have left
        lost = LostAnswer(_operation(error, action), type(error).__name__, redact(error))
        raise _of_call(action, lost) from error


def note_operation(exception: Exception, event_name: str, **_: Any) -> None:
    """Remember in an exception which operation failed, as botocore does for answers; for "after-call-error"."""
    if not hasattr(exception, "operation_name"):
        exception.operation_name = event_name.rsplit(".", 1)[-1]  # type: ignore[attr-defined]


def sort_answer(action: str, answer: dict[str, Any]) -> Ec2Error:
    """Return the error that an error answer (a ClientError's `response`) stands for."""
    error, metadata = answer.get("Error", {}), answer.get("ResponseMetadata", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    status, request_id = int(metadata.get("HTTPStatusCode", 0)), str(metadata.get("RequestId", ""))
    if code in _DENIED:
        denied = AccessDenied(action, code, _ENCODED.sub("", message), request_id, status)
        if encoded := _ENCODED.search(message):
            denied.encoded_message = encoded[1]
        return denied
    # botocore makes the status the code of an answer that says no more.
    named = code if code and code != str(status) else f"HTTP {status}"
    return _kind(code, status)(action, named, message, request_id, status)


def _kind(code: str, status: int) -> type[Ec2Error]:
    if code in _THROTTLED or status == _TOO_MANY_REQUESTS:
        return Throttled
    if code in _NOT_FOUND:
        return GatewayNotFound
    if _BUSY.fullmatch(code):
        return Busy
    if code in _CREDENTIALS:
        return CredentialsInvalid
    if status >= _SERVER_ERROR and status != _NOT_IMPLEMENTED:
        return LostAnswer
    return Rejected


def _sort_local(action: str, error: botocore_exceptions.BotoCoreError, text: str) -> Ec2Error:
    name = type(error).__name__
    if isinstance(error, NotAnAwsAnswer):
        is_aws_perhaps = error.status >= _SERVER_ERROR or error.status == _TOO_MANY_REQUESTS
        kind = _kind("", error.status) if is_aws_perhaps else NotFromAws
        return kind(action, name, text, http_status=error.status)
    if isinstance(error, _NO_CREDENTIALS):
        return CredentialsInvalid(action, name, text)
    if is_final(error) or isinstance(error, botocore_exceptions.ParamValidationError):
        return Rejected(action, name, text)
    if never_sent(error):
        return Unreachable(action, name, text)
    return LostAnswer(action, name, text)


def _operation(error: Exception, action: str) -> str:
    return str(getattr(error, "operation_name", action))


def _of_call(action: str, error: Ec2Error) -> Ec2Error:
    """Return `error` as it concerns the call `action`.

    A request is signed before it is sent. So when the answer to a call for credentials is lost, `action` was not sent.
    """
    if isinstance(error, LostAnswer) and error.action != action:
        return Unreachable(error.action, error.code, error.message, error.request_id, error.http_status)
    return error
