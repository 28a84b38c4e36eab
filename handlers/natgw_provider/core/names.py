"""The names of the resource's attributes, for everything that speaks of them: schema, problems, constructs.

What they mean stands in the schema. The order in which names of any kind are listed stands here too.
"""

from __future__ import annotations

import re
from typing import Final

RESOURCE_TYPE: Final = "natgw_secondary_private_ips"
DATA_SOURCE_TYPE: Final = "natgw_nat_gateway"

NAT_GATEWAY_ID: Final = "nat_gateway_id"
ADDRESSES: Final = "secondary_private_ip_addresses"
ADDRESS_COUNT: Final = "secondary_private_ip_address_count"
MAX_DRAIN: Final = "max_drain_duration_seconds"
WAIT_FOR_DRAIN: Final = "wait_for_drain"
MIN_IN_SERVICE: Final = "min_in_service_addresses"
ON_DESTROY: Final = "on_destroy"
TIMEOUTS: Final = "timeouts"

ID: Final = "id"
PRIMARY: Final = "primary_private_ip_address"
SUBNET_ID: Final = "subnet_id"
SUBNET_CIDR_BLOCK: Final = "subnet_cidr_block"
VPC_ID: Final = "vpc_id"
NETWORK_INTERFACE_ID: Final = "network_interface_id"
DRAINING: Final = "draining_private_ip_addresses"
LAST_CHANGE: Final = "last_change"

NONE: Final = "none"
"""What `assign`, `unassign` and `drain` of `last_change` say where nothing is assigned, unassigned or drained."""

ON_DESTROY_UNASSIGN: Final = "unassign"
ON_DESTROY_RETAIN: Final = "retain"
ON_DESTROY_CHOICES: Final = (ON_DESTROY_UNASSIGN, ON_DESTROY_RETAIN)

TIMEOUT_OPERATIONS: Final = ("create", "update", "delete")


def natural(text: str) -> tuple[tuple[str, int, str], ...]:
    """Return a key that sorts names as people do: gw2 before gw10."""
    parts = re.findall(r"(\D*)(\d*)", text, re.ASCII)
    return tuple((word, len(digits.lstrip("0")), digits) for word, digits in parts)
