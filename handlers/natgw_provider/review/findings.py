"""What a review reports: findings, and the catalogue of their kinds. An id is a contract; pipelines filter on it.

`judging` decides when a finding is made. Here is what it is called and what to do about it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Final

from natgw_provider.core import limits, names
from natgw_provider.core.durations import format_seconds

CREDENTIAL_SECONDS: Final = 3600
"""Default lifetime of an assumed role's credentials, the longest of a chained one (IAM user guide, AssumeRole)."""

_ADDRESSES_LISTED: Final = 8


class Severity(StrEnum):
    """How much a finding weighs: an error blocks the plan, a warning is to be read before approval, a note explains."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Kind:
    """What all findings of one id share."""

    severity: Severity
    id: str
    title: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One risk or obstacle.

    Attributes:
        kind: id, severity, title and fix.
        cause: what was found, with its values; text from outside may be in it.
        summary: one line that says more than the kind's title, such as the summary of Terraform's error; or empty.
        stack: the plan it is about; empty for all of them.
        resource_address: the resource it is about, or empty.
        nat_gateway_id: the gateway it is about, or empty.
    """

    kind: Kind
    cause: str
    summary: str = ""
    stack: str = ""
    resource_address: str = ""
    nat_gateway_id: str = ""

    @property
    def is_error(self) -> bool:
        """Whether it blocks the plan."""
        return self.kind.severity is Severity.ERROR

    @property
    def headline(self) -> str:
        """What it is, in one line; text from outside may be in it."""
        return self.summary or self.kind.title

    @property
    def about(self) -> str:
        """The gateway or the resource it is about; empty when it is about neither."""
        return self.nat_gateway_id or self.resource_address


_error = partial(Kind, Severity.ERROR)
_warning = partial(Kind, Severity.WARNING)
_note = partial(Kind, Severity.NOTE)
_CATALOGUE: Final = (
    _error(
        "plan-error",
        "The plan failed",
        "Correct what the error names, then plan again. A failed plan cannot be applied.",
    ),
    _error(
        "limit-window",
        "The drain is longer than allowed here",
        f"Lower {names.MAX_DRAIN}, or raise the limit max_window_seconds.",
    ),
    _error(
        "limit-in-service",
        "Fewer addresses stay in service than required here",
        "Unassign fewer addresses in one apply, or lower the limit min_in_service.",
    ),
    _error(
        "limit-drained",
        "A larger share drains at once than allowed here",
        "Unassign in several applies, or raise the limit max_drained_percent.",
    ),
    _error(
        "limit-unknown",
        "A limit cannot be checked",
        "Make the value known at plan: apply what it depends on first (terraform apply -target=...).",
    ),
    _error(
        "managed-twice",
        "The same gateway is managed twice",
        "Declare a set as the only resource of its gateway, and a single address once: otherwise each apply undoes the "
        "other's. To rename a resource, use a moved block.",
    ),
    _error(
        "aws-changes-too",
        "The AWS provider changes the addresses of the same gateway in this plan",
        "Remove the secondary addresses from the NAT gateway resource, or list them in its ignore_changes.",
    ),
    _warning(
        "gateway-replaced",
        "The NAT gateway itself is deleted",
        "Route traffic to another gateway first. terraform plan shows what forces a replacement. With "
        "create_before_destroy on the NAT gateway, its addresses drain before it is deleted.",
    ),
    _warning(
        "gateway-unknown",
        "Whether a resource moves to another gateway is known only at apply",
        "Find out what makes the id unknown: a data source that waits for another resource, a depends_on of its "
        "module, or a NAT gateway that is created. Apply that first (terraform apply -target=...), then plan again.",
    ),
    _warning(
        "address-unknown",
        "A single address drains before the new one is known",
        "If it can turn out to be the same address, it drains for nothing: apply first what the address depends on "
        "(terraform apply -target=...), then plan again.",
    ),
    _warning(
        "capacity-halved",
        "Capacity falls by half or more",
        "Apply when traffic is low, or unassign in several applies. Watch ErrorPortAllocation in CloudWatch.",
    ),
    _warning(
        "drains-first",
        "New addresses wait for the drain",
        "Unassign some addresses in an earlier apply, or have AWS raise the quota and set it in the provider block: "
        "then new addresses are in service before old ones drain.",
    ),
    _warning(
        "short-drain",
        "The drain is shorter than an idle connection lives",
        f"Set {names.MAX_DRAIN} to {limits.DRAIN_SECONDS_DEFAULT} or more, unless idle connections may be cut.",
    ),
    _warning(
        "drains-unmanaged",
        "Addresses drain that Terraform did not assign",
        "Find out who uses them, and declare those that shall stay.",
    ),
    _warning(
        "outlasts-credentials",
        "The drain may outlast the credentials",
        f"Use credentials that are valid for longer than the drain ({format_seconds(CREDENTIAL_SECONDS)} is common), "
        f"or set {names.WAIT_FOR_DRAIN} = false.",
    ),
    _warning(
        "aws-declares-too",
        "The AWS provider declares the addresses of the same gateway too",
        "Remove the secondary addresses from the NAT gateway resource, unless its ignore_changes lists them; "
        "a plan does not show ignore_changes.",
    ),
    _warning(
        "unknown-until-apply",
        "Part of the change is known only at apply",
        "This part drains nothing: if an address had to be unassigned, Terraform would stop before anything is "
        "changed. To review all of it, apply what it depends on first, then plan again.",
    ),
    _warning("plan-warning", "The provider warns", "Read it before you approve: a warning does not stop the apply."),
    _note(
        "already-draining",
        "An earlier drain still runs",
        "Nothing to do: AWS accepts no other change until that drain ends, so apply waits for it first. The timeout "
        "includes that wait.",
    ),
    _note(
        "does-not-wait",
        "Apply does not wait for the drain",
        f"Nothing to do if {names.WAIT_FOR_DRAIN} = false is intended: the drain continues after apply returns.",
    ),
    _note(
        "elastic-ip-released",
        "An Elastic IP is released in the same plan",
        "Nothing to do if the set has create_before_destroy = true in its lifecycle block: then the release comes "
        "after the drain. Without it Terraform releases the Elastic IP first, AWS refuses that, and the apply fails.",
    ),
    _note(
        "addresses-stay",
        "Addresses stay on the gateway, unmanaged",
        "Nothing to do if this is intended: Terraform no longer manages them.",
    ),
    _note(
        "plan-incomplete",
        "This plan leaves something out",
        "Plan without -target, or expect another plan after this one.",
    ),
)

KINDS: Final = {kind.id: kind for kind in _CATALOGUE}
"""Every kind by its id, in the order in which findings are listed: what blocks first."""


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun, as "1 address" or "12 addresses"."""
    return f"{number:,} {one if number == 1 else many}"


def address_list(addresses: Sequence[str]) -> str:
    """Return addresses for a sentence; a long list ends with how many more there are."""
    shown = ", ".join(addresses[:_ADDRESSES_LISTED])
    more = len(addresses) - _ADDRESSES_LISTED
    return f"{shown} and {more} more" if more > 0 else shown
