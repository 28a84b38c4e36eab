"""The catalogue of findings: every id with its severity, title and fix. An id is a contract; pipelines filter on it.

What makes a finding is decided in `risks` and `conflicts`; here stands only what it is called and what to do about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from natgw_provider.core import limits, names
from natgw_provider.core.durations import format_seconds
from natgw_provider.review.gateway_change import GatewayChange


class Severity(StrEnum):
    """How much a finding weighs: an error blocks the plan, a warning wants a look, a note explains."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


CREDENTIAL_SECONDS: Final = 3600
"""Default lifetime of an assumed role's credentials, the longest of a chained one (IAM user guide, AssumeRole)."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What all findings of one id share."""

    id: str
    severity: Severity
    title: str
    fix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One risk or obstacle.

    Attributes:
        kind: id, severity, title and fix.
        cause: what was found, with its values; text from outside may be in it.
        stack: the plan it is about; empty for all of them.
        resource_address: the resource it is about, or empty.
        nat_gateway_id: the gateway it is about, or empty.
    """

    kind: Kind
    cause: str
    stack: str = ""
    resource_address: str = ""
    nat_gateway_id: str = ""


def finding_on(kind: Kind, change: GatewayChange, cause: str) -> Finding:
    """Return a finding about one row."""
    return Finding(
        kind=kind,
        cause=cause,
        stack=change.stack,
        resource_address=change.resource_address,
        nat_gateway_id=change.nat_gateway_id or "",
    )


PLAN_ERROR = Kind(
    "plan-error",
    Severity.ERROR,
    "The plan failed",
    "Correct what the error names and plan again; nothing can be applied before.",
)
PLAN_WARNING = Kind(
    "plan-warning", Severity.WARNING, "The provider warns", "Read it before you approve; it does not stop the apply."
)
PLAN_INCOMPLETE = Kind(
    "plan-incomplete",
    Severity.NOTE,
    "This plan leaves something out",
    "Plan without -target, or expect another plan after this one.",
)
LIMIT_WINDOW = Kind(
    "limit-window",
    Severity.ERROR,
    "The drain is longer than allowed here",
    f"Lower {names.MAX_DRAIN}, or raise the limit max_window_seconds.",
)
LIMIT_IN_SERVICE = Kind(
    "limit-in-service",
    Severity.ERROR,
    "Fewer addresses stay in service than required here",
    "Unassign fewer addresses in one apply, or lower the limit min_in_service.",
)
LIMIT_DRAINED = Kind(
    "limit-drained",
    Severity.ERROR,
    "A larger share drains at once than allowed here",
    "Unassign in several applies, or raise the limit max_drained_percent.",
)
LIMIT_UNKNOWN = Kind(
    "limit-unknown",
    Severity.ERROR,
    "A limit cannot be checked",
    "Make the value known at plan: apply what it depends on first (terraform apply -target=...).",
)
MANAGED_TWICE = Kind(
    "managed-twice",
    Severity.ERROR,
    "The same gateway is managed twice",
    "Declare each gateway in one resource only: the set is exclusive, so each apply would undo the other's. To rename "
    "a resource, use a moved block.",
)
AWS_CHANGES_TOO = Kind(
    "aws-changes-too",
    Severity.ERROR,
    "The AWS provider changes the addresses of the same gateway in this plan",
    "Remove the secondary private addresses from the NAT gateway resource, or list them in its ignore_changes.",
)
AWS_DECLARES_TOO = Kind(
    "aws-declares-too",
    Severity.WARNING,
    "The AWS provider declares the addresses of the same gateway too",
    "Remove the secondary private addresses from the NAT gateway resource, unless its ignore_changes lists them; a "
    "plan does not show ignore_changes.",
)
GATEWAY_REPLACED = Kind(
    "gateway-replaced",
    Severity.WARNING,
    "The NAT gateway itself goes",
    "Make sure that traffic has moved to another gateway first; find out what forces it with terraform plan.",
)
REPLACED_IN_PLACE = Kind(
    "replaced-in-place",
    Severity.ERROR,
    "The resource is replaced on the same gateway",
    "Run terraform untaint, or plan without -replace: apply would drain every secondary and then stop, because the "
    "plan was made with them in place; only another apply would assign them again.",
)
CAPACITY_HALVED = Kind(
    "capacity-halved",
    Severity.WARNING,
    "Capacity falls by half or more",
    "Apply in quiet hours, or unassign in several applies. Watch ErrorPortAllocation in CloudWatch.",
)
SHORT_DRAIN = Kind(
    "short-drain",
    Severity.WARNING,
    "The drain is shorter than an idle connection lives",
    f"Set {names.MAX_DRAIN} to {limits.DRAIN_SECONDS_DEFAULT} or more, unless cutting idle connections is fine.",
)
DRAINS_FIRST = Kind(
    "drains-first",
    Severity.WARNING,
    "New addresses wait for the drain",
    "Free places first, or have the quota L-DFA99DE7 raised and set private_ip_address_quota, so that new addresses "
    "serve before old ones drain.",
)
OUTLASTS_CREDENTIALS = Kind(
    "outlasts-credentials",
    Severity.WARNING,
    "The drain lasts as long as credentials commonly do",
    f"Use credentials that live longer than the drain (common is {format_seconds(CREDENTIAL_SECONDS)}), or "
    f"{names.WAIT_FOR_DRAIN} = false.",
)
DRAINS_UNMANAGED = Kind(
    "drains-unmanaged",
    Severity.WARNING,
    "Addresses drain that Terraform did not put there",
    "Find out who uses them; declare those that are to stay.",
)
UNKNOWN_UNTIL_APPLY = Kind(
    "unknown-until-apply",
    Severity.WARNING,
    "Some of it is known only at apply",
    "It will drain nothing: should addresses have to go, Terraform stops before anything is changed. To review it in "
    "full, apply what it depends on first, then plan again.",
)
ALREADY_DRAINING = Kind(
    "already-draining",
    Severity.NOTE,
    "Addresses drain already",
    "Nothing to do: AWS takes no other change until they are released, so apply waits for that first; its timeout runs "
    "meanwhile.",
)
DOES_NOT_WAIT = Kind(
    "does-not-wait",
    Severity.NOTE,
    "Apply does not wait for the drain",
    f"Nothing to do, if intended ({names.WAIT_FOR_DRAIN} = false): connections go on draining after apply returns.",
)
ADDRESSES_STAY = Kind(
    "addresses-stay",
    Severity.NOTE,
    "Addresses stay on the gateway, unmanaged",
    "Nothing to do, if intended; nothing looks after them from then on.",
)

KINDS: Final = (
    PLAN_ERROR,
    LIMIT_WINDOW,
    LIMIT_IN_SERVICE,
    LIMIT_DRAINED,
    LIMIT_UNKNOWN,
    MANAGED_TWICE,
    AWS_CHANGES_TOO,
    REPLACED_IN_PLACE,
    GATEWAY_REPLACED,
    CAPACITY_HALVED,
    DRAINS_FIRST,
    SHORT_DRAIN,
    DRAINS_UNMANAGED,
    OUTLASTS_CREDENTIALS,
    AWS_DECLARES_TOO,
    UNKNOWN_UNTIL_APPLY,
    PLAN_WARNING,
    ALREADY_DRAINING,
    DOES_NOT_WAIT,
    ADDRESSES_STAY,
    PLAN_INCOMPLETE,
)
"""Every kind, in the order in which findings are listed: what blocks first."""
