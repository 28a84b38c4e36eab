"""How a call ends without what it asked for: with one of EC2's errors, or with no answer at all.

Statuses are those of EC2: 412 for a dry run that passes, 403 for a missing permission, 503 for throttling, 400 for
nearly everything else. Codes come from the EC2 error reference; where a call's code is undocumented, a setting has it.
"""

from __future__ import annotations

from http import HTTPStatus


class ApiError(Exception):
    """One error answer."""

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = int(status)


class ConnectionDropped(ConnectionError):  # noqa: N818 # it is what happens to the client, not an error of ours
    """The client gets no answer: the connection is reset, or closed after `hang_seconds` of real time."""

    def __init__(self, *, reset: bool, hang_seconds: float = 0.0) -> None:
        super().__init__("connection reset" if reset else "answer lost")
        self.reset = reset
        self.hang_seconds = hang_seconds


def dry_run_passed() -> ApiError:
    """Answer a dry run that passed."""
    message = "Request would have succeeded, but DryRun flag is set."
    return ApiError("DryRunOperation", message, HTTPStatus.PRECONDITION_FAILED)


def not_found(code: str, gateway_id: str) -> ApiError:
    """Answer that a gateway does not exist, or not any more."""
    return ApiError(code, f"The NAT gateway {gateway_id} was not found")


def missing(parameter: str) -> ApiError:
    """Answer that a required parameter is absent or empty."""
    return ApiError("MissingParameter", f"The request must contain the parameter {parameter}")


def invalid_value(message: str) -> ApiError:
    """Answer that a parameter's value is not allowed."""
    return ApiError("InvalidParameterValue", message)


def bad_combination(message: str) -> ApiError:
    """Answer that parameters contradict each other."""
    return ApiError("InvalidParameterCombination", message)


def address_in_use(address: object) -> ApiError:
    """Answer that an address is in use."""
    return ApiError("InvalidIPAddress.InUse", f"Address {address} is in use.")
