"""What the faults in force make of one request, as far as the operations themselves have to know it."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final


@dataclass(frozen=True, slots=True)
class ReadEffect:
    """How DescribeNatGateways shows some gateways differently; no ids: all of them. Durations in simulated seconds."""

    gateway_ids: frozenset[str] = frozenset()
    stale_seconds: float = 0.0
    """They are shown as they were so long ago."""

    hide_fresh_seconds: float = 0.0
    """Secondary addresses that were asked for less than so long ago are left out."""

    def concerns(self, gateway_id: str) -> bool:
        """Whether this gateway is shown differently."""
        return not self.gateway_ids or gateway_id in self.gateway_ids


@dataclass(frozen=True, slots=True)
class AddressFailure:
    """Addresses of an Assign that end `failed`, and their FailureMessage; no addresses: all of the call."""

    message: str
    addresses: frozenset[IPv4Address] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Effects:
    """How a request's outcome differs from the plain one."""

    reads: tuple[ReadEffect, ...] = ()
    failures: tuple[AddressFailure, ...] = ()

    def failure_of(self, address: IPv4Address) -> str | None:
        """The FailureMessage that this address ends with; None: it gets into service."""
        hit = (failure.message for failure in self.failures if not failure.addresses or address in failure.addresses)
        return next(hit, None)

    def stale_seconds(self, gateway_id: str) -> float:
        """How far back this gateway is seen; the furthest when several faults say so."""
        return max((read.stale_seconds for read in self.reads if read.concerns(gateway_id)), default=0.0)

    def hide_fresh_seconds(self, gateway_id: str) -> float:
        """How young an address of this gateway is left out."""
        return max((read.hide_fresh_seconds for read in self.reads if read.concerns(gateway_id)), default=0.0)


NO_EFFECTS: Final = Effects()
