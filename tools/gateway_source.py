"""The text of `natgw_constructs.gateway`: what is declared for each resource, and what its construct gives to read.

Follows from the schemas: an attribute that is added to a resource becomes an argument of its construct, and of the
fleet; a computed one becomes a property of the construct.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from textwrap import wrap
from typing import Final

from bindings_source import docstring, is_argument, nested_class, parameter, words
from natgw_provider.bridge.schema import NUMBER, STRING, Attribute, Schema, SetOf
from natgw_provider.core import names
from natgw_provider.core.address_kinds import KINDS

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

_GATEWAY: Final = (names.NAT_GATEWAY_ID,)
_ADDRESSES: Final = {
    names.PRIVATE_IP_ADDRESS,
    *(it.single_argument for it in KINDS),
    *chain.from_iterable((it.argument, it.count_argument, it.private_ips_argument) for it in KINDS),
}
"""The arguments that say which addresses; besides these and the gateway, arguments say how a change is made."""

_BESIDES: Final = [
    ("provider", "AnyProvider", "The provider block to use. Default: the one without an alias."),
    ("depends_on", "Sequence[Addressable | str]", "What Terraform creates first: constructs, or the `fqn` of these."),
]
"""Terraform's own arguments that the constructs pass on to the resource."""

_HEAD: Final = """\
\"\"\"What is declared for a gateway or an address, and what the construct gives to read.

Generated from the provider's schema by `make docs`; do not edit.
\"\"\"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal, TypeAlias, TypedDict

from natgw_constructs.libraries import Addressable, HasId, Resolvable
{structs}

if TYPE_CHECKING:
    from natgw_constructs import cdktf, cdktn

    AnyProvider: TypeAlias = cdktf.NatgwProvider | cdktn.NatgwProvider

OnDestroy: TypeAlias = Literal{choices}
\"\"\"What destroying does: release the addresses, in the verb of their kind, or leave the gateway as it is.\"\"\"

KEYWORDS: Final[Mapping[str, str]] = {keywords}
\"\"\"The constructs' keyword arguments by the resource's attributes, where they differ.\"\"\"

"""

_NAT_GATEWAY: Final = "The gateway as any object with an `id`, such as the AWS provider's `NatGateway`."

Field = tuple[str, str, str]
"""An argument: its name, what may be given, what it means."""


def gateway_source(resources: Iterable[tuple[str, Schema]]) -> str:
    """Return the text of the module for the resources, each a class of the bindings and its schema."""
    lines: list[str] = []
    structs: list[str] = []
    declared: list[str] = []
    for owner, schema in resources:
        structs += [nested_class(owner, it) for it in schema.attributes if it.nested and is_argument(it)]
        declared.append(_name(owner))
        lines += _resource(owner, schema)
    lines += [f"Declaration: TypeAlias = {' | '.join(declared)}", '"""The declaration of any resource."""']
    imported = f"from natgw_constructs.structs import {', '.join(structs)}"
    choices = [*(kind.remove.base for kind in KINDS), names.ON_DESTROY_RETAIN]
    return "\n".join([_HEAD.format(structs=imported, choices=choices, keywords=KEYWORDS), *lines, ""])


def _resource(owner: str, schema: Schema) -> Iterator[str]:
    arguments = [attribute for attribute in schema.attributes if is_argument(attribute)]
    gateway = [_field(owner, it) for it in arguments if it.name in _GATEWAY]
    addresses = [_field(owner, it) for it in arguments if it.name in _ADDRESSES]
    how = [_field(owner, it) for it in arguments if it.name not in _ADDRESSES and it.name not in _GATEWAY]
    target = [
        *((name, given, f"{text} Give this or `nat_gateway`.") for name, given, text in gateway),
        ("nat_gateway", "HasId", _NAT_GATEWAY),
    ]
    name = _name(owner)
    settings = [*how, *_BESIDES]
    yield from _typed_dict(name, "Settings", "TypedDict", "How a change is made.", settings)
    yield from _typed_dict(name, "Target", f"{name}Settings", "The declaration without its addresses.", target)
    yield from _typed_dict(name, "Addresses", f"{name}Settings", "The declaration without its gateway.", addresses)
    yield from _typed_dict(name, "Arguments", f"{name}Target", "The whole declaration.", addresses)
    yield from _dataclass(name, owner, [*target, *addresses, *settings])
    yield from _attributes(name, owner, schema)


def _name(owner: str) -> str:
    return _NAMES.get(owner, f"{owner}Declaration")


def _field(owner: str, attribute: Attribute) -> Field:
    text = re.sub(r"\w+", lambda word: KEYWORDS.get(word[0], word[0]), attribute.description)
    given = _given(owner, attribute)
    if "timedelta" in given:
        text += " Also as a timedelta."
    return KEYWORDS.get(attribute.name, attribute.name), given, text


def _given(owner: str, attribute: Attribute) -> str:
    """Return what the constructs take: what the binding does, and Python's own types."""
    if attribute.name == names.ON_DESTROY:
        return "OnDestroy"
    if attribute.nested is not None:
        return f"Mapping[str, str | timedelta] | {nested_class(owner, attribute)}"
    if attribute.value_type == SetOf(STRING):
        return "Sequence[str] | AbstractSet[str]"
    if attribute.value_type == NUMBER and attribute.name.endswith("_seconds"):
        return "float | timedelta"
    return words(owner, attribute).given


def _typed_dict(name: str, part: str, base: str, summary: str, fields: list[Field]) -> Iterator[str]:
    yield f"class {name}{part}({base}, total=False):"
    yield f'    """{summary} `{name}` says what each argument means."""\n'
    yield from (f"    {field}: {given} | None" for field, given, _ in fields)
    yield "\n"


def _dataclass(name: str, owner: str, fields: list[Field]) -> Iterator[str]:
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield f"class {name}:"
    yield f'    """The declaration of one `{owner}`. An argument that is None counts as left out.\n\n    Attributes:'
    for field, _, text in fields:
        yield from wrap(
            f"{field}: {text}", 120, break_on_hyphens=False, initial_indent=" " * 8, subsequent_indent=" " * 12
        )
    yield '    """\n'
    yield f'    BINDING: ClassVar[str] = "{owner}"\n'
    yield from (f"    {parameter(field, given, required=False)}" for field, given, _ in fields)
    yield "\n"


def _attributes(name: str, owner: str, schema: Schema) -> Iterator[str]:
    yield f"class {name}Attributes:"
    yield '    """What the construct gives to read: the attributes of its resource, as tokens."""\n'
    yield f"    _resource: cdktf.{owner} | cdktn.{owner}\n"
    for attribute in schema.attributes:
        is_shown = not is_argument(attribute) and attribute.name != names.ID
        if is_shown or attribute.name in (*_GATEWAY, *_ADDRESSES):
            read = words(owner, attribute).read
            yield "    @property"
            yield f"    def {attribute.name}(self) -> {f'cdktf.{read} | cdktn.{read}' if attribute.nested else read}:"
            yield docstring(attribute.description, "        ")
            yield f"        return self._resource.{attribute.name}\n"
