"""The rules for one IPv4 address and for a set of them: spelling, order, what a subnet can give.

Text in, text or problems out. It knows addresses, not gateways.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network

from natgw_provider.core import limits
from natgw_provider.core.names import ADDRESSES, ALLOCATION_IDS
from natgw_provider.core.problems import Problem

_DOTTED_QUAD = re.compile(r"\s*(\d{1,10})\.(\d{1,10})\.(\d{1,10})\.(\d{1,10})\s*", re.ASCII)
_OCTET_MAXIMUM = 255
_AFTER_IPV4 = 2**32
_ALLOCATION_ID = re.compile("eipalloc-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_AWS_ID = re.compile(r"[a-z]+-[0-9a-f]+")


def canonical_address(text: str) -> str | None:
    """Return the canonical dotted quad that `text` means, or None when it is no IPv4 address.

    Surrounding blanks and leading zeros are read as a person means them: `010.0.0.4` is `10.0.0.4`.
    """
    match = _DOTTED_QUAD.fullmatch(text)
    if match is None:
        return None
    octets = [int(octet) for octet in match.groups()]
    return ".".join(map(str, octets)) if max(octets) <= _OCTET_MAXIMUM else None


def address_order(key: str) -> tuple[int, str]:
    """Return what to sort an address's key by: IPv4 addresses numerically and first, AWS's ids after them.

    Raises ValueError for anything else, as for an address that is not canonical.
    """
    return (_AFTER_IPV4, key) if _AWS_ID.fullmatch(key) else (int(IPv4Address(key)), "")


def sort_addresses(addresses: Iterable[str]) -> tuple[str, ...]:
    """Return the keys of addresses in order, each once. Raises ValueError for what is no canonical key."""
    return tuple(sorted(set(addresses), key=address_order))


def check_allocation_ids(declared: Sequence[str | None], name: str = ALLOCATION_IDS) -> tuple[Problem, ...]:
    """Return what is wrong with declared Elastic IPs by themselves: null, not an allocation id, named twice, too many.

    `name` is the argument that holds them.
    """
    problems = [_null(name, "Elastic IP")] if None in declared else []
    ids = [text for text in declared if text is not None]
    problems += [not_allocation_id(text, name) for text in ids if not is_allocation_id(text)]
    repeated = sorted({text for text in ids if ids.count(text) > 1})
    problems += [_repeated(name, text, ids.count(text)) for text in repeated]
    if len(set(ids)) > limits.SECONDARY_ADDRESSES_MAXIMUM:
        allowed = limits.ELASTIC_IP_QUOTA_DEFAULT
        problems.append(_too_many(name, "Elastic IPs", "public", len(set(ids)), allowed))
    return tuple(problems)


def is_allocation_id(text: str) -> bool:
    """Return whether this is the id of an Elastic IP's allocation."""
    return _ALLOCATION_ID.fullmatch(text) is not None


def not_allocation_id(text: str, name: str) -> Problem:
    """Return that the argument `name` holds what is no allocation id."""
    return Problem(
        (name,),
        "Not the allocation id of an Elastic IP",
        f'"{text}" is not an allocation id. It is eipalloc- followed by 8 or 17 of the characters 0-9 and a-f, such as '
        '"eipalloc-0a1b2c3d4e5f67890": the id of an aws_eip, not its public address. Correct or remove it.',
    )


def check_addresses(declared: Sequence[str | None], name: str = ADDRESSES) -> tuple[Problem, ...]:
    """Return what is wrong with declared addresses by themselves: null, not IPv4, not canonical, named twice, too many.

    `name` is the argument that holds them.
    """
    problems: list[Problem] = [_null(name, "address")] if None in declared else []
    addresses = [text for text in declared if text is not None]
    spellings: dict[str, list[str]] = {}
    for text in addresses:
        canonical = canonical_address(text)
        if canonical is None:
            problems.append(_not_ipv4(name, text))
        else:
            spellings.setdefault(canonical, []).append(text)
    for canonical, texts in spellings.items():
        if len(texts) > 1:
            problems.append(_duplicate(name, canonical, texts))
        elif texts[0] != canonical:
            problems.append(_not_canonical(name, texts[0], canonical))
    distinct = {canonical_address(text) or text for text in addresses}
    if len(distinct) > limits.SECONDARY_ADDRESSES_MAXIMUM:
        problems.append(_too_many(name, "addresses", "private", len(distinct), limits.QUOTA_DEFAULT))
    return tuple(problems)


def subnet_network(subnet_cidr_block: str) -> IPv4Network:
    """Return a subnet's network. Raises ValueError if it is no CIDR block, or AWS would keep all of it."""
    network = IPv4Network(subnet_cidr_block)
    if network.num_addresses <= limits.RESERVED_FIRST_ADDRESSES + limits.RESERVED_LAST_ADDRESSES:
        raise ValueError(f"{subnet_cidr_block} is too small for a subnet")
    return network


def reserved_addresses(subnet_cidr_block: str) -> tuple[str, ...]:
    """Return what AWS keeps of a subnet: the first four addresses and the last. Raises ValueError for no subnet."""
    network = subnet_network(subnet_cidr_block)
    first = [network.network_address + offset for offset in range(limits.RESERVED_FIRST_ADDRESSES)]
    return tuple(str(address) for address in [*first, network.broadcast_address])


def check_in_subnet(addresses: Iterable[str], subnet_cidr_block: str, *, name: str = ADDRESSES) -> tuple[Problem, ...]:
    """Return a problem for every canonical address that the subnet cannot give: outside it, or reserved by AWS.

    `name` is the argument that holds them. Raises ValueError if an address is not canonical or the subnet none.
    """
    network = subnet_network(subnet_cidr_block)
    reserved = reserved_addresses(subnet_cidr_block)
    lowest, highest = network[limits.RESERVED_FIRST_ADDRESSES], network[-1 - limits.RESERVED_LAST_ADDRESSES]
    allowed = f"{lowest} to {highest} are allowed in {subnet_cidr_block}."
    problems: list[Problem] = []
    for address in sort_addresses(addresses):
        if IPv4Address(address) not in network:
            detail = f"{address} is not in the gateway's subnet {subnet_cidr_block}. {allowed} Correct or remove it."
            problems.append(Problem((name,), "Address outside the gateway's subnet", detail))
        elif address in reserved:
            detail = (
                f"{address} is reserved: AWS keeps the first {limits.RESERVED_FIRST_ADDRESSES} addresses and the last "
                f"one of every subnet, here {subnet_cidr_block}. {allowed} Choose another."
            )
            problems.append(Problem((name,), "Address reserved by AWS", detail))
    return tuple(problems)


def _null(name: str, noun: str) -> Problem:
    return Problem(
        (name,),
        f"An {noun} is null",
        f"{name} holds null, which names no {noun}. Remove it, or give a value; where a value may be null, write "
        "compact([...]).",
    )


def _repeated(name: str, text: str, times: int) -> Problem:
    return Problem((name,), "Elastic IP named twice", f'"{text}" is named {times} times. Keep it once.')


def _too_many(name: str, nouns: str, connectivity: str, count: int, quota: int) -> Problem:
    return Problem(
        (name,),
        f"Too many secondary {nouns}",
        f"{count} {nouns} are declared. A {connectivity} NAT gateway takes at most "
        f"{limits.SECONDARY_ADDRESSES_MAXIMUM} besides its primary, and {quota - 1} under the default quota. Remove "
        "some, or spread them over several gateways.",
    )


def _not_ipv4(name: str, text: str) -> Problem:
    return Problem(
        (name,),
        "Not an IPv4 address",
        f'"{text}" is not an IPv4 address. Give a dotted quad such as "10.0.0.10", '
        "without a prefix length. Correct or remove it.",
    )


def _not_canonical(name: str, text: str, canonical: str) -> Problem:
    return Problem(
        (name,),
        "Address not in its canonical form",
        f'"{text}" is not how AWS writes this address, so every plan would differ. Write "{canonical}".',
    )


def _duplicate(name: str, canonical: str, texts: Sequence[str]) -> Problem:
    listed = ", ".join(f'"{text}"' for text in texts)
    return Problem(
        (name,),
        "Address named twice",
        f'{canonical} is named {len(texts)} times: {listed}. Keep "{canonical}" once.',
    )
