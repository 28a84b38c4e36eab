"""What the Registry's pages say beside the schema. Texts only; links are relative to the page."""

from __future__ import annotations

from typing import Final

from natgw_provider import SOURCE

AFTER_INDEX_EXAMPLE: Final = f"""\
`natgw install` puts the provider where `terraform init` finds it; nothing is fetched from a registry for
`source = "{SOURCE}"`. Tested with Terraform 1.6 and 1.8 to 1.15; not yet with OpenTofu.

## Permissions

`ec2:DescribeNatGateways` and `ec2:DescribeSubnets` on `*`; to change a gateway also
`ec2:AssignPrivateNatGatewayAddress` and `ec2:UnassignPrivateNatGatewayAddress` on its ARN. Apply asks AWS by dry runs
whether all its calls are permitted before it makes the first."""

INDEX_GUIDES: Final = """\
## Guides

- [When something goes wrong](guides/operations.md)
- [Reviewing a change: `natgw review`](guides/review.md)
- [Rehearsing a change without AWS: `natgw simulator`](guides/simulator.md)"""

RESOURCE_EXCLUSIVE: Final = """\
~> **The resource is exclusive.** It owns every secondary address of its gateway: what is not declared is drained and
unassigned. Declare one `natgw_secondary_private_ips` for a gateway, and do not manage the same gateway's addresses with
`aws_nat_gateway.secondary_private_ip_addresses` (or `secondary_private_ip_address_count`) too, unless that resource has
`ignore_changes` for both: the two would undo each other on every apply.

-> An apply may take as long as connections drain: `max_drain_duration_seconds`, plus the time that AWS takes to assign.
An address that the plan did not show is never unassigned."""

RESOURCE_IMPORT: Final = """\
## Import

By the id of the NAT gateway. The plan after the import of a gateway that matches the declaration is empty. In Terraform
1.5 and later with an `import` block:

```terraform
import {
  to = natgw_secondary_private_ips.egress
  id = "nat-0123456789abcdef0"
}
```

or with the command:

```shell
terraform import natgw_secondary_private_ips.egress nat-0123456789abcdef0
```

Terraform 1.12 and later also take `identity = { nat_gateway_id = "nat-0123456789abcdef0" }` in place of the `id`. With
Terraform 1.14 and later, `terraform plan -generate-config-out=FILE` writes the resource block; what 1.8 to 1.13 write
has both address arguments: keep one of them.

A gateway that exists need not be imported: creating the resource adopts it, and the plan shows what would be
unassigned."""

PAGE_GUIDES: Final = """\
## Guides

- [When something goes wrong](../guides/operations.md)
- [Reviewing a change: `natgw review`](../guides/review.md)
- [Rehearsing a change without AWS: `natgw simulator`](../guides/simulator.md)"""

DATA_SOURCE_NOTE: Final = """\
None or several gateways that match are an error, which lists what was found. It reads and never changes anything; the
calls it makes are `ec2:DescribeNatGateways` and `ec2:DescribeSubnets`."""
