"""The EC2 operations that managing a gateway's addresses takes, by name.

An operation's IAM action has the same name behind `ec2:` (service authorization reference for Amazon EC2).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

ASSIGN: Final = "AssignPrivateNatGatewayAddress"
UNASSIGN: Final = "UnassignPrivateNatGatewayAddress"
ASSOCIATE: Final = "AssociateNatGatewayAddress"
DISASSOCIATE: Final = "DisassociateNatGatewayAddress"
DESCRIBE: Final = "DescribeNatGateways"
DESCRIBE_SUBNETS: Final = "DescribeSubnets"

READS: Final = (DESCRIBE, DESCRIBE_SUBNETS)
CHANGES: Final = (ASSIGN, UNASSIGN, ASSOCIATE, DISASSOCIATE)

BESIDES_THE_GATEWAY: Final = {ASSOCIATE: ("elastic-ip/*",), DISASSOCIATE: ("elastic-ip/*", "network-interface/*")}
"""What an operation's permission is about besides the gateway, as the ends of ARNs (service authorization reference for
Amazon EC2). Not one Elastic IP: one that leaves a set is not in the declaration any more."""


def besides_the_gateway(operations: Iterable[str]) -> tuple[str, ...]:
    """Return the ends of the ARNs that the permissions of the operations are about, besides the gateway's."""
    return tuple(dict.fromkeys(end for operation in operations for end in BESIDES_THE_GATEWAY.get(operation, ())))


def iam_action(operation: str) -> str:
    """Return the IAM action that permits an operation."""
    return f"ec2:{operation}"
