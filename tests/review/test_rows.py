"""What a review says about each kind of change, on plans that real Terraform made."""

from __future__ import annotations

from natgw_provider.core.change_plan import Order
from natgw_provider.review.gateway_change import Action, Move
from review.plans_and_reviews import change_of, only, plain_plan, review_of, review_plain, row_of, rows_of


def test_a_swap_shows_what_stays_comes_and_goes_as_the_provider_planned_it() -> None:
    row = row_of("kinds", "swap")
    planned = change_of(plain_plan("kinds"), "swap")["change"]["after"]["last_change"]
    assert row.kept == ("10.0.1.21",)
    assert list(row.assign or ()) == planned["assign"] == ["10.0.1.31"]
    assert sorted(row.unassign) == sorted(planned["unassign"])
    assert row.order is Order.ASSIGN_FIRST
    assert (row.in_service_before, row.in_service_low, row.in_service_after) == (5, 3, 3)
    assert row.window_seconds == 350
    assert row.timeout_seconds == 950


def test_an_address_added_outside_terraform_is_told_from_the_others_that_drain() -> None:
    row = row_of("kinds", "swap")
    assert row.unassign == ("10.0.1.22", "10.0.1.23", "10.0.1.77")
    assert row.unmanaged == ("10.0.1.77",)


def test_a_full_gateway_drains_before_it_assigns() -> None:
    row = row_of("kinds", "full")
    assert row.order is Order.UNASSIGN_FIRST
    assert (row.in_service_before, row.in_service_low, row.in_service_after) == (8, 7, 8)


def test_a_nearly_full_gateway_is_changed_in_stages() -> None:
    row = row_of("kinds", "staged")
    assert row.order is Order.STAGED
    assert row.window_seconds == 4000


def test_removing_the_resource_drains_everything_it_holds() -> None:
    row = row_of("kinds", "removed")
    assert row.action is Action.DELETE
    assert row.unassign == ("10.0.4.21", "10.0.4.22")
    assert (row.in_service_before, row.in_service_low, row.in_service_after) == (3, 1, 1)


def test_a_retained_resource_is_removed_without_any_call() -> None:
    row = row_of("kinds", "retained")
    assert (row.action, row.unassign, row.timeout_seconds) == (Action.DELETE, (), 0)
    assert row.kept == ("10.0.6.21", "10.0.6.22")


def test_a_forgotten_resource_leaves_the_gateway_alone() -> None:
    row = row_of("kinds", "forgotten")
    assert (row.action, row.unassign, row.order) == (Action.FORGET, (), Order.NONE)


def test_adding_drains_nothing_and_keeps_to_the_declared_timeout() -> None:
    row = row_of("kinds", "added")
    assert (row.unassign, row.window_seconds) == ((), None)
    assert row.timeout_seconds == 350
    assert row.draining == ("10.0.5.21",)


def test_a_growing_count_says_how_many_but_not_which() -> None:
    row = row_of("kinds", "grown")
    assert (row.assign, row.assign_count) == (None, 2)
    assert row.kept == ("10.0.7.21",)


def test_a_shrinking_count_names_what_goes() -> None:
    row = row_of("kinds", "shrunk")
    assert row.unassign == ("10.0.8.22",)
    assert not row.waits


def test_a_change_of_settings_alone_calls_nothing() -> None:
    row = row_of("kinds", "settings")
    assert (row.action, row.order, row.timeout_seconds) == (Action.UPDATE, Order.NONE, 0)
    assert row.in_service_low == row.in_service_before == 3


def test_a_change_of_settings_after_a_drain_does_not_show_that_drain_again() -> None:
    """`last_change` keeps its prior value when the addresses stay."""
    plain = plain_plan("kinds")
    settings, swap = change_of(plain, "settings")["change"], change_of(plain, "swap")["change"]
    settings["before"]["last_change"] = settings["after"]["last_change"] = swap["after"]["last_change"]
    (row,) = rows_of(review_plain(plain), "settings")
    assert (row.unassign, row.order) == ((), Order.NONE)


def test_an_unchanged_gateway_has_no_row_but_is_counted() -> None:
    review = review_of("kinds")
    assert rows_of(review, "unchanged") == []
    assert review.totals.gateways_unchanged == 1


def test_unknown_addresses_are_undecided_and_drain_nothing() -> None:
    row = row_of("kinds", "unknown")
    assert not row.is_decided
    assert row.unassign == ()
    assert (row.kept, row.assign, row.assign_count, row.in_service_low) == (None, None, None, None)


def test_moving_to_another_gateway_is_a_row_for_each_of_the_two() -> None:
    left, taken = rows_of(review_of("kinds"), "replaced")
    assert (left.move, taken.move) == (Move.FROM, Move.TO)
    assert (left.other_gateway_id, taken.other_gateway_id) == (taken.nat_gateway_id, left.nat_gateway_id)
    assert left.unassign == ("10.0.13.21", "10.0.13.22")
    assert taken.assign == ("10.0.14.21", "10.0.14.22", "10.0.14.41")


def test_adopting_a_gateway_shows_that_what_goes_was_there_before() -> None:
    taken = row_of("kinds", "adopted")
    assert taken.unassign == taken.unmanaged == ("10.0.16.22",)
    assert taken.assign == ("10.0.16.41",)
    assert taken.kept == ("10.0.16.21",)


def test_a_replaced_nat_gateway_is_known_by_its_id_and_takes_everything_with_it() -> None:
    left, taken = rows_of(review_of("gateway-replaced"), "replaced")
    assert (left.gateway_fate, left.name) == ("replaced", "prod-egress")
    assert taken.nat_gateway_id is None
    assert taken.assign == ("10.0.13.21", "10.0.13.22")


def test_a_destroy_plan_drains_every_gateway_that_is_not_retained() -> None:
    review = review_of("destroy")
    assert all(row.action is Action.DELETE for row in review.changes)
    kept = [row.resource_address for row in review.changes if not row.unassign]
    assert kept == ["natgw_secondary_private_ips.added", "natgw_secondary_private_ips.retained"]


def test_the_gateways_name_comes_from_its_resource_of_another_provider() -> None:
    assert row_of("swap", "swap").name == "shared-egress"


def test_the_gateways_name_comes_from_our_data_source_too() -> None:
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
