"""Another gateway for the same resource, with real Terraform: known at plan, or found out at apply."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from natgw_provider.simulator.simulator import Simulator
from support.terraform import Result, interrupt
from support.waiting import wait_for
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

    def declare(self, gateway: str, *addresses: str, body: str = "", unrelated: str = "a", drain: int = 20) -> None:
        """Declare a set on a gateway whose id is unknown at plan whenever it, or something unrelated, changes."""
        listed = ", ".join(f'"{address}"' for address in addresses)
        self.world.declare(
            f"secondary_private_ip_addresses = [{listed}]\n  max_drain_duration_seconds = {drain}\n  {body}",
            gateway="terraform_data.gateway.output.id",
            extra=f'resource "terraform_data" "gateway" {{ input = {{ id = "{gateway}", tag = "{unrelated}" }} }}',
        )

    def apply(self) -> Result:
        """Apply, and plan nothing after that."""
        result = self.world.terraform.apply()
        for words in NEVER_SAID:
            assert words not in result.text
        self.world.terraform.assert_empty_plan()
        return result

    def fail(self) -> str:
        text = self.world.terraform.fail_apply().text
        for words in NEVER_SAID:
            assert words not in text
        return text

    def addresses(self, gateway: str) -> set[str]:
        answer = self.world.ec2.describe_nat_gateways(NatGatewayIds=[gateway])["NatGateways"][0]
        return {a["PrivateIp"] for a in answer["NatGatewayAddresses"] if not a["IsPrimary"]}

    def assign(self, gateway: str, *addresses: str) -> None:
        """Somebody else assigns."""
        self.world.ec2.assign_private_nat_gateway_address(NatGatewayId=gateway, PrivateIpAddresses=list(addresses))
        self.aws.clear_calls()

    @property
    def calls(self) -> list[tuple[str, str, tuple[str, ...]]]:
        return [
            (call.action.removesuffix("PrivateNatGatewayAddress"), call.parameters["NatGatewayId"], addresses)
            for call in self.aws.calls()
            if call.action.endswith("PrivateNatGatewayAddress") and not call.dry_run and call.outcome == "ok"
            for addresses in [tuple(call.parameters["PrivateIpAddresses"])]
        ]

    def state(self) -> dict[str, object]:
        state = self.world.terraform.state()
        assert state is not None
        return state


@pytest.fixture
def moving(world: World) -> Moving:
    """A set of two on the first gateway, which was adopted, and an empty second gateway in the same subnet."""
    subnet = world.ec2.describe_nat_gateways(NatGatewayIds=[GATEWAY])["NatGateways"][0]["SubnetId"]
    world.aws.seed(nat_gateway_id=OTHER, primary="10.0.0.11", subnet_id=subnet)
    moving = Moving(world)
    moving.assign(GATEWAY, "10.0.0.21", "10.0.0.22")
    moving.declare(GATEWAY, "10.0.0.21", "10.0.0.22")
    world.terraform.apply()
    return moving


def test_an_unknown_id_that_turns_out_the_same_calls_nothing_though_the_last_change_drained(moving: Moving) -> None:
    moving.declare(GATEWAY, "10.0.0.21")
    moving.world.terraform.apply()
    moving.aws.clear_calls()
    moving.declare(GATEWAY, "10.0.0.21", unrelated="b")
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
    moving.declare(GATEWAY, "10.0.0.21", "10.0.0.22", unrelated="b")
    moving.world.terraform.plan("-out=tfplan")
    moving.assign(GATEWAY, "10.0.0.99")
    moving.world.terraform.ok("apply", "-input=false", "tfplan")
    assert moving.calls == []
    assert "10.0.0.99" in moving.addresses(GATEWAY)


def test_an_unknown_id_that_turns_out_the_same_does_what_the_plan_named(moving: Moving) -> None:
    moving.declare(GATEWAY, "10.0.0.21", "10.0.0.23", unrelated="b")
    said = "apply does this: assign 10.0.0.23, then drain 10.0.0.22 for up to 20 s"
    assert said in moving.world.terraform.plan().text
    moving.apply()
    assert moving.calls == [("Assign", GATEWAY, ("10.0.0.23",)), ("Unassign", GATEWAY, ("10.0.0.22",))]


def test_an_unknown_id_that_turns_out_another_one_moves_in_one_apply(moving: Moving) -> None:
    moving.declare(OTHER, "10.0.0.22", "10.0.0.31")
    moving.apply()
    assert moving.calls == [
        ("Unassign", GATEWAY, ("10.0.0.21", "10.0.0.22")),
        ("Assign", OTHER, ("10.0.0.22", "10.0.0.31")),
    ]
    assert moving.state()["id"] == OTHER


def known(moving: Moving, gateway: str, *addresses: str, body: str = "", drain: int = 20) -> None:
    listed = ", ".join(f'"{address}"' for address in addresses)
    moving.world.declare(
        f"secondary_private_ip_addresses = [{listed}]\n  max_drain_duration_seconds = {drain}\n  {body}",
        gateway=f'"{gateway}"',
    )


def test_a_known_move_is_planned_in_place_with_both_halves_in_words(moving: Moving) -> None:
    known(moving, OTHER, "10.0.0.31")
    change = moving.world.terraform.show_plan()
    assert change["actions"] == ["update"]
    assert change["after"]["last_change"]["summary"] == (
        f"move from {GATEWAY} to {OTHER}: drain 10.0.0.21, 10.0.0.22 on {GATEWAY} for up to 20 s, then "
        f"assign 10.0.0.31 on {OTHER}"
    )
    assert f"{GATEWAY} drains 2 addresses" in moving.world.terraform.plan().text
    moving.apply()
    assert moving.calls == [("Unassign", GATEWAY, ("10.0.0.21", "10.0.0.22")), ("Assign", OTHER, ("10.0.0.31",))]
    assert moving.state()["last_change"]["in_service"].endswith(" 2 after")  # type: ignore[index]


def test_retained_addresses_stay_on_the_old_gateway(moving: Moving) -> None:
    known(moving, OTHER, "10.0.0.31", body='on_destroy = "retain"')
    moving.apply()
    assert moving.calls == [("Assign", OTHER, ("10.0.0.31",))]


def test_a_retained_address_that_is_declared_in_the_same_subnet_is_an_error_at_plan(moving: Moving) -> None:
    known(moving, OTHER, "10.0.0.22", body='on_destroy = "retain"')
    assert "Retained addresses cannot move" in moving.world.terraform.fail_plan().text


def test_a_move_that_need_not_wait_waits_for_the_addresses_that_it_assigns_again(moving: Moving) -> None:
    known(moving, OTHER, "10.0.0.22", body="wait_for_drain = false")
    moving.apply()
    assert moving.addresses(GATEWAY) == set()
    moving.aws.clear_calls()
    known(moving, GATEWAY, "10.0.0.23", body="wait_for_drain = false", drain=4000)
    moving.apply()
    assert moving.addresses(OTHER) == {"10.0.0.22"}


@pytest.mark.parametrize("is_known", [True, False])
def test_undeclared_addresses_on_the_new_gateway_are_an_error_before_anything_is_called(
    moving: Moving, *, is_known: bool
) -> None:
    moving.assign(OTHER, "10.0.0.99")
    (known if is_known else Moving.declare)(moving, OTHER, "10.0.0.31")
    assert f"{OTHER} has 10.0.0.99, which the declaration does not name" in moving.fail()
    assert moving.calls == []
    assert moving.state()["id"] == GATEWAY


def test_a_gateway_that_is_gone_by_then_needs_one_apply(moving: Moving) -> None:
    moving.declare(OTHER, "10.0.0.22")
    moving.world.terraform.plan("-out=tfplan")
    moving.aws.end_gateway(GATEWAY)
    moving.world.terraform.ok("apply", "-input=false", "tfplan")
    assert moving.calls == [("Assign", OTHER, ("10.0.0.22",))]
    moving.world.terraform.assert_empty_plan()


def test_what_the_new_gateway_forbids_is_found_before_the_old_one_drains(moving: Moving) -> None:
    moving.aws.add_fault("denial", actions="AssignPrivateNatGatewayAddress")
    moving.declare(OTHER, "10.0.0.31")
    text = moving.fail()
    assert "ec2:AssignPrivateNatGatewayAddress" in text
    assert f"Nothing was released on {GATEWAY} either" in text
    assert moving.calls == []
    assert moving.state()["id"] == GATEWAY


def test_a_refusal_between_the_halves_leaves_the_state_on_the_new_gateway(moving: Moving) -> None:
    moving.aws.add_fault(
        "error", actions="AssignPrivateNatGatewayAddress", dry_run=False, code="InvalidParameter", status=400, times=2
    )
    moving.declare(OTHER, "10.0.0.22")
    assert f"The move from {GATEWAY} is half done" in moving.fail()
    assert (moving.state()["id"], moving.state()["secondary_private_ip_addresses"]) == (OTHER, [])
    moving.apply()
    assert moving.calls == [
        ("Unassign", GATEWAY, ("10.0.0.21", "10.0.0.22")),
        ("Assign", OTHER, ("10.0.0.22",)),
    ]


def test_an_interrupt_while_the_old_gateway_drains_leaves_the_state_there(moving: Moving) -> None:
    moving.declare(OTHER, "10.0.0.22", drain=4000)
    process = moving.world.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
    wait_for(lambda: bool(moving.calls), "a drain")
    interrupt(process)
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 1, output
    state = moving.state()
    assert (state["id"], state["secondary_private_ip_addresses"]) == (GATEWAY, [])
    assert state["draining_private_ip_addresses"] == ["10.0.0.21", "10.0.0.22"]
    moving.aws.clock.advance(4000)
    moving.apply()
    assert moving.calls[1:] == [("Assign", OTHER, ("10.0.0.22",))]


def test_a_kill_between_the_halves_loses_nothing(moving: Moving) -> None:
    moving.declare(OTHER, "10.0.0.22")
    moving.aws.add_fault("latency", actions="AssignPrivateNatGatewayAddress", dry_run=False, seconds=400)
    process = moving.world.terraform.start("apply", "-auto-approve", "-input=false", "-no-color", "-lock=false")
    wait_for(lambda: not moving.addresses(GATEWAY), "the release")
    process.kill()
    process.communicate(timeout=30)
    moving.aws.clear_faults()
    moving.aws.clock.advance(400)
    moving.world.terraform.apply("-lock=false")
    assert moving.addresses(OTHER) == {"10.0.0.22"}
    assert [call for call in moving.calls if call[0] == "Unassign"] == [
        ("Unassign", GATEWAY, ("10.0.0.21", "10.0.0.22"))
    ]
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
