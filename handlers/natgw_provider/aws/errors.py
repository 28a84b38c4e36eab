"""What can go wrong with a call to AWS, by what to do about it: wait, ask again, look first, or give up.

Own exceptions with the cause chained, and no botocore: `botocore_errors` sorts the vendor's exceptions into these.
No text here may hold a credential.
"""

from __future__ import annotations

from typing import Final

from natgw_provider.core.problems import Problem, ProblemError

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

        The status is only told of a failure of the server: elsewhere AWS's code says more.
        """
        status = f"HTTP {self.http_status}"
        facts = [status] if self.http_status >= _SERVER_ERROR and self.code != status else []
        facts += [f"request id {self.request_id}"] if self.request_id else []
        return f"{self.code}: {self.message}" + (f" ({', '.join(facts)})" if facts else "")

    def __str__(self) -> str:
        """Return "action: code: message (HTTP status, request id)"; see `said`."""
        return f"{self.action}: {self.said}"


class GatewayNotFound(Ec2Error):  # noqa: N818 - the condition is the name; the base says that it is an error
    """AWS knows no such gateway."""


class Busy(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """Refused because something is going on with the gateway: wait until it is idle and ask again."""


class Throttled(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """Refused for the rate of requests: nothing happened, ask again later."""


class Unreachable(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """The request never left: nothing happened, ask again later."""


class LostAnswer(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """No answer, or one that says nothing (HTTP 5xx): a mutating call may have acted, so look before repeating it."""


class NotFromAws(LostAnswer):
    """Something other than AWS answered, such as a proxy's login page; AWS may have got the request or not."""


class Abandoned(LostAnswer):
    """The call had not ended when Terraform was told to stop, or when the time for the change was over."""

    def __init__(self, action: str) -> None:
        super().__init__(action, "NoAnswerYet", "no answer when the time was over or a stop was requested")


class AccessDenied(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """The credentials lack a permission. `encoded_message` is what sts:DecodeAuthorizationMessage takes, or empty."""

    def __init__(
        self,
        action: str,
        code: str,
        message: str,
        request_id: str = "",
        http_status: int = 0,
        *,
        encoded_message: str = "",
    ) -> None:
        super().__init__(action, code, message, request_id, http_status)
        self.encoded_message = encoded_message


class CredentialsInvalid(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """No credentials, or ones that AWS does not accept (any more)."""


class Rejected(Ec2Error):  # noqa: N818 - see GatewayNotFound
    """Refused for good: asking again changes nothing."""


class ConnectionProblem(ProblemError):  # noqa: N818 - a problem for the user to solve, not a bug
    """The provider block, or what it leaves to the environment, does not lead to AWS. `problem` says why; no secret.

    The path is the provider block's attribute, or empty.
    """

    def __init__(self, summary: str, detail: str, setting: str | None = None) -> None:
        super().__init__(Problem((setting,) if setting else (), summary, detail))
