"""As much of Terraform as one resource meets: refresh, plan, the second plan during apply, apply, and what is kept.

It holds the provider to Terraform's rules: a known planned value is what apply returns, the second plan conforms to the
first, an error keeps what Terraform would keep.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, Severity
from natgw_provider.bridge.handlers import ApplyRequest, PlanRequest, PlanResponse, ReadRequest
from natgw_provider.bridge.values import UNKNOWN, is_wholly_known
from natgw_provider.core.address_kinds import PRIVATE_IPS, AddressKind
from natgw_provider.engine.engine import GatewayEngine
from natgw_provider.resources.address_resource import AddressResource
from support.either_kind import EitherKind
from support.resource import configuration, configured_with, context, proposed


class Inconsistent(Exception):  # noqa: N818 - what Terraform calls it
    """Terraform's "inconsistent final plan": nothing was applied."""


@dataclass
class MiniTerraform:
    """One resource in one state; `engine` is made anew for every command, as Terraform starts the provider anew."""

    make_engine: Any
    kind: AddressKind = PRIVATE_IPS
    quota: int = 8
    raw_state: dict[str, Any] | None = None
    private: dict[str, Any] = field(default_factory=dict)

    @property
    def either(self) -> EitherKind:
        return EitherKind(self.kind)

    @property
    def state(self) -> dict[str, Any] | None:
        """The state, in terms of private addresses."""
        return self.either.state_out(self.raw_state)

    def refresh(self, resource: AddressResource | None = None) -> None:
        """Read the resource, if there is one in the state."""
        if self.raw_state is None:
            return
        response = (resource or self._start()).read(ReadRequest(self.raw_state, self.private), context())
        self._raise_errors(response.diagnostics)
        self.raw_state = response.state
        self.private = response.private or {}

    def plan(self, **arguments: Any) -> PlanResponse:
        """Refresh and plan; raises DiagnosticsError when the plan is one."""
        resource = self._start()
        self.refresh(resource)
        response, either = self._planned(resource, self._configuration(arguments)), self.either
        return replace(
            response,
            planned_state=either.state_out(response.planned_state),
            planned_private=either.private(response.planned_private),
            diagnostics=either.diagnostics(response.diagnostics),
        )

    def apply(self, plan: PlanResponse, stop: threading.Event | None = None, **arguments: Any) -> list[Diagnostic]:
        """Apply a plan in a new process; return the errors. What is raised inside leaves the state as it was."""
        config = self._configuration(arguments)
        resource = self._start()
        final = self._planned(resource, config)
        if not conforms(self.either.state_out(final.planned_state), plan.planned_state):
            raise Inconsistent
        if final.planned_state == self.raw_state:
            return []
        request = ApplyRequest(
            prior_state=self.raw_state,
            planned_state=final.planned_state,
            config=config,
            planned_private=final.planned_private or {},
        )
        response = resource.apply(request, context(stop))
        return self._keep(response, final.planned_state)

    def destroy(self, stop: threading.Event | None = None) -> list[Diagnostic]:
        """Refresh and destroy; return the errors."""
        resource = self._start()
        self.refresh(resource)
        if self.raw_state is None:
            return []
        request = ApplyRequest(self.raw_state, None, None, self.private)
        return self._keep(self._start().apply(request, context(stop)), None)

    def _planned(self, resource: AddressResource, config: dict[str, Any]) -> PlanResponse:
        request = PlanRequest(
            prior_state=self.raw_state,
            proposed_new_state=proposed(config, self.raw_state, self.either.declared),
            config=config,
            prior_private=self.private,
        )
        response = resource.plan(request, context())
        self._raise_errors(response.diagnostics)
        assert response.planned_state is not None
        assert response.requires_replace == (), "a replacement drains whatever the values turn out to be"
        for name, value in config.items():
            assert value is None or _same(response.planned_state[name], value), f"{name} is not as configured"
        return response

    def _keep(self, response: Any, planned: dict[str, Any] | None) -> list[Diagnostic]:
        errors = [one for one in response.diagnostics if one.severity is Severity.ERROR]
        if not errors:
            assert conforms(response.new_state, planned), "apply returned something else than was planned"
        if response.new_state is not None:
            assert is_wholly_known(response.new_state)
            assert self.raw_state is not None or not errors, "an error on create with a state taints the resource"
        if response.new_state is not None or not errors:
            self.raw_state, self.private = response.new_state, response.private or {}
        return self.either.diagnostics(errors)

    def _configuration(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return configuration(self.either.declared, **self.either.arguments(arguments))

    def _start(self) -> AddressResource:
        engine: GatewayEngine = self.make_engine()
        configured = configured_with(engine, self.quota)
        return AddressResource(self.either.declared, lambda: configured)

    def _raise_errors(self, diagnostics: Any) -> None:
        errors = [one for one in diagnostics if one.severity is Severity.ERROR]
        if errors:
            raise DiagnosticsError(self.either.diagnostics(errors))


def conforms(actual: Any, promised: Any) -> bool:
    """Whether `actual` keeps a promise: equal wherever that is known."""
    if promised is UNKNOWN:
        return True
    if isinstance(promised, dict) and isinstance(actual, dict):
        return all(conforms(actual[name], value) for name, value in promised.items())
    if isinstance(promised, tuple) and UNKNOWN in promised:
        # Terraform lets unknown elements of a set turn out equal, so that there may be fewer, and never more.
        known = {element for element in promised if element is not UNKNOWN}
        return known <= set(actual) and len(actual) <= len(promised)
    return _same(actual, promised)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, tuple) and isinstance(other, tuple):
        return sorted(map(str, one)) == sorted(map(str, other))
    return bool(one == other)
