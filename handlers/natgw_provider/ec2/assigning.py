"""One Assign of a change: the call, what AWS picked, and the wait until it is all in service."""

from __future__ import annotations

from typing import Final

from natgw_provider.core import names
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import Assign
from natgw_provider.core.gateway import AddressStatus, NatGatewayAddress
from natgw_provider.ec2.calling import Caller, Touched
from natgw_provider.ec2.endings import GivenUp
from natgw_provider.ec2.failures import Failure
from natgw_provider.ec2.observer import Observer

ASSIGN_SECONDS: Final = 60.0
"""About how long an assignment takes; it sets the pace only."""


class Assigning:
    """One step; used once. What it does to the gateway is written into the observer's memory."""

    def __init__(self, step: Assign, caller: Caller, observer: Observer) -> None:
        self._step = step
        self._caller = caller
        self._observer = observer
        self._before: dict[str, AddressStatus | None] = {
            address.private_ip: address.status for address in observer.believed.addresses
        }
        self._failed_before = tuple(address.private_ip for address in observer.believed.failed)

    def run(self) -> None:
        """Take the step, unless EC2 refuses for now. Raises an Ending or an Ec2Error."""
        seen = self._observer
        touched = self._caller.assign(self._step, self._effect)
        if touched is None:
            return
        self._remember(self._step.addresses or self._picked(touched))
        seen.look(at_once=True)
        if self._step.count and not self._is_all_known():
            # The answer was lost, or did not name what AWS picked.
            seen.wait(self._is_all_known, seen.pace(ASSIGN_SECONDS), "waiting to see what AWS picked")
        self._wait_until_in_service()

    def _effect(self) -> float:
        """Return which share of what the call asked for the last look shows."""
        return min(1.0, len(self._new()) / (self._step.count or len(self._step.addresses)))

    def _new(self) -> tuple[str, ...]:
        """Return what the last look shows to have changed since this call."""
        shown = self._observer.shown.addresses
        if self._step.count:
            return tuple(address.private_ip for address in shown if address.private_ip not in self._before)
        named = [address for address in shown if address.private_ip in self._step.addresses]
        return tuple(a.private_ip for a in named if self._before.get(a.private_ip, "absent") != a.status)

    def _picked(self, touched: Touched) -> tuple[str, ...]:
        return tuple(address.private_ip for address in touched if address.private_ip not in self._before)

    def _remember(self, addresses: tuple[str, ...]) -> None:
        self._observer.memory.assign(addresses, self._observer.now, failed_before=self._failed_before)

    def _is_all_known(self) -> bool:
        if len(self._assigned) < self._step.count:
            self._remember(tuple(name for name in self._new() if name not in self._observer.memory.assigned))
        return len(self._assigned) >= self._step.count

    @property
    def _assigned(self) -> tuple[str, ...]:
        return self._step.addresses or sort_addresses(self._observer.memory.assigned - self._before.keys())

    def _wait_until_in_service(self) -> None:
        seen = self._observer
        doing = f"waiting until {', '.join(self._assigned)} in service"
        seen.wait(self._is_settled, seen.pace(ASSIGN_SECONDS), doing, agreeing=2)
        if failed := self._failed():
            reasons = [f"{a.private_ip} failed: {a.failure_message or 'AWS gives no reason'}." for a in failed]
            raise GivenUp(Failure("Address could not be assigned", " ".join(reasons), (names.ADDRESSES,)))

    def _is_settled(self) -> bool:
        """Return whether every address is in service or has failed. Raises GivenUp when one does not appear."""
        seen, assigned = self._observer, set(self._assigned)
        if lost := assigned - {address.private_ip for address in seen.believed.addresses}:
            detail = f"AWS accepted to assign {', '.join(sort_addresses(lost))}, but does not show it."
            raise GivenUp(Failure("Assigned addresses do not appear", detail, (names.ADDRESSES,)))
        return assigned <= {*seen.shown.in_service, *(address.private_ip for address in self._failed())}

    def _failed(self) -> tuple[NatGatewayAddress, ...]:
        return tuple(address for address in self._observer.believed.failed if address.private_ip in self._assigned)
