"""What goes wrong on request: which calls a fault hits, how often, and what it does to them.

Deterministic: faults are tried in the order they were added; the first that decides a call's outcome ends the search,
and only those that had a part in it count the call.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from http import HTTPStatus
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Final

from natgw_provider.simulator.effects import AddressFailure, Effects, ReadEffect
from natgw_provider.simulator.history import STALE_SECONDS_MAXIMUM


class FaultKind(StrEnum):
    """What a fault does."""

    THROTTLING = "throttling"
    """Answers RequestLimitExceeded, HTTP 503."""

    INTERNAL_ERROR = "internal_error"
    """Answers InternalError, HTTP 500."""

    UNAVAILABLE = "unavailable"
    """Answers Unavailable, HTTP 503."""

    DENIAL = "denial"
    """Answers UnauthorizedOperation with an encoded message, HTTP 403; also to a dry run."""

    CONFLICT = "conflict"
    """Answers the busy code, HTTP 400, although the gateway is idle; not to a dry run unless `dry_run` says so."""

    ERROR = "error"
    """Answers `code`, `message` and `status`."""

    LATENCY = "latency"
    """Lets `seconds` of simulated time pass before acting."""

    CONNECTION_RESET = "connection_reset"
    """Resets the connection before acting."""

    LOST_ANSWER = "lost_answer"
    """Acts, then closes the connection without an answer, after `hang_seconds` of real time."""

    STALE_READS = "stale_reads"
    """DescribeNatGateways shows the state of `seconds` ago."""

    FLAPPING = "flapping"
    """Every other DescribeNatGateways, the first included, misses addresses assigned less than `seconds` ago."""

    ADDRESS_FAILURE = "address_failure"
    """The `addresses` of an Assign (none named: all) end `failed`, with `message` as their FailureMessage."""


_ERRORS: Final = MappingProxyType(
    {
        FaultKind.THROTTLING: ("RequestLimitExceeded", "Request limit exceeded.", HTTPStatus.SERVICE_UNAVAILABLE),
        FaultKind.INTERNAL_ERROR: ("InternalError", "An internal error has occurred", HTTPStatus.INTERNAL_SERVER_ERROR),
        FaultKind.UNAVAILABLE: (
            "Unavailable",
            "The service is unavailable. Please try again shortly.",
            HTTPStatus.SERVICE_UNAVAILABLE,
        ),
        FaultKind.DENIAL: (
            "UnauthorizedOperation",
            "You are not authorized to perform this operation.",
            HTTPStatus.FORBIDDEN,
        ),
        FaultKind.CONFLICT: (
            "",
            "Service is currently ASSIGNING the following private IPs: []",
            HTTPStatus.BAD_REQUEST,
        ),
        FaultKind.ERROR: ("InternalError", "An internal error has occurred", HTTPStatus.INTERNAL_SERVER_ERROR),
    }
)
_READS: Final = frozenset({FaultKind.STALE_READS, FaultKind.FLAPPING})
_OWN_ACTIONS: Final = MappingProxyType(
    {
        FaultKind.STALE_READS: frozenset({"DescribeNatGateways"}),
        FaultKind.FLAPPING: frozenset({"DescribeNatGateways"}),
        FaultKind.ADDRESS_FAILURE: frozenset({"AssignPrivateNatGatewayAddress"}),
        FaultKind.CONFLICT: frozenset({"AssignPrivateNatGatewayAddress", "UnassignPrivateNatGatewayAddress"}),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault, its scope and its parameters. Raises ValueError when they contradict each other."""

    kind: FaultKind
    actions: frozenset[str] = frozenset()
    """EC2 or STS actions that it hits; none named: all that the kind can concern."""

    gateway_ids: frozenset[str] = frozenset()
    """Gateways that it hits; none named: all. A call that names no gateway concerns all of them."""

    skip: int = 0
    """Matching calls that it lets pass first."""

    times: int | None = None
    """Calls that it then hits; None: all until it is cleared."""

    for_seconds: float | None = None
    """Simulated seconds after which it is over; None: when cleared."""

    dry_run: bool | None = None
    """Hit only dry runs, only real calls, or (None) both."""

    seconds: float = 0.0
    """Latency, age of stale reads, age of addresses that flap."""

    hang_seconds: float = 0.0
    """Real seconds that a lost answer is waited for in vain; a client's read timeout is in real seconds, too."""

    after_acting: bool = False
    """An error is answered after the call has taken effect."""

    addresses: frozenset[IPv4Address] = frozenset()
    """Addresses that fail."""

    code: str | None = None
    message: str | None = None
    status: int | None = None

    def __post_init__(self) -> None:
        if self.skip < 0 or (self.times is not None and self.times < 1):
            raise ValueError(f"a fault skips 0 or more calls and hits 1 or more: skip {self.skip}, times {self.times}")
        if min(self.seconds, self.hang_seconds, self.for_seconds or 0) < 0:
            raise ValueError("a fault's durations are 0 or more seconds")
        if self.kind in _READS and not 0 < self.seconds <= STALE_SECONDS_MAXIMUM:
            raise ValueError(f"{self.kind} takes seconds, more than 0 and at most {STALE_SECONDS_MAXIMUM:g}")
        own = _OWN_ACTIONS.get(self.kind)
        if own and not self.actions <= own:
            raise ValueError(f"{self.kind} concerns {', '.join(sorted(own))} only")

    def matches(self, action: str, gateway_ids: Collection[str], *, dry_run: bool) -> bool:
        """Whether a call lies in the scope."""
        actions = self.actions or _OWN_ACTIONS.get(self.kind, frozenset())
        wanted = False if self.kind is FaultKind.CONFLICT and self.dry_run is None else self.dry_run
        return (
            (not actions or action in actions)
            and (not self.gateway_ids or not gateway_ids or not self.gateway_ids.isdisjoint(gateway_ids))
            and wanted in {None, dry_run}
        )

    @property
    def decides(self) -> bool:
        """Whether it decides the outcome, so that no later fault is looked at."""
        return self.kind in _ERRORS or self.kind is FaultKind.CONNECTION_RESET


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
    if fault.kind in _ERRORS:
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
    code, message, status = _ERRORS[fault.kind]
    return ErrorAnswer(
        fault.kind, fault.code or code, fault.message or message, fault.status or int(status), fault.after_acting
    )
