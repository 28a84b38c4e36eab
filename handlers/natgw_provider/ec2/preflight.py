"""Dry runs of every call that a change will make, so that a missing permission is found before anything changed.

AWS checks a dry run's permissions; whether it looks at the gateway's state too is not documented, so an answer about
the state only counts for the call that comes first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.errors import AccessDenied, Busy, Rejected
from natgw_provider.core.change_plan import Assign, ChangePlan, Unassign
from natgw_provider.core.operations import ASSIGN, UNASSIGN

STATE_CODES: Final = frozenset(
    {"PrivateIpAddressLimitExceeded", "InvalidIPAddress.InUse", "InsufficientFreeAddressesInSubnet"}
)
"""Errors that an earlier step of the same change may remove."""

Call = Assign | Unassign


def calls_of(change: ChangePlan) -> tuple[Call, ...]:
    """Return the steps that call EC2 and change something."""
    return tuple(step for step in change.steps if isinstance(step, Assign | Unassign))


def action_of(call: Call) -> str:
    """Return the EC2 operation of a step."""
    return ASSIGN if isinstance(call, Assign) else UNASSIGN


def dry_run(api: Ec2Api, nat_gateway_id: str, call: Call, max_drain_seconds: int) -> None:
    """Ask EC2 whether it would accept this call. Raises the Ec2Error that it answers."""
    if isinstance(call, Assign):
        api.assign(nat_gateway_id, addresses=call.addresses, count=call.count, dry_run=True)
    else:
        api.unassign(nat_gateway_id, addresses=call.addresses, max_drain_seconds=max_drain_seconds, dry_run=True)


def denied_calls(
    change: ChangePlan, dry_run_of: Callable[[Call], None], *, is_first: bool = True
) -> tuple[AccessDenied, ...]:
    """Dry-run every call of `change`; return the denials. Raises the first Ec2Error that says it cannot work at all."""
    denials = []
    for call in calls_of(change):
        try:
            dry_run_of(call)
        except AccessDenied as error:
            if error.action not in (ASSIGN, UNASSIGN):
                raise  # the role could not be taken on again
            denials.append(error)
        except Busy:
            continue  # the gateway's state, not a permission: the change waits for it
        except Rejected as error:
            if (is_first and call == change.steps[0]) or error.code not in STATE_CODES:
                raise
    return tuple(denials)
