"""`last_change`: what a reviewer reads is what the change plan says, and it survives plan and state unchanged."""

from __future__ import annotations

import json
from dataclasses import fields
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.last_change import LastChange
from support.change_run import change_of
from support.strategies import Case, cases, gateway_of, primary, secondary

ATTRIBUTES = [
    "summary",
    "assign",
    "unassign",
    "order",
    "drain_windows",
    "max_drain_duration_seconds",
    "in_service_before",
    "in_service_low",
    "in_service_after",
]
"""The attribute's fields, as design.md lists them, and the summary."""

GATEWAY = gateway_of(primary(), secondary("10.0.0.9"), secondary("10.0.0.10"))


def test_the_fields_are_those_of_the_attribute() -> None:
    assert [field.name for field in fields(LastChange)] == ATTRIBUTES


def test_a_change_is_shown_in_the_attributes_values() -> None:
    change = change_of(Case(GATEWAY, ("10.0.0.10", "10.0.0.100", "10.0.0.20"), quota=4))
    assert LastChange.of(change, 120).to_mapping() == {
        "summary": "assign 10.0.0.20, then drain 10.0.0.9 for up to 120 s (2 min), then assign 10.0.0.100",
        "assign": ("10.0.0.20", "10.0.0.100"),
        "unassign": ("10.0.0.9",),
        "order": "staged",
        "drain_windows": 1,
        "max_drain_duration_seconds": 120,
        "in_service_before": 3,
        "in_service_low": 3,
        "in_service_after": 4,
    }


def test_what_aws_will_pick_is_not_named() -> None:
    growing = LastChange.of(change_of(Case(GATEWAY, 4, quota=8)), 350)
    assert growing.assign is None
    assert growing.summary == "assign 2 that AWS picks"


def test_a_count_that_shrinks_names_everything() -> None:
    shrinking = LastChange.of(change_of(Case(GATEWAY, 1, quota=8)), 350)
    assert shrinking.assign == ()
    assert shrinking.unassign == ("10.0.0.10",)


def test_no_change_shows_empty_sets() -> None:
    nothing = LastChange.of(change_of(Case(GATEWAY, 2, quota=8)), 350)
    assert nothing.summary == "nothing"
    assert (nothing.assign, nothing.unassign, nothing.order, nothing.drain_windows) == ((), (), "none", 0)


@given(cases(), st.integers(1, 4000))
def test_it_comes_back_equal(case: Case, seconds: int) -> None:
    last_change = LastChange.of(change_of(case), seconds)
    assert LastChange.from_mapping(last_change.to_mapping()) == last_change
    assert LastChange.from_mapping(json.loads(json.dumps(last_change.to_mapping()))) == last_change


@given(cases(), st.randoms(use_true_random=False))
def test_the_order_in_which_terraform_hands_its_sets_back_does_not_matter(case: Case, random: Random) -> None:
    """Terraform sorts a set of strings by the alphabet: 10.0.0.10 before 10.0.0.9."""
    last_change = LastChange.of(change_of(case), 350)
    plain = last_change.to_mapping()
    for name in ("assign", "unassign"):
        if plain[name] is not None:
            plain[name] = list(plain[name])
            random.shuffle(plain[name])
    assert LastChange.from_mapping(plain) == last_change


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_missing_field_is_an_error(name: str) -> None:
    plain = LastChange.of(change_of(Case(GATEWAY, 4, quota=8)), 350).to_mapping()
    del plain[name]
    with pytest.raises(ValueError, match=name):
        LastChange.from_mapping(plain)


@pytest.mark.parametrize("name", ATTRIBUTES)
@pytest.mark.parametrize("value", [0.5, {}, [7], ["10.0.0.256"]])
def test_a_field_of_another_kind_is_an_error(name: str, value: object) -> None:
    plain = LastChange.of(change_of(Case(GATEWAY, 4, quota=8)), 350).to_mapping()
    with pytest.raises(ValueError, match=r".+"):
        LastChange.from_mapping({**plain, name: value})


@pytest.mark.parametrize("plain", [None, [], "x", 7])
def test_what_is_no_object_is_an_error(plain: object) -> None:
    with pytest.raises(ValueError, match="not an object"):
        LastChange.from_mapping(plain)
