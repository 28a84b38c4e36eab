"""The review: plans, limits and reported errors in, one object out that every format renders.

Verdict and digest are made here. Two plans have the same digest when they do the same to the same gateways, whenever
and wherever they were made. It covers every row of our resources, without what is only shown or differs between two
plans of the same change, and the address and actions of every other resource.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Final

from natgw_provider.core.names import natural
from natgw_provider.review.findings import KINDS, Finding
from natgw_provider.review.gateway_change import GatewayChange, one_for_each_gateway
from natgw_provider.review.judging import Limits, find_conflicts, judge
from natgw_provider.review.owners import other_owners
from natgw_provider.review.plan_document import HOW_TO, InputError, PlanDocument
from natgw_provider.review.rows import gateway_changes

PARALLELISM: Final = 10
"""Operations that Terraform runs at once, unless -parallelism says otherwise (terraform apply, "Apply options")."""

_DIGEST_VERSION: Final = 3
_DIGEST: Final = re.compile("sha256:[0-9a-f]{64}")
_NOT_IN_DIGEST: Final = ("stack", "name", "public_ips", "summary", "unmanaged", "draining", "primary", "is_sensitive")


class Verdict(StrEnum):
    """The first thing that a reviewer and a gate need."""

    BLOCKED = "blocked"
    DRAINS = "drains"
    NO_DRAIN = "no-drain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Counts and bounds over all rows, as `totals` in docs/review.schema.json describes them; None is not known.

    A gateway counts once, an address once for each gateway. Times hold for ten operations at once, and for stacks one
    after the other.
    """

    gateways: int
    gateways_draining: int
    gateways_going: int
    gateways_unchanged: int
    assigned: int
    drained: int
    possibly_drained: int
    unmanaged_drained: int
    undecided: int
    longest_window_seconds: int | None
    drain_wait_seconds: float | None
    apply_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything a reviewer sees.

    Attributes:
        verdict: blocked, drains or no-drain.
        digest: of all plans together.
        target: what is reviewed, such as an environment, in the caller's words; may be empty.
        head: the commit that was planned; may be empty.
        run_url: the CI run that planned; may be empty.
        plans: in the order given.
        digests: of each plan alone.
        totals: counts over all rows.
        changes: rows, those that cut connections first, unchanged gateways left out.
        findings: what blocks first, equal kinds together.
        limits: the limits that the plans were checked with.
    """

    verdict: Verdict
    digest: str
    target: str
    head: str
    run_url: str
    plans: tuple[PlanDocument, ...]
    digests: tuple[str, ...]
    totals: Totals
    changes: tuple[GatewayChange, ...]
    findings: tuple[Finding, ...]
    limits: Limits


def review_plans(
    plans: Sequence[PlanDocument],
    *,
    limits: Limits | None = None,
    reported: Sequence[Finding] = (),
    target: str = "",
    head: str = "",
    run_url: str = "",
) -> Review:
    """Return the review of plans. Without a plan, an error has to be `reported` that says why it is missing.

    Raises InputError without a plan and an error, and for a plan with something that the provider does not write.
    """
    if not plans and not any(finding.is_error for finding in reported):
        # Events without an error are what a killed Terraform leaves: they must not pass for an empty plan.
        raise InputError(f"the plan is missing, and the events do not say why: they have no error. {HOW_TO}")
    operations = {plan.stack: gateway_changes(plan) for plan in plans}
    rows = {stack: one_for_each_gateway(found) for stack, found in operations.items()}
    changes = [row for plan in plans for row in rows[plan.stack]]
    conflicts = find_conflicts(
        (row for plan in plans for row in operations[plan.stack]), (one for plan in plans for one in other_owners(plan))
    )
    found = sorted((*reported, *_of_plans(plans, reported), *conflicts, *judge(changes, limits or {})), key=_rank)
    digests = tuple(_digest(plan, rows[plan.stack]) for plan in plans)
    return Review(
        verdict=_verdict(found, changes),
        digest=_combined(digests),
        target=target,
        head=head,
        run_url=run_url,
        plans=tuple(plans),
        digests=digests,
        totals=_totals(changes),
        changes=_in_order(row for row in changes if row.does_something),
        findings=tuple(found),
        limits=limits or {},
    )


def parse_digest(text: str) -> str:
    """Return a digest in lower case. Raises InputError for anything else, and says where a digest is found.

    A shortened digest is refused too: with it, the reviewed plan would be reported as another one.
    """
    digest = text.lower()
    if not _DIGEST.fullmatch(digest):
        raise InputError(
            f"{text!r} is not a digest, which is sha256: and 64 hex digits. The last line of the comment has it, "
            "and `digest` in the JSON."
        )
    return digest


def _of_plans(plans: Iterable[PlanDocument], reported: Sequence[Finding]) -> Iterator[Finding]:
    is_error_reported = any(finding.is_error for finding in reported)
    for plan in plans:
        if plan.is_errored and not is_error_reported:
            cause = "Terraform marks it as errored, so it is incomplete. Give the errors with --events."
            yield Finding(kind=KINDS["plan-error"], cause=cause, stack=plan.stack)
        elif not plan.is_errored and not plan.is_complete:
            cause = "Terraform marks it as incomplete: it was planned with -target, or a change is deferred."
            yield Finding(kind=KINDS["plan-incomplete"], cause=cause, stack=plan.stack)


def _rank(found: Finding) -> tuple[object, ...]:
    locations = (natural(text) for text in (found.stack, found.resource_address, found.nat_gateway_id))
    return (tuple(KINDS).index(found.kind.id), *locations)


def _verdict(found: Iterable[Finding], changes: Iterable[GatewayChange]) -> Verdict:
    if any(finding.is_error for finding in found):
        return Verdict.BLOCKED
    return Verdict.DRAINS if any(row.cuts_connections for row in changes) else Verdict.NO_DRAIN


def _in_order(rows: Iterable[GatewayChange]) -> tuple[GatewayChange, ...]:
    """Gateways that are deleted first, then those that drain most; the rows of one resource together."""
    by_resource: dict[tuple[str, str], list[GatewayChange]] = {}
    for row in rows:
        by_resource.setdefault((row.stack, row.resource_address), []).append(row)

    def weight(resource: tuple[str, str]) -> tuple[object, ...]:
        cut = [row for row in by_resource[resource] if row.cuts_connections]
        is_deleted = any(row.gateway_fate for row in cut)
        return (not is_deleted, not cut, -sum(len(row.unassign) for row in cut), *map(natural, resource))

    return tuple(row for resource in sorted(by_resource, key=weight) for row in by_resource[resource])


def _digest(plan: PlanDocument, rows: Iterable[GatewayChange]) -> str:
    plain_rows = (asdict(row) for row in rows if row.does_something)
    covered = {
        "version": _DIGEST_VERSION,
        "errored": plan.is_errored,
        "gateways": [{name: row[name] for name in row if name not in _NOT_IN_DIGEST} for row in plain_rows],
        "others": sorted([change.address, *change.actions] for change in plan.others),
    }
    return _hash(json.dumps(covered, sort_keys=True, separators=(",", ":")))


def _combined(digests: Sequence[str]) -> str:
    """The digest of several plans, in whatever order they are given; of one plan it is that plan's own."""
    return _hash("\n".join(sorted(digests))) if len(digests) > 1 else "".join(digests)


def _hash(text: str) -> str:
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _totals(changes: Sequence[GatewayChange]) -> Totals:
    rows = [row for row in changes if row.does_something]
    draining = [row for row in rows if row.unassign]
    windows = [row.window_seconds for row in draining]
    certain = _drained(row for row in draining if not row.condition)
    return Totals(
        gateways=_gateways(rows),
        gateways_draining=_gateways(draining),
        gateways_going=_gateways(row for row in rows if row.gateway_fate),
        gateways_unchanged=_gateways(row for row in changes if not row.does_something),
        assigned=sum(row.assign_count or 0 for row in rows if not row.condition),
        drained=len(_drained(draining)),
        possibly_drained=len(_drained(draining) - certain),
        unmanaged_drained=len({(_gateway(row), address) for row in rows for address in row.unmanaged}),
        undecided=len({(row.stack, row.resource_address) for row in rows if not row.is_decided or row.condition}),
        longest_window_seconds=max((window for window in windows if window), default=None) if all(windows) else None,
        drain_wait_seconds=_at_most(rows, [_drain_wait(row) for row in rows]),
        apply_seconds=_at_most(rows, [row.timeout_seconds for row in rows]),
    )


def _drained(rows: Iterable[GatewayChange]) -> set[tuple[tuple[str, ...], str]]:
    """Addresses that drain, each with its gateway: two gateways may have the same one, in two VPCs."""
    return {(_gateway(row), address) for row in rows for address in row.unassign}


def _gateway(row: GatewayChange) -> tuple[str, ...]:
    """Identifies a row's gateway; one whose id is unknown is identified by its resource."""
    return (row.nat_gateway_id,) if row.nat_gateway_id else (row.stack, row.resource_address)


def _gateways(rows: Iterable[GatewayChange]) -> int:
    return len({_gateway(row) for row in rows})


def _drain_wait(row: GatewayChange) -> float | None:
    if not row.waits_for_drain:
        return 0.0
    return None if row.window_seconds is None else float(row.window_seconds)


def _at_most(rows: Sequence[GatewayChange], seconds: Sequence[float | None]) -> float | None:
    """The longest that rows can take: stacks one after the other, ten resources at a time in each."""
    by_stack: dict[str, dict[str, float]] = {}
    resources_of: Counter[str] = Counter()
    for row, duration in zip(rows, seconds, strict=True):
        if duration is None:
            return None
        if duration:
            resources = by_stack.setdefault(row.stack, {})
            before = resources.get(row.resource_address, 0.0)
            resources_of[row.stack] += len(row.more_resource_addresses) + (row.resource_address not in resources)
            # The parts of a replacement come one after the other; those of an update share its timeout.
            resources[row.resource_address] = before + duration if row.is_replacement else max(before, duration)
    # The last resource to start waits for at most (n - 1) // PARALLELISM others.
    return sum(-(-resources_of[stack] // PARALLELISM) * max(one.values()) for stack, one in by_stack.items()) + 0.0
