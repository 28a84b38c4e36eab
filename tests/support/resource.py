"""Drives the resource's handlers the way Terraform does, against an engine that only remembers.

For what a plan says; what an apply does is tested against the simulator.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from natgw_provider.aws.api import Subnet
from natgw_provider.bridge.diagnostics import Diagnostic
from natgw_provider.bridge.handlers import Context, PlanRequest, PlanResponse, ReadRequest, ReadResponse
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.change_plan import ChangePlan
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.problems import Problem
from natgw_provider.engine.change import ChangeRequest, Outcome
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.secondary_private_ips import SecondaryPrivateIps
from natgw_provider.resources.secondary_private_ips_attributes import SCHEMA

GATEWAY_ID = "nat-0a1b2c3d4e5f67890"
COMPUTED = tuple(a.name for a in SCHEMA.attributes if a.computed)


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


@dataclass
class RememberingEngine:
    """An engine whose gateway never changes; it remembers what it was asked."""

    gateway: NatGateway | None
    cidr: str | None = "10.0.0.0/24"
    denials: tuple[Problem, ...] = ()
    reads: int = 0
    requests: list[ChangeRequest] = field(default_factory=list)

    def location(self) -> str:
        return "region eu-central-1 of account 123456789012"

    def read(self, nat_gateway_id: str) -> NatGateway | None:
        self.reads += 1
        return self.gateway

    def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
        return (self.gateway,) if self.gateway else ()

    def subnet(self, subnet_id: str | None) -> Subnet | None:
        return None

    def subnet_cidr_block(self, subnet_id: str | None) -> str | None:
        return self.cidr

    def preflight(self, nat_gateway_id: str, change: ChangePlan, max_drain_seconds: int) -> tuple[Problem, ...]:
        return self.denials

    def carry_out(self, request: ChangeRequest, stop: threading.Event, report: Callable[[str], None]) -> Outcome:
        self.requests.append(request)
        return Outcome(gateway=self.gateway)


@dataclass
class Driver:
    """The resource, connected to an engine; `engine` None is a provider whose block is not known yet."""

    engine: RememberingEngine | None
    quota: int = 8
    check_permissions: bool = False

    def __post_init__(self) -> None:
        self.resource = SecondaryPrivateIps(self._configured)
        self.context = Context(stop=threading.Event(), terraform_version="1.11.4", log=Log())

    def validate(self, **arguments: Any) -> list[Diagnostic]:
        return list(self.resource.validate(configuration(**arguments), self.context))

    def read(self, state: dict[str, Any]) -> ReadResponse:
        return self.resource.read(ReadRequest(state), self.context)

    def plan(self, prior: ReadResponse | None = None, **arguments: Any) -> PlanResponse:
        """Plan a declaration, on create or after a refresh that answered `prior`."""
        config = configuration(**arguments)
        state = prior.state if prior else None
        request = PlanRequest(
            prior_state=state,
            proposed_new_state=proposed(config, state),
            config=config,
            prior_private=(prior.private if prior else None) or {},
        )
        return self.resource.plan(request, self.context)

    def refreshed(self, **arguments: Any) -> ReadResponse:
        """Return what a refresh answers for a resource that was applied with these arguments."""
        return self.read({**configuration(**arguments), "last_change": None})

    def _configured(self) -> Configured | None:
        if self.engine is None:
            return None
        return Configured(engine=self.engine, quota=self.quota, check_permissions_at_plan=self.check_permissions)


def configuration(**arguments: Any) -> dict[str, Any]:
    """Return a whole configuration: `arguments`, the usual gateway id, null for the rest."""
    return {**{a.name: None for a in SCHEMA.attributes}, "nat_gateway_id": GATEWAY_ID, **arguments}


def proposed(config: dict[str, Any], prior: Any) -> dict[str, Any]:
    """Return Terraform's proposed new state: computed attributes that are not set come from the prior state."""
    fallback = prior or dict.fromkeys(config, UNKNOWN)
    return {name: fallback[name] if value is None and name in COMPUTED else value for name, value in config.items()}
