"""A change of one gateway as data: what is asked for, what came of it, and the ways in which it ends early.

It needs no boto3, so that the layer above can import it at every start.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from natgw_provider.core.address_kinds import PRIVATE_IPS, AddressKind
from natgw_provider.core.diff import Approval, Rules, Target
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import ChangeSettings

Report: TypeAlias = Callable[[str], None]
"""Takes one short line on how far a change is."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who waits for a change.

    Attributes:
        stop: set when it is to end, at the next moment at which nothing is left half done.
        deadline: when its time is over, by the engine's clock.
        report: takes lines on how far it is.
    """

    stop: threading.Event
    deadline: float
    report: Report


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRequest:
    """A change of one gateway, and how much of it a reviewer approved.

    Attributes:
        nat_gateway_id: the gateway.
        kind: the kind of its addresses.
        target: what the gateway is to have. A `Part` that adds nothing is a release, for a destroy or a move.
        approval: what the reviewed plan allows.
        rules: what the change must keep to.
        settings: how to make the change; all of them are known.
        timeout_seconds: how long the whole change may take, a release before it included.
        operation: whose timeout that is: "create", "update" or "delete".
        release: what to release first on another gateway, in a move; it begins when nothing is against this change.
        shares_gateway: whether other requests for the same gateway come at the same time, as those of resources that
            manage one address each: all are carried out as one change. The target is a `Part` then.
    """

    nat_gateway_id: str
    target: Target
    approval: Approval
    rules: Rules
    settings: ChangeSettings
    timeout_seconds: float
    operation: str = "update"
    kind: AddressKind = PRIVATE_IPS
    release: ChangeRequest | None = None
    shares_gateway: bool = False

    @property
    def is_release(self) -> bool:
        """Whether addresses only leave this gateway: then a gateway that is gone is a success."""
        return self.target.is_release


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a change ended.

    Attributes:
        gateway: the gateway as it truly is now; None when it is gone (deleted, being deleted or failed) or, with a
            failure, when no read of it succeeded.
        failure: why the change did not end as declared; None when it did.
        assigned: what was assigned, those included that AWS picked, in numerical order.
        has_left: whether the release of a move is over, so that the set belongs to the new gateway from here on.
    """

    gateway: NatGateway | None
    failure: Problem | None = None
    assigned: tuple[str, ...] = ()
    has_left: bool = False


class ChangeAborted(Exception):  # noqa: N818 - the name says what became of the change
    """The change goes no further. Its kinds never leave this layer."""


class Stopped(ChangeAborted):
    """Terraform requested a stop."""


class TimedOut(ChangeAborted):
    """The change's time is over."""


class GatewayGone(ChangeAborted):
    """The gateway is deleted, being deleted or failed; `gateway` is how it was last observed, if it was."""

    def __init__(self, gateway: NatGateway | None) -> None:
        super().__init__(gateway)
        self.gateway = gateway


class ChangeRefused(ChangeAborted):
    """Something is against the change; `problem` says what, without the state of the gateway."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem)
        self.problem = problem


class PermissionMissing(ChangeRefused):
    """The credentials may not make a call that the change needs."""
