"""The text of `natgw_constructs.gateway`: what is declared for each resource, and what its construct gives to read.

Follows from the schemas: an attribute that is added to a resource becomes an argument of its construct, and of the
fleet; a computed one becomes a property of the construct.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from bindings import BoundClass, Member, filled
from natgw_provider.bridge.schema import NUMBER, STRING, SetOf
from natgw_provider.core import names
from natgw_provider.core.address_kinds import KIND_OF_TYPE, KINDS

KEYWORDS: Final = {
    names.ADDRESSES: "addresses",
    names.ADDRESS_COUNT: "count",
    names.MAX_DRAIN: "max_drain",
    names.MIN_IN_SERVICE: "min_in_service",
}
"""Where the constructs call an attribute by a shorter name than the resource does."""

_NAMES: Final = {
    "SecondaryPrivateIps": "Gateway",
    "SecondaryElasticIps": "PublicGateway",
    "SecondaryPrivateIp": "PrivateIp",
    "SecondaryElasticIp": "ElasticIp",
}
"""What the declaration of a resource is called; users of a fleet write it. Others are named after their resource."""

_ADDRESSES: Final = {
    names.PRIVATE_IP_ADDRESS,
    *(it.single_argument for it in KIND_OF_TYPE.values()),
    *chain.from_iterable((it.argument, it.count_argument, it.private_ips_argument) for it in KIND_OF_TYPE.values()),
}
"""The arguments that say which addresses; besides these and the gateway, arguments say how a change is made."""


@dataclass(frozen=True, slots=True)
class Field:
    """An argument of a construct: its name, what may be given, what it means."""

    name: str
    given: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Declaration:
    """What is declared for a resource: the gateway, which addresses, and how a change is made; and what can be read."""

    of: BoundClass
    name: str
    target: Sequence[Field]
    addresses: Sequence[Field]
    settings: Sequence[Field]
    readable: Sequence[Member]


def gateway_source(resources: Iterable[BoundClass]) -> str:
    """Return the text of `natgw_constructs.gateway`: an attribute added to a resource becomes an argument there."""
    choices = [*(kind.remove.base for kind in KINDS), names.ON_DESTROY_RETAIN]
    declarations = [_declaration(it) for it in resources]
    return filled("gateway.py", declarations=declarations, keywords=KEYWORDS, on_destroy=choices)


def _declaration(of: BoundClass) -> Declaration:
    fields = {it.name: _field(it) for it in of.members if it.is_argument}
    gateway = fields.pop(names.NAT_GATEWAY_ID)
    return Declaration(
        of,
        _NAMES.get(of.class_name, f"{of.class_name}Declaration"),
        target=[
            Field(gateway.name, gateway.given, f"{gateway.meaning} Give this or `nat_gateway`."),
            Field(
                "nat_gateway",
                "HasId",
                "The gateway as any object with an `id`, such as the AWS provider's `NatGateway`.",
            ),
        ],
        addresses=[it for name, it in fields.items() if name in _ADDRESSES],
        settings=[
            *(it for name, it in fields.items() if name not in _ADDRESSES),
            Field("provider", "AnyProvider", "The provider block to use. Default: the one without an alias."),
            Field(
                "depends_on",
                "Sequence[Addressable | str]",
                "What Terraform creates first: constructs, or the `fqn` of these.",
            ),
        ],
        readable=[
            it
            for it in of.members
            if it.name in (names.NAT_GATEWAY_ID, *_ADDRESSES) or not (it.is_argument or it.name == names.ID)
        ],
    )


def _field(member: Member) -> Field:
    """Return the argument of a construct: it takes what the binding does, and Python's own types."""
    given = member.given
    if member.name == names.ON_DESTROY:
        given = "OnDestroy"
    elif member.nesting:
        given = f"Mapping[str, str | timedelta] | {member.class_name}"
    elif member.type == SetOf(STRING):
        given = "Sequence[str] | AbstractSet[str]"
    elif member.type == NUMBER and member.name.endswith("_seconds"):
        given = "float | timedelta"
    meaning = re.sub(r"\w+", lambda word: KEYWORDS.get(word[0], word[0]), member.description)
    also = " Also as a timedelta." if "timedelta" in given else ""
    return Field(KEYWORDS.get(member.name, member.name), given, meaning + also)
