"""What a change has asked of EC2, and so what to believe of a look that may be older than the asking.

EC2's reads lag its writes by seconds and may flap: an address just unassigned still shows as in service, one just
assigned is missing. For `LAG_SECONDS` the change's own deeds count for more than what a look shows; after that the look
is right, however odd. No I/O and no clock: the time is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from natgw_provider.aws.snapshot import in_order
from natgw_provider.core.gateway import AddressStatus, NatGateway, NatGatewayAddress

LAG_SECONDS: Final = 60.0
"""How long a look may show less than what was done. Seconds are usual; up to half a minute has been seen."""

_LEAVING: Final = (AddressStatus.UNASSIGNING, AddressStatus.DISASSOCIATING)


class Memory:
    """The deeds of one change, and when they were last seen to be true."""

    def __init__(self) -> None:
        self._assigned: dict[str, NatGatewayAddress] = {}
        self._seen_at: dict[str, float] = {}
        self._failed_before: set[str] = set()
        self._unassigned_at: dict[str, float] = {}
        self._sure_at: dict[str, float] = {}
        self._missed: set[str] = set()
        self._released_at: dict[str, float] = {}
        self._conceded: frozenset[str] = frozenset()

    @property
    def assigned(self) -> frozenset[str]:
        """What was assigned, by name or by AWS's choice, as far as known."""
        return frozenset(self._assigned)

    @property
    def unassigned(self) -> frozenset[str]:
        """What was unassigned; not empty as soon as the one Unassign call of the change took effect."""
        return frozenset(self._unassigned_at)

    @property
    def unassigned_at(self) -> float | None:
        """When EC2 accepted to unassign, by the clock; None when it has not."""
        return max(self._unassigned_at.values(), default=None)

    @property
    def is_all_released(self) -> bool:
        """Whether everything unassigned has left the gateway.

        An address has when two looks in a row miss it: one may be older than the address. One is enough when the drain
        must be over, or a minute after the call, when no look can be so old.
        """
        return self._unassigned_at.keys() == self._released_at.keys()

    @property
    def is_release_unconfirmed(self) -> bool:
        """Whether all that was unassigned is missing, some of it in the last look only: the next look tells."""
        return bool(self._missed) and self._unassigned_at.keys() == self._released_at.keys() | self._missed

    def assign(self, addresses: Iterable[str], now: float, *, failed_before: Iterable[str] = ()) -> None:
        """Remember that EC2 accepted to assign these; `failed_before` are those that it showed as failed until now."""
        addresses = frozenset(addresses)
        self._failed_before |= addresses.intersection(failed_before)
        for name in addresses:
            self._assigned[name] = NatGatewayAddress(private_ip=name, status=AddressStatus.ASSIGNING)
            self._seen_at[name] = now

    def unassign(self, addresses: Iterable[str], now: float, *, max_drain_seconds: float = LAG_SECONDS) -> None:
        """Remember that EC2 accepted to unassign these, with a drain of at most so many seconds."""
        for name in addresses:
            self._unassigned_at[name] = now
            self._sure_at[name] = now + min(max_drain_seconds, LAG_SECONDS)

    def note(self, gateway: NatGateway, now: float) -> None:
        """Take in what a look shows of what was done."""
        shown = {address.private_ip: address for address in gateway.addresses}
        for name in self._assigned.keys() & shown.keys():
            if not self._is_old_failure(shown[name], now):
                self._assigned[name], self._seen_at[name] = shown[name], now
                self._failed_before.discard(name)
        for name in self._unassigned_at:
            self._note_leaving(name, shown.get(name), now)

    def _note_leaving(self, name: str, shown: NatGatewayAddress | None, now: float) -> None:
        if shown is not None:
            self._missed.discard(name)
            if shown.status in _LEAVING and not self._is_surely_released(name):
                self._released_at.pop(name, None)
        elif name in self._released_at:
            return
        elif name in self._missed or now >= self._sure_at[name]:
            self._released_at[name] = now
            self._missed.discard(name)
        else:
            self._missed.add(name)

    def _is_surely_released(self, name: str) -> bool:
        """Return whether it was missed by a look that cannot be older than the address."""
        return self._released_at.get(name, float("-inf")) - self._unassigned_at[name] >= LAG_SECONDS

    def concede(self, gateway: NatGateway) -> None:
        """Believe this look where it shows released addresses attached: somebody else may have assigned them again."""
        self._conceded = frozenset(self._released_at).intersection(gateway.attached)

    def believe(self, gateway: NatGateway, now: float) -> NatGateway:
        """Return the gateway as it must be, given this look at the time `now` and what was done before and after it."""
        corrected = [self._corrected(address, now) for address in gateway.addresses]
        shown = {address.private_ip for address in gateway.addresses}
        addresses = in_order([*(address for address in corrected if address), *self._only_late(shown, now)])
        return gateway if addresses == gateway.addresses else replace(gateway, addresses=addresses)

    def _corrected(self, address: NatGatewayAddress, now: float) -> NatGatewayAddress | None:
        name = address.private_ip
        if name in self._conceded:
            return address
        if name in self._released_at and now - self._released_at[name] < LAG_SECONDS:
            return None
        is_late = name in self._unassigned_at and now - self._unassigned_at[name] < LAG_SECONDS
        if is_late and address.status not in _LEAVING:
            return replace(address, status=AddressStatus.UNASSIGNING)
        if self._is_old_failure(address, now):
            return replace(address, status=AddressStatus.ASSIGNING, failure_message=None)
        return address

    def _only_late(self, shown: set[str], now: float) -> Iterable[NatGatewayAddress]:
        """Return what a look does not show yet, or not for the moment."""
        for name in self._unassigned_at.keys() - self._released_at.keys() - shown:
            yield NatGatewayAddress(private_ip=name, status=AddressStatus.UNASSIGNING)
        for name in self._assigned.keys() - shown - self._unassigned_at.keys():
            if self._assigned[name].status not in _LEAVING and now - self._seen_at[name] < LAG_SECONDS:
                yield self._assigned[name]

    def _is_old_failure(self, address: NatGatewayAddress, now: float) -> bool:
        name = address.private_ip
        is_failed = address.status is AddressStatus.FAILED and name in self._failed_before
        return is_failed and now - self._seen_at[name] < LAG_SECONDS
