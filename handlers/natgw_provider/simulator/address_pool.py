"""What a subnet can still give, and which of it AWS picks. Pure."""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from natgw_provider.simulator import errors
from natgw_provider.simulator.surroundings import Subnet


@dataclass(frozen=True, slots=True)
class AddressPool:
    """A subnet and the addresses in use there."""

    subnet: Subnet
    used: Collection[IPv4Address]

    def check(self, addresses: Sequence[IPv4Address]) -> None:
        """Raise ApiError when one of `addresses` is outside the subnet, AWS's own, in use, or named twice."""
        if len(set(addresses)) < len(addresses):
            raise errors.invalid_value("An address is named twice")
        for address in addresses:
            if address not in self.subnet.cidr:
                cidr = self.subnet.cidr
                raise errors.invalid_value(f"Address {address} is not in subnet {self.subnet.subnet_id} ({cidr})")
            if not self.subnet.usable(address):
                raise errors.invalid_value(f"Address {address} is reserved in subnet {self.subnet.subnet_id}")
            if address in self.used:
                raise errors.address_in_use(address)

    def pick(self, count: int, chance: random.Random | None = None) -> tuple[IPv4Address, ...]:
        """Return `count` free addresses: the lowest, or by `chance`. Raises ApiError when there are too few."""
        if count == 0:
            return ()
        usable = range(int(self.subnet.lowest), int(self.subnet.highest) + 1)
        taken = {int(address) for address in self.used}
        free = len(usable) - len(taken.intersection(usable))
        if free < count:
            raise errors.subnet_full(self.subnet.subnet_id, count, free)
        candidates = usable if chance is None else chance.sample(usable, len(usable))
        found = (IPv4Address(number) for number in candidates if number not in taken)
        return tuple(address for _, address in zip(range(count), found, strict=False))
