"""The IAM permissions that Terraform needs to manage gateways, and no others.

Actions and resources as the service authorization reference for Amazon EC2 lists them: Assign and Unassign can be
limited to a gateway, the two Describe actions cannot.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from natgw_provider.core.operations import CHANGES, READS, iam_action


@dataclass(frozen=True, slots=True, kw_only=True)
class ArnScope:
    """Where the gateways are, for their ARNs. Gateway ids are unique, so that "*" names no other gateway."""

    partition: str = "aws"
    region: str = "*"
    account_id: str = "*"

    def gateway_arn(self, nat_gateway_id: str) -> str:
        """Return the ARN of a gateway; tokens may stand anywhere in it."""
        return f"arn:{self.partition}:ec2:{self.region}:{self.account_id}:natgateway/{nat_gateway_id}"


def policy_document(nat_gateway_ids: Iterable[str], scope: ArnScope) -> dict[str, Any]:
    """Return the least-privilege policy document for these gateways."""
    arns = [scope.gateway_arn(nat_gateway_id) for nat_gateway_id in nat_gateway_ids]
    read = _statement("ReadNatGateways", READS, "*")
    change = _statement("ChangeAddresses", CHANGES, arns)
    return {"Version": "2012-10-17", "Statement": [read, change] if arns else [read]}


def _statement(sid: str, operations: Iterable[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": [iam_action(name) for name in operations], "Resource": resource}
