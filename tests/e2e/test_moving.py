"""Another gateway for the same resource, with real Terraform: known at plan, or found out at apply."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from typing import Any

import pytest

from natgw_provider.simulator.simulator import Simulator
from support.terraform import interrupt
from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

OTHER = "nat-00000000000000aa1"
NEVER_SAID = ("bug in the provider", "natgw bug", "inconsistent final plan")


@dataclass(frozen=True)
class Moving:
    """Two gateways in one subnet, and a resource whose gateway id depends on another resource."""

    world: World

    @property
    def aws(self) -> Simulator:
        return self.world.aws

    def declare(self, gateway: str, *hosts: int, body: str = "", unrelated: str = "a", drain: int = 20) -> None:
        """Declare a set on a gateway whose id is unknown at plan whenever it, or something unrelated, changes."""
        self._declare(
            hosts,
            f"max_drain_duration_seconds = {drain}\n  {body}",
            gateway="terraform_data.gateway.output.id",
            extra=f'resource "terraform_data" "gateway" {{ input = {{ id = "{gateway}", tag = "{unrelated}" }} }}',
        )

    def declare_known(self, gateway: str, *hosts: int, body: str = "", drain: int = 20) -> None:
        """Declare a set on a gateway whose id is known at plan."""
        self._declare(hosts, f"max_drain_duration_seconds = {drain}\n  {body}", gateway=f'"{gateway}"')

    def _declare(self, hosts: tuple[int, ...], body: str, *, gateway: str, extra: str = "") -> None:
        listed = ", ".join(f'"10.0.0.{host}"' for host in hosts)
        self.world.declare(f"secondary_private_ip_addresses = [{listed}]\n  {body}", gateway=gateway, extra=extra)

    def apply(self) -> None:
        """Apply, and plan nothing after that."""
        text = self.world.terraform.apply().text
        assert not [words for words in NEVER_SAID if words in text]
        self.world.terraform.assert_empty_plan()

    def fail(self) -> str:
        text = self.world.terraform.fail_apply().text
        assert not [words for words in NEVER_SAID if words in text]
        return text

    def addresses(self, gateway: str) -> set[str]:
        answer = self.world.ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]
        return {a["PrivateIp"] for a in answer["NatGatewayAddresses"] if not a["IsPrimary"]}

    def assign(self, gateway: str, *addresses: str) -> None:
        """Someone else assigns."""
        self.world.ec2.assign_private_nat_gateway_address(NatGatewayId=gateway, PrivateIpAddresses=list(addresses))
        self.aws.clear_calls()

    @property
    def calls(self) -> list[tuple[str, str, tuple[int, ...]]]:
        """The calls that took effect: Assign or Unassign, the gateway, and the last octets of the addresses."""
        return [
            (
                call.action.removesuffix("PrivateNatGatewayAddress"),
                call.parameters["NatGatewayId"],
                tuple(int(address.rpartition(".")[2]) for address in call.parameters["PrivateIpAddresses"]),
            )
            for call in self.aws.calls()
            if call.action.endswith("PrivateNatGatewayAddress") and not call.dry_run and call.outcome == "ok"
        ]

    def state(self) -> dict[str, Any]:
        return self.world.terraform.state()


@pytest.fixture
def moving(world: World) -> Moving:
    """A set of two on the first gateway, which was adopted, and an empty second gateway in the same subnet."""
    subnet = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["SubnetId"]
    world.aws.seed(nat_gateway_id=OTHER, primary="10.0.0.11", subnet_id=subnet)
    moving = Moving(world)
    moving.assign(GATEWAY, "10.0.0.21", "10.0.0.22")
    moving.declare(GATEWAY, 21, 22)
    world.terraform.apply()
    return moving


def test_an_unknown_id_that_turns_out_the_same_calls_nothing_though_the_last_change_drained(moving: Moving) -> None:
    moving.declare(GATEWAY, 21)
    moving.world.terraform.apply()
    moving.aws.clear_calls()
    moving.declare(GATEWAY, 21, unrelated="b")
    plan = moving.world.terraform.plan().text
    assert "must be replaced" not in plan
    assert f"{GATEWAY}: the gateway is known only after apply" in plan
    assert "If it is the same gateway, apply calls nothing, and nothing drains. If it is another one" in plan
    assert f"drain 10.0.0.21 on {GATEWAY} for up to 20 s" in plan
    moving.apply()
    assert moving.calls == []


def test_a_lookup_that_waits_for_something_unrelated_drains_nothing(moving: Moving) -> None:
    """A tag of the subnet, or a module with depends_on (hashicorp/terraform#26383)."""
    for tag in ("a", "b"):
        moving.world.declare(
            'secondary_private_ip_addresses = ["10.0.0.21", "10.0.0.22"]\n  max_drain_duration_seconds = 20',
            gateway="data.natgw_nat_gateway.it.id",
            extra=f"""
resource "terraform_data" "unrelated" {{ input = "{tag}" }}
data "natgw_nat_gateway" "it" {{
  id         = "{GATEWAY}"
  depends_on = [terraform_data.unrelated]
}}
""",
        )
        moving.apply()
    assert moving.calls == []


def test_an_address_that_came_after_the_plan_stays_when_the_id_turns_out_the_same(moving: Moving) -> None:
    moving.declare(GATEWAY, 21, 22, unrelated="b")
    moving.world.terraform.plan("-out=tfplan")
    moving.assign(GATEWAY, "10.0.0.99")
    moving.world.terraform.ok("apply", "-input=false", "tfplan")
    assert moving.calls == []
    assert "10.0.0.99" in moving.addresses(GATEWAY)


def test_an_unknown_id_that_turns_out_the_same_does_what_the_plan_named(moving: Moving) -> None:
    moving.declare(GATEWAY, 21, 23, unrelated="b")
    said = "apply does this: assign 10.0.0.23, then drain 10.0.0.22 for up to 20 s"
    assert said in moving.world.terraform.plan().text
    moving.apply()
    assert moving.calls == [("Assign", GATEWAY, (23,)), ("Unassign", GATEWAY, (22,))]


def test_an_unknown_id_that_turns_out_another_one_moves_in_one_apply(moving: Moving) -> None:
    moving.declare(OTHER, 22, 31)
    moving.apply()
    assert moving.calls == [
        ("Unassign", GATEWAY, (21, 22)),
        ("Assign", OTHER, (22, 31)),
    ]
    assert moving.state()["id"] == OTHER


def test_a_known_move_is_planned_in_place_with_both_halves_in_words(moving: Moving) -> None:
    moving.declare_known(OTHER, 31)
    change = moving.world.terraform.show_plan()
    assert change["actions"] == ["update"]
    assert change["after"]["last_change"]["summary"] == (
        f"move from {GATEWAY} to {OTHER}: drain 10.0.0.21, 10.0.0.22 on {GATEWAY} for up to 20 s, then "
        f"assign 10.0.0.31 on {OTHER}"
    )
    assert f"{GATEWAY} drains 2 addresses" in moving.world.terraform.plan().text
    moving.apply()
    assert moving.calls == [("Unassign", GATEWAY, (21, 22)), ("Assign", OTHER, (31,))]
    assert moving.state()["last_change"]["in_service"].endswith(" 2 after")


def test_retained_addresses_stay_on_the_old_gateway(moving: Moving) -> None:
    moving.declare_known(OTHER, 31, body='on_destroy = "retain"')
    moving.apply()
    assert moving.calls == [("Assign", OTHER, (31,))]


def test_a_retained_address_that_is_declared_in_the_same_subnet_is_an_error_at_plan(moving: Moving) -> None:
    moving.declare_known(OTHER, 22, body='on_destroy = "retain"')
    assert "Retained addresses cannot move" in moving.world.terraform.fail_plan().text


def test_a_move_that_need_not_wait_waits_for_the_addresses_that_it_assigns_again(moving: Moving) -> None:
    moving.declare_known(OTHER, 22, body="wait_for_drain = false")
    moving.apply()
    assert moving.addresses(GATEWAY) == set()
    moving.aws.clear_calls()
    moving.declare_known(GATEWAY, 23, body="wait_for_drain = false", drain=4000)
    moving.apply()
    assert moving.addresses(OTHER) == {"10.0.0.22"}


@pytest.mark.parametrize("is_known", [True, False])
def test_undeclared_addresses_on_the_new_gateway_are_an_error_before_anything_is_called(
    moving: Moving, *, is_known: bool
) -> None:
    moving.assign(OTHER, "10.0.0.99")
    (moving.declare_known if is_known else moving.declare)(OTHER, 31)
    assert f"{OTHER} has 10.0.0.99, which the declaration does not name" in moving.fail()
    assert moving.calls == []
    assert moving.state()["id"] == GATEWAY


def test_a_gateway_that_is_gone_by_then_needs_one_apply(moving: Moving) -> None:
    moving.declare(OTHER, 22)
    moving.world.terraform.plan("-out=tfplan")
    moving.aws.end_gateway(GATEWAY)
    moving.world.terraform.ok("apply", "-input=false", "tfplan")
    assert moving.calls == [("Assign", OTHER, (22,))]
    moving.world.terraform.assert_empty_plan()


def test_what_the_new_gateway_forbids_is_found_before_the_old_one_drains(moving: Moving) -> None:
    moving.aws.add_fault("denial", actions="AssignPrivateNatGatewayAddress")
    moving.declare(OTHER, 31)
    text = moving.fail()
    assert "ec2:AssignPrivateNatGatewayAddress" in text
    assert f"Nothing was released on {GATEWAY} either" in text
    assert moving.calls == []
    assert moving.state()["id"] == GATEWAY


def test_a_refusal_between_the_halves_leaves_the_state_on_the_new_gateway(moving: Moving) -> None:
    moving.aws.add_fault(
        "error", actions="AssignPrivateNatGatewayAddress", dry_run=False, code="InvalidParameter", status=400, times=2
    )
    moving.declare(OTHER, 22)
    assert f"The move from {GATEWAY} is half done" in moving.fail()
    assert (moving.state()["id"], moving.state()["secondary_private_ip_addresses"]) == (OTHER, [])
    moving.apply()
    assert moving.calls == [
        ("Unassign", GATEWAY, (21, 22)),
        ("Assign", OTHER, (22,)),
    ]


def test_an_interrupt_while_the_old_gateway_drains_leaves_the_state_there(moving: Moving) -> None:
    moving.declare(OTHER, 22, drain=4000)
    moving.world.terraform.break_off(lambda: bool(moving.calls), interrupt)
    state = moving.state()
    assert (state["id"], state["secondary_private_ip_addresses"]) == (GATEWAY, [])
    assert state["draining_private_ip_addresses"] == ["10.0.0.21", "10.0.0.22"]
    moving.aws.clock.advance(4000)
    moving.apply()
    assert moving.calls[1:] == [("Assign", OTHER, (22,))]


def test_a_kill_between_the_halves_loses_nothing(moving: Moving) -> None:
    moving.declare(OTHER, 22)
    moving.aws.add_fault("latency", actions="AssignPrivateNatGatewayAddress", dry_run=False, seconds=400)
    moving.world.terraform.break_off(lambda: not moving.addresses(GATEWAY), subprocess.Popen.kill)
    moving.aws.clear_faults()
    moving.aws.clock.advance(400)
    moving.world.terraform.apply()
    assert moving.addresses(OTHER) == {"10.0.0.22"}
    assert [call for call in moving.calls if call[0] == "Unassign"] == [("Unassign", GATEWAY, (21, 22))]
    moving.world.terraform.assert_empty_plan()


def test_a_shifted_count_is_refused_at_plan_and_names_the_way_out(world: World) -> None:
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24")
    shape = """
locals {{ gateways = {gateways} }}
resource "natgw_secondary_private_ips" "each" {{
  count                              = length(local.gateways)
  nat_gateway_id                     = local.gateways[count.index]
  secondary_private_ip_address_count = 1
}}
"""
    world.terraform.write(world.provider_block() + shape.format(gateways=f'["{GATEWAY}", "{OTHER}"]'))
    world.terraform.apply()
    world.aws.clear_calls()
    world.terraform.write(world.provider_block() + shape.format(gateways=f'["{OTHER}"]'))
    text = world.terraform.fail_apply().text
    assert "or the list behind a `count` shifted, add `moved` blocks" in text
    assert world.mutations() == []
