"""A block of addresses is spelled out in full, and a block that no gateway takes is refused with what is allowed."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_constructs import DeclarationError, NatGatewaySecondaryIps, address_block, address_range
from support.constructs_bench import Bench


@given(st.integers(0, 2**32 - 31), st.integers(1, 31))
def test_a_range_includes_both_ends_and_all_between(first: int, length: int) -> None:
    addresses = address_range(str(IPv4Address(first)), str(IPv4Address(first + length - 1)))
    assert [int(IPv4Address(address)) for address in addresses] == list(range(first, first + length))


@pytest.mark.parametrize(
    ("given_block", "message"),
    [
        (("10.0.0.0/26",), "10.0.0.0 to 10.0.0.63 are 64 addresses. A private NAT gateway takes at most 31"),
        (("10.0.0.17/29",), r"10.0.0.17/29\" is not an IPv4 CIDR block \(10.0.0.17/29 has host bits set\)"),
        (("subnet",), '"subnet" is not an IPv4 CIDR block'),
        (("${TfToken[TOKEN.1]}",), "known at synthesis"),
        (("10.0.0.9", "10.0.0.4"), r"10\.0\.0\.9 comes after 10\.0\.0\.4"),
        (("10.0.0", "10.0.0.4"), r'"10\.0\.0" is not an IPv4 address'),
    ],
)
def test_an_unusable_block_or_range_is_refused(given_block: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        (address_block if len(given_block) == 1 else address_range)(*given_block)


def test_from_cidr_declares_the_block(bench: Bench) -> None:
    NatGatewaySecondaryIps.from_cidr(
        bench.stack, "egress", nat_gateway_id="nat-00000001", cidr="10.0.0.16/30", max_drain=60
    )
    assert bench.resource() == {
        "nat_gateway_id": "nat-00000001",
        "secondary_private_ip_addresses": ["10.0.0.16", "10.0.0.17", "10.0.0.18", "10.0.0.19"],
        "max_drain_duration_seconds": 60,
    }


@pytest.mark.parametrize("block", ["10.0.0.0/16", 0])
def test_from_cidr_names_the_construct_and_the_argument_that_is_wrong(bench: Bench, block: Any) -> None:
    with pytest.raises(DeclarationError, match=r"declaration of stack/egress\n  cidr: No usable block"):
        NatGatewaySecondaryIps.from_cidr(bench.stack, "egress", nat_gateway_id="nat-00000001", cidr=block)
