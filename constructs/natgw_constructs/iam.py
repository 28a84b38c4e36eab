"""The IAM permissions that Terraform needs to manage gateways, and no others.

Actions and resources as the service authorization reference for Amazon EC2 lists them: Assign and Unassign can be
limited to a gateway, the two Describe actions cannot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from natgw_constructs.libraries import library_of
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.operations import READS, iam_action


class HasIamPolicy:
    """A construct that gives the IAM policy for its gateways."""

    @property
    def iam_policy(self) -> str:
        """JSON: the least-privilege IAM policy for what Terraform does here, in any region and account."""
        construct: Any = self
        text: str = library_of(construct).core.Fn.jsonencode(self.iam_policy_document())
        return text

    def iam_policy_document(
        self, *, partition: str = "aws", region: str = "*", account_id: str = "*"
    ) -> dict[str, Any]:
        """Return the same policy as a dictionary, its ARNs limited to a partition, region and account.

        Gateway ids are unique, so that "*" does not permit changes of another gateway.
        """
        arns = [
            f"arn:{partition}:ec2:{region}:{account_id}:natgateway/{gateway_id}" for gateway_id in self.gateway_ids()
        ]
        read = _statement("ReadNatGateways", READS, "*")
        change = _statement("ChangeAddresses", (PRIVATE_IPS.assign, PRIVATE_IPS.unassign), arns)
        return {"Version": "2012-10-17", "Statement": [read, change] if arns else [read]}

    def gateway_ids(self) -> list[str]:
        """Return the ids of the gateways, known or as tokens."""
        raise NotImplementedError


def _statement(sid: str, operations: Iterable[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": [iam_action(name) for name in operations], "Resource": resource}
