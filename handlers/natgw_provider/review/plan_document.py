"""One plan as `terraform show -json` (or `tofu show -json`) writes it: what of it a review looks at, and nothing else.

The format is HashiCorp's "JSON Output Format" of plans; within one major version it only grows. Unknown values are left
out of `after` and marked in `after_unknown`; warnings are not in a plan at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from natgw_provider.review.other_documents import lack_of_a_plan, other_kind
from natgw_provider.review.reading import InputError, Values

KNOWN_MAJOR_VERSIONS: Final = ("0", "1")
"""Format versions that have what a review reads: 0 up to Terraform 1.0, 1 since; OpenTofu writes 1."""

NO_OP: Final = "no-op"
HOW_TO: Final = "Write the plan with `terraform plan -out=tfplan` and `terraform show -json tfplan > plan.json`."
"""What to do when there is no plan."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """What one plan does to one resource instance, or what happened to it outside Terraform.

    Attributes:
        address: the instance's address; a deposed object's key is part of it.
        type: resource type.
        actions: as Terraform orders them: ("no-op",), ("create",), ("delete", "create"), ("forget",), ...
        before: attributes now; None when there is no object yet.
        after: attributes planned, without those unknown; None when there will be none.
        is_sensitive: whether Terraform holds any of its attributes back from people.
    """

    address: str
    type: str
    actions: tuple[str, ...]
    before: Values | None
    after: Values | None
    is_sensitive: bool

    @property
    def is_no_op(self) -> bool:
        """Whether nothing is done."""
        return self.actions == (NO_OP,)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """One plan.

    Attributes:
        stack: what the caller calls the plan; empty when there is only one.
        terraform_version: who wrote it; empty when it does not say.
        changes: managed resources, in the order of their addresses.
        drift: what changed outside Terraform, by address.
        is_errored: whether planning failed, so that this is a part only.
        is_complete: whether another plan would find nothing left; false with -target and deferrals.
        document: the whole plan.
    """

    stack: str
    terraform_version: str
    changes: tuple[ResourceChange, ...]
    drift: dict[str, ResourceChange]
    is_errored: bool
    is_complete: bool
    document: Values


def parse_plan(text: str, stack: str) -> PlanDocument:
    """Return the plan that `text` holds.

    Raises InputError when it is no plan, or one of a format that is not known; the text says what it seems to be.
    """
    name = f"plan {stack!r}" if stack else "plan"
    document = Values(name, _load(text, name))
    _check_format(document, name)
    changes = [_change(entry) for entry in document.listed("resource_changes") if entry.text("mode") != "data"]
    drift = [_change(entry) for entry in document.listed("resource_drift")]
    return PlanDocument(
        stack=stack,
        terraform_version=document.text("terraform_version") or "",
        changes=tuple(sorted(changes, key=lambda change: change.address)),
        drift={change.address: change for change in drift},
        is_errored=document.flag("errored") is True,
        is_complete=document.flag("complete") is not False,
        document=document,
    )


def _load(text: str, name: str) -> dict[str, Any]:
    if text.startswith("PK"):
        raise InputError(f"{name} is a saved plan file, not JSON. {HOW_TO}")
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as problem:
        if text.lstrip().startswith('{"@level"'):
            raise InputError(
                f"{name} is the event stream of -json, not a plan: give it with --events. {HOW_TO}"
            ) from None
        raise InputError(f"{name} is not JSON ({problem}). {HOW_TO}") from None
    if not isinstance(found, dict):
        raise InputError(f"{name} is JSON but no object. {HOW_TO}")
    return found


def _check_format(document: Values, name: str) -> None:
    if "@level" in document.plain:
        raise InputError(f"{name} is the event stream of -json, not a plan: give it with --events. {HOW_TO}")
    if kind := other_kind(document.plain):
        raise InputError(f"{name} {kind}. {HOW_TO}")
    version = document.text("format_version")
    if version is None:
        raise InputError(f"{name} has no format_version, so it is not what Terraform writes. {HOW_TO}")
    if version.split(".")[0] not in KNOWN_MAJOR_VERSIONS:
        known = " and ".join(f"{major}.x" for major in KNOWN_MAJOR_VERSIONS)
        raise InputError(f"{name} has format_version {version!r}; known are {known}. A newer natgw may know it.")
    if lack := lack_of_a_plan(document.plain):
        raise InputError(f"{name} {lack}. {HOW_TO}")
    document.values("planned_values")  # nothing of it is needed, but in a plan it is an object


def _change(entry: Values) -> ResourceChange:
    change = entry.values("change") or Values(entry.where, {})
    address, deposed = entry.text("address") or "", entry.text("deposed")
    return ResourceChange(
        address=f"{address} (deposed {deposed})" if deposed else address,
        type=entry.text("type") or "",
        actions=change.texts("actions") or (NO_OP,),
        before=_named(change.values("before"), address),
        after=_named(change.values("after"), address),
        is_sensitive=_marks(change.plain.get("before_sensitive")) or _marks(change.plain.get("after_sensitive")),
    )


def _named(values: Values | None, address: str) -> Values | None:
    return None if values is None else Values(address, values.plain)


def _marks(sensitive: object) -> bool:
    """Whether a tree of sensitivity marks marks anything."""
    if isinstance(sensitive, dict):
        return any(_marks(branch) for branch in sensitive.values())
    if isinstance(sensitive, list):
        return any(_marks(branch) for branch in sensitive)
    return sensitive is True
