"""Rows, verdict, findings, limits and totals, where a plan differs from those of the golden files."""

from __future__ import annotations

import re

import pytest

from natgw_provider.core.change_plan import Order
from natgw_provider.review.findings import Finding, Severity
from natgw_provider.review.judging import Limits
from natgw_provider.review.markdown import render_markdown
from natgw_provider.review.plan_document import InputError
from natgw_provider.review.review import Review, Verdict, review_plans
from natgw_provider.review.text import render_text
from review.plans_and_reviews import (
    NAMES,
    change_of,
    finding_ids,
    many,
    only,
    plain_plan,
    plan_of,
    reported,
    review_of,
    review_plain,
    row_of,
    rows_of,
)


@pytest.mark.parametrize("name", NAMES)
def test_what_blocks_comes_first_and_every_finding_says_what_to_do(name: str) -> None:
    findings = review_of(name).findings
    ranks = [list(Severity).index(finding.kind.severity) for finding in findings]
    assert ranks == sorted(ranks)
    assert all(finding.kind.fix for finding in findings)


def _swap(limits: Limits, **changes: object) -> Review:
    plain = only(plain_plan("swap"), "swap")
    change_of(plain, "swap")["change"]["after"]["last_change"] |= changes
    return review_plain(plain, limits)


def test_a_limit_that_is_just_met_does_not_block() -> None:
    limits = {"max_window_seconds": 350, "min_in_service": 3, "max_drained_percent": 60}
    assert _swap(limits).verdict is Verdict.DRAINS


@pytest.mark.parametrize(
    ("limits", "finding"),
    [({"min_in_service": 1}, "limit-in-service"), ({"max_drained_percent": 99}, "limit-drained")],
)
def test_a_gateway_that_goes_leaves_nothing_in_service(limits: Limits, finding: str) -> None:
    assert finding in finding_ids(review_plain(plain_plan("gateway-replaced"), limits))


def test_the_drained_share_is_rounded_up_so_that_a_limit_is_never_passed_unseen() -> None:
    assert _swap({"max_drained_percent": 42}, in_service_before=7).verdict is Verdict.BLOCKED, "3 of 7 are 42.9 %"


@pytest.mark.parametrize(("low", "is_halved"), [(2, True), (3, False)])
def test_half_of_the_capacity_and_less_is_a_finding(low: int, is_halved: bool) -> None:
    assert ("capacity-halved" in finding_ids(_swap({}, in_service=f"4 now, {low} at the lowest, 4 after"))) is is_halved


def test_a_window_that_is_not_known_cannot_pass_a_limit() -> None:
    plain = only(plain_plan("swap"), "swap")
    del change_of(plain, "swap")["change"]["after"]["last_change"]["drain"]
    assert "limit-unknown" in finding_ids(review_plain(plain, {"max_window_seconds": 4000}))


def test_an_error_of_the_event_stream_blocks_even_without_any_plan() -> None:
    review = review_plans([], reported=reported("error", "No", "why", "a.b"))
    assert review.verdict is Verdict.BLOCKED
    assert review.findings[0].cause == "No: why"
    assert review.digest == ""
    for written in (render_markdown(review), render_text(review)):
        assert "blocked. No" in written
        assert "drain" not in written, "nothing is known of what drains"
    errored = review_plans([plan_of(plain_plan("errored"))], reported=reported("error", "No", "why", ""))
    assert [finding.cause for finding in errored.findings if finding.is_error] == ["No: why"], "once"


@pytest.mark.parametrize(
    "findings", [[], reported("warning", "nat-1: 10.0.0.9 failed", "", "natgw_secondary_private_ips.a")]
)
def test_without_a_plan_and_an_error_that_says_why_there_is_no_review(findings: list[Finding]) -> None:
    with pytest.raises(InputError, match="the plan is missing, and the events do not say why"):
        review_plans([], reported=findings)


def test_a_set_declared_at_the_aws_provider_too_is_a_warning_as_ignore_changes_is_not_in_a_plan() -> None:
    plain = plain_plan("managed-twice")
    plain["resource_changes"] = [
        change for change in plain["resource_changes"] if change["address"] != "natgw_secondary_private_ips.again"
    ]
    shared = next(one for one in plain["resource_changes"] if one["address"] == "aws_nat_gateway.shared")
    shared["change"]["actions"] = ["no-op"]
    found = finding_ids(review_plain(plain))
    assert "aws-declares-too" in found
    assert "aws-changes-too" not in found


def test_an_address_that_drains_through_two_resources_counts_once() -> None:
    assert [len(row.unassign) for row in review_of("managed-twice").changes] == [2, 2, 1, 0, 0]
    assert review_of("managed-twice").totals.drained == 4


def test_time_is_bounded_by_rounds_of_ten_and_stacks_are_counted_one_after_the_other() -> None:
    plans = [plan_of(only(plain_plan("kinds"), name), name) for name in ("swap", "full")]
    totals = review_plans(plans).totals
    assert (totals.drain_wait_seconds, totals.apply_seconds) == (350 + 60, 950 + 660)
    assert review_plain(many(10)).totals.drain_wait_seconds == 350
    assert review_plain(many(11)).totals.drain_wait_seconds == 700
    assert review_plain(many(25)).totals.apply_seconds == 3 * 950


def test_of_many_other_resources_those_that_are_deleted_are_named_first() -> None:
    plain = plain_plan("none")
    (one,) = plain["resource_changes"]
    plain["resource_changes"] = [
        {**one, "address": f"module.a_long_name_of_a_module_of_a_stack.terraform_data.this[{number}]"}
        for number in range(30)
    ]
    plain["resource_changes"][29] = {**one, "address": "terraform_data.gone", "change": {"actions": ["delete"]}}
    plain["resource_changes"].append({**one, "mode": "data", "address": "data.looked_up"})
    text = render_markdown(review_plain(plain))
    assert re.search(r"terraform_data\.gone \(delete\), module\.\w+\.terraform_data\.this\\\[0\\\] \(create\)", text)
    assert re.search(r"this\\\[2\\\] \(create\), module\.\w+\.terraform_data\.this\\\[3\\\]", text), "2 comes before 10"
    assert "and 20 more" in text, "what a data source reads is no change"


@pytest.mark.parametrize("name", ["managed-twice", "errored"])
def test_a_blocked_review_begins_with_the_first_error_and_tells_of_no_drain_that_cannot_happen(name: str) -> None:
    headline, _, rest = render_markdown(review_of(name)).partition("\n\n")
    assert "blocked. The " in headline
    assert "drain" not in headline
    shown = rest.partition("<details>")[0]
    assert "Open connections" not in shown
    assert "| NAT gateway |" not in shown


def test_a_change_of_settings_after_a_drain_does_not_show_that_drain_again() -> None:
    """`last_change` keeps its prior value when the addresses stay."""
    plain = plain_plan("kinds")
    settings, swap = change_of(plain, "settings")["change"], change_of(plain, "swap")["change"]
    settings["before"]["last_change"] = settings["after"]["last_change"] = swap["after"]["last_change"]
    (row,) = rows_of(review_plain(plain), "settings")
    assert (row.unassign, row.order) == ((), Order.NONE)


def test_what_drains_is_shown_while_the_provider_block_is_unknown() -> None:
    """The quota is unknown then, and with it order and capacity. The addresses are known."""
    plain = only(plain_plan("swap"), "swap")
    last_change = change_of(plain, "swap")["change"]["after"]["last_change"]
    del last_change["summary"], last_change["in_service"]
    review = review_plain(plain)
    (row,) = review.changes
    assert (row.unassign, row.assign, row.kept) == (
        ("10.0.1.22", "10.0.1.23", "10.0.1.77"),
        ("10.0.1.31",),
        ("10.0.1.21",),
    )
    assert (row.window_seconds, row.order, row.in_service_low) == (350, None, None)
    assert review.verdict is Verdict.DRAINS
    assert "How far capacity falls is not in the plan." in render_text(review)
    assert "limit-unknown" in finding_ids(review_plain(plain, {"min_in_service": 1}))


def test_apply_may_wait_for_the_drain_where_the_order_is_unknown() -> None:
    """What is assigned after a drain waits for it, whatever `wait_for_drain` says."""
    plain = only(plain_plan("swap"), "swap")
    after = change_of(plain, "swap")["change"]["after"]
    after["wait_for_drain"] = False
    del after["last_change"]["summary"], after["last_change"]["in_service"]
    review = review_plain(plain)
    assert review.totals.drain_wait_seconds == 350
    assert "does-not-wait" not in finding_ids(review)


def test_the_gateways_name_comes_from_its_resource_of_another_provider_or_from_our_data_source() -> None:
    assert row_of("swap", "swap").name == "shared-egress"
    plain = only(plain_plan("swap"), "swap")
    gateway = {"id": change_of(plain, "swap")["change"]["before"]["nat_gateway_id"], "name": "found-egress"}
    looked_up = {"mode": "data", "type": "natgw_nat_gateway", "address": "data.natgw_nat_gateway.this"}
    plain["planned_values"] = {}
    plain["prior_state"]["values"]["root_module"] = {"resources": [{**looked_up, "values": gateway}]}
    (row,) = rows_of(review_plain(plain), "swap")
    assert row.name == "found-egress"
