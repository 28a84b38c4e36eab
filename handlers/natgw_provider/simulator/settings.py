"""What can be set about the simulator's behaviour, with unit, default and the reason for the default.

What AWS documents is not here; what nobody documents is, so that a test can try the other reading. Settings say how
the service behaves as such; what goes wrong on request is a fault (`faults.py`).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Final

from natgw_provider.core import limits

ADDRESS_PICKS: Final = ("lowest", "random")
BUSY_CODES: Final = ("OperationInProgress", "IncorrectState")
NOT_FOUND_CODES: Final = ("NatGatewayNotFound", "InvalidNatGatewayID.NotFound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How the simulated service behaves; every duration is in simulated seconds.

    Raises ValueError when a value is out of range, with the name, the value and what is allowed.
    """

    quota: int = limits.QUOTA_DEFAULT
    """Private addresses of one private gateway, primary included (quota L-DFA99DE7); AWS's default is 8."""

    gateway_pending_seconds: float = 0.0
    """From CreateNatGateway to `available`. AWS takes a minute or two; nobody wants to wait for that here."""

    gateway_deleting_seconds: float = 0.0
    """From DeleteNatGateway to `deleted`; the same."""

    addresses_lag_seconds: float = 0.0
    """How long a new gateway's secondary addresses stay `assigning` after it is available (seen: 15 to 30 s)."""

    assigning_seconds: float = 1.0
    """From AssignPrivateNatGatewayAddress to `succeeded`. Undocumented; long enough that a poller sees it."""

    connections_end_after: float | None = None
    """When the connections of a draining address end, after its drain began; None: never, so drains take the full
    MaxDrainDurationSeconds, which is the case a client has to plan for. Settable for each address besides."""

    deleted_visible_seconds: float = 3600.0
    """How long a deleted or failed gateway is still described; AWS says about an hour."""

    busy_code: str = "OperationInProgress"
    """Error code while addresses are in transition: seen for public gateways, likeliest for private ones."""

    not_found_code: str = "NatGatewayNotFound"
    """Error code for a gateway that is not there; older clients know the second spelling."""

    answer_only_touched_addresses: bool = True
    """Whether Assign and Unassign answer just the addresses they touched, or all of the gateway. Undocumented."""

    dry_run_checks_state: bool = False
    """Whether a DryRun also fails for a busy gateway, a full quota and the like. Undocumented; AWS only promises to
    check permissions."""

    throttling: bool = False
    """Whether calls are throttled as AWS documents it (`rate_limits.py`). Off, because a manual clock that stands still
    never refills a bucket, and because most rehearsals are not about it."""

    pick: str = "lowest"
    """Which free addresses AWS picks when asked for a number of them: `lowest` or `random`. Undocumented."""

    seed: int = 0
    """Start of the generator behind `random` picks and new gateway ids, so that a run can be repeated."""

    def __post_init__(self) -> None:
        for name, kind in _KINDS.items():
            _check_kind(name, getattr(self, name), kind)
        _check_range("quota", self.quota, 1, limits.QUOTA_MAXIMUM)
        for name in _DURATIONS:
            _check_range(name, getattr(self, name), 0, math.inf)
        if self.connections_end_after is not None:
            _check_range("connections_end_after", self.connections_end_after, 0, math.inf)
        _check_choice("busy_code", self.busy_code, BUSY_CODES)
        _check_choice("not_found_code", self.not_found_code, NOT_FOUND_CODES)
        _check_choice("pick", self.pick, ADDRESS_PICKS)

    def change(self, changes: Mapping[str, Any]) -> Settings:
        """Return a copy with `changes` applied. Raises ValueError on a name that is none, or on a bad value."""
        unknown = sorted(set(changes) - set(SETTING_NAMES))
        if unknown:
            raise ValueError(f"no such setting: {', '.join(unknown)}. There are: {', '.join(SETTING_NAMES)}.")
        return replace(self, **changes)


SETTING_NAMES: Final = tuple(sorted(field.name for field in fields(Settings)))
"""Every setting, in alphabetical order."""

_DURATIONS: Final = (
    "gateway_pending_seconds",
    "gateway_deleting_seconds",
    "addresses_lag_seconds",
    "assigning_seconds",
    "deleted_visible_seconds",
)

_KINDS: Final[Mapping[str, type]] = {
    "quota": int,
    "seed": int,
    "answer_only_touched_addresses": bool,
    "dry_run_checks_state": bool,
    "throttling": bool,
}


def _check_kind(name: str, value: object, kind: type) -> None:
    if type(value) is not kind:
        allowed = "true or false" if kind is bool else "a whole number"
        raise ValueError(f"setting {name} is {allowed}, not {value!r}")


def _check_range(name: str, value: object, lowest: float, highest: float) -> None:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not lowest <= value <= highest:
        allowed = f"{lowest:g} or more" if highest == math.inf else f"{lowest:g} to {highest:g}"
        raise ValueError(f"setting {name} is a number, {allowed}, not {value!r}")


def _check_choice(name: str, value: object, choices: tuple[str, ...]) -> None:
    if value not in choices:
        raise ValueError(f"setting {name} is one of {', '.join(choices)}, not {value!r}")
