"""Drives the resource's handlers the way Terraform does, against an engine that only remembers.

For what a plan says; what an apply does is tested against the simulator.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from natgw_provider.aws.api import Subnet
from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError
from natgw_provider.bridge.handlers import Context, PlanRequest, PlanResponse, ReadRequest, ReadResponse
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.address_kinds import KINDS, PRIVATE_IPS, AddressKind
from natgw_provider.core.change_plan import ChangePlan
from natgw_provider.core.diff import Diff
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.problems import Problem
from natgw_provider.engine.change import ChangeRequest, Outcome
from natgw_provider.resources.address_resource import AddressResource
from natgw_provider.resources.address_set import PRIVATE_IP_SET
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.resource_type import ResourceType
from support.either_kind import EitherKind

GATEWAY_ID = "nat-0a1b2c3d4e5f67890"


def gateway(*secondaries: str, **changes: Any) -> NatGateway:
    """Return an idle private gateway 10.0.0.10 in 10.0.0.0/24 with these secondaries."""
    primary = NatGatewayAddress(
        key="10.0.0.10", status=AddressStatus.SUCCEEDED, is_primary=True, network_interface_id="eni-1"
    )
    rest = tuple(NatGatewayAddress(key=ip, status=AddressStatus.SUCCEEDED) for ip in secondaries)
    fields: dict[str, Any] = {
        "nat_gateway_id": GATEWAY_ID,
        "state": GatewayState.AVAILABLE,
        "connectivity_type": "private",
        "vpc_id": "vpc-1",
        "subnet_id": "subnet-1",
        "addresses": (primary, *rest),
    }
    return NatGateway(**{**fields, **changes})


@dataclass(frozen=True)
class DryRuns:
    """What a plan asked AWS to check."""

    nat_gateway_id: str
    diff: Diff
    max_drain_seconds: int
    private_ips: dict[str, str]


@dataclass
class RememberingEngine:
    """An engine whose gateway never changes; it remembers what it was asked."""

    gateway: NatGateway | None
    cidr: str | None = "10.0.0.0/24"
    denials: tuple[Problem, ...] = ()
    reads: int = 0
    either: EitherKind = field(default_factory=lambda: EitherKind(PRIVATE_IPS))
    requests: list[ChangeRequest] = field(default_factory=list)
    dry_runs: list[DryRuns] = field(default_factory=list)

    def location(self) -> str:
        return "region eu-central-1 of account 123456789012"

    def read(self, nat_gateway_id: str) -> NatGateway | None:
        self.reads += 1
        return self.either.gateway(self.gateway)

    def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
        return (self.gateway,) if self.gateway else ()

    def subnet(self, subnet_id: str | None) -> Subnet | None:
        return None

    def subnet_cidr_block(self, subnet_id: str | None) -> str | None:
        return self.cidr

    def preflight(
        self,
        kind: AddressKind,
        gateway: NatGateway,
        change: ChangePlan,
        max_drain_seconds: int,
        private_ips: Mapping[str, str] | None = None,
    ) -> tuple[Problem, ...]:
        diff = change.diff
        shown = replace(
            diff, assign=self.either.values(diff.assign), unassign=self.either.values(diff.unassign), keep=()
        )
        self.dry_runs.append(DryRuns(gateway.nat_gateway_id, shown, max_drain_seconds, dict(private_ips or {})))
        return self.denials

    def carry_out(self, request: ChangeRequest, stop: threading.Event, report: Callable[[str], None]) -> Outcome:
        self.requests.append(request)
        return Outcome(gateway=self.either.gateway(self.gateway))


@dataclass
class Driver:
    """A set, connected to an engine; `engine` None is a provider whose block is not known yet.

    It takes and returns what a test of private addresses has, whatever kind the set is of.
    """

    engine: RememberingEngine | None
    quota: int = 8
    check_permissions: bool = False

    kind: ClassVar[AddressKind] = PRIVATE_IPS

    def __post_init__(self) -> None:
        self.context = context()

    @property
    def either(self) -> EitherKind:
        return EitherKind(self.kind)

    @property
    def resource(self) -> AddressResource:
        return AddressResource(self.either.declared, self._configured)

    def validate(self, **arguments: Any) -> list[Diagnostic]:
        either = self.either
        config = configuration(either.declared, **either.arguments(arguments))
        return either.diagnostics(self.resource.validate(config, self.context))

    def read(self, state: dict[str, Any]) -> ReadResponse:
        response = self.resource.read(ReadRequest(self.either.state_in(state) or {}), self.context)
        return self._read_out(response)

    def plan(self, prior: ReadResponse | None = None, **arguments: Any) -> PlanResponse:
        """Plan a declaration, on create or after a refresh that answered `prior`."""
        either = self.either
        config = configuration(either.declared, **either.arguments(arguments))
        state = either.state_in(prior.state) if prior else None
        request = PlanRequest(
            prior_state=state,
            proposed_new_state=proposed(config, state, either.declared),
            config=config,
            prior_private=(prior.private if prior else None) or {},
        )
        return self._plan_out(request)

    def plan_destroy(self, prior: ReadResponse) -> PlanResponse:
        """Plan to destroy what a refresh found."""
        return self._plan_out(PlanRequest(self.either.state_in(prior.state), None, None))

    def refreshed(self, **arguments: Any) -> ReadResponse:
        """Return what a refresh answers for a resource that was applied with these arguments."""
        either = self.either
        state = {**configuration(either.declared, **either.arguments(arguments)), "last_change": None}
        return self._read_out(self.resource.read(ReadRequest(state), self.context))

    def _read_out(self, response: ReadResponse) -> ReadResponse:
        either = self.either
        state = either.state_out(response.state)
        return replace(response, state=state, diagnostics=either.diagnostics(response.diagnostics))

    def _plan_out(self, request: PlanRequest) -> PlanResponse:
        either = self.either
        try:
            response = self.resource.plan(request, self.context)
        except DiagnosticsError as error:
            raise DiagnosticsError(either.diagnostics(error.diagnostics)) from error
        return replace(
            response,
            planned_state=either.state_out(response.planned_state),
            planned_private=either.private(response.planned_private),
            diagnostics=either.diagnostics(response.diagnostics),
        )

    def _configured(self) -> Configured | None:
        if self.engine is None:
            return None
        self.engine.either = self.either
        return configured_with(self.engine, self.quota, check_permissions=self.check_permissions)


def context(stop: threading.Event | None = None) -> Context:
    """Return what a handler gets beside its request."""
    return Context(stop=stop or threading.Event(), terraform_version="1.11.4", log=Log())


def configured_with(engine: Any, quota: int | None = None, *, check_permissions: bool = False) -> Configured:
    """Return a configured provider; `quota` None is each kind's default."""
    quotas = {kind.connectivity: kind.quota.default if quota is None else quota for kind in KINDS}
    return Configured(engine=engine, quotas=quotas, check_permissions_at_plan=check_permissions)


def configuration(declared: ResourceType = PRIVATE_IP_SET, /, **arguments: Any) -> dict[str, Any]:
    """Return a whole configuration: `arguments`, the usual gateway id, null for the rest."""
    return {**declared.table.empty, "nat_gateway_id": GATEWAY_ID, **arguments}


def proposed(config: dict[str, Any], prior: Any, declared: ResourceType = PRIVATE_IP_SET) -> dict[str, Any]:
    """Return Terraform's proposed new state: computed attributes that are not set come from the prior state."""
    fallback = prior or dict.fromkeys(config, UNKNOWN)
    computed = {attribute.name for attribute in declared.schema.attributes if attribute.computed}
    return {name: fallback[name] if value is None and name in computed else value for name, value in config.items()}
