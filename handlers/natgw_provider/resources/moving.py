"""Moving addresses to another gateway: `nat_gateway_id` changes in place, or is not known yet and may change.

A move releases on the old gateway what the state holds, as a destroy would, then assigns on the new one, where it never
unassigns. Everything that a plan promises of it follows from state and configuration: a second read of the new
gateway, which Terraform's plan during apply makes, cannot contradict it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic, warning
from natgw_provider.bridge.handlers import Object, PlanRequest, PlanResponse
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import names
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import ChangePlan, plan_change
from natgw_provider.core.diff import Approval, Diff, Part, Rules
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.last_change import drain, listed
from natgw_provider.core.names import NONE
from natgw_provider.core.plan_checks import check_gateway
from natgw_provider.core.problems import Problem
from natgw_provider.engine.change import ChangeRequest
from natgw_provider.resources.configured import Configured, PlanInputs, Quotas
from natgw_provider.resources.declaration import Declaration
from natgw_provider.resources.diagnostics import drain_warning, errors, undecided_warning
from natgw_provider.resources.planning import (
    last_change_of,
    permission_errors,
    plan_known,
    planned_arguments,
    problems_of,
    unknown_change,
)
from natgw_provider.resources.private_state import keep_approval, known_cidr_block, without_approval


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A resource that leaves the gateway `left`, as refresh saw it, for the one that its declaration names.

    `held` are the addresses that its state holds there.
    """

    left: NatGateway
    held: tuple[str, ...]
    declaration: Declaration

    @classmethod
    def of(cls, left: NatGateway, declaration: Declaration, prior: Object) -> Move:
        """Return the move of a resource whose state is `prior`."""
        held = set(left.attached).intersection(declaration.type.held(prior))
        return cls(left=left, held=sort_addresses(held), declaration=declaration)

    @property
    def is_retained(self) -> bool | None:
        """Whether the addresses stay on the old gateway; None while `on_destroy` is unknown."""
        on_destroy = self.declaration.settings.on_destroy
        return None if on_destroy is None else on_destroy == names.ON_DESTROY_RETAIN

    @property
    def drain_windows(self) -> int | None:
        """How many times the old gateway drains, 0 or 1; None while `on_destroy` is unknown."""
        if not self.held:
            return 0
        return None if self.is_retained is None else int(not self.is_retained)

    @property
    def stays(self) -> tuple[str, ...]:
        """The declared addresses that the old gateway keeps, because they are retained."""
        held = set(self.held) if self.is_retained else set[str]()
        return sort_addresses(held.intersection(self.declaration.known_addresses or ()))

    def summary(self, to: str) -> str | None:
        """Return both halves in one sentence, for a gateway called `to`; None while a setting in it is unknown."""
        settings = self.declaration.settings
        if self.drain_windows is None or (self.drain_windows and settings.max_drain_duration_seconds is None):
            return None
        left, held, add, parts = self.left, ", ".join(self.held), self.declaration.type.kind.add.base, []
        if self.drain_windows:
            parts.append(f"drain {held} on {left.nat_gateway_id} for up to {format_seconds(settings.drain_seconds)}")
        elif held:
            parts.append(f"leave {held} on {left.nat_gateway_id}")
        if wanted := self._wanted():
            parts.append(f"{add} {wanted} on {to}")
        return f"move from {left.nat_gateway_id} to {to}: {', then '.join(parts) or 'nothing'}"

    def last_change(self) -> Object:
        """Return `last_change` for a known gateway: what depends on a read of it is unknown until apply."""
        declaration = self.declaration
        change = unknown_change(declaration.type) | {"unassign": self._unassign(), "drain": UNKNOWN}
        if declaration.is_set_known:
            addresses = declaration.known_addresses
            known = {
                "summary": self.summary(str(declaration.nat_gateway_id)),
                "assign": None if addresses is None else listed(sort_addresses(addresses)),
                "drain": self._drain(),
            }
            change |= {name: value for name, value in known.items() if value is not None}
        return change

    def _unassign(self) -> Any:
        """Return what the old gateway releases; the new one never unassigns, which apply checks."""
        if self.drain_windows is None:
            return UNKNOWN
        return f"{listed(self.held)} on {self.left.nat_gateway_id}" if self.drain_windows else NONE

    def _drain(self) -> str | None:
        seconds = self.declaration.settings.max_drain_duration_seconds
        if self.drain_windows == 0:
            return NONE
        return None if self.drain_windows is None or seconds is None else drain(seconds)

    def _wanted(self) -> str:
        addresses = self.declaration.known_addresses
        if addresses is not None:
            return ", ".join(sort_addresses(addresses))
        return f"{self.declaration.count} that AWS picks" if self.declaration.count else ""


def plan_move(request: PlanRequest, move: Move, inputs: PlanInputs) -> PlanResponse:
    """Return the plan to move to a gateway that is known; it was read, unless the provider block is unknown."""
    declaration, gateway = move.declaration, inputs.gateway
    change = plan_known(declaration, gateway, inputs.quota) if gateway and declaration.is_set_known else None
    problems = _problems(move, gateway, change, inputs) if gateway else ()
    if problems:
        return PlanResponse(request.prior_state, diagnostics=errors(problems))
    state = {
        **planned_arguments(declaration),
        **declaration.type.table.unknown_gateway,
        **(_lasting(declaration, gateway, inputs.subnet_cidr_block) if gateway else {}),
        names.ID: declaration.type.id_of(declaration.config),
        names.LAST_CHANGE: move.last_change(),
    }
    diagnostics = _drain_warnings(move)
    if gateway and change and inputs.configured and inputs.configured.check_permissions_at_plan:
        diagnostics += _permission_errors(move, gateway, change, inputs.configured)
    return PlanResponse(state, planned_private=_approval(move, change, request), diagnostics=diagnostics)


def plan_unknown_gateway(request: PlanRequest, move: Move, inputs: PlanInputs) -> PlanResponse:
    """Return the plan while the gateway is unknown: it may be the same one, where nothing is named that is not shown.

    An unknown set promises to unassign nothing, also when the gateway turns out to be the same. A known set needs no
    such promise: the plan shows it beside what the gateway has.
    """
    is_known = move.declaration.is_set_known
    state = {
        **planned_arguments(move.declaration),
        **move.declaration.type.table.unknown_gateway,
        names.LAST_CHANGE: UNKNOWN if is_known else unknown_change(move.declaration.type) | {"drain": UNKNOWN},
    }
    diagnostics = [_either_warning(move, request.prior_state or {}, inputs)]
    if not is_known:
        diagnostics.append(undecided_warning(move.declaration.type, move.left.nat_gateway_id, request.prior_state))
    return PlanResponse(state, planned_private=without_approval(request.prior_private), diagnostics=diagnostics)


def release_request(prior: Any, declaration: Declaration, quotas: Quotas, operation: str) -> ChangeRequest | None:
    """Return what releases on a state's gateway all that the state holds; None when that is nothing, or retained.

    `declaration` gives the settings: the state's own for a destroy, the configuration's for a move. What drains already
    is waited for as well: an interrupted apply began it, and the gateway may go next. So is what the declaration wants
    elsewhere, because an address has to be free before it can be assigned again.
    """
    held, draining = frozenset(declaration.type.held(prior)), frozenset(declaration.type.draining(prior))
    if declaration.settings.on_destroy == names.ON_DESTROY_RETAIN or not held | draining:
        return None
    is_move = declaration.nat_gateway_id != prior[names.NAT_GATEWAY_ID]
    is_wanted = is_move and not (held | draining).isdisjoint(declaration.known_addresses or ())
    request = declaration.request(
        prior[names.NAT_GATEWAY_ID],
        Part(remove=held),
        Approval(unassign=held | draining, assign=frozenset()),
        Rules(quota=quotas[declaration.type.kind.connectivity]),
        operation,
    )
    return replace(request, settings=replace(request.settings, wait_for_drain=True)) if is_wanted else request


def _problems(move: Move, gateway: NatGateway, change: ChangePlan | None, inputs: PlanInputs) -> tuple[Problem, ...]:
    """Return what is against the move once the new gateway was read."""
    if problems := check_gateway(move.declaration.type.kind, gateway):
        return problems
    undeclared = change.diff.unassign if change else ()
    problems = problems_of(
        move.declaration, gateway, None if undeclared else change, inputs.subnet_cidr_block, inputs.quota
    )
    if undeclared:
        problems += (_undeclared(gateway, undeclared, move.declaration),)
    is_same_subnet = move.left.subnet_id == gateway.subnet_id
    if move.stays and (is_same_subnet or not move.declaration.type.kind.is_bound_to_subnet):
        problems += (_retained_and_wanted(move, gateway),)
    return problems


def _undeclared(gateway: NatGateway, addresses: tuple[str, ...], declaration: Declaration) -> Problem:
    kind, listed = declaration.type.kind, ", ".join(addresses)
    found = f"{gateway.nat_gateway_id} has {listed}, which the declaration does not name"
    remedy = f"Declare {listed} as well"
    if declaration.addresses is None:
        found = (
            f"{gateway.nat_gateway_id} has {len(gateway.attached)} secondary addresses, more than the declared count"
        )
        remedy = f"Raise the count to {len(gateway.attached)}"
    return Problem(
        (names.NAT_GATEWAY_ID,),
        f"The new gateway has other {kind.nouns}",
        f"{found}. A change of {names.NAT_GATEWAY_ID} never {kind.remove.base}s on the gateway that it moves to. "
        f"{remedy} and apply; the plan after that can {kind.remove.base} what is not wanted, and shows the drain. Or "
        f"{kind.remove.base} it outside of Terraform first.",
    )


def _retained_and_wanted(move: Move, gateway: NatGateway) -> Problem:
    declared = move.declaration.type
    kind, listed, left = declared.kind, ", ".join(move.stays), move.left.nat_gateway_id
    in_subnet = " in the same subnet" if kind.is_bound_to_subnet else ""
    return Problem(
        (declared.argument,),
        f"Retained {kind.nouns} cannot move",
        f'{listed} would stay on {left}, because {names.ON_DESTROY} is "{names.ON_DESTROY_RETAIN}", and cannot be '
        f"{kind.add.past} on {gateway.nat_gateway_id}{in_subnet} as well. Set {names.ON_DESTROY} to "
        f'"{kind.on_destroy_choices[0]}", or declare other {kind.nouns}.',
    )


def _lasting(declaration: Declaration, gateway: NatGateway, cidr: str | None) -> Object:
    """Return the computed attributes that never change in a gateway's life, as far as they show."""
    declared = declaration.type
    observed = declared.observed(gateway, cidr, declaration.config)
    lasting = set(declared.table.unknown_gateway) - {declared.kind.draining, names.STATUS}
    return {name: observed[name] for name in lasting if observed[name] is not None}


def _approval(move: Move, change: ChangePlan | None, request: PlanRequest) -> Any:
    """Return the private state that approves to assign what is declared, and to unassign nothing on the new gateway."""
    if change is None:
        return without_approval(request.prior_private)
    addresses, count = move.declaration.known_addresses, move.declaration.count
    picked = count if isinstance(count, int) else 0
    return keep_approval(
        Approval(
            unassign=frozenset(),
            assign=picked if addresses is None else frozenset(addresses),
            in_service_low=change.in_service_low,
        )
    )


def _drain_warnings(move: Move) -> list[Diagnostic]:
    if not move.held or move.is_retained:
        return []
    lead = f"Moving to {move.declaration.nat_gateway_id}"
    seconds = move.declaration.settings.max_drain_duration_seconds
    return [drain_warning(move.declaration.type, move.left.nat_gateway_id, move.held, seconds, lead)]


def _permission_errors(move: Move, gateway: NatGateway, change: ChangePlan, configured: Configured) -> list[Diagnostic]:
    """Dry-run both halves. What the old gateway still holds is left out of the second: AWS would call it in use."""
    left, quota = move.left, configured.quotas[move.declaration.type.kind.connectivity]
    held = move.held if move.drain_windows else ()
    rest = replace(change.diff, assign=sort_addresses(set(change.diff.assign) - set(held)))
    halves = ((left, Diff(unassign=held)), (gateway, rest))
    return [
        found
        for on, diff in halves
        for found in permission_errors(move.declaration, on, plan_change(diff, on, quota=quota), configured)
    ]


def _either_warning(move: Move, prior: Object, inputs: PlanInputs) -> Diagnostic:
    """Return what this apply does on the gateway that it knows, and what if the id turns out to be another one."""
    declared = move.declaration.type
    kind = declared.kind
    moved = move.summary("the other gateway") or f"release the {kind.nouns} here and {kind.add.base} them there"
    return warning(
        f"{declared.id_of(prior)}: the gateway is known only after apply",
        f"The plan is made before {names.NAT_GATEWAY_ID} is known. If it is the same gateway, apply "
        f"{_if_the_same(move, prior, inputs)}. If it is another one, apply does this: {moved}.",
        (names.NAT_GATEWAY_ID,),
    )


def _if_the_same(move: Move, prior: Object, inputs: PlanInputs) -> str:
    if not move.declaration.is_set_known:
        kind = move.declaration.type.kind
        return f"{kind.add.base}s what is missing and {kind.remove.base}s nothing"
    change = plan_known(move.declaration, move.left, inputs.quota)
    if change.diff.is_empty:
        return "calls nothing, and nothing drains"
    problems = problems_of(move.declaration, move.left, change, known_cidr_block(prior), inputs.quota)
    if problems:
        return f"changes nothing and fails: {problems[0].detail.rstrip('.')}"
    if change.diff.unassign and move.declaration.settings.max_drain_duration_seconds is None:
        drained, add = ", ".join(change.diff.unassign), move.declaration.type.kind.add.base
        return f"drains {drained} for as long as {names.MAX_DRAIN} says, and {add}s what is missing"
    return f"does this: {last_change_of(move.declaration, change).summary}"
