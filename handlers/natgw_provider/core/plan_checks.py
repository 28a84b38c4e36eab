"""What is against a change once the gateway is known: the rules that stop a plan before anything is called.

They judge; they never change the plan to make it pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from natgw_provider.core import names
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.core.addresses import check_in_subnet, sort_addresses
from natgw_provider.core.diff import Count, Rules, Target
from natgw_provider.core.gateway import GatewayState, NatGateway
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import ChangeSettings

if TYPE_CHECKING:
    from natgw_provider.core.change_plan import ChangePlan


def check_change(
    kind: AddressKind,
    target: Target | None,
    gateway: NatGateway,
    change: ChangePlan | None,
    rules: Rules,
    *,
    settings: ChangeSettings,
) -> tuple[Problem, ...]:
    """Return what is against bringing a gateway to `target`; `target` and `change` are None while not known.

    A release is held to no rule: what leaves with its declaration leaves, however few addresses stay.
    """
    if target is not None and target.is_release:
        return ()
    problems = check_gateway(kind, gateway)
    if problems:
        return problems
    name = kind.argument
    if isinstance(target, Count):
        name = kind.count_argument or name
        problems += check_quota(kind, target.count, quota=rules.quota, name=name)
    elif target is not None:
        secondaries = target.secondaries_of(gateway)
        problems += check_quota(kind, secondaries, quota=rules.quota)
        problems += check_wanted(kind, target.wanted, gateway, rules)
    if change is not None:
        problems += check_free_slots(kind, change, gateway, quota=rules.quota, name=name)
    if change is not None and settings.min_in_service_addresses is not None:
        problems += check_capacity(kind, change, settings.min_in_service_addresses)
    return problems


def check_gateway(kind: AddressKind, gateway: NatGateway) -> tuple[Problem, ...]:
    """The gateway has to be a zonal one with this kind of addresses that still lives."""
    if gateway.connectivity_type != kind.connectivity:
        return (_wrong_connectivity(kind, gateway),)
    if gateway.is_regional:
        return (
            _gateway_problem(
                "Regional NAT gateways are not supported",
                f"{gateway.nat_gateway_id} is a regional NAT gateway, which has addresses in several Availability "
                f"Zones. {kind.resource_type} manages zonal gateways only. Give the id of a zonal NAT gateway.",
            ),
        )
    if gateway.is_gone:
        because = f" ({gateway.failure_message})" if gateway.failure_message else ""
        return (
            _gateway_problem(
                "NAT gateway is not usable",
                f"{gateway.nat_gateway_id} is {gateway.state.value}{because}. A gateway has to be "
                f"{GatewayState.AVAILABLE.value} or {GatewayState.PENDING.value}. Give the id of another one.",
            ),
        )
    return ()


def check_wanted(kind: AddressKind, wanted: Iterable[str], gateway: NatGateway, rules: Rules) -> tuple[Problem, ...]:
    """What is declared has to fit its gateway: not the primary, and private addresses inside the subnet, not reserved.

    What is not known yet is not judged.
    """
    keys, primary = tuple(wanted), gateway.primary
    problems: list[Problem] = []
    if primary is not None and primary.key in keys:
        problems.append(_primary_named(kind, primary.key))
    private_ips = rules.private_ips if kind.private_ips_argument else {key: key for key in keys}
    addresses = [private_ips[key] for key in keys if key in private_ips]
    if rules.subnet_cidr_block is not None:
        name = kind.private_ips_argument or kind.argument
        problems.extend(check_in_subnet(addresses, rules.subnet_cidr_block, name=name))
    problems.extend(
        _check_private_ips(kind, gateway, {key: rules.private_ips[key] for key in keys if key in rules.private_ips})
    )
    return tuple(problems)


def check_quota(kind: AddressKind, secondaries: int, *, quota: int, name: str | None = None) -> tuple[Problem, ...]:
    """The secondaries and the primary have to fit the quota of one gateway; `name` is the argument at fault."""
    if secondaries + 1 <= quota:
        return ()
    limit, noun = kind.quota, "secondary" if quota - 1 == 1 else "secondaries"
    return (
        Problem(
            (name or kind.argument,),
            f"More {kind.nouns} than the quota allows",
            f"{secondaries} secondary {kind.nouns} and the primary are {secondaries + 1}; the quota for one "
            f"{kind.connectivity} NAT gateway is {quota}, so at most {quota - 1} {noun}. Remove "
            f"{secondaries + 1 - quota}, or, if AWS has raised your quota ({limit.code}), set {limit.argument} in the "
            f"provider block (at most {limit.maximum}).",
        ),
    )


def check_free_slots(
    kind: AddressKind, change: ChangePlan, gateway: NatGateway, *, quota: int, name: str | None = None
) -> tuple[Problem, ...]:
    """What is assigned has to fit beside the failed addresses, which natgw leaves alone and AWS counts.

    A set that is over the quota by itself is `check_quota`'s to report.
    """
    failed = {address.key for address in gateway.failed} - set(change.diff.assign)
    secondaries = len(change.diff.keep) + change.diff.additions
    slots = quota - 1 - secondaries
    if not change.diff.additions or slots < 0 or len(failed) <= slots:
        return ()
    total = secondaries + 1 + len(failed)
    return (
        Problem(
            (name or kind.argument,),
            "Failed addresses take the slots that the change needs",
            f"{secondaries} secondary {kind.nouns}, the primary and {len(failed)} failed on {gateway.nat_gateway_id} "
            f"({', '.join(sort_addresses(failed))}) are {total}; the quota for one {kind.connectivity} NAT gateway is "
            f"{quota}, and failed ones count. Declare {total - quota} fewer, or remove {total - quota} of the failed "
            f"ones from the gateway ({kind.free_command}) and plan again.",
        ),
    )


def check_capacity(kind: AddressKind, change: ChangePlan, minimum: int) -> tuple[Problem, ...]:
    """No unassignment may leave fewer than `minimum` addresses taking new connections.

    Where fewer serve already, the change must not lower them further.
    """
    if not change.diff.unassign or change.in_service_low >= min(minimum, change.in_service_before):
        return ()
    before, low, leaving = change.in_service_before, change.in_service_low, change.diff.unassign
    verb = "drains" if len(leaving) == 1 else "drain"
    return (
        Problem(
            (names.MIN_IN_SERVICE,),
            f"Too few {kind.nouns} would stay in service",
            f"{before} {kind.nouns} take new connections now. While {', '.join(leaving)} {verb}, only {low} would; "
            f"{names.MIN_IN_SERVICE} is {minimum}. {kind.remove.base.capitalize()} fewer {kind.nouns} in one apply, or "
            f"lower {names.MIN_IN_SERVICE} to {low}.",
        ),
    )


def _check_private_ips(kind: AddressKind, gateway: NatGateway, private_ips: Mapping[str, str]) -> list[Problem]:
    """An Elastic IP keeps the private address that it was associated with."""
    attached = set(gateway.attached)
    found = {it.key: it.private_address for it in gateway.addresses if it.key in attached}
    return [
        Problem(
            (kind.private_ips_argument or kind.argument,),
            "The private address of an Elastic IP cannot change",
            f"{key} is declared with the private address {declared}, and is associated with {found[key]} on "
            f"{gateway.nat_gateway_id}. AWS can change it only by a disassociation, which drains. Declare "
            f"{found[key]}, or remove {key}, apply, and declare it again.",
        )
        for key, declared in private_ips.items()
        if found.get(key, declared) != declared
    ]


def _wrong_connectivity(kind: AddressKind, gateway: NatGateway) -> Problem:
    other = next((other for other in KINDS if other.connectivity == gateway.connectivity_type), kind)
    return _gateway_problem(
        f"Not a {kind.connectivity} NAT gateway",
        f"{gateway.nat_gateway_id} has connectivity type {gateway.connectivity_type}. {kind.resource_type} manages "
        f"{kind.connectivity} NAT gateways. Give the id of one, or declare {other.resource_type} for this gateway.",
    )


def _gateway_problem(summary: str, detail: str) -> Problem:
    return Problem((names.NAT_GATEWAY_ID,), summary, detail)


def _primary_named(kind: AddressKind, primary: str) -> Problem:
    return Problem(
        (kind.argument,),
        f"The primary {kind.noun} is not a secondary",
        f"{primary} is the gateway's primary {kind.noun}, which stays with it for life and can be neither "
        f"{kind.add.past} nor {kind.remove.past}. Remove it from the declaration.",
    )
