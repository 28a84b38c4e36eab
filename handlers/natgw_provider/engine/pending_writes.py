"""This change's own writes, and what they make of reads that may not show them yet.

EC2's reads lag its writes by seconds and may flap: an address just unassigned still shows as in service, one just
assigned is missing. For `LAG_SECONDS` a write of this change counts for more than a read that contradicts it; after
that the read is right. No I/O and no clock: the time is passed in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from natgw_provider.core.address_kinds import PRIVATE_IPS, AddressKind
from natgw_provider.core.gateway import LEAVING, AddressStatus, NatGateway, NatGatewayAddress, in_order

LAG_SECONDS: Final = 60.0
"""How long a read may lag a write. Seconds are usual; up to half a minute has been seen (pull request 47477 of
hashicorp/terraform-provider-aws)."""


class PendingWrites:
    """The accepted writes of one change, and what reads have shown of them since."""

    def __init__(self, kind: AddressKind = PRIVATE_IPS) -> None:
        self._arriving = AddressStatus(kind.add.ongoing)
        self._leaving = AddressStatus(kind.remove.ongoing)
        self._private_ip = None if kind.private_ips_argument is None else ""
        self._assigned: dict[str, NatGatewayAddress] = {}
        self._shown_at: dict[str, float] = {}
        self._failed_before: set[str] = set()
        self._unassigned_at: dict[str, float] = {}
        self._conclusive_at: dict[str, float] = {}
        self._missed: set[str] = set()
        self._released_at: dict[str, float] = {}
        self._attached_again: frozenset[str] = frozenset()

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

        An address has when two reads in a row miss it, since one may be older than the address. One read is enough
        when the drain must be over, or a minute after the call, when no read can be so old.
        """
        return self._unassigned_at.keys() == self._released_at.keys()

    @property
    def is_release_unconfirmed(self) -> bool:
        """Whether all that was unassigned is missing, some of it in the last read only: the next read decides."""
        return bool(self._missed) and self._unassigned_at.keys() == self._released_at.keys() | self._missed

    def assign(self, keys: Iterable[str], now: float, *, failed_before: Iterable[str] = ()) -> None:
        """Note that EC2 accepted to assign these; `failed_before` are those that it showed as failed until now."""
        keys = frozenset(keys)
        self._failed_before |= keys.intersection(failed_before)
        for key in keys:
            self._assigned[key] = self._unseen(key, self._arriving)
            self._shown_at[key] = now

    def unassign(self, keys: Iterable[str], now: float, *, max_drain_seconds: float = LAG_SECONDS) -> None:
        """Note that EC2 accepted to unassign these, with a drain of at most so many seconds."""
        for key in keys:
            self._unassigned_at[key] = now
            self._conclusive_at[key] = now + min(max_drain_seconds, LAG_SECONDS)

    def observe(self, gateway: NatGateway, now: float) -> None:
        """Note what a read at `now` shows of the writes."""
        shown = {address.key: address for address in gateway.addresses}
        for key in self._assigned.keys() & shown.keys():
            if not self._is_old_failure(shown[key], now):
                self._assigned[key], self._shown_at[key] = shown[key], now
                self._failed_before.discard(key)
        for key in self._unassigned_at:
            self._observe_leaving(key, shown.get(key), now)

    def _observe_leaving(self, key: str, shown: NatGatewayAddress | None, now: float) -> None:
        if shown is not None:
            self._missed.discard(key)
            if shown.status in LEAVING and not self._is_release_certain(key):
                self._released_at.pop(key, None)
        elif key in self._released_at:
            return
        elif key in self._missed or now >= self._conclusive_at[key]:
            self._released_at[key] = now
            self._missed.discard(key)
        else:
            self._missed.add(key)

    def _is_release_certain(self, key: str) -> bool:
        """Return whether it was missed by a read that cannot be older than the address."""
        return self._released_at.get(key, float("-inf")) - self._unassigned_at[key] >= LAG_SECONDS

    def accept(self, gateway: NatGateway) -> None:
        """Take this read as true where it shows released addresses attached: someone else may have assigned them."""
        self._attached_again = frozenset(self._released_at).intersection(gateway.attached)

    def reconcile(self, gateway: NatGateway, now: float) -> NatGateway:
        """Return the gateway as it must be, given what a read showed at `now` and what was written before and after."""
        corrected = [self._corrected(address, now) for address in gateway.addresses]
        shown = {address.key for address in gateway.addresses}
        addresses = in_order([*(address for address in corrected if address), *self._not_shown(shown, now)])
        return gateway if addresses == gateway.addresses else replace(gateway, addresses=addresses)

    def _corrected(self, address: NatGatewayAddress, now: float) -> NatGatewayAddress | None:
        key = address.key
        if key in self._attached_again:
            return address
        if key in self._released_at and now - self._released_at[key] < LAG_SECONDS:
            return None
        is_late = key in self._unassigned_at and now - self._unassigned_at[key] < LAG_SECONDS
        if is_late and address.status not in LEAVING:
            return replace(address, status=self._leaving)
        if self._is_old_failure(address, now):
            return replace(address, status=self._arriving, failure_message=None)
        return address

    def _not_shown(self, shown: set[str], now: float) -> Iterable[NatGatewayAddress]:
        """Yield what a read does not show yet, or not at the moment."""
        for key in self._unassigned_at.keys() - self._released_at.keys() - shown:
            yield self._unseen(key, self._leaving)
        for key in self._assigned.keys() - shown - self._unassigned_at.keys():
            if self._assigned[key].status not in LEAVING and now - self._shown_at[key] < LAG_SECONDS:
                yield self._assigned[key]

    def _unseen(self, key: str, status: AddressStatus) -> NatGatewayAddress:
        return NatGatewayAddress(key=key, status=status, private_ip=self._private_ip)

    def _is_old_failure(self, address: NatGatewayAddress, now: float) -> bool:
        is_failed = address.status is AddressStatus.FAILED and address.key in self._failed_before
        return is_failed and now - self._shown_at[address.key] < LAG_SECONDS
