"""User code that mypy strict must accept; never run."""

from __future__ import annotations

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


class Stack(cdktf.TerraformStack):
    def __init__(self, scope: Construct, name: str) -> None:
        super().__init__(scope, name)
        west = NatgwProvider(self, "west", region="us-west-2", endpoints={"ec2": "http://localhost"})
        variable = cdktf.TerraformVariable(self, "drain", type="number")
        ips = NatGatewaySecondaryIps(
            self,
            "egress",
            nat_gateway_id="nat-00000001",
            addresses={"10.0.0.4"},
            max_drain=timedelta(minutes=5),
            wait_for_drain=cdktf.TerraformVariable(self, "wait").boolean_value,
            on_destroy="retain",
            timeouts={"create": "15m", "delete": timedelta(minutes=20)},
            provider=west,
        )
        first: str = ips.secondary_private_ip_addresses[0]
        drain: str = ips.last_change.drain
        found = DataNatgwNatGateway(self, "found", tags={"Name": "a"})
        bare = SecondaryPrivateIps(
            self,
            "bare",
            nat_gateway_id=found.id,
            secondary_private_ip_addresses=[first],
            max_drain_duration_seconds=variable.number_value,
            depends_on=[ips],
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=True),
        )
        bare.max_drain_duration_seconds = found.in_service_addresses
        bare.on_destroy = drain
        bare.max_drain_duration_seconds = None
        bare.reset_timeouts()
        NatGatewaySecondaryIps(self, "by object", nat_gateway=found, count=variable.number_value)
        NatGatewaySecondaryIps.from_cidr(self, "block", nat_gateway=found, cidr="10.0.0.16/29", min_in_service=2)
        NatGatewaySecondaryIps.from_lookup(self, "tags", tags={"Name": "b"}, addresses=[], provider=west)
        NatGatewayFleet(
            self,
            "fleet",
            {
                "a": Gateway(nat_gateway_id="nat-00000002", addresses=address_block("10.0.0.16/29")),
                "b": PublicGateway(nat_gateway_id="nat-00000003", allocation_ids={"eipalloc-0000000a"}),
            },
            max_drain=60,
        )
        public = NatGatewaySecondaryElasticIps.from_lookup(self, "public", tags={"a": "b"}, allocation_ids=[first])
        public_ids: list[str] = public.allocation_ids
        single = NatGatewaySecondaryIp(self, "single", nat_gateway=found, private_ip_address=first, max_drain=60)
        elastic = NatGatewaySecondaryElasticIp(self, "elastic", nat_gateway=found, allocation_id=public_ids[0])
        status: str = elastic.status
        other = NatGatewaySecondaryIps(
            self, "other", nat_gateway=found, count=1, depends_on=[ips, bare, found, public, single, status]
        )
        other.resource.lifecycle = cdktf.TerraformResourceLifecycle(prevent_destroy=True)
        other.resource.depends_on = [ips.fqn]
        resource: SecondaryPrivateIps = other.resource
        resource.put_timeouts(create="15m")
        cdktf.TerraformOutput(self, "subnet", value=other.subnet_id, depends_on=[other])
        cdktf.Testing.to_have_resource(cdktf.Testing.synth(self), SecondaryPrivateIps.TF_RESOURCE_TYPE)
        cdktf.Aspects.of(self).add(RequireMinimumDrain(300))
        cdktf.Aspects.of(self).add(ForbidCount())
