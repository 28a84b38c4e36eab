"""moto's STS and IAM, for the callers' side of a rehearsal: GetCallerIdentity, AssumeRole, users and roles.

moto keeps both in one registry for each account. To share nothing, every simulator works under an account number of
its own there, which is translated to the one that its clients see, and back.
"""

from __future__ import annotations

import io
import itertools
from typing import Any, Final

from moto.iam.models import iam_backends
from moto.iam.responses import IamResponse
from moto.sts.models import sts_backends
from moto.sts.responses import TokenResponse

from natgw_provider.simulator.moto_surroundings import MotoAnswer, dispatch

RESPONSES: Final = {"sts": TokenResponse, "iam": IamResponse}
"""The services that are answered here."""

_ACCOUNT_HEADER: Final = "HTTP_X_MOTO_ACCOUNT_ID"
_inner_accounts = itertools.count(900_000_000_001)


class MotoIdentity:
    """STS and IAM of one simulator, seen by its clients as `account_id`."""

    def __init__(self, account_id: str) -> None:
        self._outer = account_id
        self._inner = str(next(_inner_accounts))

    def answer(self, service: str, environ: dict[str, Any]) -> MotoAnswer:
        """Let moto answer: as this simulator's account, or as the account of a role's temporary key."""
        body = environ["wsgi.input"].read().replace(self._outer.encode(), self._inner.encode())
        account = self._account_of(environ.get("HTTP_AUTHORIZATION", ""))
        inner_environ = {**environ, "wsgi.input": io.BytesIO(body), _ACCOUNT_HEADER: account}
        status, headers, answer = dispatch(RESPONSES[service](), inner_environ)
        text = answer.decode() if isinstance(answer, bytes) else answer
        return status, headers, text.replace(self._inner, self._outer)

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
