"""The names of the resources and their attributes, for everything that speaks of them: schema, problems, constructs.

What they mean stands in the schema. The order in which names of any kind are listed stands here too.
"""

from __future__ import annotations

import re
from typing import Final

PRIVATE_IPS_TYPE: Final = "natgw_secondary_private_ips"
ELASTIC_IPS_TYPE: Final = "natgw_secondary_elastic_ips"
SINGLE_PRIVATE_IP_TYPE: Final = "natgw_secondary_private_ip"
SINGLE_ELASTIC_IP_TYPE: Final = "natgw_secondary_elastic_ip"
DATA_SOURCE_TYPE: Final = "natgw_nat_gateway"

NAT_GATEWAY_ID: Final = "nat_gateway_id"
ADDRESSES: Final = "secondary_private_ip_addresses"
ADDRESS_COUNT: Final = "secondary_private_ip_address_count"
ALLOCATION_IDS: Final = "allocation_ids"
PRIVATE_IP_ADDRESSES: Final = "private_ip_addresses"
PRIVATE_IP_ADDRESS: Final = "private_ip_address"
ALLOCATION_ID: Final = "allocation_id"
MAX_DRAIN: Final = "max_drain_duration_seconds"
WAIT_FOR_DRAIN: Final = "wait_for_drain"
MIN_IN_SERVICE: Final = "min_in_service_addresses"
ON_DESTROY: Final = "on_destroy"
TIMEOUTS: Final = "timeouts"

ID: Final = "id"
STATUS: Final = "status"
PRIMARY: Final = "primary_private_ip_address"
PRIMARY_ALLOCATION_ID: Final = "primary_allocation_id"
SUBNET_ID: Final = "subnet_id"
SUBNET_CIDR_BLOCK: Final = "subnet_cidr_block"
VPC_ID: Final = "vpc_id"
NETWORK_INTERFACE_ID: Final = "network_interface_id"
DRAINING: Final = "draining_private_ip_addresses"
DRAINING_ALLOCATION_IDS: Final = "draining_allocation_ids"
LAST_CHANGE: Final = "last_change"

NONE: Final = "none"
"""What `assign`, `unassign` and `drain` of `last_change` say where nothing is assigned, unassigned or drained."""

ON_DESTROY_RETAIN: Final = "retain"

TIMEOUT_OPERATIONS: Final = ("create", "update", "delete")


def natural(text: str) -> tuple[tuple[str, int, str], ...]:
    """Return a key that sorts names as people do: gw2 before gw10."""
    parts = re.findall(r"(\D*)(\d*)", text, re.ASCII)
    return tuple((word, len(digits.lstrip("0")), digits) for word, digits in parts)
