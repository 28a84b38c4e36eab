"""What the user reads when a change did not end as declared: how the gateway stands, and what happens next.

Text only, from what is known; it looks at nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import Final

from natgw_provider.aws.errors import (
    Abandoned,
    AccessDenied,
    CredentialsInvalid,
    Ec2Error,
    GatewayNotFound,
    NotFromAws,
)
from natgw_provider.core import names
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.diff import Diff
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.operations import ASSIGN, DESCRIBE, DESCRIBE_SUBNETS, UNASSIGN, iam_action
from natgw_provider.ec2.change import ChangeRequest
from natgw_provider.ec2.failures import Failure

_WITHOUT_RESOURCE: Final = (DESCRIBE, DESCRIBE_SUBNETS)


def standing(gateway: NatGateway, drain_end: str | None) -> str:
    """Return how the gateway stands; `drain_end` says when its drain is over at the latest, where that is known."""
    parts = [f"{gateway.nat_gateway_id} now has {_listed(gateway.attached, 'no secondary address')} attached"]
    if gateway.assigning:
        parts.append(f"of which {_listed(gateway.assigning)} not in service yet")
    if gateway.draining:
        until = drain_end or "until its connections end, at most the duration it was unassigned with"
        parts.append(f"draining: {_listed(gateway.draining)}, {until}")
    parts += [f"failed: {a.private_ip} ({a.failure_message or 'no reason given'})" for a in gateway.failed]
    return "; ".join(parts) + "."


def next_apply(rest: Diff) -> str:
    """Return what is left to do."""
    todo = []
    if rest.assign:
        todo.append(f"assign {_listed(rest.assign)}")
    if rest.assign_count:
        todo.append(f"assign {rest.assign_count} that AWS picks")
    if rest.unassign:
        todo.append(f"unassign {_listed(rest.unassign)}")
    if not todo:
        return "Nothing is left to be called: the next plan only takes up what is there."
    return f"The next plan and apply will {' and '.join(todo)}."


def before_release(failure: Failure, release: ChangeRequest) -> Failure:
    """Return what stopped a move before it began."""
    detail = f"{failure.detail} Nothing was released on {release.nat_gateway_id} either."
    return Failure(failure.summary, detail, failure.path)


def half_moved(failure: Failure, release: ChangeRequest, nat_gateway_id: str) -> Failure:
    """Return what stopped a move between its halves."""
    released = _listed(sort_addresses(release.approved_unassign))
    detail = (
        f"{failure.detail} The move from {release.nat_gateway_id} is half done: {released} unassigned there, and the "
        f"resource is now in the state for {nat_gateway_id}. The next plan and apply carry on there."
    )
    return Failure(failure.summary, detail, failure.path)


def not_approved(unassign: Iterable[str], assign: Iterable[str], count: int, low: tuple[int, int] | None) -> Failure:
    """The gateway needs another change than the one that was reviewed."""
    surplus = []
    if unassign := tuple(unassign):
        surplus.append(f"unassign {_listed(unassign)}")
    if assign := tuple(assign):
        surplus.append(f"assign {_listed(assign)}")
    if count:
        surplus.append(f"let AWS pick {count} more")
    if low:
        surplus.append(f"leave only {low[0]} addresses in service on the way, where the plan showed {low[1]}")
    return Failure(
        "The gateway changed since the plan",
        f"To reach the declaration this apply would now {' and '.join(surplus)}, which the reviewed plan did not show. "
        "Plan again, and have the new plan reviewed.",
        (names.ADDRESSES,),
    )


def denied(errors: Sequence[AccessDenied], arn: str) -> Failure:
    """Calls that the credentials may not make, and the least policy that lets them; `arn` is the gateway's."""
    actions = sorted({iam_action(error.action) for error in errors})
    resource = "*" if errors[0].action in _WITHOUT_RESOURCE else arn
    statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    encoded = next((error.encoded_message for error in errors if error.encoded_message), "")
    decode = f" AWS's reason in full: `aws sts decode-authorization-message --encoded-message {encoded}`."
    return Failure(
        f"Missing permission: {', '.join(actions)}",
        f"{errors[0].message.rstrip('. ')}.\n\nNeeded is {_listed(actions)} on {resource}. Least policy:\n\n"
        # Terraform does not wrap a line that begins with a space, so the policy can be copied.
        f"{indent(policy, '    ')}\n\nAttach it to the user or role, then run again.{decode if encoded else ''}",
    )


INTERRUPTED: Final = Failure("Interrupted", "Stopped on request.")
UNANSWERED: Final = Failure("Interrupted", "Stopped on request, while AWS did not answer.")


def timed_out(seconds: float, *, operation: str = "update") -> Failure:
    """The time for the change was over before it was complete."""
    remedy = f"A longer time can be set in {names.TIMEOUTS}."
    if operation == "delete":
        remedy = (
            f"The time for a destroy is the one in the state: destroy again once the drain is over, or apply a longer "
            f"{names.TIMEOUTS}.delete first."
        )
    return Failure(
        "Timed out",
        f"The change was not complete after {format_seconds(seconds)}. {remedy}",
        (names.TIMEOUTS,),
    )


def gone(nat_gateway_id: str, gateway: NatGateway | None) -> Failure:
    """The gateway does not live any more; `gateway` is how it was seen, if it was."""
    state = gateway.state.value if gateway else "not there"
    because = f" ({gateway.failure_message})" if gateway and gateway.failure_message else ""
    return Failure(
        "NAT gateway is gone",
        f"{nat_gateway_id} is {state}{because}, so its addresses cannot be managed. The next plan takes it out of the "
        "state. Check id, region and account, declare another gateway, or remove the declaration.",
        (names.NAT_GATEWAY_ID,),
    )


def failed_addresses(gateway: NatGateway) -> tuple[Failure, ...]:
    """Warnings of addresses that failed, which take up the quota without serving."""
    return tuple(
        Failure(
            f"Failed address on {gateway.nat_gateway_id}",
            f"{address.private_ip} failed: {address.failure_message or 'AWS gives no reason'}. It is not in service "
            "and counts against the quota. Free it with `aws ec2 unassign-private-nat-gateway-address`, then declare "
            "it again if it is wanted.",
            (names.ADDRESSES,),
        )
        for address in gateway.failed
    )


def explain(error: Ec2Error, subject: str, arn: str) -> Failure:
    """Return what an error of EC2 (or of sts) means to the user who asked about `subject`; `arn` is the gateway's."""
    if isinstance(error, AccessDenied) and error.action in (ASSIGN, UNASSIGN, DESCRIBE, DESCRIBE_SUBNETS):
        return denied([error], arn)
    if isinstance(error, Abandoned):
        return UNANSWERED
    happened = f"{error.action} for {subject} {_how(error)} {error.said.rstrip('. ')}."
    if isinstance(error, AccessDenied | CredentialsInvalid):
        return Failure("AWS credentials are not valid (any more)", f"{happened} Renew the credentials, then run again.")
    if isinstance(error, GatewayNotFound):
        detail = f"{happened} Check the id, the region and the account."
        return Failure("NAT gateway not found", detail, (names.NAT_GATEWAY_ID,))
    return Failure(f"{error.action} failed", f"{happened}{_HINTS.get(error.code, '')}")


def _how(error: Ec2Error) -> str:
    """Return what became of a call, up to what was said: "was answered" only when AWS answered."""
    if isinstance(error, NotFromAws) or not error.http_status:
        return "got no answer of AWS:"
    return "was answered"


_HINTS: Final = {
    "PrivateIpAddressLimitExceeded": " AWS allows this gateway fewer addresses than the provider's "
    "private_ip_address_quota says (quota L-DFA99DE7): set it to AWS's value, and declare at most one less.",
    "InvalidIPAddress.InUse": " Something else in the subnet has the address: declare another, or free it. If it is "
    "the gateway's own failed address, free it with `aws ec2 unassign-private-nat-gateway-address`.",
    "InsufficientFreeAddressesInSubnet": " The subnet has no free address left: free some.",
}


def _listed(items: Iterable[str], none: str = "nothing") -> str:
    return ", ".join(items) or none
