"""Single addresses of both kinds, beside sets, with real Terraform."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS
from natgw_provider.simulator.simulator import Simulator
from support.terraform import interrupt, kill
from support.waiting import wait_for
from support.world import GATEWAY, World, start_world

pytestmark = pytest.mark.terraform

SEVEN = tuple(range(21, 28))


def use_elsewhere(world: World, host: int) -> None:
    """Something else takes an address that is to be declared."""
    if world.kind is PRIVATE_IPS:
        [gateway] = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"]
        world.ec2.create_network_interface(SubnetId=gateway["SubnetId"], PrivateIpAddress=world.key(host))
        return
    other = world.aws.seed(nat_gateway_id="nat-00000002", connectivity="public").nat_gateway_id
    world.ec2.associate_nat_gateway_address(NatGatewayId=other, AllocationIds=[world.key(host)])


def test_seven_singles_come_in_one_call_and_leave_in_one_with_one_drain(large: World) -> None:
    add, remove = large.kind.add.base, large.kind.remove.base
    large.declare_singles(*SEVEN)
    large.terraform.apply()
    assert large.addresses() == large.served(*SEVEN)
    assert large.changes() == [(add, 7)]
    large.terraform.assert_empty_plan()
    large.declare_singles(*SEVEN, drain=90)
    large.terraform.apply()
    assert large.changes() == [(add, 7)]
    large.declare_singles(21, 22, drain=90)
    text = large.terraform.plan().text
    assert all(f"{GATEWAY} drains {large.key(host)}" in text for host in SEVEN[2:])
    assert "for up to 90 s" in text
    large.terraform.apply()
    assert large.addresses() == large.served(21, 22)
    large.terraform.destroy()
    assert large.addresses() == {}
    assert large.changes() == [(add, 7), (remove, 5), (remove, 2)]


def test_a_single_is_adopted_imported_replaced_and_lost(large: World) -> None:
    large.declare_set(large.key(21))
    large.terraform.apply()
    large.terraform.ok("state", "rm", f"{large.kind.resource_type}.this")
    large.aws.clear_calls()
    large.declare_singles(21)
    large.terraform.apply()
    large.terraform.assert_empty_plan()
    assert large.changes() == []
    address = f'{large.kind.single_type}.each["{large.key(21)}"]'
    large.terraform.ok("state", "rm", address)
    large.terraform.ok("import", "-input=false", address, f"{GATEWAY}/{large.key(21)}")
    large.terraform.apply()
    assert large.changes() == []
    text = large.terraform.fail_plan(f"-replace={address}").text
    assert "is managed already" in text
    large.release_elsewhere(large.key(21))
    text = large.terraform.plan().text
    assert f"{GATEWAY} does not have {large.key(21)}" in text
    assert "will be created" in text
    large.terraform.apply()
    assert large.addresses() == large.served(21)


def test_singles_are_swapped_on_a_full_gateway_with_one_drain(small: World) -> None:
    add, remove = small.kind.add.base, small.kind.remove.base
    small.declare_singles(21, 22)
    small.terraform.apply()
    small.declare_singles(23, 24)
    small.terraform.apply()
    assert small.addresses() == small.served(23, 24)
    assert small.changes() == [(add, 2), (remove, 2), (add, 2)]
    small.terraform.assert_empty_plan()


def test_another_address_replaces_a_single_and_the_plan_warns_of_the_drain(small: World) -> None:
    for host in (21, 22):
        argument = f'{small.kind.single_argument} = "{small.key(host)}"'
        small.declare(f"{argument}\n  max_drain_duration_seconds = 60", is_single=True)
        text = small.terraform.plan().text
        small.terraform.apply()
    assert f"{small.kind.single_type}.this must be replaced" in text
    assert f"{GATEWAY} drains {small.key(21)}" in text
    assert "60 s (1 min)" in text
    assert small.addresses() == small.served(22)
    assert small.changes() == [(small.kind.add.base, 1), (small.kind.remove.base, 1), (small.kind.add.base, 1)]
    small.terraform.assert_empty_plan()


def test_a_single_moves_to_a_gateway_that_is_known_only_after_apply(small: World) -> None:
    """In place: nothing drains if the gateway turns out to be the same."""
    other = "nat-00000000000000aa1"
    [gateway] = small.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"]
    small.aws.seed(
        nat_gateway_id=other, subnet_id=gateway["SubnetId"], primary="10.0.0.11", connectivity=small.kind.connectivity
    )

    def declare(nat_gateway_id: str, trigger: int) -> None:
        small.declare(
            f'{small.kind.single_argument} = "{small.key(21)}"\n  max_drain_duration_seconds = 60',
            gateway="terraform_data.gateway.output",
            extra=f"""resource "terraform_data" "gateway" {{
  input            = "{nat_gateway_id}"
  triggers_replace = {trigger}
}}""",
            is_single=True,
        )

    declare(GATEWAY, 1)
    small.terraform.apply()
    small.aws.clear_calls()
    declare(GATEWAY, 2)
    text = small.terraform.plan().text
    assert f"{small.kind.single_type}.this will be updated in-place" in text
    assert "calls nothing, and nothing drains" in text
    small.terraform.apply()
    assert small.changes() == []
    declare(other, 3)
    small.terraform.apply()
    assert small.addresses() == {}
    assert small.changes() == [(small.kind.remove.base, 1), (small.kind.add.base, 1)]
    state = small.terraform.state()
    assert (state["nat_gateway_id"], state["id"]) == (other, f"{other}/{small.key(21)}")
    small.terraform.assert_empty_plan()


def test_a_null_address_is_an_error_at_plan_and_nothing_drains(small: World) -> None:
    argument, key = small.kind.single_argument, small.key(21)
    small.declare(f"{argument} = var.it", extra=f'variable "it" {{ default = "{key}" }}', is_single=True)
    small.terraform.apply()
    small.declare(f"{argument} = var.it", extra='variable "it" { default = null }', is_single=True)
    assert f"{argument} is required" in small.terraform.fail_plan().text
    assert small.addresses() == small.served(21)


def test_a_set_and_a_single_on_one_gateway_are_refused_at_plan(large: World) -> None:
    large.declare_singles(21)
    large.terraform.apply()
    singles = (large.terraform.folder / "main.tf").read_text()
    large.declare_set(large.key(21), large.key(22))
    sets = (large.terraform.folder / "main.tf").read_text().removeprefix(large.provider_block())
    large.terraform.write(singles + sets)
    said = large.terraform.fail_plan().text
    assert "The gateway is managed by two types of resources" in said
    assert large.kind.single_type in said
    assert large.kind.resource_type in said


def test_single_addresses_become_a_set_and_back_without_a_call(large: World) -> None:
    """The way that the error names: retain, remove, then declare the other."""
    add, keep = large.kind.add.base, 'on_destroy = "retain"'
    large.declare_singles(21, 22, body=keep)
    large.terraform.apply()
    large.terraform.write(large.provider_block())
    large.terraform.apply()
    large.declare_set(large.key(21), large.key(22), body=keep)
    large.terraform.apply()
    large.terraform.write(large.provider_block())
    large.terraform.apply()
    large.declare_singles(21, 22)
    large.terraform.apply()
    large.terraform.assert_empty_plan()
    assert large.changes() == [(add, 2)]


def test_two_states_that_share_a_gateway_wait_for_each_other(large: World, tmp_path: Path) -> None:
    add, remove = large.kind.add.base, large.kind.remove.base
    folder = tmp_path / "another"
    folder.mkdir()
    other = replace(large, terraform=replace(large.terraform, folder=folder))
    other.terraform.write(other.provider_block())
    other.terraform.init()
    large.declare_singles(21, 22)
    large.terraform.apply()
    large.terraform.write(large.provider_block())
    process = large.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
    wait_for(lambda: large.kind.remove.ongoing in large.addresses().values(), "a drain")
    other.declare_singles(23)
    other.terraform.apply()
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert large.addresses() == large.served(23)
    assert large.changes() == [(add, 2), (remove, 2), (add, 1)]
    other.terraform.assert_empty_plan()


def test_one_of_seven_that_is_in_use_fails_alone(large: World) -> None:
    use_elsewhere(large, 24)
    large.declare_singles(*SEVEN)
    said = large.terraform.fail_apply()
    assert said.output.count("Error: ") == 1, said.output
    assert large.key(24) in said.text
    rest = [host for host in SEVEN if host != 24]
    assert large.addresses() == large.served(*rest)
    assert len(large.terraform.states()) == 6


Way = Callable[[subprocess.Popen[str]], None]


@pytest.mark.parametrize("way", [interrupt, kill])
class TestBrokenOffWithSevenSinglesInFlight:
    def test_leaving_the_state_stays_whole_and_the_next_apply_completes(self, large: World, way: Way) -> None:
        large.declare_singles(*SEVEN, drain=4000)
        large.terraform.apply()
        large.terraform.write(large.provider_block())
        large.terraform.break_off(lambda: large.kind.remove.ongoing in large.addresses().values(), way)
        states = large.terraform.states()
        assert {state[large.kind.single_argument] for state in states} == set(map(large.key, SEVEN))
        large.aws.clock.advance(4000)
        large.terraform.apply()
        assert large.terraform.states() == []
        assert large.addresses() == {}
        assert large.changes() == [(large.kind.add.base, 7), (large.kind.remove.base, 7)]

    def test_coming_the_next_apply_adopts_them_without_a_second_call(self, large: World, way: Way) -> None:
        large.aws.change_settings(assigning_seconds=100)
        large.declare_singles(*SEVEN)
        large.terraform.break_off(lambda: large.kind.add.ongoing in large.addresses().values(), way)
        large.aws.clock.advance(100)
        large.terraform.apply()
        assert len(large.terraform.states()) == 7
        assert large.addresses() == large.served(*SEVEN)
        assert large.changes() == [(large.kind.add.base, 7)]
        large.terraform.assert_empty_plan()


RELEASE = """
import boto3, sys
client = boto3.client("ec2", endpoint_url=sys.argv[1], region_name="eu-central-1",
                      aws_access_key_id="a", aws_secret_access_key="b")
client.release_address(AllocationId=sys.argv[2])
"""
"""A stand-in for the destroy of an aws_eip, which fails to release an Elastic IP that is in use."""


@pytest.mark.parametrize(
    ("is_single", "body"),
    [
        (True, "for_each = terraform_data.eip\n  allocation_id = each.value.output.id"),
        (False, "allocation_ids = [for eip in terraform_data.eip : eip.output.id]"),
    ],
    ids=["single", "set"],
)
def test_an_elastic_ip_that_leaves_is_released_after_its_drain_in_one_apply(
    aws: Simulator, mirror: Path, tmp_path: Path, is_single: bool, body: str
) -> None:
    world = start_world(aws, mirror, tmp_path, ELASTIC_IPS, quota=8)
    (tmp_path / "release.py").write_text(RELEASE)

    def declare(*hosts: int) -> None:
        listed = ", ".join(f'"{world.key(host)}"' for host in hosts)
        eips = f"""
resource "terraform_data" "eip" {{
  for_each = toset([{listed}])
  input    = {{ id = each.key, release = "{sys.executable} {tmp_path}/release.py {aws.url} ${{each.key}}" }}
  lifecycle {{
    create_before_destroy = {"false" if is_single else "true"}
  }}
  provisioner "local-exec" {{
    when    = destroy
    command = self.input.release
  }}
}}
"""
        world.declare(f"{body}\n  max_drain_duration_seconds = 60", extra=eips, is_single=is_single)

    def allocated() -> set[str]:
        return {one["AllocationId"] for one in world.ec2.describe_addresses()["Addresses"]}

    declare(21, 22)
    world.terraform.apply()
    assert world.addresses() == world.served(21, 22)
    declare(21)
    world.terraform.apply()
    assert world.addresses() == world.served(21)
    assert {world.key(21), world.key(22)} & allocated() == {world.key(21)}
    world.terraform.assert_empty_plan()
    world.terraform.destroy()
    assert world.addresses() == {}
    assert world.key(21) not in allocated()
