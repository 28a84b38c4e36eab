"""What a change is refused for once the gateway is known: every message, and the exact boundary of every rule."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS
from natgw_provider.core.change_plan import ChangePlan, plan_change
from natgw_provider.core.diff import Count, ExactSet, Rules
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGatewayAddress
from natgw_provider.core.plan_checks import (
    check_capacity,
    check_change,
    check_free_slots,
    check_gateway,
    check_quota,
    check_wanted,
)
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import ChangeSettings
from support.change_run import change_of
from support.problems import assert_says, assert_well_formed, the_problem
from support.strategies import GATEWAY_ID, Case, cases, gateway_of, primary, secondary

SET = ("secondary_private_ip_addresses",)


def full_swap(*, quota: int) -> ChangePlan:
    """Two secondaries, both exchanged."""
    gateway = gateway_of(primary(), secondary("10.0.0.9"), secondary("10.0.0.10"))
    return plan_change(ExactSet(("10.0.0.20", "10.0.0.21")).diff(gateway), gateway, quota=quota)


# The gateway itself.


@pytest.mark.parametrize("state", [GatewayState.AVAILABLE, GatewayState.PENDING])
def test_a_private_gateway_that_lives_is_fine(state: GatewayState) -> None:
    assert check_gateway(PRIVATE_IPS, gateway_of(primary(), state=state)) == ()


@pytest.mark.parametrize("state", GatewayState)
def test_a_public_gateway_is_refused_whatever_its_state(state: GatewayState) -> None:
    assert_says(
        the_problem(
            check_gateway(PRIVATE_IPS, replace(gateway_of(primary(), state=state), connectivity_type="public"))
        ),
        path=("nat_gateway_id",),
        summary="Not a private NAT gateway",
        words=[
            GATEWAY_ID,
            "connectivity type public",
            "manages private NAT gateways",
            "Give the id of one",
            "declare natgw_secondary_elastic_ips for this gateway.",
        ],
    )


@pytest.mark.parametrize("state", [GatewayState.FAILED, GatewayState.DELETING, GatewayState.DELETED])
@pytest.mark.parametrize("message", [None, "Subnet has insufficient free addresses"])
def test_a_gateway_that_is_gone_is_refused_with_what_aws_says(state: GatewayState, message: str | None) -> None:
    gateway = replace(gateway_of(primary(), state=state), failure_message=message)
    because = f" ({message})" if message else ""
    assert_says(
        the_problem(check_gateway(PRIVATE_IPS, gateway)),
        path=("nat_gateway_id",),
        summary="NAT gateway is not usable",
        words=[f"{GATEWAY_ID} is {state.value}{because}.", "available or pending", "Give the id of another one."],
    )


def test_a_regional_gateway_is_refused() -> None:
    regional = replace(gateway_of(primary()), connectivity_type="public", subnet_id=None)
    assert_says(
        the_problem(check_gateway(ELASTIC_IPS, regional)),
        path=("nat_gateway_id",),
        summary="Regional NAT gateways are not supported",
        words=[GATEWAY_ID, "manages zonal gateways only", "Give the id of a zonal NAT gateway."],
    )


# The declared set.

GATEWAY = gateway_of(primary())
RULES = Rules(quota=8, subnet_cidr_block="10.0.0.0/24")


def set_problems(*wanted: str, quota: int = 8) -> tuple[Problem, ...]:
    """Return what is wrong with a set for `GATEWAY`, the plan included."""
    target, rules = ExactSet(wanted), replace(RULES, quota=quota)
    change = plan_change(target.diff(GATEWAY), GATEWAY, quota=quota)
    return check_change(PRIVATE_IPS, target, GATEWAY, change, rules, settings=ChangeSettings())


def test_a_set_that_fits_its_gateway_is_fine() -> None:
    assert set_problems(*(f"10.0.0.{host}" for host in range(5, 12))) == ()


def test_the_primary_is_refused_as_a_secondary() -> None:
    problems = check_wanted(PRIVATE_IPS, ["10.0.0.9", "10.0.0.4"], GATEWAY, RULES)
    assert_says(
        the_problem(problems),
        path=SET,
        summary="The primary address is not a secondary",
        words=["10.0.0.4 is the gateway's primary", "Remove it from the declaration."],
    )


def test_the_subnets_rules_hold_for_the_set() -> None:
    problems = check_wanted(PRIVATE_IPS, ["10.0.0.3", "10.0.1.9"], GATEWAY, RULES)
    assert [problem.summary for problem in problems] == [
        "Address reserved by AWS",
        "Address outside the gateway's subnet",
    ]


def test_what_is_not_known_yet_is_not_judged() -> None:
    pending = gateway_of(state=GatewayState.PENDING)
    assert check_wanted(PRIVATE_IPS, ["10.0.0.4", "192.0.2.1"], pending, Rules(quota=8)) == ()


def test_everything_wrong_with_a_set_is_reported_at_once() -> None:
    problems = set_problems("10.0.0.4", "10.0.1.9", quota=2)
    assert len({problem.summary for problem in problems}) == 3


def test_a_set_is_read_once_only() -> None:
    """Any iterable will do."""
    wanted = (ip for ip in ["10.0.0.4", "10.0.1.9"])
    assert len(check_wanted(PRIVATE_IPS, wanted, GATEWAY, RULES)) == 2


# The quota.


def test_the_quota_is_for_secondaries_and_primary_together() -> None:
    for quota in range(1, 33):
        for secondaries in range(40):
            assert (check_quota(PRIVATE_IPS, secondaries, quota=quota) == ()) == (secondaries <= quota - 1)


@pytest.mark.parametrize("name", ["secondary_private_ip_addresses", "secondary_private_ip_address_count"])
def test_more_than_the_quota_is_refused_with_the_numbers_and_both_ways_out(name: str) -> None:
    assert_says(
        the_problem(check_quota(PRIVATE_IPS, 10, quota=8, name=name)),
        path=(name,),
        summary="More addresses than the quota allows",
        words=[
            "10 secondary",
            "are 11;",
            "is 8,",
            "at most 7",
            "Remove 3",
            "L-DFA99DE7",
            "private_ip_address_quota",
            "32",
        ],
    )


def test_a_set_over_the_quota_is_the_sets_problem() -> None:
    problem = the_problem(set_problems(*(f"10.0.0.{host}" for host in range(5, 13))))
    assert problem.path == SET


# Room beside failed addresses.


def room_problems(wanted: list[str] | int, *failed: str, quota: int) -> tuple[object, ...]:
    gateway = gateway_of(primary(), secondary("10.0.0.9"), *(secondary(ip, AddressStatus.FAILED) for ip in failed))
    diff = Count(wanted).diff(gateway) if isinstance(wanted, int) else ExactSet(tuple(wanted)).diff(gateway)
    return check_free_slots(PRIVATE_IPS, plan_change(diff, gateway, quota=quota), gateway, quota=quota)


def test_failed_addresses_that_leave_too_few_places_are_named() -> None:
    gateway = gateway_of(
        primary(),
        secondary("10.0.0.30", AddressStatus.FAILED),
        secondary("10.0.0.9", AddressStatus.FAILED),
        secondary("10.0.0.10"),
    )
    change = plan_change(ExactSet(("10.0.0.10", "10.0.0.11")).diff(gateway), gateway, quota=4)
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


def test_the_room_ends_exactly_at_the_quota() -> None:
    assert room_problems(["10.0.0.9", "10.0.0.10"], "10.0.0.30", quota=4) == ()
    assert len(room_problems(["10.0.0.9", "10.0.0.10"], "10.0.0.30", quota=3)) == 1
    assert room_problems(2, "10.0.0.30", quota=4) == ()
    assert len(room_problems(2, "10.0.0.30", quota=3)) == 1


def test_a_failed_address_that_is_wanted_is_in_nobodys_way() -> None:
    assert room_problems(["10.0.0.9", "10.0.0.30"], "10.0.0.30", quota=3) == ()


def test_failed_addresses_stop_no_change_that_assigns_nothing() -> None:
    assert room_problems([], "10.0.0.30", "10.0.0.31", quota=3) == ()
    assert room_problems(["10.0.0.9"], "10.0.0.30", "10.0.0.31", quota=3) == ()


def test_a_set_over_the_quota_by_itself_is_reported_only_there() -> None:
    assert room_problems(["10.0.0.9", "10.0.0.10", "10.0.0.11"], "10.0.0.30", quota=3) == ()
    assert len(check_quota(PRIVATE_IPS, 3, quota=3)) == 1


def test_a_count_that_finds_no_room_is_the_counts_problem() -> None:
    gateway = gateway_of(primary(), secondary("10.0.0.30", AddressStatus.FAILED))
    change = plan_change(Count(2).diff(gateway), gateway, quota=3)
    problem = the_problem(
        check_free_slots(PRIVATE_IPS, change, gateway, quota=3, name="secondary_private_ip_address_count")
    )
    assert problem.path == ("secondary_private_ip_address_count",)


# The private addresses of Elastic IPs.

EIP = "eipalloc-0a1b2c3d4e5f67890"


def private_ip_problems(declared: str, status: AddressStatus = AddressStatus.SUCCEEDED) -> tuple[Problem, ...]:
    shown = NatGatewayAddress(key=EIP, status=status, private_ip="10.0.0.9")
    rules = replace(RULES, private_ips={EIP: declared})
    return check_wanted(ELASTIC_IPS, [EIP], replace(GATEWAY, addresses=(shown,)), rules)


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


@pytest.mark.parametrize(("quota", "low"), [(5, 3), (4, 2), (3, 1)])
def test_the_minimum_in_service_is_fine_up_to_the_low_point(quota: int, low: int) -> None:
    change = full_swap(quota=quota)
    assert change.in_service_low == low
    for minimum in range(1, 4):
        assert (check_capacity(PRIVATE_IPS, change, minimum) == ()) == (minimum <= low)


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


def test_growth_is_never_refused_for_too_few_in_service() -> None:
    gateway = gateway_of(primary(), secondary("10.0.0.9"))
    growth = plan_change(ExactSet(("10.0.0.9", "10.0.0.10")).diff(gateway), gateway, quota=8)
    assert check_capacity(PRIVATE_IPS, growth, 32) == ()


@given(cases())
def test_a_minimum_of_one_never_stands_in_the_way(case: Case) -> None:
    """The primary stays."""
    assert check_capacity(PRIVATE_IPS, change_of(case), 1) == ()


@given(cases(), st.integers(1, 32))
def test_the_refusal_names_a_minimum_that_is_fine(case: Case, minimum: int) -> None:
    change = change_of(case)
    for problem in check_capacity(PRIVATE_IPS, change, minimum):
        assert_well_formed(problem)
        assert f"to {change.in_service_low}." in problem.detail
        assert check_capacity(PRIVATE_IPS, change, change.in_service_low) == ()
