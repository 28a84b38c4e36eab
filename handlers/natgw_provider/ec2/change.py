"""What the engine is asked to do to one gateway and what it answers: the data on both sides of a change.

Types only, free of boto3, so that the layer above can import them at every start.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from natgw_provider.core.change_plan import ChangePlan
from natgw_provider.core.diff import Diff
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.last_change import LastChange
from natgw_provider.core.problems import Problem
from natgw_provider.ec2.failures import Failure

Report: TypeAlias = Callable[[str], None]
"""Takes one short line on how far a change is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A change of one gateway, and how much of it a reviewer approved.

    Attributes:
        nat_gateway_id: the gateway.
        diff: what separates a look at the gateway from its declaration.
        check: what stands against a change of the gateway as it is now; asked before anything is called.
        approved: what the reviewed plan showed. None means a release, for a destroy or a move: a gateway that is gone
            is then a success, and the request claims no gateway for itself.
        approved_unassign: the only addresses that may be unassigned.
        approved_assign: the only addresses that may be assigned, or how many AWS may pick.
        quota: addresses the gateway may have, the primary and draining ones included.
        max_drain_seconds: longest time that connections may drain.
        wait_for_drain: whether to return only when the addresses are released, or once their drain has begun.
        timeout_seconds: how long the whole change may take, a release before it included.
        operation: whose timeout that is: "create", "update" or "delete".
        release: what to release first on another gateway, in a move; it begins when nothing is against this change.
    """

    nat_gateway_id: str
    diff: Callable[[NatGateway], Diff]
    check: Callable[[NatGateway, ChangePlan], tuple[Problem, ...]]
    approved: LastChange | None
    approved_unassign: frozenset[str]
    approved_assign: frozenset[str] | int
    quota: int
    max_drain_seconds: int
    wait_for_drain: bool
    timeout_seconds: float
    operation: str = "update"
    release: ChangeRequest | None = None

    @property
    def is_release(self) -> bool:
        """Whether the set leaves this gateway."""
        return self.approved is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a change ended.

    Attributes:
        gateway: the gateway as it truly is now; None when it is gone (deleted, being deleted or failed) or, with a
            failure, when it could not be looked at at all.
        failure: why the change did not end as declared; None when it did.
        warnings: what to know all the same.
        assigned: what was assigned, those included that AWS picked, in numerical order.
        has_left: whether the release of a move is over, so that the set belongs to the new gateway from here on.
    """

    gateway: NatGateway | None
    failure: Failure | None = None
    warnings: tuple[Failure, ...] = ()
    assigned: tuple[str, ...] = ()
    has_left: bool = False
