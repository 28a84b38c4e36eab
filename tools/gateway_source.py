"""The text of `natgw_constructs.gateway`: what is declared for one gateway, and what its construct gives to read.

Follows from the resource's schema: an attribute that is added there becomes an argument of `Gateway`, of the construct
and of the fleet, and a computed one a property of the construct.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from textwrap import wrap
from typing import Final

from bindings_source import docstring, is_argument, nested_class, parameter, words
from natgw_provider.bridge.schema import NUMBER, STRING, Attribute, Schema, SetOf
from natgw_provider.core import names
from natgw_provider.core.address_kinds import PRIVATE_IPS

KEYWORDS: Final = {
    names.ADDRESSES: "addresses",
    names.ADDRESS_COUNT: "count",
    names.MAX_DRAIN: "max_drain",
    names.MIN_IN_SERVICE: "min_in_service",
}
"""Where the constructs call an attribute by a shorter name than the resource does."""

_WHICH: Final = (names.NAT_GATEWAY_ID, names.ADDRESSES, names.ADDRESS_COUNT)
"""What says which gateway and which addresses; the other arguments say how the set is changed."""

_BESIDES: Final = {
    "provider": ("AnyProvider", "The provider block to use. Default: the one without an alias."),
    "depends_on": ("Sequence[Addressable | str]", "What has to be there first: constructs, or the `fqn` of these."),
}
"""Terraform's own arguments that the constructs pass on to the resource."""

_HEAD: Final = f"""\
\"\"\"What is declared for one gateway, and what its construct gives to read.

Generated from the provider's schema by `make docs`; do not edit.
\"\"\"
from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias, TypedDict

from natgw_constructs.libraries import Addressable, HasId, Resolvable
from natgw_constructs.structs import SecondaryPrivateIpsTimeouts

if TYPE_CHECKING:
    from natgw_constructs import cdktf, cdktn

    AnyProvider: TypeAlias = cdktf.NatgwProvider | cdktn.NatgwProvider

OnDestroy: TypeAlias = Literal{list(PRIVATE_IPS.on_destroy_choices)}
\"\"\"What destroying does: unassign the addresses, or leave the gateway as it is.\"\"\"

KEYWORDS: Final[Mapping[str, str]] = {KEYWORDS}
\"\"\"The constructs' keyword arguments by the resource's attributes, where they differ.\"\"\"

"""

_NAT_GATEWAY: Final = "The gateway as any object with an `id`, such as the AWS provider's `NatGateway`."

Field = tuple[str, str, str]
"""An argument: its name, what may be given, what it means."""


def gateway_source(owner: str, schema: Schema) -> str:
    """Return the text of the module, for the resource class `owner`."""
    arguments = [attribute for attribute in schema.attributes if is_argument(attribute)]
    how = [_field(owner, it) for it in arguments if it.name not in _WHICH] + [(n, *it) for n, it in _BESIDES.items()]
    gateway_id, addresses, count = (_field(owner, it) for name in _WHICH for it in arguments if it.name == name)
    target = [(*gateway_id[:2], f"{gateway_id[2]} Give this or `nat_gateway`."), ("nat_gateway", "HasId", _NAT_GATEWAY)]
    lines = [
        *_typed_dict("Settings", "TypedDict", "How a gateway's set is changed, whichever gateway it is.", how),
        *_typed_dict("Target", "Settings", "Which gateway, and how its set is changed.", target),
        *_typed_dict("GatewayArguments", "Target", "The whole declaration of one gateway.", [addresses, count]),
        *_dataclass([*target, addresses, count, *how]),
        *_attributes(owner, schema),
    ]
    return "\n".join([_HEAD, *lines, ""])


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


def _typed_dict(name: str, base: str, summary: str, fields: list[Field]) -> Iterator[str]:
    yield f"class {name}({base}, total=False):"
    yield f'    """{summary} `Gateway` says what each argument means."""\n'
    yield from (f"    {field}: {given} | None" for field, given, _ in fields)
    yield "\n"


def _dataclass(fields: list[Field]) -> Iterator[str]:
    yield "@dataclass(frozen=True, slots=True, kw_only=True)"
    yield "class Gateway:"
    yield '    """One gateway\'s declaration. None is not given.\n\n    Attributes:'
    for name, _, text in fields:
        yield from wrap(
            f"{name}: {text}", 120, break_on_hyphens=False, initial_indent=" " * 8, subsequent_indent=" " * 12
        )
    yield '    """\n'
    yield from (f"    {parameter(name, given, required=False)}" for name, given, _ in fields)
    yield "\n"


def _attributes(owner: str, schema: Schema) -> Iterator[str]:
    yield "class GatewayAttributes:"
    yield '    """What the construct of one gateway gives to read: the attributes of its resource, as tokens."""\n'
    yield f"    _resource: cdktf.{owner} | cdktn.{owner}\n"
    for attribute in schema.attributes:
        if attribute.name in _WHICH or (not is_argument(attribute) and attribute.name != names.ID):
            read = words(owner, attribute).read
            yield "    @property"
            yield f"    def {attribute.name}(self) -> {f'cdktf.{read} | cdktn.{read}' if attribute.nested else read}:"
            yield docstring(attribute.description, "        ")
            yield f"        return self._resource.{attribute.name}\n"
