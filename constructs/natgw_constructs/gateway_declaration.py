"""From the declaration of one gateway to the resource's attributes, with everything that is wrong with it.

Makes no construct. What only Terraform knows is skipped wherever it stands, and the provider judges it later. The rules
themselves stand in `natgw_provider.core`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from constructs import Construct

from natgw_constructs.bindings import Binding, check_dependencies, check_provider, check_types
from natgw_constructs.declarations import Owners, wrong_type
from natgw_constructs.gateway import KEYWORDS, Gateway
from natgw_constructs.kinds import STRING, STRINGS, IsUnknown, members_of
from natgw_constructs.libraries import Library
from natgw_constructs.structs import SECONDARY_PRIVATE_IPS
from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.addresses import canonical_address
from natgw_provider.core.declaration_checks import check_declaration
from natgw_provider.core.problems import Problem

_NOT_JUDGED: Final = object()
"""Stands for a value that core does not judge."""

_WITH_AN_ID: Final = "any object with an id, such as the AWS provider's NatGateway"


def attributes_of(gateway: Gateway) -> dict[str, Any]:
    """Return the declaration by the resource's attributes, None for what is not given."""
    given = {name: _plain(getattr(gateway, KEYWORDS.get(name, name))) for name in SECONDARY_PRIVATE_IPS}
    if gateway.nat_gateway is not None:
        given[names.NAT_GATEWAY_ID] = getattr(gateway.nat_gateway, "id", None)
    return given


def problems_of(gateway: Gateway, library: Library, scope: Construct) -> list[Problem]:
    """Return everything that is wrong with a declaration in `scope`, by the resource's attributes."""
    given, unknown = attributes_of(gateway), library.is_unknown
    problems = check_types(SECONDARY_PRIVATE_IPS, given, unknown)
    ill_typed = {problem.path[0] for problem in problems if len(problem.path) == 1}
    judged = _judged(given, ill_typed, unknown)
    return [
        *problems,
        *_check_one_gateway(gateway),
        *check_declaration(PRIVATE_IPS, judged, lambda value: value is _NOT_JUDGED or unknown(value)),
        *check_provider(library.core, scope, gateway.provider),
        *check_dependencies(gateway.depends_on),
    ]


def check_owner(gateway: Gateway, library: Library, owners: Owners, path: str) -> Iterator[Problem]:
    """Yield a problem when another construct of the app declares the same gateway. Only known ids can be compared."""
    gateway_id = known_id(gateway, library)
    owner = owners.other_than(path, gateway_id) if gateway_id else None
    if gateway_id and owner:
        yield declared_twice(gateway_id, owner)


def known_id(gateway: Gateway, library: Library) -> str | None:
    """Return the id of the gateway, None when it is missing or only Terraform knows it."""
    gateway_id = attributes_of(gateway)[names.NAT_GATEWAY_ID]
    return gateway_id if isinstance(gateway_id, str) and not library.is_unknown(gateway_id) else None


def declared_twice(gateway_id: str, owner: str) -> Problem:
    """Return the problem that the construct at the path `owner` declares the gateway already."""
    detail = (
        f"{gateway_id} is declared by {owner} already. A declaration is the gateway's full set, so that two would undo "
        "each other at every apply. Declare all addresses in one place."
    )
    return Problem((names.NAT_GATEWAY_ID,), "Gateway declared twice", detail)


def check_lookup(tags: object, filters: object, unknown: IsUnknown) -> Iterator[Problem]:
    """Yield what is wrong with tags and filters of a lookup. To Python, a text is a list of its letters."""
    if not tags and not filters:
        detail = 'Neither tags nor filters are given. Give tags, such as {"Name": "egress-a"}, or filters, or both.'
        yield Problem(("tags",), "Nothing to look for", detail)
    if filters is None:
        return
    if not isinstance(filters, Mapping):
        yield wrong_type(("filters",), filters, 'Give lists of values by name, such as {"subnet-id": ["subnet-1"]}.')
        return
    for name, values in filters.items():
        yield from STRING.check(("filters", str(name)), name, unknown)
        if values is None:
            yield wrong_type(("filters", str(name)), None, f"Give {STRINGS.noun}.")
        yield from STRINGS.check(("filters", str(name)), values, unknown)


def advice_on(resource: Binding) -> Iterator[str]:
    """Yield a warning for what is allowed, and would otherwise be learned from a failed plan or a blocked apply."""
    addresses = resource.known_value(names.ADDRESSES, ())
    count = resource.known_value(names.ADDRESS_COUNT, 0)
    needed = 1 + max(len(addresses or ()), count or 0)
    if needed > limits.QUOTA_DEFAULT:
        yield (
            f"{needed} addresses with the primary are more than AWS's default quota of {limits.QUOTA_DEFAULT} for a "
            f"private NAT gateway (L-DFA99DE7): have it raised, and set private_ip_address_quota = {needed} or more in "
            "the provider block."
        )
    if resource.known_value(names.WAIT_FOR_DRAIN, True) is False:
        yield (
            f"With {names.WAIT_FOR_DRAIN} = false apply returns while addresses still drain. AWS refuses every other "
            "change of the gateway until the drain has ended, and the next apply begins by waiting for that."
        )


def address_block(cidr_block: str) -> list[str]:
    """Return every address of a CIDR block, such as the 8 of "10.0.0.16/29".

    Raises ValueError when it is not a CIDR block that is known at synthesis, does not begin at its first address, or
    has more addresses than a gateway takes.
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

    Raises ValueError when one is not an address, they are in the wrong order, or there are more than a gateway takes.
    """
    low, high = _address(first), _address(last)
    count = int(high) - int(low) + 1
    if count < 1:
        raise ValueError(f"{first} comes after {last}. Give the lower address first.")
    if count > limits.SECONDARY_ADDRESSES_MAXIMUM:
        raise ValueError(
            f"{first} to {last} are {count} addresses. A private NAT gateway takes at most "
            f"{limits.SECONDARY_ADDRESSES_MAXIMUM} besides its primary. Give a smaller block."
        )
    return [str(low + offset) for offset in range(count)]


def _address(text: str) -> IPv4Address:
    if canonical_address(text) != text:
        raise ValueError(f'"{text}" is not an IPv4 address. Give one such as "10.0.0.16", known at synthesis.')
    return IPv4Address(text)


def _check_one_gateway(gateway: Gateway) -> Iterator[Problem]:
    if gateway.nat_gateway is not None and getattr(gateway.nat_gateway, "id", None) is None:
        allowed = f"Give {_WITH_AN_ID}, or {names.NAT_GATEWAY_ID}."
        yield wrong_type(("nat_gateway",), gateway.nat_gateway, allowed)
    elif (gateway.nat_gateway_id is None) == (gateway.nat_gateway is None):
        found = "Neither is given" if gateway.nat_gateway is None else "Both are given"
        detail = f"{found}. Give {names.NAT_GATEWAY_ID}, or nat_gateway as {_WITH_AN_ID}, not both."
        yield Problem((names.NAT_GATEWAY_ID,), "Exactly one gateway is required", detail)


def _judged(given: Mapping[str, Any], ill_typed: AbstractSet[object], unknown: IsUnknown) -> dict[str, Any]:
    """Return the declaration as core judges it: what has the wrong type has its problem already, and counts as unknown.

    A missing gateway has its problem as well: `_check_one_gateway` knows both ways to give one.
    """

    def text_or_unknown(value: Any) -> Any:
        return value if isinstance(value, str) else _NOT_JUDGED

    judged = {name: _NOT_JUDGED if name in ill_typed else value for name, value in given.items()}
    if judged[names.NAT_GATEWAY_ID] is None:
        judged[names.NAT_GATEWAY_ID] = _NOT_JUDGED
    addresses: Any = judged[names.ADDRESSES]
    timeouts: Any = judged[names.TIMEOUTS]
    if addresses is not None and addresses is not _NOT_JUDGED and not unknown(addresses):
        judged[names.ADDRESSES] = [text_or_unknown(address) for address in addresses]
    if timeouts is not None and timeouts is not _NOT_JUDGED and not unknown(timeouts):
        texts = members_of(timeouts)
        found = {operation: texts.get(operation) for operation in names.TIMEOUT_OPERATIONS}
        judged[names.TIMEOUTS] = {operation: text_or_unknown(text) for operation, text in found.items()}
    return judged


def _plain(value: Any) -> Any:
    """Return Python's own types as the binding takes them; a set in numerical order."""
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return int(seconds) if seconds.is_integer() else seconds
    if isinstance(value, AbstractSet):
        return sorted(value, key=lambda address: [part.zfill(3) for part in str(address).split(".")])
    if isinstance(value, Mapping):
        return {name: f"{_plain(it)}s" if isinstance(it, timedelta) else it for name, it in value.items()}
    return value
