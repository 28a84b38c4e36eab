"""What the resources need of EC2, as an interface: so that they import neither the engine nor boto3 before it is time.

The real one is `engine.engine.GatewayEngine`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from natgw_provider.resources.walk import Walk

if TYPE_CHECKING:
    from natgw_provider.aws.api import Subnet
    from natgw_provider.core.change_plan import ChangePlan
    from natgw_provider.core.gateway import NatGateway
    from natgw_provider.core.problems import Problem
    from natgw_provider.engine.change import ChangeRequest, Outcome


class Engine(Protocol):
    """Looks at gateways and changes them. Where it has no answer it raises `core.problems.ProblemError`."""

    def location(self) -> str:
        """Return where it looks, for messages: "region eu-central-1 of account 123456789012"."""

    def read(self, nat_gateway_id: str) -> NatGateway | None:
        """Return the gateway as it is; None when there is none."""

    def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
        """Return the gateways that match every one of DescribeNatGateways' filters, by any of its values."""

    def subnet(self, subnet_id: str | None) -> Subnet | None:
        """Return the subnet as it is now; None when it does not exist, as for a regional gateway."""

    def subnet_cidr_block(self, subnet_id: str | None) -> str | None:
        """Return the subnet's IPv4 CIDR block; None when it cannot be known, or the gateway has no subnet."""

    def preflight(self, nat_gateway_id: str, change: ChangePlan, max_drain_seconds: int) -> tuple[Problem, ...]:
        """Ask AWS by dry runs whether the calls of a change are permitted; a failure for each that is not."""

    def carry_out(self, request: ChangeRequest, stop: threading.Event, report: Callable[[str], None]) -> Outcome:
        """Make the change, or refuse; always says what is true afterwards."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configured:
    """A provider that is connected, with the settings that are its own."""

    engine: Engine
    quota: int
    check_permissions_at_plan: bool
    walk: Walk = field(default_factory=Walk)
