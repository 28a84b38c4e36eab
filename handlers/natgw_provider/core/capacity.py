"""What a number of addresses in service carries.

Arithmetic on AWS's published limit; it does not know what is in use, which CloudWatch shows per gateway only.
"""

from __future__ import annotations

from natgw_provider.core.limits import CONNECTIONS_PER_ADDRESS


def connection_capacity(in_service: int) -> int:
    """Return how many simultaneous connections to one destination `in_service` addresses carry."""
    return in_service * CONNECTIONS_PER_ADDRESS
