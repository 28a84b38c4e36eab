"""The EC2 operations that managing a gateway's addresses takes, by name, and what they answer for each kind of address.

An operation's IAM action has the same name behind `ec2:` (service authorization reference for Amazon EC2).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ASSIGN: Final = "AssignPrivateNatGatewayAddress"
UNASSIGN: Final = "UnassignPrivateNatGatewayAddress"
DESCRIBE: Final = "DescribeNatGateways"
DESCRIBE_SUBNETS: Final = "DescribeSubnets"

READS: Final = (DESCRIBE, DESCRIBE_SUBNETS)
CHANGES: Final = (ASSIGN, UNASSIGN)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressKind:
    """One kind of secondary addresses: the operations on them, and the error codes that tell the engine something.

    The engine knows an address by its key only; what differs between kinds stands here.

    Attributes:
        argument: the argument that names the set, for messages.
        assign: the operation that puts addresses into service.
        unassign: the operation that drains and releases them.
        passing_codes: errors about the gateway's or subnet's addresses, which an earlier step of a change may remove.
        hints: what to do about an error code, as a sentence that begins with a space.
    """

    argument: str
    assign: str
    unassign: str
    passing_codes: frozenset[str]
    hints: dict[str, str]

    @property
    def operations(self) -> tuple[str, ...]:
        """All operations whose permission can be missing, those that change something first."""
        return (self.assign, self.unassign, *READS)


PRIVATE_IPS: Final = AddressKind(
    argument="secondary_private_ip_addresses",
    assign=ASSIGN,
    unassign=UNASSIGN,
    passing_codes=frozenset(
        {"PrivateIpAddressLimitExceeded", "InvalidIPAddress.InUse", "InsufficientFreeAddressesInSubnet"}
    ),
    hints={
        "PrivateIpAddressLimitExceeded": " AWS allows this gateway fewer addresses than the provider's "
        "private_ip_address_quota says (quota L-DFA99DE7): set it to AWS's value, and declare at most one less.",
        "InvalidIPAddress.InUse": " Something else in the subnet has the address: declare another, or free it. If it "
        "is the gateway's own failed address, free it with `aws ec2 unassign-private-nat-gateway-address`.",
        "InsufficientFreeAddressesInSubnet": " The subnet has no free address left: free some.",
    },
)
"""The secondary private IPv4 addresses of a private NAT gateway; the key is the address."""


def iam_action(operation: str) -> str:
    """Return the IAM action that permits an operation."""
    return f"ec2:{operation}"
