"""Lets a test that speaks of private addresses run with Elastic IPs as well.

On a public gateway an Elastic IP stands for each private address. What goes in is translated to the kind, what comes
out back again: arguments, states, gateways, approvals and texts. What differs otherwise between the kinds fails.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from ipaddress import IPv4Address
from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import Diagnostic
from natgw_provider.bridge.values import is_wholly_known
from natgw_provider.core import names
from natgw_provider.core import operations as ops
from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS, AddressKind
from natgw_provider.core.gateway import AddressStatus, NatGateway, NatGatewayAddress
from natgw_provider.resources.address_set import ELASTIC_IP_SET, PRIVATE_IP_SET, AddressSet

_NETWORK = int(IPv4Address("10.0.0.0"))
_HOSTS = 256
_TEXTS: Sequence[tuple[str, str | Callable[[re.Match[str]], str]]] = (
    (r"eipalloc-(\d{17})", lambda found: address_of(found[0])),
    ("Disassociat(e(?!d))?", "Unassign"),
    ("disassociat(e(?!d))?", "unassign"),
    ("(A|a)ssociat(e(?!d))?", r"\1ssign"),
    ("Elastic IPs", "addresses"),
    ("Elastic IP", "address"),
    ("(public|private) NAT gateway", lambda found: f"{_other(found[1])} NAT gateway"),
    ("connectivity type (public|private)", lambda found: f"connectivity type {_other(found[1])}"),
    ("private_ip_addresses", names.ADDRESSES),
    ("allocation_ids", names.ADDRESSES),
    ("elastic_ip_quota", PRIVATE_IPS.quota.argument),
)
_PLAIN = (
    (r"eipalloc-0*(\d+)", r"10.0.0.\1"),
    ("DisassociateNatGatewayAddress", ops.UNASSIGN),
    ("AssociateNatGatewayAddress", ops.ASSIGN),
    (r"(D|d)isassociat(e(?!d))?", lambda found: "Unassign" if found[1] == "D" else "unassign"),
    (r"(A|a)ssociat(e(?!d))?", r"\1ssign"),
    ("Resource.AlreadyAssigned", "InvalidIPAddress.InUse"),
    ("^Elastic IP", "Address"),
    ("Elastic IPs", "addresses"),
    ("Elastic IP", "address"),
)
"""How what is said of Elastic IPs reads of private addresses."""
_NAMES = {
    ELASTIC_IPS.argument: PRIVATE_IPS.argument,
    ELASTIC_IPS.private_ips_argument: PRIVATE_IPS.argument,
    ELASTIC_IPS.draining: PRIVATE_IPS.draining,
}
_STATUSES = {
    AddressStatus.ASSIGNING: AddressStatus.ASSOCIATING,
    AddressStatus.UNASSIGNING: AddressStatus.DISASSOCIATING,
}


def elastic_ip(address: str) -> str:
    """Return the allocation id that stands for a private address."""
    host = int(IPv4Address(address)) - _NETWORK
    return f"eipalloc-{host if 0 <= host < _HOSTS else host + _NETWORK:017d}"


def address_of(allocation_id: str) -> str:
    """Return the private address that an allocation id stands for."""
    number = int(allocation_id.removeprefix("eipalloc-"))
    return str(IPv4Address(number + _NETWORK if number < _HOSTS else number))


def plain(text: str) -> str:
    """Return what the engine says of Elastic IPs as it reads of private addresses."""
    for pattern, replacement in _PLAIN:
        text = re.sub(pattern, replacement, text)
    return text


def public(gateway: NatGateway) -> NatGateway:
    """Return the public gateway that stands for a private one."""
    return replace(
        gateway, connectivity_type=_other(gateway.connectivity_type), addresses=tuple(map(_elastic, gateway.addresses))
    )


class EitherKind:
    """Translates between a test and a kind; of private addresses, nothing."""

    def __init__(self, kind: AddressKind) -> None:
        self.is_public = kind.connectivity == ELASTIC_IPS.connectivity
        self.declared: AddressSet = ELASTIC_IP_SET if self.is_public else PRIVATE_IP_SET

    # To the kind.

    def arguments(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a test as the kind has them. Skips the test where it declares a count."""
        if not self.is_public:
            return dict(arguments)
        if arguments.get(names.ADDRESS_COUNT) is not None:
            pytest.skip("AWS picks no Elastic IPs")
        given = {name: value for name, value in arguments.items() if name not in (names.ADDRESSES, names.ADDRESS_COUNT)}
        addresses = arguments.get(names.ADDRESSES)
        given[names.ALLOCATION_IDS] = self._keys(addresses)
        if addresses is not None and is_wholly_known(addresses) and self._are_ips(addresses):
            given[names.PRIVATE_IP_ADDRESSES] = {elastic_ip(address): address for address in addresses}
        if given.get(names.ON_DESTROY) == PRIVATE_IPS.remove.base:
            given[names.ON_DESTROY] = ELASTIC_IPS.remove.base
        return given

    def state_in(self, state: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return a state of a test as the kind has it."""
        if state is None or not self.is_public:
            return None if state is None else dict(state)
        primary = state[names.PRIMARY]
        return {
            **{name: state.get(name) for name in self.declared.table.empty},
            **self.arguments({name: state[name] for name in (names.ADDRESSES, names.ON_DESTROY)}),
            names.DRAINING_ALLOCATION_IDS: self._keys(state[names.DRAINING]),
            names.PRIMARY_ALLOCATION_ID: elastic_ip(primary) if isinstance(primary, str) else primary,
        }

    def gateway(self, gateway: NatGateway | None) -> NatGateway | None:
        """Return a gateway of a test as the kind has it."""
        return public(gateway) if gateway and self.is_public else gateway

    # To the test.

    def state_out(self, state: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return a state of the kind as the test has it."""
        if state is None or not self.is_public:
            return None if state is None else dict(state)
        addresses = self.values(state[names.ALLOCATION_IDS])
        change = state[names.LAST_CHANGE]
        own = {name: value for name, value in state.items() if name in PRIVATE_IP_SET.table.empty}
        release = own.get(names.ON_DESTROY)
        return {
            **own,
            names.ADDRESSES: addresses,
            names.ADDRESS_COUNT: len(addresses) if isinstance(addresses, tuple) else addresses,
            names.DRAINING: self.values(state[names.DRAINING_ALLOCATION_IDS]),
            names.LAST_CHANGE: {part: self.values(text) for part, text in change.items()}
            if isinstance(change, dict)
            else change,
            names.ON_DESTROY: PRIVATE_IPS.remove.base if release == ELASTIC_IPS.remove.base else release,
        }

    def diagnostics(self, diagnostics: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return diagnostics of the kind as the test reads them."""
        return [
            replace(
                one,
                summary=self.text(one.summary),
                detail=self.text(one.detail),
                path=tuple(_NAMES.get(str(step), step) for step in one.path),
            )
            for one in diagnostics
        ]

    def text(self, text: str) -> str:
        """Return a text of the kind as the test reads it; one of Elastic IPs must use their words."""
        if self.is_public:
            assert not re.search("assign", text, re.IGNORECASE), text
        for pattern, replacement in _TEXTS if self.is_public else ():
            text = re.sub(pattern, replacement, text)
        return text

    def private(self, private: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Return private state of the kind with the approval as the test reads it."""
        if private is None or "approved" not in private or not self.is_public:
            return None if private is None else dict(private)
        approved = {name: self.values(value) for name, value in private["approved"].items()}
        return {**private, "approved": approved}

    def values(self, value: Any) -> Any:
        if isinstance(value, tuple | list):
            return type(value)(map(self.values, value))
        return self.text(value) if isinstance(value, str) else value

    @staticmethod
    def _keys(addresses: Any) -> Any:
        if not isinstance(addresses, tuple):
            return addresses
        return tuple(elastic_ip(one) if EitherKind._are_ips((one,)) else one for one in addresses)

    @staticmethod
    def _are_ips(addresses: Iterable[Any]) -> bool:
        return all(isinstance(one, str) and re.fullmatch(r"\d+\.\d+\.\d+\.\d+", one) for one in addresses)


def _elastic(address: NatGatewayAddress) -> NatGatewayAddress:
    host = address.key.rpartition(".")[2]
    return replace(
        address,
        key=elastic_ip(address.key),
        status=_STATUSES.get(address.status, address.status) if address.status else None,
        private_ip=address.key,
        public_ip=f"203.0.113.{host}",
        association_id=f"eipassoc-{host}",
    )


def _other(connectivity: str) -> str:
    return "private" if connectivity == "public" else "public"
