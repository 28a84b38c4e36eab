"""What `natgw adopt` found, and its texts: a table, HCL, Python for CDKTF, JSON. Pure functions, no I/O.

A tag may hold any text. It is printed with invisible characters escaped. A name made of it has only letters, digits,
`_` and `-`, and every other value is quoted for its language.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import indent
from typing import Any, Final

from natgw_provider import SOURCE, __version__
from natgw_provider.core import names
from natgw_provider.core.address_kinds import ELASTIC_IPS, KINDS, PRIVATE_IPS, AddressKind
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.names import natural
from natgw_provider.review.escape import visible

NAME_LENGTH: Final = 64
"""Longest name made of a tag; a tag may have 256 characters."""

_TAKEN: Final = ("Resource", "Default", "addresses", "address_total", "connection_capacity", "iam_policy")
"""Construct ids and outputs that a fleet uses itself."""

_KIND_OF: Final = {kind.connectivity: kind for kind in KINDS}
_DECLARATIONS: Final = {PRIVATE_IPS: ("Gateway", "addresses"), ELASTIC_IPS: ("PublicGateway", "allocation_ids")}
"""The class of the constructs that declares a gateway, and its argument for the addresses, by their kind."""

_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HEADERS: Final = ("NAME", "NAT GATEWAY", "REGION", "VPC", "SUBNET", "PRIMARY", "SECONDARIES")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A gateway and the region that it is in; `left_out_because` says why it is not written, empty where it is."""

    region: str
    gateway: NatGateway
    left_out_because: str = ""

    @property
    def kind(self) -> AddressKind:
        """The kind of secondary addresses that the gateway has."""
        return _KIND_OF[self.gateway.connectivity_type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What was found.

    Attributes:
        locations: region and account of every read, in words.
        regions: the regions' names.
        profile: the profile that the user named, if any.
        adopted: the gateways to write, by their names in the configuration, in natural order of region and name.
        left_out: those that are not written.
        to_ignore: other providers' NAT gateway resources that need `ignore_changes`, each with the arguments to ignore.
    """

    locations: tuple[str, ...]
    regions: tuple[str, ...]
    profile: str | None
    adopted: Mapping[str, Located]
    left_out: tuple[Located, ...]
    to_ignore: Mapping[str, tuple[str, ...]]

    @property
    def by_region(self) -> dict[str, dict[str, Located]]:
        """The gateways to write by region and name; a region without any is left out."""
        found: dict[str, dict[str, Located]] = {}
        for name, it in self.adopted.items():
            found.setdefault(it.region, {})[name] = it
        return found


def in_natural_order(found: Iterable[Located]) -> list[Located]:
    """Return gateways by region, then by Name in natural order (gw2 before gw10), those without a Name last."""
    return sorted(
        found,
        key=lambda it: (it.region, not it.gateway.name, natural(it.gateway.name or ""), it.gateway.nat_gateway_id),
    )


def named(found: Sequence[Located]) -> dict[str, Located]:
    """Return gateways by unique names: the tag `Name`, with the id where that is not unique, or the id alone."""
    wanted = [_identifier(it.gateway.name or "") or _identifier(it.gateway.nat_gateway_id) for it in found]
    counts = Counter([*wanted, *_TAKEN])
    used = {name for name in wanted if counts[name] == 1}
    result: dict[str, Located] = {}
    for name, it in zip(wanted, found, strict=True):
        unique = name
        if counts[name] > 1:
            unique = f"{name}_{_identifier(it.gateway.nat_gateway_id)}"
            while unique in used:
                unique += "_"
            used.add(unique)
        result[unique] = it
    return result


def _identifier(text: str) -> str:
    """Return text as an identifier of HCL that starts with a letter; empty when no character of it is allowed."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode("ascii")
    kept = re.sub(r"[^A-Za-z0-9_-]+", "_", plain).strip("_-")[:NAME_LENGTH].rstrip("_-")
    return f"gateway_{kept}" if kept[:1].isdigit() else kept


def to_table(inventory: Inventory) -> str:
    """Return the gateways to write as a table; empty without any."""
    rows = [list(_HEADERS), *(_row(name, it) for name, it in inventory.adopted.items())]
    if len(inventory.regions) == 1:
        for row in rows:
            del row[_HEADERS.index("REGION")]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)
    return "\n".join(lines) + "\n" if inventory.adopted else ""


def _row(name: str, it: Located) -> list[str]:
    gateway = it.gateway
    labels = {address.key: address.label for address in gateway.addresses}
    primary = gateway.primary.label if gateway.primary else "-"
    groups = (("", gateway.attached), ("draining ", gateway.draining), ("failed ", [it.key for it in gateway.failed]))
    listed = [f"{word}{', '.join(labels[key] for key in keys) or 'none'}" for word, keys in groups if keys or not word]
    secondaries = "; ".join(listed)
    place = (it.region, gateway.vpc_id or "-", gateway.subnet_id or "-")
    return [name, *(visible(cell) for cell in (gateway.nat_gateway_id, *place, primary)), secondaries]


def to_hcl(inventory: Inventory) -> str:
    """Return an import block and a resource for each gateway, as `terraform fmt` writes them."""
    is_split = len(inventory.by_region) > 1
    providers = [_hcl_arguments(_provider_arguments(inventory, it, is_split=is_split)) for it in inventory.by_region]
    blocks = [f'terraform {{\n  required_providers {{\n    natgw = {{ source = "{SOURCE}" }}\n  }}\n}}']
    blocks += [f'provider "natgw" {{\n{arguments}}}' for arguments in providers]
    head = _HCL_HEAD.format(blocks=indent("\n\n".join(blocks), "  "), **_words(inventory))
    gateways = [_hcl_gateway(name, it, is_split=is_split) for name, it in inventory.adopted.items()]
    return "\n".join([_comment(head), *gateways])


_HCL_HEAD: Final = """\
{written_by} For Terraform 1.5 or later.

The configuration needs these blocks once:

{blocks}

The plan has to say "{expected_plan}".
The import blocks can be deleted after the apply.
"""

_HCL_GATEWAY: Final = """\
{tag}import {{
  to = {type}.{name}
  id = {id}
}}

resource "{type}" "{name}" {{
{arguments}}}
"""


def _hcl_gateway(name: str, it: Located, *, is_split: bool) -> str:
    gateway_id, tag = _hcl_text(it.gateway.nat_gateway_id), it.gateway.name
    provider = {"provider": f"natgw.{it.region}"} if is_split else {}
    addresses = f"[{', '.join(map(_hcl_text, it.gateway.attached))}]"
    return _HCL_GATEWAY.format(
        tag=f"# Name: {visible(tag)}\n" if tag and tag != name else "",
        type=it.kind.resource_type,
        name=name,
        id=gateway_id,
        arguments=_hcl_arguments({**provider, names.NAT_GATEWAY_ID: gateway_id, it.kind.argument: addresses}),
    )


def _hcl_arguments(arguments: Mapping[str, str]) -> str:
    width = max(map(len, arguments))
    return "".join(f"  {name:{width}} = {value}\n" for name, value in arguments.items())


def _hcl_text(text: str) -> str:
    """Return text as a quoted string of HCL that holds no template."""
    return _quoted(text).replace("${", "$${").replace("%{", "%%{")


def _quoted(text: str) -> str:
    """Return text in double quotes, for Python; its escapes mean the same in HCL, which has fewer than JSON."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in _ESCAPES or letter.isprintable():
        return _ESCAPES.get(letter, letter)
    number = ord(letter)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - four hex digits


def _provider_arguments(
    inventory: Inventory, region: str, *, is_split: bool, quoted: Callable[[str], str] = _hcl_text
) -> dict[str, str]:
    """Return the provider block's arguments: region, profile, and a quota above the default where one is in use."""
    used = dict.fromkeys(KINDS, 0)
    for it in inventory.adopted.values():
        used[it.kind] = max(used[it.kind], len(it.gateway.addresses))
    return {
        **({"alias": quoted(region)} if is_split else {}),
        "region": quoted(region),
        **({"profile": quoted(inventory.profile)} if inventory.profile else {}),
        **{kind.quota.argument: str(most) for kind, most in used.items() if most > kind.quota.default},
    }


def to_cdktf(inventory: Inventory) -> str:
    """Return a Python module for cdktf and cdktn alike: GATEWAYS for a fleet, and a function that imports them.

    With gateways in several regions GATEWAYS has a mapping for each region.
    """
    entries = {region: _python_entries(gateways) for region, gateways in inventory.by_region.items()}
    first, *others = entries
    arguments = _provider_arguments(inventory, first, is_split=False, quoted=_quoted)
    if others:
        gateways = "".join(f"{_quoted(region)}: {{\n{indent(it, '    ')}}},\n" for region, it in entries.items())
        usage, arguments = _USAGE_OF_REGIONS, arguments | {"region": "region", "alias": "region"}
    else:
        gateways, usage = entries[first], _USAGE
    usage = usage.format(arguments=", ".join(f"{name}={value}" for name, value in arguments.items()))
    return _MODULE.format(
        head=_comment(_MODULE_HEAD.format(usage=indent(usage, "  "), **_words(inventory))),
        classes=", ".join(sorted({_DECLARATIONS[it.kind][0] for it in inventory.adopted.values()} | {_FLEET})),
        gateways=indent(gateways, "    "),
    )


_FLEET: Final = "NatGatewayFleet"
_USAGE: Final = """\
NatgwProvider(self, "natgw", {arguments})
import_gateways(NatGatewayFleet(self, "fleet", GATEWAYS))"""
_USAGE_OF_REGIONS: Final = """\
for region, gateways in GATEWAYS.items():
    provider = NatgwProvider(self, f"natgw-{{region}}", {arguments})
    import_gateways(NatGatewayFleet(self, region, gateways, provider=provider))"""

_MODULE_HEAD: Final = """\
{written_by}

In a stack of cdktf or cdktn, with this file as gateways.py or its content in main.py:

{usage}

The plan has to say "{expected_plan}".
The calls of import_gateways can be deleted after the apply.
"""

_MODULE: Final = '''\
{head}
from natgw_constructs import {classes}

GATEWAYS = {{
{gateways}}}


def import_gateways(fleet: NatGatewayFleet) -> None:
    """Import every gateway of a fleet with the next apply; not needed after that."""
    for gateway in fleet.gateways.values():
        gateway.resource.import_from(gateway.resource.nat_gateway_id_input)
'''


def _python_entries(gateways: Mapping[str, Located]) -> str:
    lines = []
    for name, it in gateways.items():
        declaration, argument = _DECLARATIONS[it.kind]
        addresses = ", ".join(map(_quoted, it.gateway.attached))
        arguments = f"nat_gateway_id={_quoted(it.gateway.nat_gateway_id)}, {argument}=[{addresses}]"
        lines.append(f"{_quoted(name)}: {declaration}({arguments}),\n")
    return "".join(lines)


def _comment(text: str) -> str:
    return "".join(f"# {line}".rstrip() + "\n" for line in text.removesuffix("\n").split("\n"))


def _words(inventory: Inventory) -> dict[str, str]:
    """Return what the heads of both languages say."""
    written_by = f"{gateways_in_words(len(inventory.adopted))}, written by natgw adopt {__version__}."
    return {"written_by": written_by, "expected_plan": expected_plan(inventory)}


def to_json(inventory: Inventory) -> str:
    """Return everything for programs. Within `format_version` 1 members are only added."""
    document = {
        "format_version": 1,
        "gateways": [
            {
                "name": name,
                **_facts(it.region, it.gateway),
                it.kind.primary: it.gateway.primary.key if it.gateway.primary else None,
                it.kind.argument: list(it.gateway.attached),
                it.kind.draining: list(it.gateway.draining),
            }
            for name, it in inventory.adopted.items()
        ],
        "left_out": [{**_facts(it.region, it.gateway), "reason": it.left_out_because} for it in inventory.left_out],
        "ignore_changes_needed": list(inventory.to_ignore),
    }
    return json.dumps(document, indent=2) + "\n"


def _facts(region: str, gateway: NatGateway) -> dict[str, Any]:
    return {
        names.NAT_GATEWAY_ID: gateway.nat_gateway_id,
        "region": region,
        "name_tag": gateway.name,
        names.VPC_ID: gateway.vpc_id,
        names.SUBNET_ID: gateway.subnet_id,
        "state": gateway.state.value,
        "connectivity_type": gateway.connectivity_type,
    }


def expected_plan(inventory: Inventory) -> str:
    """Return what Terraform's plan of the written configuration says when nothing changes."""
    return f"{len(inventory.adopted)} to import, 0 to add, 0 to change, 0 to destroy"


def gateways_in_words(count: int) -> str:
    """Return a number of gateways in words."""
    return f"{count} NAT gateway{'' if count == 1 else 's'}"
