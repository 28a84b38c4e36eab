"""Which resources of a plan or a state manage NAT gateways and their secondary addresses, and what gateways are called.

A review needs them because another resource on the same gateway undoes what natgw does; `natgw adopt`, because it must
not write a gateway that is managed already. Other providers' attributes are read here and nowhere else.

`owners_in` reads three formats: a state as Terraform stores it (version 4, `terraform state pull`), a state as
`terraform show -json` prints it, and a plan as `terraform show -json tfplan` prints it. Only a plan holds the
configuration, so only a plan shows whether `aws_nat_gateway` declares the addresses or merely reports them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from natgw_provider.core import names
from natgw_provider.core.address_kinds import ELASTIC_IPS, KIND_OF_TYPE, PRIVATE_IPS
from natgw_provider.core.addresses import canonical_address
from natgw_provider.review.plan_document import PlanDocument, ResourceChange, Values, load_object, parse_plan

ID_ATTRIBUTES: Final = {"aws_nat_gateway": "id", "awscc_ec2_nat_gateway": "nat_gateway_id"}
"""Other providers' resource types that are a NAT gateway, and the attribute that holds its id."""

INLINE_ARGUMENTS: Final = {
    PRIVATE_IPS: ("secondary_private_ip_addresses", "secondary_private_ip_address_count"),
    ELASTIC_IPS: ("secondary_allocation_ids", "secondary_private_ip_addresses"),
}
"""The arguments of these types that declare secondary addresses, for each kind of address."""

ASSOCIATION_TYPE: Final = "aws_nat_gateway_eip_association"
"""The AWS provider's resource for one secondary Elastic IP."""

_INLINE: Final = tuple(dict.fromkeys(name for listed in INLINE_ARGUMENTS.values() for name in listed))

_STATE_VERSION: Final = 4
"""The version of the state format of Terraform since 0.12."""

_INSTANCE_KEY: Final = re.compile(r'\[(?:\d+|"(?:[^"\\]|\\.)*")\]')
_HOW_TO: Final = (
    "Give what `terraform state pull`, `terraform show -json` or `terraform show -json tfplan` prints, as a file."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """One resource that manages a NAT gateway or its secondary addresses.

    Attributes:
        stack: what its plan is called; empty in a state.
        address: the resource's address.
        type: its type.
        nat_gateway_id: the gateway's id; None before it is created.
        is_natgw: whether it is a resource of natgw's own.
        allocation_id: the Elastic IP that it associates, if that is all that it manages.
        declares_addresses: whether it manages the secondary addresses: its configuration sets them, or, where only a
            state is known, its state holds some.
        changes_addresses: whether the plan changes them through it.
        fate: "deleted" or "replaced" when the plan does that to the gateway or the association, or empty.
        is_replaced_first: whether the gateway's replacement is created before it is deleted.
    """

    stack: str = ""
    address: str
    type: str
    nat_gateway_id: str | None
    is_natgw: bool
    allocation_id: str | None = None
    declares_addresses: bool
    changes_addresses: bool = False
    fate: str = ""
    is_replaced_first: bool = False


def owners_in(text: str, name: str) -> tuple[Owner, ...]:
    """Return the owners of existing gateways in a state or plan; `name` is the file's. Raises InputError."""
    document = load_object(text, name, _HOW_TO)
    if document.plain.get("version") == _STATE_VERSION and "resources" in document.plain:
        found = _stored(document)
    elif "values" in document.plain:
        resources = _resources_of(document.values("values").values("root_module"))
        managed = (one for one in resources if one.text("mode") == "managed")
        found = (_of_state(one.text("address") or "", one.text("type"), one.values("values")) for one in managed)
    elif set(document.plain) <= {"format_version", "terraform_version"} and "format_version" in document.plain:
        return ()  # what `terraform show -json` prints of an empty state
    else:
        plan = parse_plan(text, name)
        ours = (one for one in plan.changes if one.type in KIND_OF_TYPE)
        existing = (_of_state(one.address, one.type, one.before) for one in ours if one.before)
        found = iter((*other_owners(plan), *existing))
    return tuple(owner for owner in found if owner and owner.nat_gateway_id)


def other_owners(plan: PlanDocument) -> tuple[Owner, ...]:
    """Return the resources of other providers in a plan that manage a NAT gateway or one of its Elastic IPs."""
    declaring = set(_declaring(plan.document.values("configuration").values("root_module")))
    gateways = [_gateway(plan.stack, change, declaring) for change in plan.changes if change.type in ID_ATTRIBUTES]
    return (*gateways, *(_association(plan.stack, one) for one in plan.changes if one.type == ASSOCIATION_TYPE))


def deleted_gateways(plan: PlanDocument) -> dict[str, Owner]:
    """Return the NAT gateways that a plan deletes or replaces, by id."""
    gateways = (one for one in other_owners(plan) if one.type in ID_ATTRIBUTES)
    return {one.nat_gateway_id: one for one in gateways if one.nat_gateway_id and one.fate}


def gateway_names(plan: PlanDocument) -> dict[str, str]:
    """Return the tag `Name` by gateway id, from every resource and data source of the plan that has it."""
    return dict(pair for kind, values in _all_values(plan) for pair in _name(kind, values))


def elastic_ips(plan: PlanDocument) -> dict[str, str]:
    """Return the public address by allocation id, from every `aws_eip` and single Elastic IP of the plan."""
    shown = (values.plain for kind, values in _all_values(plan) if kind in ("aws_eip", names.SINGLE_ELASTIC_IP_TYPE))
    pairs = ((one.get(names.ALLOCATION_ID), one.get("public_ip")) for one in shown)
    return {
        key: address
        for key, address in pairs
        if isinstance(key, str) and isinstance(address, str) and canonical_address(address)
    }


def released_elastic_ips(plan: PlanDocument) -> frozenset[str]:
    """Return the allocation ids of every `aws_eip` that a plan deletes, unless its replacement is created first."""
    released = (
        change.before.plain.get(names.ALLOCATION_ID)
        for change in plan.changes
        if change.type == "aws_eip" and change.before and change.actions[0] == "delete"
    )
    return frozenset(key for key in released if isinstance(key, str))


def _all_values(plan: PlanDocument) -> Iterator[tuple[str, Values]]:
    """Yield the type and the attributes of every resource and data source of a plan, before it and after it."""
    prior = plan.document.values("prior_state").values("values")
    for root in (prior.values("root_module"), plan.document.values("planned_values").values("root_module")):
        for resource in _resources_of(root):
            yield resource.text("type") or "", resource.values("values")
    for change in plan.changes:
        yield from ((change.type, values) for values in (change.before, change.after) if values is not None)


def _stored(document: Values) -> Iterator[Owner | None]:
    for resource in document.listed("resources"):
        if resource.text("mode") != "managed":
            continue
        module, kind = resource.text("module"), resource.text("type")
        address = f"{module}.{kind}.{resource.text('name')}" if module else f"{kind}.{resource.text('name')}"
        for instance in resource.listed("instances"):
            key = instance.plain.get("index_key")
            keyed = address if key is None else f"{address}[{json.dumps(key)}]"
            yield _of_state(keyed, kind, instance.values("attributes"))


def _of_state(address: str, kind: str | None, attributes: Values) -> Owner | None:
    """Return a resource that a state holds as an owner; None for a type that manages no gateway."""
    is_part = kind in KIND_OF_TYPE or kind == ASSOCIATION_TYPE
    if kind is None or not (is_part or kind in ID_ATTRIBUTES):
        return None
    return Owner(
        address=address,
        type=kind,
        nat_gateway_id=attributes.text(ID_ATTRIBUTES.get(kind, names.NAT_GATEWAY_ID)),
        is_natgw=kind in KIND_OF_TYPE,
        declares_addresses=is_part or any(attributes.plain.get(name) for name in _INLINE),
    )


def _association(stack: str, change: ResourceChange) -> Owner:
    """An Elastic IP that the AWS provider associates, now or after the plan; one that it forgets has no owner."""
    attributes = None if change.actions == ("forget",) else change.after or change.before
    return Owner(
        stack=stack,
        address=change.address,
        type=change.type,
        nat_gateway_id=attributes.text(names.NAT_GATEWAY_ID) if attributes else None,
        is_natgw=False,
        allocation_id=attributes.text(names.ALLOCATION_ID) if attributes else None,
        declares_addresses=True,
        fate="" if change.after else "deleted",
    )


def _gateway(stack: str, change: ResourceChange, declaring: set[str]) -> Owner:
    attributes = change.before or change.after
    is_replaced = "create" in change.actions
    return Owner(
        stack=stack,
        address=change.address,
        type=change.type,
        nat_gateway_id=attributes.text(ID_ATTRIBUTES[change.type]) if attributes else None,
        is_natgw=False,
        declares_addresses=_INSTANCE_KEY.sub("", change.address) in declaring,
        changes_addresses=_changes_addresses(change),
        fate=("replaced" if is_replaced else "deleted") if "delete" in change.actions else "",
        is_replaced_first=change.actions == ("create", "delete"),
    )


def _changes_addresses(change: ResourceChange) -> bool:
    if change.actions != ("update",) or change.before is None or change.after is None:
        return False
    before, after = change.before.plain, change.after.plain
    return any(name in after and before.get(name) != after[name] for name in _INLINE)


def _declaring(module: Values, path: str = "") -> Iterator[str]:
    """Addresses, without instance keys, of NAT gateways whose configuration sets their secondary addresses."""
    for resource in module.listed("resources"):
        if resource.text("type") in ID_ATTRIBUTES and _sets_addresses(resource.values("expressions")):
            yield f"{path}{resource.text('address')}"
    calls = module.values("module_calls")
    for name in calls.plain:
        yield from _declaring(calls.values(name).values("module"), f"{path}module.{name}.")


def _sets_addresses(expressions: Values) -> bool:
    given = [expressions.plain.get(name) for name in _INLINE]
    return any(
        isinstance(one, dict) and (one.get("references") or one.get("constant_value") is not None) for one in given
    )


def _resources_of(module: Values) -> Iterator[Values]:
    """Yield the resources and data sources of a module of a shown state, and of the modules in it."""
    yield from module.listed("resources")
    for child in module.listed("child_modules"):
        yield from _resources_of(child)


def _name(kind: str, values: Values) -> Iterator[tuple[str, str]]:
    if kind == names.DATA_SOURCE_TYPE:
        identity, name = values.plain.get(names.ID), values.plain.get("name")
    elif kind in ID_ATTRIBUTES:
        identity, name = values.plain.get(ID_ATTRIBUTES[kind]), _tag_name(values.plain.get("tags"))
    else:
        return
    if isinstance(identity, str) and isinstance(name, str) and name:
        yield identity, name


def _tag_name(tags: object) -> object:
    if isinstance(tags, dict):
        return tags.get("Name")
    pairs: Iterable[object] = tags if isinstance(tags, list) else ()
    return next((pair.get("value") for pair in pairs if isinstance(pair, dict) and pair.get("key") == "Name"), None)
