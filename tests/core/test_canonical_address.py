"""What counts as an IPv4 address, how it is spelled, and in which order addresses stand."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.addresses import canonical_address, sort_addresses
from support.strategies import addresses, times


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("10.0.0.4", "10.0.0.4"),
        ("0.0.0.0", "0.0.0.0"),
        ("255.255.255.255", "255.255.255.255"),
        ("010.0.0.4", "10.0.0.4"),
        ("10.000.00.0008", "10.0.0.8"),
        ("10.0.0.0000000009", "10.0.0.9"),
        (" 10.0.0.4", "10.0.0.4"),
        ("10.0.0.4 ", "10.0.0.4"),
        ("\t10.0.0.4\r\n", "10.0.0.4"),
    ],
)
def test_an_address_is_read_as_a_person_means_it(text: str, canonical: str) -> None:
    assert canonical_address(text) == canonical


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "...",
        "10",
        "10.0.0",
        "10.0.0.",
        ".10.0.0.4",
        "10..0.4",
        "10.0.0.4.5",
        "10.0.0.256",
        "256.0.0.1",
        "10.0.0.999",
        "10.0.0.4294967295",
        "10.0.0.00000000004",
        "10.0.0.-4",
        "+10.0.0.4",
        "10.0.0.4/32",
        "10.0.0.0/24",
        "10.0.0.4:80",
        "10.0.0. 4",
        "10 .0.0.4",
        "10,0,0,4",
        "10.0.0.4 10.0.0.5",
        "0x0a.0.0.4",
        "1e1.0.0.4",
        "1_0.0.0.4",
        "167772164",
        "10.0.0.a",
        "::1",
        "::ffff:10.0.0.4",
        "fe80::1%eth0",
        "localhost",
        "10.0.0.\u0664",
        "10.0.0.\uff14",
        "10.0.0.\u2074",
        "10\u30020.0.4",
        "\u200b10.0.0.4",
        "10.0.0.4\x00",
        "${aws_nat_gateway.this.private_ip}",
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    assert canonical_address(text) is None


def test_a_long_nonsense_is_refused_at_once() -> None:
    assert canonical_address("1" * 100_000) is None
    assert canonical_address(" " * 100_000) is None


@given(addresses(), st.lists(st.integers(0, 5), min_size=4, max_size=4), st.sampled_from(["", " ", "\t", "\n  "]))
def test_zeros_and_blanks_never_change_what_is_meant(address: str, zeros: list[int], blank: str) -> None:
    octets = zip(zeros, address.split("."), strict=True)
    assert canonical_address(blank + ".".join("0" * count + octet for count, octet in octets) + blank) == address


@times(5)
@given(st.text(alphabet="0123456789. /:ax\u0664", max_size=18))
def test_what_comes_out_is_canonical_and_python_agrees(text: str) -> None:
    """Python's own parser reads no leading zeros; what it accepts, we read alike."""
    canonical = canonical_address(text)
    if canonical is not None:
        assert str(IPv4Address(canonical)) == canonical
        return
    with pytest.raises(ValueError, match=r".*"):
        IPv4Address(text)


@given(st.lists(addresses()))
def test_sorting_keeps_every_address_and_needs_no_second_time(some: list[str]) -> None:
    ordered = sort_addresses(some)
    numbers = [int(IPv4Address(address)) for address in ordered]
    assert set(ordered) == set(some)
    assert numbers == sorted(set(numbers))
    assert sort_addresses(reversed(ordered)) == ordered


@pytest.mark.parametrize("text", ["", "10.0.0", "010.0.0.4", "::1", "10.0.0.0/24"])
def test_only_canonical_addresses_can_be_sorted(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        sort_addresses(["10.0.0.9", text])
