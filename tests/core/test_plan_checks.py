"""What a change is refused for once the gateway is known: every message, and the exact boundary of every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS
from natgw_provider.core.change_plan import ChangePlan, plan_change
from natgw_provider.core.diff import Count, ExactSet, Rules
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.core.plan_checks import (
    check_capacity,
    check_change,
    check_free_slots,
    check_gateway,
    check_quota,
    check_wanted,
)
from natgw_provider.core.problems import AttributePath, Problem
from natgw_provider.core.settings import ChangeSettings
from support.change_run import change_of
from support.problems import assert_says, assert_well_formed, the_problem
from support.strategies import GATEWAY_ID, Case, cases, gateway_of, primary, secondary

SET = ("secondary_private_ip_addresses",)


def ips(hosts: list[int]) -> tuple[str, ...]:
    return tuple(f"10.0.0.{host}" for host in hosts)


def full_swap(*, quota: int) -> ChangePlan:
    """Two secondaries, both exchanged."""
    gateway = gateway_of(primary(), secondary("10.0.0.9"), secondary("10.0.0.10"))
    return plan_change(ExactSet(("10.0.0.20", "10.0.0.21")).diff(gateway), gateway, quota=quota)


# The gateway itself.

LIVING = gateway_of(primary())
ON_THE_GATEWAY = [
    *(
        (
            replace(LIVING, state=state, connectivity_type="public"),
            "Not a private NAT gateway",
            [
                "connectivity type public",
                "manages private NAT gateways",
                "Give the id of one",
                "natgw_secondary_elastic_ips",
            ],
        )
        for state in GatewayState
    ),
    *(
        (
            replace(LIVING, state=state, failure_message=message),
            "NAT gateway is not usable",
            [f"is {state.value}{because}.", "available or pending", "Give the id of another one."],
        )
        for state in (GatewayState.FAILED, GatewayState.DELETING, GatewayState.DELETED)
        for message, because in ((None, ""), ("No free addresses", " (No free addresses)"))
    ),
]


@pytest.mark.parametrize(("gateway", "summary", "words"), ON_THE_GATEWAY)
def test_a_gateway_that_cannot_be_managed_is_refused(gateway: NatGateway, summary: str, words: list[str]) -> None:
    """And nothing else is said of it."""
    target = ExactSet(("10.0.1.9",))
    problems = check_change(
        PRIVATE_IPS, target, gateway, None, Rules(quota=1, subnet_cidr_block="10.0.0.0/24"), settings=ChangeSettings()
    )
    assert_says(the_problem(problems), path=("nat_gateway_id",), summary=summary, words=[GATEWAY_ID, *words])


def test_a_regional_gateway_is_refused() -> None:
    assert_says(
        the_problem(check_gateway(ELASTIC_IPS, replace(LIVING, connectivity_type="public", subnet_id=None))),
        path=("nat_gateway_id",),
        summary="Regional NAT gateways are not supported",
        words=[GATEWAY_ID, "manages zonal gateways only", "Give the id of a zonal NAT gateway."],
    )


@pytest.mark.parametrize("state", [GatewayState.AVAILABLE, GatewayState.PENDING])
def test_a_private_gateway_that_lives_is_fine(state: GatewayState) -> None:
    assert check_gateway(PRIVATE_IPS, replace(LIVING, state=state)) == ()


# The declared set.

RULES = Rules(quota=8, subnet_cidr_block="10.0.0.0/24")


def set_problems(*wanted: str, quota: int = 8) -> list[tuple[AttributePath, str]]:
    """Return what is wrong with a set for `LIVING`, the plan included."""
    target, rules = ExactSet(wanted), replace(RULES, quota=quota)
    change = plan_change(target.diff(LIVING), LIVING, quota=quota)
    return [
        (problem.path, problem.summary)
        for problem in check_change(PRIVATE_IPS, target, LIVING, change, rules, settings=ChangeSettings())
    ]


def test_a_set_that_fits_its_gateway_is_fine() -> None:
    assert set_problems(*(f"10.0.0.{host}" for host in range(5, 12))) == []


def test_everything_wrong_with_a_set_is_reported_at_once() -> None:
    assert set_problems("10.0.0.3", "10.0.0.4", "10.0.1.9", quota=2) == [
        (SET, "More addresses than the quota allows"),
        (SET, "The primary address is not a secondary"),
        (SET, "Address reserved by AWS"),
        (SET, "Address outside the gateway's subnet"),
    ]


def test_the_primary_is_refused_as_a_secondary() -> None:
    assert_says(
        the_problem(check_wanted(PRIVATE_IPS, ["10.0.0.9", "10.0.0.4"], LIVING, RULES)),
        path=SET,
        summary="The primary address is not a secondary",
        words=["10.0.0.4 is the gateway's primary", "Remove it from the declaration."],
    )


def test_what_is_not_known_yet_is_not_judged() -> None:
    pending = gateway_of(state=GatewayState.PENDING)
    assert check_wanted(PRIVATE_IPS, ["10.0.0.4", "192.0.2.1"], pending, Rules(quota=8)) == ()


# The quota.


def test_the_quota_is_for_secondaries_and_primary_together() -> None:
    for quota in range(1, 33):
        for secondaries in range(40):
            assert (check_quota(PRIVATE_IPS, secondaries, quota=quota) == ()) == (secondaries <= quota - 1)


def test_more_than_the_quota_is_refused_with_the_numbers_and_both_ways_out() -> None:
    target = Count(10)
    change = plan_change(target.diff(LIVING), LIVING, quota=8)
    assert_says(
        the_problem(check_change(PRIVATE_IPS, target, LIVING, change, RULES, settings=ChangeSettings())),
        path=("secondary_private_ip_address_count",),
        summary="More addresses than the quota allows",
        words=["10 secondary", "are 11;", "is 8,", "at most 7", "Remove 3", "L-DFA99DE7", "private_ip_address_quota"],
    )


# Free slots beside failed addresses.


@pytest.mark.parametrize(
    ("wanted", "failed", "quota", "is_refused"),
    [
        # The slots end exactly at the quota.
        ([9, 10], [30], 4, False),
        ([9, 10], [30], 3, True),
        (2, [30], 4, False),
        (2, [30], 3, True),
        # A failed address that is wanted is in nobody's way.
        ([9, 30], [30], 3, False),
        # A change that assigns nothing needs no slot.
        ([], [30, 31], 3, False),
        ([9], [30, 31], 3, False),
        # A set over the quota by itself is reported only there.
        ([9, 10, 11], [30], 3, False),
    ],
)
def test_failed_addresses_must_leave_the_slots_that_a_change_needs(
    wanted: list[int] | int, failed: list[int], quota: int, is_refused: bool
) -> None:
    gateway = gateway_of(primary(), secondary("10.0.0.9"), *(secondary(ip, AddressStatus.FAILED) for ip in ips(failed)))
    target = Count(wanted) if isinstance(wanted, int) else ExactSet(ips(wanted))
    change = plan_change(target.diff(gateway), gateway, quota=quota)
    problems = check_free_slots(PRIVATE_IPS, change, gateway, quota=quota, name="the_argument")
    assert [problem.path for problem in problems] == ([("the_argument",)] if is_refused else [])


def test_failed_addresses_that_leave_too_few_slots_are_named() -> None:
    gateway = gateway_of(
        primary(), *(secondary(ip, AddressStatus.FAILED) for ip in ips([30, 9])), secondary("10.0.0.10")
    )
    change = plan_change(ExactSet(ips([10, 11])).diff(gateway), gateway, quota=4)
    assert_says(
        the_problem(check_free_slots(PRIVATE_IPS, change, gateway, quota=4)),
        path=SET,
        summary="Failed addresses take the slots that the change needs",
        words=[
            "2 secondary",
            f"2 failed on {GATEWAY_ID} (10.0.0.9, 10.0.0.30) are 5;",
            "is 4,",
            "Declare 1 fewer",
            "remove 1",
            "unassign-private-nat-gateway-address",
            "plan again",
        ],
    )


# The private addresses of Elastic IPs.

EIP = "eipalloc-0a1b2c3d4e5f67890"


def private_ip_problems(declared: str, status: AddressStatus = AddressStatus.SUCCEEDED) -> tuple[Problem, ...]:
    shown = NatGatewayAddress(key=EIP, status=status, private_ip="10.0.0.9")
    rules = replace(RULES, private_ips={EIP: declared})
    return check_wanted(ELASTIC_IPS, [EIP], replace(LIVING, addresses=(shown,)), rules)


def test_an_elastic_ip_keeps_its_private_address() -> None:
    assert private_ip_problems("10.0.0.9") == ()
    assert private_ip_problems("10.0.0.10", AddressStatus.DISASSOCIATING) == ()
    assert_says(
        the_problem(private_ip_problems("10.0.0.10")),
        path=("private_ip_addresses",),
        summary="The private address of an Elastic IP cannot change",
        words=[EIP, "declared with the private address 10.0.0.10", "associated with 10.0.0.9", "Declare 10.0.0.9"],
    )


def test_the_subnets_rules_hold_for_the_private_address_of_an_elastic_ip() -> None:
    problem = the_problem(private_ip_problems("10.0.1.9", AddressStatus.FAILED))
    assert (problem.path, problem.summary) == (("private_ip_addresses",), "Address outside the gateway's subnet")


# Capacity during the change.


def test_too_few_in_service_is_refused_with_the_low_point() -> None:
    assert_says(
        the_problem(check_capacity(PRIVATE_IPS, full_swap(quota=3), 2)),
        path=("min_in_service_addresses",),
        summary="Too few addresses would stay in service",
        words=[
            "3 addresses take new connections now.",
            "While 10.0.0.9, 10.0.0.10 drain, only 1 would;",
            "min_in_service_addresses is 2.",
            "Unassign fewer",
            "lower min_in_service_addresses to 1.",
        ],
    )


def test_where_fewer_serve_already_a_change_must_only_not_lower_them() -> None:
    """A minimum above what serves today must not forbid the change that helps."""
    assert check_capacity(PRIVATE_IPS, full_swap(quota=5), 4) == ()
    assert len(check_capacity(PRIVATE_IPS, full_swap(quota=4), 4)) == 1


@given(cases(), st.integers(1, 32))
def test_only_a_drop_below_the_minimum_is_refused_and_the_refusal_names_one_that_is_fine(
    case: Case, minimum: int
) -> None:
    change = change_of(case)
    problems = check_capacity(PRIVATE_IPS, change, minimum)
    assert (problems == ()) == (change.in_service_low >= min(minimum, change.in_service_before))
    for problem in problems:
        assert_well_formed(problem)
        assert f"to {change.in_service_low}." in problem.detail
    for fine in (1, change.in_service_low):
        assert check_capacity(PRIVATE_IPS, change, fine) == ()
