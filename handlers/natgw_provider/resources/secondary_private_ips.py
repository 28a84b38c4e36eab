"""`natgw_secondary_private_ips`: what Terraform asks of the resource, one method each.

Each method decodes, asks `core` what should be and the engine what is, and encodes. It decides no order, makes no EC2
call by itself, and never hands the engine an address that the approved plan did not show. How to plan and how to
apply is imported when asked for: a third of all starts only validate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error, warning
from natgw_provider.bridge.handlers import (
    ApplyRequest,
    ApplyResponse,
    Context,
    ImportRequest,
    ImportResponse,
    Object,
    PlanRequest,
    PlanResponse,
    ReadRequest,
    ReadResponse,
    Resource,
)
from natgw_provider.core import names
from natgw_provider.core.declaration_checks import check_nat_gateway_id
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.plan_checks import check_gateway
from natgw_provider.core.problems import Problem, ProblemError
from natgw_provider.resources.declaration import DEFAULTS, problems_with
from natgw_provider.resources.diagnostics import errors, explained
from natgw_provider.resources.engine import Configured
from natgw_provider.resources.observed import known_cidr_block, observed_attributes, remember
from natgw_provider.resources.secondary_private_ips_schema import IDENTITY_SCHEMA, SCHEMA
from natgw_provider.resources.sight import Sight


class SecondaryPrivateIps(Resource):
    """The full set of secondary private addresses of one private NAT gateway."""

    schema = SCHEMA
    identity_schema = IDENTITY_SCHEMA

    def __init__(self, configured: Callable[[], Configured | None]) -> None:
        """`configured` returns the connected provider, or None while its block is not fully known."""
        self._configured = configured

    def validate(self, config: Object, context: Context) -> Sequence[Diagnostic]:
        """Check the configuration by itself; what is unknown is passed over."""
        return errors(problems_with(config))

    def read(self, request: ReadRequest, context: Context) -> ReadResponse:
        """Look at the gateway; gone means out of the state, with a warning."""
        configured = self._configured()
        if configured is None:
            return ReadResponse(request.state, request.private)
        nat_gateway_id = str(request.state[names.NAT_GATEWAY_ID])
        with explained():
            gateway = configured.engine.read(nat_gateway_id)
        if gateway is None or gateway.is_gone:
            configured.walk.note_gone(nat_gateway_id)
            return ReadResponse(None, diagnostics=[_gone_warning(nat_gateway_id, gateway)])
        configured.walk.note_living(nat_gateway_id)
        defaults: Object = {name: default for name, default in DEFAULTS.items() if request.state[name] is None}
        cidr = known_cidr_block(request.state) or _cidr_block(gateway, configured)
        state = {**request.state, **defaults, **observed_attributes(gateway, cidr)}
        return ReadResponse(state, remember(gateway), _failed_warnings(gateway), _identity_of(state))

    def plan(self, request: PlanRequest, context: Context) -> PlanResponse:
        """Say what apply will do. Reads the gateway on create and that of a move; else it is what refresh saw."""
        from natgw_provider.resources.planning import plan_create_or_update  # noqa: PLC0415 - see above

        self._refuse_two_claims(request)
        if request.config is None or request.proposed_new_state is None:
            return self._plan_destroy(request)
        response = plan_create_or_update(request, self._sight(request))
        # An update in place keeps the identity that it finds, unless it moves to another gateway.
        is_new = request.prior_state is None or _is_move(request)
        return replace(response, planned_identity=_identity_of(response.planned_state) if is_new else None)

    def apply(self, request: ApplyRequest, context: Context) -> ApplyResponse:
        """Do what the plan showed, and nothing else."""
        from natgw_provider.resources.applying import apply_change, apply_destroy  # noqa: PLC0415 - see above

        configured = self._require_configured()
        if request.planned_state is None:
            return apply_destroy(request, configured, context)
        response = apply_change(request, configured, context)
        return replace(response, identity=_identity_of(response.new_state))

    def import_state(self, request: ImportRequest, context: Context) -> ImportResponse:
        """Start from a gateway's id, given as such or as identity; it has to be a private gateway that lives."""
        nat_gateway_id = str((request.identity or {}).get(names.NAT_GATEWAY_ID) or request.id or "")
        malformed = check_nat_gateway_id(nat_gateway_id)
        if malformed:
            return ImportResponse(None, diagnostics=errors(malformed))
        configured = self._require_configured()
        with explained():
            gateway = configured.engine.read(nat_gateway_id)
        if gateway is None:
            return ImportResponse(None, diagnostics=[_not_found(nat_gateway_id, configured)])
        problems = check_gateway(gateway)
        if problems:
            return ImportResponse(None, diagnostics=errors(problems))
        empty: Object = {attribute.name: None for attribute in SCHEMA.attributes}
        state = {**empty, **DEFAULTS, names.NAT_GATEWAY_ID: nat_gateway_id, names.ID: nat_gateway_id}
        return ImportResponse(state, identity=_identity_of(state))

    def configuration_of(self, state: Object) -> Object:
        """Name the gateway and its addresses, and what is not at its default; the count says nothing beside them."""
        arguments = super().configuration_of(state)
        left_out = {names.ADDRESS_COUNT, *(name for name, default in DEFAULTS.items() if state[name] == default)}
        return {name: None if name in left_out else value for name, value in arguments.items()}

    def _sight(self, request: PlanRequest) -> Sight:
        """What can be seen of the declared gateway while planning."""
        configured = self._configured()
        config = request.config or {}
        nat_gateway_id = config[names.NAT_GATEWAY_ID]
        if configured is None:
            return Sight()
        if not isinstance(nat_gateway_id, str) or not (request.prior_state is None or _is_move(request)):
            return Sight(configured=configured)
        if configured.walk.is_gone(nat_gateway_id):
            # terraform destroy plans a create in passing for what its refresh found gone: an error would block it.
            return Sight(configured=configured)
        with explained():
            gateway = configured.engine.read(nat_gateway_id)
        if gateway is None:
            raise DiagnosticsError([_not_found(nat_gateway_id, configured)])
        cidr = _cidr_block(gateway, configured) if gateway.is_private else None
        return Sight(configured=configured, gateway=gateway, subnet_cidr_block=cidr)

    def _plan_destroy(self, request: PlanRequest) -> PlanResponse:
        """Warn of what drains, unless the gateway is gone: without a refresh (-refresh=false) AWS is asked here."""
        from natgw_provider.resources.planning import plan_destroy  # noqa: PLC0415 - see above

        response, configured = plan_destroy(request), self._configured()
        nat_gateway_id = str((request.prior_state or {})[names.NAT_GATEWAY_ID])
        if not response.diagnostics or configured is None or configured.walk.is_living(nat_gateway_id):
            return response
        try:
            gateway = configured.engine.read(nat_gateway_id)
        except ProblemError:
            return response  # the warning may say too much; apply asks again
        return PlanResponse(None) if gateway is None or gateway.is_gone else response

    def _refuse_two_claims(self, request: PlanRequest) -> None:
        configured = self._configured()
        if configured is None:
            return
        problems: tuple[Problem, ...] = ()
        if request.prior_state is not None:
            problems = configured.walk.hold(str(request.prior_state[names.NAT_GATEWAY_ID]))
        declared = (request.config or {}).get(names.NAT_GATEWAY_ID)
        if isinstance(declared, str) and not problems and (request.prior_state is None or _is_move(request)):
            problems = configured.walk.create(declared)
        if problems:
            raise DiagnosticsError(errors(problems))

    def _require_configured(self) -> Configured:
        configured = self._configured()
        if configured is None:
            raise DiagnosticsError(
                [
                    error(
                        "The provider block is not fully known",
                        "This needs a connection to AWS, but the provider block depends on values that are not known "
                        "yet. Apply the resources it depends on first (terraform apply -target=...), then run again.",
                    )
                ]
            )
        return configured


def _cidr_block(gateway: NatGateway, configured: Configured) -> str | None:
    with explained():
        return configured.engine.subnet_cidr_block(gateway.subnet_id)


def _is_move(request: PlanRequest) -> bool:
    """Return whether a resource that exists is declared for a gateway that is known to be another one."""
    declared = (request.config or {}).get(names.NAT_GATEWAY_ID)
    prior = request.prior_state
    return prior is not None and isinstance(declared, str) and declared != prior[names.NAT_GATEWAY_ID]


def _identity_of(state: Object | None) -> Object | None:
    """Return what identifies the resource of a state; None while that is not known."""
    nat_gateway_id = (state or {}).get(names.NAT_GATEWAY_ID)
    return {names.NAT_GATEWAY_ID: nat_gateway_id} if isinstance(nat_gateway_id, str) else None


def _not_found(nat_gateway_id: str, configured: Configured) -> Diagnostic:
    return error(
        "NAT gateway not found",
        f'There is no NAT gateway "{nat_gateway_id}" in {configured.engine.location()}. Check the id (nat-...), the '
        "region and the credentials of the provider block.",
        (names.NAT_GATEWAY_ID,),
    )


def _gone_warning(nat_gateway_id: str, gateway: NatGateway | None) -> Diagnostic:
    found = "does not exist any more" if gateway is None else f"is {gateway.state.value}"
    because = f": {gateway.failure_message}" if gateway is not None and gateway.failure_message else ""
    return warning(
        f"{nat_gateway_id} is gone",
        f"The NAT gateway {found}{because}. Its secondary addresses went with it, so the resource leaves the state; "
        "the plan creates it anew, which fails at apply as long as this gateway is the one declared. Declare another "
        "gateway, or remove the resource.",
    )


def _failed_warnings(gateway: NatGateway) -> list[Diagnostic]:
    return [
        warning(
            f"{gateway.nat_gateway_id}: {address.key} failed",
            f"AWS could not assign it: {address.failure_message or 'no reason given'}. It is not in service and counts "
            "against the quota until AWS removes it. If it is declared, the plan assigns it again.",
            (names.ADDRESSES,),
        )
        for address in gateway.failed
    ]
