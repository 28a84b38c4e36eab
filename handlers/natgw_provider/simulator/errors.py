"""EC2's error answers: code, message and HTTP status.

The statuses are EC2's own: 412 for a dry run that would have passed, 403 for no permission, 503 for throttling, 400
for nearly everything else. Codes come from the EC2 error reference; where it leaves open which one these calls use,
`Settings` has the choice.
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


def dry_run_passed() -> ApiError:
    """Permissions are there, and nothing was done."""
    return ApiError(
        "DryRunOperation", "Request would have succeeded, but DryRun flag is set.", HTTPStatus.PRECONDITION_FAILED
    )


def not_found(code: str, gateway_id: str) -> ApiError:
    """No such gateway, or no longer."""
    return ApiError(code, f"The NAT gateway {gateway_id} was not found")


def missing(parameter: str) -> ApiError:
    """A required parameter is absent or empty."""
    return ApiError("MissingParameter", f"The request must contain the parameter {parameter}")


def invalid_value(message: str) -> ApiError:
    """A parameter's value is not allowed."""
    return ApiError("InvalidParameterValue", message)


def address_in_use(address: object) -> ApiError:
    """Another interface has the address already."""
    return ApiError("InvalidIPAddress.InUse", f"Address {address} is in use.")
