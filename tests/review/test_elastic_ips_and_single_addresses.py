"""Elastic IPs of public gateways, and resources that manage one address each."""

from __future__ import annotations

import pytest

from natgw_provider.core.change_plan import Order
from natgw_provider.review.as_json import to_plain
from natgw_provider.review.gateway_change import Action, Condition, GatewayChange, Move
from natgw_provider.review.markdown import render_markdown
from natgw_provider.review.review import Review, Verdict
from natgw_provider.review.text import render_text
from review.plans_and_reviews import finding_ids, review_plain
from review.written_plans import GATEWAY, ONE, OTHER, THREE, TWO, Change, change, elastic_set, single

SWAP = {
    "summary": f"associate {TWO}, then drain {ONE} for up to 350 s (5 min 50 s)",
    "assign": TWO,
    "unassign": ONE,
    "drain": "up to 350 s",
    "in_service": "2 now, 2 at the lowest, 2 after",
}


def review(*changes: Change, limits: dict[str, int] | None = None) -> Review:
    return review_plain({"format_version": "1.2", "resource_changes": list(changes)}, limits)


def row_of(*changes: Change) -> GatewayChange:
    (row,) = review(*changes).changes
    return row


def test_a_set_of_elastic_ips_is_a_row_like_any_other_in_the_words_of_its_operations() -> None:
    found = review(elastic_set([TWO], was=[ONE], **SWAP))
    (row,) = found.changes
    assert (row.assign, row.unassign, row.kept, row.primary) == ((TWO,), (ONE,), (), THREE)
    assert (row.order, row.in_service_low, row.window_seconds) == (Order.ASSIGN_FIRST, 2, 350)
    assert f"+ {TWO}  associated before the drain" in render_markdown(found)
    assert found.verdict is Verdict.DRAINS


def test_an_elastic_ip_is_shown_with_its_public_address_where_the_plan_has_it() -> None:
    eip = change("aws_eip.old", "no-op", after={"allocation_id": ONE, "public_ip": "203.0.113.5"})
    forged = change("aws_eip.new", "no-op", after={"allocation_id": TWO, "public_ip": "`@team`"})
    found = review(elastic_set([TWO], was=[ONE], **SWAP), eip, forged)
    assert f"- {ONE} (203.0.113.5)  drains" in render_text(found)
    assert "@team" not in render_text(found)
    assert to_plain(found)["gateways"][0]["public_ips"] == {ONE: "203.0.113.5"}
    of_its_own = review(single("e", "delete", ip=ONE, public_ip="203.0.113.6"))
    assert f"- {ONE} (203.0.113.6)  drains" in render_text(of_its_own)


@pytest.mark.parametrize(
    ("actions", "is_noted"), [(("delete",), True), (("delete", "create"), True), (("create", "delete"), False)]
)
def test_an_elastic_ip_that_a_set_disassociates_and_the_plan_releases_is_noted(
    actions: tuple[str, ...], *, is_noted: bool
) -> None:
    eip = {"allocation_id": ONE, "public_ip": "203.0.113.5"}
    deleted = change("aws_eip.old", *actions, before=eip, after=eip if "create" in actions else None)
    assert ("elastic-ip-released" in finding_ids(review(elastic_set([TWO], was=[ONE], **SWAP), deleted))) is is_noted
    assert "elastic-ip-released" not in finding_ids(review(single("one", "delete", ip=ONE), deleted))


def test_the_quota_that_new_elastic_ips_exceed_is_named_as_the_provider_block_has_it() -> None:
    last = SWAP | {
        "summary": f"drain {ONE} for up to 350 s (5 min 50 s), then associate {TWO}",
        "in_service": "2 now, 1 at the lowest, 2 after",
    }
    found = review(elastic_set([TWO], was=[ONE], **last))
    (finding,) = (one for one in found.findings if one.kind.id == "drains-first")
    assert "elastic_ip_quota" in finding.cause
    assert "all new addresses are associated after the drain" in finding.cause


def test_seven_single_addresses_that_are_removed_are_one_row_with_one_window() -> None:
    found = review(*(single(f"ip{host}", "delete") for host in range(21, 28)))
    (row,) = found.changes
    assert row.unassign == tuple(f"10.0.1.{host}" for host in range(21, 28))
    assert (row.action, row.order, row.window_seconds) == (Action.DELETE, Order.UNASSIGN_ONLY, 350)
    assert (found.totals.drain_wait_seconds, found.totals.apply_seconds) == (350, 950)
    assert "`natgw_secondary_private_ip.ip21` and 6 more destroy" in render_markdown(review(*_seven(), *_seven(OTHER)))
    text = render_text(found)
    assert all(f"natgw_secondary_private_ip.ip{host}" in text for host in range(21, 28))
    (plain,) = to_plain(found)["gateways"]
    assert len(plain["more_resource_addresses"]) == 6


def test_more_resources_than_terraform_starts_at_once_may_take_another_window() -> None:
    found = review(*_seven(), *_seven(OTHER))
    assert found.totals.drain_wait_seconds == 2 * 350


def test_a_row_of_single_addresses_lasts_as_long_as_the_longest_of_them_and_waits_if_one_does() -> None:
    row = row_of(
        single("ip21", "delete", wait_for_drain=False), single("ip22", "delete", max_drain_duration_seconds=600)
    )
    assert (row.window_seconds, row.waits, row.timeout_seconds) == (600, True, 1200)


def _seven(gateway: str = GATEWAY) -> list[Change]:
    return [single(f"ip{host}", "delete", gateway=gateway) for host in range(21, 28)]


def test_single_addresses_that_stay_are_in_the_row_of_those_that_change() -> None:
    row = row_of(single("ip21", "no-op"), single("ip22", "delete"), single("ip23", "create"))
    assert (row.kept, row.unassign, row.assign) == (("10.0.1.21",), ("10.0.1.22",), ("10.0.1.23",))
    assert (row.resource_address, row.more_resource_addresses) == (
        "natgw_secondary_private_ip.ip22",
        ("natgw_secondary_private_ip.ip23",),
    )
    assert (row.action, row.order) == (Action.UPDATE, None)
    assert (row.in_service_before, row.in_service_low, row.in_service_after) == (None, None, None), (
        "one address says nothing of what else is in service"
    )
    assert to_plain(review(single("ip22", "delete"), single("ip23", "create")))["gateways"][0]["order"] == "unknown"


def test_an_unchanged_gateway_with_single_addresses_counts_once() -> None:
    found = review(single("ip21", "no-op"), single("ip22", "no-op"))
    assert (found.changes, found.totals.gateways_unchanged) == ((), 1)


def test_single_addresses_that_are_not_known_yet_hide_no_drain_and_are_no_warning() -> None:
    """The usual case: an aws_eip is created in the same plan."""
    new = [single(name, "create", ip=ONE) for name in ("new[0]", "new[1]")]
    for one in new:
        one["change"]["after"] = {**one["change"]["after"], "allocation_id": None, "last_change": {}}
    found = review(single("old", "delete", ip=TWO), *new)
    drained, unknown = found.changes
    assert (drained.unassign, drained.is_decided) == ((TWO,), True)
    assert (unknown.is_decided, unknown.assign, len(unknown.more_resource_addresses)) == (False, None, 1)
    assert "unknown-until-apply" not in finding_ids(found)


def test_a_single_address_that_is_replaced_by_an_unknown_one_is_a_warning() -> None:
    replaced = single("one", "delete", "create", ip=ONE)
    replaced["change"]["after"] = {**replaced["change"]["after"], "allocation_id": None, "last_change": {}}
    found = review(replaced)
    assert [row.unassign for row in found.changes] == [(ONE,), ()]
    assert "address-unknown" in finding_ids(found)


def test_of_a_replaced_single_address_the_order_is_terraforms() -> None:
    old, new = single("ip21", "delete"), single("ip22", "create")
    replaced = old | {"change": {**new["change"], "actions": ["delete", "create"], "before": old["change"]["before"]}}
    row = row_of(replaced)
    assert (row.unassign, row.assign, row.order) == (("10.0.1.21",), ("10.0.1.22",), Order.UNASSIGN_FIRST)
    assert row.timeout_seconds == 2 * 950, "one after the other"
    replaced["change"]["actions"].reverse()
    assert row_of(replaced).order is Order.ASSIGN_FIRST


@pytest.mark.parametrize("status", ["unassigning", "disassociating"])
def test_a_single_address_that_drains_already_is_not_drained_again(status: str) -> None:
    found = review(single("ip21", "delete", status=status), single("ip22", "delete", status="succeeded"))
    (row,) = found.changes
    assert (row.draining, row.unassign) == (("10.0.1.21",), ("10.0.1.22",))
    assert "already-draining" in finding_ids(found)


def test_gateways_kinds_and_stacks_have_rows_of_their_own() -> None:
    changes = [single("ip21", "delete"), single("ip22", "delete", gateway=OTHER), single("e", "delete", ip=ONE)]
    assert len(review(*changes).changes) == 3


def test_a_forgotten_single_address_stays_and_is_not_counted_among_the_drained() -> None:
    found = review(single("ip21", "delete"), single("ip22", "forget"))
    assert {row.action: row.unassign for row in found.changes} == {Action.DELETE: ("10.0.1.21",), Action.FORGET: ()}
    assert "addresses-stay" in finding_ids(found)


def test_single_addresses_that_move_are_two_rows() -> None:
    moving = [single(f"ip{host}", "update") for host in (21, 22)]
    for one in moving:
        one["change"]["after"] = one["change"]["after"] | {"nat_gateway_id": OTHER, "last_change": {}}
    left, taken = review(*moving).changes
    assert (left.move, left.nat_gateway_id, left.unassign) == (Move.FROM, GATEWAY, ("10.0.1.21", "10.0.1.22"))
    assert (taken.move, taken.nat_gateway_id, taken.assign) == (Move.TO, OTHER, ("10.0.1.21", "10.0.1.22"))


def test_single_addresses_whose_gateway_is_unknown_may_move() -> None:
    moving = single("ip21", "update")
    moving["change"]["after"] = {**moving["change"]["after"], "nat_gateway_id": None, "last_change": {}}
    found = review(moving)
    assert {row.condition for row in found.changes} == {Condition.OTHER_GATEWAY}
    assert "gateway-unknown" in finding_ids(found)


@pytest.mark.parametrize("limits", [{"min_in_service": 1}, {"max_drained_percent": 90}])
def test_a_limit_on_numbers_that_a_single_address_does_not_show_cannot_be_checked(
    limits: dict[str, int],
) -> None:
    found = review(single("ip21", "delete"), limits=limits)
    assert "limit-unknown" in finding_ids(found)
    assert "capacity-halved" not in finding_ids(found)
    both = render_text(review(single("ip21", "delete"), single("ip22", "delete", gateway=OTHER)))
    assert "? → ? → ?" in both
    assert "How far capacity falls on 2 gateways is not in the plan." in both


def test_a_digest_covers_every_resource_of_a_row() -> None:
    digests = {review(single("ip21", "delete"), single(name, "delete")).digest for name in ("ip22", "ip23")}
    assert len(digests) == 2
