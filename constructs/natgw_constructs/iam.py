"""The IAM permissions that Terraform needs to manage gateways, and no others.

Actions and resources as the service authorization reference for Amazon EC2 lists them: the changing actions can be
limited to a gateway, the two Describe actions cannot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from natgw_constructs.libraries import library_of
from natgw_provider.core.address_kinds import ELASTIC_IPS, KINDS, PRIVATE_IPS
from natgw_provider.core.operations import READS, besides_the_gateway, iam_action

_SIDS: Final = {PRIVATE_IPS: "ChangeAddresses", ELASTIC_IPS: "ChangeElasticIps"}


class HasIamPolicy:
    """The IAM policy that Terraform needs for what a construct declares. Every construct and the fleet have it."""

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
        statements = [_statement("ReadNatGateways", READS, "*")]
        for kind in KINDS:
            if ids := self.gateway_ids(kind.connectivity):
                changes = (kind.assign, kind.unassign)
                resources = [*(f"natgateway/{gateway_id}" for gateway_id in ids), *besides_the_gateway(changes)]
                arns = [f"arn:{partition}:ec2:{region}:{account_id}:{resource}" for resource in resources]
                statements.append(_statement(_SIDS[kind], changes, arns))
        return {"Version": "2012-10-17", "Statement": statements}

    def gateway_ids(self, connectivity: str | None = None) -> list[str]:
        """Return the ids of the gateways, known or as tokens: all, or only the `private` or `public` ones."""
        raise NotImplementedError


def _statement(sid: str, operations: Iterable[str], resource: str | list[str]) -> dict[str, Any]:
    return {"Sid": sid, "Effect": "Allow", "Action": [iam_action(name) for name in operations], "Resource": resource}
