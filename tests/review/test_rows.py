"""What a review says about each kind of change, on plans that real Terraform made."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.core.change_plan import Order
from natgw_provider.review.gateway_change import Action, Move
from natgw_provider.review.review import Verdict
from natgw_provider.review.text import render_text
from review.plans_and_reviews import (
    change_of,
    finding_ids,
    only,
    plain_plan,
    review_of,
    review_plain,
    row_of,
    rows_of,
)

IN_SERVICE = ("in_service_before", "in_service_low", "in_service_after")
UNDECIDED = dict.fromkeys(("kept", "assign", "assign_count", "in_service_low"))
KINDS: dict[str, tuple[dict[str, Any], tuple[int, ...] | None]] = {
    "swap": (
        {
            "kept": ("10.0.1.21",),
            "assign": ("10.0.1.31",),
            "unassign": ("10.0.1.22", "10.0.1.23", "10.0.1.77"),
            "unmanaged": ("10.0.1.77",),
            "order": Order.ASSIGN_FIRST,
            "window_seconds": 350,
            "timeout_seconds": 950,
        },
        (5, 3, 3),
    ),
    "full": ({"order": Order.UNASSIGN_FIRST}, (8, 7, 8)),
    "staged": ({"order": Order.STAGED, "window_seconds": 4000}, None),
    "removed": ({"action": Action.DELETE, "unassign": ("10.0.4.21", "10.0.4.22")}, (3, 1, 1)),
    "retained": (
        {"action": Action.DELETE, "unassign": (), "kept": ("10.0.6.21", "10.0.6.22"), "timeout_seconds": 0},
        None,
    ),
    "forgotten": ({"action": Action.FORGET, "unassign": (), "order": Order.NONE}, None),
    "added": ({"unassign": (), "window_seconds": None, "timeout_seconds": 350, "draining": ("10.0.5.21",)}, None),
    "grown": ({"assign": None, "assign_count": 2, "kept": ("10.0.7.21",)}, None),
    "shrunk": ({"unassign": ("10.0.8.22",), "waits": False}, None),
    "settings": ({"action": Action.UPDATE, "order": Order.NONE, "timeout_seconds": 0}, (3, 3, 3)),
    "unknown": ({"is_decided": False, "unassign": ()} | UNDECIDED, None),
    "adopted": (
        {
            "unassign": ("10.0.16.22",),
            "unmanaged": ("10.0.16.22",),
            "assign": ("10.0.16.41",),
            "kept": ("10.0.16.21",),
        },
        None,
    ),
}
"""What the row of each resource in the plan `kinds` holds, and the addresses in service: before, lowest, after."""


@pytest.mark.parametrize("resource", KINDS)
def test_each_kind_of_change_is_shown_as_the_provider_planned_it(resource: str) -> None:
    row, (expected, in_service) = row_of("kinds", resource), KINDS[resource]
    assert {name: getattr(row, name) for name in expected} == expected
    assert in_service in (None, tuple(getattr(row, name) for name in IN_SERVICE))


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
    assert (row.unassign, row.assign, row.kept) == (KINDS["swap"][0]["unassign"], ("10.0.1.31",), ("10.0.1.21",))
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


def test_an_unchanged_gateway_has_no_row_but_is_counted() -> None:
    review = review_of("kinds")
    assert rows_of(review, "unchanged") == []
    assert review.totals.gateways_unchanged == 1


def test_a_destroy_plan_drains_every_gateway_that_is_not_retained() -> None:
    review = review_of("destroy")
    assert all(row.action is Action.DELETE for row in review.changes)
    kept = [row.resource_address for row in review.changes if not row.unassign]
    assert kept == ["natgw_secondary_private_ips.added", "natgw_secondary_private_ips.retained"]


def test_the_gateways_name_comes_from_its_resource_of_another_provider_or_from_our_data_source() -> None:
    assert row_of("swap", "swap").name == "shared-egress"
    plain = only(plain_plan("swap"), "swap")
    gateway = {"id": change_of(plain, "swap")["change"]["before"]["nat_gateway_id"], "name": "found-egress"}
    looked_up = {"mode": "data", "type": "natgw_nat_gateway", "address": "data.natgw_nat_gateway.this"}
    plain["planned_values"] = {}
    plain["prior_state"]["values"]["root_module"] = {"resources": [{**looked_up, "values": gateway}]}
    (row,) = rows_of(review_plain(plain), "swap")
    assert row.name == "found-egress"


def test_resources_that_cut_most_come_first_and_the_rows_of_one_stay_together() -> None:
    rows = review_of("kinds").changes
    drained = {row.resource_address: 0 for row in rows}
    for row in rows:
        drained[row.resource_address] += len(row.unassign)
    assert list(drained.values()) == sorted(drained.values(), reverse=True)
    first = next(index for index, row in enumerate(rows) if row.move is Move.FROM)
    assert (rows[first + 1].resource_address, rows[first + 1].move) == (rows[first].resource_address, Move.TO)
