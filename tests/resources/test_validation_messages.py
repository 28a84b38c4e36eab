"""Every mistake in a declaration is an error at its attribute that says what was asked, what is allowed and the fix."""

from __future__ import annotations

from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import Diagnostic, Severity
from natgw_provider.bridge.values import UNKNOWN
from support.resource import Driver

ADDRESSES = "secondary_private_ip_addresses"
GOOD: dict[str, Any] = {ADDRESSES: ("10.0.0.20", "10.0.0.21")}


def only(diagnostics: list[Diagnostic]) -> Diagnostic:
    assert len(diagnostics) == 1, diagnostics
    assert diagnostics[0].severity is Severity.ERROR
    return diagnostics[0]


def validate(**arguments: Any) -> list[Diagnostic]:
    return Driver(None).validate(**arguments)


def test_a_right_declaration_passes() -> None:
    assert validate(**GOOD) == []
    assert validate(**{ADDRESSES: ()}) == []
    assert validate(secondary_private_ip_address_count=3) == []


@pytest.mark.parametrize(
    ("arguments", "path", "said"),
    [
        ({}, (ADDRESSES,), ["Neither is set", "secondary_private_ip_address_count"]),
        ({**GOOD, "secondary_private_ip_address_count": 2}, (ADDRESSES,), ["Both are set"]),
        ({ADDRESSES: ("10.0.0.300",)}, (ADDRESSES,), ['"10.0.0.300" is not an IPv4 address', "10.0.0.10"]),
        ({ADDRESSES: ("fd00::1",)}, (ADDRESSES,), ['"fd00::1" is not an IPv4 address']),
        ({ADDRESSES: ("10.0.0.20/32",)}, (ADDRESSES,), ["without a prefix length"]),
        ({ADDRESSES: ("010.0.0.20",)}, (ADDRESSES,), ['Write "10.0.0.20"']),
        ({ADDRESSES: ("10.0.0.20", "10.0.0.020")}, (ADDRESSES,), ["named 2 times", '"10.0.0.020"']),
        ({ADDRESSES: (None,)}, (ADDRESSES,), ["holds null", "Remove it", "compact([...])"]),
        ({ADDRESSES: ("10.0.0.20", None, UNKNOWN)}, (ADDRESSES,), ["holds null"]),
        ({**GOOD, "max_drain_duration_seconds": 0}, ("max_drain_duration_seconds",), ["is 0", "1 to 4000"]),
        ({**GOOD, "max_drain_duration_seconds": 4001}, ("max_drain_duration_seconds",), ["is 4001", "1 to 4000"]),
        ({**GOOD, "max_drain_duration_seconds": 1.5}, ("max_drain_duration_seconds",), ["is 1.5", "whole numbers"]),
        ({"secondary_private_ip_address_count": 32}, ("secondary_private_ip_address_count",), ["is 32", "0 to 31"]),
        ({**GOOD, "min_in_service_addresses": 0}, ("min_in_service_addresses",), ["is 0", "1 to 32"]),
        ({**GOOD, "min_in_service_addresses": 4}, ("min_in_service_addresses",), ["is 4", "only 3", "at most 3"]),
        ({**GOOD, "on_destroy": "keep"}, ("on_destroy",), ['"keep"', '"unassign"', '"retain"']),
        (
            {**GOOD, "timeouts": {"create": None, "update": "5m", "delete": None}},
            ("timeouts", "update"),
            ['timeouts.update is "5m"', "350 s (5 min 50 s)", "950 s"],
        ),
        (
            {**GOOD, "timeouts": {"create": "soon", "update": None, "delete": None}},
            ("timeouts", "create"),
            ['timeouts.create: "soon" is not a duration', "15m"],
        ),
    ],
)
def test_a_mistake_is_named_at_its_attribute(arguments: dict[str, Any], path: tuple[str, ...], said: list[str]) -> None:
    problem = only(validate(**arguments))
    assert problem.path == path
    for words in said:
        assert words in problem.detail


def test_a_drain_out_of_range_is_not_held_against_the_timeouts_as_well() -> None:
    timeouts = {"create": "15m", "update": None, "delete": None}
    problem = only(validate(**GOOD, max_drain_duration_seconds=4001, timeouts=timeouts))
    assert problem.path == ("max_drain_duration_seconds",)


def test_all_mistakes_are_reported_at_once() -> None:
    found = validate(**{ADDRESSES: ("x", "y")}, max_drain_duration_seconds=0, on_destroy="z")
    assert len(found) == 4


@pytest.mark.parametrize(
    "name",
    [
        ADDRESSES,
        "max_drain_duration_seconds",
        "wait_for_drain",
        "min_in_service_addresses",
        "on_destroy",
        "timeouts",
        "nat_gateway_id",
    ],
)
def test_what_is_not_known_yet_is_not_judged(name: str) -> None:
    assert validate(**{**GOOD, name: UNKNOWN}) == []
    assert validate(**{ADDRESSES: ("10.0.0.20", UNKNOWN)}) == []
