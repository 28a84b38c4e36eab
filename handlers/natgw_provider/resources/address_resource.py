"""What Terraform asks of a resource, one method each, for every resource type.

Each method decodes, asks `core` what should be and the engine what is, and encodes. It decides no order, makes no EC2
call by itself, and never hands the engine an address that the approved plan did not show. Planning and applying are
imported when they are needed: a third of all starts only validate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError
from natgw_provider.bridge.handlers import (
    ApplyRequest,
    ApplyResponse,
    Context,
    ImportRequest,
    ImportResponse,
    Object,
    PlanRequest,
    PlanResponse,
    Private,
    ReadRequest,
    ReadResponse,
    Resource,
)
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import names
from natgw_provider.core.declaration_checks import check_nat_gateway_id
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.plan_checks import check_gateway
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.resources.configured import Configured, PlanInputs, require_configured
from natgw_provider.resources.declaration import Declaration, problems_at_plan, problems_with
from natgw_provider.resources.diagnostics import (
    errors,
    explained,
    failed_warnings,
    gone_warning,
    lost_warning,
    not_a_secondary,
    not_found,
)
from natgw_provider.resources.private_state import (
    has_snapshot,
    keep_snapshot,
    kept_snapshot,
    known_cidr_block,
    snapshot_of_state,
)
from natgw_provider.resources.resource_type import ResourceType


class AddressResource(Resource):
    """Secondary addresses of one NAT gateway."""

    def __init__(self, declared: ResourceType, configured: Callable[[], Configured | None]) -> None:
        """`configured` returns the connected provider, or None while its block is not fully known."""
        self._type = declared
        self._configured = configured
        self.schema = declared.schema
        self.identity_schema = declared.identity_schema

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Check the configuration by itself; what is unknown is passed over."""
        return errors(problems_with(self._type, config))

    def upgrade(self, version: int, state: Object, context: Context) -> Object:
        """Return a stored state in the current form: an earlier version had another `last_change`, which is dropped."""
        return {**state, names.LAST_CHANGE: None} if version < self.schema.version else state

    def read(self, request: ReadRequest, context: Context) -> ReadResponse:
        """Read the gateway; gone means out of the state, with a warning."""
        configured = self._configured()
        if configured is None:
            return ReadResponse(request.state, request.private)
        nat_gateway_id = str(request.state[names.NAT_GATEWAY_ID])
        with explained():
            gateway = configured.engine.read(nat_gateway_id)
        if gateway is None or gateway.is_gone:
            configured.claims.note_gone(nat_gateway_id)
            return ReadResponse(None, diagnostics=[gone_warning(nat_gateway_id, gateway)])
        configured.claims.note_found(nat_gateway_id)
        if self._type.is_single and not self._type.own(request.state, gateway):
            return ReadResponse(None, diagnostics=[lost_warning(self._type, request.state)])
        configured.claims.hold(nat_gateway_id, self._type, self._type.claimed(request.state))
        cidr = known_cidr_block(request.state)
        if cidr is None and names.SUBNET_CIDR_BLOCK in request.state:
            cidr = _cidr_block(gateway, configured)
        observed = self._type.observed(gateway, cidr, request.state)
        state = {**request.state, **self._type.table.with_defaults(request.state), **observed}
        warnings = failed_warnings(self._type, state, gateway)
        return ReadResponse(state, keep_snapshot(gateway), warnings, self._type.identity_of(state))

    def plan(self, request: PlanRequest, context: Context) -> PlanResponse:
        """Say what apply will do. Reads the gateway on create and that of a move; else it is what refresh saw."""
        self._refuse_two_claims(request)
        if request.config is None or request.proposed_new_state is None:
            return self._plan_destroy(request)
        response = self._plan_change(request, request.config)
        # An update in place keeps the identity that it finds, unless it moves to another gateway.
        is_new = request.prior_state is None or _is_move(request)
        return replace(response, planned_identity=self._type.identity_of(response.planned_state) if is_new else None)

    def apply(self, request: ApplyRequest, context: Context) -> ApplyResponse:
        """Do what the plan showed, and nothing else."""
        from natgw_provider.resources.applying import apply_change, apply_destroy  # noqa: PLC0415 - see above

        with explained():
            configured = require_configured(self._configured)
            if request.planned_state is None:
                return apply_destroy(self._type, request, configured, context)
            response = apply_change(self._type, request, configured, context)
        return replace(response, identity=self._type.identity_of(response.new_state))

    def import_state(self, request: ImportRequest, context: Context) -> ImportResponse:
        """Start from a gateway's id, given as such or as identity; it has to be one with this kind of addresses."""
        given = request.identity or self._type.parts_of_id(request.id or "")
        nat_gateway_id = str(given.get(names.NAT_GATEWAY_ID) or "")
        malformed = check_nat_gateway_id(nat_gateway_id)
        if malformed:
            return ImportResponse(None, diagnostics=errors(malformed))
        with explained():
            gateway = _require_gateway(nat_gateway_id, require_configured(self._configured))
        problems = check_gateway(self._type.kind, gateway)
        if not problems and self._type.is_single and not self._type.own(given, gateway):
            problems = (not_a_secondary(self._type, given, gateway),)
        if problems:
            return ImportResponse(None, diagnostics=errors(problems))
        table = self._type.table
        state = {**table.empty, **table.defaults, **given, names.ID: self._type.id_of(given)}
        return ImportResponse(state, identity=self._type.identity_of(state))

    def configuration_of(self, state: Object) -> Object:
        """Name the gateway and its addresses, and what is not at its default; what follows from them is left out."""
        arguments, table = super().configuration_of(state), self._type.table
        follows = {row.name for row in table.rows if row.show is not None and row.attribute.optional}
        left_out = follows - {self._type.argument}
        left_out |= {name for name, default in table.defaults.items() if state[name] == default}
        return {name: None if name in left_out else value for name, value in arguments.items()}

    def _plan_change(self, request: PlanRequest, config: Object) -> PlanResponse:
        """Plan a create, an update, a move, or an update of which it is not known yet whether it moves."""
        from natgw_provider.resources.moving import Move, plan_move, plan_unknown_gateway  # noqa: PLC0415 - see above
        from natgw_provider.resources.planning import plan_on_gateway, plan_replacement  # noqa: PLC0415 - see above

        prior = request.prior_state
        if problems := problems_at_plan(self._type, config, prior):
            return PlanResponse(prior, diagnostics=errors(problems))
        declaration = Declaration(self._type, config)
        if prior is not None and self._type.claimed(config) != self._type.claimed(prior):
            return plan_replacement(declaration, request, prior)
        with explained():
            inputs = self._plan_inputs(request)
        if prior is None or inputs.refreshed is None:
            return plan_on_gateway(declaration, inputs, request)
        move = Move.of(inputs.refreshed, declaration, prior)
        if declaration.nat_gateway_id is UNKNOWN:
            return plan_unknown_gateway(request, move, inputs)
        if _is_move(request):
            return plan_move(request, move, inputs)
        updated = replace(inputs, gateway=inputs.refreshed, subnet_cidr_block=known_cidr_block(prior))
        return plan_on_gateway(declaration, updated, request)

    def _plan_inputs(self, request: PlanRequest) -> PlanInputs:
        """Return what a plan is made from; reads the declared gateway on create and for a move."""
        configured, prior = self._configured(), request.prior_state
        nat_gateway_id = (request.config or {})[names.NAT_GATEWAY_ID]
        refreshed = None if prior is None else _refreshed(self._type, request.prior_private, prior, configured)
        inputs = PlanInputs(kind=self._type.kind, configured=configured, refreshed=refreshed)
        if configured is None or not isinstance(nat_gateway_id, str) or not (prior is None or _is_move(request)):
            return inputs
        if configured.claims.is_gone(nat_gateway_id):
            # terraform destroy plans a create in passing for what its refresh found gone: an error would block it.
            return inputs
        gateway = _require_gateway(nat_gateway_id, configured)
        cidr = _cidr_block(gateway, configured) if gateway.connectivity_type == self._type.kind.connectivity else None
        return replace(inputs, gateway=gateway, subnet_cidr_block=cidr)

    def _plan_destroy(self, request: PlanRequest) -> PlanResponse:
        """Warn of what drains, unless the gateway is gone: without a refresh (-refresh=false) it is read here."""
        from natgw_provider.resources.planning import plan_destroy  # noqa: PLC0415 - see above

        response, configured = plan_destroy(self._type, request), self._configured()
        nat_gateway_id = str((request.prior_state or {})[names.NAT_GATEWAY_ID])
        if not response.diagnostics or configured is None or configured.claims.is_found(nat_gateway_id):
            return response
        try:
            gateway = configured.engine.read(nat_gateway_id)
        except ProblemError:
            return response  # the warning may say too much; apply reads again
        return PlanResponse(None) if gateway is None or gateway.is_gone else response

    def _refuse_two_claims(self, request: PlanRequest) -> None:
        configured = self._configured()
        if configured is None:
            return
        problems: tuple[Problem, ...] = ()
        config, prior, claimed = request.config, request.prior_state, self._type.claimed
        if prior is not None:
            problems = configured.claims.hold(str(prior[names.NAT_GATEWAY_ID]), self._type, claimed(prior))
        # What is replaced is planned once more, as new.
        is_new = config is not None and (prior is None or (_is_move(request) and claimed(config) == claimed(prior)))
        declared = config[names.NAT_GATEWAY_ID] if config is not None and is_new else None
        if config is not None and isinstance(declared, str) and not problems:
            problems = configured.claims.create(declared, self._type, claimed(config))
        if problems:
            raise DiagnosticsError(errors(problems))


def _refreshed(declared: ResourceType, private: Private, prior: Object, configured: Configured | None) -> NatGateway:
    """Return the gateway as refresh saw it.

    A snapshot that is not understood is read anew, which a plan may do at any time: Terraform stops an apply whose
    second plan differs. Without a snapshot, or a connection, the state has to do.
    """
    snapshot = kept_snapshot(private)
    if snapshot is not None:
        return snapshot
    if has_snapshot(private) and configured is not None:
        return _require_gateway(str(prior[names.NAT_GATEWAY_ID]), configured)
    return snapshot_of_state(declared, prior)


def _require_gateway(nat_gateway_id: str, configured: Configured) -> NatGateway:
    """Return the gateway. Raises ProblemError when it does not exist."""
    gateway = configured.engine.read(nat_gateway_id)
    if gateway is None:
        raise ProblemError(not_found(nat_gateway_id, configured.engine.location()))
    return gateway


def _cidr_block(gateway: NatGateway, configured: Configured) -> str | None:
    with explained():
        return configured.engine.subnet_cidr_block(gateway.subnet_id)


def _is_move(request: PlanRequest) -> bool:
    """Return whether a resource that exists is declared for a gateway that is known to be another one."""
    declared = (request.config or {}).get(names.NAT_GATEWAY_ID)
    prior = request.prior_state
    return prior is not None and isinstance(declared, str) and declared != prior[names.NAT_GATEWAY_ID]
