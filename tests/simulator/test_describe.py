"""DescribeNatGateways: what it shows, which filters it knows, how it pages, when it fails."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.seeding import Seed
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import refusal

MISSING = "nat-0ffffffffffffffff"


def ids(answer: dict[str, Any]) -> list[str]:
    return [gateway["NatGatewayId"] for gateway in answer["NatGateways"]]


def filtered(ec2: Any, name: str, *values: str) -> list[str]:
    return ids(ec2.describe_nat_gateways(Filter=[{"Name": name, "Values": list(values)}]))


def test_a_seeded_gateway_is_shown_with_everything_aws_shows(ec2: Any, seed: Seed) -> None:
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    assert gateway["State"] == "available"
    assert gateway["ConnectivityType"] == "private"
    assert (gateway["VpcId"], gateway["SubnetId"]) == (seed.vpc_id, seed.subnet_id)
    assert gateway["CreateTime"].timestamp() == 1_750_000_000
    assert [(a["PrivateIp"], a["IsPrimary"], a["Status"]) for a in gateway["NatGatewayAddresses"]] == [
        ("10.0.0.4", True, "succeeded"),
        ("10.0.0.10", False, "succeeded"),
        ("10.0.0.11", False, "succeeded"),
    ]
    assert {a["NetworkInterfaceId"] for a in gateway["NatGatewayAddresses"]} == {seed.network_interface_id}


@pytest.mark.parametrize(
    ("parameters", "code", "named"),
    [
        ({"NatGatewayIds": ["nat-0a1b2c3d4e5f67890", MISSING]}, "NatGatewayNotFound", MISSING),
        ({"NatGatewayIds": ["nat-xyz"]}, "NatGatewayMalformed", "nat-xyz"),
        *(
            ({"Filter": [{"Name": name, "Values": ["x"]}]}, "InvalidParameterValue", f"'{name}'")
            for name in ("nat-gateway", "private-ip", "State", "tag")
        ),
        *(({"MaxResults": size}, "InvalidParameterValue", str(size)) for size in (4, 1001, 0, -1)),
        *(({"NextToken": token}, "InvalidNextToken", "") for token in ("x", "YWZ0ZXI6LTE=", "é")),
        ({"DryRun": True}, "DryRunOperation", ""),
    ],
)
def test_a_bad_request_is_an_error_that_names_what_is_wrong(
    ec2: Any, simulator: Simulator, seed: Seed, parameters: dict[str, Any], code: str, named: str
) -> None:
    with pytest.raises(ClientError) as error:
        ec2.describe_nat_gateways(**parameters)
    found = error.value.response
    status = 412 if code == "DryRunOperation" else 400
    assert (found["Error"]["Code"], found["ResponseMetadata"]["HTTPStatusCode"]) == (code, status)
    assert named in found["Error"]["Message"]
    if code == "NatGatewayNotFound":
        simulator.change_settings(not_found_code="InvalidNatGatewayID.NotFound")
        assert refusal(ec2.describe_nat_gateways, **parameters) == ("InvalidNatGatewayID.NotFound", 400)


@pytest.fixture
def two(simulator: Simulator) -> tuple[Seed, Seed]:
    """Two gateways in two VPCs, tagged apart."""
    return (
        simulator.seed(nat_gateway_id="nat-0aaaaaaaaaaaaaaaa", tags={"Name": "egress-a", "team": "net"}),
        simulator.seed(nat_gateway_id="nat-0bbbbbbbbbbbbbbbb", tags={"Name": "egress*b"}, cidr="10.1.0.0/26"),
    )


def test_each_filter_selects(ec2: Any, two: tuple[Seed, Seed]) -> None:
    first, second = (gateway.nat_gateway_id for gateway in two)
    assert filtered(ec2, "subnet-id", two[0].subnet_id) == [first]
    assert filtered(ec2, "vpc-id", two[1].vpc_id) == [second]
    assert filtered(ec2, "state", "available", "pending") == [first, second]
    assert filtered(ec2, "state", "deleted") == []
    assert filtered(ec2, "tag:team", "net") == [first]
    assert filtered(ec2, "tag-key", "team") == [first]
    assert filtered(ec2, "tag:Name", "net") == []
    assert filtered(ec2, "nat-gateway-id", first, MISSING) == [first]
    both = [{"Name": "state", "Values": ["available"]}, {"Name": "tag-key", "Values": ["team"]}]
    assert ids(ec2.describe_nat_gateways(Filter=both)) == [first]


def test_filter_values_may_have_wildcards(ec2: Any, two: tuple[Seed, Seed]) -> None:
    first, second = (gateway.nat_gateway_id for gateway in two)
    assert filtered(ec2, "tag:Name", "egress*") == [first, second]
    assert filtered(ec2, "tag:Name", "egress-?") == [first]
    assert filtered(ec2, "tag:Name", r"egress\*b") == [second]
    assert filtered(ec2, "tag:Name", "EGRESS*") == []
    assert filtered(ec2, "tag:Name", "egress.a") == []


def test_a_filter_takes_at_most_200_values(ec2: Any) -> None:
    assert filtered(ec2, "vpc-id", *["vpc-1"] * 200) == []
    assert refusal(filtered, ec2, "vpc-id", *["vpc-1"] * 201) == ("FilterLimitExceeded", 400)


def test_pages_hold_every_gateway_once(ec2: Any, simulator: Simulator) -> None:
    first = simulator.seed(nat_gateway_id=f"nat-{0:017x}", cidr="10.0.0.0/24")
    more = [simulator.seed(nat_gateway_id=f"nat-{n:017x}", subnet_id=first.subnet_id) for n in range(1, 12)]
    wanted = [seed.nat_gateway_id for seed in [first, *more]]
    for size, sizes in ((5, [5, 5, 2]), (6, [6, 6])):
        pages = list(ec2.get_paginator("describe_nat_gateways").paginate(PaginationConfig={"PageSize": size}))
        assert [len(page["NatGateways"]) for page in pages] == sizes
        assert [id_ for page in pages for id_ in ids(page)] == wanted
    assert "NextToken" not in ec2.describe_nat_gateways()


def test_a_deleted_gateway_stays_visible_for_an_hour(ec2: Any, seed: Seed, clock: ManualClock) -> None:
    ec2.delete_nat_gateway(NatGatewayId=seed.nat_gateway_id)
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    assert gateway["State"] == "deleted"
    assert gateway["DeleteTime"].timestamp() == clock.now()
    assert [a["PrivateIp"] for a in gateway["NatGatewayAddresses"]] == ["10.0.0.4", "10.0.0.10", "10.0.0.11"]
    clock.advance(3599)
    assert filtered(ec2, "state", "deleted") == [seed.nat_gateway_id]
    clock.advance(1)
    assert filtered(ec2, "nat-gateway-id", seed.nat_gateway_id) == []


def test_tags_made_later_by_create_tags_are_shown(ec2: Any, seed: Seed) -> None:
    ec2.create_tags(Resources=[seed.nat_gateway_id], Tags=[{"Key": "owner", "Value": "a<b&c"}])
    [gateway] = ec2.describe_nat_gateways(NatGatewayIds=[seed.nat_gateway_id])["NatGateways"]
    assert gateway["Tags"] == [{"Key": "owner", "Value": "a<b&c"}]
    assert filtered(ec2, "tag:owner", "a<b&c") == [seed.nat_gateway_id]
