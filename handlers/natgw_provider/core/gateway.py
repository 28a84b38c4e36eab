"""A NAT gateway as one DescribeNatGateways answer showed it, and what that means for its addresses.

A snapshot never changes; a newer read makes a newer snapshot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from natgw_provider.core.addresses import address_order, sort_addresses


class AddressStatus(StrEnum):
    """NatGatewayAddressStatus of the EC2 API."""

    ASSIGNING = "assigning"
    UNASSIGNING = "unassigning"
    ASSOCIATING = "associating"
    DISASSOCIATING = "disassociating"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class GatewayState(StrEnum):
    """NatGatewayState of the EC2 API."""

    PENDING = "pending"
    FAILED = "failed"
    AVAILABLE = "available"
    DELETING = "deleting"
    DELETED = "deleted"


ARRIVING = (AddressStatus.ASSIGNING, AddressStatus.ASSOCIATING)
"""On the way into service, by either kind of address."""

LEAVING = (AddressStatus.UNASSIGNING, AddressStatus.DISASSOCIATING)
"""Draining: no new connections, and released when the existing ones end or the time is over."""

_IN_SERVICE = (None, AddressStatus.SUCCEEDED)


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGatewayAddress:
    """One address of a gateway. `status` is None where AWS names none, which means in service.

    `key` is what a set names it by, and all that the engine knows of it: the private IPv4 address on a private gateway,
    the allocation id of the Elastic IP on a public one. The last three are only set for an Elastic IP.
    """

    key: str
    status: AddressStatus | None = None
    is_primary: bool = False
    network_interface_id: str | None = None
    failure_message: str | None = None
    private_ip: str | None = None
    public_ip: str | None = None
    association_id: str | None = None

    @property
    def private_address(self) -> str:
        """The private IPv4 address; empty while an Elastic IP has none yet."""
        return self.key if self.private_ip is None else self.private_ip

    @property
    def label(self) -> str:
        """The key, with the public address of an Elastic IP, by which people know it."""
        return f"{self.key} ({self.public_ip})" if self.public_ip else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGateway:
    """A gateway at one moment. `connectivity_type` is "private" or "public"; `name` is the tag `Name`.

    A regional gateway, which is public, has no subnet.
    """

    nat_gateway_id: str
    state: GatewayState
    connectivity_type: str
    vpc_id: str | None
    subnet_id: str | None
    addresses: tuple[NatGatewayAddress, ...]
    failure_message: str | None = None
    name: str | None = None

    @property
    def primary(self) -> NatGatewayAddress | None:
        """The primary address; None while AWS shows none yet."""
        return next((address for address in self.addresses if address.is_primary), None)

    @property
    def attached(self) -> tuple[str, ...]:
        """The gateway's set: secondaries in service or on their way there, in numerical order."""
        return self._secondaries(lambda address: address.status in (*_IN_SERVICE, *ARRIVING))

    @property
    def draining(self) -> tuple[str, ...]:
        """Secondaries that take no new connections and are being released."""
        return self._secondaries(lambda address: address.status in LEAVING)

    @property
    def assigning(self) -> tuple[str, ...]:
        """Secondaries on their way into service."""
        return self._secondaries(lambda address: address.status in ARRIVING)

    @property
    def failed(self) -> tuple[NatGatewayAddress, ...]:
        """Secondaries whose assignment failed; they are not in the set, yet they count against the quota."""
        return tuple(a for a in self.addresses if not a.is_primary and a.status is AddressStatus.FAILED)

    @property
    def in_service(self) -> tuple[str, ...]:
        """Addresses that take new connections, the primary included."""
        return sort_addresses(a.key for a in self.addresses if a.status in _IN_SERVICE)

    @property
    def is_gone(self) -> bool:
        """Whether nothing can be managed on it any more: being deleted, deleted, or failed."""
        return self.state in (GatewayState.DELETING, GatewayState.DELETED, GatewayState.FAILED)

    @property
    def is_idle(self) -> bool:
        """Whether Assign and Unassign would be accepted: available, and no address in transition."""
        return self.state is GatewayState.AVAILABLE and not any(
            a.status in (*ARRIVING, *LEAVING) for a in self.addresses
        )

    @property
    def is_regional(self) -> bool:
        """Whether it has addresses in several Availability Zones."""
        return self.connectivity_type == "public" and self.subnet_id is None

    def _secondaries(self, wanted: Callable[[NatGatewayAddress], bool]) -> tuple[str, ...]:
        return sort_addresses(a.key for a in self.addresses if not a.is_primary and wanted(a))


def in_order(addresses: Iterable[NatGatewayAddress]) -> tuple[NatGatewayAddress, ...]:
    """Return addresses as a snapshot holds them: the primary first, the rest in numerical order."""
    return tuple(sorted(addresses, key=lambda address: (not address.is_primary, address_order(address.key))))
