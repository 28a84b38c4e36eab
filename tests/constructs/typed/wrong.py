"""User code of which mypy strict must refuse every marked line; never run."""

from __future__ import annotations

import cdktf

from natgw_constructs import (
    Gateway,
    NatGatewayFleet,
    NatGatewaySecondaryElasticIps,
    NatGatewaySecondaryIp,
    NatGatewaySecondaryIps,
    PublicGateway,
)
from natgw_constructs.cdktf import NatgwProvider, SecondaryPrivateIps


def misuse(stack: cdktf.TerraformStack, ips: NatGatewaySecondaryIps, bare: SecondaryPrivateIps) -> None:
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id=7, count=1)  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id="nat-00000001", addresses=[4])  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id="nat-00000001", count="2")  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id="nat-00000001", max_drain="5m")  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id="nat-00000001", on_destroy="keep")  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id="nat-00000001", wait_for_drain="no")  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id="nat-00000001", drain=5)  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway_id="nat-00000001", timeouts={"create": 5})  # refused
    NatGatewaySecondaryIps(stack, "a", nat_gateway=object(), count=1)  # refused
    NatGatewaySecondaryIps("stack", "a", nat_gateway_id="nat-00000001", count=1)  # refused
    NatGatewaySecondaryIps.from_cidr(stack, "a", nat_gateway_id="nat-00000001", cidr=24)  # refused
    NatGatewaySecondaryIps.from_cidr(stack, "a", nat_gateway_id="nat-00000001", cidr="10.0.0.0/29", count=2)  # refused
    NatGatewayFleet(stack, "a", {"a": {"nat_gateway_id": "nat-00000001"}})  # refused
    NatGatewayFleet(stack, "a", {"a": Gateway(nat_gateway_id="nat-00000001", drain=5)})  # refused
    NatGatewaySecondaryElasticIps(stack, "a", nat_gateway_id="nat-00000001", addresses=["10.0.0.4"])  # refused
    NatGatewaySecondaryIp(stack, "a", nat_gateway_id="nat-00000001", addresses=["10.0.0.4"])  # refused
    PublicGateway(nat_gateway_id="nat-00000001", allocation_ids="eipalloc-0000000a", count=1)  # refused
    NatgwProvider(stack, "a", region=["eu-central-1"])  # refused
    SecondaryPrivateIps(stack, "a")  # refused
    SecondaryPrivateIps(stack, "a", nat_gateway_id="nat-00000001", count="2")  # refused
    bare.max_drain_duration_seconds = "60"  # refused
    bare.vpc_id = "vpc-1"  # refused
    ips.secondary_private_ip_addresses = []  # refused
    int_of(ips.last_change.drain)  # refused


def int_of(number: int) -> int:
    return number
