"""The settings: the arguments that say how a change is made, each declared once, as a field of `ChangeSettings`.

The field's name is the argument's. Schema, defaults, state, the Registry's pages and the constructs' arguments follow
from the field, and every change carries all settings to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Final, Literal, TypeAlias

from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.problems import Problem

_SETTING: Final = "setting"

Value: TypeAlias = bool | int | str
Check: TypeAlias = Callable[[AddressKind, Any], tuple[Problem, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """The declaration of one setting.

    Attributes:
        default: its value where the configuration leaves it out, or how that follows from the kind of addresses. Its
            type is the argument's.
        step: the step of a change that it is about. Where requests of single addresses become one change, the highest
            value of those that take this step holds.
        describe: what it means, for a kind of addresses and for what the resource manages, such as "the address".
        check: what a value must keep to by itself; None is not known yet.
        is_for_single: whether the resources of one address have it as well.
    """

    default: Value | Callable[[AddressKind], str]
    step: Literal["assign", "unassign"]
    describe: Callable[[AddressKind, str], str]
    check: Check = lambda _kind, _value: ()
    is_for_single: bool = True

    def default_for(self, kind: AddressKind) -> Value:
        """Return the default for a kind of addresses."""
        return self.default(kind) if callable(self.default) else self.default


def check_whole(
    name: str, number: float | None, *, lowest: int, highest: int, summary: str, unit: str, fix: str
) -> tuple[Problem, ...]:
    """Return the problem with a number that is not a whole one from `lowest` to `highest`; None is not judged."""
    # True is an int to Python, and 1 to boto3. The range comes first: it keeps int() from infinity and NaN.
    if number is None or (not isinstance(number, bool) and lowest <= number <= highest and number == int(number)):
        return ()
    detail = f"{name} is {number}. Allowed: whole numbers from {lowest} to {highest}{unit}. {fix}"
    return (Problem((name,), summary, detail),)


def check_max_drain(seconds: float | None) -> tuple[Problem, ...]:
    """The drain time has to be a whole number of seconds that AWS accepts."""
    return check_whole(
        names.MAX_DRAIN,
        seconds,
        lowest=limits.DRAIN_SECONDS_MINIMUM,
        highest=limits.DRAIN_SECONDS_MAXIMUM,
        summary="Drain time out of range",
        unit=" seconds",
        fix=f"The default, {limits.DRAIN_SECONDS_DEFAULT}, is as long as NAT keeps an idle TCP connection.",
    )


def check_min_in_service(minimum: float | None) -> tuple[Problem, ...]:
    """The least number in service has to be one that a gateway can have."""
    return check_whole(
        names.MIN_IN_SERVICE,
        minimum,
        lowest=1,
        highest=limits.QUOTA_MAXIMUM,
        summary="Minimum number of addresses in service out of range",
        unit=" addresses, the primary included",
        fix="1 asks for the primary alone, which always stays.",
    )


def check_on_destroy(kind: AddressKind, choice: str | None) -> tuple[Problem, ...]:
    """What happens on destroy has to be one of the two choices."""
    if choice is None or choice in kind.on_destroy_choices:
        return ()
    release, retain = kind.on_destroy_choices
    return (
        Problem(
            (names.ON_DESTROY,),
            "Unknown choice for on_destroy",
            f'on_destroy is "{choice}". Allowed: "{release}" (drain and {release} what is managed) or "{retain}" '
            "(leave the gateway as it is).",
        ),
    )


def _declared(**setting: Any) -> Mapping[str, Setting]:
    """Return the metadata of a field that is a setting."""
    return {_SETTING: Setting(**setting)}


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSettings:
    """The settings of one declaration.

    A plan may have None for what is not known yet; an apply has a value for each. What is no argument of the resource,
    such as `min_in_service_addresses` of a single address, is None always.
    """

    max_drain_duration_seconds: int | None = field(
        default=None,
        metadata=_declared(
            default=limits.DRAIN_SECONDS_DEFAULT,
            step="unassign",
            check=lambda _kind, seconds: check_max_drain(seconds),
            describe=lambda kind, _managed: (
                f"Longest time, in seconds, that existing connections may drain before an {kind.noun} is released by "
                f"force, {limits.DRAIN_SECONDS_MINIMUM} to {limits.DRAIN_SECONDS_MAXIMUM}. "
                f"Default: {limits.DRAIN_SECONDS_DEFAULT}, as long as NAT keeps an idle TCP connection. "
                "A change of this alone makes no API call."
            ),
        ),
    )
    wait_for_drain: bool | None = field(
        default=None,
        metadata=_declared(
            default=True,
            step="unassign",
            describe=lambda kind, _managed: (
                f"Whether apply waits until drained {kind.nouns} are released. Default: true. With false it returns "
                f"once the drain has begun; a change that {kind.add.base}s after the drain waits all the same."
            ),
        ),
    )
    min_in_service_addresses: int | None = field(
        default=None,
        metadata=_declared(
            default=limits.MIN_IN_SERVICE_DEFAULT,
            step="unassign",
            is_for_single=False,
            check=lambda _kind, minimum: check_min_in_service(minimum),
            describe=lambda kind, _managed: (
                f"Fewest {kind.nouns}, the primary included, that must take new connections at any moment of a "
                "change; a plan that would leave fewer fails. "
                f"Default: {limits.MIN_IN_SERVICE_DEFAULT}, the primary. Destroying is not held to it."
            ),
        ),
    )
    on_destroy: str | None = field(
        default=None,
        metadata=_declared(
            default=lambda kind: kind.on_destroy_choices[0],
            step="unassign",
            check=check_on_destroy,
            describe=lambda kind, managed: (
                f'What destroy does: `"{kind.remove.base}"` (default) drains and {kind.remove.base}s {managed}, '
                f'`"{names.ON_DESTROY_RETAIN}"` leaves the gateway as it is.'
            ),
        ),
    )

    @classmethod
    def of(cls, given: Mapping[str, Any], is_unknown: Callable[[object], bool]) -> ChangeSettings:
        """Return the settings among arguments by name."""
        return cls(**{name: value for name, value in given.items() if name in SETTINGS and not is_unknown(value)})

    @classmethod
    def merged(cls, assigning: Iterable[ChangeSettings], unassigning: Iterable[ChangeSettings]) -> ChangeSettings:
        """Return the settings of one change that is made of several requests, by what these do."""
        requests = {"assign": tuple(assigning), "unassign": tuple(unassigning)}
        values: dict[str, Any] = {}
        for name, setting in SETTINGS.items():
            known = (getattr(one, name) for one in requests[setting.step])
            values[name] = max((value for value in known if value is not None), default=None)
        return cls(**values)

    @property
    def drain_seconds(self) -> int:
        """Longest time that connections may drain; the default while it is not known yet."""
        seconds = self.max_drain_duration_seconds
        return limits.DRAIN_SECONDS_DEFAULT if seconds is None else seconds


SETTINGS: Final[Mapping[str, Setting]] = {one.name: one.metadata[_SETTING] for one in fields(ChangeSettings)}
"""The declaration of each setting, by the argument's name and in the order of the schema."""
