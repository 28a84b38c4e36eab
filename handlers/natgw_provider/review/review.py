"""The review: plans, limits and diagnostics in, one object out that every format renders.

The verdict is taken here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from natgw_provider.review import findings
from natgw_provider.review.conflicts import managed_twice, other_owners, replaced_in_place
from natgw_provider.review.digest import combined_digest, other_changes, plan_digest
from natgw_provider.review.events import Diagnostic
from natgw_provider.review.findings import KINDS, Finding, Severity
from natgw_provider.review.gateway_change import GatewayChange
from natgw_provider.review.neighbours import NatGatewayResource, gateway_names, nat_gateways
from natgw_provider.review.plan_document import HOW_TO, PlanDocument
from natgw_provider.review.reading import InputError
from natgw_provider.review.risks import exceeded_limits, risks_of
from natgw_provider.review.rows import gateway_changes
from natgw_provider.review.settings import Limits
from natgw_provider.review.totals import Totals, totals_of


class Verdict(StrEnum):
    """What a reviewer and a gate need first."""

    BLOCKED = "blocked"
    DRAINS = "drains"
    NO_DRAIN = "no-drain"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSummary:
    """One reviewed plan. `others` counts what it does to resources that are not ours, by actions as "delete"."""

    stack: str
    digest: str
    terraform_version: str
    others: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Everything a reviewer sees.

    Attributes:
        verdict: blocked, drains or no-drain.
        digest: of all plans together, see `digest`.
        target: what the caller calls the thing reviewed, such as an environment; may be empty.
        head: the commit that was planned; may be empty.
        plans: in the order given.
        totals: counts over all rows.
        changes: rows, those that cut connections first, unchanged gateways left out.
        findings: what blocks first, equal kinds together.
        limits: what was held against the plans.
    """

    verdict: Verdict
    digest: str
    target: str
    head: str
    plans: tuple[PlanSummary, ...]
    totals: Totals
    changes: tuple[GatewayChange, ...]
    findings: tuple[Finding, ...]
    limits: Limits

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """The findings that block."""
        return tuple(finding for finding in self.findings if finding.kind.severity is Severity.ERROR)


def review_plans(
    plans: Sequence[PlanDocument],
    *,
    limits: Limits,
    diagnostics: Sequence[Diagnostic] = (),
    target: str = "",
    head: str = "",
) -> Review:
    """Return the review of one or more plans; none at all is fine when an error among `diagnostics` says why.

    Raises InputError when there is nothing to review, or a plan holds something that the provider does not write.
    """
    if not plans and not any(diagnostic.is_error for diagnostic in diagnostics):
        # A Terraform that was killed leaves events without an end, and so does a plan nobody gave: neither may pass.
        raise InputError(f"the plan is missing, and the events do not say why: no error is among them. {HOW_TO}")
    rows = {plan.stack: _rows(plan) for plan in plans}
    digests = [plan_digest(plan, rows[plan.stack]) for plan in plans]
    changes = [row for plan in plans for row in rows[plan.stack]]
    found = tuple(_sorted(_findings(plans, changes, limits, diagnostics)))
    return Review(
        verdict=_verdict(found, changes),
        digest=combined_digest(digests) if digests else "",
        target=target,
        head=head,
        plans=tuple(_summary(plan, digest) for plan, digest in zip(plans, digests, strict=True)),
        totals=totals_of(changes),
        changes=tuple(sorted((row for row in changes if row.does_something), key=_weight)),
        findings=found,
        limits=limits,
    )


def _rows(plan: PlanDocument) -> tuple[GatewayChange, ...]:
    known, gateways = gateway_names(plan), nat_gateways(plan)
    fates = {gateway.nat_gateway_id: gateway.fate for gateway in gateways if gateway.nat_gateway_id}
    return tuple(
        replace(row, name=known.get(row.nat_gateway_id or ""), gateway_fate=fates.get(row.nat_gateway_id or "", ""))
        for row in gateway_changes(plan)
    )


def _findings(
    plans: Sequence[PlanDocument], changes: Sequence[GatewayChange], limits: Limits, diagnostics: Iterable[Diagnostic]
) -> Iterator[Finding]:
    gateways: list[NatGatewayResource] = [gateway for plan in plans for gateway in nat_gateways(plan)]
    yield from _of_diagnostics(plans, diagnostics)
    for row in changes:
        if row.does_something:
            yield from exceeded_limits(row, limits)
            yield from risks_of(row)
    yield from managed_twice(changes)
    yield from replaced_in_place(changes)
    yield from other_owners(changes, gateways)


def _of_diagnostics(plans: Iterable[PlanDocument], diagnostics: Iterable[Diagnostic]) -> Iterator[Finding]:
    is_error_told = False
    for diagnostic in diagnostics:
        is_error_told = is_error_told or diagnostic.is_error
        kind = findings.PLAN_ERROR if diagnostic.is_error else findings.PLAN_WARNING
        cause = ": ".join(part for part in (diagnostic.summary, diagnostic.detail) if part)
        yield Finding(kind=kind, cause=cause, resource_address=diagnostic.resource_address)
    for plan in plans:
        if plan.is_errored and not is_error_told:
            cause = "Terraform marks it as errored, so it shows a part only. --events tells the errors."
            yield Finding(kind=findings.PLAN_ERROR, cause=cause, stack=plan.stack)
        elif not plan.is_errored and not plan.is_complete:
            cause = "Terraform marks it as not complete: it was planned with -target, or something is deferred."
            yield Finding(kind=findings.PLAN_INCOMPLETE, cause=cause, stack=plan.stack)


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    rank = {kind.id: index for index, kind in enumerate(KINDS)}
    return sorted(found, key=lambda one: (rank[one.kind.id], one.stack, one.resource_address, one.nat_gateway_id))


def _verdict(found: Iterable[Finding], changes: Iterable[GatewayChange]) -> Verdict:
    if any(finding.kind.severity is Severity.ERROR for finding in found):
        return Verdict.BLOCKED
    return Verdict.DRAINS if any(row.cuts_connections for row in changes) else Verdict.NO_DRAIN


def _weight(row: GatewayChange) -> tuple[bool, int, str, str]:
    return (not row.cuts_connections, -len(row.unassign), row.stack, row.resource_address)


def _summary(plan: PlanDocument, digest: str) -> PlanSummary:
    others: dict[str, int] = {}
    for change in other_changes(plan):
        actions = " and ".join(change.actions)
        others[actions] = others.get(actions, 0) + 1
    return PlanSummary(
        stack=plan.stack, digest=digest, terraform_version=plan.terraform_version, others=dict(sorted(others.items()))
    )
