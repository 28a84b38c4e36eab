"""The provider once it is configured: the engine, its own settings, and who owns which gateway.

It imports neither the engine nor boto3, which a start loads only at ConfigureProvider.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from natgw_provider.core import names
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.core.problems import Problem, ProblemError

if TYPE_CHECKING:
    from natgw_provider.core.gateway import NatGateway
    from natgw_provider.engine.engine import GatewayEngine


Quotas: TypeAlias = Mapping[AddressKind, int]
"""How many addresses one gateway may have, the primary included, by kind."""


class GatewayClaims:
    """One owner for each gateway, during one plan or apply of Terraform; safe to use from many threads.

    The protocol does not say which resource a call is about, only which values. So claims know gateways by id: those
    that the state holds, and those for which a new resource is planned. They last as long as one ConfigureProvider.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: set[str] = set()
        self._created: set[str] = set()
        self._gone: set[str] = set()
        self._found: set[str] = set()

    def note_gone(self, nat_gateway_id: str) -> None:
        """A refresh did not find the gateway."""
        with self._lock:
            self._gone.add(nat_gateway_id)

    def note_found(self, nat_gateway_id: str) -> None:
        """A refresh found the gateway, and its resource in the state."""
        self.hold(nat_gateway_id)
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

    def hold(self, nat_gateway_id: str) -> tuple[Problem, ...]:
        """The state holds a resource for the gateway; return the problem if a new one is planned for it."""
        with self._lock:
            self._held.add(nat_gateway_id)
            return _managed_already(nat_gateway_id) if nat_gateway_id in self._created else ()

    def create(self, nat_gateway_id: str) -> tuple[Problem, ...]:
        """A new resource is planned for the gateway; return the problem if there is another one for it."""
        with self._lock:
            is_taken = nat_gateway_id in self._held | self._created
            self._created.add(nat_gateway_id)
            return _managed_already(nat_gateway_id) if is_taken else ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A provider that is connected, with the settings that are its own."""

    engine: GatewayEngine
    check_permissions_at_plan: bool
    quotas: Quotas = field(default_factory=lambda: {kind: kind.quota.default for kind in KINDS})
    claims: GatewayClaims = field(default_factory=GatewayClaims)

    def quota_of(self, gateway: NatGateway) -> int | None:
        """Return how many addresses a gateway may have; None for a connectivity type that natgw does not know."""
        quotas = {kind.connectivity: quota for kind, quota in self.quotas.items()}
        return quotas.get(gateway.connectivity_type)


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
        return self.configured.quotas[self.kind] if self.configured else self.kind.quota.maximum


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


def _managed_already(nat_gateway_id: str) -> tuple[Problem, ...]:
    return (
        Problem(
            (names.NAT_GATEWAY_ID,),
            "The gateway is managed already",
            f"A {names.RESOURCE_TYPE} is to be created for {nat_gateway_id}, or moved to it, and this configuration or "
            "state has one for it already. Carrying that out would drain addresses only to assign them again, or two "
            "resources would undo each other. If the resource was renamed or moved, or the list behind a `count` "
            "shifted, add `moved` blocks (`for_each` with fixed keys does not shift). If it is to be replaced, leave "
            "`-replace` out, run `terraform untaint`, or remove `replace_triggered_by`: an update in place does the "
            "same without a drain. If it is to take over the gateway of another resource, apply the other one's move "
            "or removal first. If there are two, declare all addresses in one.",
        ),
    )
