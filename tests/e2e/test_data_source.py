"""The data source with real Terraform: by id, by tags, by filters, and what it says when it finds none or several."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from natgw_provider.core.address_kinds import ELASTIC_IPS
from natgw_provider.simulator.simulator import Simulator
from support.world import GATEWAY, World, start_world

pytestmark = pytest.mark.terraform


def look(world: World, body: str) -> dict[str, Any]:
    """Apply a configuration that looks a gateway up, and return what it found."""
    world.terraform.write(
        f"""{world.provider_block()}
data "natgw_nat_gateway" "it" {{
  {body}
}}
output "it" {{ value = data.natgw_nat_gateway.it }}
"""
    )
    world.terraform.apply()
    found: dict[str, Any] = json.loads(world.terraform.ok("output", "-json", "it").output)
    return found


def test_it_shows_a_gateway_by_id_with_its_capacity(world: World) -> None:
    world.ec2.assign_private_nat_gateway_address(NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.21"])
    world.aws.clock.advance(10)
    found = look(world, f'id = "{GATEWAY}"')
    assert found["primary_private_ip_address"] == "10.0.0.10"
    assert found["secondary_private_ip_addresses"] == ["10.0.0.21"]
    assert found["in_service_addresses"] == 2
    assert found["connection_capacity"] == 110_000
    assert found["private_ip_address_quota"] == 8
    assert found["subnet_cidr_block"] == "10.0.0.0/24"
    assert found["subnet_available_ip_address_count"] == 249
    assert [address["is_primary"] for address in found["addresses"]] == [True, False]


def test_it_shows_the_elastic_ips_of_a_public_gateway(aws: Simulator, mirror: Path, tmp_path: Path) -> None:
    world = start_world(aws, mirror, tmp_path, ELASTIC_IPS)
    world.ec2.associate_nat_gateway_address(
        NatGatewayId=GATEWAY, AllocationIds=[world.key(21)], PrivateIpAddresses=["10.0.0.21"]
    )
    aws.clock.advance(60)
    found = look(world, f'id = "{GATEWAY}"')
    assert (found["primary_allocation_id"], found["primary_private_ip_address"]) == (world.key(10), "10.0.0.10")
    assert (found["allocation_ids"], found["secondary_private_ip_addresses"]) == ([world.key(21)], ["10.0.0.21"])
    assert (found["elastic_ip_quota"], found["private_ip_address_quota"]) == (2, None)
    shown = found["addresses"][1]
    [elastic] = world.ec2.describe_addresses(AllocationIds=[world.key(21)])["Addresses"]
    assert (shown["allocation_id"], shown["public_ip"], shown["association_id"]) == (
        world.key(21),
        elastic["PublicIp"],
        elastic["AssociationId"],
    )


def test_it_finds_a_gateway_by_its_tags_and_filters(world: World) -> None:
    for number, team in ((1, "blue"), (2, "red")):
        world.aws.seed(
            nat_gateway_id=f"nat-00000000000000aa{number}", cidr=f"10.{number}.0.0/24", tags={"team": team, "env": "t"}
        )
    assert look(world, 'tags = { team = "red", env = "t" }')["id"] == "nat-00000000000000aa2"
    found = look(world, 'filter = [{ name = "subnet-id", values = ["subnet-00000000000000aa1"] }]')
    assert found["id"] == "nat-00000000000000aa1"


def test_none_or_several_are_an_error_that_lists_them(world: World) -> None:
    for number in (1, 2):
        world.aws.seed(
            nat_gateway_id=f"nat-00000000000000aa{number}", cidr=f"10.{number}.0.0/24", tags={"team": "blue"}
        )
    for body, said in (
        ('tags = { team = "blue" }', ["2 gateways match tag:team = blue", "nat-00000000000000aa1", "available"]),
        ('tags = { team = "green" }', ["None in region eu-central-1 of account 123456789012 matches tag:team = green"]),
        (
            'id = "nat-00000000000000fff"',
            ["nat-00000000000000fff does not exist in region eu-central-1 of account 123456789012"],
        ),
        ('id = "nat-00000001"\n tags = {}', ["Both are set"]),
        ("", ["None is set"]),
    ):
        world.terraform.write(f'{world.provider_block()}\ndata "natgw_nat_gateway" "it" {{\n{body}\n}}')
        text = world.terraform.fail_plan().text
        for words in said:
            assert words in text


@pytest.mark.parametrize("lookup", [f'id = "{GATEWAY}"', 'filter = [{ name = "vpc-id", values = ["VPC"] }]'])
def test_a_destroy_after_the_looked_up_gateway_was_deleted_names_the_way_out_which_works(
    world: World, lookup: str
) -> None:
    vpc = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["VpcId"]
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]',
        gateway="data.natgw_nat_gateway.it.id",
        extra=f'data "natgw_nat_gateway" "it" {{\n{lookup.replace("VPC", vpc)}\n}}',
    )
    world.terraform.apply()
    world.aws.end_gateway(GATEWAY)
    refused = world.terraform.run("destroy", "-auto-approve", "-input=false", "-no-color")
    assert refused.exit_code == 1
    assert "run `terraform destroy -refresh=false`, or remove this data source" in refused.text
    done = world.terraform.ok("destroy", "-auto-approve", "-input=false", "-no-color", "-refresh=false")
    assert "drains" not in done.text
    assert world.terraform.states() == []
