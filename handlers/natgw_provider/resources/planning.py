"""Planning `natgw_secondary_private_ips`: from Terraform's request to the planned state, checks and warnings.

It looks at nothing itself: what can be seen of the gateway comes in as a `Sight`. What it promises, and what it leaves
unknown, is decided in `planned_state`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic
from natgw_provider.bridge.handlers import Object, PlanRequest, PlanResponse
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import names
from natgw_provider.core.declaration_checks import check_max_drain
from natgw_provider.resources.approval import approval_of, without_approval
from natgw_provider.resources.declaration import Declaration, declaration_of, problems_at_plan
from natgw_provider.resources.diagnostics import errors
from natgw_provider.resources.moving import Move, plan_move, plan_unknown_gateway
from natgw_provider.resources.observed import known_cidr_block, recall
from natgw_provider.resources.permissions import permission_errors
from natgw_provider.resources.planned_state import (
    PlannedChange,
    decided_change,
    declared_state,
    drain_warning,
    known_gateway_state,
    plan_known,
    problems_of,
    undecided_change,
    undecided_warning,
    unknown_gateway_state,
)
from natgw_provider.resources.sight import Sight


def plan_create_or_update(request: PlanRequest, sight: Sight) -> PlanResponse:
    """Return what apply will make of a declaration."""
    config, prior = request.config or {}, request.prior_state
    problems = problems_at_plan(config, prior)
    if problems:
        return PlanResponse(prior, diagnostics=errors(problems))
    declaration = declaration_of(config)
    if prior is None:
        return _plan_on(declaration, config, sight, request)
    gateway = recall(request.prior_private, prior)
    move = Move(left=gateway, declaration=declaration)
    if declaration.nat_gateway_id is UNKNOWN:
        return plan_unknown_gateway(request, move, sight)
    if declaration.nat_gateway_id != prior[names.NAT_GATEWAY_ID]:
        return plan_move(request, move, sight)
    refreshed = replace(sight, gateway=gateway, subnet_cidr_block=known_cidr_block(prior))
    return _plan_on(declaration, config, refreshed, request)


def plan_destroy(request: PlanRequest) -> PlanResponse:
    """Return the plan to destroy, with a warning that names what will drain."""
    return PlanResponse(None, diagnostics=_destroy_warnings(request.prior_state or {}))


def _plan_on(declaration: Declaration, config: Object, sight: Sight, request: PlanRequest) -> PlanResponse:
    prior, private = request.prior_state, without_approval(request.prior_private)
    if sight.gateway is None:
        return PlanResponse(_undecided_state(declaration, config, unknown_gateway_state()), planned_private=private)
    planned = plan_known(declaration, sight.gateway, sight.quota) if declaration.is_set_known else None
    change = planned.change if planned else None
    problems = problems_of(declaration, sight.gateway, change, sight.subnet_cidr_block, sight.quota)
    if problems:
        return PlanResponse(prior, diagnostics=errors(problems))
    if planned is None:
        state = _undecided_state(
            declaration, config, known_gateway_state(sight.gateway, sight.subnet_cidr_block, declaration, None)
        )
        warnings = [undecided_warning(sight.gateway.nat_gateway_id, prior)]
        return PlanResponse(state, planned_private=private, diagnostics=warnings)
    if prior is not None and planned.change.diff.is_empty:
        return PlanResponse(_settled_state(declaration, config, prior), planned_private=private)
    return _decided_response(declaration, config, sight, planned)


def _decided_response(declaration: Declaration, config: Object, sight: Sight, planned: PlannedChange) -> PlanResponse:
    gateway = planned.gateway
    state = {
        **declared_state(declaration, config),
        **known_gateway_state(gateway, sight.subnet_cidr_block, declaration, planned),
        names.LAST_CHANGE: decided_change(planned, declaration, is_quota_known=sight.configured is not None),
    }
    approval = approval_of(planned.last_change, planned.change.diff.assign_count)
    diagnostics = _change_warnings(planned, declaration)
    if sight.configured is not None and sight.configured.check_permissions_at_plan and planned.change.steps:
        diagnostics += permission_errors(declaration, planned, sight.configured)
    return PlanResponse(state, planned_private=approval, diagnostics=diagnostics)


def _undecided_state(declaration: Declaration, config: Object, computed: Object) -> Object:
    return {**declared_state(declaration, config), **computed, names.LAST_CHANGE: undecided_change()}


def _settled_state(declaration: Declaration, config: Object, prior: Object) -> Object:
    """The planned state when the gateway is as declared: the arguments are new, all that was observed stays."""
    declared = declared_state(declaration, config)
    observed = {name for name in (names.ADDRESSES, names.ADDRESS_COUNT) if config[name] is None}
    return {**prior, **{name: value for name, value in declared.items() if name not in observed}}


def _change_warnings(planned: PlannedChange, declaration: Declaration) -> list[Diagnostic]:
    unassign = planned.change.diff.unassign
    if not unassign:
        return []
    seconds = declaration.setting(names.MAX_DRAIN)
    return [drain_warning(planned.gateway.nat_gateway_id, unassign, seconds, "Applying this plan unassigns")]


def _destroy_warnings(prior: Object) -> list[Diagnostic]:
    held: Any = prior.get(names.ADDRESSES) or ()
    addresses = tuple(address for address in held if isinstance(address, str))  # a damaged state may hold null
    if not addresses or prior.get(names.ON_DESTROY) == names.ON_DESTROY_RETAIN:
        return []
    stored: Any = prior[names.MAX_DRAIN]
    seconds = None if stored is None or check_max_drain(stored) else stored
    return [drain_warning(str(prior[names.NAT_GATEWAY_ID]), addresses, seconds, "Destroying unassigns")]
