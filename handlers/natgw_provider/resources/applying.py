"""Applying a resource: from the approved plan to a change request, and from its outcome to state.

The engine does the work. What is returned here is what was last seen to be true, also when something failed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from natgw_provider.bridge.handlers import ApplyRequest, ApplyResponse, Context, Object
from natgw_provider.bridge.values import UNKNOWN, is_wholly_known
from natgw_provider.core import names
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.last_change import in_service, listed
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.engine.change import Outcome
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.declaration import Declaration
from natgw_provider.resources.diagnostics import errors
from natgw_provider.resources.moving import release_request
from natgw_provider.resources.private_state import keep_snapshot, kept_approval, known_cidr_block, without_approval
from natgw_provider.resources.resource_type import ResourceType


def apply_change(
    declared: ResourceType, request: ApplyRequest, configured: Configured, context: Context
) -> ApplyResponse:
    """Create or update: carry out what was approved. Without an approval only settings change and nothing is called."""
    planned: Any = request.planned_state
    approval = kept_approval(request.planned_private)
    if approval is None:
        return ApplyResponse(planned, request.planned_private)
    # Not the configuration: at apply Terraform sends it as it is written, without what ignore_changes keeps.
    promised = planned[declared.argument]
    known = is_wholly_known(promised)
    declaration = Declaration(declared, {**planned, declared.argument: promised if known else None})
    prior: Any = request.prior_state
    operation = "create" if prior is None else "update"
    rules = declaration.rules(configured.quotas[declared.kind.connectivity], known_cidr_block(planned))
    change = declaration.request(declaration.nat_gateway_id, declaration.require_target(), approval, rules, operation)
    if prior is not None and declaration.nat_gateway_id != prior[names.NAT_GATEWAY_ID]:
        change = replace(change, release=release_request(prior, declaration, configured.quotas, operation))
    outcome = configured.engine.carry_out(change, context.stop, context.log.info)
    if outcome.failure is not None or outcome.gateway is None:
        return _failed(declared, request, outcome, configured)
    if failure := _not_as_planned(declared, promised, outcome.gateway):
        return _failed(declared, request, replace(outcome, failure=failure), configured)
    return ApplyResponse(
        _completed_state(declared, planned, outcome, outcome.gateway, configured),
        keep_snapshot(outcome.gateway),
    )


def apply_destroy(
    declared: ResourceType, request: ApplyRequest, configured: Configured, context: Context
) -> ApplyResponse:
    """Destroy: unassign what the state holds and the gateway still has, unless it is to be retained."""
    prior: Any = request.prior_state
    release = release_request(prior, Declaration(declared, prior), configured.quotas, "delete")
    if release is None:
        return ApplyResponse(None)
    outcome = configured.engine.carry_out(release, context.stop, context.log.info)
    if outcome.failure is None:
        return ApplyResponse(None)
    return _failed(declared, request, outcome, configured)


def _completed_state(
    declared: ResourceType, planned: Object, outcome: Outcome, gateway: NatGateway, configured: Configured
) -> Object:
    """The planned state with what was unknown filled in; what was known was a promise and stays."""
    observed = declared.observed(gateway, _cidr_block(planned, gateway, configured), planned)
    state = {name: value if is_wholly_known(value) else observed.get(name) for name, value in planned.items()}
    change: Any = planned[names.LAST_CHANGE]
    done = _assigned_only(outcome, gateway)
    state[names.LAST_CHANGE] = {name: done[name] if value is UNKNOWN else value for name, value in change.items()}
    return state


def _assigned_only(outcome: Outcome, gateway: NatGateway) -> Object:
    """Return the parts of `last_change` that a plan leaves unknown: those of a change that only assigns."""
    after = len(gateway.in_service)
    before = after - len(outcome.assigned)
    return {"assign": listed(outcome.assigned), "in_service": in_service(before, before, after)}


def _cidr_block(planned: Any, gateway: NatGateway, configured: Configured) -> str | None:
    if names.SUBNET_CIDR_BLOCK not in planned:
        return None
    known = planned[names.SUBNET_CIDR_BLOCK]
    if isinstance(known, str):
        return known
    try:
        return configured.engine.subnet_cidr_block(gateway.subnet_id)
    except ProblemError:
        # The change is done: what only informs must not fail it. The next refresh asks again.
        return None


def _not_as_planned(declared: ResourceType, promised: Any, gateway: NatGateway) -> Problem | None:
    """Return the problem of a gateway without the planned addresses; those that AWS picked are unknown in a plan."""
    if promised is UNKNOWN:
        return None
    promised = (promised,) if declared.is_single else promised
    known = sort_addresses(address for address in promised if address is not UNKNOWN)
    missing = set(known) - set(gateway.attached)
    if not missing and (declared.is_single or len(promised) == len(gateway.attached)):
        return None
    wanted = ", ".join([*known, *["one that AWS picks"] * (len(promised) - len(known))]) or "none"
    found, nouns = ", ".join(gateway.attached) or "none", declared.kind.nouns
    return Problem(
        (declared.argument,),
        "The gateway is not as declared",
        f"The secondary {nouns} of {gateway.nat_gateway_id} should now be {wanted}, and are {found}: someone else "
        "changes them as well. Plan again, which shows the difference, and find out who it is.",
    )


def _failed(declared: ResourceType, request: ApplyRequest, outcome: Outcome, configured: Configured) -> ApplyResponse:
    """The error with the true state: of a move, on the gateway where its addresses are to be released next.

    On create no state is returned: Terraform would taint it, and the next plan would drain every address, those that
    served before included, only to assign them again. Without a state the next plan adopts the gateway as it is.
    """
    diagnostics = errors([outcome.failure] if outcome.failure else [])
    prior, gateway = request.prior_state, outcome.gateway
    if prior is None or gateway is None:
        return ApplyResponse(prior, without_approval(request.planned_private), diagnostics=diagnostics)
    if gateway.nat_gateway_id == prior[names.NAT_GATEWAY_ID]:
        cidr = known_cidr_block(prior)
    elif outcome.has_left or outcome.assigned:
        cidr = _cidr_block(request.planned_state, gateway, configured)
    else:
        return ApplyResponse(prior, without_approval(request.planned_private), diagnostics=diagnostics)
    state = {**prior, **declared.observed(gateway, cidr, prior)}
    return ApplyResponse(state, keep_snapshot(gateway), diagnostics=diagnostics)
