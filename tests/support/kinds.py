"""Both kinds of addresses in one test: an Elastic IP stands for each private address of 10.0.0.0/24.

A test speaks of private addresses and of assigning. What a public gateway shows is translated to that, or back.
"""

from __future__ import annotations

import re
from dataclasses import replace

from natgw_provider.core import operations as ops
from natgw_provider.core.gateway import AddressStatus, NatGateway, NatGatewayAddress

_PUBLIC_STATUS = {
    AddressStatus.ASSIGNING: AddressStatus.ASSOCIATING,
    AddressStatus.UNASSIGNING: AddressStatus.DISASSOCIATING,
}
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


def elastic_ip(address: str) -> str:
    """Return the allocation id that stands for an address."""
    return f"eipalloc-{int(address.rpartition('.')[2]):017d}"


def plain(text: str) -> str:
    """Return what is said of Elastic IPs as it reads of private addresses."""
    for pattern, replacement in _PLAIN:
        text = re.sub(pattern, replacement, text)
    return text


def public(gateway: NatGateway) -> NatGateway:
    """Return the public gateway that stands for a private one."""
    return replace(gateway, connectivity_type="public", addresses=tuple(map(_public, gateway.addresses)))


def _public(address: NatGatewayAddress) -> NatGatewayAddress:
    status = address.status and _PUBLIC_STATUS.get(address.status, address.status)
    return replace(address, key=elastic_ip(address.key), status=status, private_ip=address.key)
