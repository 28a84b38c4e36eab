"""What a subnet can give: not what is outside it, nor the first four addresses and the last, which AWS keeps."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.addresses import check_in_subnet, reserved_addresses
from support.problems import assert_says, assert_well_formed, the_problem
from support.strategies import subnets

PATH = ("secondary_private_ip_addresses",)

# Subnet, the last address that AWS keeps at the start, the one at the end.
EVERY_SIZE = [
    ("10.0.0.0/16", "10.0.0.3", "10.0.255.255"),
    ("10.0.128.0/17", "10.0.128.3", "10.0.255.255"),
    ("10.0.64.0/18", "10.0.64.3", "10.0.127.255"),
    ("10.0.32.0/19", "10.0.32.3", "10.0.63.255"),
    ("10.0.16.0/20", "10.0.16.3", "10.0.31.255"),
    ("10.0.8.0/21", "10.0.8.3", "10.0.15.255"),
    ("10.0.4.0/22", "10.0.4.3", "10.0.7.255"),
    ("10.0.2.0/23", "10.0.2.3", "10.0.3.255"),
    ("10.0.1.0/24", "10.0.1.3", "10.0.1.255"),
    ("10.0.1.128/25", "10.0.1.131", "10.0.1.255"),
    ("10.0.1.64/26", "10.0.1.67", "10.0.1.127"),
    ("10.0.1.32/27", "10.0.1.35", "10.0.1.63"),
    ("10.0.1.16/28", "10.0.1.19", "10.0.1.31"),
]


def up(address: str, by: int = 1) -> str:
    return str(IPv4Address(address) + by)


@pytest.mark.parametrize(("subnet", "fourth", "last"), EVERY_SIZE)
def test_aws_keeps_the_first_four_and_the_last(subnet: str, fourth: str, last: str) -> None:
    assert reserved_addresses(subnet) == (up(fourth, -3), up(fourth, -2), up(fourth, -1), fourth, last)


@pytest.mark.parametrize("subnet", ["10.0.0.4", "10.0.0.4/31", "10.0.0.4/30", "", "10.0.0.0/33", "10.0.0.1/24"])
def test_what_is_no_subnet_or_too_small_to_give_anything_is_an_error(subnet: str) -> None:
    for ask in (reserved_addresses, partial(check_in_subnet, ["10.0.0.21"])):
        with pytest.raises(ValueError, match=r".+"):
            ask(subnet)


@pytest.mark.parametrize(("subnet", "fourth", "last"), EVERY_SIZE)
def test_everything_between_is_fine(subnet: str, fourth: str, last: str) -> None:
    assert check_in_subnet([up(fourth), up(fourth, 2), up(last, -2), up(last, -1)], subnet) == ()


@pytest.mark.parametrize(("subnet", "fourth", "last"), EVERY_SIZE)
def test_what_aws_keeps_is_refused_with_the_range_that_is_left(subnet: str, fourth: str, last: str) -> None:
    for address in (up(fourth, -3), fourth, last):
        assert_says(
            the_problem(check_in_subnet([address, up(fourth)], subnet)),
            path=PATH,
            summary="Address reserved by AWS",
            words=[
                f"{address} is reserved",
                "first 4",
                "last",
                subnet,
                f"{up(fourth)} to {up(last, -1)} are allowed in {subnet}.",
                "Choose",
            ],
        )


@pytest.mark.parametrize(("subnet", "fourth", "last"), EVERY_SIZE)
def test_the_neighbours_of_a_subnet_are_outside_it(subnet: str, fourth: str, last: str) -> None:
    for address in (up(fourth, -4), up(last), "192.0.2.1"):
        assert_says(
            the_problem(check_in_subnet([up(fourth), address], subnet)),
            path=PATH,
            summary="Address outside the gateway's subnet",
            words=[
                f"{address} is not in",
                f"{up(fourth)} to {up(last, -1)} are allowed in {subnet}.",
                "Correct or remove it.",
            ],
        )


def test_all_of_the_smallest_subnet() -> None:
    every = [str(address) for address in IPv4Network("10.0.1.16/28")]
    refused = {problem.detail.split()[0] for problem in check_in_subnet(every, "10.0.1.16/28")}
    assert refused == set(every) - {f"10.0.1.{host}" for host in range(20, 31)}


def test_problems_stand_in_numerical_order() -> None:
    problems = check_in_subnet(["10.0.1.255", "10.0.2.9", "10.0.1.3", "9.0.0.1"], "10.0.1.0/24")
    assert [problem.detail.split()[0] for problem in problems] == ["9.0.0.1", "10.0.1.3", "10.0.1.255", "10.0.2.9"]


@given(subnets(), st.integers(-3, 70_000))
def test_fine_means_inside_and_not_reserved(subnet: IPv4Network, offset: int) -> None:
    number = (int(subnet.network_address) + offset) % 2**32
    address = str(IPv4Address(number))
    position = number - int(subnet.network_address)
    problems = check_in_subnet([address], str(subnet))
    assert (problems == ()) == (4 <= position < subnet.num_addresses - 1)
    for problem in problems:
        assert_well_formed(problem)


@pytest.mark.parametrize("text", ["", "10.0.0.0/33", "10.0.0.5/24", "subnet-1", "2001:db8::/64"])
def test_what_is_no_subnet_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        reserved_addresses(text)
    with pytest.raises(ValueError, match=r".*"):
        check_in_subnet(["10.0.0.9"], text)
