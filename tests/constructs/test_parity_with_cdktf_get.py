"""Our bindings synthesise what those of `cdktf get` synthesise for the same app.

`golden/cdktf_get.ts` is that app on bindings which `cdktf get` 0.21.0 makes from this provider; `golden/cdktf_get.json`
is what it writes, less the library's version and the path of the state. `golden/regenerate.sh` makes it again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from support.constructs_bench import Bench

GOLDEN = json.loads((Path(__file__).parent / "golden" / "cdktf_get.json").read_text())


def parity_app(bench: Bench, folder: Path) -> dict[str, Any]:
    """Make the app of golden/cdktf_get.ts, line by line."""
    core, bindings = bench.core, bench.bindings
    app = core.App(outdir=str(folder), skip_validation=True)
    stack = core.TerraformStack(app, "parity")
    variable = core.TerraformVariable(stack, "address", type="string")
    bindings.NatgwProvider(stack, "default")
    west = bindings.NatgwProvider(
        stack,
        "west",
        alias="west",
        region="us-west-2",
        max_retries=3,
        use_fips_endpoint=True,
        shared_config_files=["a", "b"],
        allowed_account_ids=["123456789012"],
        endpoints={"ec2": "http://localhost:1"},
        assume_role=bindings.NatgwProviderAssumeRole(
            role_arn="arn:aws:iam::123456789012:role/x", tags={"team": "net"}, policy_arns=["p"]
        ),
    )
    full = bindings.SecondaryPrivateIps(
        stack,
        "full",
        nat_gateway_id="nat-00000001",
        secondary_private_ip_addresses=["10.0.0.4", variable.string_value],
        max_drain_duration_seconds=120,
        wait_for_drain=False,
        min_in_service_addresses=2,
        on_destroy="retain",
        timeouts=bindings.SecondaryPrivateIpsTimeouts(create="15m"),
        provider=west,
        lifecycle=core.TerraformResourceLifecycle(prevent_destroy=True, ignore_changes=["timeouts"]),
    )
    counted = bindings.SecondaryPrivateIps(
        stack,
        "counted",
        nat_gateway_id="nat-00000002",
        secondary_private_ip_address_count=0,
        depends_on=[full],
        count=2,
    )
    counted.wait_for_drain = True
    counted.reset_wait_for_drain()
    elastic = bindings.SecondaryElasticIps(
        stack,
        "elastic",
        nat_gateway_id="nat-00000006",
        allocation_ids=["eipalloc-00000001"],
        on_destroy="retain",
        provider=west,
        private_ip_addresses={"eipalloc-00000001": "10.0.0.9"},
        timeouts=bindings.SecondaryElasticIpsTimeouts(delete="20m"),
    )
    one = bindings.SecondaryPrivateIp(
        stack,
        "one",
        nat_gateway_id="nat-00000007",
        private_ip_address="10.0.0.7",
        max_drain_duration_seconds=60,
        depends_on=[elastic],
    )
    one_elastic = bindings.SecondaryElasticIp(
        stack, "one-elastic", nat_gateway_id="nat-00000008", allocation_id="eipalloc-00000002", wait_for_drain=True
    )
    found = bindings.DataNatgwNatGateway(
        stack, "found", tags={"Name": "a"}, filter=[{"name": "state", "values": ["available"]}], provider=west
    )
    values = {
        "id": full.id,
        "primary": full.primary_private_ip_address,
        "subnet": full.subnet_id,
        "cidr": full.subnet_cidr_block,
        "vpc": full.vpc_id,
        "eni": full.network_interface_id,
        "draining": full.draining_private_ip_addresses,
        "set": full.secondary_private_ip_addresses,
        "number": full.secondary_private_ip_address_count,
        "wait": full.wait_for_drain,
        "gateway": full.nat_gateway_id,
        "assign": full.last_change.assign,
        "drain": full.last_change.drain,
        "serving": full.last_change.in_service,
        "found_id": found.id,
        "status": found.addresses.get(1).status,
        "all": found.addresses,
        "capacity": found.connection_capacity,
        "tags": found.tags,
        "primaries": found.addresses.get(0).is_primary,
        "secondaries": found.secondary_private_ip_addresses,
        "ids": elastic.allocation_ids,
        "privates": elastic.private_ip_addresses,
        "draining_ids": elastic.draining_allocation_ids,
        "primary_id": elastic.primary_allocation_id,
        "one_address": one.private_ip_address,
        "one_status": one.status,
        "one_change": one.last_change.summary,
        "one_id": one_elastic.allocation_id,
        "public_ip": one_elastic.public_ip,
        "first": core.Fn.element(full.secondary_private_ip_addresses, 0),
    }
    for name, value in values.items():
        core.TerraformOutput(stack, name, value=value)
    bindings.SecondaryPrivateIps.generate_config_for_import(stack, "imported", "nat-00000003", west)
    moved = bindings.SecondaryPrivateIps(
        stack, "moved", nat_gateway_id="nat-00000004", secondary_private_ip_addresses=[]
    )
    moved.move_from_id("natgw_secondary_private_ips.old")
    taken = bindings.SecondaryPrivateIps(
        stack, "taken", nat_gateway_id="nat-00000005", secondary_private_ip_addresses=[]
    )
    taken.import_from("nat-00000005")
    taken.add_override("max_drain_duration_seconds", 7)
    bindings.SecondaryElasticIp.generate_config_for_import(
        stack, "imported-one", "nat-00000009/eipalloc-00000003", west
    )
    app.synth()
    synthesised: dict[str, Any] = json.loads((folder / "stacks" / "parity" / "cdk.tf.json").read_text())
    del synthesised["//"]["metadata"]["version"]
    del synthesised["terraform"]["backend"]
    return synthesised


def test_the_json_is_the_same(bench: Bench, tmp_path: Path) -> None:
    assert parity_app(bench, tmp_path) == GOLDEN
