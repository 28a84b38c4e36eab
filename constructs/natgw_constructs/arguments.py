"""What users declare for one gateway: its types, its way to the resource's attributes, and all that is wrong with it.

Plain values and tokens; makes no construct. A token stands for what only Terraform will know: it is skipped wherever it
stands, and the provider judges it later. The rules themselves stand in `natgw_provider.core`.
"""

from __future__ import annotations

import reprlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, TypedDict

from natgw_constructs.kinds import STRING, STRINGS, IsToken
from natgw_constructs.libraries import Library, Resolvable
from natgw_constructs.structs import SecondaryPrivateIpsTimeouts
from natgw_provider.core import limits, names
from natgw_provider.core.addresses import check_addresses
from natgw_provider.core.declaration_checks import (
    check_address_count,
    check_max_drain,
    check_min_in_service,
    check_nat_gateway_id,
    check_on_destroy,
    check_one_of,
    check_timeouts,
)
from natgw_provider.core.problems import AttributePath, Problem

if TYPE_CHECKING:
    from natgw_constructs import cdktf, cdktn

    AnyProvider: TypeAlias = cdktf.NatgwProvider | cdktn.NatgwProvider

OnDestroy: TypeAlias = Literal["unassign", "retain"]
"""What destroying does: drain and unassign the addresses, or leave the gateway as it is."""

Addresses: TypeAlias = "Sequence[str] | AbstractSet[str]"
"""A declared set; a Python set is written in numerical order."""

Timeouts: TypeAlias = "Mapping[str, str | timedelta] | SecondaryPrivateIpsTimeouts"
"""Longest times by operation, or as the bindings take them."""

KEYWORDS: Final = MappingProxyType(
    {
        names.ADDRESSES: "addresses",
        names.ADDRESS_COUNT: "count",
        names.MAX_DRAIN: "max_drain",
        names.MIN_IN_SERVICE: "min_in_service",
    }
)
"""The constructs' keyword arguments by the resource's attributes, where they differ."""


class HasId(Protocol):
    """Anything with an id, such as `NatGateway` of the AWS provider's bindings."""

    @property
    def id(self) -> str:
        """The id of the NAT gateway, usually a token."""


class Settings(TypedDict, total=False):
    """How a gateway's set is changed, whichever it is; `Gateway` says what each one means."""

    max_drain: float | timedelta | None
    wait_for_drain: bool | Resolvable | None
    min_in_service: float | None
    on_destroy: OnDestroy | None
    timeouts: Timeouts | None
    provider: AnyProvider | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One gateway's declaration. None is not given.

    Attributes:
        nat_gateway_id: id of the gateway, or a token of it. Give this or `nat_gateway`.
        nat_gateway: the gateway as any object with an `id`.
        addresses: the full set of secondaries; empty removes every one. Give this or `count`.
        count: how many secondaries, 0 to 31; AWS picks them.
        max_drain: longest time that connections may drain, in seconds from 1 to 4000. Default: 350.
        wait_for_drain: whether apply waits until drained addresses are released. Default: True.
        min_in_service: fewest addresses, primary included, that must take new connections at any moment of a change.
            Default: 1.
        on_destroy: "unassign" (default) or "retain".
        timeouts: longest time for "create", "update" and "delete", as "15m" or a timedelta. Default: the drain and
            ten minutes.
        provider: the provider block to use. Default: the one without an alias.
    """

    nat_gateway_id: str | None = None
    nat_gateway: HasId | None = None
    addresses: Addresses | None = None
    count: float | None = None
    max_drain: float | timedelta | None = None
    wait_for_drain: bool | Resolvable | None = None
    min_in_service: float | None = None
    on_destroy: OnDestroy | None = None
    timeouts: Timeouts | None = None
    provider: AnyProvider | None = None

    def with_defaults(self, settings: Settings) -> Gateway:
        """Return a copy in which what is not given is taken from `settings`."""
        missing: dict[str, Any] = {name: value for name, value in settings.items() if getattr(self, name) is None}
        return replace(self, **missing)

    def attributes(self) -> dict[str, Any]:
        """Return the declaration by the resource's attributes, None for what is not given."""
        return {
            names.NAT_GATEWAY_ID: self._id(),
            names.ADDRESSES: _in_order(self.addresses),
            names.ADDRESS_COUNT: self.count,
            names.MAX_DRAIN: _seconds(self.max_drain),
            names.WAIT_FOR_DRAIN: self.wait_for_drain,
            names.MIN_IN_SERVICE: self.min_in_service,
            names.ON_DESTROY: self.on_destroy,
            names.TIMEOUTS: _go_durations(self.timeouts),
        }

    def problems(self, library: Library) -> list[Problem]:
        """Return everything that is wrong with the declaration, by the resource's attributes."""
        given = self.attributes()
        problems: list[Problem] = library.bindings.SecondaryPrivateIps.check_types(given)
        ill_typed = {problem.path[0] for problem in problems if len(problem.path) == 1}
        known = {name: None if name in ill_typed or library.is_token(it) else it for name, it in given.items()}
        return [
            *problems,
            *self._check_one_gateway(),
            *_check_known(given, known, library.is_token),
            *self._check_provider(library),
        ]

    def _id(self) -> Any:
        return self.nat_gateway_id if self.nat_gateway is None else getattr(self.nat_gateway, "id", None)

    def _check_provider(self, library: Library) -> tuple[Problem, ...]:
        if self.provider is None or isinstance(self.provider, library.core.TerraformProvider):
            return ()
        allowed = f"Give a provider block, NatgwProvider(...) of {library.bindings.__name__}."
        return (wrong_type(("provider",), self.provider, allowed),)

    def _check_one_gateway(self) -> tuple[Problem, ...]:
        if self.nat_gateway is not None and self._id() is None:
            allowed = f"Give any object with an id, such as the AWS provider's NatGateway, or {names.NAT_GATEWAY_ID}."
            return (wrong_type(("nat_gateway",), self.nat_gateway, allowed),)
        if (self.nat_gateway_id is None) != (self.nat_gateway is None):
            return ()
        found = "Neither is given" if self.nat_gateway is None else "Both are given"
        detail = f"{found}. Give {names.NAT_GATEWAY_ID}, or nat_gateway as any object with an id, not both."
        return (Problem((names.NAT_GATEWAY_ID,), "Exactly one gateway is required", detail),)


def wrong_type(path: AttributePath, value: object, allowed: str) -> Problem:
    """Return the problem that `value` is none of what is `allowed`; a long value is cut."""
    return Problem(path, "Wrong type", f"{reprlib.repr(value)} is of type {type(value).__name__}. {allowed}")


def check_filters(filters: object, is_token: IsToken) -> Iterator[Problem]:
    """Yield what is wrong with the filters of a lookup; a text would pass for a list of its letters."""
    if filters is None:
        return
    if not isinstance(filters, Mapping):
        yield wrong_type(("filters",), filters, 'Give lists of values by name, such as {"subnet-id": ["subnet-1"]}.')
        return
    for name, values in filters.items():
        yield from STRING.check(("filters", str(name)), name, is_token)
        if values is None:
            yield wrong_type(("filters", str(name)), None, f"Give {STRINGS.noun}.")
        yield from STRINGS.check(("filters", str(name)), values, is_token)


def _check_known(given: Mapping[str, Any], known: Mapping[str, Any], is_token: IsToken) -> tuple[Problem, ...]:
    """Judge what is `known` by core's rules; `given` tells what is a token from what is not given."""
    addresses = [item for item in known[names.ADDRESSES] or () if isinstance(item, str) and not is_token(item)]
    drain = limits.DRAIN_SECONDS_DEFAULT if given[names.MAX_DRAIN] is None else known[names.MAX_DRAIN]
    return (
        *check_nat_gateway_id(known[names.NAT_GATEWAY_ID]),
        *check_one_of(
            addresses_given=given[names.ADDRESSES] is not None, count_given=given[names.ADDRESS_COUNT] is not None
        ),
        *check_addresses(addresses),
        *check_address_count(known[names.ADDRESS_COUNT]),
        *check_max_drain(known[names.MAX_DRAIN]),
        *check_min_in_service(known[names.MIN_IN_SERVICE], _secondaries(known, addresses)),
        *check_on_destroy(known[names.ON_DESTROY]),
        *check_timeouts(_known_timeouts(known[names.TIMEOUTS], is_token), drain),
    )


def _secondaries(known: Mapping[str, Any], addresses: Collection[str]) -> int | None:
    """Return how many secondaries are declared; None where a token stands among them."""
    declared = known[names.ADDRESSES]
    if declared is None:
        count: int | None = known[names.ADDRESS_COUNT]
        return count
    return len(set(addresses)) if len(addresses) == len(declared) else None


def _known_timeouts(timeouts: object, is_token: IsToken) -> dict[str, str]:
    by_operation = timeouts if isinstance(timeouts, Mapping) else {}
    texts = {operation: by_operation.get(operation) for operation in names.TIMEOUT_OPERATIONS}
    return {operation: text for operation, text in texts.items() if isinstance(text, str) and not is_token(text)}


def _in_order(addresses: Addresses | None) -> Any:
    if not isinstance(addresses, AbstractSet):
        return addresses
    return sorted(addresses, key=lambda address: [part.zfill(3) for part in str(address).split(".")])


def _seconds(duration: float | timedelta | None) -> float | None:
    if not isinstance(duration, timedelta):
        return duration
    seconds = duration.total_seconds()
    return int(seconds) if seconds.is_integer() else seconds


def _go_durations(timeouts: Timeouts | None) -> Any:
    if isinstance(timeouts, SecondaryPrivateIpsTimeouts):
        return asdict(timeouts)
    if not isinstance(timeouts, Mapping):
        return timeouts
    return {name: f"{_seconds(it)}s" if isinstance(it, timedelta) else it for name, it in timeouts.items()}
