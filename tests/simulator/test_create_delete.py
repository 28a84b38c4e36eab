"""CreateNatGateway, DeleteNatGateway, and what moto shows of a gateway."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import refusal


def addresses(gateway: dict[str, Any]) -> list[tuple[str, bool]]:
    return [(address["PrivateIp"], address["IsPrimary"]) for address in gateway["NatGatewayAddresses"]]


@pytest.fixture
def subnet(ec2: Any) -> str:
    vpc = ec2.create_vpc(CidrBlock="10.8.0.0/16")["Vpc"]["VpcId"]
    return str(ec2.create_subnet(VpcId=vpc, CidrBlock="10.8.1.0/24")["Subnet"]["SubnetId"])


def test_a_private_gateway_gets_the_addresses_that_are_named(ec2: Any, subnet: str) -> None:
    gateway = ec2.create_nat_gateway(
        SubnetId=subnet,
        ConnectivityType="private",
        PrivateIpAddress="10.8.1.50",
        SecondaryPrivateIpAddresses=["10.8.1.60", "10.8.1.61"],
        TagSpecifications=[{"ResourceType": "natgateway", "Tags": [{"Key": "Name", "Value": "egress"}]}],
    )["NatGateway"]
    assert addresses(gateway) == [("10.8.1.50", True), ("10.8.1.60", False), ("10.8.1.61", False)]
    assert gateway["Tags"] == [{"Key": "Name", "Value": "egress"}]
    assert gateway["State"] == "available"


def test_a_gateway_is_pending_and_its_secondaries_may_lag(
    ec2: Any, simulator: Simulator, clock: ManualClock, subnet: str
) -> None:
    simulator.change_settings(gateway_pending_seconds=90, addresses_lag_seconds=30)
    created = ec2.create_nat_gateway(SubnetId=subnet, ConnectivityType="private", SecondaryPrivateIpAddressCount=1)[
        "NatGateway"
    ]

    def seen() -> tuple[str, list[str]]:
        [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[created["NatGatewayId"]])["NatGateways"]
        return gateway["State"], [address["Status"] for address in gateway["NatGatewayAddresses"]]

    assert seen() == ("pending", ["assigning", "assigning"])
    clock.advance(90)
    assert seen() == ("available", ["succeeded", "assigning"])
    clock.advance(30)
    assert seen() == ("available", ["succeeded", "succeeded"])


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"SubnetId": "subnet-0ffffffffffffffff"}, "InvalidSubnetID.NotFound"),
        ({"SubnetId": None}, "MissingParameter"),
        ({"ConnectivityType": "both"}, "InvalidParameterValue"),
        ({"AllocationId": "eipalloc-1"}, "InvalidParameterCombination"),
        ({"PrivateIpAddress": "10.8.1.3"}, "InvalidParameterValue"),
        ({"PrivateIpAddress": "10.9.1.9"}, "InvalidParameterValue"),
        ({"SecondaryPrivateIpAddresses": ["10.8.1.9"], "PrivateIpAddress": "10.8.1.9"}, "InvalidParameterValue"),
        ({"SecondaryPrivateIpAddressCount": 8}, "PrivateIpAddressLimitExceeded"),
        (
            {"SecondaryPrivateIpAddressCount": 1, "SecondaryPrivateIpAddresses": ["10.8.1.9"]},
            "InvalidParameterCombination",
        ),
        ({"TagSpecifications": [{"ResourceType": "vpc", "Tags": []}]}, "InvalidParameterValue"),
        ({"DryRun": True}, "DryRunOperation"),
        ({"ConnectivityType": None}, "MissingParameter"),  # a public gateway without an Elastic IP
        ({"ConnectivityType": None, "AllocationId": "eipalloc-0ffffffffffffffff"}, "InvalidAllocationID.NotFound"),
    ],
)
def test_a_bad_request_creates_nothing(ec2: Any, subnet: str, parameters: dict[str, Any], code: str) -> None:
    given = {"SubnetId": subnet, "ConnectivityType": "private"} | parameters
    given = {name: value for name, value in given.items() if value is not None}
    assert refusal(ec2.create_nat_gateway, **given)[0] == code
    assert ec2.describe_nat_gateways()["NatGateways"] == []
    [seen] = ec2.describe_subnets(SubnetIds=[subnet])["Subnets"]
    assert seen["AvailableIpAddressCount"] == 251


def test_the_same_client_token_makes_one_gateway(ec2: Any, subnet: str) -> None:
    request = {"SubnetId": subnet, "ConnectivityType": "private", "ClientToken": "token-1"}
    first = ec2.create_nat_gateway(**request)
    again = ec2.create_nat_gateway(**request)
    assert first["NatGateway"]["NatGatewayId"] == again["NatGateway"]["NatGatewayId"]
    assert again["ClientToken"] == "token-1"


def test_a_public_gateway_has_its_elastic_ip_and_takes_no_private_addresses(ec2: Any, subnet: str) -> None:
    elastic = ec2.allocate_address(Domain="vpc")
    gateway = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=elastic["AllocationId"])["NatGateway"]
    assert gateway["ConnectivityType"] == "public"
    [address] = gateway["NatGatewayAddresses"]
    assert (address["AllocationId"], address["PublicIp"]) == (elastic["AllocationId"], elastic["PublicIp"])
    assert (address["Status"], address["IsPrimary"]) == ("succeeded", True)
    gateway_id = gateway["NatGatewayId"]
    assign = ec2.assign_private_nat_gateway_address
    assert refusal(assign, NatGatewayId=gateway_id, PrivateIpAddressCount=1)[0] == "InvalidParameterValue"
    second = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=elastic["AllocationId"])["NatGateway"]
    assert (second["State"], second["FailureCode"]) == ("failed", "Resource.AlreadyAssociated")
    assert elastic["AllocationId"] in second["FailureMessage"]
    ec2.delete_nat_gateway(NatGatewayId=gateway_id)
    [seen] = ec2.describe_addresses(AllocationIds=[elastic["AllocationId"]])["Addresses"]
    assert "AssociationId" not in seen


def test_a_gateway_has_a_network_interface_with_all_its_addresses(ec2: Any, seed: Seed) -> None:
    [interface] = ec2.describe_network_interfaces(NetworkInterfaceIds=[seed.network_interface_id])["NetworkInterfaces"]
    assert interface["InterfaceType"] == "nat_gateway"
    assert interface["Description"] == f"Interface for NAT Gateway {seed.nat_gateway_id}"
    assert interface["SubnetId"] == seed.subnet_id
    assert [(a["PrivateIpAddress"], a["Primary"]) for a in interface["PrivateIpAddresses"]] == [
        ("10.0.0.4", True),
        ("10.0.0.10", False),
        ("10.0.0.11", False),
    ]


def test_a_deleted_gateway_frees_everything(ec2: Any, simulator: Simulator, seed: Seed) -> None:
    simulator.change_settings(gateway_deleting_seconds=40)
    assert refusal(ec2.delete_nat_gateway, NatGatewayId=seed.nat_gateway_id, DryRun=True) == ("DryRunOperation", 412)
    [gateway] = ec2.describe_nat_gateways()["NatGateways"]
    assert gateway["State"] == "available"
    assert ec2.delete_nat_gateway(NatGatewayId=seed.nat_gateway_id)["NatGatewayId"] == seed.nat_gateway_id
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    assert gateway["State"] == "deleting"
    ec2.delete_nat_gateway(NatGatewayId=seed.nat_gateway_id)
    simulator.clock.advance(40)
    [subnet] = ec2.describe_subnets(SubnetIds=[seed.subnet_id])["Subnets"]
    assert subnet["AvailableIpAddressCount"] == 251
    assert ec2.describe_network_interfaces()["NetworkInterfaces"] == []
    assert refusal(ec2.delete_nat_gateway, NatGatewayId=seed.nat_gateway_id) == ("NatGatewayNotFound", 400)


def test_a_route_may_lead_to_a_gateway(ec2: Any, seed: Seed) -> None:
    table = ec2.create_route_table(VpcId=seed.vpc_id)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="192.168.0.0/16", NatGatewayId=seed.nat_gateway_id)
    [shown] = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert seed.nat_gateway_id in [route.get("NatGatewayId") for route in shown["Routes"]]


def test_a_subnet_with_a_gateway_cannot_be_deleted(ec2: Any, seed: Seed) -> None:
    assert refusal(ec2.delete_subnet, SubnetId=seed.subnet_id) == ("DependencyViolation", 400)
    ec2.delete_nat_gateway(NatGatewayId=seed.nat_gateway_id)
    ec2.delete_subnet(SubnetId=seed.subnet_id)


def test_an_address_of_a_gateway_is_not_free_for_others(ec2: Any, seed: Seed) -> None:
    taken = {"SubnetId": seed.subnet_id, "PrivateIpAddress": "10.0.0.10"}
    assert refusal(ec2.create_network_interface, **taken) == ("InvalidIPAddress.InUse", 400)
    ec2.create_network_interface(**taken | {"PrivateIpAddress": "10.0.0.12"})
