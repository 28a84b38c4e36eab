"""One gateway has one owner: replacing, tainting, renaming or declaring twice never drains what stays declared."""

from __future__ import annotations

import pytest

from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

TOLD = "The gateway is managed already"
RENAMED = f"""
resource "natgw_secondary_private_ips" "renamed" {{
  nat_gateway_id                 = "{GATEWAY}"
  secondary_private_ip_addresses = ["10.0.0.21"]
}}
"""


@pytest.fixture
def managed(world: World) -> World:
    """A gateway with one managed address."""
    world.declare('secondary_private_ip_addresses = ["10.0.0.21"]')
    world.terraform.apply()
    world.aws.clear_calls()
    return world


def test_replacing_on_the_same_gateway_is_refused_at_plan(managed: World) -> None:
    text = managed.terraform.fail_apply("-replace=natgw_secondary_private_ips.this").text
    assert TOLD in text
    assert "leave `-replace` out" in text
    assert managed.mutations() == []
    managed.terraform.assert_empty_plan()


def test_a_tainted_resource_is_not_drained_but_told_how_to_untaint(managed: World) -> None:
    managed.terraform.ok("taint", "natgw_secondary_private_ips.this")
    text = managed.terraform.fail_apply().text
    assert "terraform untaint" in text
    assert managed.mutations() == []
    managed.terraform.ok("untaint", "natgw_secondary_private_ips.this")
    managed.terraform.assert_empty_plan()


def test_a_rename_without_a_moved_block_is_refused_and_with_one_plans_nothing(managed: World) -> None:
    managed.terraform.write(managed.provider_block() + RENAMED)
    assert TOLD in managed.terraform.fail_apply().text
    assert managed.mutations() == []
    moved = """
moved {
  from = natgw_secondary_private_ips.this
  to   = natgw_secondary_private_ips.renamed
}
"""
    managed.terraform.write(managed.provider_block() + RENAMED + moved)
    managed.terraform.apply()
    assert managed.mutations() == []


def test_two_new_resources_on_one_gateway_are_refused_at_plan(world: World) -> None:
    world.declare('secondary_private_ip_addresses = ["10.0.0.31"]', extra=RENAMED)
    assert TOLD in world.terraform.fail_plan().text


def test_a_move_from_another_type_is_refused_with_what_to_write_instead(world: World) -> None:
    world.terraform.write(f'{world.provider_block()}\nresource "terraform_data" "old" {{}}')
    world.terraform.apply()
    moved = "moved {\n  from = terraform_data.old\n  to   = natgw_secondary_private_ips.this\n}"
    world.declare('secondary_private_ip_addresses = ["10.0.0.21"]', extra=moved)
    text = world.terraform.fail_plan().text
    assert "natgw does not move state between resource types" in text
    assert "Replace the `moved` block with an `import` block" in text
