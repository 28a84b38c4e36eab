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


WRONG = [
    ("provider", 'endpoints = {\n  sts = "https://sts.example.com"\n  ec2 = "example.com"\n}', "endpoints.ec2"),
    ("provider", 'assume_role = {\n  external_id = "x"\n  role_arn = "natgw"\n}', "assume_role.role_arn"),
    ("provider", 'allowed_account_ids = [\n  "123456789012",\n  "99"\n]', '"99"'),
    ("resource", 'secondary_private_ip_addresses = [\n  "10.0.0.21",\n  "10.0.0.300"\n]', '"10.0.0.300"'),
    (
        "resource",
        'timeouts = {\n  create = "2h"\n  update = "1m"\n}\nsecondary_private_ip_address_count = 1',
        "timeouts.update",
    ),
    (
        "lookup",
        'filter = [\n  { name = "vpc-id", values = ["v"] },\n  { name = "vpc", values = ["v"] }\n]',
        "filter[1].name",
    ),
    ("lookup", 'tags = {\n  a = "b"\n  c = null\n}', "tags.c is null"),
]


def test_the_argument_with_the_mistake_is_marked_and_the_text_names_the_key(world: World) -> None:
    for block, argument, said in WRONG:
        world.terraform.write(CONFIGURATION % {**RIGHT, block: argument})
        (told,) = json.loads(world.terraform.run("validate", "-json").output)["diagnostics"]
        assert told["snippet"]["code"].strip().partition("\n")[0] == argument.partition("\n")[0]
        assert said in told["detail"]
