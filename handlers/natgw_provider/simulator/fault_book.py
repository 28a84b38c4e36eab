"""The faults in force: which calls they hit, and what becomes of those.

Deterministic: faults are tried in the order they were added; the first that decides a call's outcome ends the search,
and only those that had a part in it count the call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from natgw_provider.simulator.effects import AddressFailure, Effects, ReadEffect
from natgw_provider.simulator.faults import ERRORS, Fault, FaultKind


@dataclass(frozen=True, slots=True)
class ErrorAnswer:
    """The error that a call is answered with; an empty code means the one for busy gateways."""

    kind: FaultKind
    code: str
    message: str
    status: int
    after_acting: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All that the faults in force do to one call."""

    latency_seconds: float = 0.0
    reset: bool = False
    error: ErrorAnswer | None = None
    lost: bool = False
    hang_seconds: float = 0.0
    effects: Effects = field(default_factory=Effects)


@dataclass(slots=True)
class _Entry:
    fault: Fault
    expires_at: float | None
    matched: int = 0

    @property
    def hits(self) -> int:
        return max(0, self.matched - self.fault.skip)

    @property
    def spent(self) -> bool:
        return self.fault.times is not None and self.hits >= self.fault.times


class FaultBook:
    """The faults in force."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._added = 0

    def add(self, fault: Fault, now: float) -> str:
        """Put a fault in force and return its id."""
        self._added += 1
        fault_id = f"fault-{self._added}"
        self._entries[fault_id] = _Entry(fault, None if fault.for_seconds is None else now + fault.for_seconds)
        return fault_id

    def clear(self, fault_id: str | None = None) -> None:
        """Clear one fault, or all. Raises KeyError when there is no such fault."""
        if fault_id is None:
            self._entries.clear()
        else:
            del self._entries[fault_id]

    def list(self, now: float) -> dict[str, tuple[Fault, int]]:
        """Return the faults in force by id, with the number of calls that each has hit."""
        self._drop_expired(now)
        return {fault_id: (entry.fault, entry.hits) for fault_id, entry in self._entries.items()}

    def judge(self, action: str, gateway_ids: Collection[str], *, dry_run: bool, now: float) -> Verdict:
        """Return what happens to a call, and count it."""
        self._drop_expired(now)
        verdict = Verdict()
        for entry in list(self._entries.values()):
            if entry.spent or not entry.fault.matches(action, gateway_ids, dry_run=dry_run):
                continue
            entry.matched += 1
            if entry.hits:
                verdict = _apply(verdict, entry)
                if entry.fault.decides:
                    break
        self._entries = {fault_id: entry for fault_id, entry in self._entries.items() if not entry.spent}
        return verdict

    def _drop_expired(self, now: float) -> None:
        expired = [
            id_ for id_, entry in self._entries.items() if entry.expires_at is not None and entry.expires_at <= now
        ]
        for fault_id in expired:
            del self._entries[fault_id]


def _apply(verdict: Verdict, entry: _Entry) -> Verdict:
    fault = entry.fault
    if fault.kind in ERRORS:
        return replace(verdict, error=_error(fault))
    if fault.kind is FaultKind.CONNECTION_RESET:
        return replace(verdict, reset=True)
    if fault.kind is FaultKind.LATENCY:
        return replace(verdict, latency_seconds=verdict.latency_seconds + fault.seconds)
    if fault.kind is FaultKind.LOST_ANSWER:
        return replace(verdict, lost=True, hang_seconds=fault.hang_seconds)
    if fault.kind is FaultKind.ADDRESS_FAILURE:
        message = fault.message or "The address could not be assigned"
        failures = (*verdict.effects.failures, AddressFailure(message, fault.addresses))
        return replace(verdict, effects=replace(verdict.effects, failures=failures))
    return replace(verdict, effects=replace(verdict.effects, reads=(*verdict.effects.reads, *_reads(entry))))


def _reads(entry: _Entry) -> Iterable[ReadEffect]:
    fault = entry.fault
    if fault.kind is FaultKind.STALE_READS:
        yield ReadEffect(fault.gateway_ids, stale_seconds=fault.seconds)
    elif entry.hits % 2:
        yield ReadEffect(fault.gateway_ids, hide_fresh_seconds=fault.seconds)


def _error(fault: Fault) -> ErrorAnswer:
    code, message, status = ERRORS[fault.kind]
    return ErrorAnswer(
        fault.kind, fault.code or code, fault.message or message, fault.status or int(status), fault.after_acting
    )
