"""A private NAT gateway as AWS's documentation describes it, small enough to be obviously right.

The oracle for the change plan: it is written from `facts-aws.md` and imports nothing of natgw, so that an error in the
core cannot repeat itself here. A call that AWS would reject raises `RefusedError`. Time passes only where a step waits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

SERVING, ASSIGNING, DRAINING, FAILED = "serving", "assigning", "draining", "failed"

Pick = Callable[[Sequence[str]], str]
"""AWS's choice among free addresses of the subnet (in numerical order) when a count is asked for."""


class RefusedError(Exception):
    """AWS rejects the call; the text says which rule was broken."""


@dataclass
class ModelGateway:
    """One gateway.

    Attributes:
        primary: the primary address.
        quota: how many addresses it may have, the primary, draining and failed ones included.
        secondaries: status by address.
        free: further addresses of the subnet, in numerical order.
        pick: AWS's choice when a count is asked for.
        available: False while the gateway is pending, when its primary does not serve yet.
        lowest: the fewest addresses in service at any moment so far.
        unassign_calls: accepted Unassign calls.
        drain_windows: how many times a drain began while nothing drained.
    """

    primary: str
    quota: int
    secondaries: dict[str, str]
    free: Sequence[str]
    pick: Pick
    available: bool = True
    lowest: int = field(init=False)
    unassign_calls: int = 0
    drain_windows: int = 0

    def __post_init__(self) -> None:
        self.lowest = self.in_service

    @property
    def in_service(self) -> int:
        """How many addresses take new connections."""
        return self.available + self._count(SERVING)

    def having(self, *statuses: str) -> set[str]:
        """Return the secondaries in one of these statuses."""
        return {address for address, status in self.secondaries.items() if status in statuses}

    def assign(self, addresses: Sequence[str], count: int) -> None:
        """AssignPrivateNatGatewayAddress, with addresses or with a count."""
        self._refuse_while_busy()
        if bool(addresses) == bool(count):
            raise RefusedError("Assign takes either addresses or a count of at least 1")
        picked = self._picked(count) if count else list(addresses)
        if len(set(picked)) < len(picked) or self.primary in picked or self.having(SERVING) & set(picked):
            raise RefusedError(f"{picked} names an address twice, the primary or one that is assigned")
        if 1 + len({*self.secondaries, *picked}) > self.quota:
            raise RefusedError("quota")
        self._become(picked, ASSIGNING)

    def unassign(self, addresses: Sequence[str]) -> None:
        """UnassignPrivateNatGatewayAddress."""
        self._refuse_while_busy()
        if not addresses or not set(addresses) <= self.having(SERVING):
            raise RefusedError(f"{addresses} has to name serving secondaries")
        self._become(addresses, DRAINING)
        self.unassign_calls += 1
        self.drain_windows += 1

    def assigned(self) -> None:
        """Time passes until what is being assigned serves."""
        self.available = True
        self._become(self.having(ASSIGNING), SERVING)

    def released(self, addresses: Iterable[str]) -> None:
        """Time passes until these draining addresses have left the gateway."""
        if not set(addresses) <= self.having(DRAINING):
            raise AssertionError("waited for the release of addresses that do not drain: that would never end")
        for address in addresses:
            del self.secondaries[address]
        self._read()

    def settled(self) -> None:
        """Time passes until nothing is in transition."""
        self.assigned()
        self.released(self.having(DRAINING))

    def _refuse_while_busy(self) -> None:
        if not self.available or self.having(ASSIGNING, DRAINING):
            raise RefusedError("busy")

    def _picked(self, count: int) -> list[str]:
        left = [address for address in self.free if address not in self.secondaries]
        picked = []
        for _ in range(count):
            picked.append(self.pick(left))
            left.remove(picked[-1])
        return picked

    def _become(self, addresses: Iterable[str], status: str) -> None:
        self.secondaries.update(dict.fromkeys(addresses, status))
        self._read()

    def _read(self) -> None:
        self.lowest = min(self.lowest, self.in_service)

    def _count(self, status: str) -> int:
        return sum(1 for shown in self.secondaries.values() if shown == status)
