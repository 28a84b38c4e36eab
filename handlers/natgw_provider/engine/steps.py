"""The two steps of a change that call EC2: the call, then the wait until reads show what was asked for."""

from __future__ import annotations

from typing import Final

from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.change_plan import Assign, Unassign
from natgw_provider.core.gateway import NatGatewayAddress
from natgw_provider.engine import messages
from natgw_provider.engine.change import ChangeRefused, ChangeRequest
from natgw_provider.engine.sending import Sender
from natgw_provider.engine.watcher import AGREEING_READS, GatewayWatcher

ASSIGN_SECONDS: Final = 60.0
"""About how long an assignment takes; it sets the poll intervals only."""

DRAIN_BEGIN_SECONDS: Final = 10.0
"""About how long it takes until a drain shows; it sets the poll intervals only."""


class AssignStep:
    """One Assign; used once."""

    def __init__(self, step: Assign, request: ChangeRequest, sender: Sender, watcher: GatewayWatcher) -> None:
        self._step = step
        self._kind = request.kind
        self._sender = sender
        self._watcher = watcher
        self._before = {address.key: address.status for address in watcher.reconciled.addresses}
        self._failed_before = tuple(address.key for address in watcher.reconciled.failed)

    def run(self) -> None:
        """Assign, unless EC2 refuses for now, and wait until all of it is in service. Raises ChangeRefused if not."""
        step, watcher, writes = self._step, self._watcher, self._watcher.writes
        wanted = step.count or len(step.addresses)
        listed = self._sender.send(step, lambda: min(1.0, len(self._new()) / wanted))
        if listed is None:
            return
        picked = tuple(address.key for address in listed if address.key not in self._before)
        writes.assign(step.addresses or picked, watcher.now, failed_before=self._failed_before)
        self._note_picked()  # after a lost answer, the read that found the effect shows it
        watcher.read(at_once=True)
        if not self._is_all_known():  # the answer did not name what AWS picked
            interval = watcher.interval(ASSIGN_SECONDS)
            watcher.wait(self._is_all_known, interval, "waiting for the addresses that AWS picked")
        doing = f"waiting until in service: {', '.join(self._assigned)}"
        watcher.wait(self._is_settled, watcher.interval(ASSIGN_SECONDS), doing, agreeing=AGREEING_READS)
        if failed := self._failed():
            raise ChangeRefused(messages.assignment_failed(failed, self._kind))

    @property
    def _assigned(self) -> tuple[str, ...]:
        """What this step assigned, as far as known."""
        return self._step.addresses or sort_addresses(self._watcher.writes.assigned - self._before.keys())

    def _new(self) -> tuple[str, ...]:
        """Return what the last read shows to have changed since the call."""
        shown = self._watcher.observed.addresses
        if self._step.count:
            return tuple(address.key for address in shown if address.key not in self._before)
        named = [address for address in shown if address.key in self._step.addresses]
        return tuple(address.key for address in named if self._before.get(address.key, "absent") != address.status)

    def _is_all_known(self) -> bool:
        """Return whether every address that AWS picked is known, after noting those that the last read shows."""
        self._note_picked()
        return len(self._assigned) >= self._step.count

    def _note_picked(self) -> None:
        """Note the addresses that AWS picked, as far as the last read shows them, and how many it does not show."""
        writes = self._watcher.writes
        if len(self._assigned) < self._step.count:
            writes.assign((key for key in self._new() if key not in writes.assigned), self._watcher.now)
            self._sender.note_unnamed(max(0, self._step.count - len(self._assigned)))

    def _is_settled(self) -> bool:
        """Return whether every address is in service or has failed. Raises ChangeRefused when one does not appear."""
        watcher, assigned = self._watcher, set(self._assigned)
        if lost := assigned - {address.key for address in watcher.reconciled.addresses}:
            raise ChangeRefused(messages.assigned_but_absent(lost, self._kind))
        return assigned <= {*watcher.observed.in_service, *(address.key for address in self._failed())}

    def _failed(self) -> tuple[NatGatewayAddress, ...]:
        return tuple(address for address in self._watcher.reconciled.failed if address.key in self._assigned)


class UnassignStep:
    """The one Unassign of a change; used once."""

    def __init__(self, step: Unassign, request: ChangeRequest, sender: Sender, watcher: GatewayWatcher) -> None:
        self._step = step
        self._keys = frozenset(step.addresses)
        self._max_drain = request.settings.drain_seconds
        self._kind = request.kind
        self._sender = sender
        self._watcher = watcher

    def run(self, *, wait: bool) -> None:
        """Unassign, unless EC2 refuses for now, and wait until the drain shows or, with `wait`, is over."""
        watcher = self._watcher
        if self._sender.send(self._step, self._effect) is None:
            return
        began = watcher.now
        watcher.writes.unassign(self._keys, began, max_drain_seconds=self._max_drain)
        watcher.read(at_once=True)
        if wait:
            self._wait_for_release(began)
        elif not self._has_begun():
            watcher.wait(self._has_begun, watcher.interval(DRAIN_BEGIN_SECONDS), "waiting until the drain shows")

    def _wait_for_release(self, began: float) -> None:
        watcher = self._watcher

        def doing() -> str:
            still = (key for key in watcher.reconciled.draining if key in self._keys)
            return messages.draining(still, watcher.now - began, self._max_drain, watcher.drain_end(self._max_drain))

        if not self._is_released():
            interval = watcher.interval(self._max_drain, is_known=True)
            watcher.wait(self._is_released, interval, doing, began=began)
        self._sender.note_release()

    def _effect(self) -> float:
        """Return which share of the addresses the last read does not show attached."""
        return len(self._keys.difference(self._watcher.observed.attached)) / len(self._keys)

    def _has_begun(self) -> bool:
        self._check_not_back()
        return self._effect() >= 1

    def _is_released(self) -> bool:
        self._check_not_back()
        return self._watcher.writes.is_all_released

    def _check_not_back(self) -> None:
        """Raise ChangeRefused when an address is in service again that EC2 accepted to unassign."""
        if self._keys & set(self._watcher.reconciled.attached):
            raise ChangeRefused(messages.unassigned_but_attached(self._step.addresses, self._kind))
