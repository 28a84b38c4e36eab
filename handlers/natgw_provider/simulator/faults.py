"""Faults on request: what can go wrong, which calls it hits, and how often.

Deterministic: faults are tried in the order in which they were added; the first that decides a call's outcome ends the
search, and only those that had a part in it count the call.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus
from math import inf
from types import MappingProxyType
from typing import Annotated, Any, Final

from moto.core.utils import get_service_model
from pydantic import Field

from natgw_provider.core.operations import DESCRIBE
from natgw_provider.simulator.inputs import AddressNames, Checked, Seconds, Texts
from natgw_provider.simulator.lifecycle import TRANSITIONS, Address

SERVICES: Final = ("ec2", "sts", "iam")
"""The services that are simulated."""


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
    """The `addresses` of an Assign or Associate (none named: all) end `failed`, with `message`."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """What holds for one kind of fault."""

    takes: frozenset[str]
    """What it takes besides its scope."""

    actions: frozenset[str] = frozenset()
    """The actions that it can concern; none named: all."""

    error: tuple[str, str, HTTPStatus] | None = None
    """Code, message and status that it answers; without a code, that of a busy gateway."""


def _answers(code: str, message: str, status: HTTPStatus, actions: frozenset[str] = frozenset()) -> _Rule:
    return _Rule(frozenset({"code", "message", "status", "after_acting"}), actions, (code, message, status))


_JOINS = frozenset(kind.join for kind in TRANSITIONS.values())
_LEAVES = frozenset(kind.leave for kind in TRANSITIONS.values())
_INTERNAL_ERROR: Final = ("An internal error has occurred", HTTPStatus.INTERNAL_SERVER_ERROR)

_RULES: Final[Mapping[FaultKind, _Rule]] = {
    FaultKind.THROTTLING: _answers("RequestLimitExceeded", "Request limit exceeded.", HTTPStatus.SERVICE_UNAVAILABLE),
    FaultKind.INTERNAL_ERROR: _answers("InternalError", *_INTERNAL_ERROR),
    FaultKind.UNAVAILABLE: _answers(
        "Unavailable", "The service is unavailable. Please try again shortly.", HTTPStatus.SERVICE_UNAVAILABLE
    ),
    FaultKind.DENIAL: _answers(
        "UnauthorizedOperation", "You are not authorized to perform this operation.", HTTPStatus.FORBIDDEN
    ),
    FaultKind.CONFLICT: _answers(
        "", "Addresses of the NAT gateway are in transition.", HTTPStatus.BAD_REQUEST, _JOINS | _LEAVES
    ),
    FaultKind.ERROR: _answers("", *_INTERNAL_ERROR),
    FaultKind.LATENCY: _Rule(frozenset({"seconds"})),
    FaultKind.CONNECTION_RESET: _Rule(frozenset()),
    FaultKind.LOST_ANSWER: _Rule(frozenset({"hang_seconds"})),
    FaultKind.STALE_READS: _Rule(frozenset({"seconds"}), frozenset({DESCRIBE})),
    FaultKind.FLAPPING: _Rule(frozenset({"seconds"}), frozenset({DESCRIBE})),
    FaultKind.ADDRESS_FAILURE: _Rule(frozenset({"addresses", "message"}), _JOINS),
}

ERRORS: Final = MappingProxyType({kind: rule.error for kind, rule in _RULES.items() if rule.error})
"""Code, message and status of each kind that answers an error."""


class Fault(Checked):
    """A fault, its scope and its parameters. Raises ValueError when they contradict each other."""

    kind: Annotated[FaultKind, Field(strict=False)]

    actions: Texts = frozenset()
    """EC2, STS or IAM actions that it hits; none named: all that the kind can concern."""

    gateway_ids: Texts = frozenset()
    """Gateways that it hits; none named: all. A call that names no gateway concerns all of them."""

    skip: Annotated[int, Field(ge=0)] = 0
    """Matching calls that it lets pass first."""

    times: Annotated[int, Field(ge=1)] | None = None
    """Calls that it then hits; None: all until it is cleared."""

    for_seconds: Seconds | None = None
    """Simulated seconds after which it is over; None: when cleared."""

    dry_run: bool | None = None
    """Hit only dry runs, only real calls, or (None) both."""

    seconds: Seconds = 0.0
    """Latency, age of stale reads, age of addresses that flap."""

    hang_seconds: Seconds = 0.0
    """How long the connection of a lost answer stays open, in real seconds as a client's read timeout is."""

    after_acting: bool = False
    """An error is answered after the call has taken effect."""

    addresses: AddressNames = frozenset()
    """Addresses that fail, by private IP or allocation id."""

    code: str | None = None
    message: str | None = None
    status: Annotated[int, Field(ge=400, le=599)] | None = None

    def model_post_init(self, _context: Any, /) -> None:
        """Raise ValueError for parameters that would have no effect."""
        of_some_kind = frozenset[str]().union(*(rule.takes for rule in _RULES.values()))
        takes, own = _RULES[self.kind].takes, _RULES[self.kind].actions
        given = {name for name in of_some_kind if getattr(self, name) != type(self).model_fields[name].default}
        if given - takes:
            allowed = ", ".join(sorted(takes)) or "nothing"
            raise ValueError(f"{self.kind} takes no {', '.join(sorted(given - takes))}; besides its scope: {allowed}")
        if "seconds" in takes and not self.seconds:
            raise ValueError(f"{self.kind} takes seconds, more than 0")
        if self.kind is FaultKind.ERROR and not self.code:
            raise ValueError("error takes code, such as InvalidParameterValue, and perhaps message and status")
        if own and not self.actions <= own:
            raise ValueError(f"{self.kind} concerns {', '.join(sorted(own))} only")
        for action in sorted(self.actions):
            _check_action(action)

    def matches(self, action: str, gateway_ids: Collection[str], *, dry_run: bool) -> bool:
        """Whether a call is in the scope."""
        actions = self.actions or _RULES[self.kind].actions
        wanted = False if self.kind is FaultKind.CONFLICT and self.dry_run is None else self.dry_run
        return (
            (not actions or action in actions)
            and (not self.gateway_ids or not gateway_ids or not self.gateway_ids.isdisjoint(gateway_ids))
            and wanted in {None, dry_run}
        )

    @property
    def decides(self) -> bool:
        """Whether it decides the outcome, so that later faults do not count."""
        return self.kind in ERRORS or self.kind is FaultKind.CONNECTION_RESET


def _check_action(text: str) -> None:
    # EC2 first: it is nearly always meant, and its names are loaded already.
    if not any(text in get_service_model(service).operation_names for service in SERVICES):
        allowed = "the actions of EC2, STS and IAM by their API names, such as DescribeNatGateways"
        raise ValueError(f"no action {text!r}: a fault takes {allowed}")


@dataclass(frozen=True, slots=True)
class Hits:
    """The faults that hit one call, and what they do to it."""

    faults: tuple[Fault, ...] = ()

    def first(self, *kinds: FaultKind) -> Fault | None:
        """Return the first fault of these kinds, or None."""
        return next((fault for fault in self.faults if fault.kind in kinds), None)

    @property
    def latency_seconds(self) -> float:
        """Simulated seconds that pass before the call acts."""
        return sum(fault.seconds for fault in self.faults if fault.kind is FaultKind.LATENCY)

    def stale_seconds(self, gateway_id: str) -> float:
        """How long ago the state is that a read shows of this gateway; the longest of several faults."""
        return self._longest(FaultKind.STALE_READS, gateway_id)

    def hide_fresh_seconds(self, gateway_id: str) -> float:
        """How young an address of this gateway is that a read leaves out."""
        return self._longest(FaultKind.FLAPPING, gateway_id)

    def failure_of(self, address: Address) -> str | None:
        """The FailureMessage that this address ends with; None: it gets into service."""
        for fault in self.faults:
            named = not fault.addresses or any(address.is_named(text) for text in fault.addresses)
            if fault.kind is FaultKind.ADDRESS_FAILURE and named:
                return fault.message or "The address could not be assigned"
        return None

    def _longest(self, kind: FaultKind, gateway_id: str) -> float:
        concerned = (it for it in self.faults if it.kind is kind and gateway_id in (it.gateway_ids or {gateway_id}))
        return max((fault.seconds for fault in concerned), default=0.0)


NO_HITS: Final = Hits()


@dataclass(slots=True)
class _Entry:
    fault: Fault
    expires_at: float = inf
    matched: int = 0

    @property
    def hits(self) -> int:
        return max(0, self.matched - self.fault.skip)

    @property
    def spent(self) -> bool:
        return self.fault.times is not None and self.hits >= self.fault.times


class FaultsInForce:
    """The faults in force, each with the number of calls that it has hit."""

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._added = 0

    def add(self, fault: Fault, now: float) -> str:
        """Put a fault in force and return its id."""
        self._added += 1
        fault_id = f"fault-{self._added}"
        self._entries[fault_id] = _Entry(fault, inf if fault.for_seconds is None else now + fault.for_seconds)
        return fault_id

    def clear(self, fault_id: str | None = None) -> None:
        """Clear one fault, or all. Raises ValueError when no such fault is in force."""
        if fault_id is None:
            self._entries.clear()
        elif self._entries.pop(fault_id, None) is None:
            raise ValueError(f"no fault {fault_id} is in force; in force: {', '.join(self._entries) or 'none'}")

    def list(self, now: float) -> dict[str, tuple[Fault, int]]:
        """Return the faults in force by id, with the number of calls that each has hit."""
        self._drop_those_over(now)
        return {fault_id: (entry.fault, entry.hits) for fault_id, entry in self._entries.items()}

    def hit(self, action: str, gateway_ids: Collection[str], *, dry_run: bool, now: float) -> Hits:
        """Return the faults that hit a call, and count it."""
        self._drop_those_over(now)
        hitting = []
        for entry in self._entries.values():
            if not entry.fault.matches(action, gateway_ids, dry_run=dry_run):
                continue
            entry.matched += 1
            if not entry.hits or (entry.fault.kind is FaultKind.FLAPPING and entry.hits % 2 == 0):
                continue
            hitting.append(entry.fault)
            if entry.fault.decides:
                break
        return Hits(tuple(hitting))

    def _drop_those_over(self, now: float) -> None:
        over = [id_ for id_, it in self._entries.items() if it.spent or it.expires_at <= now]
        for fault_id in over:
            del self._entries[fault_id]
