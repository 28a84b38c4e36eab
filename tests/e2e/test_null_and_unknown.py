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


def give(world: World, **variables: Any) -> None:
    """Set variables, to null as well, which no command line option can."""
    world.terraform.write(json.dumps(variables), "terraform.tfvars.json")


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


def test_optional_fields_that_are_null_are_absent_and_a_mistake_is_one_error_for_each_key_at_plan(world: World) -> None:
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24", primary="10.1.0.10")
    world.terraform.write(world.provider_block() + GATEWAYS)
    world.terraform.ok("validate")
    give(world, gateways={"a": {"id": GATEWAY, "ips": ["10.0.0.21"]}, "b": {"id": OTHER, "n": 2}})
    world.terraform.apply()
    states = {one["nat_gateway_id"]: one for one in world.terraform.states()}
    assert states[GATEWAY]["secondary_private_ip_addresses"] == ["10.0.0.21"]
    assert states[OTHER]["secondary_private_ip_address_count"] == 2
    assert (states[OTHER]["max_drain_duration_seconds"], states[OTHER]["wait_for_drain"]) == (350, True)
    world.terraform.assert_empty_plan()
    wrong: dict[str, tuple[dict[str, Any], str]] = {
        "neither": ({}, "Neither is set"),
        "both": ({"ips": [], "n": 0}, "Both are set"),
        "nobody": ({"n": 1, "id": None}, "nat_gateway_id is null"),
        "short": ({"n": 1, "drain": 900, "timeouts": {"update": "1m"}}, 'timeouts.update is "1m"'),
        "few": ({"n": 1, "minimum": 3}, "min_in_service_addresses is 3"),
    }
    give(world, gateways={key: {"id": GATEWAY, **fields} for key, (fields, _) in wrong.items()})
    refused = world.terraform.fail_plan()
    assert errors_in(refused) == len(wrong)
    for key, (_, said) in wrong.items():
        assert f'natgw_secondary_private_ips.each["{key}"]' in refused.text
        assert said in refused.text


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
    assert state["secondary_private_ip_address_count"] == 1
    assert settled is None or state["secondary_private_ip_addresses"] == settled
    world.terraform.assert_empty_plan()
