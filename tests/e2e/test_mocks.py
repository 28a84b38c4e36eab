"""docs/guides/testing.md: a module that uses natgw under `terraform test`, mocked as the guide shows."""

from __future__ import annotations

import re

import pytest

from support.repository import ROOT
from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

MODULE = """
terraform {
  required_providers {
    natgw = { source = "terraform.local/natgw/natgw" }
  }
}
data "natgw_nat_gateway" "egress" {
%s
}
resource "natgw_secondary_private_ips" "egress" {
  nat_gateway_id                 = data.natgw_nat_gateway.egress.id
  secondary_private_ip_addresses = ["10.0.0.21"]
}
"""


def guide_blocks() -> list[str]:
    text = (ROOT / "docs/guides/testing.md").read_text(encoding="utf-8")
    return re.findall(r"```hcl\n(.*?)```", text, re.DOTALL)


def test_the_guides_mock_makes_a_module_pass(world: World) -> None:
    mock = re.sub(r'mock_provider "aws" \{.*?\n\}\n', "", guide_blocks()[0], flags=re.DOTALL)
    world.terraform.write(MODULE % '  tags = { Name = "egress" }')
    world.terraform.write(mock, "module.tftest.hcl")
    assert "1 passed, 0 failed" in world.terraform.ok("test", "-no-color").text
    assert world.aws.calls() == []


def test_a_mock_without_an_id_is_told_how_to_set_one(world: World) -> None:
    world.terraform.write(MODULE % '  tags = { Name = "egress" }')
    world.terraform.write('mock_provider "natgw" {}\nrun "it" {}', "module.tftest.hcl")
    refused = world.terraform.run("test", "-no-color")
    assert refused.exit_code == 1
    assert "set an id in its mock_data or mock_resource defaults" in refused.text


def test_the_guides_provider_block_makes_a_module_pass_against_the_simulator(world: World) -> None:
    against = guide_blocks()[1].replace("http://127.0.0.1:4577", world.aws.url)
    world.terraform.write(MODULE % f'  id = "{GATEWAY}"')
    world.terraform.write(against, "module.tftest.hcl")
    assert "1 passed, 0 failed" in world.terraform.ok("test", "-no-color").text
    assert [call for call, _ in world.mutations()] == ["Assign", "Unassign"]
