"""moto's answers for the actions that are not ours: the rest of EC2, STS and IAM.

moto keeps STS and IAM in one registry for each account. To share nothing, every simulator works under an account
number of its own there, which is translated to the one that its clients see, and back.
"""

from __future__ import annotations

import io
import itertools
from http import HTTPStatus
from typing import Any, Final

from moto.core.request import Request
from moto.core.responses import ActionResult
from moto.ec2.responses import EC2Response
from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse
from werkzeug.wrappers import Response

_IDENTITY: Final = {"sts": TokenResponse, "iam": IamResponse}
_inner_accounts = itertools.count(900_000_000_001)


def answer_ec2(backend: Any, request: Request, region: str) -> Response:
    """Let moto answer an EC2 request. Raises NotImplementedError for an action that moto does not know."""
    return _dispatch(_Ec2(backend), request, f"ec2.{region}.amazonaws.com", request.get_data())


class Identity:
    """STS and IAM of one simulator, seen by its clients as `account_id`."""

    def __init__(self, account_id: str) -> None:
        self._outer = account_id
        self._inner = str(next(_inner_accounts))

    def answer(self, service: str, request: Request, region: str) -> Response:
        """Let moto answer: as this simulator's account, or as the account of a role's temporary key."""
        body = request.get_data().replace(self._outer.encode(), self._inner.encode())
        account = self._account_of(request.headers.get("Authorization", ""))
        response = _dispatch(_IDENTITY[service](), request, f"{service}.{region}.amazonaws.com", body, account)
        response.set_data(response.get_data().replace(self._inner.encode(), self._outer.encode()))
        return response

    def forget(self) -> None:
        """Drop everything of this simulator's account."""
        iam_backends.pop(self._inner, None)
        sts_backends.pop(self._inner, None)

    def _account_of(self, authorization: str) -> str:
        known = (
            account
            for account, partitions in list(iam_backends.items())
            for backend in list(partitions.values())
            if any(f"={key}/" in authorization for key in backend.access_keys)
        )
        return next(known, self._inner)


class _Ec2(EC2Response):
    """moto's EC2 actions on a backend of our own."""

    def __init__(self, backend: Any) -> None:
        super().__init__()
        self._backend = backend

    @property
    def ec2_backend(self) -> Any:
        return self._backend

    def serialized(self, action_result: ActionResult) -> tuple[int, dict[str, Any], str | bytes]:
        status, headers, body = super().serialized(action_result)
        if getattr(action_result.result, "code", None) == "DryRunOperation":
            status = HTTPStatus.PRECONDITION_FAILED
        return status, headers, body


def _dispatch(service: Any, request: Request, host: str, body: bytes, account: str | None = None) -> Response:
    """Let one of moto's response classes answer a request, as if it had come to the host that AWS has for it."""
    environ = request.environ | {"HTTP_HOST": host, "wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
    if account:
        environ["HTTP_X_MOTO_ACCOUNT_ID"] = account
    status, headers, text = service._dispatch(Request(environ))  # noqa: SLF001 # `dispatch` makes an instance of its own
    kept = {name: str(value) for name, value in headers.items() if name.lower() not in {"status", "date", "server"}}
    return Response(text, status, {"Content-Type": "text/xml"} | kept)
