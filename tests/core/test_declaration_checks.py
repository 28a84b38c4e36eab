"""What a declaration is refused for by itself: path, value, range and fix of every message, exact boundaries."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from functools import partial
from itertools import product
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
check_private_ips_on_destroy = partial(check_on_destroy, PRIVATE_IPS)

Check = Callable[[Any], tuple[Problem, ...]]
"""A rule for the value of one argument."""


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (check_nat_gateway_id, [None, "nat-0a1b2c3d4e5f67890", "nat-0a1b2c3d"]),
        (check_max_drain, [None, 1, 2, 350, 3999, 4000, 350.0, Decimal(350)]),
        # The quota is not judged here: the provider block can raise it.
        (check_address_count, [None, 0, 1, 7, 8, 31, 31.0]),
        (check_min_in_service, [None, 1, 2.0, 32]),
        (check_private_ips_on_destroy, [None, "unassign", "retain"]),
    ],
)
def test_what_aws_accepts_is_fine(check: Check, values: list[Any]) -> None:
    assert [check(value) for value in values] == [()] * len(values)


NO_IDS = ["", "nat-", "nat-123", "nat-0a1b2c3d4", "nat-0a1b2c3d4e5f6789", "nat-0a1b2c3d4e5f678901", "nat-0a1b2c3g"]


@pytest.mark.parametrize(
    ("check", "values", "path", "summary", "words"),
    [
        (
            check_nat_gateway_id,
            [*NO_IDS, "igw-0a1b2c3d4e5f67890", "NAT-0a1b2c3d", " nat-0a1b2c3d", "nat-0a1b2c3d\n"],
            "nat_gateway_id",
            "Not the id of a NAT gateway",
            ['nat_gateway_id is "{}".', "nat- followed by 8 or 17 of the characters 0-9 and a-f"],
        ),
        (
            check_max_drain,
            [0, -1, 4001, 10**400, *NO_WHOLE_NUMBERS],
            "max_drain_duration_seconds",
            "Drain time out of range",
            ["max_drain_duration_seconds is {}. ", "whole numbers from 1 to 4000 seconds", "default, 350"],
        ),
        (
            check_address_count,
            [-1, 32, 1000, *NO_WHOLE_NUMBERS],
            "secondary_private_ip_address_count",
            "Address count out of range",
            ["count is {}. ", "whole numbers from 0 to 31 secondary addresses", "default quota 7 fit"],
        ),
        (
            check_min_in_service,
            [0, -1, 33, *NO_WHOLE_NUMBERS],
            "min_in_service_addresses",
            "Minimum number of addresses in service out of range",
            ["addresses is {}. ", "whole numbers from 1 to 32 addresses, the primary included", "1 asks"],
        ),
        (
            check_private_ips_on_destroy,
            ["", "Retain", "delete", " retain"],
            "on_destroy",
            "Unknown choice for on_destroy",
            ['on_destroy is "{}".', '"unassign"', '"retain"'],
        ),
    ],
)
def test_any_other_value_is_refused_with_the_allowed_ones(
    check: Check, values: list[Any], path: str, summary: str, words: list[str]
) -> None:
    for value in values:
        said = [word.format(value) for word in words]
        assert_says(the_problem(check(value)), path=(path,), summary=summary, words=said)


def test_an_id_as_terraform_test_makes_it_up_for_a_mock_says_how_to_set_one() -> None:
    assert "mock_data" in the_problem(check_nat_gateway_id("a1b2c3d4")).detail
    assert "mock" not in the_problem(check_nat_gateway_id("egress-b")).detail


def test_exactly_one_of_set_and_count_is_required() -> None:
    for given, found in ((True, "Both are set"), (False, "Neither is set")):
        assert check_one_of(addresses_given=given, count_given=not given) == ()
        assert_says(
            the_problem(check_one_of(addresses_given=given, count_given=given)),
            path=("secondary_private_ip_addresses",),
            summary="Exactly one of addresses and count is required",
            words=[found, "secondary_private_ip_addresses", "[]", "secondary_private_ip_address_count"],
        )


def test_no_more_can_be_kept_in_service_than_is_declared() -> None:
    for minimum, secondaries in product(range(1, 33), range(32)):
        problems, most = check_enough_declared(minimum, secondaries), secondaries + 1
        assert (problems == ()) == (minimum <= most)
        for problem in problems:
            assert_says(
                problem,
                path=("min_in_service_addresses",),
                summary="Fewer addresses declared than must be in service",
                words=[f"min_in_service_addresses is {minimum},", f"only {most}.", f"lower it to at most {most}."],
            )
    not_judged = [(None, 3), (32, None), *((wrong, 0) for wrong in (33, *NO_WHOLE_NUMBERS))]
    assert [check_enough_declared(*pair) for pair in not_judged] == [()] * len(not_judged)


@pytest.mark.parametrize(
    ("timeouts", "max_drain"),
    [
        ({"create": None, "update": None, "delete": None}, 4000),
        ({"create": "350s", "update": "5m50s", "delete": "350000ms"}, 350),
        ({"update": "1h6m40s"}, 4000),
        ({"update": "1s"}, None),
    ],
)
def test_a_timeout_as_long_as_the_drain_is_fine(timeouts: dict[str, str | None], max_drain: float | None) -> None:
    assert check_timeouts(timeouts, max_drain) == ()


@pytest.mark.parametrize(
    ("operation", "text", "max_drain", "needed"),
    [
        ("create", "349s", 350, "950 s (15 min 50 s)"),
        ("update", "5m49.9s", 350, "950 s (15 min 50 s)"),
        ("delete", "999ms", 1, "601 s (10 min 1 s)"),
        ("update", "1h", 4000, "4600 s (1 h 16 min 40 s)"),
    ],
)
def test_a_timeout_shorter_than_the_drain_is_refused(operation: str, text: str, max_drain: int, needed: str) -> None:
    assert_says(
        the_problem(check_timeouts({operation: text}, max_drain)),
        path=("timeouts", operation),
        summary="Timeout shorter than the drain",
        words=[f'timeouts.{operation} is "{text}",', f"for {max_drain} s", "max_drain_duration_seconds", needed],
    )


def test_every_timeout_that_is_no_duration_is_refused() -> None:
    problems = check_timeouts({"create": "1d", "update": "20m", "delete": ""}, 350)
    for problem, operation, text in zip(problems, ("create", "delete"), ("1d", ""), strict=True):
        assert_says(
            problem,
            path=("timeouts", operation),
            summary="Not a duration",
            words=[f'"{text}" is not a duration', "above zero", '"15m"', '"1h30m"'],
        )


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
    ("declared", "given", "summaries"),
    [
        ([EIP], {EIP: "10.0.0.4"}, []),
        ([EIP], {EIP: UNKNOWN}, []),
        ([EIP], {EIP: None}, ["Not an IPv4 address"]),
        ([EIP], {EIP: "010.0.0.4"}, ["Not an IPv4 address"]),
        ([EIP], {EIP: "10.0.0.4", OTHER_EIP: "10.0.0.4"}, [NOT_ALL, "Private address given twice"]),
        ([EIP], {OTHER_EIP: "10.0.0.4"}, [NOT_ALL]),
        # Not held against a set that is not known.
        *(
            (declared, {EIP: "10.0.0.4", OTHER_EIP: "10.0.0.5"}, [])
            for declared in (UNKNOWN, [UNKNOWN], [EIP, UNKNOWN])
        ),
        ([None], {}, ["An Elastic IP is null"]),
        ([None], {EIP: "10.0.0.4"}, ["An Elastic IP is null", NOT_ALL]),
    ],
)
def test_private_addresses_name_each_elastic_ip_once(
    declared: object, given: dict[str, Any], summaries: list[str]
) -> None:
    assert [problem.summary for problem in private_ips_of(declared, given)] == summaries


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
