"""A block of addresses is spelled out in full, and a block that no gateway takes is refused with what is allowed."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_constructs import DeclarationError, NatGatewaySecondaryIps, address_block, address_range
from support.constructs_bench import Bench


def test_a_block_has_all_its_addresses() -> None:
    assert address_block("10.0.0.16/29") == [f"10.0.0.{last}" for last in range(16, 24)]


def test_a_range_includes_both_ends() -> None:
    assert address_range("10.0.0.254", "10.0.1.1") == ["10.0.0.254", "10.0.0.255", "10.0.1.0", "10.0.1.1"]


@given(st.integers(0, 2**32 - 31), st.integers(1, 31))
def test_a_range_is_as_long_as_its_ends_are_apart(first: int, length: int) -> None:
    addresses = address_range(str(IPv4Address(first)), str(IPv4Address(first + length - 1)))
    assert [int(IPv4Address(address)) for address in addresses] == list(range(first, first + length))


@pytest.mark.parametrize(
    ("block", "message"),
    [
        ("10.0.0.0/26", "10.0.0.0 to 10.0.0.63 are 64 addresses. A private NAT gateway takes at most 31"),
        ("10.0.0.17/29", r"10.0.0.17/29\" is not an IPv4 CIDR block \(10.0.0.17/29 has host bits set\)"),
        ("subnet", '"subnet" is not an IPv4 CIDR block'),
        ("${TfToken[TOKEN.1]}", "known at synthesis"),
    ],
)
def test_an_unusable_block_is_refused(block: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        address_block(block)


def test_ends_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.9 comes after 10\.0\.0\.4"):
        address_range("10.0.0.9", "10.0.0.4")


def test_an_end_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match=r'"10\.0\.0" is not an IPv4 address'):
        address_range("10.0.0", "10.0.0.4")


def test_from_cidr_declares_the_block(bench: Bench) -> None:
    NatGatewaySecondaryIps.from_cidr(
        bench.stack, "egress", nat_gateway_id="nat-00000001", cidr="10.0.0.16/30", max_drain=60
    )
    assert bench.resource() == {
        "nat_gateway_id": "nat-00000001",
        "secondary_private_ip_addresses": ["10.0.0.16", "10.0.0.17", "10.0.0.18", "10.0.0.19"],
        "max_drain_duration_seconds": 60,
    }


def test_from_cidr_names_the_construct_and_the_argument_that_is_wrong(bench: Bench) -> None:
    with pytest.raises(DeclarationError, match=r"declaration of stack/egress\n  cidr: No usable block"):
        NatGatewaySecondaryIps.from_cidr(bench.stack, "egress", nat_gateway_id="nat-00000001", cidr="10.0.0.0/16")
