"""What can go wrong on request: the kinds of faults, their scope and their parameters.

Which calls a fault in force hits, and what becomes of them, is `fault_book.py`'s part.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from enum import StrEnum
from http import HTTPStatus
from ipaddress import IPv4Address
from types import MappingProxyType
from typing import Final

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


ERRORS: Final = MappingProxyType(
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
_OF_ERRORS: Final = frozenset({"code", "message", "status", "after_acting"})
_PARAMETERS: Final = MappingProxyType(
    dict.fromkeys(ERRORS, _OF_ERRORS)
    | {
        FaultKind.LATENCY: frozenset({"seconds"}),
        FaultKind.CONNECTION_RESET: frozenset[str](),
        FaultKind.LOST_ANSWER: frozenset({"hang_seconds"}),
        FaultKind.STALE_READS: frozenset({"seconds"}),
        FaultKind.FLAPPING: frozenset({"seconds"}),
        FaultKind.ADDRESS_FAILURE: frozenset({"addresses", "message"}),
    }
)
"""What each kind takes besides its scope."""

_STATUS_MINIMUM: Final = 400
_STATUS_MAXIMUM: Final = 599
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
        self._check_parameters()
        if self.kind in _READS and not 0 < self.seconds <= STALE_SECONDS_MAXIMUM:
            raise ValueError(f"{self.kind} takes seconds, more than 0 and at most {STALE_SECONDS_MAXIMUM:g}")
        own = _OWN_ACTIONS.get(self.kind)
        if own and not self.actions <= own:
            raise ValueError(f"{self.kind} concerns {', '.join(sorted(own))} only")

    def _check_parameters(self) -> None:
        """Refuse what would have no effect: who set it meant something else."""
        of_some_kind = frozenset[str]().union(*_PARAMETERS.values())
        given = {it.name for it in fields(self) if it.name in of_some_kind and getattr(self, it.name) != it.default}
        takes = _PARAMETERS[self.kind]
        if given - takes:
            allowed = ", ".join(sorted(takes)) or "nothing"
            raise ValueError(f"{self.kind} takes no {', '.join(sorted(given - takes))}; besides its scope: {allowed}")
        if self.kind is FaultKind.LATENCY and not self.seconds:
            raise ValueError("latency takes seconds, more than 0")
        if self.kind is FaultKind.ERROR and not self.code:
            raise ValueError("error takes code, such as InvalidParameterValue, and as you like message and status")
        if self.status is not None and not _STATUS_MINIMUM <= self.status <= _STATUS_MAXIMUM:
            raise ValueError(f"the status of an error is {_STATUS_MINIMUM} to {_STATUS_MAXIMUM}, not {self.status}")

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
        return self.kind in ERRORS or self.kind is FaultKind.CONNECTION_RESET
