"""Sorts what botocore raises into `errors`: the one place that knows AWS's error codes and botocore's exceptions.

Sources: EC2 API reference, "Error codes"; facts observed in public reports are marked. An unknown code is permanent,
an unknown failure on the way means that the answer is lost: neither leads to a blind repetition.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from botocore import exceptions as botocore_exceptions
from botocore.parsers import ResponseParserError

from natgw_provider.ec2 import errors
from natgw_provider.ec2.error_texts import concealed
from natgw_provider.ec2.never_sent import never_sent

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
_TOO_MANY_REQUESTS: Final = 429
_SERVER_ERROR: Final = 500
_ENCODED: Final = re.compile(r"\s*Encoded authorization failure message:\s*(\S+)")


@contextmanager
def sorted_errors(action: str) -> Iterator[None]:
    """Turn what botocore raises inside into an `Ec2Error` of `action`, with the cause chained and no secret in it."""
    try:
        yield
    except botocore_exceptions.ClientError as error:
        raise sort_answer(action, error.response) from error
    except botocore_exceptions.BotoCoreError as error:
        raise _sort_local(action, error, concealed(error)) from error
    except (ResponseParserError, OSError, ValueError) as error:  # no BotoCoreErrors; the request may have left
        raise errors.LostAnswer(action, type(error).__name__, concealed(error)) from error


def sort_answer(action: str, answer: dict[str, Any]) -> errors.Ec2Error:
    """Return the error that an error answer (a ClientError's `response`) stands for."""
    error, metadata = answer.get("Error", {}), answer.get("ResponseMetadata", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    status, request_id = int(metadata.get("HTTPStatusCode", 0)), str(metadata.get("RequestId", ""))
    if code in _DENIED:
        encoded = _ENCODED.search(message)
        return errors.AccessDenied(
            action, code, _ENCODED.sub("", message), request_id, encoded_message=encoded[1] if encoded else ""
        )
    return _kind(code, status)(action, code or f"HTTP {status}", message, request_id)


def _kind(code: str, status: int) -> type[errors.Ec2Error]:
    if code in _THROTTLED or status == _TOO_MANY_REQUESTS:
        return errors.Throttled
    if code in _NOT_FOUND:
        return errors.GatewayNotFound
    if _BUSY.fullmatch(code):
        return errors.Busy
    if code in _CREDENTIALS:
        return errors.CredentialsInvalid
    if status >= _SERVER_ERROR:
        return errors.LostAnswer
    return errors.Rejected


def _sort_local(action: str, error: botocore_exceptions.BotoCoreError, text: str) -> errors.Ec2Error:
    name = type(error).__name__
    if isinstance(error, _NO_CREDENTIALS):
        return errors.CredentialsInvalid(action, name, text)
    if never_sent(error):
        return errors.Unreachable(action, name, text)
    if isinstance(error, _OUR_MISTAKE):
        return errors.Rejected(action, name, text)
    return errors.LostAnswer(action, name, text)
