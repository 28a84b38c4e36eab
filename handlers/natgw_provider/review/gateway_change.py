"""What one operation of a plan does to one gateway: the row of a review, as data.

`rows` makes rows of a plan, `judging` finds what is risky about them.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from natgw_provider.core.change_plan import Order

_Addresses = tuple[str, ...]


class Action(StrEnum):
    """What Terraform does with the resource; a replacement is a DELETE and a CREATE."""

    NONE = "none"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    FORGET = "forget"


class Move(StrEnum):
    """Which half of a move to another gateway a row is; both are updates."""

    NONE = ""
    FROM = "from"
    TO = "to"


class Condition(StrEnum):
    """What has to be found at apply for a row to happen, where the gateway's id is not known at plan."""

    NONE = ""
    SAME_GATEWAY = "same_gateway"
    OTHER_GATEWAY = "other_gateway"


_CONDITIONS: Final = {
    Condition.NONE: "",
    Condition.SAME_GATEWAY: ", if the gateway stays the same",
    Condition.OTHER_GATEWAY: ", if it is another gateway",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewayChange:
    """One operation on one gateway. Numbers in service include the primary.

    Attributes:
        stack: what its plan is called.
        resource_address: of the Terraform resource.
        action: what Terraform does with the resource.
        is_replacement: whether the same plan deletes and creates the resource.
        move: which half of a move to another gateway it is.
        other_gateway_id: the gateway of the other half; None while it is known only after apply.
        condition: what has to be found at apply for it to happen.
        nat_gateway_id: None while it is known only after apply.
        name: the gateway's tag `Name`, where the plan has it.
        is_decided: whether the plan has all of the change; a row that is not decided drains nothing.
        kept: secondaries that stay; None while not known.
        assign: addresses assigned; None where AWS picks them or they are not known.
        assign_count: how many are assigned; None while not known.
        unassign: addresses drained and unassigned.
        unmanaged: those of `unassign` that Terraform did not assign.
        draining: addresses of an earlier drain that is still running.
        order: in which order AWS is called.
        summary: the change in one sentence, as `last_change` has it; empty while not known.
        window_seconds: longest time connections may drain; None when nothing drains or it is not known.
        waits: whether apply waits until drained addresses are released.
        in_service_before: addresses that take new connections now; None while not known.
        in_service_low: the fewest that do during the change.
        in_service_after: those that do after the change.
        timeout_seconds: when apply gives up; 0 when it calls nothing, None while not known.
        primary: the primary address, where known.
        gateway_fate: "deleted" or "replaced" when the same plan does that to the gateway itself, or empty.
        is_sensitive: whether a value is marked as sensitive, so that no address may be shown.
    """

    stack: str
    resource_address: str
    action: Action
    is_replacement: bool = False
    move: Move = Move.NONE
    other_gateway_id: str | None = None
    condition: Condition = Condition.NONE
    nat_gateway_id: str | None = None
    name: str | None = None
    is_decided: bool = True
    kept: _Addresses | None = ()
    assign: _Addresses | None = ()
    assign_count: int | None = 0
    unassign: _Addresses = ()
    unmanaged: _Addresses = ()
    draining: _Addresses = ()
    order: Order = Order.NONE
    summary: str = ""
    window_seconds: int | None = None
    waits: bool = True
    in_service_before: int | None = None
    in_service_low: int | None = None
    in_service_after: int | None = None
    timeout_seconds: float | None = 0.0
    primary: str | None = None
    gateway_fate: str = ""
    is_sensitive: bool = False

    @property
    def cuts_connections(self) -> bool:
        """Whether connections end, or may end: addresses drain, or the gateway itself is deleted."""
        return bool(self.unassign or self.gateway_fate)

    @property
    def waits_for_drain(self) -> bool:
        """Whether apply waits for a drain; it always does where something is assigned after it."""
        return bool(self.unassign) and (self.waits or self.order in (Order.STAGED, Order.UNASSIGN_FIRST))

    @property
    def does_something(self) -> bool:
        """Whether a reviewer has to see it."""
        return self.action is not Action.NONE or bool(self.gateway_fate)

    @property
    def leaves_gateway(self) -> bool:
        """Whether the resource no longer manages the gateway afterwards."""
        return self.action in (Action.DELETE, Action.FORGET) or self.move is Move.FROM

    @property
    def on_condition(self) -> str:
        """The condition as the end of a sentence; empty without a condition."""
        return _CONDITIONS[self.condition]
