"""What a change has asked of EC2, and so what to believe of a look that may be older than the asking.

EC2's reads lag its writes by seconds and may flap: an address just unassigned still shows as in service, one just
assigned is missing. For `LAG_SECONDS` the change's own deeds count for more than what a look shows; after that the look
is right, however odd. Pure apart from its own fields; the time is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from natgw_provider.core.gateway import AddressStatus, NatGateway, NatGatewayAddress
from natgw_provider.ec2.snapshot import in_order

LAG_SECONDS: Final = 60.0
"""How long a look may show less than what was done. Seconds are usual; up to half a minute has been seen."""

_LEAVING: Final = (AddressStatus.UNASSIGNING, AddressStatus.DISASSOCIATING)


class Memory:
    """The deeds of one change, and when they were last seen to be true."""

    def __init__(self) -> None:
        self._assigned: dict[str, NatGatewayAddress] = {}
        self._assigned_at: dict[str, float] = {}
        self._failed_before: frozenset[str] = frozenset()
        self._unassigned: frozenset[str] = frozenset()
        self._unassigned_at = 0.0
        self._released_at: dict[str, float] = {}

    @property
    def assigned(self) -> frozenset[str]:
        """What was assigned, by name or by AWS's choice, as far as known."""
        return frozenset(self._assigned)

    @property
    def unassigned(self) -> frozenset[str]:
        """What was unassigned; not empty as soon as the one Unassign call of the change took effect."""
        return self._unassigned

    def assign(self, addresses: Iterable[str], now: float, *, failed_before: Iterable[str] = ()) -> None:
        """Remember that EC2 accepted to assign these; `failed_before` are those that it showed as failed until now."""
        self._failed_before |= frozenset(failed_before)
        for address in addresses:
            waiting = NatGatewayAddress(private_ip=address, status=AddressStatus.ASSIGNING)
            self._assigned.setdefault(address, waiting)
            self._assigned_at.setdefault(address, now)

    def unassign(self, addresses: Iterable[str], now: float) -> None:
        """Remember that EC2 accepted to unassign these."""
        self._unassigned = frozenset(addresses)
        self._unassigned_at = now

    def note(self, gateway: NatGateway, now: float) -> None:
        """Take in what a look shows of what was done."""
        shown = {address.private_ip: address for address in gateway.addresses}
        for name in self._assigned.keys() & shown.keys():
            if not self._is_old_failure(shown[name], now):
                self._assigned[name], self._assigned_at[name] = shown[name], now
        for name in self._unassigned - shown.keys():
            self._released_at.setdefault(name, now)

    def believe(self, gateway: NatGateway, now: float) -> NatGateway:
        """Return the gateway as it must be, given this look and what was done."""
        shown = [self._corrected(address, now) for address in gateway.addresses]
        missing = self._assigned.keys() - {address.private_ip for address in gateway.addresses}
        lagging = [self._assigned[name] for name in missing if self._is_only_late(name, now)]
        addresses = in_order([*(address for address in shown if address), *lagging])
        return gateway if addresses == gateway.addresses else replace(gateway, addresses=addresses)

    def _corrected(self, address: NatGatewayAddress, now: float) -> NatGatewayAddress | None:
        name = address.private_ip
        if name in self._released_at and now - self._released_at[name] < LAG_SECONDS:
            return None
        if name in self._unassigned and address.status not in _LEAVING and now - self._unassigned_at < LAG_SECONDS:
            return replace(address, status=AddressStatus.UNASSIGNING)
        if self._is_old_failure(address, now):
            return replace(address, status=AddressStatus.ASSIGNING, failure_message=None)
        return address

    def _is_old_failure(self, address: NatGatewayAddress, now: float) -> bool:
        name = address.private_ip
        return (
            address.status is AddressStatus.FAILED
            and name in self._failed_before
            and now - self._assigned_at[name] < LAG_SECONDS
        )

    def _is_only_late(self, name: str, now: float) -> bool:
        return self._assigned[name].status not in _LEAVING and now - self._assigned_at[name] < LAG_SECONDS
