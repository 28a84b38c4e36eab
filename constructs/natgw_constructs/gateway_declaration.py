"""From a declaration to the resource's attributes, with everything that is wrong with it.

Makes no construct. What only Terraform knows is skipped wherever it stands, and the provider judges it later. The rules
themselves stand in `natgw_provider.core`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network
from typing import Any, Final

from constructs import Construct

from natgw_constructs.bindings import Binding, check_dependencies, check_provider, check_types
from natgw_constructs.declarations import Claim, Claims, wrong_type
from natgw_constructs.gateway import KEYWORDS, Declaration
from natgw_constructs.kinds import STRINGS, IsUnknown, Kind, members_of
from natgw_constructs.libraries import Library, library_of
from natgw_provider.core import limits, names
from natgw_provider.core.address_kinds import KIND_OF_TYPE, AddressKind
from natgw_provider.core.addresses import canonical_address
from natgw_provider.core.declaration_checks import check_declaration
from natgw_provider.core.problems import AttributePath, Problem

_ATTRIBUTES: Final = {keyword: attribute for attribute, keyword in KEYWORDS.items()}
_NO_ATTRIBUTES: Final = ("nat_gateway", "provider", "depends_on")

_NOT_JUDGED: Final = object()
"""Stands for a value that core does not judge."""

_NO_RELEASE: Final = " An Elastic IP that drains is not released, so an aws_eip that leaves in the same apply fails."
_FILTERS: Final = Kind(
    noun='lists of values by name, such as {"subnet-id": ["subnet-1"]}', types=(Mapping,), item=STRINGS
)
_WITH_AN_ID: Final = "any object with an id, such as the AWS provider's NatGateway"


@dataclass(frozen=True, slots=True)
class Declared:
    """A declaration in a scope.

    Attributes:
        declaration: what is declared.
        scope: the construct that it is declared in.
        library: the library of that construct.
        attributes: the declaration by the resource's attributes, None for what is not given.
    """

    declaration: Declaration
    scope: Construct
    library: Library
    attributes: Mapping[str, Any]

    @classmethod
    def within(cls, scope: Construct, declaration: Declaration) -> Declared:
        """Return the declaration in `scope`. Raises TypeError outside a stack."""
        keywords = [field.name for field in fields(declaration) if field.name not in _NO_ATTRIBUTES]
        attributes = {_ATTRIBUTES.get(name, name): _plain(getattr(declaration, name)) for name in keywords}
        if declaration.nat_gateway is not None:
            attributes[names.NAT_GATEWAY_ID] = getattr(declaration.nat_gateway, "id", None)
        return cls(declaration, scope, library_of(scope), attributes)

    @property
    def binding(self) -> type[Binding]:
        """The class of the resource, in the scope's library."""
        binding: type[Binding] = getattr(self.library.bindings, self.declaration.BINDING)
        return binding

    @property
    def kind(self) -> AddressKind:
        """The kind of the addresses."""
        return KIND_OF_TYPE[self.binding.TF_RESOURCE_TYPE]

    def known(self, name: str, default: Any = None) -> Any:
        """Return the value of an attribute, `default` when it is missing or only Terraform knows it."""
        value = self.attributes.get(name)
        return default if value is None or self.library.is_unknown(value) else value

    def problems(self, path: str) -> list[Problem]:
        """Return everything that is wrong when the construct at `path` declares this, by the resource's attributes."""
        unknown = self.library.is_unknown
        problems = check_types(self.binding.ARGUMENTS, self.attributes, unknown)
        wrong = {problem.path for problem in problems}
        judged = {name: _judged((name,), value, wrong) for name, value in self.attributes.items()}
        if judged[names.NAT_GATEWAY_ID] is None:  # _check_one_gateway knows both ways to give one
            judged[names.NAT_GATEWAY_ID] = _NOT_JUDGED
        return [
            *problems,
            *_check_one_gateway(self.declaration),
            *check_declaration(self.kind, judged, lambda value: value is _NOT_JUDGED or unknown(value)),
            *check_provider(self.library.core, self.scope, self.declaration.provider),
            *check_dependencies(self.declaration.depends_on),
            *self._check_id(path),
            *self._check_owner(path),
        ]

    def make_resource(self, scope: Construct, construct_id: str) -> Binding:
        """Make the resource in `scope`. Its errors name the keyword arguments of the constructs."""
        make: Any = self.binding
        besides = {"provider": self.declaration.provider, "depends_on": self.declaration.depends_on}
        resource: Binding = make(scope, construct_id, **self.attributes, **besides)
        resource.declared_with(KEYWORDS)
        return resource

    def claim(self, path: str) -> Claim:
        """Return what the construct at `path` owns: the gateway, or one address of it."""
        kind = self.kind
        is_single = kind.single_argument in self.attributes
        # An address that is not known yet may be another's or not: the plan says which.
        return Claim(path, kind, self.known(kind.single_argument, path) if is_single else None)

    def add_claim(self, path: str) -> None:
        """Note what the construct at `path` owns. Only known gateways can be compared."""
        if nat_gateway_id := self.known(names.NAT_GATEWAY_ID):
            Claims.within(self.scope.node.root).add(nat_gateway_id, self.claim(path))

    def advice(self) -> Iterator[str]:
        """Yield warnings about what is allowed, but may make a plan fail or block the next apply."""
        yield from self._advice_on_quota()
        if self.attributes[names.WAIT_FOR_DRAIN] is False:
            yield (
                f"With {names.WAIT_FOR_DRAIN} = false apply returns while addresses still drain. AWS refuses every "
                "other change of the gateway until the drain has ended, and the next apply begins by waiting for that."
                f"{'' if self.kind.is_bound_to_subnet else _NO_RELEASE}"
            )

    def _check_id(self, path: str) -> Iterator[Problem]:
        # Only the libraries' own constructs refuse this. The numbers of tokens change with each edit of an app.
        if self.library.is_unknown(path):
            detail = f"{path} has a token in it. An id is part of the resource's address in Terraform. Give fixed text."
            yield Problem(("id",), "Id not known at synthesis", detail)

    def _check_owner(self, path: str) -> Iterator[Problem]:
        nat_gateway_id, own = self.known(names.NAT_GATEWAY_ID), self.claim(path)
        other = Claims.within(self.scope.node.root).against(str(nat_gateway_id), own)
        if other is not None:
            yield claimed_already(str(nat_gateway_id), own, other)

    def _advice_on_quota(self) -> Iterator[str]:
        kind, quota = self.kind, self.kind.quota
        needed = 1 + max(len(self.known(kind.argument, ())), self.known(kind.count_argument or "", 0))
        if needed > quota.default and needed > self._allowed(quota.argument, quota.default):
            yield (
                f"{needed} {kind.nouns} with the primary are more than AWS's default quota of {quota.default} for a "
                f"{kind.connectivity} NAT gateway ({quota.code}): have it raised, and set {quota.argument} = {needed} "
                "or more in the provider block."
            )

    def _allowed(self, argument: str, default: int) -> float:
        """Return the quota that the provider block sets; infinite when only Terraform knows it."""
        block = self.declaration.provider
        if block is None:
            stack = self.library.core.TerraformStack.of(self.scope)
            blocks = [it for it in stack.node.children if isinstance(it, self.library.bindings.NatgwProvider)]
            block = next((it for it in blocks if it.alias is None), None)
        allowed = default if block is None else block.known_value(argument, default)
        return float("inf") if allowed is None else allowed


def claimed_already(nat_gateway_id: str, own: Claim, other: Claim) -> Problem:
    """Return the problem that another construct has claimed the gateway, or the address."""
    path, declared = (names.NAT_GATEWAY_ID,), f"{nat_gateway_id} is declared by {other.path} already"
    if own.kind and other.kind and own.kind.connectivity != other.kind.connectivity:
        detail = (
            f"{declared}, as a {other.kind.connectivity} gateway. This declares it as a {own.kind.connectivity} one. "
            "Correct the id in one of the two."
        )
        return Problem(path, "Gateway declared as private and as public", detail)
    if own.key is not None and other.key is not None:
        detail = (
            f"{own.key} on {nat_gateway_id} is declared by {other.path} already. An address belongs to one resource. "
            "Remove one of the two."
        )
        return Problem(path, "Address declared twice", detail)
    detail = (
        f"{declared}. A set is every secondary of its gateway. Two sets, or a set and a single address, would undo "
        "each other at every apply. Declare all addresses in one set, or each of them as a single one."
    )
    return Problem(path, "Gateway declared twice", detail)


def check_lookup(tags: object, filters: object, unknown: IsUnknown) -> Iterator[Problem]:
    """Yield what is wrong with tags and filters of a lookup."""
    if not tags and not filters:
        detail = 'Neither tags nor filters are given. Give tags, such as {"Name": "egress-a"}, or filters, or both.'
        yield Problem(("tags",), "Nothing to look for", detail)
    yield from _FILTERS.check(("filters",), filters, unknown)


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


def _check_one_gateway(declaration: Declaration) -> Iterator[Problem]:
    if declaration.nat_gateway is not None and getattr(declaration.nat_gateway, "id", None) is None:
        allowed = f"Give {_WITH_AN_ID}, or {names.NAT_GATEWAY_ID}."
        yield wrong_type(("nat_gateway",), declaration.nat_gateway, allowed)
    elif (declaration.nat_gateway_id is None) == (declaration.nat_gateway is None):
        found = "Neither is given" if declaration.nat_gateway is None else "Both are given"
        detail = f"{found}. Give {names.NAT_GATEWAY_ID}, or nat_gateway as {_WITH_AN_ID}, not both."
        yield Problem((names.NAT_GATEWAY_ID,), "Exactly one gateway is required", detail)


def _judged(path: AttributePath, value: Any, wrong: Collection[AttributePath]) -> Any:
    """Return a value as core judges it: what has the wrong type has its problem already, and counts as unknown."""
    if path in wrong:
        return _NOT_JUDGED
    if isinstance(value, list | tuple):
        return [_judged((*path, position), item, wrong) for position, item in enumerate(value)]
    if isinstance(value, Mapping) or is_dataclass(value):
        return {name: _judged((*path, name), member, wrong) for name, member in members_of(value).items()}
    return value


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
