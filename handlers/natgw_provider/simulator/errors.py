"""The errors that EC2 answers with: code, message, HTTP status.

The statuses are EC2's own: 412 for a dry run that would have passed, 403 for no permission, 503 for throttling, 400
for nearly everything else. Codes come from the EC2 error reference; where it leaves open which one these calls use,
`settings.py` has the choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus


class ApiError(Exception):
    """One EC2 error answer."""

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


def malformed_id(gateway_id: str) -> ApiError:
    """Not the spelling of a NAT gateway id."""
    return ApiError("NatGatewayMalformed", f'The NAT gateway ID "{gateway_id}" is malformed')


def not_found(code: str, gateway_id: str) -> ApiError:
    """No such gateway, or no longer."""
    return ApiError(code, f"The NAT gateway {gateway_id} was not found")


def subnet_not_found(subnet_id: str) -> ApiError:
    """No such subnet."""
    return ApiError("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")


def missing(parameter: str) -> ApiError:
    """A required parameter is absent or empty."""
    return ApiError("MissingParameter", f"The request must contain the parameter {parameter}")


def invalid_value(message: str) -> ApiError:
    """A parameter's value is not allowed."""
    return ApiError("InvalidParameterValue", message)


def invalid_combination(message: str) -> ApiError:
    """Parameters that exclude each other."""
    return ApiError("InvalidParameterCombination", message)


def address_in_use(address: object) -> ApiError:
    """The address belongs to somebody already."""
    return ApiError("InvalidIPAddress.InUse", f"Address {address} is in use.")


def quota_exceeded(gateway_id: str, quota: int, attached: int, asked: int) -> ApiError:
    """More private addresses than the quota allows."""
    return ApiError(
        "PrivateIpAddressLimitExceeded",
        f"{gateway_id} has {attached} of at most {quota} private IPv4 addresses; {asked} more were asked for",
    )


def subnet_full(subnet_id: str, asked: int, free: int) -> ApiError:
    """Too few free addresses in the subnet."""
    return ApiError(
        "InsufficientFreeAddressesInSubnet",
        f"{asked} addresses were asked for, and {subnet_id} has {free} free",
    )


def token_reused(token: str) -> ApiError:
    """A ClientToken that came with another request before."""
    return ApiError("IdempotentParameterMismatch", f"The client token {token} was used with other parameters before")


def wrong_region(region: str, allowed: Iterable[str]) -> ApiError:
    """The signature is scoped to a region that there is not; AWS's own words, and then what is allowed."""
    return ApiError(
        "SignatureDoesNotMatch",
        f"Credential should be scoped to a valid region, not '{region}'. There are: {', '.join(allowed)}",
        HTTPStatus.FORBIDDEN,
    )


def throttled() -> ApiError:
    """Too many calls."""
    return ApiError("RequestLimitExceeded", "Request limit exceeded.", HTTPStatus.SERVICE_UNAVAILABLE)
