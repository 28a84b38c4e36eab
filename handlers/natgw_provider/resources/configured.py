"""The provider once it is configured: the engine, its own settings, and who owns which gateway.

It imports neither the engine nor boto3, which a start loads only at ConfigureProvider.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import names
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.core.problems import Problem, ProblemError

if TYPE_CHECKING:
    from natgw_provider.core.gateway import NatGateway
    from natgw_provider.engine.engine import GatewayEngine
    from natgw_provider.resources.resource_type import ResourceType


Quotas: TypeAlias = Mapping[str, int]
"""How many addresses one gateway may have, the primary included, by its connectivity type."""


@dataclass(frozen=True, slots=True)
class _Claim:
    """That a resource manages a gateway, or one `address` of it; None is all of them."""

    nat_gateway_id: str
    declared: ResourceType
    address: Any

    def problems(self, others: Iterable[_Claim]) -> tuple[Problem, ...]:
        """Return the problem with a claim for the same; an address that is not known yet is not judged."""
        rivals = [other for other in others if other.nat_gateway_id == self.nat_gateway_id]
        for other in rivals:
            if (self.address is None) != (other.address is None):
                return (_managed_both_ways(*((self, other) if self.address is None else (other, self))),)
        if any(self.address == other.address and other.address is not UNKNOWN for other in rivals):
            return (_managed_already(self),)
        return ()


class GatewayClaims:
    """One owner for each gateway, or for each address of a shared one, during one plan or apply of Terraform.

    Safe to use from many threads.
    The protocol does not say which resource a call is about, only which values. So claims know gateways by id: those
    that the state holds, and those for which a new resource is planned. They last as long as one ConfigureProvider.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[_Claim] = set()
        self._created: set[_Claim] = set()
        self._gone: set[str] = set()
        self._found: set[str] = set()

    def note_gone(self, nat_gateway_id: str) -> None:
        """A refresh did not find the gateway."""
        with self._lock:
            self._gone.add(nat_gateway_id)

    def note_found(self, nat_gateway_id: str) -> None:
        """A refresh found the gateway."""
        with self._lock:
            self._found.add(nat_gateway_id)

    def is_found(self, nat_gateway_id: object) -> bool:
        """Whether a refresh of this run found the gateway."""
        with self._lock:
            return nat_gateway_id in self._found

    def is_gone(self, nat_gateway_id: object) -> bool:
        """Whether a refresh of this run did not find the gateway."""
        with self._lock:
            return nat_gateway_id in self._gone

    def hold(self, nat_gateway_id: str, declared: ResourceType, address: Any) -> tuple[Problem, ...]:
        """The state holds a resource for the gateway, or for one `address`; return the problem if a new one is planned.

        `address` is None for all of them.
        """
        claim = _Claim(nat_gateway_id, declared, address)
        with self._lock:
            self._held.add(claim)
            return claim.problems(self._created)

    def create(self, nat_gateway_id: str, declared: ResourceType, address: Any) -> tuple[Problem, ...]:
        """A new resource is planned for the gateway, or for one `address`; return the problem if another one has it."""
        claim = _Claim(nat_gateway_id, declared, address)
        with self._lock:
            problems = claim.problems(self._held | self._created)
            self._created.add(claim)
            return problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A provider that is connected, with the settings that are its own."""

    engine: GatewayEngine
    check_permissions_at_plan: bool
    quotas: Quotas = field(default_factory=lambda: {kind.connectivity: kind.quota.default for kind in KINDS})
    claims: GatewayClaims = field(default_factory=GatewayClaims)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanInputs:
    """What a plan is made from, apart from Terraform's request.

    Attributes:
        kind: the kind of addresses.
        configured: the provider; None while its block is not fully known.
        gateway: the declared gateway as a create or a move reads it; None while it is not known, and in an update.
        subnet_cidr_block: the block of its subnet.
        refreshed: in an update, the gateway as refresh saw it.
    """

    kind: AddressKind
    configured: Configured | None = None
    gateway: NatGateway | None = None
    subnet_cidr_block: str | None = None
    refreshed: NatGateway | None = None

    @property
    def quota(self) -> int:
        """How many addresses one gateway may have, the primary included; the maximum while that is not known."""
        return self.configured.quotas[self.kind.connectivity] if self.configured else self.kind.quota.maximum


def require_configured(configured: Callable[[], Configured | None]) -> Configured:
    """Return the connected provider. Raises ProblemError while its block is not fully known."""
    found = configured()
    if found is None:
        raise ProblemError(
            Problem(
                (),
                "The provider block is not fully known",
                "This needs a connection to AWS, but the provider block depends on values that are not known "
                "yet. Apply the resources it depends on first (terraform apply -target=...), then run again.",
            )
        )
    return found


def _managed_already(claim: _Claim) -> Problem:
    declared, kind = claim.declared, claim.declared.kind
    what = f"{claim.address} on {claim.nat_gateway_id}" if declared.is_single else claim.nat_gateway_id
    return Problem(
        (declared.argument if declared.is_single else names.NAT_GATEWAY_ID,),
        f"The {kind.noun if declared.is_single else 'gateway'} is managed already",
        f"A {declared.name} is to be created for {what}, or moved to it, and this configuration or state has one for "
        f"it already. Carrying that out would drain {kind.nouns} only to {kind.add.base} them again, or two resources "
        "would undo each other. If the resource was renamed or moved, or the list behind a `count` shifted, add "
        "`moved` blocks (`for_each` with fixed keys does not shift). If it is to be replaced, leave `-replace` out, "
        "run `terraform untaint`, or remove `replace_triggered_by`: an update in place does the same without a drain. "
        "If it is to take over the gateway of another resource, apply the other one's move or removal first. If there "
        f"are two, {'remove one' if declared.is_single else f'declare all {kind.nouns} in one'}.",
    )


def _managed_both_ways(every: _Claim, one: _Claim) -> Problem:
    kind, nat_gateway_id = every.declared.kind, every.nat_gateway_id
    return Problem(
        (names.NAT_GATEWAY_ID,),
        "The gateway is managed by two types of resources",
        f"This configuration or state has a {every.declared.name} for {nat_gateway_id}, which owns every secondary "
        f"{kind.noun}, and a {one.declared.name} for one of them. The two would undo each other. Declare all "
        f"{kind.nouns} of {nat_gateway_id} with one type of resources. To change from one to the other without a "
        f'drain, apply {names.ON_DESTROY} = "{names.ON_DESTROY_RETAIN}" on what goes, remove it and apply, then add '
        "the other, which adopts what the gateway has.",
    )
