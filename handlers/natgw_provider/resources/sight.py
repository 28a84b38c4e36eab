"""What a plan goes by, apart from the request: the provider as configured, and the gateway as it is.

Data only; who may look, and when, is decided in `secondary_private_ips`.
"""

from __future__ import annotations

from dataclasses import dataclass

from natgw_provider.core import limits
from natgw_provider.core.gateway import NatGateway
from natgw_provider.resources.engine import Configured


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What can be seen while planning: the gateway as read on create, or as refresh saw it; None while unknown."""

    configured: Configured | None = None
    gateway: NatGateway | None = None
    subnet_cidr_block: str | None = None

    @property
    def quota(self) -> int:
        """Private addresses for one gateway, the primary included; the most there can be while that is not known."""
        return self.configured.quota if self.configured else limits.QUOTA_MAXIMUM
