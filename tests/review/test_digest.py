"""The digest is equal exactly when the same will be done."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from natgw_provider.review.review import review_plans
from review.plans_and_reviews import NAMES, change_of, plain_plan, plan_of, review_of, review_plain

Edit = Callable[[dict[str, Any]], None]


def _after(value: object, *path: str) -> Edit:
    """Return an edit that plans another value for `swap`."""

    def edit(plain: dict[str, Any]) -> None:
        place = change_of(plain, "swap")["change"]["after"]
        for name in path[:-1]:
            place = place[name]
        place[path[-1]] = value

    return edit


def _destroys_something_else(plain: dict[str, Any]) -> None:
    other = next(one for one in plain["resource_changes"] if one["type"] == "aws_nat_gateway")
    other["change"]["actions"] = ["delete"]


def _reversed(plain: dict[str, Any]) -> None:
    plain["resource_changes"].reverse()
    change_of(plain, "swap")["change"]["after"]["secondary_private_ip_addresses"].reverse()


def _renamed_tag(plain: dict[str, Any]) -> None:
    for change in plain["resource_changes"]:
        if change["type"] == "aws_nat_gateway":
            change["change"]["before"]["tags"] = change["change"]["after"]["tags"] = {"Name": "else"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda plain: plain.update(timestamp="2027-01-01T00:00:00Z"),
        lambda plain: plain.update(terraform_version="1.99.0", format_version="1.9"),
        lambda plain: plain.pop("resource_drift", None),
        lambda plain: plain.pop("prior_state"),
        _reversed,
        _renamed_tag,
    ],
)
def test_what_does_not_matter_leaves_it_as_it_is(edit: Edit) -> None:
    plain = plain_plan("swap")
    edit(plain)
    assert review_plain(plain).digest == review_of("swap").digest


@pytest.mark.parametrize(
    "edit",
    [
        _after("10.0.1.22", "last_change", "unassign"),
        _after("10.0.1.32", "last_change", "assign"),
        _after("drain 10.0.1.22 for up to 350 s, then assign 10.0.1.31", "last_change", "summary"),
        _after("up to 349 s", "last_change", "drain"),
        _after("5 now, 2 at the lowest, 3 after", "last_change", "in_service"),
        _after(False, "wait_for_drain"),
        _after({"update": "20m"}, "timeouts"),
        lambda plain: plain.update(errored=True),
        _destroys_something_else,
    ],
)
def test_what_matters_changes_it(edit: Edit) -> None:
    plain = plain_plan("swap")
    edit(plain)
    assert review_plain(plain).digest != review_of("swap").digest


def test_all_plans_differ_in_it() -> None:
    assert len({review_of(name).digest for name in NAMES}) == len(NAMES)


def test_it_does_not_depend_on_what_a_plan_is_called_nor_on_the_order_of_plans() -> None:
    swap, kinds = plain_plan("swap"), plain_plan("kinds")
    one = review_plans([plan_of(swap, "a"), plan_of(kinds, "b")])
    other = review_plans([plan_of(copy.deepcopy(kinds), "x"), plan_of(swap, "y")])
    assert one.digest == other.digest
