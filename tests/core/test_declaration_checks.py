"""What a declaration is refused for by itself: path, value, range and fix of every message, exact boundaries."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS, AddressKind
from natgw_provider.core.declaration_checks import (
    check_address_count,
    check_declaration,
    check_enough_declared,
    check_nat_gateway_id,
    check_one_of,
    check_timeouts,
)
from natgw_provider.core.problems import Problem
from natgw_provider.core.settings import check_max_drain, check_min_in_service, check_on_destroy
from support.problems import assert_says, the_problem

NO_WHOLE_NUMBERS = [350.5, 0.5, 1e-9, float("nan"), float("inf"), float("-inf"), True, False]


@pytest.mark.parametrize("nat_gateway_id", [None, "nat-0a1b2c3d4e5f67890", "nat-0a1b2c3d"])
def test_an_id_of_a_nat_gateway_is_fine(nat_gateway_id: str | None) -> None:
    assert check_nat_gateway_id(nat_gateway_id) == ()


@pytest.mark.parametrize(
    "other",
    [
        "",
        "nat-",
        "nat-123",
        "nat-0a1b2c3d4",
        "nat-0a1b2c3d4e5f6789",
        "nat-0a1b2c3d4e5f678901",
        "igw-0a1b2c3d4e5f67890",
        "NAT-0a1b2c3d",
        "nat-0a1b2c3g",
        " nat-0a1b2c3d",
        "nat-0a1b2c3d\n",
    ],
)
def test_what_is_no_id_of_a_nat_gateway_is_refused(other: str) -> None:
    assert_says(
        the_problem(check_nat_gateway_id(other, "id")),
        path=("id",),
        summary="Not the id of a NAT gateway",
        words=[f'"{other}"', "nat- followed by 8 or 17 of the characters 0-9 and a-f"],
    )


def test_an_id_as_terraform_test_makes_it_up_for_a_mock_says_how_to_set_one() -> None:
    assert "mock_data" in the_problem(check_nat_gateway_id("a1b2c3d4")).detail
    assert "mock" not in the_problem(check_nat_gateway_id("egress-b")).detail


@pytest.mark.parametrize("given_one", [True, False])
def test_exactly_one_of_set_and_count_is_fine(given_one: bool) -> None:
    assert check_one_of(addresses_given=given_one, count_given=not given_one) == ()


@pytest.mark.parametrize(("both", "found"), [(True, "Both are set"), (False, "Neither is set")])
def test_both_and_neither_of_set_and_count_are_refused(both: bool, found: str) -> None:
    assert_says(
        the_problem(check_one_of(addresses_given=both, count_given=both)),
        path=("secondary_private_ip_addresses",),
        summary="Exactly one of addresses and count is required",
        words=[found, "secondary_private_ip_addresses", "[]", "secondary_private_ip_address_count"],
    )


@pytest.mark.parametrize("seconds", [None, 1, 2, 350, 3999, 4000, 350.0, Decimal(350)])
def test_a_drain_time_that_aws_accepts_is_fine(seconds: float | None) -> None:
    assert check_max_drain(seconds) == ()


@pytest.mark.parametrize("seconds", [0, -1, -350, 4001, 10**400, *NO_WHOLE_NUMBERS])
def test_any_other_drain_time_is_refused(seconds: float) -> None:
    assert_says(
        the_problem(check_max_drain(seconds)),
        path=("max_drain_duration_seconds",),
        summary="Drain time out of range",
        words=[f"max_drain_duration_seconds is {seconds}. ", "whole numbers from 1 to 4000 seconds", "default, 350"],
    )


@pytest.mark.parametrize("count", [None, 0, 1, 7, 8, 31, 31.0])
def test_a_count_that_aws_accepts_is_fine(count: float | None) -> None:
    """The quota is not judged here: the provider block can raise it."""
    assert check_address_count(count) == ()


@pytest.mark.parametrize("count", [-1, 32, 1000, *NO_WHOLE_NUMBERS])
def test_any_other_count_is_refused(count: float) -> None:
    assert_says(
        the_problem(check_address_count(count)),
        path=("secondary_private_ip_address_count",),
        summary="Address count out of range",
        words=[
            f"secondary_private_ip_address_count is {count}. ",
            "whole numbers from 0 to 31 secondary addresses",
            "default quota 7 fit",
        ],
    )


def in_service_problems(minimum: float | None, secondaries: int | None) -> tuple[Problem, ...]:
    return (*check_min_in_service(minimum), *check_enough_declared(minimum, secondaries))


@pytest.mark.parametrize(
    ("minimum", "secondaries"),
    [(None, None), (None, 3), (1, 0), (1, None), (2, 1), (8, 7), (32, 31), (32, None), (3, 7), (2.0, 1)],
)
def test_a_least_number_in_service_that_the_declaration_can_keep_is_fine(
    minimum: float | None, secondaries: int | None
) -> None:
    assert in_service_problems(minimum, secondaries) == ()


@pytest.mark.parametrize("secondaries", [None, 0, 31])
@pytest.mark.parametrize("minimum", [0, -1, 33, *NO_WHOLE_NUMBERS])
def test_a_least_number_in_service_out_of_range_is_refused(minimum: float, secondaries: int | None) -> None:
    assert_says(
        the_problem(in_service_problems(minimum, secondaries)),
        path=("min_in_service_addresses",),
        summary="Minimum number of addresses in service out of range",
        words=[
            f"min_in_service_addresses is {minimum}. ",
            "whole numbers from 1 to 32 addresses, the primary",
            "1 asks",
        ],
    )


@pytest.mark.parametrize(("minimum", "secondaries"), [(2, 0), (3, 1), (9, 7), (32, 30)])
def test_more_in_service_than_declared_is_refused(minimum: int, secondaries: int) -> None:
    most = secondaries + 1
    assert_says(
        the_problem(in_service_problems(minimum, secondaries)),
        path=("min_in_service_addresses",),
        summary="Fewer addresses declared than must be in service",
        words=[f"min_in_service_addresses is {minimum},", f"only {most}.", f"lower it to at most {most}."],
    )


def test_of_all_minimums_and_sets_those_are_refused_that_cannot_be_kept() -> None:
    for minimum in range(1, 33):
        for secondaries in range(32):
            assert bool(in_service_problems(minimum, secondaries)) == (minimum > secondaries + 1)


@pytest.mark.parametrize("choice", [None, "unassign", "retain"])
def test_both_choices_on_destroy_are_fine(choice: str | None) -> None:
    assert check_on_destroy(PRIVATE_IPS, choice) == ()


@pytest.mark.parametrize("choice", ["", "Retain", "delete", " retain"])
def test_any_other_choice_on_destroy_is_refused(choice: str) -> None:
    assert_says(
        the_problem(check_on_destroy(PRIVATE_IPS, choice)),
        path=("on_destroy",),
        summary="Unknown choice for on_destroy",
        words=[f'on_destroy is "{choice}".', '"unassign"', '"retain"'],
    )


@pytest.mark.parametrize(
    ("timeouts", "max_drain"),
    [
        ({}, 350),
        ({"create": None, "update": None, "delete": None}, 4000),
        ({"update": "350s"}, 350),
        ({"update": "5m50s"}, 350),
        ({"update": "350000ms"}, 350),
        ({"update": "1h6m40s"}, 4000),
        ({"create": "1s", "delete": "1s"}, 1),
        ({"update": "1s"}, None),
    ],
)
def test_a_timeout_as_long_as_the_drain_is_fine(timeouts: dict[str, str | None], max_drain: float | None) -> None:
    assert check_timeouts(timeouts, max_drain) == ()


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
@pytest.mark.parametrize(
    ("text", "max_drain", "needed"),
    [
        ("349s", 350, "950 s (15 min 50 s)"),
        ("5m49.9s", 350, "950 s (15 min 50 s)"),
        ("999ms", 1, "601 s (10 min 1 s)"),
        ("1h", 4000, "4600 s (1 h 16 min 40 s)"),
    ],
)
def test_a_timeout_shorter_than_the_drain_is_refused(operation: str, text: str, max_drain: int, needed: str) -> None:
    assert_says(
        the_problem(check_timeouts({operation: text}, max_drain)),
        path=("timeouts", operation),
        summary="Timeout shorter than the drain",
        words=[f'timeouts.{operation} is "{text}",', f"for {max_drain} s", "max_drain_duration_seconds", needed],
    )


@pytest.mark.parametrize("text", ["", "15", "0s", "-5m", "5 m", "1d", "soon"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    assert_says(
        the_problem(check_timeouts({"delete": text}, 350)),
        path=("timeouts", "delete"),
        summary="Not a duration",
        words=[f'"{text}" is not a duration', "above zero", '"15m"', '"1h30m"'],
    )


def test_every_wrong_timeout_is_reported_in_the_order_of_the_declaration() -> None:
    problems = check_timeouts({"create": "1d", "update": "20m", "delete": "5s"}, 350)
    assert [problem.path for problem in problems] == [("timeouts", "create"), ("timeouts", "delete")]


@pytest.mark.parametrize("max_drain", [0, 4001, *NO_WHOLE_NUMBERS])
def test_a_timeout_is_not_measured_against_a_drain_time_that_is_wrong_itself(max_drain: float) -> None:
    """One mistake, one message; and never a traceback for a number that is none."""
    assert check_timeouts({"update": "1ns"}, max_drain) == ()


NO_SETTINGS = {"max_drain_duration_seconds": None, "wait_for_drain": None, "on_destroy": None, "timeouts": None}
UNKNOWN = object()


def check_single(kind: AddressKind, **given: Any) -> list[tuple[str | int, str]]:
    arguments = {"nat_gateway_id": "nat-0a1b2c3d", "private_ip_address": None, **NO_SETTINGS, **given}
    problems = check_declaration(kind, arguments, lambda value: value is UNKNOWN)
    return [(problem.path[0], problem.summary) for problem in problems]


@pytest.mark.parametrize(
    ("kind", "given", "expected"),
    [
        (PRIVATE_IPS, {"private_ip_address": "10.0.0.4"}, []),
        (PRIVATE_IPS, {"private_ip_address": UNKNOWN}, []),
        (PRIVATE_IPS, {}, [("private_ip_address", "private_ip_address is required")]),
        (PRIVATE_IPS, {"private_ip_address": "ten"}, [("private_ip_address", "Not an IPv4 address")]),
        (ELASTIC_IPS, {"allocation_id": "eipalloc-0a1b2c3d"}, []),
        (ELASTIC_IPS, {"allocation_id": UNKNOWN, "private_ip_address": "10.0.0.4"}, []),
        (ELASTIC_IPS, {"allocation_id": None}, [("allocation_id", "allocation_id is required")]),
        (ELASTIC_IPS, {"allocation_id": "3.3.3.3"}, [("allocation_id", "Not the allocation id of an Elastic IP")]),
        (
            ELASTIC_IPS,
            {"allocation_id": UNKNOWN, "private_ip_address": "010.0.0.4"},
            [("private_ip_address", "Not an IPv4 address")],
        ),
        (
            ELASTIC_IPS,
            {"allocation_id": UNKNOWN, "nat_gateway_id": None, "on_destroy": "unassign", "timeouts": {"create": "1m"}},
            [
                ("nat_gateway_id", "The id of the NAT gateway is null"),
                ("on_destroy", "Unknown choice for on_destroy"),
                ("timeouts", "Timeout shorter than the drain"),
            ],
        ),
    ],
)
def test_one_address_is_judged_at_its_own_arguments(
    kind: AddressKind, given: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    assert check_single(kind, **given) == expected


EIP, OTHER_EIP = "eipalloc-0a1b2c3d", "eipalloc-0a1b2c3e"
NOT_ALL = "Private addresses do not match the Elastic IPs"


@pytest.mark.parametrize(
    ("given", "summaries"),
    [
        ({EIP: "10.0.0.4"}, []),
        ({EIP: UNKNOWN}, []),
        ({EIP: None}, ["Not an IPv4 address"]),
        ({EIP: "010.0.0.4"}, ["Not an IPv4 address"]),
        ({EIP: "10.0.0.4", OTHER_EIP: "10.0.0.4"}, [NOT_ALL, "Private address given twice"]),
        ({OTHER_EIP: "10.0.0.4"}, [NOT_ALL]),
    ],
)
def test_private_addresses_name_each_elastic_ip_once(given: dict[str, Any], summaries: list[str]) -> None:
    assert [problem.summary for problem in private_ips_of([EIP], given)] == summaries


@pytest.mark.parametrize("declared", [UNKNOWN, [UNKNOWN], [EIP, UNKNOWN]])
def test_private_addresses_are_not_held_against_a_set_that_is_not_known(declared: object) -> None:
    assert private_ips_of(declared, {EIP: "10.0.0.4", OTHER_EIP: "10.0.0.5"}) == []


def test_a_null_elastic_ip_is_reported_once() -> None:
    assert [problem.summary for problem in private_ips_of([None], {})] == ["An Elastic IP is null"]
    assert NOT_ALL in [problem.summary for problem in private_ips_of([None], {EIP: "10.0.0.4"})]


def private_ips_of(declared: object, private_ips: dict[str, Any]) -> list[Problem]:
    given = {"nat_gateway_id": "nat-0a1b2c3d", "allocation_ids": declared, "private_ip_addresses": private_ips}
    settings = {**NO_SETTINGS, "min_in_service_addresses": None}
    return list(check_declaration(ELASTIC_IPS, {**given, **settings}, lambda value: value is UNKNOWN))


def test_a_count_beyond_all_numbers_is_reported_and_not_added_to() -> None:
    """Found by fuzzing: Terraform's numbers have no limit, and Python's decimal numbers do."""
    given = {
        "nat_gateway_id": "nat-0a1b2c3d",
        "secondary_private_ip_addresses": None,
        "secondary_private_ip_address_count": Decimal("1e99999999"),
        **NO_SETTINGS,
        "min_in_service_addresses": 2,
    }
    found = check_declaration(PRIVATE_IPS, given, lambda value: value is UNKNOWN)
    assert [problem.summary for problem in found] == ["Address count out of range"]
