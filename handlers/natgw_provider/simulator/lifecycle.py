"""One NAT gateway and its addresses as values: what they are at any moment follows from when things were asked for.

Pure: no clock, no I/O. A request makes a new `Gateway`; time passing makes none, since every question takes the
moment (`at`, in simulated seconds) it is asked for. That is what makes stale reads and lazy transitions simple.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from math import inf

from natgw_provider.core.gateway import AddressStatus, GatewayState

PRIVATE = "private"
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Drain:
    """An unassignment: when it began, its MaxDrainDurationSeconds, and how long connections last (None: for ever)."""

    began_at: float
    max_seconds: float
    connections_last: float | None

    @property
    def ends_at(self) -> float:
        """The moment of release: the connections' end or the end of the window, whichever is first."""
        lasts = inf if self.connections_last is None else self.connections_last
        return self.began_at + min(self.max_seconds, lasts)


@dataclass(frozen=True, slots=True)
class ElasticIp:
    """The public side of a public gateway's address."""

    allocation_id: str
    association_id: str
    public_ip: str


@dataclass(frozen=True, slots=True)
class Address:
    """One private address: asked for at `assigned_at`, in service (or failed) from `settled_at`, then maybe drained."""

    private_ip: IPv4Address
    assigned_at: float
    settled_at: float
    is_primary: bool = False
    failure: str | None = None
    drain: Drain | None = None
    elastic: ElasticIp | None = None

    def attached(self, at: float) -> bool:
        """Whether the gateway still holds this address."""
        return self.drain is None or at < self.drain.ends_at

    def status(self, at: float) -> AddressStatus:
        """The status that AWS would show."""
        if self.drain is not None:
            return AddressStatus.UNASSIGNING
        if at < self.settled_at:
            return AddressStatus.ASSIGNING
        return AddressStatus.SUCCEEDED if self.failure is None else AddressStatus.FAILED

    def in_transition(self, at: float) -> bool:
        """Whether it is being assigned or unassigned, which blocks further calls."""
        return self.attached(at) and self.status(at) in {AddressStatus.ASSIGNING, AddressStatus.UNASSIGNING}


@dataclass(frozen=True, slots=True)
class End:
    """The gateway's end: on request (deleting, then deleted) or by failure (failed at once)."""

    began_at: float
    over_at: float
    failure_code: str | None = None
    failure_message: str | None = None

    @property
    def failed(self) -> bool:
        """Whether the gateway broke, rather than being deleted."""
        return self.failure_code is not None


@dataclass(frozen=True, slots=True)
class Gateway:
    """A NAT gateway; `addresses` may still name released ones, `attached` says which it holds."""

    gateway_id: str
    subnet_id: str
    vpc_id: str
    network_interface_id: str
    created_at: float
    available_at: float
    addresses: tuple[Address, ...]
    connectivity: str = PRIVATE
    end: End | None = None

    def state(self, at: float) -> GatewayState:
        """The state that AWS would show."""
        if self.end is not None and at >= self.end.began_at:
            if self.end.failed:
                return GatewayState.FAILED
            return GatewayState.DELETED if at >= self.end.over_at else GatewayState.DELETING
        return GatewayState.PENDING if at < self.available_at else GatewayState.AVAILABLE

    def holds_addresses(self, at: float) -> bool:
        """Whether its addresses and its network interface still exist."""
        return self.state(at) not in {GatewayState.DELETED, GatewayState.FAILED}

    def listed(self, at: float) -> tuple[Address, ...]:
        """The addresses that a description shows; a gateway that ended still names those it had."""
        return tuple(address for address in self.addresses if address.attached(at))

    def attached(self, at: float) -> tuple[Address, ...]:
        """The addresses it holds."""
        return self.listed(at) if self.holds_addresses(at) else ()

    def in_transition(self, at: float) -> tuple[Address, ...]:
        """The addresses that block Assign and Unassign."""
        return tuple(address for address in self.attached(at) if address.in_transition(at))

    def add(self, addresses: tuple[Address, ...], at: float) -> Gateway:
        """Return the gateway with `addresses` on top of what it holds."""
        return replace(self, addresses=self.attached(at) + addresses)

    def begin_drain(self, drains: dict[IPv4Address, Drain], at: float) -> Gateway:
        """Return the gateway with the named addresses draining."""
        kept = (replace(a, drain=drains[a.private_ip]) if a.private_ip in drains else a for a in self.attached(at))
        return replace(self, addresses=tuple(kept))

    def stop(self, end: End) -> Gateway:
        """Return the gateway with its end decided."""
        return replace(self, end=end)
