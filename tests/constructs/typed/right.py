"""User code that mypy strict must accept, that both libraries run, and that is valid Terraform."""

from __future__ import annotations

import sys
from datetime import timedelta

import cdktf
from constructs import Construct

from natgw_constructs import (
    ForbidCount,
    Gateway,
    NatGatewayFleet,
    NatGatewaySecondaryElasticIp,
    NatGatewaySecondaryElasticIps,
    NatGatewaySecondaryIp,
    NatGatewaySecondaryIps,
    PublicGateway,
    RequireMinimumDrain,
    address_block,
)
from natgw_constructs.cdktf import DataNatgwNatGateway, NatgwProvider, SecondaryPrivateIps

EIP = "eipalloc-0000000a"


class Stack(cdktf.TerraformStack):
    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        NatgwProvider(self, "natgw", region="eu-central-1")
        west = NatgwProvider(self, "west", alias="west", region="us-west-2", endpoints={"ec2": "http://localhost"})
        drain = cdktf.TerraformVariable(self, "drain", type="number").number_value
        ips = NatGatewaySecondaryIps(
            self,
            "egress",
            nat_gateway_id="nat-00000001",
            addresses={"10.0.0.4"},
            max_drain=timedelta(minutes=5),
            wait_for_drain=cdktf.TerraformVariable(self, "wait", type="bool").boolean_value,
            on_destroy="retain",
            timeouts={"create": "15m", "delete": timedelta(minutes=20)},
            provider=west,
        )
        first: str = cdktf.Token.as_string(cdktf.Fn.element(ips.secondary_private_ip_addresses, 0))
        change: str = ips.last_change.drain
        found = DataNatgwNatGateway(self, "found", tags={"Name": "a"})
        bare = SecondaryPrivateIps(
            self,
            "bare",
            nat_gateway_id=found.id,
            secondary_private_ip_addresses=[first],
            max_drain_duration_seconds=drain,
            depends_on=[ips],
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=True),
        )
        bare.max_drain_duration_seconds = found.in_service_addresses
        bare.on_destroy = change
        bare.max_drain_duration_seconds = None
        bare.reset_timeouts()
        NatGatewaySecondaryIps(self, "by object", nat_gateway=found, count=drain)
        NatGatewaySecondaryIps.from_cidr(self, "block", nat_gateway=found, cidr="10.0.0.16/29", min_in_service=2)
        NatGatewaySecondaryIps.from_lookup(self, "tags", tags={"Name": "b"}, addresses=[], provider=west)
        NatGatewayFleet(self, "empty", {})
        gateways: dict[str, Gateway | PublicGateway] = {
            "a.b c": Gateway(nat_gateway_id="nat-00000002", addresses=address_block("10.0.0.16/30")),
            "d": PublicGateway(
                nat_gateway_id="nat-00000003", allocation_ids={EIP}, private_ip_addresses={EIP: "10.0.0.9"}
            ),
        }
        NatGatewayFleet(Construct(self, "inner"), "my. fleet", gateways, max_drain=60)
        public = NatGatewaySecondaryElasticIps.from_lookup(self, "public", tags={"a": "b"}, allocation_ids=[EIP])
        single = NatGatewaySecondaryIp(self, "single", nat_gateway=found, private_ip_address=first, max_drain=60)
        elastic = NatGatewaySecondaryElasticIp(self, "elastic", nat_gateway=found, allocation_id=EIP)
        other = NatGatewaySecondaryIps(
            self, "other", nat_gateway=found, count=1, depends_on=[ips, bare, found, public, single, elastic.fqn]
        )
        other.resource.lifecycle = cdktf.TerraformResourceLifecycle(prevent_destroy=True)
        other.resource.depends_on = [ips.fqn]
        resource: SecondaryPrivateIps = other.resource
        resource.put_timeouts(create="15m")
        outputs = [other.subnet_id, single.status, elastic.public_ip, elastic.iam_policy]
        cdktf.TerraformOutput(self, "subnet", value=outputs)
        cdktf.TerraformOutput(self, "change", value=other.last_change)
        each_of = cdktf.TerraformVariable(self, "gateways", type="map(object({id = string, ips = set(string)}))")
        iterator = cdktf.TerraformIterator.from_map(cdktf.Token.as_any_map(each_of.string_value))
        each = NatGatewaySecondaryIps(
            self, "each", nat_gateway_id="${each.value.id}", addresses=iterator.get_list("ips"), max_drain=drain
        )
        each.resource.for_each = iterator
        cdktf.Aspects.of(each).add(RequireMinimumDrain(300))
        cdktf.Aspects.of(each).add(ForbidCount())
        if "spoilt" in sys.argv:
            bare.add_override("no_such_argument", 1)


if __name__ == "__main__":
    verdict = cdktf.Testing.to_be_valid_terraform(cdktf.Testing.full_synth(Stack(cdktf.Testing.app(), "stack")))
    sys.stdout.write(f"{verdict}\n")
