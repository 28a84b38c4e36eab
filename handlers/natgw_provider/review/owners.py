"""Which resources of a state or a plan manage a NAT gateway's secondary addresses already.

Three formats are read: a state as Terraform stores it (version 4, `terraform state pull`), a state as
`terraform show -json` prints it, and a plan as `terraform show -json tfplan` prints it. Only a plan holds the
configuration, so only a plan tells whether `aws_nat_gateway` declares the addresses or merely reports them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from natgw_provider.core import names
from natgw_provider.review.nat_gateways import ID_ATTRIBUTES, OWN_ADDRESSES, nat_gateways, resources_of
from natgw_provider.review.plan_document import parse_plan
from natgw_provider.review.reading import InputError, Values

STATE_VERSION: Final = 4
"""The version of the state format of Terraform since 0.12."""

_STORED: Final = "resources"
_SHOWN: Final = "values"
_HOW_TO: Final = (
    "Give what `terraform state pull`, `terraform show -json` or `terraform show -json tfplan` prints, as a file"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One resource that manages a NAT gateway.

    Attributes:
        address: the resource's address in its configuration.
        nat_gateway_id: the gateway's id.
        is_natgw: whether it is a resource of natgw's own; otherwise it is another provider's NAT gateway.
        declares_addresses: whether it manages the secondary addresses: its configuration sets them, or, where only a
            state is known, its state holds some.
    """

    address: str
    nat_gateway_id: str
    is_natgw: bool
    declares_addresses: bool


def owners_in(text: str, name: str) -> tuple[Owner, ...]:
    """Return the owners that a state or plan shows; `name` is the file's, for messages. Raises InputError."""
    document = _document(text, name)
    if document.plain.get("version") == STATE_VERSION and _STORED in document.plain:
        return tuple(_stored(document))
    if _SHOWN in document.plain:
        root = document.values(_SHOWN).values("root_module")
        shown = (_owner(one.text("address") or "", one, one.values(_SHOWN)) for one in resources_of(root))
        return tuple(owner for owner in shown if owner)
    if set(document.plain) <= {"format_version", "terraform_version"} and "format_version" in document.plain:
        return ()  # what `terraform show -json` prints of an empty state
    return tuple(_planned(text, name))


def _document(text: str, name: str) -> Values:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{name} is not JSON ({problem}). {_HOW_TO}.") from None
    if not isinstance(found, dict):
        raise InputError(f"{name} is JSON but no object. {_HOW_TO}.")
    return Values(name, found)


def _stored(document: Values) -> Iterator[Owner]:
    for resource in document.listed(_STORED):
        module, name = resource.text("module"), f"{resource.text('type')}.{resource.text('name')}"
        address = f"{module}.{name}" if module else name
        for instance in resource.listed("instances"):
            key = instance.plain.get("index_key")
            owner = _owner(
                address if key is None else f"{address}[{json.dumps(key)}]", resource, instance.values("attributes")
            )
            if owner:
                yield owner


def _owner(address: str, resource: Values, attributes: Values) -> Owner | None:
    """Return the owner that one resource of a state is; None when it is none."""
    kind = resource.text("type") or ""
    is_natgw = kind == names.RESOURCE_TYPE
    if resource.text("mode") != "managed" or not (is_natgw or kind in ID_ATTRIBUTES):
        return None
    nat_gateway_id = attributes.text(names.NAT_GATEWAY_ID if is_natgw else ID_ATTRIBUTES[kind])
    if not nat_gateway_id:
        return None
    holds = is_natgw or any(attributes.plain.get(name) for name in OWN_ADDRESSES)
    return Owner(address=address, nat_gateway_id=nat_gateway_id, is_natgw=is_natgw, declares_addresses=holds)


def _planned(text: str, name: str) -> Iterator[Owner]:
    plan = parse_plan(text, name)
    for gateway in nat_gateways(plan):
        if gateway.nat_gateway_id:
            yield Owner(
                address=gateway.address,
                nat_gateway_id=gateway.nat_gateway_id,
                is_natgw=False,
                declares_addresses=gateway.declares_addresses,
            )
    for change in plan.changes:
        held = change.before.text(names.NAT_GATEWAY_ID) if change.before else None
        if change.type == names.RESOURCE_TYPE and held:
            yield Owner(address=change.address, nat_gateway_id=held, is_natgw=True, declares_addresses=True)
