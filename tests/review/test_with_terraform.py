"""The review of plans that real Terraform makes now: the files in `plans/` are still true, and digests hold or fall."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from natgw_provider.core.change_plan import Order
from natgw_provider.review.as_json import render_json
from natgw_provider.review.plan_document import parse_plan
from natgw_provider.review.reading import InputError
from natgw_provider.review.review import Review, review_plans
from natgw_provider.simulator.simulator import Simulator
from review.plan_maker import CASES, gateway_id, plan, world
from review.plans_and_reviews import plain_plan, plan_of, review_of
from support.terraform import Terraform

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
    """When this fails, the provider's plans have changed: run `python tests/review/plan_maker.py`, and look at it."""
    for case in ("gateway-unknown", "managed-twice"):
        assert render_json(review_now(made, case)) == render_json(review_of(case))
    reviewed = review_now(made, "kinds")
    assert render_json(reviewed) == render_json(review_of("kinds"))
    client = made[2].client()
    client.assign_private_nat_gateway_address(NatGatewayId=gateway_id(1), PrivateIpAddresses=["10.0.1.78"])
    made[2].clock.advance(5)
    assert review_now(made, "kinds").digest != reviewed.digest


def test_a_set_of_elastic_ips_is_reviewed_as_terraform_plans_it(made: World, tmp_path: Path) -> None:
    terraform, block, aws = made
    ids = [f"eipalloc-000000000000000{digit}" for digit in ["a1", "a2", "a3"]]
    seeded = aws.seed(cidr="10.99.0.0/24", connectivity="public", secondaries=["10.99.0.21"], allocation_ids=ids)
    primary, old, new = ids
    declared = (
        'resource "natgw_secondary_elastic_ips" "this" {{\n  nat_gateway_id = "{}"\n  allocation_ids = ["{}"]\n}}\n'
    )
    stack = replace(terraform, folder=tmp_path)
    stack.write(block + declared.format(seeded.nat_gateway_id, old))
    stack.init()
    stack.apply()
    review = review_plans([plan_of(json.loads(plan(stack, block + declared.format(seeded.nat_gateway_id, new))))])
    (row,) = review.changes
    assert (row.primary, row.unassign, row.assign, row.kept) == (primary, (old,), (new,), ())
    assert (row.order, row.in_service_low, row.window_seconds) == (Order.UNASSIGN_FIRST, 1, 350)
    (row,) = review_plans(
        [plan_of(json.loads(plan(stack, block + declared.format(seeded.nat_gateway_id, old), "-destroy")))]
    ).changes
    assert (row.unassign, row.summary) == ((old,), f"drain {old} for up to 350 s (5 min 50 s)")


@pytest.mark.parametrize(
    "command",
    [
        ("show", "-json"),
        ("state", "pull"),
        ("validate", "-json"),
        ("providers", "schema", "-json"),
        ("version", "-json"),
    ],
)
def test_what_other_commands_of_terraform_print_is_no_plan(made: World, command: tuple[str, ...]) -> None:
    with pytest.raises(InputError, match="is no plan: it holds neither planned_values nor resource_changes"):
        parse_plan(made[0].ok(*command).output, "")


def test_a_plan_of_nothing_at_all_is_a_plan_and_what_show_prints_without_its_name_is_none(
    made: World, tmp_path: Path
) -> None:
    empty = replace(made[0], folder=tmp_path)
    empty.write("terraform {}\n")
    empty.plan("-out=tfplan")
    assert parse_plan(empty.ok("show", "-json", "tfplan").output, "").changes == ()
    with pytest.raises(InputError, match="only format_version"):
        parse_plan(empty.ok("show", "-json").output, "")
