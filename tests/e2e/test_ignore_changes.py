"""`ignore_changes` gives the provider the prior value as if it were configured: that works, or is one clear error."""

from __future__ import annotations

import pytest

from support.world import GATEWAY, World

pytestmark = pytest.mark.terraform

OTHER = "nat-0b1b2c3d4e5f67890"
SET, COUNT = "secondary_private_ip_addresses", "secondary_private_ip_address_count"


def ignoring(*names: str) -> str:
    return f"lifecycle {{\n    ignore_changes = [{', '.join(names)}]\n  }}"


@pytest.mark.parametrize(
    ("before", "after", "ignored"),
    [
        (f'{SET} = ["10.0.0.21", "10.0.0.22"]', f"{SET} = []", COUNT),
        (f"{COUNT} = 2", f"{COUNT} = 1", SET),
    ],
)
def test_an_argument_that_cannot_follow_is_one_error_that_says_what_to_remove(
    world: World, before: str, after: str, ignored: str
) -> None:
    world.declare(f"{before}\n  {ignoring(ignored)}")
    world.terraform.apply()
    world.terraform.assert_empty_plan()
    calls = world.mutations()
    world.declare(f"{after}\n  {ignoring(ignored)}")
    refused = world.terraform.fail_apply()
    assert refused.text.count("Error: ") == 1
    assert f"Remove {ignored} from ignore_changes" in refused.text
    assert f": {after}" in refused.text
    assert world.mutations() == calls


@pytest.mark.parametrize(
    ("before", "after", "ignored"),
    [
        (f'{SET} = ["10.0.0.21"]', f'{SET} = ["10.0.0.22"]', SET),
        (f"{COUNT} = 2", f'{SET} = ["10.0.0.22"]', "all"),
        (f'{SET} = ["10.0.0.21"]', f"{COUNT} = 1", f"{SET}, {COUNT}"),
    ],
)
def test_nothing_changes_where_all_that_differs_is_ignored(world: World, before: str, after: str, ignored: str) -> None:
    world.declare(before)
    world.terraform.apply()
    calls = world.mutations()
    world.declare(f"{after}\n  {ignoring(ignored)}".replace("[all]", "all"))
    world.terraform.assert_empty_plan()
    assert world.mutations() == calls


def test_addresses_may_be_exchanged_while_the_count_is_ignored(world: World) -> None:
    world.declare(f'{SET} = ["10.0.0.21"]\n  max_drain_duration_seconds = 20\n  {ignoring(COUNT)}')
    world.terraform.apply()
    world.declare(f'{SET} = ["10.0.0.22"]\n  max_drain_duration_seconds = 20\n  {ignoring(COUNT)}')
    world.terraform.apply()
    assert list(world.addresses()) == ["10.0.0.22"]
    world.terraform.assert_empty_plan()


def test_apply_does_what_the_plan_showed_and_not_what_is_ignored(world: World) -> None:
    world.aws.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24", primary="10.1.0.10")
    world.declare(f'{SET} = ["10.0.0.21"]\n  max_drain_duration_seconds = 20\n  timeouts = {{ update = "2h" }}')
    world.terraform.apply()
    world.declare(
        f'{SET} = ["10.0.0.22"]\n  max_drain_duration_seconds = 40\n'
        f"  {ignoring('nat_gateway_id', 'max_drain_duration_seconds', 'timeouts')}",
        gateway=f'"{OTHER}"',
    )
    world.terraform.apply()
    (unassigned,) = [
        call for call in world.aws.calls() if call.action == "UnassignPrivateNatGatewayAddress" and not call.dry_run
    ]
    assert unassigned.parameters["NatGatewayId"] == GATEWAY
    assert unassigned.parameters["MaxDrainDurationSeconds"] == 20
    assert list(world.addresses()) == ["10.0.0.22"]
    world.terraform.assert_empty_plan()
