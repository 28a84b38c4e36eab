"""The pages of the Terraform Registry, made from the provider's schema and from an example in `examples/`.

The order, the words for types and the anchors are those of terraform-plugin-docs, so that the Registry and its readers
find what they know.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from natgw_provider import SOURCE
from natgw_provider.bridge.schema import Attribute, ListOf, MapOf, ObjectOf, Primitive, Schema, SetOf, Type
from natgw_provider.core import names
from natgw_provider.resources.provider import NatgwProvider

RESOURCE_EXAMPLE: Final = Path("examples/02-hcl-minimal/main.tf")
DATA_SOURCE_EXAMPLE: Final = Path("examples/08-hcl-data-source/main.tf")
LIST_EXAMPLE: Final = Path("examples/09-hcl-query/gateways.tfquery.hcl")

_PROVIDER: Final = "natgw"
_MARK: Final = "<!-- Generated from the provider's schema by `make docs`; do not edit. -->"
_BETWEEN_BLOCKS: Final = re.compile(r"\n\n(?=\w)")

_GROUPS: Final = ("Required", "Optional", "Read-Only")
_PRIMITIVES: Final = {"string": "String", "number": "Number", "bool": "Boolean"}
_NESTED: Final = {"single": "Attributes", "list": "Attributes List", "set": "Attributes Set", "map": "Attributes Map"}

_AFTER_INDEX_EXAMPLE: Final = f"""\
`natgw install` puts the provider where `terraform init` finds it; nothing is fetched from a registry for
`source = "{SOURCE}"`. Tested with Terraform 1.6 and 1.8 to 1.15; not yet with OpenTofu.

## Permissions

`ec2:DescribeNatGateways` and `ec2:DescribeSubnets` on `*`; to change a gateway also
`ec2:AssignPrivateNatGatewayAddress` and `ec2:UnassignPrivateNatGatewayAddress` on its ARN. Apply asks AWS by dry runs
whether all its calls are permitted before it makes the first."""

_INDEX_GUIDES: Final = """\
## Guides

- [Installing natgw](guides/installing.md)
- [Bring existing gateways under management](guides/bring-gateways-under-management.md)
- [When something goes wrong](guides/operations.md)
- [Reviewing a change: `natgw review`](guides/review.md)
- [Rehearsing a change without AWS: `natgw simulator`](guides/simulator.md)
- [Testing a module: `terraform test`](guides/testing.md)
- [natgw or aws_nat_gateway?](guides/natgw-or-aws.md)"""

_RESOURCE_EXCLUSIVE: Final = """\
~> **The resource is exclusive.** It owns every secondary address of its gateway: what is not declared is drained and
unassigned. Declare one `natgw_secondary_private_ips` for a gateway, and do not manage the same gateway's addresses with
`aws_nat_gateway.secondary_private_ip_addresses` (or `secondary_private_ip_address_count`) too, unless that resource has
`ignore_changes` for both: the two would undo each other on every apply. A plan refuses two resources for one gateway,
but does not see them across provider aliases, which are separate processes; `natgw review` catches that.

-> An apply may take as long as connections drain: `max_drain_duration_seconds`, plus the time that AWS takes to assign.
An address that the plan did not show is never unassigned.

-> An argument that is null counts as left out, so a module can declare a set for one gateway and a count for another
with `optional()` fields. Keep the one of the two that is not declared out of `ignore_changes`: Terraform gives the
provider its old value as if it were declared, and a plan in which the two do not agree is an error."""

_RESOURCE_IMPORT: Final = """\
## Import

By the id of the NAT gateway. The plan after the import of a gateway that matches the declaration is empty. In Terraform
1.5 and later with an `import` block:

```terraform
import {
  to = natgw_secondary_private_ips.egress
  id = "nat-0123456789abcdef0"
}
```

or with the command:

```shell
terraform import natgw_secondary_private_ips.egress nat-0123456789abcdef0
```

Terraform 1.12 and later also take `identity = { nat_gateway_id = "nat-0123456789abcdef0" }` in place of the `id`. With
Terraform 1.14 and later, `terraform plan -generate-config-out=FILE` writes the resource block; what 1.8 to 1.13 write
has both address arguments: keep one of them.

A gateway that exists need not be imported: creating the resource adopts it, and the plan shows what would be
unassigned."""

_PAGE_GUIDES: Final = _INDEX_GUIDES.replace("](guides/", "](../guides/")

_DATA_SOURCE_NOTE: Final = """\
None or several gateways that match are an error, which lists what was found. It reads and never changes anything; the
calls it makes are `ec2:DescribeNatGateways` and `ec2:DescribeSubnets`."""

_LIST_NOTE: Final = """\
For `terraform query`, with Terraform 1.14 and later. `terraform query -generate-config-out=FILE` writes configuration
with `import` blocks, whose plan says `N to import, 0 to add, 0 to change, 0 to destroy`. It reads and never changes
anything; the calls it makes are `ec2:DescribeNatGateways` and, for whole resources, `ec2:DescribeSubnets`.

The schema below is that of the `config` block. `provider`, `limit`, `include_resource`, `for_each` and `count` are
Terraform's own arguments of a `list` block; without `limit` Terraform asks for 100 resources."""


def pages(root: Path) -> dict[str, str]:
    """Return the text of each page by its path in the checkout at `root`, whose examples it shows."""
    provider = NatgwProvider()
    return {
        "docs/index.md": _index(provider.schema, root),
        "docs/resources/secondary_private_ips.md": _resource(provider.resources[names.RESOURCE_TYPE].schema, root),
        "docs/data-sources/nat_gateway.md": _data_source(provider.data_sources[names.DATA_SOURCE_TYPE].schema, root),
        "docs/list-resources/secondary_private_ips.md": _list(
            provider.list_resources[names.RESOURCE_TYPE].schema, root
        ),
    }


def _index(schema: Schema, root: Path) -> str:
    return _page(
        f"{_PROVIDER} Provider",
        schema,
        [
            _example(root / RESOURCE_EXAMPLE, ("terraform", "provider", "resource")),
            _AFTER_INDEX_EXAMPLE,
            *schema_section(schema),
            _INDEX_GUIDES,
        ],
    )


def _resource(schema: Schema, root: Path) -> str:
    return _page(
        f"{names.RESOURCE_TYPE} (Resource)",
        schema,
        [
            _RESOURCE_EXCLUSIVE,
            _example(root / RESOURCE_EXAMPLE, ("resource", "output")),
            *schema_section(schema),
            _RESOURCE_IMPORT,
            _PAGE_GUIDES,
        ],
    )


def _data_source(schema: Schema, root: Path) -> str:
    return _page(
        f"{names.DATA_SOURCE_TYPE} (Data Source)",
        schema,
        [
            _DATA_SOURCE_NOTE,
            _example(root / DATA_SOURCE_EXAMPLE, ("data", "output")),
            *schema_section(schema),
            _PAGE_GUIDES,
        ],
    )


def _list(schema: Schema, root: Path) -> str:
    return _page(
        f"{names.RESOURCE_TYPE} (List Resource)",
        schema,
        [_LIST_NOTE, _example(root / LIST_EXAMPLE, ("list",)), *schema_section(schema), _PAGE_GUIDES],
    )


def _page(title: str, schema: Schema, sections: Iterable[str]) -> str:
    front = [
        "---",
        f'page_title: "{_page_title(title)}"',
        'subcategory: ""',
        "description: |-",
        f"  {schema.description}",
        "---",
    ]
    return "\n\n".join(["\n".join(front), _MARK, f"# {title}", schema.description, *sections]) + "\n"


def _page_title(title: str) -> str:
    name, _, kind = title.partition(" (")
    return f"{name} {kind.rstrip(')')} - {_PROVIDER}" if kind else title


def _example(path: Path, kinds: tuple[str, ...]) -> str:
    blocks = _BETWEEN_BLOCKS.split(path.read_text(encoding="utf-8").strip())
    shown = "\n\n".join(block for block in blocks if block.split(maxsplit=1)[0] in kinds)
    return f"## Example Usage\n\n```terraform\n{shown}\n```"


def schema_section(schema: Schema) -> Iterator[str]:
    """Yield the paragraphs: the attributes by group, in alphabetical order, then each nested object."""
    yield "## Schema"
    for group, members in _grouped(schema.attributes):
        yield f"### {group}"
        yield _listed(members, ())
    yield from _nested_sections(schema.attributes, ())


def _nested_sections(attributes: Iterable[Attribute], path: tuple[str, ...]) -> Iterator[str]:
    for attribute in _in_page_order(attributes):
        if attribute.nested is not None:
            below = (*path, attribute.name)
            yield f'<a id="{_anchor(below)}"></a>\n### Nested Schema for `{".".join(below)}`'
            for group, members in _grouped(attribute.nested.attributes):
                yield f"{group}:"
                yield _listed(members, below)
            yield from _nested_sections(attribute.nested.attributes, below)


def _in_page_order(attributes: Iterable[Attribute]) -> list[Attribute]:
    return [attribute for _, members in _grouped(attributes) for attribute in members]


def _grouped(attributes: Iterable[Attribute]) -> Iterator[tuple[str, Sequence[Attribute]]]:
    by_name = sorted(attributes, key=lambda attribute: attribute.name)
    for group in _GROUPS:
        if members := [attribute for attribute in by_name if _group(attribute) == group]:
            yield group, members


def _group(attribute: Attribute) -> str:
    """An argument that the provider fills in when it is left out stands under Optional."""
    if attribute.required:
        return "Required"
    return "Optional" if attribute.optional else "Read-Only"


def _listed(attributes: Iterable[Attribute], path: tuple[str, ...]) -> str:
    return "\n".join(_line(attribute, (*path, attribute.name)) for attribute in attributes)


def _line(attribute: Attribute, path: tuple[str, ...]) -> str:
    notes = [_kind(attribute), *(["Sensitive"] if attribute.sensitive else [])]
    notes += ["Deprecated"] if attribute.deprecated else []
    pointer = f" (see [below for nested schema](#{_anchor(path)}))" if attribute.nested else ""
    return f"- `{attribute.name}` ({', '.join(notes)}) {' '.join(attribute.description.split())}{pointer}"


def _anchor(path: tuple[str, ...]) -> str:
    return "nestedatt--" + "--".join(path)


def _kind(attribute: Attribute) -> str:
    return _NESTED[attribute.nested.nesting] if attribute.nested else _words(attribute.value_type)


def _words(kind: Type) -> str:
    match kind:
        case Primitive(name):
            return _PRIMITIVES[name]
        case ListOf(element):
            return f"List of {_words(element)}"
        case SetOf(element):
            return f"Set of {_words(element)}"
        case MapOf(element):
            return f"Map of {_words(element)}"
        case ObjectOf():
            return "Object"
