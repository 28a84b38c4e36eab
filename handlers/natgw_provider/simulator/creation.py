"""What CreateNatGateway asks for, and the gateway that comes of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address
from math import inf

from natgw_provider.simulator.lifecycle import PRIVATE, Address, Gateway
from natgw_provider.simulator.settings import Settings
from natgw_provider.simulator.surroundings import Interface, Subnet


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayRequest:
    """What CreateNatGateway, or a seed, asks for."""

    subnet_id: str
    connectivity: str = PRIVATE
    primary: IPv4Address | None = None
    """None: a free one is picked."""

    secondaries: tuple[IPv4Address, ...] = ()
    count: int = 0
    """Secondaries to pick on top of the named ones."""

    allocation_ids: tuple[str, ...] = ()
    """A public gateway's elastic IPs: the primary's, then the secondaries'."""

    token: str | None = None
    """ClientToken: the same request with the same token makes no second gateway."""

    gateway_id: str | None = None
    settled: bool = False
    """Available at once, its addresses in service, as if it had always been there (seeding)."""

    @property
    def named(self) -> tuple[IPv4Address, ...]:
        """The addresses that are not left to AWS."""
        return self.secondaries if self.primary is None else (self.primary, *self.secondaries)

    @property
    def addresses(self) -> int:
        """How many addresses the gateway gets, primary included."""
        return 1 + len(self.secondaries) + self.count

    def in_order(self, picked: Sequence[IPv4Address]) -> tuple[IPv4Address, ...]:
        """Return all addresses, the primary first, with those that AWS picked."""
        first = picked[0] if self.primary is None else self.primary
        others = picked[1:] if self.primary is None else picked
        return (first, *self.secondaries, *others)


def build_gateway(
    request: GatewayRequest,
    *,
    subnet: Subnet,
    gateway_id: str,
    ips: Sequence[IPv4Address],
    interface: Interface,
    settings: Settings,
    now: float,
) -> Gateway:
    """Return the gateway that `request` makes at `now`; the first of `ips` is its primary."""
    available_at = -inf if request.settled else now + settings.gateway_pending_seconds
    settled_at = available_at + settings.addresses_lag_seconds
    elastics = [*interface.elastic_ips, *[None] * len(ips)]
    addresses = tuple(
        Address(
            ip,
            assigned_at=-inf if request.settled else now,
            settled_at=settled_at if index else available_at,
            is_primary=index == 0,
            elastic=elastics[index],
        )
        for index, ip in enumerate(ips)
    )
    return Gateway(
        gateway_id=gateway_id,
        subnet_id=subnet.subnet_id,
        vpc_id=subnet.vpc_id,
        network_interface_id=interface.interface_id,
        created_at=now,
        available_at=available_at,
        addresses=addresses,
        connectivity=request.connectivity,
    )
