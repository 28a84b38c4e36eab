"""What the user reads when a change did not end as declared: the state of the gateway, and what happens next.

Text only, from plain data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
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
from natgw_provider.core.address_kinds import PRIVATE_IPS, AddressKind
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import Assign, Unassign
from natgw_provider.core.diff import Diff, Part
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.gateway import NatGateway, NatGatewayAddress
from natgw_provider.core.operations import READS, besides_the_gateway, iam_action
from natgw_provider.core.problems import Problem
from natgw_provider.engine.change import ChangeAborted, ChangeRequest, Stopped


def doing(step: Assign | Unassign, kind: AddressKind) -> str:
    """Return what is about to be called, for the log."""
    if isinstance(step, Unassign):
        return f"{kind.remove.ongoing} {_listed(step.addresses)}"
    return f"{kind.add.ongoing} {_listed(step.addresses, f'{step.count} that AWS picks')}"


def draining(addresses: Iterable[str], elapsed: float, max_drain_seconds: int, end: str | None) -> str:
    """Return how far a drain is, for the log; `end` says until when it lasts at most."""
    return f"{_listed(addresses)}: drained {elapsed:.0f} of up to {max_drain_seconds} s, {end or 'not begun'}"


def not_idle(gateway: NatGateway) -> str:
    """Return why a gateway takes no calls yet, for the log."""
    parts = ["waiting until the gateway is idle"]
    if gateway.draining:
        parts.append(f"{_listed(gateway.draining)} still draining")
    if gateway.assigning:
        parts.append(f"{_listed(gateway.assigning)} not in service yet")
    return "; ".join(parts)


def earlier_drain(addresses: Iterable[str]) -> str:
    """Return that a drain is waited for that this change did not begin, for the log."""
    return f"waiting for an earlier drain of {_listed(addresses)}"


def state_of(gateway: NatGateway, drain_end: str | None, kind: AddressKind) -> str:
    """Return the state of a gateway; `drain_end` says until when its drain lasts at most, where that is known."""
    parts = [f"{gateway.nat_gateway_id} now has {_listed(gateway.attached, f'no secondary {kind.noun}')} attached"]
    if gateway.assigning:
        parts.append(f"of which {_listed(gateway.assigning)} not in service yet")
    if gateway.draining:
        until = drain_end or f"until its connections end, at most the duration it was {kind.remove.past} with"
        parts.append(f"draining: {_listed(gateway.draining)}, {until}")
    parts += [f"failed: {a.key} ({a.failure_message or 'no reason given'})" for a in gateway.failed]
    return "; ".join(parts) + "."


def untouched(target: Part, kind: AddressKind) -> str:
    """Return that a change touched others' addresses at most."""
    adding = [f"{key} was not {kind.add.past}" for key in sort_addresses(target.add)]
    removing = [f"{key} was not {kind.remove.past}" for key in sort_addresses(target.remove)]
    return f"{', '.join([*adding, *removing])}."


def next_apply(rest: Diff, kind: AddressKind) -> str:
    """Return what is left to do."""
    todo = []
    if rest.assign:
        todo.append(f"{kind.add.base} {_listed(rest.assign)}")
    if rest.assign_count:
        todo.append(f"{kind.add.base} {rest.assign_count} that AWS picks")
    if rest.unassign:
        todo.append(f"{kind.remove.base} {_listed(rest.unassign)}")
    if not todo:
        return "Nothing is left to do on AWS: the next plan only updates the state."
    return f"The next plan and apply will {' and '.join(todo)}."


def before_release(failure: Problem, release: ChangeRequest) -> Problem:
    """Return what stopped a move before it began."""
    return replace(failure, detail=f"{failure.detail} Nothing was released on {release.nat_gateway_id} either.")


def half_moved(failure: Problem, release: ChangeRequest, nat_gateway_id: str) -> Problem:
    """Return what stopped a move between its halves."""
    released = _listed(sort_addresses(release.approval.unassign))
    detail = (
        f"{failure.detail} The move from {release.nat_gateway_id} is half done: {released} {release.kind.remove.past} "
        f"there, and the state now has the resource on {nat_gateway_id}. The next plan and apply continue there."
    )
    return replace(failure, detail=detail)


def not_approved(
    kind: AddressKind, *, unassign: Iterable[str], assign: Iterable[str], count: int, low: tuple[int, int] | None
) -> Problem:
    """Return that the gateway needs another change than the one that was reviewed.

    `low` is how few addresses would stay in service, and how few the plan showed.
    """
    surplus = []
    if unassign := tuple(unassign):
        surplus.append(f"{kind.remove.base} {_listed(unassign)}")
    if assign := tuple(assign):
        surplus.append(f"{kind.add.base} {_listed(assign)}")
    if count:
        surplus.append(f"let AWS pick {count} more")
    if low:
        surplus.append(f"leave only {low[0]} in service at the lowest, where the plan showed {low[1]}")
    return Problem(
        (kind.argument,),
        "The gateway changed since the plan",
        f"To reach the declaration this apply would now {' and '.join(surplus)}, which the reviewed plan did not show. "
        "Plan again, and have the new plan reviewed.",
    )


def assigned_but_absent(addresses: Iterable[str], kind: AddressKind) -> Problem:
    """Return that AWS does not show what it accepted to assign."""
    detail = f"AWS accepted the call to {kind.add.base} {_listed(sort_addresses(addresses))}, but does not show it."
    return Problem((kind.argument,), f"{_capital(kind.add.past)} {kind.nouns} do not appear", detail)


def unassigned_but_attached(addresses: Iterable[str], kind: AddressKind) -> Problem:
    """Return that AWS shows in service what it accepted to unassign."""
    detail = f"AWS accepted the call to {kind.remove.base} {_listed(addresses)}, but shows it in service again."
    return Problem((kind.argument,), f"{_capital(kind.remove.past)} {kind.nouns} are attached again", detail)


def assignment_failed(addresses: Iterable[NatGatewayAddress], kind: AddressKind) -> Problem:
    """Return that AWS could not assign these."""
    reasons = [f"{a.key} failed: {a.failure_message or 'AWS gives no reason'}." for a in addresses]
    return Problem((kind.argument,), f"{_capital(kind.noun)} could not be {kind.add.past}", " ".join(reasons))


def in_doubt(operation: str) -> str:
    """Return that it is not known whether a call took effect."""
    return (
        f"AWS's answer to {operation} was lost, so it is not known whether the call took effect. The following was "
        "observed before it."
    )


def unnamed(count: int, kind: AddressKind) -> str:
    """Return that AWS picked addresses that nothing has named yet."""
    return (
        f"AWS accepted to {kind.add.base} {count} that it picks, but no read has shown them yet, so it is not known "
        "which they are: the next plan shows them. The following was observed before."
    )


def denied(errors: Sequence[AccessDenied], arn: str) -> Problem:
    """Calls that the credentials may not make, and the least policy that lets them; `arn` is the gateway's."""
    actions = sorted({iam_action(error.action) for error in errors})
    besides = besides_the_gateway(error.action for error in errors)
    arns = [arn, *(f"{arn.rpartition(':')[0]}:{end}" for end in besides)]
    resources = ["*"] if errors[0].action in READS else arns
    statement = {"Effect": "Allow", "Action": actions, "Resource": resources if len(resources) > 1 else resources[0]}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]}, indent=2)
    encoded = next((error.encoded_message for error in errors if error.encoded_message), "")
    decode = f" For AWS's full reason: `aws sts decode-authorization-message --encoded-message {encoded}`."
    return Problem(
        (),
        f"Missing permission: {', '.join(actions)}",
        f"{errors[0].message.rstrip('. ')}.\n\n"
        f"Required: {_listed(actions)} on {_listed(resources)}. The least policy:\n\n"
        # Terraform does not wrap a line that begins with a space, so the policy can be copied.
        f"{indent(policy, '    ')}\n\nAttach it to the user or role, then run again.{decode if encoded else ''}",
    )


INTERRUPTED: Final = Problem((), "Interrupted", "Stopped on request.")
UNANSWERED: Final = Problem((), "Interrupted", "Stopped on request, while AWS did not answer.")


def timed_out(seconds: float, *, operation: str = "update") -> Problem:
    """The time for the change was over before it was complete."""
    remedy = f"Set a longer time in {names.TIMEOUTS}."
    if operation == "delete":
        remedy = (
            f"The time for a destroy is the one in the state: destroy again once the drain is over, or apply a longer "
            f"{names.TIMEOUTS}.delete first."
        )
    detail = f"The change was not complete after {format_seconds(seconds)}. {remedy}"
    return Problem((names.TIMEOUTS,), "Timed out", detail)


def gone(nat_gateway_id: str, gateway: NatGateway | None) -> Problem:
    """Return that the gateway does not exist any more; `gateway` is what was last observed of it, if anything was."""
    found = "does not exist"
    if gateway is not None:
        found = f"is {gateway.state.value}" + (f" ({gateway.failure_message})" if gateway.failure_message else "")
    return Problem(
        (names.NAT_GATEWAY_ID,),
        "NAT gateway is gone",
        f"{nat_gateway_id} {found}, so its addresses cannot be managed. The next plan removes the resource "
        "from the state. Check id, region and account, declare another gateway, or remove the declaration.",
    )


def explain(error: Ec2Error, subject: str, arn: str, kind: AddressKind = PRIVATE_IPS) -> Problem:
    """Return what an error of EC2 (or of STS) means to the user; `subject` is what was asked about, `arn` its ARN."""
    if isinstance(error, AccessDenied) and error.action in kind.operations:
        return denied([error], arn)
    if isinstance(error, Abandoned):
        return UNANSWERED
    happened = f"{error.action} for {subject} {_how(error)} {error.said.rstrip('. ')}."
    if isinstance(error, AccessDenied | CredentialsInvalid):
        detail = f"{happened} Renew the credentials, then run again."
        return Problem((), "AWS credentials are invalid or expired", detail)
    if isinstance(error, GatewayNotFound):
        detail = f"{happened} Check the id, the region and the account."
        return Problem((names.NAT_GATEWAY_ID,), "NAT gateway not found", detail)
    return Problem((), f"{error.action} failed", f"{happened}{kind.hints.get(error.code, '')}")


def claimed_twice(request: ChangeRequest) -> Problem:
    """Return that two resources of one configuration manage one gateway, of which one declares the full set."""
    kind = request.kind
    return Problem(
        (names.NAT_GATEWAY_ID,),
        "Two resources manage one NAT gateway",
        f"Another {kind.resource_type} in this configuration has just set the secondary {kind.nouns} of "
        f"{request.nat_gateway_id}. Each declares the full set, so they would undo each other on every apply. Nothing "
        f"was changed by this one. Declare all {kind.nouns} of the gateway in one resource.",
    )


def contradicted(request: ChangeRequest, keys: Iterable[str], *, is_leaving: bool) -> Problem:
    """Return that one resource of a run declares what another one gives up; `is_leaving` says that it drains already.

    That happens when a resource was renamed without `moved`, or is replaced by one with the same address.
    """
    kind, listed = request.kind, _listed(sort_addresses(keys))
    asked, other = (kind.add, kind.remove) if is_leaving else (kind.remove, kind.add)
    remedy = (
        "Plan and apply again when it has left."
        if is_leaving
        else "Nothing drains. Where the declaration only changed its name, use a `moved` block. Remove an instance "
        "that is left over in the state with `terraform state rm`."
    )
    return Problem(
        (kind.argument,),
        f"One resource declares the {kind.noun} that another gives up",
        f"This resource was to {asked.base} {listed} on {request.nat_gateway_id}, which another resource of this run "
        f"{'is' if is_leaving else 'was'} to {other.base}. Nothing was changed by this one. {remedy}",
    )


def waiting_for_change(nat_gateway_id: str) -> str:
    """Return the line of progress of a change that another one of its gateway keeps from beginning."""
    return f"{nat_gateway_id}: waiting until another change of the gateway has ended"


def not_begun(request: ChangeRequest, end: ChangeAborted) -> Problem:
    """Return that a change ended while it waited for others of the same gateway."""
    waited = f"Nothing was changed: it waited for other changes of {request.nat_gateway_id}."
    is_stop = isinstance(end, Stopped)
    problem = INTERRUPTED if is_stop else timed_out(request.timeout_seconds, operation=request.operation)
    return replace(problem, detail=f"{problem.detail} {waited}")


def goes_on(failure: Problem, nat_gateway_id: str) -> Problem:
    """Return the failure of a request whose change goes on for other resources."""
    detail = f"{failure.detail} The change of {nat_gateway_id} continues for other resources of this run."
    return replace(failure, detail=detail)


def _how(error: Ec2Error) -> str:
    """Return what became of a call, up to what was said: "failed with" only when AWS answered."""
    if isinstance(error, NotFromAws) or not error.http_status:
        return "got no answer from AWS:"
    return "failed with"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _listed(items: Iterable[str], none: str = "nothing") -> str:
    return ", ".join(items) or none
