"""The EC2 operations that managing a gateway's addresses takes, by name.

An operation's IAM action has the same name behind `ec2:` (service authorization reference for Amazon EC2).
"""

from __future__ import annotations

from typing import Final

ASSIGN: Final = "AssignPrivateNatGatewayAddress"
UNASSIGN: Final = "UnassignPrivateNatGatewayAddress"
ASSOCIATE: Final = "AssociateNatGatewayAddress"
DISASSOCIATE: Final = "DisassociateNatGatewayAddress"
DESCRIBE: Final = "DescribeNatGateways"
DESCRIBE_SUBNETS: Final = "DescribeSubnets"

READS: Final = (DESCRIBE, DESCRIBE_SUBNETS)
CHANGES: Final = (ASSIGN, UNASSIGN, ASSOCIATE, DISASSOCIATE)


def iam_action(operation: str) -> str:
    """Return the IAM action that permits an operation."""
    return f"ec2:{operation}"
