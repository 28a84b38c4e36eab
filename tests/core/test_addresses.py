"""What counts as an IPv4 address, how it is spelled, what is wrong with a declared set, and what a subnet can give."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.addresses import (
    canonical_address,
    check_addresses,
    check_allocation_ids,
    check_in_subnet,
    sort_addresses,
)
from support.problems import assert_says, the_problem
from support.strategies import addresses, subnets, times

PATH = ("secondary_private_ip_addresses",)


def hosts(count: int) -> list[str]:
    return [f"10.0.0.{host}" for host in range(10, 10 + count)]


# One address.


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("255.255.255.255", "255.255.255.255"),
        ("10.0.0.0000000009", "10.0.0.9"),
        ("\t010.0.0.4\r\n", "10.0.0.4"),
        ("", None),
        ("10.0.0.00000000004", None),
        ("10.0.0.4/32", None),
        ("10.0.0.4:80", None),
        ("10.0.0.-4", None),
        ("+10.0.0.4", None),
        ("1_0.0.0.4", None),
        ("0x0a.0.0.4", None),
        ("::ffff:10.0.0.4", None),
        ("10.0.0.\u0664", None),
        ("10.0.0.\u2074", None),
        ("10\u30020.0.4", None),
        ("\u200b10.0.0.4", None),
        ("10.0.0.4\x00", None),
        ("${aws_nat_gateway.this.private_ip}", None),
    ],
)
def test_an_address_is_read_as_a_person_means_it_and_anything_else_is_none(text: str, canonical: str | None) -> None:
    assert canonical_address(text) == canonical


@given(addresses(), st.lists(st.integers(0, 5), min_size=4, max_size=4), st.sampled_from(["", " ", "\t", "\n  "]))
def test_zeros_and_blanks_never_change_what_is_meant(address: str, zeros: list[int], blank: str) -> None:
    octets = zip(zeros, address.split("."), strict=True)
    assert canonical_address(blank + ".".join("0" * count + octet for count, octet in octets) + blank) == address


@times(5)
@given(st.text(alphabet="0125. /:ax\u0664", max_size=18) | st.lists(st.integers(0, 300), min_size=3, max_size=5))
def test_four_numbers_up_to_255_are_an_address_and_nothing_else_is(drawn: str | list[int]) -> None:
    text = drawn if isinstance(drawn, str) else ".".join(map(str, drawn))
    octets = text.strip().split(".")
    numbers = [int(octet) for octet in octets if octet.isascii() and octet.isdigit() and len(octet) <= 10]
    is_address = len(octets) == len(numbers) == 4 and max(numbers) <= 255
    assert canonical_address(text) == (".".join(map(str, numbers)) if is_address else None)


def test_a_long_nonsense_is_refused_at_once() -> None:
    assert canonical_address("1" * 100_000) is None
    assert canonical_address(" " * 100_000) is None


@given(st.lists(addresses()))
def test_sorting_keeps_every_address_once_in_numerical_order(some: list[str]) -> None:
    numbers = [int(IPv4Address(address)) for address in sort_addresses(some)]
    assert numbers == sorted({int(IPv4Address(address)) for address in some})


@pytest.mark.parametrize("text", ["", "10.0.0", "010.0.0.4", "::1", "10.0.0.0/24"])
def test_only_canonical_addresses_can_be_sorted(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        sort_addresses(["10.0.0.9", text])


# A declared set.


@pytest.mark.parametrize(
    ("declared", "summary", "words"),
    [
        *(
            (["10.0.0.9", text], "Not an IPv4 address", [f'"{text}" is not', "without a prefix length", "Correct or"])
            for text in ("", "::1", "10.0.0.0/24", "10.0.0.256", "nat-1")
        ),
        *(
            # AWS would answer with the canonical one, and Terraform would see a difference for ever.
            ([text], "Address not in its canonical form", [f'"{text}" is not', 'Write "10.0.0.4".'])
            for text in ("010.0.0.4", " 10.0.0.4", "10.0.0.4\n")
        ),
        *(
            ([a, "10.0.0.9", b], "Address named twice", ["10.0.0.4 is named 2 times", f'"{a}", "{b}"', "Keep"])
            for a, b in (("10.0.0.4", "010.0.0.4"), ("10.0.0.4", "10.0.0.4"), ("10.0.0.4 ", "10.0.0.04"))
        ),
        (
            hosts(32),
            "Too many secondary addresses",
            ["32 addresses are declared", "at most 31 besides its primary", "7 under the default quota", "Remove"],
        ),
        # With the second one removed the set is fine, so there is one thing to say.
        ([*hosts(31), "010.0.0.10"], "Address named twice", ['Keep "10.0.0.10" once.']),
        ([None], "An address is null", ["Remove it", "compact([...])"]),
    ],
)
def test_a_mistake_in_a_set_is_one_problem_that_says_what_to_write(
    declared: list[str | None], summary: str, words: list[str]
) -> None:
    assert_says(the_problem(check_addresses(declared)), path=PATH, summary=summary, words=words)


def test_every_mistake_of_a_set_is_reported_at_once() -> None:
    problems = check_addresses(["010.0.0.4", "x", "10.0.0.5", "10.0.0.5", "y"])
    assert sorted(problem.summary for problem in problems) == [
        "Address named twice",
        "Address not in its canonical form",
        "Not an IPv4 address",
        "Not an IPv4 address",
    ]


@pytest.mark.parametrize("count", [0, 1, 7, 8, 31])
def test_canonical_addresses_are_fine_up_to_what_one_gateway_takes(count: int) -> None:
    assert check_addresses(hosts(count)) == ()


@given(st.lists(addresses() | st.text(max_size=12) | addresses().map("0{}".format), max_size=40))
def test_a_set_without_problems_is_canonical_unique_and_small_enough(texts: list[str]) -> None:
    problems = check_addresses(texts)
    clean = len(set(texts)) == len(texts) <= 31 and all(canonical_address(text) == text for text in texts)
    assert (problems == ()) == clean
    assert {problem.path for problem in problems} <= {PATH}


def ids(count: int) -> list[str]:
    return [f"eipalloc-{number:08x}" for number in range(count)]


@pytest.mark.parametrize(
    ("declared", "summaries"),
    [
        (ids(31), []),
        (["eipalloc-0a1b2c3d4e5f67890"], []),
        (ids(32), ["Too many secondary Elastic IPs"]),
        ([*ids(31), ids(1)[0]], ["Elastic IP named twice"]),
        (
            [None, "eipalloc-0a1b2c3d4", "203.0.113.9"],
            ["An Elastic IP is null", *["Not the allocation id of an Elastic IP"] * 2],
        ),
    ],
)
def test_a_set_of_elastic_ips_names_up_to_31_allocations_once(declared: list[str | None], summaries: list[str]) -> None:
    assert [problem.summary for problem in check_allocation_ids(declared)] == summaries


# What a subnet can give.


@given(subnets())
def test_a_subnet_gives_what_is_inside_but_the_first_four_and_the_last(subnet: IPv4Network) -> None:
    start, size = int(subnet.network_address), subnet.num_addresses

    def up(offset: int) -> str:
        return str(IPv4Address((start + offset) % 2**32))

    allowed = f"{up(4)} to {up(size - 2)} are allowed in {subnet}."
    expected = {
        "Address outside the gateway's subnet": ((-1, size, 70_000), ["is not in", allowed, "Correct or remove it."]),
        "Address reserved by AWS": ((0, 3, size - 1), ["is reserved", "first 4", "last", allowed, "Choose"]),
    }
    assert check_in_subnet(map(up, (4, 5, size // 2, size - 3, size - 2)), str(subnet)) == ()
    for summary, (offsets, words) in expected.items():
        for offset in offsets:
            problem = the_problem(check_in_subnet([up(4), up(offset)], str(subnet)))
            assert_says(problem, path=PATH, summary=summary, words=[up(offset), *words])


def test_all_of_the_smallest_subnet() -> None:
    every = [str(address) for address in IPv4Network("10.0.1.16/28")]
    refused = {problem.detail.split()[0] for problem in check_in_subnet(every, "10.0.1.16/28")}
    assert refused == set(every) - {f"10.0.1.{host}" for host in range(20, 31)}


def test_problems_stand_in_numerical_order() -> None:
    problems = check_in_subnet(["10.0.1.255", "10.0.2.9", "10.0.1.3", "9.0.0.1"], "10.0.1.0/24")
    assert [problem.detail.split()[0] for problem in problems] == ["9.0.0.1", "10.0.1.3", "10.0.1.255", "10.0.2.9"]


@pytest.mark.parametrize("text", ["", "10.0.0.4/30", "10.0.0.0/33", "10.0.0.5/24", "subnet-1", "2001:db8::/64"])
def test_what_is_no_subnet_or_too_small_to_give_anything_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        check_in_subnet(["10.0.0.21"], text)
