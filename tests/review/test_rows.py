"""What a row says where a plan differs from those of the golden files."""

from __future__ import annotations

from natgw_provider.core.change_plan import Order
from natgw_provider.review.review import Verdict
from natgw_provider.review.text import render_text
from review.plans_and_reviews import (
    change_of,
    finding_ids,
    only,
    plain_plan,
    review_plain,
    row_of,
    rows_of,
)


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
