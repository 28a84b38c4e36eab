"""What surrounds the gateways: subnets, who else holds addresses in them, network interfaces, tags.

`Surroundings` is what the model needs; `PlainSurroundings` keeps it in memory for the pure model, moto keeps it for
the endpoint (`moto_surroundings.py`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network
from typing import Protocol

from natgw_provider.core import limits
from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.lifecycle import ElasticIp


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet with what a NAT gateway needs of it."""

    subnet_id: str
    vpc_id: str
    cidr: IPv4Network
    zone: str = "eu-central-1a"
    zone_id: str = "euc1-az2"

    @property
    def lowest(self) -> IPv4Address:
        """The first address that AWS hands out."""
        return self.cidr[limits.RESERVED_FIRST_ADDRESSES]

    @property
    def highest(self) -> IPv4Address:
        """The last address that AWS hands out."""
        return self.cidr[-1 - limits.RESERVED_LAST_ADDRESSES]

    def usable(self, address: IPv4Address) -> bool:
        """Whether AWS hands this address out."""
        return self.lowest <= address <= self.highest


@dataclass(frozen=True, slots=True)
class Interface:
    """A gateway's network interface, and its elastic IPs in the order they were named."""

    interface_id: str
    elastic_ips: tuple[ElasticIp, ...] = ()


class Surroundings(Protocol):
    """What the model asks about, and changes in, the world around its gateways."""

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return the subnet, or None."""

    def taken(self, subnet_id: str) -> Collection[IPv4Address]:
        """Return the addresses of the subnet that others than NAT gateways hold."""

    def new_interface(
        self, subnet: Subnet, gateway_id: str, primary: IPv4Address, allocation_ids: Sequence[str]
    ) -> Interface:
        """Make the gateway's network interface with its elastic IPs. Raises ApiError and makes nothing."""

    def tags(self, resource_id: str) -> Mapping[str, str]:
        """Return a resource's tags."""

    def tag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Add tags to a resource."""


class PlainSurroundings:
    """Subnets and tags in memory; `occupy` plays the other holders of addresses."""

    def __init__(self, *subnets: Subnet) -> None:
        self._subnets = {subnet.subnet_id: subnet for subnet in subnets}
        self._taken: dict[str, set[IPv4Address]] = {}
        self._tags: dict[str, dict[str, str]] = {}
        self._interfaces = 0

    def occupy(self, subnet_id: str, *addresses: IPv4Address) -> None:
        """Let somebody else hold `addresses`."""
        self._taken.setdefault(subnet_id, set()).update(addresses)

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return the subnet, or None."""
        return self._subnets.get(subnet_id)

    def taken(self, subnet_id: str) -> Collection[IPv4Address]:
        """Return what `occupy` was told."""
        return self._taken.get(subnet_id, set())

    def new_interface(
        self, subnet: Subnet, gateway_id: str, primary: IPv4Address, allocation_ids: Sequence[str]
    ) -> Interface:
        """Return a new interface; there are no elastic IPs here."""
        del subnet, gateway_id, primary
        if allocation_ids:
            raise ApiError(
                "InvalidAllocationID.NotFound", f"The allocation IDs {', '.join(allocation_ids)} do not exist"
            )
        self._interfaces += 1
        return Interface(f"eni-{self._interfaces:017x}")

    def tags(self, resource_id: str) -> Mapping[str, str]:
        """Return what `tag` was told."""
        return self._tags.get(resource_id, {})

    def tag(self, resource_id: str, tags: Mapping[str, str]) -> None:
        """Remember tags."""
        self._tags.setdefault(resource_id, {}).update(tags)
