"""null is absent and unknown is not judged, as modules with `optional()`, `for_each`, `count` and variables make them.

`terraform validate` knows neither variables nor `each.value`; a plan does. A mistake is one error for each instance.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.terraform import Result
from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

OTHER = "nat-0b1b2c3d4e5f67890"
GATEWAYS = """
variable "gateways" {
  type = map(object({
    id       = optional(string)
    ips      = optional(set(string))
    n        = optional(number)
    drain    = optional(number)
    wait     = optional(bool)
    minimum  = optional(number)
    destroy  = optional(string)
    timeouts = optional(object({ create = optional(string), update = optional(string), delete = optional(string) }))
  }))
}

resource "natgw_secondary_private_ips" "each" {
  for_each                           = var.gateways
  nat_gateway_id                     = each.value.id
  secondary_private_ip_addresses     = each.value.ips
  secondary_private_ip_address_count = each.value.n
  max_drain_duration_seconds         = each.value.drain
  wait_for_drain                     = each.value.wait
  min_in_service_addresses           = each.value.minimum
  on_destroy                         = each.value.destroy
  timeouts                           = each.value.timeouts
}
"""
FOUND = """
variable "id" {
  type    = string
  default = null
}
variable "tags" {
  type    = map(string)
  default = null
}
variable "filters" {
  type    = list(object({ name = optional(string), values = optional(list(string)) }))
  default = null
}
data "natgw_nat_gateway" "it" {
  id     = var.id
  tags   = var.tags
  filter = var.filters
}
output "found" { value = data.natgw_nat_gateway.it.id }
"""


def give(world: World, **variables: Any) -> None:
    """Set variables, to null as well, which no command line option can."""
    world.terraform.write(json.dumps(variables), "terraform.tfvars.json")


def write_gateways(world: World) -> None:
    world.terraform.write(world.provider_block() + GATEWAYS)
    world.terraform.ok("validate")


def errors_in(result: Result) -> int:
    return result.text.count("Error: ")


def test_a_null_gateway_id_is_an_error_at_plan_and_neither_replaces_nor_drains_anything(world: World) -> None:
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]',
        gateway="var.id",
        extra='variable "id" { type = string }',
    )
    world.terraform.ok("validate")
    give(world, id=None)
    refused = world.terraform.fail_plan()
    assert errors_in(refused) == 1
    assert "nat_gateway_id is null" in refused.text

    give(world, id=GATEWAY)
    world.terraform.apply()
    state, calls = world.terraform.state(), world.mutations()
    give(world, id=None)
    for refused in (world.terraform.fail_plan(), world.terraform.fail_apply()):
        assert errors_in(refused) == 1
        assert "nat_gateway_id is null" in refused.text
        assert "nat_gateway_id = var.id" in refused.text
        assert "replaced" not in refused.text
    assert world.terraform.state() == state
    assert world.mutations() == calls


def test_an_id_that_turns_out_to_be_null_during_apply_changes_nothing(world: World) -> None:
    world.declare_set("10.0.0.21")
    world.terraform.apply()
    state, calls = world.terraform.state(), world.mutations()
    world.declare(
        'secondary_private_ip_addresses = ["10.0.0.21"]\n  max_drain_duration_seconds = 60',
        gateway="terraform_data.id.output.id",
        extra='resource "terraform_data" "id" { input = { id = null } }',
    )
    refused = world.terraform.fail_apply()
    assert errors_in(refused) == 1
    assert "nat_gateway_id is null" in refused.text
    assert world.terraform.state() == state
    assert world.mutations() == calls


def test_optional_fields_that_are_null_are_absent(world: World) -> None:
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24", primary="10.1.0.10")
    write_gateways(world)
    give(world, gateways={"a": {"id": GATEWAY, "ips": ["10.0.0.21"]}, "b": {"id": OTHER, "n": 2}})
    world.terraform.apply()
    states = {one["nat_gateway_id"]: one for one in world.terraform.states()}
    assert states[GATEWAY]["secondary_private_ip_addresses"] == ["10.0.0.21"]
    assert states[OTHER]["secondary_private_ip_address_count"] == 2
    assert (states[OTHER]["max_drain_duration_seconds"], states[OTHER]["wait_for_drain"]) == (350, True)
    world.terraform.assert_empty_plan()


def test_neither_and_both_are_one_error_for_each_key_at_plan(world: World) -> None:
    write_gateways(world)
    give(
        world,
        gateways={
            "neither": {"id": GATEWAY},
            "both": {"id": GATEWAY, "ips": [], "n": 0},
            "nobody": {"n": 1},
            "short": {"id": GATEWAY, "n": 1, "drain": 900, "timeouts": {"update": "1m"}},
            "few": {"id": GATEWAY, "n": 1, "minimum": 3},
        },
    )
    refused = world.terraform.fail_plan()
    assert errors_in(refused) == 5
    for key, said in (
        ("neither", "Neither is set"),
        ("both", "Both are set"),
        ("nobody", "nat_gateway_id is null"),
        ("short", 'timeouts.update is "1m"'),
        ("few", "min_in_service_addresses is 3"),
    ):
        assert f'natgw_secondary_private_ips.each["{key}"]' in refused.text
        assert said in refused.text


def test_count_and_a_condition_make_one_of_them_null(world: World) -> None:
    world.declare(
        """count = var.by_count == null ? 0 : 1
  secondary_private_ip_addresses     = var.by_count ? null : ["10.0.0.21"]
  secondary_private_ip_address_count = var.by_count ? 1 : null""",
        extra='variable "by_count" { type = bool }',
    )
    world.terraform.ok("validate")
    for choice, changes in ((True, 2), (False, 2), (None, 0)):
        give(world, by_count=choice)
        assert world.terraform.plan().exit_code == changes


@pytest.mark.parametrize(
    ("addresses", "count", "settled"),
    [("known", "null", ["10.0.0.21"]), ("null", "known", None)],
)
def test_a_choice_that_is_made_during_apply_is_as_good_as_one_at_plan(
    world: World, addresses: str, count: str, settled: list[str] | None
) -> None:
    world.declare(
        """secondary_private_ip_addresses     = terraform_data.late.output.addresses
  secondary_private_ip_address_count = terraform_data.late.output.count""",
        extra=f"""resource "terraform_data" "late" {{
  input = {{
    addresses = {'["10.0.0.21"]' if addresses == "known" else "null"}
    count     = {"1" if count == "known" else "null"}
  }}
}}""",
    )
    world.terraform.apply()
    state = world.terraform.state()
    assert state is not None
    assert state["secondary_private_ip_address_count"] == 1
    assert settled is None or state["secondary_private_ip_addresses"] == settled
    world.terraform.assert_empty_plan()


@pytest.mark.parametrize(
    "body",
    [
        'secondary_private_ip_addresses = ["10.0.0.21"]\nsecondary_private_ip_address_count = local.it',
        "secondary_private_ip_address_count = 1\nsecondary_private_ip_addresses = local.it",
    ],
)
def test_an_argument_known_only_after_apply_may_be_null_beside_the_one_that_is_known(world: World, body: str) -> None:
    world.declare(
        body,
        extra="""resource "terraform_data" "late" { input = { it = null } }
locals { it = terraform_data.late.output.it }""",
    )
    world.terraform.apply()
    assert len(world.addresses()) == 1
    world.terraform.assert_empty_plan()


def test_a_mistake_that_is_written_down_is_caught_at_validate(world: World) -> None:
    kinds = {"text": "string", "list": "set(string)", "n": "number"}
    for body, said in (
        ("", "Neither is set"),
        ("secondary_private_ip_address_count = 1\n secondary_private_ip_addresses = []", "Both are set"),
        ('secondary_private_ip_addresses = [var.text, "10.0.0.300"]', '"10.0.0.300" is not an IPv4 address'),
        ("secondary_private_ip_addresses = var.list\n  max_drain_duration_seconds = 0", "is 0"),
        ('secondary_private_ip_address_count = var.n\n  timeouts = { create = var.text, update = "1m" }', '"1m"'),
    ):
        extra = "\n".join(f'variable "{name}" {{ type = {kind} }}' for name, kind in kinds.items())
        world.declare(body, gateway="var.text", extra=extra)
        refused = world.terraform.run("validate")
        assert (errors_in(refused), said in refused.text) == (1, True), refused.output


def test_a_lookup_takes_what_is_not_null(world: World) -> None:
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24", primary="10.1.0.10", tags={"team": "blue"})
    world.terraform.write(world.provider_block() + FOUND)
    world.terraform.ok("validate")
    for variables, found in (
        ({"id": GATEWAY}, GATEWAY),
        ({"tags": {"team": "blue"}}, OTHER),
        ({"filters": [{"name": "tag:team", "values": ["blue"]}], "id": None}, OTHER),
    ):
        give(world, **variables)
        assert found in world.terraform.plan().text


def test_a_lookup_of_nothing_or_of_two_things_is_one_error_at_plan(world: World) -> None:
    world.terraform.write(world.provider_block() + FOUND)
    values: dict[str, Any]
    for values, said in (
        ({}, "None is set"),
        ({"id": GATEWAY, "tags": {"team": "blue"}}, "Both are set"),
        ({"id": "egress-b"}, 'id is "egress-b"'),
        ({"tags": {"team": None}}, "tags.team is null"),
        ({"tags": {}}, "every gateway would match"),
        ({"filters": [{"name": "vpc-id"}]}, "filter[0].values is null"),
        ({"filters": [{"name": "vpcid", "values": ["a"]}]}, "vpc-id"),
    ):
        give(world, **values)
        refused = world.terraform.fail_plan()
        assert (errors_in(refused), said in refused.text) == (1, True), refused.output


PROVIDER = """
terraform {
  required_providers {
    natgw = { source = "terraform.local/natgw/natgw" }
  }
}
variable "block" {
  type = object({
    access_key = optional(string)
    secret_key = optional(string)
    quota      = optional(number)
    allowed    = optional(set(string))
    forbidden  = optional(set(string))
    role       = optional(object({ role_arn = optional(string), duration = optional(string) }))
    web        = optional(object({ role_arn = string, token = optional(string), file = optional(string) }))
  })
}
provider "natgw" {
  region                   = "%(region)s"
  access_key               = var.block.access_key
  secret_key               = var.block.secret_key
  private_ip_address_quota = var.block.quota
  allowed_account_ids      = var.block.allowed
  forbidden_account_ids    = var.block.forbidden
  assume_role              = var.block.role
  assume_role_with_web_identity = var.block.web == null ? null : {
    role_arn                = var.block.web.role_arn
    web_identity_token      = var.block.web.token
    web_identity_token_file = var.block.web.file
  }
  endpoints = { ec2 = "%(url)s", sts = "%(url)s" }
}
data "natgw_nat_gateway" "it" { id = "%(id)s" }
"""
KEYS = {"access_key": "simulator", "secret_key": "simulator"}
ROLE = "arn:aws:iam::123456789012:role/natgw"


def test_the_provider_block_takes_what_is_not_null(world: World) -> None:
    names = {"region": world.aws.region, "url": world.aws.url, "id": GATEWAY}
    world.terraform.write(PROVIDER % names)
    world.terraform.ok("validate")
    block: dict[str, Any]
    for block, said in (
        ({**KEYS, "allowed": ["123456789012"], "quota": 4}, "No changes"),
        ({"access_key": "simulator"}, "secret_key is not"),
        ({"secret_key": "simulator"}, "access_key is not"),
        ({**KEYS, "allowed": ["123456789012"], "forbidden": ["210987654321"]}, "both set"),
        ({**KEYS, "allowed": ["99"]}, '"99"'),
        ({**KEYS, "role": {}}, "No role_arn is given"),
        ({**KEYS, "role": {"role_arn": ROLE, "duration": "1m"}}, 'assume_role.duration is "1m"'),
        ({**KEYS, "web": {"role_arn": ROLE}}, "neither is set"),
        ({**KEYS, "web": {"role_arn": ROLE, "token": "t", "file": "f"}}, "both are set"),
    ):
        give(world, block=block)
        result = world.terraform.run("plan", "-input=false", "-no-color")
        assert (errors_in(result), said in result.text) == (said != "No changes", True), result.output
