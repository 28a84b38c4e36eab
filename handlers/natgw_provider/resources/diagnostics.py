"""What the user reads of a resource, as Terraform's diagnostics: problems at their attributes, and the warnings.

Text only. The words of a problem come from the rule or the engine that found it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error, warning
from natgw_provider.bridge.handlers import Object
from natgw_provider.core import names
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.gateway import AddressStatus, NatGateway
from natgw_provider.core.names import NONE
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.resources.resource_type import ResourceType


def errors(problems: Iterable[Problem]) -> list[Diagnostic]:
    """Return each problem as an error at its attribute, which it names where that is a nested one.

    Terraform before 1.15 shows no more than the block around it.
    """
    return [error(problem.summary, _named(problem), problem.path) for problem in problems]


@contextmanager
def explained() -> Iterator[None]:
    """End the handler with the problem of a ProblemError as its error."""
    try:
        yield
    except ProblemError as failure:
        raise DiagnosticsError(errors([failure.problem])) from failure


def not_found(nat_gateway_id: str, location: str) -> Problem:
    """Return that the declared gateway does not exist; `location` is the region and account where it was read."""
    return Problem(
        (names.NAT_GATEWAY_ID,),
        "NAT gateway not found",
        f'NAT gateway "{nat_gateway_id}" does not exist in {location}. Check the id (nat-...), the '
        "region and the credentials of the provider block.",
    )


def not_a_secondary(declared: ResourceType, given: Object, gateway: NatGateway) -> Problem:
    """Return that what is to be imported is no secondary of its gateway."""
    key, noun = given.get(declared.argument) or "", declared.kind.noun
    return Problem(
        (declared.argument,),
        f"Not a secondary {noun} of the gateway",
        f'"{key}" is not a secondary {noun} of {gateway.nat_gateway_id}, which has '
        f"{', '.join(gateway.attached) or 'none'}. Import by the id of the gateway, a slash, and {declared.argument}.",
    )


def gone_warning(nat_gateway_id: str, gateway: NatGateway | None) -> Diagnostic:
    """Return the warning that a resource leaves the state; `gateway` is None when it does not exist any more."""
    found = "does not exist any more" if gateway is None else f"is {gateway.state.value}"
    because = f": {gateway.failure_message}" if gateway is not None and gateway.failure_message else ""
    return warning(
        f"{nat_gateway_id} is gone",
        f"The NAT gateway {found}{because}. Its secondary addresses went with it, so the resource leaves the state. As "
        "long as this gateway is declared, a plan creates the resource anew and its apply fails. Declare another "
        "gateway, or remove the resource.",
    )


def failed_warnings(declared: ResourceType, state: Object, gateway: NatGateway) -> list[Diagnostic]:
    """Return a warning for each address that AWS could not put into service."""
    add, noun = declared.kind.add, declared.kind.noun
    return [
        warning(
            f"{gateway.nat_gateway_id}: {address.key} failed",
            f"AWS could not {add.base} it: {address.failure_message or 'no reason given'}. A failed {noun} is not in "
            f"service, and it counts against the quota until AWS removes it. A plan {add.base}s it again if it is "
            "declared.",
            (declared.argument,),
        )
        for address in declared.own(state, gateway)
        if address.status is AddressStatus.FAILED
    ]


def drain_warning(
    declared: ResourceType,
    nat_gateway_id: str,
    addresses: tuple[str, ...],
    seconds: int | None,
    lead: str,
    *,
    in_service: str = "",
    is_repeated: bool = True,
) -> Diagnostic:
    """Return the warning that a gateway drains. Its summary names the gateway: Terraform folds equal summaries.

    `in_service` is that part of `last_change`, which Terraform hides where it reads as in the change before.
    `is_repeated` says that Terraform plans once more during apply, so that it gives the warning twice and, after
    `apply -auto-approve`, counts "one more similar warning elsewhere". No plan can tell which of the two it is.
    """
    window = f"for as long as {names.MAX_DRAIN} says" if seconds is None else f"for up to {format_seconds(seconds)}"
    kind, is_one = declared.kind, len(addresses) == 1
    what = addresses[0] if declared.is_single else f"{len(addresses)} {kind.noun if is_one else kind.nouns}"
    serving = f"{kind.nouns} in service: {in_service}" if in_service else f"remaining {kind.nouns}"
    return warning(
        f"{nat_gateway_id} drains {what}",
        f"{lead} {kind.remove.base}s {', '.join(addresses)}. Existing connections through "
        f"{'it' if is_one else 'them'} can continue {window} and are then cut. New connections use the {serving}."
        + (" Plan and apply both give this warning." if is_repeated else ""),
        (declared.argument,),
    )


def retained_warning(declared: ResourceType, nat_gateway_id: str, addresses: tuple[str, ...]) -> Diagnostic:
    """Return the warning that a destroy leaves on the gateway what Terraform's plan marks with a minus."""
    return warning(
        f"{nat_gateway_id} {f'keeps {addresses[0]}' if declared.is_single else f'drains no {declared.kind.noun}'}",
        f'{names.ON_DESTROY} is "{names.ON_DESTROY_RETAIN}": destroying removes the resource from the state and leaves '
        f"{', '.join(addresses)} in service on the gateway.",
        (declared.argument,),
    )


def replaced_warning(declared: ResourceType, resource_id: str) -> Diagnostic:
    """Return the warning that Terraform replaces a resource whose address is unknown, whatever it turns out to be."""
    return warning(
        f"{resource_id}: {declared.argument} known only after apply",
        f"The plan is made before {declared.argument} is known. Terraform replaces the resource even if it turns out "
        "to be the same, which drains for nothing. If it can be the same, apply first what it depends on (terraform "
        "apply -target=...), and plan again.",
        (declared.argument,),
    )


def lost_warning(declared: ResourceType, state: Object) -> Diagnostic:
    """Return the warning that the resource of one address leaves the state, because the gateway does not have it."""
    kind, key, nat_gateway_id = declared.kind, state[declared.argument], state[names.NAT_GATEWAY_ID]
    return warning(
        f"{nat_gateway_id} does not have {key}",
        f"Someone else {kind.remove.past} it, so the resource leaves the state. As long as {key} is declared, a plan "
        f"creates the resource anew, which {kind.add.base}s {key} again. If it is not wanted, remove the resource.",
        (declared.argument,),
    )


def undecided_warning(declared: ResourceType, nat_gateway_id: str, prior: Object | None) -> Diagnostic:
    """Return the warning that a set unknown at plan can only grow; after a drain, it has to."""
    kind = declared.kind
    last: Any = (prior or {}).get(names.LAST_CHANGE)
    may_stay = prior is None or (last is not None and last["unassign"] == last["drain"] == NONE)
    or_stay = "" if may_stay else ", or if nothing has to change and the state keeps the drain of the last change"
    return warning(
        f"{nat_gateway_id}: {kind.nouns} known only after apply",
        f"The plan is made before the declared {kind.nouns} are known, so it cannot show what to {kind.remove.base}, "
        f"and allows only to {kind.add.base} what is missing. If an {kind.noun} has to go{or_stay}, Terraform stops "
        'before anything is changed ("inconsistent final plan"). Then apply first what the '
        f"{kind.nouns} depend on (terraform apply -target=...), and plan again.",
        (declared.argument,),
    )


def _named(problem: Problem) -> str:
    name = ".".join(map(str, problem.path))
    return problem.detail if len(problem.path) <= 1 or name in problem.detail else f"{name}: {problem.detail}"
