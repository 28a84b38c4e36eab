"""The numbers that AWS sets, each stated once, and what they mean for a gateway.

A test compares them with the installed botocore service model.
"""

from __future__ import annotations

from typing import Final

DRAIN_SECONDS_DEFAULT: Final = 350
"""MaxDrainDurationSeconds when none is named (UnassignPrivateNatGatewayAddress); also NAT's TCP idle timeout."""

DRAIN_SECONDS_MINIMUM: Final = 1
"""Lowest MaxDrainDurationSeconds (service model)."""

DRAIN_SECONDS_MAXIMUM: Final = 4000
"""Highest MaxDrainDurationSeconds (service model)."""

QUOTA_DEFAULT: Final = 8
"""Private IPv4 addresses for each private NAT gateway, primary included (service quota L-DFA99DE7)."""

ELASTIC_IP_QUOTA_DEFAULT: Final = 2
"""Elastic IPs for each public NAT gateway, primary included (service quota L-5F53652F; it can be raised to 8)."""

QUOTA_MAXIMUM: Final = 32
"""The primary and the 31 secondaries that one call can name (PrivateIpAddressCount, service model)."""

SECONDARY_ADDRESSES_MAXIMUM: Final = QUOTA_MAXIMUM - 1
"""Highest PrivateIpAddressCount (service model)."""

RESERVED_FIRST_ADDRESSES: Final = 4
"""AWS keeps the first four addresses of every subnet (VPC user guide, "Subnet CIDR blocks")."""

RESERVED_LAST_ADDRESSES: Final = 1
"""AWS keeps the last address of every subnet as well (the same page)."""

CONNECTIONS_PER_ADDRESS: Final = 55_000
"""Connections of one address to one destination (address, port, protocol) at a time; VPC user guide, NAT gateways."""

MIN_IN_SERVICE_DEFAULT: Final = 1
"""`min_in_service_addresses` when not given: the primary alone, which can never be unassigned."""

TIMEOUT_MARGIN_SECONDS: Final = 600
"""What an operation may take on top of its drain, when the declaration sets no timeout."""


def connection_capacity(in_service: int) -> int:
    """Return how many simultaneous connections to one destination `in_service` addresses carry.

    Arithmetic on the published limit: what is in use, CloudWatch shows for each gateway.
    """
    return in_service * CONNECTIONS_PER_ADDRESS
