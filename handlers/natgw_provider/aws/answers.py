"""Judges what came back for a call before botocore parses it: only an answer of AWS counts.

A proxy that inspects TLS may answer in AWS's place with a login page. botocore takes any well-formed XML for an answer
that leaves everything out, and a gateway without addresses would follow. Every answer of EC2 and STS is XML and has a
request id (EC2 API reference, "Common response"; STS, "Making requests").
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from time import monotonic
from typing import Any, Final, NoReturn
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

from botocore import exceptions as botocore_exceptions
from urllib3 import exceptions as urllib3_exceptions

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
                self._give_up(f"more than {ANSWER_BYTES_MAXIMUM} bytes")
            if monotonic() > deadline:
                self._give_up(f"a body that takes longer than {BODY_SECONDS} s")
            yield chunk

    def _give_up(self, found: str) -> NoReturn:
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
    """Return why this is no answer of AWS's; None when it is one."""
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
        f"{answered} is not an answer of AWS: something else answered (a proxy, a login page of the network, a wrong "
        "endpoint), or the answer was cut short"
    )
