"""The schema of the data source `natgw_nat_gateway`. Declarations only."""

from __future__ import annotations

from natgw_provider.bridge.schema import (
    BOOL,
    NUMBER,
    STRING,
    Attribute,
    ListOf,
    MapOf,
    NestedAttributes,
    Schema,
    SetOf,
    Type,
)
from natgw_provider.core import limits, names


def _computed(name: str, kind: Type, description: str) -> Attribute:
    return Attribute(name=name, type=kind, computed=True, description=description)


_FILTER = NestedAttributes(
    "list",
    (
        Attribute(
            name="name",
            type=STRING,
            required=True,
            description="A filter of DescribeNatGateways: `nat-gateway-id`, `state`, `subnet-id`, `vpc-id`, `tag-key` "
            "or `tag:KEY`, such as `tag:Name`.",
        ),
        Attribute(name="values", type=ListOf(STRING), required=True, description="Values, any of which matches."),
    ),
)

_ADDRESS = NestedAttributes(
    "list",
    (
        _computed("private_ip_address", STRING, "The address."),
        _computed("status", STRING, "`succeeded`, `assigning`, `unassigning` or `failed`; null where AWS names none."),
        _computed("is_primary", BOOL, "Whether it is the primary."),
        _computed("failure_message", STRING, "Why its assignment failed."),
    ),
)

SCHEMA = Schema(
    0,
    "One private NAT gateway with its addresses, found by id, or by filters and tags that match exactly one.",
    (
        Attribute(
            name=names.ID,
            type=STRING,
            optional=True,
            computed=True,
            description="Id of the gateway. Give it, or `filter` or `tags`.",
        ),
        Attribute(
            name="filter",
            optional=True,
            nested=_FILTER,
            description="Filters that the gateway has to match, all of them. Gateways that are deleted, being deleted "
            "or failed are passed over unless a filter names their `state`.",
        ),
        Attribute(
            name="tags",
            type=MapOf(STRING),
            optional=True,
            description="Tags that the gateway has to have, all of them.",
        ),
        _computed("name", STRING, "The tag `Name`."),
        _computed("state", STRING, "The gateway's state, such as `available`."),
        _computed("connectivity_type", STRING, "`private` or `public`."),
        _computed(names.VPC_ID, STRING, "The VPC of the gateway."),
        _computed(names.SUBNET_ID, STRING, "The subnet of the gateway."),
        _computed(names.SUBNET_CIDR_BLOCK, STRING, "The subnet's IPv4 CIDR block."),
        _computed("subnet_available_ip_address_count", NUMBER, "Free addresses of the subnet."),
        _computed(names.NETWORK_INTERFACE_ID, STRING, "The network interface of the gateway."),
        _computed(names.PRIMARY, STRING, "The primary address."),
        _computed(names.ADDRESSES, SetOf(STRING), "The secondary addresses, in service or on their way there."),
        _computed(names.DRAINING, SetOf(STRING), "Addresses that are being released."),
        Attribute(name="addresses", nested=_ADDRESS, computed=True, description="Every address with its status."),
        _computed(
            "private_ip_address_quota",
            NUMBER,
            "Addresses that the gateway may have, the primary included, as the provider block says.",
        ),
        _computed("in_service_addresses", NUMBER, "How many addresses take new connections, the primary included."),
        _computed(
            "connection_capacity",
            NUMBER,
            f"Simultaneous connections to one destination that these carry: {limits.CONNECTIONS_PER_ADDRESS} each.",
        ),
    ),
)
"""`id`, or `filter` and `tags`."""
