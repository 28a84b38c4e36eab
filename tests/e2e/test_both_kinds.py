"""Sets and single addresses of private and of public gateways, with real Terraform."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from natgw_provider.core.address_kinds import KINDS, AddressKind
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


def is_draining(world: World) -> bool:
    return world.kind.remove.ongoing in world.addresses().values()


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
    large.ec2.unassign_private_nat_gateway_address(
        NatGatewayId=GATEWAY, PrivateIpAddresses=[large.key(21)], MaxDrainDurationSeconds=1
    ) if large.kind.connectivity == "private" else large.ec2.disassociate_nat_gateway_address(
        NatGatewayId=GATEWAY,
        AssociationIds=[
            one["AssociationId"]
            for one in large.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["NatGatewayAddresses"]
            if not one["IsPrimary"]
        ],
        MaxDrainDurationSeconds=1,
    )
    wait_for(lambda: large.addresses() == {}, "the release")
    text = large.terraform.plan().text
    assert f"{GATEWAY} does not have {large.key(21)}" in text
    assert "will be created" in text
    large.terraform.apply()
    assert large.addresses() == served(large, 21)


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


def test_one_of_seven_that_is_in_use_fails_alone(large: World) -> None:
    if large.kind.connectivity == "private":
        subnet = large.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["SubnetId"]
        large.ec2.create_network_interface(SubnetId=subnet, PrivateIpAddress=large.key(24))
    else:
        large.aws.seed(
            nat_gateway_id="nat-00000002",
            primary="10.0.0.12",
            connectivity="public",
            allocation_ids=["eipalloc-00000099"],
        )
        other = large.key(24)
        large.ec2.associate_nat_gateway_address(NatGatewayId="nat-00000002", AllocationIds=[other])
        wait_for(
            lambda: "associating" not in str(large.ec2.describe_nat_gateways(NatGatewayIds=["nat-00000002"])), "use"
        )
    declare_singles(large, *SEVEN)
    said = large.terraform.fail_apply()
    assert said.output.count("Error: ") == 1, said.output
    assert large.key(24) in said.text
    rest = [host for host in SEVEN if host != 24]
    assert large.addresses() == served(large, *rest)
    assert len(large.terraform.states()) == 6


@pytest.mark.parametrize("way", ["interrupt", "kill"])
def test_with_seven_singles_in_flight_the_state_stays_whole_and_the_next_apply_completes(
    large: World, way: str
) -> None:
    declare_singles(large, *SEVEN, drain=4000)
    large.terraform.apply()
    large.terraform.write(large.provider_block())
    process = large.terraform.start("apply", "-auto-approve", "-input=false", "-no-color", "-lock=false")
    wait_for(lambda: is_draining(large), "a drain")
    if way == "interrupt":
        interrupt(process)
    else:
        os.killpg(process.pid, signal.SIGKILL)
    output, _ = process.communicate(timeout=30)
    assert process.returncode != 0, output
    states = large.terraform.states()
    key = large.kind.single_argument
    assert sorted(state[key] for state in states) == sorted(map(large.key, SEVEN))
    large.aws.clock.advance(4000)
    large.terraform.apply("-lock=false")
    assert large.terraform.states() == []
    assert large.addresses() == {}
    assert large.changes() == [(large.kind.add.base, 7), (large.kind.remove.base, 7)]
