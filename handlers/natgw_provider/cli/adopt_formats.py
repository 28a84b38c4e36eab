"""What `natgw adopt` found, and its texts: a table, HCL, Python for CDKTF, JSON. Pure functions, no I/O.

A tag may hold any text. It is printed with invisible characters escaped. A name made of it has only letters, digits,
`_` and `-`, and every other value is quoted for its language.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
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

_HCL_ESCAPES: Final = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_HEADERS: Final = ("NAME", "NAT GATEWAY", "REGION", "VPC", "SUBNET", "PRIMARY", "SECONDARIES")


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """A gateway and the region that it is in."""

    region: str
    gateway: NatGateway

    @property
    def kind(self) -> AddressKind:
        """The kind of secondary addresses that the gateway has."""
        return _KIND_OF[self.gateway.connectivity_type]


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A gateway that is not written, and why."""

    region: str
    gateway: NatGateway
    reason: str


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
    left_out: tuple[LeftOut, ...]
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
    result: dict[str, Located] = {}
    used = {name for name in wanted if counts[name] == 1}
    for name, it in zip(wanted, found, strict=True):
        is_own = counts[name] == 1
        unique = name if is_own else f"{name}_{_identifier(it.gateway.nat_gateway_id)}"
        while not is_own and unique in used:
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
    blocks = [_hcl_head(inventory, is_split=is_split)]
    for name, it in inventory.adopted.items():
        kind = it.kind
        width = max(len(kind.argument), len(names.NAT_GATEWAY_ID))
        provider = f"  {'provider':{width}} = natgw.{it.region}\n" if is_split else ""
        addresses = ", ".join(map(_hcl_text, it.gateway.attached))
        blocks.append(
            f"{_tag_comment(name, it)}import {{\n"
            f"  to = {kind.resource_type}.{name}\n"
            f"  id = {_hcl_text(it.gateway.nat_gateway_id)}\n"
            "}\n\n"
            f'resource "{kind.resource_type}" "{name}" {{\n'
            f"{provider}"
            f"  {names.NAT_GATEWAY_ID:{width}} = {_hcl_text(it.gateway.nat_gateway_id)}\n"
            f"  {kind.argument:{width}} = [{addresses}]\n"
            "}\n"
        )
    return "\n".join(blocks)


def _hcl_head(inventory: Inventory, *, is_split: bool) -> str:
    """Return a comment with the blocks that the configuration needs once, and the plan to expect."""
    providers = [
        f'provider "natgw" {{\n{_hcl_arguments(_provider_arguments(inventory, region, is_split=is_split))}}}'
        for region in inventory.by_region
    ]
    source = f'terraform {{\n  required_providers {{\n    natgw = {{ source = "{SOURCE}" }}\n  }}\n}}'
    needed = "\n\n".join([source, *providers])
    text = (
        f"{_written_by(inventory)} For Terraform 1.5 or later.\n\n"
        f"The configuration needs these blocks once:\n\n{_indented(needed)}\n\n"
        f'The plan has to say "{expected_plan(inventory)}".\n'
        "The import blocks can be deleted after the apply."
    )
    return "\n".join(f"# {line}".rstrip() for line in text.split("\n")) + "\n"


def _provider_arguments(inventory: Inventory, region: str, *, is_split: bool) -> dict[str, str | int]:
    """Return the provider block's arguments: region, profile, and a quota above the default where one is in use."""
    used = dict.fromkeys(KINDS, 0)
    for it in inventory.adopted.values():
        used[it.kind] = max(used[it.kind], len(it.gateway.addresses))
    return {
        **({"alias": region} if is_split else {}),
        "region": region,
        **({"profile": inventory.profile} if inventory.profile else {}),
        **{kind.quota.argument: most for kind, most in used.items() if most > kind.quota.default},
    }


def _hcl_arguments(arguments: Mapping[str, str | int]) -> str:
    width = max(map(len, arguments))
    values = {name: _hcl_text(it) if isinstance(it, str) else str(it) for name, it in arguments.items()}
    return "".join(f"  {name:{width}} = {value}\n" for name, value in values.items())


def _hcl_text(text: str) -> str:
    """Return text as a quoted string of HCL that holds no template."""
    quoted = "".join(
        _HCL_ESCAPES.get(letter) or (letter if letter.isprintable() else _code_point(letter)) for letter in text
    )
    return '"' + quoted.replace("${", "$${").replace("%{", "%%{") + '"'


def _code_point(letter: str) -> str:
    number = ord(letter)
    return f"\\u{number:04x}" if number <= 0xFFFF else f"\\U{number:08x}"  # noqa: PLR2004 - four hex digits


def to_cdktf(inventory: Inventory) -> str:
    """Return a Python module for cdktf and cdktn alike: GATEWAYS for a fleet, and a function that imports them.

    With gateways in several regions GATEWAYS has a mapping for each region.
    """
    regions = inventory.by_region
    if len(regions) == 1:
        entries = "".join(_python_entries(next(iter(regions.values())), indent=4))
    else:
        entries = "".join(
            f"    {_python_text(region)}: {{\n{''.join(_python_entries(gateways, indent=8))}    }},\n"
            for region, gateways in regions.items()
        )
    classes = sorted({_DECLARATIONS[it.kind][0] for it in inventory.adopted.values()} | {"NatGatewayFleet"})
    imports = f"from natgw_constructs import {', '.join(classes)}"
    return f"{_cdktf_head(inventory)}\n{imports}\n\nGATEWAYS = {{\n{entries}}}\n\n\n{_IMPORT_GATEWAYS}"


_IMPORT_GATEWAYS: Final = '''\
def import_gateways(fleet: NatGatewayFleet) -> None:
    """Import every gateway of a fleet with the next apply; not needed after that."""
    for gateway in fleet.gateways.values():
        gateway.resource.import_from(gateway.resource.nat_gateway_id_input)
'''


def _cdktf_head(inventory: Inventory) -> str:
    regions = inventory.by_region
    first = next(iter(regions))
    if len(regions) == 1:
        arguments = _python_arguments(_provider_arguments(inventory, first, is_split=False))
        usage = f'NatgwProvider(self, "natgw", {arguments})\nimport_gateways(NatGatewayFleet(self, "fleet", GATEWAYS))'
    else:
        others = _provider_arguments(inventory, first, is_split=True)
        arguments = _python_arguments({name: it for name, it in others.items() if name not in ("region", "alias")})
        more = f", {arguments}" if arguments else ""
        usage = (
            "for region, gateways in GATEWAYS.items():\n"
            f'    provider = NatgwProvider(self, f"natgw-{{region}}", region=region, alias=region{more})\n'
            "    import_gateways(NatGatewayFleet(self, region, gateways, provider=provider))"
        )
    text = (
        f"{_written_by(inventory)}\n\n"
        "In a stack of cdktf or cdktn, with this file as gateways.py or its content in main.py:\n\n"
        f"{_indented(usage)}\n\n"
        f'The plan has to say "{expected_plan(inventory)}".\n'
        "The calls of import_gateways can be deleted after the apply."
    )
    return "\n".join(f"# {line}".rstrip() for line in text.split("\n")) + "\n"


def _python_entries(gateways: Mapping[str, Located], *, indent: int) -> Iterator[str]:
    for name, it in gateways.items():
        declaration, argument = _DECLARATIONS[it.kind]
        addresses = ", ".join(map(_python_text, it.gateway.attached))
        arguments = f"nat_gateway_id={_python_text(it.gateway.nat_gateway_id)}, {argument}=[{addresses}]"
        yield f"{' ' * indent}{_python_text(name)}: {declaration}({arguments}),\n"


def _python_arguments(arguments: Mapping[str, str | int]) -> str:
    texts = {name: _python_text(it) if isinstance(it, str) else str(it) for name, it in arguments.items()}
    return ", ".join(f"{name}={value}" for name, value in texts.items())


def _python_text(text: str) -> str:
    """Return text as a string literal of Python: double quotes where JSON's escapes mean the same."""
    return json.dumps(text) if text.isascii() else repr(text)


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
        "left_out": [{**_facts(it.region, it.gateway), "reason": it.reason} for it in inventory.left_out],
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


def _written_by(inventory: Inventory) -> str:
    return f"{gateways_in_words(len(inventory.adopted))}, written by natgw adopt {__version__}."


def _tag_comment(name: str, it: Located) -> str:
    tag = it.gateway.name
    return f"# Name: {visible(tag)}\n" if tag and tag != name else ""


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.split("\n"))
