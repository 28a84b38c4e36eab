"""What Terraform wrote: a plan as `terraform show -json` prints it, and the errors and warnings of `plan -json`.

The format is HashiCorp's "JSON Output Format" of plans; within one major version it only grows. Unknown values are left
out of `after` and marked in `after_unknown`. Warnings are not in a plan; a plan that failed may have no file, so a
review may have nothing but the errors of the event stream. An error names any other kind of file that is given.

Pipelines review files of unknown origin, so every value is checked when it is read (`Values`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from natgw_provider.core.address_kinds import KIND_OF_TYPE
from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.names import natural
from natgw_provider.review.findings import KINDS, Finding

_T = TypeVar("_T")

KNOWN_MAJOR_VERSIONS: Final = ("0", "1")
"""Format versions that have what a review reads: 0 up to Terraform 1.0, 1 since; OpenTofu writes 1."""

HOW_TO: Final = "Write the plan with `terraform plan -out=tfplan` and `terraform show -json tfplan > plan.json`."
"""What to do when the plan is missing."""

_ALONE: Final = "Redirect the output of `terraform show -json tfplan` alone into the file."
_ONE_EACH: Final = "Give each plan as a file of its own, as in `natgw review A=a.json B=b.json`."
_NO_WRAPPER: Final = (
    "Set `terraform_wrapper: false` in that step, or call `terraform-bin show -json tfplan > plan.json`."
)
_EVENT_STREAM: Final = "is the event stream of -json, not a plan: give it with --events"
_WRAPPER: Final = re.compile(r"^(\[command\]|::(debug|set-output|add-matcher|error))", re.MULTILINE)
"""Lines that setup-terraform's wrapper prints around the output of terraform."""

_IN_ROWS: Final = (" drains ", " keeps ", " known only after apply")
"""Parts of the summaries of the provider's warnings that say what rows and findings show already."""

_PLANNED: Final = ("planned_values", "resource_changes")
"""Members that only plans have. Every plan has the first. The second is missing in a plan without resources, and is
enough, because people reduce plans to it. A state (`terraform show -json` without a plan) and the output of other
commands have neither."""

_MEMBERS_NAMED: Final = 5

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")
"""Half a character: JSON can hold it as an escape, and nothing can print it."""

_JSON_NAMES = {dict: "an object", list: "a list", str: "a text", int: "a whole number", bool: "true or false"}


class InputError(Exception):
    """The input cannot be reviewed. The text says what was found, what is needed, and what to do."""


@dataclass(frozen=True, slots=True)
class Values:
    """A JSON object and its location. Absent and null are the same: None.

    Every method raises InputError for a value of another type.
    """

    where: str
    plain: Mapping[str, Any]

    def text(self, name: str) -> str | None:
        """Return a text."""
        return self._read(name, str)

    def flag(self, name: str) -> bool | None:
        """Return true or false."""
        return self._read(name, bool)

    def whole(self, name: str) -> int | None:
        """Return a whole number."""
        return self._read(name, int)

    def values(self, name: str) -> Values:
        """Return a nested object; an empty one when it is absent."""
        return Values(f"{self.where}.{name}", self._read(name, dict) or {})

    def optional(self, name: str) -> Values | None:
        """Return a nested object; None when it is absent."""
        return self.values(name) if self.plain.get(name) is not None else None

    def listed(self, name: str) -> tuple[Values, ...]:
        """Return the objects of a list; none when it is absent."""
        found = enumerate(self._read(name, list) or ())
        located = ((f"{self.where}.{name}[{index}]", item) for index, item in found)
        return tuple(Values(where, _expect(dict, item, where)) for where, item in located)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a list; none when it is absent."""
        where = f"{self.where}.{name}"
        return tuple(_expect(str, item, where) for item in self._read(name, list) or ())

    def addresses(self, name: str) -> tuple[str, ...] | None:
        """Return a set of addresses in order; None when it, or one of them, is absent, so unknown."""
        found = self._read(name, list)
        return None if found is None or None in found else self._sorted(name, self.texts(name))

    def listed_addresses(self, name: str) -> tuple[str, ...] | None:
        """Return the addresses of a text such as "10.0.0.21, 10.0.0.22", or "none"; None when it is absent."""
        text = self.text(name)
        return None if text is None else () if text == "none" else self._sorted(name, tuple(text.split(", ")))

    def address(self, name: str) -> str | None:
        """Return an address: IPv4, or the allocation id of an Elastic IP."""
        found = self.text(name)
        return None if found is None else self._sorted(name, (found,))[0]

    def _sorted(self, name: str, texts: tuple[str, ...]) -> tuple[str, ...]:
        try:
            return sort_addresses(texts)
        except ValueError as problem:
            raise InputError(f"{self.where}.{name} holds no address that natgw manages: {problem}.") from None

    def _read(self, name: str, kind: type[_T]) -> _T | None:
        found = self.plain.get(name)
        return None if found is None else _expect(kind, found, f"{self.where}.{name}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceChange:
    """What one plan does to one resource instance, or what happened to it outside Terraform.

    Attributes:
        address: the instance's address; a deposed object's key is part of it.
        type: resource type.
        actions: as Terraform orders them: ("no-op",), ("create",), ("delete", "create"), ("forget",), ...
        before: attributes now; None before the object exists.
        after: attributes planned, without those unknown; None for an object that is deleted.
        is_sensitive: whether any of its attributes is marked as sensitive.
    """

    address: str
    type: str
    actions: tuple[str, ...]
    before: Values | None
    after: Values | None
    is_sensitive: bool

    @property
    def is_no_op(self) -> bool:
        """Whether the plan leaves it as it is."""
        return self.actions == ("no-op",)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanDocument:
    """One plan.

    Attributes:
        stack: what the caller calls the plan; empty when there is only one.
        terraform_version: of the Terraform that wrote it, or empty.
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

    @property
    def others(self) -> tuple[ResourceChange, ...]:
        """Resources of other types that change; those that are deleted come first."""
        others = (change for change in self.changes if change.type not in KIND_OF_TYPE and not change.is_no_op)
        return tuple(sorted(others, key=lambda change: "delete" not in change.actions))


def load_object(text: str, name: str, how_to: str = HOW_TO) -> Values:
    """Return the JSON object that `text` holds, called `name`.

    Raises InputError for anything else, with what it seems to be; `how_to` says how such a file is made.
    """
    try:
        found, end = json.JSONDecoder().raw_decode(text, len(text) - len(text.lstrip()))
    except (ValueError, RecursionError) as problem:
        raise InputError(f"{name} {_what_text_is(text, how_to) or f'is not JSON ({problem}). {how_to}'}") from None
    rest = text[end:].strip()
    if isinstance(found, dict) and rest:
        raise InputError(f"{name} {_what_text_is(text, how_to, rest)}")
    if not isinstance(found, dict):
        known = _what_text_is(text, how_to) if rest else ""  # "2026-11-28 {...}" begins with a number
        raise InputError(f"{name} {known or f'is JSON but no object. {how_to}'}")
    return Values(name, found)


def parse_plan(text: str, stack: str) -> PlanDocument:
    """Return the plan that `text` holds.

    Raises InputError for anything else, and for an unknown format version; the text says what it seems to be.
    """
    name = f"plan {stack!r}" if stack else "plan"
    document = load_object(text, name)
    if lack := _lack(document):
        raise InputError(f"{name} {lack}. {HOW_TO}")
    document.values("planned_values")  # nothing of it is needed, but in a plan it is an object
    changes = [_change(entry) for entry in document.listed("resource_changes") if entry.text("mode") != "data"]
    drift = [_change(entry) for entry in document.listed("resource_drift")]
    return PlanDocument(
        stack=stack,
        terraform_version=document.text("terraform_version") or "",
        changes=tuple(sorted(changes, key=lambda change: natural(change.address))),
        drift={change.address: change for change in drift},
        is_errored=document.flag("errored") is True,
        is_complete=document.flag("complete") is not False,
        document=document,
    )


def parse_events(text: str, name: str) -> tuple[Finding, ...]:
    """Return a finding for each error in an event stream, and for each warning about our resources, once.

    Lines that are not JSON are skipped: wrappers add their own output. Raises InputError for a diagnostic that
    Terraform would not write.
    """
    return tuple(dict.fromkeys(finding for event in _diagnostics(text, name) for finding in _reported(event)))


def _what_text_is(text: str, how_to: str, rest: str = "") -> str:
    """Say what a text is that is not exactly one JSON document, and what to do; empty when that is not known.

    `rest` is what comes after a complete JSON document at the start.
    """
    first, more = text.lstrip().partition("\n")[0], rest.partition("\n")[0]
    is_before = "{" in text and not first.startswith("{")
    cases = (
        (text.startswith("PK"), f"is a saved plan file, not JSON. {how_to}"),
        (first.startswith('{"@level"'), f"{_EVENT_STREAM}. {how_to}"),
        (_WRAPPER.search(text), f"has lines of setup-terraform's wrapper around the JSON. {_NO_WRAPPER}"),
        (rest.startswith("{"), f"holds several JSON documents. {_ONE_EACH}"),
        (rest, f"has other text after the JSON: {more[:60]!r}. {_ALONE}"),
        (is_before, f"has other text before the JSON, such as the prefix of a log: {first[:60]!r}. {_ALONE}"),
    )
    return next((answer for holds, answer in cases if holds), "")


def _lack(document: Values) -> str:
    """Say what is missing in a JSON object that is not a readable plan; empty for a plan."""
    if "@level" in document.plain:
        return _EVENT_STREAM
    if all(document.plain.get(member) is None for member in _PLANNED):
        members = ", ".join(list(document.plain)[:_MEMBERS_NAMED]) or "nothing"
        return f"is no plan: it holds neither {' nor '.join(_PLANNED)}, only {members}"
    version = document.text("format_version")
    if version is None:
        return "has no format_version, so it is not what Terraform writes"
    if version.split(".")[0] not in KNOWN_MAJOR_VERSIONS:
        known = " and ".join(f"{major}.x" for major in KNOWN_MAJOR_VERSIONS)
        return f"has format_version {version!r}; known are {known}, and a newer natgw may know it"
    return ""


def _change(entry: Values) -> ResourceChange:
    change = entry.values("change")
    address, deposed = entry.text("address") or "", entry.text("deposed")
    return ResourceChange(
        address=f"{address} (deposed {deposed})" if deposed else address,
        type=entry.text("type") or "",
        actions=change.texts("actions") or ("no-op",),
        before=_named(change.optional("before"), address),
        after=_named(change.optional("after"), address),
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


def _diagnostics(text: str, name: str) -> Iterator[Values]:
    for number, line in enumerate(text.splitlines(), 1):
        if not line.lstrip().startswith("{"):
            continue
        try:
            event = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if event.get("type") == "diagnostic":
            where = f"{name}, line {number}"
            yield Values(where, _expect(dict, event.get("diagnostic"), f"{where}: diagnostic"))


def _reported(diagnostic: Values) -> Iterator[Finding]:
    """An error, or a warning about our resource that no other part of the review shows."""
    is_error = diagnostic.text("severity") == "error"
    summary, detail = diagnostic.text("summary") or "", diagnostic.text("detail") or ""
    address = diagnostic.text("address") or ""
    is_ours = any(f"{kind}." in address for kind in KIND_OF_TYPE) and not any(part in summary for part in _IN_ROWS)
    if is_error or is_ours:
        cause = ": ".join(part for part in (summary, detail) if part)
        kind = KINDS["plan-error" if is_error else "plan-warning"]
        yield Finding(kind=kind, cause=cause, summary=summary, resource_address=address)


def _expect(kind: type[_T], found: object, where: str) -> _T:
    """Return `found` when it is of `kind`; a whole number may be written as 3.0. Raises InputError otherwise."""
    if kind is int and isinstance(found, float) and found.is_integer():
        found = int(found)
    if not isinstance(found, kind) or (kind is int and isinstance(found, bool)):
        raise InputError(f"{where} is {_kind_of(found)}; expected is {_JSON_NAMES[kind]}.")
    if isinstance(found, str) and _LONE_SURROGATE.search(found):
        raise InputError(f"{where} is not valid Unicode: it escapes half a character.")
    return found


def _kind_of(found: object) -> str:
    if found is None:
        return "null"
    kind = bool if isinstance(found, bool) else type(found)
    return _JSON_NAMES.get(kind, "a number")
