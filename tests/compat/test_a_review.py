"""What `natgw review` makes of a plan does not depend on the Terraform that wrote it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from compat.releases import Release
from natgw_provider.review.as_json import render_json
from natgw_provider.review.plan_document import parse_events
from natgw_provider.review.review import review_plans
from review import plan_maker
from review.plans_and_reviews import plain_plan, plan_of, review_of
from support.world import World

pytestmark = pytest.mark.terraform

REMOVED_BLOCKS = (1, 7)
"""The Terraform that brought the blocks which the largest case has one of."""


def test_a_plan_has_the_same_review_and_digest(release: Release, tmp_path: Path) -> None:
    case = "kinds" if release.minor >= REMOVED_BLOCKS else "gateway-replaced"
    with plan_maker.world(tmp_path) as (terraform, block, _):
        plan = json.loads(plan_maker.plan(terraform, block + plan_maker.CASES[case]))
    assert plan["terraform_version"] == release.terraform
    plan["terraform_version"] = plain_plan(case)["terraform_version"]
    review = review_plans([plan_of(plan, case)])
    assert render_json(review) == render_json(review_of(case))


def test_the_events_of_a_refused_plan_name_the_error_and_its_resource(world: World) -> None:
    world.declare_set("192.168.0.21")
    refused = world.terraform.run("plan", "-json", "-input=false")
    assert refused.exit_code == 1
    (told,) = parse_events(refused.output, "events")
    assert told.is_error
    assert "192.168.0.21" in told.cause
    assert told.resource_address == "natgw_secondary_private_ips.this"
