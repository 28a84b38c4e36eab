"""Planning a resource on one gateway: what `terraform plan` shows, and what it approves.

Pure, but for the dry runs of `check_permissions_at_plan`: the gateway comes in with `PlanInputs`. A value that is known
here is a promise that apply keeps to the letter, so what can still differ is left unknown. While inputs are unknown, a
plan promises to unassign nothing: Terraform itself then stops an apply in which it turns out otherwise, before anything
is called.
"""

from __future__ import annotations

from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic
from natgw_provider.bridge.handlers import Object, PlanRequest, PlanResponse
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import names
from natgw_provider.core.change_plan import ChangePlan, plan_change
from natgw_provider.core.diff import Diff
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.last_change import LastChange
from natgw_provider.core.names import NONE
from natgw_provider.core.plan_checks import check_change
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import check_max_drain
from natgw_provider.resources.configured import Configured, PlanInputs
from natgw_provider.resources.declaration import Declaration
from natgw_provider.resources.diagnostics import (
    drain_warning,
    errors,
    replaced_warning,
    retained_warning,
    undecided_warning,
)
from natgw_provider.resources.private_state import approve, without_approval
from natgw_provider.resources.resource_type import ResourceType


def plan_on_gateway(declaration: Declaration, inputs: PlanInputs, request: PlanRequest) -> PlanResponse:
    """Return the plan of a declaration for `inputs.gateway`, or for a gateway that is not known yet."""
    prior, private = request.prior_state, without_approval(request.prior_private)
    gateway = inputs.gateway
    if gateway is None:
        unknown = declaration.type.table.unknown_gateway
        return PlanResponse(_unknown_change_state(declaration, unknown), planned_private=private)
    change = plan_known(declaration, gateway, inputs.quota) if declaration.is_set_known else None
    problems = problems_of(declaration, gateway, change, inputs.subnet_cidr_block, inputs.quota)
    if problems:
        return PlanResponse(prior, diagnostics=errors(problems))
    if change is None:
        shown = _computed_attributes(declaration, inputs, gateway, None)
        is_single = declaration.type.is_single  # which cannot unassign anything
        warnings = [] if is_single else [undecided_warning(declaration.type, gateway.nat_gateway_id, prior)]
        state = _unknown_change_state(declaration, shown)
        return PlanResponse(state, planned_private=private, diagnostics=warnings)
    if prior is not None and change.diff.is_empty:
        return PlanResponse(_unchanged_state(declaration, prior), planned_private=private)
    return _known_change_response(declaration, inputs, gateway, change)


def plan_destroy(declared: ResourceType, request: PlanRequest) -> PlanResponse:
    """Return the plan to destroy, with a warning that names what drains, or what stays."""
    return PlanResponse(None, diagnostics=_destroy_warnings(declared, request.prior_state or {}, "Destroying"))


def plan_replacement(declaration: Declaration, request: PlanRequest, prior: Object) -> PlanResponse:
    """Return the plan of a resource whose address is another one, or not known yet: Terraform destroys it first."""
    declared = declaration.type
    state = _unknown_change_state(declaration, declared.table.unknown_gateway)
    warnings = _destroy_warnings(declared, prior, "Replacing")
    if not declaration.is_set_known:
        warnings.append(replaced_warning(declared, declared.id_of(prior)))
    return PlanResponse(
        state,
        requires_replace=(declared.argument,),
        planned_private=without_approval(request.prior_private),
        diagnostics=warnings,
    )


def plan_known(declaration: Declaration, gateway: NatGateway, quota: int) -> ChangePlan:
    """Return the change that a known declaration means for a gateway."""
    judged = declaration.type.judged(gateway, declaration.known_addresses or ())
    wait = declaration.settings.wait_for_drain is not False
    return plan_change(declaration.require_target().diff(judged), judged, quota=quota, wait_for_drain=wait)


def last_change_of(declaration: Declaration, change: ChangePlan) -> LastChange:
    """Return a change as a reviewer sees it."""
    return LastChange.of(declaration.type.kind, change, declaration.settings.drain_seconds)


def problems_of(
    declaration: Declaration, gateway: NatGateway, change: ChangePlan | None, cidr: str | None, quota: int
) -> tuple[Problem, ...]:
    """Return what is against carrying a declaration out on a gateway; `change` is None while not known."""
    declared, rules = declaration.type, declaration.rules(quota, cidr)
    judged = declared.judged(gateway, declaration.known_addresses or ())
    return check_change(declared.kind, declaration.target, judged, change, rules, settings=declaration.settings)


def permission_errors(
    declaration: Declaration, gateway: NatGateway, change: ChangePlan, configured: Configured
) -> list[Diagnostic]:
    """Return an error for each planned call that AWS would deny, by the dry runs that apply always makes."""
    seconds = declaration.settings.drain_seconds  # no permission depends on it
    private_ips = declaration.rules(0, None).private_ips
    problems = configured.engine.preflight(declaration.type.kind, gateway, change, seconds, private_ips)
    return errors(problems)


def planned_arguments(declaration: Declaration) -> Object:
    """Return the arguments of the planned state: what is declared, defaults filled in."""
    table, count_argument, config = declaration.type.table, declaration.type.kind.count_argument, declaration.config
    state = {**{name: config[name] for name in table.arguments}, **table.with_defaults(config)}
    state |= {row.name: UNKNOWN for row in table.rows if row.name in state and row.show and state[row.name] is None}
    if count_argument and config[count_argument] is None and declaration.secondaries is not None:
        state[count_argument] = declaration.secondaries
    return state


def unknown_change(declared: ResourceType) -> Object:
    """Return `last_change` while gateway or set are unknown: it will unassign nothing, the rest is open."""
    parts: Object = {**dict.fromkeys(LastChange.__dataclass_fields__, UNKNOWN), "unassign": NONE, "drain": NONE}
    return declared.change_parts(parts)


def _known_change_response(
    declaration: Declaration, inputs: PlanInputs, gateway: NatGateway, change: ChangePlan
) -> PlanResponse:
    state = {
        **planned_arguments(declaration),
        **_computed_attributes(declaration, inputs, gateway, change),
        names.LAST_CHANGE: _known_change(declaration, change, is_quota_known=inputs.configured is not None),
    }
    diagnostics = _change_warnings(declaration, gateway, change, state[names.LAST_CHANGE])
    if inputs.configured is not None and inputs.configured.check_permissions_at_plan and change.steps:
        diagnostics += permission_errors(declaration, gateway, change, inputs.configured)
    return PlanResponse(state, planned_private=approve(change), diagnostics=diagnostics)


def _unknown_change_state(declaration: Declaration, computed: Object) -> Object:
    return {**planned_arguments(declaration), **computed, names.LAST_CHANGE: unknown_change(declaration.type)}


def _unchanged_state(declaration: Declaration, prior: Object) -> Object:
    """Return the planned state when the gateway is as declared: the arguments are new, all that was observed stays."""
    config, rows = declaration.config, declaration.type.table.rows
    observed = {row.name for row in rows if row.show is not None and config[row.name] is None}
    arguments = planned_arguments(declaration)
    return {**prior, **{name: value for name, value in arguments.items() if name not in observed}}


def _computed_attributes(
    declaration: Declaration, inputs: PlanInputs, gateway: NatGateway, change: ChangePlan | None
) -> Object:
    """Return the computed attributes for a gateway that was read, as they will be after the change."""
    declared = declaration.type
    observed = declared.observed(gateway, inputs.subnet_cidr_block, planned_arguments(declaration))
    kept = {name: UNKNOWN if observed[name] is None else observed[name] for name in declared.table.unknown_gateway}
    passing = {declared.kind.draining: _draining_afterwards(declaration, change), names.STATUS: UNKNOWN}
    kept |= {name: value for name, value in passing.items() if name in kept}
    if declaration.addresses is None:
        kept[declared.argument] = UNKNOWN if change is None else _counted_addresses(change.diff)
    return kept


def _counted_addresses(diff: Diff) -> tuple[Any, ...]:
    """Return the planned set of a declared count: those that AWS picks are unknown one by one.

    Were the whole set unknown, Terraform would mark each address that stays with a `-`.
    """
    return (*diff.keep, *[UNKNOWN] * diff.assign_count)


def _draining_afterwards(declaration: Declaration, change: ChangePlan | None) -> Any:
    if change is None or not change.steps:
        return UNKNOWN
    waits = declaration.settings.wait_for_drain
    return () if waits or not change.diff.unassign else UNKNOWN


def _known_change(declaration: Declaration, change: ChangePlan, *, is_quota_known: bool) -> Object:
    """Return `last_change` for a known change; `assign` is unknown where AWS picks, the order while the quota is."""
    parts = last_change_of(declaration, change).to_mapping()
    if not is_quota_known:
        parts["summary"] = parts["in_service"] = UNKNOWN
    if parts["assign"] is None:
        parts["assign"] = UNKNOWN
    if declaration.settings.max_drain_duration_seconds is None and change.diff.unassign:
        parts["summary"] = parts["drain"] = UNKNOWN
    return declaration.type.change_parts(parts)


def _change_warnings(
    declaration: Declaration, gateway: NatGateway, change: ChangePlan, last_change: Any
) -> list[Diagnostic]:
    unassign = change.diff.unassign
    if not unassign:
        return []
    gateway_id, seconds = gateway.nat_gateway_id, declaration.settings.max_drain_duration_seconds
    serving = "" if last_change["in_service"] is UNKNOWN else last_change["in_service"]
    return [drain_warning(declaration.type, gateway_id, unassign, seconds, "This change", in_service=serving)]


def _destroy_warnings(declared: ResourceType, prior: Object, lead: str) -> list[Diagnostic]:
    addresses = tuple(key for key in declared.held(prior) if isinstance(key, str))  # a damaged state may hold null
    nat_gateway_id = str(prior[names.NAT_GATEWAY_ID])
    if not addresses:
        return []
    if prior.get(names.ON_DESTROY) == names.ON_DESTROY_RETAIN:
        return [retained_warning(declared, nat_gateway_id, addresses)]
    stored: Any = prior[names.MAX_DRAIN]
    seconds = None if stored is None or check_max_drain(stored) else stored
    return [drain_warning(declared, nat_gateway_id, addresses, seconds, lead, is_repeated=False)]
