"""One NAT gateway and its addresses as values: their state at any time follows from the times of the requests.

Pure: no clock, no I/O. A request makes a new `Gateway`. Time passing makes none, since every method takes the time
(`at`, in simulated seconds) for which it answers; so a stale read is a read at an earlier time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Address
from math import inf
from typing import Final

from natgw_provider.core.gateway import AddressStatus, GatewayState
from natgw_provider.core.operations import ASSIGN, ASSOCIATE, DISASSOCIATE, UNASSIGN

PRIVATE: Final = "private"
PUBLIC: Final = "public"

AddressKey = IPv4Address | str
"""What a removal names an address by: its private IP, or the association id of an Elastic IP."""


@dataclass(frozen=True, slots=True)
class Transitions:
    """The two changes of a gateway's addresses: their actions, the statuses meanwhile, and AWS's noun in messages."""

    join: str
    leave: str
    joining: AddressStatus
    leaving: AddressStatus
    noun: str

    def busy(self, status: AddressStatus, names: Iterable[str]) -> str:
        """Return the message of a call that is refused while addresses are in transition (seen for Elastic IPs)."""
        return f"Service is currently {status.upper()} the following {self.noun}: [{', '.join(names)}]"


TRANSITIONS: Final[Mapping[str, Transitions]] = {
    PRIVATE: Transitions(ASSIGN, UNASSIGN, AddressStatus.ASSIGNING, AddressStatus.UNASSIGNING, "private IPs"),
    PUBLIC: Transitions(ASSOCIATE, DISASSOCIATE, AddressStatus.ASSOCIATING, AddressStatus.DISASSOCIATING, "EIPs"),
}
"""By connectivity type of the gateway."""


@dataclass(frozen=True, slots=True)
class Drain:
    """A drain: when it began, its MaxDrainDurationSeconds, and how long connections last (None: for ever)."""

    began_at: float
    max_seconds: float
    connections_last: float | None

    @property
    def ends_at(self) -> float:
        """The time of release: the end of the connections or of the drain's window, whichever is first."""
        lasts = inf if self.connections_last is None else self.connections_last
        return self.began_at + min(self.max_seconds, lasts)


@dataclass(frozen=True, slots=True)
class ElasticIp:
    """The public side of a public gateway's address."""

    allocation_id: str
    association_id: str
    public_ip: str
    failure: str | None = None
    """Why it cannot be associated with this gateway."""


@dataclass(frozen=True, slots=True)
class Address:
    """One address: assigned at `assigned_at`, in service (or failed) from `settled_at`, then perhaps drained."""

    private_ip: IPv4Address
    assigned_at: float
    settled_at: float
    is_primary: bool = False
    failure: str | None = None
    drain: Drain | None = None
    elastic: ElasticIp | None = None

    @property
    def key(self) -> AddressKey:
        """What a removal names it by."""
        return self.private_ip if self.elastic is None else self.elastic.association_id

    @property
    def name(self) -> str:
        """What messages name it by: its private IP, or the allocation id of its Elastic IP."""
        return str(self.private_ip) if self.elastic is None else self.elastic.allocation_id

    def is_named(self, text: str) -> bool:
        """Whether a fault or the control API means this address: by its name, or by its private IP."""
        return text in {self.name, str(self.private_ip)}

    @property
    def transitions(self) -> Transitions:
        """The names of its transitions."""
        return TRANSITIONS[PRIVATE if self.elastic is None else PUBLIC]

    def attached(self, at: float) -> bool:
        """Whether the gateway still holds this address."""
        return self.drain is None or at < self.drain.ends_at

    def status(self, at: float) -> AddressStatus:
        """The status that AWS would show."""
        if self.drain is not None:
            return self.transitions.leaving
        if at < self.settled_at:
            return self.transitions.joining
        return AddressStatus.SUCCEEDED if self.failure is None else AddressStatus.FAILED

    def in_transition(self, at: float) -> bool:
        """Whether it is on its way into service or out of it, when AWS refuses further changes of the gateway."""
        return self.attached(at) and self.status(at) in {self.transitions.joining, self.transitions.leaving}


@dataclass(frozen=True, slots=True)
class End:
    """The gateway's end: deleting and then deleted, or failed at once."""

    began_at: float
    over_at: float
    failure_code: str | None = None
    failure_message: str | None = None


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
            if self.end.failure_code is not None:
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
        """The addresses that are on their way into service or out of it."""
        return tuple(address for address in self.attached(at) if address.in_transition(at))

    def add(self, addresses: Collection[Address], at: float) -> Gateway:
        """Return the gateway with `addresses` in addition to those it holds."""
        return replace(self, addresses=(*self.attached(at), *addresses))

    def begin_drain(self, drains: Mapping[AddressKey, Drain], at: float) -> Gateway:
        """Return the gateway with the named addresses draining."""
        kept = (replace(a, drain=drains[a.key]) if a.key in drains else a for a in self.attached(at))
        return replace(self, addresses=tuple(kept))
