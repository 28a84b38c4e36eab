"""What is wrong with the spelling of a declared set, in the words that a user reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.addresses import canonical_address, check_addresses
from support.problems import assert_says, assert_well_formed, the_problem
from support.strategies import addresses

PATH = ("secondary_private_ip_addresses",)


def hosts(count: int) -> list[str]:
    return [f"10.0.0.{host}" for host in range(10, 10 + count)]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 31])
def test_canonical_addresses_are_fine_up_to_what_one_gateway_takes(count: int) -> None:
    assert check_addresses(hosts(count)) == ()


@pytest.mark.parametrize("text", ["", "::1", "10.0.0.0/24", "10.0.0.256", "10.0.0.\u0664", "nat-1"])
def test_what_is_no_ipv4_address_is_named(text: str) -> None:
    assert_says(
        the_problem(check_addresses(["10.0.0.9", text])),
        path=PATH,
        summary="Not an IPv4 address",
        words=[f'"{text}" is not', '"10.0.0.10"', "without a prefix length", "Correct or remove it."],
    )


@pytest.mark.parametrize("text", ["010.0.0.4", " 10.0.0.4", "10.0.0.4\n", "10.00.0.4"])
def test_another_spelling_is_refused_with_the_right_one(text: str) -> None:
    """AWS would answer with the canonical one, and Terraform would see a difference for ever."""
    assert_says(
        the_problem(check_addresses([text])),
        path=PATH,
        summary="Address not in its canonical form",
        words=[f'"{text}" is not', 'Write "10.0.0.4".'],
    )


@pytest.mark.parametrize("texts", [["10.0.0.4", "010.0.0.4"], ["10.0.0.4", "10.0.0.4"], ["10.0.0.4 ", "10.0.0.04"]])
def test_an_address_named_twice_is_reported_once_with_every_spelling(texts: list[str]) -> None:
    assert_says(
        the_problem(check_addresses([texts[0], "10.0.0.9", texts[1]])),
        path=PATH,
        summary="Address named twice",
        words=["10.0.0.4 is named 2 times", f'"{texts[0]}", "{texts[1]}"', 'Keep "10.0.0.4" once.'],
    )


def test_more_than_one_gateway_takes_is_refused() -> None:
    assert_says(
        the_problem(check_addresses(hosts(32))),
        path=PATH,
        summary="Too many secondary addresses",
        words=["32 addresses are declared", "at most 31 besides its primary", "7 under the default quota", "Remove"],
    )


def test_an_address_named_twice_does_not_count_twice() -> None:
    """With the second one removed the set is fine, so there is one thing to say."""
    problem = the_problem(check_addresses([*hosts(31), "010.0.0.10"]))
    assert problem.summary == "Address named twice"


def test_every_mistake_of_a_set_is_reported_at_once() -> None:
    problems = check_addresses(["010.0.0.4", "x", "10.0.0.5", "10.0.0.5", "y"])
    assert sorted(problem.summary for problem in problems) == [
        "Address named twice",
        "Address not in its canonical form",
        "Not an IPv4 address",
        "Not an IPv4 address",
    ]


@given(st.lists(addresses() | st.text(max_size=12) | addresses().map("0{}".format), max_size=40))
def test_a_set_without_problems_is_canonical_unique_and_small_enough(texts: list[str]) -> None:
    problems = check_addresses(texts)
    clean = len(set(texts)) == len(texts) <= 31 and all(canonical_address(text) == text for text in texts)
    assert (problems == ()) == clean
    for problem in problems:
        assert problem.path == PATH


@given(st.lists(addresses() | addresses().map("0{}".format), max_size=40))
def test_every_message_is_well_formed(texts: list[str]) -> None:
    for problem in check_addresses(texts):
        assert_well_formed(problem)
