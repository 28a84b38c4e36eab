"""What `terraform plan` shows: the planned state of `natgw_secondary_private_ips`, from declaration and gateway.

Pure: the caller has looked at the gateway, or has not. A value that is known here is a promise that apply keeps to the
letter, so what can still differ is left unknown. While inputs are unknown, a plan promises to unassign nothing:
Terraform itself then stops an apply in which it turns out otherwise, before anything is called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from natgw_provider.bridge.diagnostics import Diagnostic, warning
from natgw_provider.bridge.handlers import Object
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core import names
from natgw_provider.core.change_plan import ChangePlan, plan_change
from natgw_provider.core.durations import format_seconds
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.last_change import LastChange
from natgw_provider.core.plan_checks import check_change
from natgw_provider.core.problems import Problem
from natgw_provider.resources.declaration import Declaration
from natgw_provider.resources.observed import observed_attributes


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedChange:
    """A change of one gateway as planned, and as a reviewer sees it."""

    gateway: NatGateway
    change: ChangePlan
    last_change: LastChange


def plan_known(declaration: Declaration, gateway: NatGateway, quota: int) -> PlannedChange:
    """Return the change that a known declaration means for a gateway."""
    change = plan_change(
        declaration.require_target().diff(gateway),
        gateway,
        quota=quota,
        wait_for_drain=declaration.setting(names.WAIT_FOR_DRAIN) is not False,
    )
    return PlannedChange(
        gateway=gateway, change=change, last_change=LastChange.of(change, declaration.setting(names.MAX_DRAIN) or 0)
    )


def problems_of(
    declaration: Declaration, gateway: NatGateway, change: ChangePlan | None, cidr: str | None, quota: int
) -> tuple[Problem, ...]:
    """Return what is against carrying a declaration out on a gateway; `change` is None while not known."""
    return check_change(declaration.target, gateway, change, declaration.rules(quota, cidr))


def declared_state(declaration: Declaration, config: Object) -> Object:
    """Return the arguments of the planned state: what is declared, defaults filled in."""
    secondaries, count = declaration.secondaries, config[names.ADDRESS_COUNT]
    if count is None:
        count = UNKNOWN if secondaries is None else secondaries
    return {
        names.NAT_GATEWAY_ID: config[names.NAT_GATEWAY_ID],
        names.ADDRESSES: UNKNOWN if declaration.addresses is None else config[names.ADDRESSES],
        names.ADDRESS_COUNT: count,
        names.TIMEOUTS: config[names.TIMEOUTS],
        **declaration.settings,
    }


def unknown_gateway_state() -> Object:
    """Return the computed attributes while the gateway is not known, but for the promise to unassign nothing."""
    unknown: list[str] = [
        names.ID,
        names.PRIMARY,
        names.SUBNET_ID,
        names.SUBNET_CIDR_BLOCK,
        names.VPC_ID,
        names.NETWORK_INTERFACE_ID,
        names.DRAINING,
    ]
    return dict.fromkeys(unknown, UNKNOWN)


def undecided_change() -> Object:
    """Return `last_change` while gateway or set are unknown: it will unassign nothing, the rest is open."""
    fields: dict[str, Any] = dict.fromkeys(LastChange.__dataclass_fields__, UNKNOWN)
    fields["unassign"] = ()
    fields["drain_windows"] = 0
    return fields


def decided_change(planned: PlannedChange, declaration: Declaration, *, is_quota_known: bool) -> Object:
    """Return `last_change` for a known change; `assign` is unknown where AWS picks, the order while the quota is."""
    fields = planned.last_change.to_mapping()
    if not is_quota_known:
        fields |= dict.fromkeys(("order", "summary", "in_service_low"), UNKNOWN)
    if fields["assign"] is None:
        fields["assign"] = UNKNOWN
    if declaration.setting(names.MAX_DRAIN) is None:
        fields["max_drain_duration_seconds"] = fields["summary"] = UNKNOWN
    return fields


def known_gateway_state(
    gateway: NatGateway, cidr: str | None, declaration: Declaration, planned: PlannedChange | None
) -> Object:
    """Return the computed attributes for a gateway that was looked at, as they will be after the change."""
    observed = observed_attributes(gateway, cidr)
    kept = {name: UNKNOWN if observed[name] is None else observed[name] for name in unknown_gateway_state()}
    kept[names.DRAINING] = _draining_afterwards(declaration, planned)
    if declaration.addresses is None:
        grows = planned is None or bool(planned.change.diff.assign_count)
        kept[names.ADDRESSES] = UNKNOWN if grows else planned.change.diff.keep  # type: ignore[union-attr]
    return kept


def drain_warning(nat_gateway_id: str, addresses: tuple[str, ...], seconds: int | None, lead: str) -> Diagnostic:
    """Return the warning that a gateway drains. Its summary names the gateway: Terraform folds equal summaries."""
    window = "until they end" if seconds is None else f"for up to {format_seconds(seconds)}"
    return warning(
        f"{nat_gateway_id} drains {len(addresses)} {'address' if len(addresses) == 1 else 'addresses'}",
        f"{lead}: {', '.join(addresses)}. Existing connections through them may go on {window} and are then cut; "
        "new connections use the remaining addresses.",
        (names.ADDRESSES,),
    )


def undecided_warning(nat_gateway_id: str, prior: Object | None) -> Diagnostic:
    """Return the warning that a set unknown at plan can only grow; after a drain, it has to."""
    last: Any = (prior or {}).get(names.LAST_CHANGE)
    may_stay = prior is None or (last is not None and not last["unassign"] and not last["drain_windows"])
    recorded = "the change recorded last is not what this plan promises"
    or_stay = "" if may_stay else f", or should they turn out as they are now ({recorded})"
    return warning(
        f"{nat_gateway_id}: addresses known only after apply",
        "The declared addresses depend on values that are not known yet, so this plan cannot show what it would "
        f"unassign. It will assign what is missing. Should addresses have to go as well{or_stay}, Terraform stops "
        'before anything is changed ("inconsistent final plan"). Apply what the addresses depend on first then '
        "(terraform apply -target=...), and plan again with the values known.",
        (names.ADDRESSES,),
    )


def _draining_afterwards(declaration: Declaration, planned: PlannedChange | None) -> Any:
    if planned is None or not planned.change.steps:
        return UNKNOWN
    waits = declaration.setting(names.WAIT_FOR_DRAIN)
    return () if waits or not planned.change.diff.unassign else UNKNOWN
