"""What is against a change once the gateway is known: the rules that stop a plan before anything is called.

They judge; they never change the plan to make it pass.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from natgw_provider.core import limits, names
from natgw_provider.core.addresses import check_in_subnet, sort_addresses
from natgw_provider.core.diff import Count, ExactSet, Rules, Target
from natgw_provider.core.gateway import GatewayState, NatGateway
from natgw_provider.core.problems import AttributePath, Problem

if TYPE_CHECKING:
    from natgw_provider.core.change_plan import ChangePlan


def check_change(
    target: Target | None, gateway: NatGateway, change: ChangePlan | None, rules: Rules
) -> tuple[Problem, ...]:
    """Return what is against bringing a gateway to `target`; `target` and `change` are None while not known.

    A release is held to no rule: what leaves with its declaration leaves, however few addresses stay.
    """
    if target is not None and target.is_release:
        return ()
    problems = check_gateway(gateway)
    if problems:
        return problems
    name = names.ADDRESSES
    if isinstance(target, ExactSet):
        primary = gateway.primary.key if gateway.primary else None
        cidr = rules.subnet_cidr_block
        problems += check_wanted(target.addresses, primary=primary, subnet_cidr_block=cidr, quota=rules.quota)
    elif isinstance(target, Count):
        name = names.ADDRESS_COUNT
        problems += check_quota(target.count, quota=rules.quota, name=name)
    if change is not None:
        problems += check_free_slots(change, gateway, quota=rules.quota, name=name)
    if change is not None and rules.min_in_service is not None:
        problems += check_capacity(change, rules.min_in_service)
    return problems


def check_gateway(gateway: NatGateway) -> tuple[Problem, ...]:
    """The gateway has to be a private one that still lives."""
    if not gateway.is_private:
        return (
            _gateway_problem(
                "Not a private NAT gateway",
                f"{gateway.nat_gateway_id} has connectivity type {gateway.connectivity_type}. Secondary private "
                "addresses are managed here for private NAT gateways only; those of a public one come with its "
                "Elastic IP associations (aws_nat_gateway). Give the id of a private NAT gateway.",
            ),
        )
    if gateway.is_gone:
        because = f" ({gateway.failure_message})" if gateway.failure_message else ""
        return (
            _gateway_problem(
                "NAT gateway is not usable",
                f"{gateway.nat_gateway_id} is {gateway.state.value}{because}. Needed is one that is "
                f"{GatewayState.AVAILABLE.value} or {GatewayState.PENDING.value}. Give the id of another gateway.",
            ),
        )
    return ()


def check_wanted(
    wanted: Iterable[str], *, primary: str | None, subnet_cidr_block: str | None, quota: int
) -> tuple[Problem, ...]:
    """A declared set has to fit its gateway: not the primary, inside the subnet, not reserved, within the quota.

    What is None is not known yet and not judged.
    """
    addresses = tuple(wanted)
    problems = list(check_quota(len(addresses), quota=quota))
    if primary is not None and primary in addresses:
        problems.append(_primary_named(primary))
    if subnet_cidr_block is not None:
        problems.extend(check_in_subnet(addresses, subnet_cidr_block))
    return tuple(problems)


def check_quota(secondaries: int, *, quota: int, name: str = names.ADDRESSES) -> tuple[Problem, ...]:
    """The secondaries and the primary have to fit the quota of private addresses for one gateway."""
    if secondaries + 1 <= quota:
        return ()
    return (
        Problem(
            (name,),
            "More addresses than the quota allows",
            f"{secondaries} secondary addresses and the primary are {secondaries + 1}; the quota for one private NAT "
            f"gateway is {quota}, so at most {quota - 1} secondaries. Remove {secondaries + 1 - quota}, or, if AWS has "
            "raised your quota (L-DFA99DE7), set private_ip_address_quota in the provider block "
            f"(at most {limits.QUOTA_MAXIMUM}).",
        ),
    )


def check_free_slots(
    change: ChangePlan, gateway: NatGateway, *, quota: int, name: str = names.ADDRESSES
) -> tuple[Problem, ...]:
    """What is assigned has to fit beside the failed addresses, which natgw leaves alone and AWS counts.

    A set that is over the quota by itself is `check_quota`'s to report.
    """
    failed = {address.key for address in gateway.failed} - set(change.diff.assign)
    secondaries = len(change.diff.keep) + change.diff.additions
    slots = quota - 1 - secondaries
    if not change.diff.additions or slots < 0 or len(failed) <= slots:
        return ()
    return (_no_free_slot((name,), gateway.nat_gateway_id, sort_addresses(failed), secondaries, quota),)


def check_capacity(change: ChangePlan, minimum: int) -> tuple[Problem, ...]:
    """No unassignment may leave fewer than `minimum` addresses taking new connections.

    Where fewer serve already, the change must not lower them further.
    """
    if not change.diff.unassign or change.in_service_low >= min(minimum, change.in_service_before):
        return ()
    drained = ", ".join(change.diff.unassign)
    return (
        Problem(
            (names.MIN_IN_SERVICE,),
            "Too few addresses would stay in service",
            f"While {drained} drain, only {change.in_service_low} of now {change.in_service_before} addresses would "
            f"take new connections (order: {change.order.value}); {names.MIN_IN_SERVICE} is {minimum}. Unassign fewer "
            f"addresses in one apply, or lower {names.MIN_IN_SERVICE} to at most {change.in_service_low}.",
        ),
    )


def _gateway_problem(summary: str, detail: str) -> Problem:
    return Problem((names.NAT_GATEWAY_ID,), summary, detail)


def _no_free_slot(
    path: AttributePath, nat_gateway_id: str, failed: tuple[str, ...], secondaries: int, quota: int
) -> Problem:
    too_many = secondaries + 1 + len(failed) - quota
    return Problem(
        path,
        "Failed addresses take the places needed",
        f"{secondaries} secondary addresses, the primary and {len(failed)} failed on {nat_gateway_id} "
        f"({', '.join(failed)}) are {secondaries + 1 + len(failed)}; the quota for one private NAT gateway is {quota}, "
        f"and failed addresses count. Declare {too_many} fewer, or remove {too_many} of the failed ones from the "
        "gateway (aws ec2 unassign-private-nat-gateway-address) and plan again.",
    )


def _primary_named(primary: str) -> Problem:
    return Problem(
        (names.ADDRESSES,),
        "The primary address is not a secondary",
        f"{primary} is the gateway's primary address, which stays with it for life and can be neither assigned nor "
        "unassigned. Remove it from the set.",
    )
