"""The review of plans that real Terraform makes now: the files in `plans/` are still true, and digests hold or fall."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from natgw_provider.core.address_kinds import KINDS
from natgw_provider.core.change_plan import Order
from natgw_provider.review.as_json import render_json
from natgw_provider.review.plan_document import InputError, parse_plan
from natgw_provider.review.review import Review, review_plans
from natgw_provider.simulator.clock import ScaledClock
from natgw_provider.simulator.simulator import Simulator
from review.plan_maker import CASES, gateway_id, plan, world
from review.plans_and_reviews import plain_plan, plan_of, review_of
from support.terraform import Terraform
from support.world import GATEWAY, start_world
from support.world import World as GatewayWorld

pytestmark = pytest.mark.terraform

World = tuple[Terraform, str, Simulator]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("review")) as (terraform, block, aws):
        version = json.loads(terraform.ok("version", "-json").output)["terraform_version"]
        if version.startswith("1.6."):
            pytest.skip("the configuration has a `removed` block, which came with Terraform 1.7")
        yield terraform, block, aws


def review_now(made: World, case: str) -> Review:
    """Plan a case with Terraform, whichever version it is, and review it."""
    terraform, block, _ = made
    plain = json.loads(plan(terraform, block + CASES[case]))
    plain["terraform_version"] = plain_plan(case)["terraform_version"]
    return review_plans([plan_of(plain, case)])


def test_the_plans_beside_this_file_are_what_is_made_today_and_a_digest_falls_when_the_gateway_changes(
    made: World,
) -> None:
    """When this fails, the provider's plans have changed: run `python tests/review/plan_maker.py`, and review it."""
    for case in ("gateway-unknown", "managed-twice"):
        assert render_json(review_now(made, case)) == render_json(review_of(case))
    reviewed = review_now(made, "kinds")
    assert render_json(reviewed) == render_json(review_of("kinds"))
    client = made[2].client()
    client.assign_private_nat_gateway_address(NatGatewayId=gateway_id(1), PrivateIpAddresses=["10.0.1.78"])
    made[2].clock.advance(5)
    assert review_now(made, "kinds").digest != reviewed.digest


@pytest.fixture(params=KINDS, ids=lambda kind: kind.connectivity)
def gateway(request: pytest.FixtureRequest, made: World, tmp_path: Path) -> Iterator[GatewayWorld]:
    """A gateway of either kind that may have four addresses."""
    with Simulator(clock=ScaledClock(1000)) as aws:
        yield start_world(aws, made[0].mirror, tmp_path, request.param, quota=4)


def reviewed(gateway: GatewayWorld, *options: str) -> Review:
    """Plan what is declared, and review it."""
    gateway.terraform.plan("-out=tfplan", *options)
    return review_plans([parse_plan(gateway.terraform.ok("show", "-json", "tfplan").output, "")])


def test_a_set_of_either_kind_is_reviewed_as_terraform_plans_it(gateway: GatewayWorld) -> None:
    one, two, three, four = map(gateway.key, (21, 22, 23, 24))
    gateway.declare_set(one, two, three)
    gateway.terraform.apply()
    gateway.declare_set(two, three, four)
    (row,) = reviewed(gateway).changes
    assert (row.unassign, row.assign, row.kept) == ((one,), (four,), (two, three))
    assert (row.order, row.in_service_before, row.in_service_low) == (Order.UNASSIGN_FIRST, 4, 3)
    (row,) = reviewed(gateway, "-destroy").changes
    assert (row.unassign, row.in_service_low, row.window_seconds) == ((one, two, three), 1, 60)
    hcl = (gateway.terraform.folder / "main.tf").read_text(encoding="utf-8")
    unknown = 'provider "natgw" {\n  max_retries = length(timestamp())'
    gateway.terraform.write(hcl.replace('provider "natgw" {', unknown))
    (row,) = reviewed(gateway).changes
    assert (row.unassign, row.assign) == ((one,), (four,)), "also while the provider block is unknown"
    assert (row.order, row.in_service_low) == (None, None), "which the quota decides"


def test_single_addresses_of_either_kind_are_reviewed_as_terraform_plans_them(gateway: GatewayWorld) -> None:
    one, two, three = map(gateway.key, (21, 22, 23))

    def declare(*keys: str, drain: int = 60) -> None:
        kind, listed = gateway.kind, ", ".join(f'"{key}"' for key in keys)
        gateway.terraform.write(
            f"""{gateway.provider_block()}
resource "{kind.single_type}" "each" {{
  for_each                   = toset([{listed}])
  nat_gateway_id             = "{GATEWAY}"
  {kind.single_argument} = each.key
  max_drain_duration_seconds = {drain}
}}
"""
        )

    declare(one, two)
    (row,) = reviewed(gateway).changes
    assert (row.assign, row.order, len(row.more_resource_addresses)) == ((one, two), Order.ASSIGN_ONLY, 1)
    gateway.terraform.apply()
    declare(two, three)
    (row,) = reviewed(gateway).changes
    assert (row.unassign, row.assign, row.kept) == ((one,), (three,), (two,))
    assert (row.order, row.window_seconds, row.in_service_low) == (None, 60, None)
    declare(one, two, drain=70)
    (row,) = reviewed(gateway).changes
    assert (row.order, row.kept, row.timeout_seconds) == (Order.NONE, (one, two), 0)
    (row,) = reviewed(gateway, "-destroy").changes
    assert (row.unassign, row.order) == ((one, two), Order.UNASSIGN_ONLY)


def test_a_plan_of_nothing_at_all_is_a_plan_and_what_show_prints_without_its_name_is_none(
    made: World, tmp_path: Path
) -> None:
    empty = replace(made[0], folder=tmp_path)
    empty.write("terraform {}\n")
    empty.plan("-out=tfplan")
    assert parse_plan(empty.ok("show", "-json", "tfplan").output, "").changes == ()
    with pytest.raises(InputError, match="only format_version"):
        parse_plan(empty.ok("show", "-json").output, "")
