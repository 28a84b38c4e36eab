"""Sets and single addresses of private and of public gateways, with real Terraform."""

from __future__ import annotations

import os
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from natgw_provider.core.address_kinds import ELASTIC_IPS, KINDS, PRIVATE_IPS, AddressKind
from natgw_provider.simulator.simulator import Simulator
from support.terraform import interrupt
from support.waiting import wait_for
from support.world import GATEWAY, World, start_world

pytestmark = pytest.mark.terraform

SEVEN = tuple(range(21, 28))


@pytest.fixture(params=KINDS, ids=lambda kind: kind.connectivity)
def kind(request: pytest.FixtureRequest) -> AddressKind:
    chosen: AddressKind = request.param
    return chosen


@pytest.fixture
def small(aws: Simulator, mirror: Path, tmp_path: Path, kind: AddressKind) -> World:
    """A gateway without secondaries, which may have two."""
    return start_world(aws, mirror, tmp_path, kind, quota=3)


@pytest.fixture
def large(aws: Simulator, mirror: Path, tmp_path: Path, kind: AddressKind) -> World:
    """A gateway without secondaries, which may have seven."""
    return start_world(aws, mirror, tmp_path, kind, quota=8)


def declare_set(world: World, *hosts: int, drain: int = 60) -> None:
    world.declare_set(*map(world.key, hosts), drain=drain)


def declare_singles(world: World, *hosts: int, drain: int = 60, body: str = "") -> None:
    """Declare one resource for each address."""
    listed = ", ".join(f'"{world.key(host)}"' for host in hosts)
    world.terraform.write(
        f"""{world.provider_block()}
resource "{world.kind.single_type}" "each" {{
  for_each                   = toset([{listed}])
  nat_gateway_id             = "{GATEWAY}"
  {world.kind.single_argument} = each.key
  max_drain_duration_seconds = {drain}
  {body}
}}
"""
    )


def served(world: World, *hosts: int) -> dict[str, str]:
    return {world.key(host): "succeeded" for host in hosts}


def release_outside(world: World) -> None:
    """Somebody else takes every secondary away."""
    [gateway] = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"]
    secondaries = [one for one in gateway["NatGatewayAddresses"] if not one["IsPrimary"]]
    if world.kind is PRIVATE_IPS:
        world.ec2.unassign_private_nat_gateway_address(
            NatGatewayId=GATEWAY, PrivateIpAddresses=[one["PrivateIp"] for one in secondaries]
        )
    else:
        world.ec2.disassociate_nat_gateway_address(
            NatGatewayId=GATEWAY, AssociationIds=[one["AssociationId"] for one in secondaries]
        )
    world.aws.clock.advance(350)


def use_elsewhere(world: World, host: int) -> None:
    """Something else takes an address that is to be declared."""
    if world.kind is PRIVATE_IPS:
        [gateway] = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"]
        world.ec2.create_network_interface(SubnetId=gateway["SubnetId"], PrivateIpAddress=world.key(host))
        return
    other = world.aws.seed(nat_gateway_id="nat-00000002", connectivity="public").nat_gateway_id
    world.ec2.associate_nat_gateway_address(NatGatewayId=other, AllocationIds=[world.key(host)])


def test_a_set_is_created_swapped_on_a_full_gateway_imported_and_destroyed(small: World) -> None:
    add, remove = small.kind.add.base, small.kind.remove.base
    declare_set(small, 21, 22)
    small.terraform.apply()
    assert small.addresses() == served(small, 21, 22)
    small.terraform.assert_empty_plan()
    declare_set(small, 22, 23)
    text = small.terraform.plan().text
    assert f"drain {small.key(21)} for up to 60 s (1 min), then {add} {small.key(23)}" in text
    assert f"{GATEWAY} drains 1 {small.kind.noun}" in text
    small.terraform.apply()
    assert small.addresses() == served(small, 22, 23)
    small.terraform.assert_empty_plan()
    assert small.changes() == [(add, 2), (remove, 1), (add, 1)]
    small.terraform.ok("state", "rm", f"{small.kind.resource_type}.this")
    small.terraform.ok("import", "-input=false", f"{small.kind.resource_type}.this", GATEWAY)
    small.terraform.apply()  # the drain time, which an import does not know
    small.terraform.assert_empty_plan()
    small.terraform.destroy()
    assert small.addresses() == {}
    assert small.changes() == [(add, 2), (remove, 1), (add, 1), (remove, 2)]


def test_seven_singles_come_in_one_call_and_leave_in_one_with_one_drain(large: World) -> None:
    add, remove = large.kind.add.base, large.kind.remove.base
    declare_singles(large, *SEVEN)
    large.terraform.apply()
    assert large.addresses() == served(large, *SEVEN)
    assert large.changes() == [(add, 7)]
    large.terraform.assert_empty_plan()
    declare_singles(large, *SEVEN, drain=90)
    large.terraform.apply()
    assert large.changes() == [(add, 7)]
    declare_singles(large, 21, 22, drain=90)
    text = large.terraform.plan().text
    assert all(f"{GATEWAY} drains {large.key(host)}" in text for host in SEVEN[2:])
    assert "for up to 90 s" in text
    large.terraform.apply()
    assert large.addresses() == served(large, 21, 22)
    large.terraform.destroy()
    assert large.addresses() == {}
    assert large.changes() == [(add, 7), (remove, 5), (remove, 2)]


def test_a_single_is_adopted_imported_replaced_and_lost(large: World) -> None:
    declare_set(large, 21)
    large.terraform.apply()
    large.terraform.ok("state", "rm", f"{large.kind.resource_type}.this")
    large.aws.clear_calls()
    declare_singles(large, 21)
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
    release_outside(large)
    wait_for(lambda: large.addresses() == {}, "the release")
    text = large.terraform.plan().text
    assert f"{GATEWAY} does not have {large.key(21)}" in text
    assert "will be created" in text
    large.terraform.apply()
    assert large.addresses() == served(large, 21)


def test_singles_are_swapped_on_a_full_gateway_with_one_drain(small: World) -> None:
    add, remove = small.kind.add.base, small.kind.remove.base
    declare_singles(small, 21, 22)
    small.terraform.apply()
    declare_singles(small, 23, 24)
    small.terraform.apply()
    assert small.addresses() == served(small, 23, 24)
    assert small.changes() == [(add, 2), (remove, 2), (add, 2)]
    small.terraform.assert_empty_plan()


def test_another_address_replaces_a_single_and_the_plan_warns_of_the_drain(small: World) -> None:
    def declare(host: int) -> None:
        small.terraform.write(
            f"""{small.provider_block()}
resource "{small.kind.single_type}" "it" {{
  nat_gateway_id             = "{GATEWAY}"
  {small.kind.single_argument} = "{small.key(host)}"
  max_drain_duration_seconds = 60
}}
"""
        )

    declare(21)
    small.terraform.apply()
    declare(22)
    text = small.terraform.plan().text
    assert f"{small.kind.single_type}.it must be replaced" in text
    assert f"{GATEWAY} drains {small.key(21)}" in text
    assert "60 s (1 min)" in text
    small.terraform.apply()
    assert small.addresses() == served(small, 22)
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
        small.terraform.write(
            f"""{small.provider_block()}
resource "terraform_data" "gateway" {{
  input            = "{nat_gateway_id}"
  triggers_replace = {trigger}
}}
resource "{small.kind.single_type}" "it" {{
  nat_gateway_id             = terraform_data.gateway.output
  {small.kind.single_argument} = "{small.key(21)}"
  max_drain_duration_seconds = 60
}}
"""
        )

    declare(GATEWAY, 1)
    small.terraform.apply()
    small.aws.clear_calls()
    declare(GATEWAY, 2)
    text = small.terraform.plan().text
    assert "0 to destroy" not in text
    assert f"{small.kind.single_type}.it will be updated in-place" in text
    assert "calls nothing, and nothing drains" in text
    small.terraform.apply()
    assert small.changes() == []
    declare(other, 3)
    small.terraform.apply()
    assert small.addresses() == {}
    assert small.changes() == [(small.kind.remove.base, 1), (small.kind.add.base, 1)]
    [state] = small.terraform.states()
    assert (state["nat_gateway_id"], state["id"]) == (other, f"{other}/{small.key(21)}")
    small.terraform.assert_empty_plan()


@pytest.mark.parametrize("is_single", [True, False], ids=["single", "set"])
def test_a_null_address_is_an_error_at_plan_and_nothing_drains(small: World, is_single: bool) -> None:
    if not is_single and small.kind.count_argument:
        pytest.skip("a set of private addresses takes a count instead")
    name = small.kind.single_type if is_single else small.kind.resource_type
    argument = small.kind.single_argument if is_single else small.kind.argument
    value = f'"{small.key(21)}"' if is_single else f'["{small.key(21)}"]'

    def declare(default: str) -> None:
        small.terraform.write(
            f"""{small.provider_block()}
variable "declared" {{ default = {default} }}
resource "{name}" "it" {{
  nat_gateway_id = "{GATEWAY}"
  {argument} = var.declared
}}
"""
        )

    declare(value)
    small.terraform.apply()
    declare("null")
    assert f"{argument} is required" in small.terraform.fail_plan().text
    assert small.addresses() == served(small, 21)


def test_a_set_and_a_single_on_one_gateway_are_refused_at_plan(large: World) -> None:
    declare_singles(large, 21)
    large.terraform.apply()
    text = (large.terraform.folder / "main.tf").read_text()
    large.terraform.write(
        f"""{text}
resource "{large.kind.resource_type}" "all" {{
  nat_gateway_id = "{GATEWAY}"
  {large.kind.argument} = ["{large.key(21)}", "{large.key(22)}"]
}}
"""
    )
    said = large.terraform.fail_plan().text
    assert "The gateway is managed by two types of resources" in said
    assert large.kind.single_type in said
    assert large.kind.resource_type in said


def test_single_addresses_become_a_set_and_back_without_a_call(large: World) -> None:
    """The way that the error names: retain, remove, then declare the other."""
    add, keep = large.kind.add.base, 'on_destroy = "retain"'
    declare_singles(large, 21, 22, body=keep)
    large.terraform.apply()
    large.terraform.write(large.provider_block())
    large.terraform.apply()
    large.declare_set(large.key(21), large.key(22), body=keep)
    large.terraform.apply()
    large.terraform.write(large.provider_block())
    large.terraform.apply()
    declare_singles(large, 21, 22)
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
    declare_singles(large, 21, 22)
    large.terraform.apply()
    large.terraform.write(large.provider_block())
    process = large.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
    wait_for(lambda: large.kind.remove.ongoing in large.addresses().values(), "a drain")
    declare_singles(other, 23)
    other.terraform.apply()
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0, output
    assert large.addresses() == served(large, 23)
    assert large.changes() == [(add, 2), (remove, 2), (add, 1)]
    other.terraform.assert_empty_plan()


def test_one_of_seven_that_is_in_use_fails_alone(large: World) -> None:
    use_elsewhere(large, 24)
    declare_singles(large, *SEVEN)
    said = large.terraform.fail_apply()
    assert said.output.count("Error: ") == 1, said.output
    assert large.key(24) in said.text
    rest = [host for host in SEVEN if host != 24]
    assert large.addresses() == served(large, *rest)
    assert len(large.terraform.states()) == 6


def break_off(world: World, way: str, when: str) -> None:
    """Apply until the gateway shows an address in the status `when`, and end Terraform then."""
    process = world.terraform.start("apply", "-auto-approve", "-input=false", "-no-color", "-lock=false")
    wait_for(lambda: when in world.addresses().values(), when)
    if way == "interrupt":
        interrupt(process)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=30)
    assert process.returncode != 0, output


@pytest.mark.parametrize("way", ["interrupt", "kill"])
class TestBrokenOffWithSevenSinglesInFlight:
    def test_leaving_the_state_stays_whole_and_the_next_apply_completes(self, large: World, way: str) -> None:
        declare_singles(large, *SEVEN, drain=4000)
        large.terraform.apply()
        large.terraform.write(large.provider_block())
        break_off(large, way, large.kind.remove.ongoing)
        states = large.terraform.states()
        assert {state[large.kind.single_argument] for state in states} == set(map(large.key, SEVEN))
        large.aws.clock.advance(4000)
        large.terraform.apply("-lock=false")
        assert large.terraform.states() == []
        assert large.addresses() == {}
        assert large.changes() == [(large.kind.add.base, 7), (large.kind.remove.base, 7)]

    def test_coming_the_next_apply_adopts_them_without_a_second_call(self, large: World, way: str) -> None:
        large.aws.change_settings(assigning_seconds=100)
        declare_singles(large, *SEVEN)
        break_off(large, way, large.kind.add.ongoing)
        large.aws.clock.advance(100)
        large.terraform.apply("-lock=false")
        assert len(large.terraform.states()) == 7
        assert large.addresses() == served(large, *SEVEN)
        assert large.changes() == [(large.kind.add.base, 7)]
        large.terraform.assert_empty_plan()


class TestWithItsElasticIp:
    """A stand-in for aws_eip, which fails to release an Elastic IP that is in use."""

    RELEASE = """
import boto3, sys
client = boto3.client("ec2", endpoint_url=sys.argv[1], region_name="eu-central-1",
                      aws_access_key_id="a", aws_secret_access_key="b")
client.release_address(AllocationId=sys.argv[2])
"""

    @pytest.fixture
    def world(self, aws: Simulator, mirror: Path, tmp_path: Path) -> World:
        (tmp_path / "release.py").write_text(self.RELEASE)
        return start_world(aws, mirror, tmp_path, ELASTIC_IPS, quota=8)

    def declare(self, world: World, resource: str, *hosts: int, lifecycle: str = "") -> None:
        listed = ", ".join(f'"{world.key(host)}"' for host in hosts)
        script = world.terraform.folder.parent / "release.py"
        world.terraform.write(
            f"""{world.provider_block()}
resource "terraform_data" "eip" {{
  for_each = toset([{listed}])
  input    = {{ id = each.key, release = "{sys.executable} {script} {world.aws.url} ${{each.key}}" }}
  {lifecycle}
  provisioner "local-exec" {{
    when    = destroy
    command = self.input.release
  }}
}}
{resource}
"""
        )

    def released(self, world: World, host: int) -> bool:
        shown = world.ec2.describe_addresses()["Addresses"]
        return world.key(host) not in [one["AllocationId"] for one in shown]

    @pytest.mark.parametrize(
        ("resource", "lifecycle"),
        [
            (
                f"""
resource "natgw_secondary_elastic_ip" "each" {{
  for_each                   = terraform_data.eip
  nat_gateway_id             = "{GATEWAY}"
  allocation_id              = each.value.output.id
  max_drain_duration_seconds = 60
}}""",
                "",
            ),
            (
                f"""
resource "natgw_secondary_elastic_ips" "all" {{
  nat_gateway_id             = "{GATEWAY}"
  allocation_ids             = [for eip in terraform_data.eip : eip.output.id]
  max_drain_duration_seconds = 60
}}""",
                "lifecycle { create_before_destroy = true }",
            ),
        ],
        ids=["single", "set"],
    )
    def test_an_elastic_ip_that_leaves_is_released_after_its_drain_in_one_apply(
        self, world: World, resource: str, lifecycle: str
    ) -> None:
        self.declare(world, resource, 21, 22, lifecycle=lifecycle)
        world.terraform.apply()
        assert world.addresses() == served(world, 21, 22)
        self.declare(world, resource, 21, lifecycle=lifecycle)
        world.terraform.apply()
        assert world.addresses() == served(world, 21)
        assert self.released(world, 22)
        world.terraform.assert_empty_plan()
        world.terraform.destroy()
        assert world.addresses() == {}
        assert self.released(world, 21)
