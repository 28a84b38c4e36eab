"""The interface under which the engine calls EC2.

Types only, free of botocore: the engine must not care who answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from natgw_provider.aws.snapshot import Subnet
from natgw_provider.core.gateway import NatGateway, NatGatewayAddress


class GatewayCalls(Protocol):
    """What the engine needs of EC2; `Ec2Api` is one, and so are the tests' fakes."""

    def describe(self, nat_gateway_ids: Iterable[str]) -> dict[str, NatGateway]:
        """See `Ec2Api.describe`."""
        ...

    def find(self, filters: Mapping[str, Sequence[str]]) -> tuple[NatGateway, ...]:
        """See `Ec2Api.find`."""
        ...

    def describe_subnets(self, subnet_ids: Iterable[str]) -> dict[str, Subnet]:
        """See `Ec2Api.describe_subnets`."""
        ...

    def assign(
        self, nat_gateway_id: str, *, addresses: Sequence[str] = (), count: int = 0, dry_run: bool = False
    ) -> tuple[NatGatewayAddress, ...]:
        """See `Ec2Api.assign`."""
        ...

    def unassign(
        self, nat_gateway_id: str, *, addresses: Sequence[str], max_drain_seconds: int, dry_run: bool = False
    ) -> tuple[NatGatewayAddress, ...]:
        """See `Ec2Api.unassign`."""
        ...
