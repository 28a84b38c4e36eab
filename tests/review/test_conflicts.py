"""Two resources on one gateway: natgw's in one stack or several, and the AWS provider's beside them."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.review.review import Review, review_plans
from review.plans_and_reviews import finding_ids, plan_of
from review.written_plans import GATEWAY, ONE, OTHER, THREE, TWO, Change, change, elastic_set, single

SET = elastic_set([ONE], was=[ONE])
SINGLE = single("one", "no-op", ip=ONE)


def association(ip: str, *actions: str, gateway: str = GATEWAY) -> Change:
    held = {"nat_gateway_id": gateway, "allocation_id": ip}
    before = None if actions == ("create",) else held
    after = None if actions in (("delete",), ("forget",)) else held
    return change("aws_nat_gateway_eip_association.it", *actions, before=before, after=after)


def in_stacks(*stacks: list[Change]) -> Review:
    """Return the review of several stacks."""
    plans = ({"format_version": "1.2", "resource_changes": list(changes)} for changes in stacks)
    return review_plans([plan_of(plain, str(number)) for number, plain in enumerate(plans)])


@pytest.mark.parametrize("stacks", [1, 2])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(SET, single("two", "no-op", ip=TWO), id="a set and a single address"),
        pytest.param(SET, single("one", "delete", ip=ONE), id="a single address that drains what a set keeps"),
        pytest.param(SINGLE, single("again", "create", ip=ONE), id="one address declared twice"),
        pytest.param(SINGLE, single("renamed", "delete", ip=ONE), id="an address that drains under its old name"),
        pytest.param(SET, association(TWO, "no-op"), id="a set and an association"),
        pytest.param(SINGLE, association(ONE, "no-op"), id="a single address and its association"),
        pytest.param(SINGLE, association(ONE, "delete"), id="an association that is removed in favour of a resource"),
    ],
)
def test_two_resources_that_undo_each_other_block(one: Change, other: Change, stacks: int) -> None:
    review = in_stacks([one, other]) if stacks == 1 else in_stacks([one], [other])
    assert "managed-twice" in finding_ids(review)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param(SINGLE, single("two", "create", ip=TWO), id="two single addresses"),
        pytest.param(SINGLE, single("two", "delete", ip=TWO), id="one of two that drains"),
        pytest.param(SET, single("two", "no-op", ip=TWO, gateway=OTHER), id="a set and a single on another gateway"),
        pytest.param(SET, single("two", "forget", ip=TWO), id="a single address that is forgotten"),
        pytest.param(SINGLE, association(THREE, "create"), id="a single address and another association"),
        pytest.param(SET, association(ONE, "forget"), id="an association that is forgotten"),
        pytest.param(SET, association(ONE, "no-op", gateway=OTHER), id="an association on another gateway"),
    ],
)
def test_resources_that_leave_each_other_alone_do_not_block(one: Change, other: Change) -> None:
    assert "managed-twice" not in finding_ids(in_stacks([one], [other]))


def test_the_single_address_that_is_declared_twice_is_named() -> None:
    forgotten = single("gone", "forget", ip=ONE)
    review = in_stacks([SINGLE, single("two", "create", ip=TWO)], [single("again", "create", ip=ONE)], [forgotten])
    (found,) = (one for one in review.findings if one.kind.id == "managed-twice")
    assert f"natgw_secondary_elastic_ip.again act on {ONE} of the same gateway" in found.cause
    assert "natgw_secondary_elastic_ip.two" not in found.cause
    assert "natgw_secondary_elastic_ip.gone" not in found.cause


@pytest.mark.parametrize("ours", [SET, SINGLE])
@pytest.mark.parametrize(("was", "finding"), [([TWO], "aws-changes-too"), ([ONE], "aws-declares-too")])
def test_elastic_ips_that_the_nat_gateway_resource_declares_are_found(
    ours: Change, was: list[str], finding: str
) -> None:
    held: dict[str, Any] = {"id": GATEWAY, "secondary_allocation_ids": was}
    after = held | {"secondary_allocation_ids": [ONE]}
    gateway = change("aws_nat_gateway.it", "no-op" if held == after else "update", before=held, after=after)
    expressions = {"secondary_allocation_ids": {"references": ["aws_eip.one"]}}
    declared = {"address": "aws_nat_gateway.it", "type": "aws_nat_gateway", "expressions": expressions}
    theirs = {
        "format_version": "1.2",
        "resource_changes": [gateway],
        "configuration": {"root_module": {"resources": [declared]}},
    }
    mine = {"format_version": "1.2", "resource_changes": [ours]}
    assert finding in finding_ids(review_plans([plan_of(mine, "ours"), plan_of(theirs, "theirs")]))
