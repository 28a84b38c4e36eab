"""Terraform marks the line of the argument in which a mistake stands, also when it is deep inside."""

from __future__ import annotations

import json

import pytest

from support.world import World

pytestmark = pytest.mark.terraform

CONFIGURATION = """
terraform {
  required_providers {
    natgw = { source = "terraform.local/natgw/natgw" }
  }
}
provider "natgw" {
  region = "eu-central-1"
  %(provider)s
}
data "natgw_nat_gateway" "it" {
  %(lookup)s
}
resource "natgw_secondary_private_ips" "it" {
  nat_gateway_id = "nat-0a1b2c3d4e5f67890"
  %(resource)s
}
"""
RIGHT = {
    "provider": "",
    "lookup": 'id = "nat-0a1b2c3d4e5f67890"',
    "resource": "secondary_private_ip_address_count = 1",
}


def lines(*texts: str) -> str:
    return "\n".join(texts)


WRONG = [
    (
        "provider",
        lines("endpoints = {", 'sts = "https://sts.example.com"', 'ec2 = "example.com"', "}"),
        "endpoints.ec2",
    ),
    ("provider", lines("assume_role = {", 'external_id = "x"', 'role_arn = "natgw"', "}"), "assume_role.role_arn"),
    ("provider", lines("allowed_account_ids = [", '"123456789012",', '"99"', "]"), '"99"'),
    ("resource", lines("secondary_private_ip_addresses = [", '"10.0.0.21",', '"10.0.0.300"', "]"), '"10.0.0.300"'),
    (
        "resource",
        lines("timeouts = {", 'create = "2h"', 'update = "1m"', "}", "secondary_private_ip_address_count = 1"),
        "timeouts.update",
    ),
    (
        "lookup",
        lines("filter = [", '{ name = "vpc-id", values = ["v"] },', '{ name = "vpc", values = ["v"] }', "]"),
        "filter[1].name",
    ),
    ("lookup", lines("tags = {", 'a = "b"', "c = null", "}"), "tags.c is null"),
]


def test_the_argument_with_the_mistake_is_marked_and_the_text_names_the_key(world: World) -> None:
    for block, argument, said in WRONG:
        world.terraform.write(CONFIGURATION % {**RIGHT, block: argument})
        (told,) = json.loads(world.terraform.run("validate", "-json").output)["diagnostics"]
        assert told["snippet"]["code"].strip().partition("\n")[0] == argument.partition("\n")[0]
        assert said in told["detail"]
