"""A resource that moves to another gateway, or may move because the gateway's id is known only at apply."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.review.gateway_change import Action, Condition, GatewayChange
from natgw_provider.review.judging import Limits
from natgw_provider.review.markdown import render_markdown
from natgw_provider.review.review import Review, Verdict, review_plans
from review.plans_and_reviews import (
    change_of,
    finding_ids,
    gateway_id,
    only,
    plain_plan,
    plan_of,
    review_plain,
    rows_of,
)

OLD, NEW = gateway_id(8), gateway_id(15)
HELD = ("10.0.8.21", "10.0.8.22")


def halves(review: Review) -> tuple[GatewayChange, GatewayChange]:
    """Return what is released and what is taken of the moving resource, `shrunk`."""
    left, taken = (row for row in rows_of(review, "shrunk") if row.move)
    return left, taken


def of_shrunk(name: str, *others: str, without: tuple[str, ...] = (), **after: object) -> dict[str, Any]:
    """Return one of the plans with nothing but `shrunk` and `others`; `after` and `without` change what is planned."""
    plain = only(plain_plan(name), "shrunk", *others)
    planned = change_of(plain, "shrunk")["change"]["after"]
    planned |= after
    for attribute in without:
        del planned[attribute]
    return plain


def test_a_move_is_one_update_with_one_timeout_and_no_conflict() -> None:
    review = review_plain(of_shrunk("move"))
    assert [(row.action, row.is_replacement) for row in halves(review)] == [(Action.UPDATE, False)] * 2
    assert (review.totals.apply_seconds, review.totals.drain_wait_seconds) == (950, 350)
    assert review.verdict is Verdict.DRAINS, "nobody else manages the gateway that is left"


def test_a_move_of_a_count_says_how_many_are_assigned() -> None:
    plain = of_shrunk("move", without=("secondary_private_ip_addresses",), secondary_private_ip_address_count=3)
    _, taken = halves(review_plain(plain))
    assert (taken.assign, taken.assign_count, taken.is_decided) == (None, 3, True)


def test_a_retained_set_stays_on_the_old_gateway() -> None:
    review = review_plain(of_shrunk("move", on_destroy="retain"))
    left, _ = halves(review)
    assert (left.unassign, left.kept) == ((), HELD)
    assert review.verdict is Verdict.NO_DRAIN
    assert "addresses-stay" in finding_ids(review)


def test_a_move_waits_for_the_drain_only_if_declared_so_or_if_an_address_moves_along() -> None:
    along, apart = (
        halves(review_plain(of_shrunk("move", wait_for_drain=False, secondary_private_ip_addresses=wanted)))[0]
        for wanted in (["10.0.8.21"], ["10.0.15.31"])
    )
    assert (along.waits_for_drain, apart.waits_for_drain) == (True, False)


@pytest.mark.parametrize(
    ("limits", "finding"),
    [
        ({"max_window_seconds": 349}, "limit-window"),
        ({"min_in_service": 2}, "limit-in-service"),
        ({"max_drained_percent": 66}, "limit-drained"),
    ],
)
def test_a_limit_holds_for_a_move_and_cannot_be_checked_while_the_gateway_is_unknown(
    limits: Limits, finding: str
) -> None:
    exceeded = review_plain(of_shrunk("move"), limits)
    assert finding in finding_ids(exceeded)
    assert exceeded.verdict is Verdict.BLOCKED
    unknown = review_plain(of_shrunk("gateway-unknown"), limits)
    assert "limit-unknown" in finding_ids(unknown)
    assert unknown.verdict is Verdict.BLOCKED


def test_an_unknown_gateway_with_another_set_shows_the_change_of_either_gateway() -> None:
    review = review_plain(of_shrunk("gateway-unknown", secondary_private_ip_addresses=["10.0.8.21", "10.0.8.31"]))
    same, left, taken = rows_of(review, "shrunk")
    assert (same.condition, same.unassign, same.assign) == (Condition.SAME_GATEWAY, ("10.0.8.22",), ("10.0.8.31",))
    assert (left.condition, left.unassign) == (Condition.OTHER_GATEWAY, HELD)
    assert (taken.nat_gateway_id, taken.assign) == (None, ("10.0.8.21", "10.0.8.31"))
    (found,) = (one for one in review.findings if one.kind.id == "gateway-unknown")
    assert "If it is the same gateway, apply does this: assign 10.0.8.31, then drain 10.0.8.22" in found.cause


def test_an_unknown_gateway_with_an_unknown_set_unassigns_nothing_where_it_is_the_same() -> None:
    plain = of_shrunk(
        "gateway-unknown", without=("secondary_private_ip_addresses", "secondary_private_ip_address_count")
    )
    review = review_plain(plain)
    same, left, taken = rows_of(review, "shrunk")
    assert (same.is_decided, same.unassign, taken.is_decided) == (False, (), False)
    assert left.unassign == HELD
    assert "nothing is unassigned" in next(one.cause for one in review.findings if one.kind.id == "gateway-unknown")


@pytest.mark.parametrize(
    ("count", "unassigned", "assigned", "says"),
    [
        (1, ("10.0.8.22",), 0, "apply does this: drain 10.0.8.22 for up to 350 s"),
        (2, None, None, "no address is assigned or unassigned"),
        (3, (), 1, "apply does this: assign 1 that AWS picks"),
    ],
)
def test_an_unknown_gateway_with_a_count_shows_what_the_count_changes_where_it_is_the_same(
    count: int, unassigned: tuple[str, ...] | None, assigned: int | None, says: str
) -> None:
    plain = of_shrunk(
        "gateway-unknown", without=("secondary_private_ip_addresses",), secondary_private_ip_address_count=count
    )
    review = review_plain(plain)
    same = [row for row in rows_of(review, "shrunk") if row.condition is Condition.SAME_GATEWAY]
    assert [(row.unassign, row.assign_count) for row in same] == (
        [] if unassigned is None else [(unassigned, assigned)]
    )
    assert says in next(one.cause for one in review.findings if one.kind.id == "gateway-unknown")


def test_a_move_with_a_drain_time_that_is_not_known_names_none() -> None:
    review = review_plain(of_shrunk("move", without=("max_drain_duration_seconds",)))
    left, _ = halves(review)
    assert (left.unassign, left.window_seconds, left.timeout_seconds) == (HELD, None, None)
    assert "350" not in render_markdown(review)


def test_a_gateway_whose_replacement_is_created_first_is_left_with_a_drain() -> None:
    plain = plain_plan("gateway-replaced")
    gateway = next(one for one in plain["resource_changes"] if one["address"] == "aws_nat_gateway.prod")
    gateway["change"]["actions"].reverse()
    left, _ = rows_of(review_plain(plain), "replaced")
    assert (left.gateway_fate, left.unassign) == ("replaced", ("10.0.13.21", "10.0.13.22"))


@pytest.mark.parametrize("stacks", [1, 2])
def test_a_gateway_reached_by_a_move_is_managed_twice_if_another_resource_holds_it(stacks: int) -> None:
    """Also through two aliases of the provider, which a plan of either cannot see."""
    if stacks == 1:
        plans = [plan_of(of_shrunk("move", "grown", nat_gateway_id=gateway_id(7)))]
    else:
        moving = plan_of(of_shrunk("move", nat_gateway_id=gateway_id(7)), "a")
        plans = [moving, plan_of(only(plain_plan("unchanged"), "grown"), "b")]
    review = review_plans(plans)
    assert review.verdict is Verdict.BLOCKED
    (found,) = (one for one in review.findings if one.kind.id == "managed-twice")
    assert found.nat_gateway_id == gateway_id(7)


def test_two_resources_that_swap_their_gateways_are_managed_twice() -> None:
    plain = of_shrunk("move", "grown", nat_gateway_id=gateway_id(7))
    grown = change_of(plain, "grown")["change"]
    grown |= {"actions": ["update"], "after": {**grown["after"], "nat_gateway_id": OLD}}
    found = [one for one in review_plain(plain).findings if one.kind.id == "managed-twice"]
    assert {one.nat_gateway_id for one in found} == {gateway_id(7), OLD}
