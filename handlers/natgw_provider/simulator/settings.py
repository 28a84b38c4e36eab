"""Settings of the simulator's behaviour, with unit, default and the reason for the default.

What AWS documents is not here; what nobody documents is, so that a test can try the other reading. Settings say how
the service behaves as such; what goes wrong on request is a fault (`faults.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from natgw_provider.core import limits
from natgw_provider.simulator.inputs import Checked, Seconds


class Settings(Checked):
    """How the simulated service behaves; every duration is in simulated seconds."""

    quota: Annotated[int, Field(ge=1, le=limits.QUOTA_MAXIMUM)] = limits.QUOTA_DEFAULT
    """Private addresses of one private gateway, primary included (quota L-DFA99DE7); AWS's default is 8."""

    gateway_pending_seconds: Seconds = 0.0
    """From CreateNatGateway to `available`. AWS takes a minute or two; nobody wants to wait for that here."""

    gateway_deleting_seconds: Seconds = 0.0
    """From DeleteNatGateway to `deleted`; the same."""

    addresses_lag_seconds: Seconds = 0.0
    """How long a new gateway's secondary addresses stay `assigning` after it is available (seen: 15 to 30 s)."""

    assigning_seconds: Seconds = 1.0
    """From AssignPrivateNatGatewayAddress to `succeeded`. Undocumented; long enough that a poller sees it."""

    connections_end_after: Seconds | None = None
    """When the connections of a draining address end, after its drain began; None: never, so drains take the full
    MaxDrainDurationSeconds, which is the case a client has to plan for. Settable for each address besides."""

    deleted_visible_seconds: Seconds = 3600.0
    """How long a deleted or failed gateway is still described; AWS says about an hour."""

    busy_code: Literal["OperationInProgress", "IncorrectState"] = "OperationInProgress"
    """Error code while addresses are in transition: seen for public gateways, likeliest for private ones."""

    not_found_code: Literal["NatGatewayNotFound", "InvalidNatGatewayID.NotFound"] = "NatGatewayNotFound"
    """Error code for a gateway that does not exist; older clients know the second spelling."""

    answer_only_touched_addresses: bool = True
    """Whether Assign and Unassign answer just the addresses they touched, or all of the gateway. Undocumented."""

    dry_run_checks_state: bool = False
    """Whether a DryRun also fails for a busy gateway, a full quota and the like. Undocumented; AWS only promises to
    check permissions."""

    throttling: bool = False
    """Whether calls are throttled as AWS documents it (`calls.py`). Off, because a manual clock that stands still
    never refills a bucket, and because most rehearsals are not about it."""

    pick: Literal["lowest", "random"] = "lowest"
    """Which free addresses AWS picks when asked for a number of them. Undocumented."""

    seed: int = 0
    """Start of the generator behind `random` picks and new gateway ids, so that a run can be repeated."""

    def change(self, changes: Mapping[str, Any]) -> Settings:
        """Return a copy with `changes` applied. Raises ValueError with the name, the value and what is allowed."""
        return self.check(self.model_dump() | dict(changes), "settings")
