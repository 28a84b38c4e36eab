"""What else in a plan concerns the same gateways: other providers' NAT gateway resources, and the gateways' names.

Other providers' attributes are read here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from natgw_provider.core import names
from natgw_provider.review.plan_document import PlanDocument, ResourceChange
from natgw_provider.review.reading import Values

ID_ATTRIBUTES: Final = {"aws_nat_gateway": "id", "awscc_ec2_nat_gateway": "nat_gateway_id"}
"""Resource types that are a NAT gateway, and the attribute that holds its id."""

OWN_ADDRESSES: Final = ("secondary_private_ip_addresses", "secondary_private_ip_address_count")
"""The arguments of these types that declare secondary private addresses."""

_INSTANCE_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGatewayResource:
    """A NAT gateway as another provider manages it in the same plan.

    Attributes:
        address: the resource's address.
        nat_gateway_id: the gateway's id; None before it is created.
        fate: "deleted" or "replaced" by this plan, or empty.
        is_replaced_first: whether its replacement is created before it is deleted.
        declares_addresses: whether its configuration sets the secondary private addresses too.
        changes_addresses: whether this plan changes them through it.
    """

    address: str
    nat_gateway_id: str | None
    fate: str
    is_replaced_first: bool
    declares_addresses: bool
    changes_addresses: bool


def nat_gateways(plan: PlanDocument) -> tuple[NatGatewayResource, ...]:
    """Return the NAT gateways that other providers manage in a plan."""
    declaring = set(_declaring(plan.document.values("configuration").values("root_module")))
    return tuple(_gateway(change, declaring) for change in plan.changes if change.type in ID_ATTRIBUTES)


def gateway_names(plan: PlanDocument) -> dict[str, str]:
    """Return the tag `Name` by gateway id, from every resource and data source of the plan that tells it."""
    found: dict[str, str] = {}
    prior = plan.document.values("prior_state").values("values")
    for root in (prior.values("root_module"), plan.document.values("planned_values").values("root_module")):
        for resource in resources_of(root):
            _note_name(found, resource.text("type") or "", resource.values("values"))
    for change in plan.changes:
        for values in (change.before, change.after):
            if values is not None:
                _note_name(found, change.type, values)
    return found


def _gateway(change: ResourceChange, declaring: set[str]) -> NatGatewayResource:
    held = change.before or change.after
    is_replaced = "create" in change.actions
    return NatGatewayResource(
        address=change.address,
        nat_gateway_id=held.text(ID_ATTRIBUTES[change.type]) if held else None,
        fate=("replaced" if is_replaced else "deleted") if "delete" in change.actions else "",
        is_replaced_first=change.actions == ("create", "delete"),
        declares_addresses=_INSTANCE_KEY.sub("", change.address) in declaring,
        changes_addresses=_changes_addresses(change),
    )


def _changes_addresses(change: ResourceChange) -> bool:
    if change.actions != ("update",) or change.before is None or change.after is None:
        return False
    before, after = change.before.plain, change.after.plain
    return any(name in after and before.get(name) != after[name] for name in OWN_ADDRESSES)


def _declaring(module: Values, path: str = "") -> Iterator[str]:
    """Addresses, without instance keys, of NAT gateways whose configuration sets their secondary addresses."""
    for resource in module.listed("resources"):
        if resource.text("type") in ID_ATTRIBUTES and _sets_addresses(resource.values("expressions")):
            yield f"{path}{resource.text('address')}"
    calls = module.values("module_calls")
    for name in calls.plain:
        yield from _declaring(calls.values(name).values("module"), f"{path}module.{name}.")


def _sets_addresses(expressions: Values) -> bool:
    given = [expressions.plain.get(name) for name in OWN_ADDRESSES]
    return any(
        isinstance(one, dict) and (one.get("references") or one.get("constant_value") is not None) for one in given
    )


def resources_of(module: Values) -> Iterator[Values]:
    """Yield the resources and data sources of a module of a shown state, and of the modules in it."""
    yield from module.listed("resources")
    for child in module.listed("child_modules"):
        yield from resources_of(child)


def _note_name(found: dict[str, str], kind: str, values: Values) -> None:
    if kind == names.DATA_SOURCE_TYPE:
        identity, name = values.plain.get(names.ID), values.plain.get("name")
    elif kind in ID_ATTRIBUTES:
        identity, name = values.plain.get(ID_ATTRIBUTES[kind]), _tag_name(values.plain.get("tags"))
    else:
        return
    if isinstance(identity, str) and isinstance(name, str) and name:
        found[identity] = name


def _tag_name(tags: object) -> object:
    if isinstance(tags, dict):
        return tags.get("Name")
    pairs: Iterable[object] = tags if isinstance(tags, list) else ()
    return next((pair.get("value") for pair in pairs if isinstance(pair, dict) and pair.get("key") == "Name"), None)
