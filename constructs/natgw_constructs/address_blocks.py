"""Whole blocks of addresses, spelled out: `addresses` of the constructs takes what these functions return.

Only what is known at synthesis: a token has no addresses yet.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from natgw_provider.core.addresses import canonical_address
from natgw_provider.core.limits import SECONDARY_ADDRESSES_MAXIMUM


def address_block(cidr_block: str) -> list[str]:
    """Return every address of a CIDR block, such as the 8 of "10.0.0.16/29".

    Raises ValueError when it is none, starts in its own middle, or has more addresses than a gateway takes.
    """
    try:
        network = IPv4Network(str(cidr_block))  # a number would be an address, too
    except ValueError as error:
        raise ValueError(
            f'"{cidr_block}" is not an IPv4 CIDR block ({error}). Give one such as "10.0.0.16/29", known at synthesis.'
        ) from None
    return address_range(str(network[0]), str(network[-1]))


def address_range(first: str, last: str) -> list[str]:
    """Return every address from `first` to `last`, both included.

    Raises ValueError when one is no address, they are in the wrong order, or there are more than a gateway takes.
    """
    low, high = _address(first), _address(last)
    count = int(high) - int(low) + 1
    if count < 1:
        raise ValueError(f"{first} comes after {last}. Give the lower address first.")
    if count > SECONDARY_ADDRESSES_MAXIMUM:
        raise ValueError(
            f"{first} to {last} are {count} addresses. A private NAT gateway takes at most "
            f"{SECONDARY_ADDRESSES_MAXIMUM} besides its primary. Give a smaller block."
        )
    return [str(low + offset) for offset in range(count)]


def _address(text: str) -> IPv4Address:
    if canonical_address(text) != text:
        raise ValueError(f'"{text}" is not an IPv4 address. Give one such as "10.0.0.16", known at synthesis.')
    return IPv4Address(text)
