"""Seeds: chosen ids, addresses and networks, as if they had always been there."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.simulator.errors import ApiError
from natgw_provider.simulator.simulator import Simulator


def test_everything_can_be_chosen(ec2: Any, simulator: Simulator) -> None:
    seed = simulator.seed(
        nat_gateway_id="nat-0123456789abcdef0",
        vpc_id="vpc-0123456789abcdef1",
        subnet_id="subnet-0123456789abcdef2",
        cidr="172.16.4.0/26",
        primary="172.16.4.10",
        secondaries=["172.16.4.30", "172.16.4.20"],
        tags={"Name": "egress"},
    )
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=["nat-0123456789abcdef0"])["NatGateways"]
    assert (gateway["VpcId"], gateway["SubnetId"]) == ("vpc-0123456789abcdef1", "subnet-0123456789abcdef2")
    assert gateway["Tags"] == [{"Key": "Name", "Value": "egress"}]
    [subnet] = ec2.describe_subnets(SubnetIds=["subnet-0123456789abcdef2"])["Subnets"]
    assert (subnet["CidrBlock"], subnet["AvailableIpAddressCount"]) == ("172.16.4.0/26", 56)
    assert subnet["VpcId"] == ec2.describe_vpcs(VpcIds=["vpc-0123456789abcdef1"])["Vpcs"][0]["VpcId"]
    assert subnet["AvailabilityZone"] == "eu-central-1a"
    assert seed.subnet_cidr_block == "172.16.4.0/26"
    assert (seed.primary_private_ip_address, seed.secondary_private_ip_addresses) == (
        "172.16.4.10",
        ("172.16.4.30", "172.16.4.20"),
    )


def test_nothing_has_to_be_chosen_and_the_first_ids_are_always_the_same(simulator: Simulator) -> None:
    first, second = simulator.seed(), simulator.seed()
    assert (first.nat_gateway_id, first.vpc_id, first.subnet_id) == (
        "nat-0a1b2c3d4e5f67890",
        "vpc-0a1b2c3d4e5f67890",
        "subnet-0a1b2c3d4e5f67890",
    )
    assert len({first.nat_gateway_id, second.nat_gateway_id}) == len({first.vpc_id, second.vpc_id}) == 2


def test_gateways_can_share_a_subnet_and_subnets_a_vpc(simulator: Simulator) -> None:
    first = simulator.seed(cidr="10.0.0.0/24")
    second = simulator.seed(subnet_id=first.subnet_id)
    assert (second.subnet_id, second.primary_private_ip_address) == (first.subnet_id, "10.0.0.5")
    with pytest.raises(ApiError, match=r"InvalidSubnet\.Conflict"):
        simulator.seed(vpc_id=first.vpc_id, cidr="10.0.0.128/25")


def test_a_subnet_made_over_the_api_can_be_seeded(simulator: Simulator, ec2: Any) -> None:
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"]
    assert simulator.seed(subnet_id=subnet).primary_private_ip_address == "10.8.1.4"


def test_a_seed_in_another_region_is_seen_there_only(simulator: Simulator, ec2: Any) -> None:
    seed = simulator.seed(region="us-east-1")
    assert seed.region == "us-east-1"
    assert ec2.describe_nat_gateways()["NatGateways"] == []
    there = simulator.client("ec2", region_name="us-east-1")
    assert [g["NatGatewayId"] for g in there.describe_nat_gateways()["NatGateways"]] == [seed.nat_gateway_id]
    there.close()


def test_a_public_gateway_gets_elastic_ips_of_its_own_or_the_named_ones_and_the_rest_stays_free(
    simulator: Simulator, ec2: Any
) -> None:
    first, second = (
        simulator.seed(nat_gateway_id=f"nat-{number:017x}", connectivity="public", secondaries=["10.0.0.9"])
        for number in (1, 2)
    )
    used = {*first.secondary_allocation_ids, *second.secondary_allocation_ids}
    used |= {str(first.primary_allocation_id), str(second.primary_allocation_id)}
    assert len(used) == 4
    assert first.free_allocation_ids == ()
    ours = ec2.allocate_address()["AllocationId"]
    third = simulator.seed(connectivity="public", allocation_ids=[ours, "eipalloc-12345678"])
    assert (third.primary_allocation_id, third.free_allocation_ids) == (ours, ("eipalloc-12345678",))
    shown = ec2.describe_addresses()["Addresses"]
    assert {it["AllocationId"]: "AssociationId" in it for it in shown} == dict.fromkeys({*used, ours}, True) | {
        "eipalloc-12345678": False
    }
    with pytest.raises(ValueError, match="a gateway with 2 addresses takes 2 allocation_ids, not 1"):
        simulator.seed(connectivity="public", secondaries=["10.0.0.9"], allocation_ids=["eipalloc-23456789"])


@pytest.mark.parametrize("text", ["nat-1", "nat-ABCDEF01", "eni-12345678", "nat-0123456789abcdef"])
def test_an_id_that_aws_would_not_give_is_refused(simulator: Simulator, text: str) -> None:
    with pytest.raises(ValueError, match="8 or 17 of the characters"):
        simulator.seed(nat_gateway_id=text)


def test_an_id_is_given_once(simulator: Simulator) -> None:
    simulator.seed(nat_gateway_id="nat-12345678")
    with pytest.raises(ValueError, match="the NAT gateway nat-12345678 exists already"):
        simulator.seed(nat_gateway_id="nat-12345678")


def test_a_reset_leaves_nothing(simulator: Simulator, ec2: Any) -> None:
    seed = simulator.seed()
    simulator.add_fault("throttling", actions=["DescribeVpcs"])
    ec2.describe_nat_gateways()
    simulator.reset()
    assert (simulator.calls(), simulator.call_counts(), simulator.faults()) == ([], {}, {})
    assert ec2.describe_nat_gateways()["NatGateways"] == []
    assert seed.vpc_id not in [vpc["VpcId"] for vpc in ec2.describe_vpcs()["Vpcs"]]
    assert simulator.seed() == seed.__class__(
        **{name: getattr(seed, name) for name in seed.__slots__ if name != "network_interface_id"},
        network_interface_id=simulator.model().get(seed.nat_gateway_id).network_interface_id,
    )
