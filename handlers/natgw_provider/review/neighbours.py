"""What else in a plan concerns the same gateways: other providers' NAT gateway resources, and the gateways' names.

Other providers' attributes are read here and nowhere else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from natgw_provider.review.plan_document import PlanDocument, ResourceChange
from natgw_provider.review.reading import Values

ID_ATTRIBUTES: Final = {"aws_nat_gateway": "id", "awscc_ec2_nat_gateway": "nat_gateway_id"}
"""Resource types that are a NAT gateway, and the attribute that holds its id."""

_OWN_ADDRESSES: Final = ("secondary_private_ip_addresses", "secondary_private_ip_address_count")
_INSTANCE_KEY = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')


@dataclass(frozen=True, slots=True, kw_only=True)
class NatGatewayResource:
    """A NAT gateway as another provider manages it in the same plan.

    Attributes:
        address: the resource's address.
        nat_gateway_id: the gateway's id; None before it is created.
        fate: "deleted" or "replaced" by this plan, or empty.
        declares_addresses: whether its configuration sets the secondary private addresses too.
        changes_addresses: whether this plan changes them through it.
    """

    address: str
    nat_gateway_id: str | None
    fate: str
    declares_addresses: bool
    changes_addresses: bool


def nat_gateways(plan: PlanDocument) -> tuple[NatGatewayResource, ...]:
    """Return the NAT gateways that other providers manage in a plan."""
    declaring = set(_declaring(plan))
    return tuple(_gateway(change, declaring) for change in plan.changes if change.type in ID_ATTRIBUTES)


def gateway_names(plan: PlanDocument) -> dict[str, str]:
    """Return the tag `Name` by gateway id, from every resource and data source of the plan that tells it."""
    found: dict[str, str] = {}
    for part in ("prior_state", "planned_values"):
        values = plan.document.values(part) or Values(part, {})
        root = (values.values("values") or values).values("root_module")
        for resource in _resources(root):
            _note_name(found, resource.text("type") or "", resource.values("values"))
    for change in plan.changes:
        _note_name(found, change.type, change.before)
        _note_name(found, change.type, change.after)
    return found


def _gateway(change: ResourceChange, declaring: set[str]) -> NatGatewayResource:
    attribute = ID_ATTRIBUTES[change.type]
    held = change.before or change.after
    fate = ""
    if "delete" in change.actions:
        fate = "replaced" if "create" in change.actions else "deleted"
    return NatGatewayResource(
        address=change.address,
        nat_gateway_id=held.text(attribute) if held else None,
        fate=fate,
        declares_addresses=_INSTANCE_KEY.sub("", change.address) in declaring,
        changes_addresses=_changes_addresses(change),
    )


def _changes_addresses(change: ResourceChange) -> bool:
    if change.actions != ("update",) or change.before is None or change.after is None:
        return False
    before, after = change.before.plain, change.after.plain
    return any(name in after and before.get(name) != after[name] for name in _OWN_ADDRESSES)


def _declaring(plan: PlanDocument) -> Iterator[str]:
    """Addresses, without instance keys, of NAT gateways whose configuration sets their secondary addresses."""
    configuration = plan.document.values("configuration")
    root = configuration.values("root_module") if configuration else None
    pending = [("", root)] if root else []
    while pending:
        path, module = pending.pop()
        for resource in module.listed("resources"):
            if resource.text("type") in ID_ATTRIBUTES and _sets_addresses(resource):
                yield f"{path}{resource.text('address')}"
        calls = module.values("module_calls")
        for name in calls.plain if calls else ():
            call = calls.values(name) if calls else None
            inner = call.values("module") if call else None
            if inner:
                pending.append((f"{path}module.{name}.", inner))


def _sets_addresses(resource: Values) -> bool:
    expressions = resource.values("expressions")
    given = [expressions.plain.get(name) for name in _OWN_ADDRESSES] if expressions else []
    return any(
        isinstance(one, dict) and (one.get("references") or one.get("constant_value") is not None) for one in given
    )


def _resources(root: Values | None) -> Iterator[Values]:
    pending = [root] if root else []
    while pending:
        module = pending.pop()
        yield from module.listed("resources")
        pending.extend(module.listed("child_modules"))


def _note_name(found: dict[str, str], kind: str, values: Values | None) -> None:
    if values is None:
        return
    if kind in ID_ATTRIBUTES:
        identity, name = values.plain.get(ID_ATTRIBUTES[kind]), _tag_name(values.plain.get("tags"))
    elif kind == "natgw_nat_gateway":
        identity, name = values.plain.get("nat_gateway_id"), values.plain.get("name")
    else:
        return
    if isinstance(identity, str) and isinstance(name, str) and name:
        found[identity] = name


def _tag_name(tags: object) -> object:
    if isinstance(tags, dict):
        return tags.get("Name")
    pairs: Iterable[object] = tags if isinstance(tags, list) else ()
    return next((pair.get("value") for pair in pairs if isinstance(pair, dict) and pair.get("key") == "Name"), None)
