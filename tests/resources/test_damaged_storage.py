"""What natgw kept in a state or a plan, and somebody damaged: called so, with the way out, and never a bug of natgw."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.handlers import ApplyRequest, Context, PlanRequest, ReadRequest
from natgw_provider.bridge.log import Log
from natgw_provider.resources.observed import remember
from support.resource import Driver, RememberingEngine, configuration, gateway, proposed

DECLARED = {"secondary_private_ip_addresses": ("10.0.0.21", "10.0.0.23")}


@pytest.fixture
def driver() -> Driver:
    return Driver(RememberingEngine(gateway("10.0.0.21")))


def stored(driver: Driver) -> dict[str, Any]:
    """Return a state as an apply leaves it."""
    return dict(driver.refreshed(**DECLARED, max_drain_duration_seconds=350).state or {})


def plan(driver: Driver, prior: dict[str, Any], private: dict[str, Any]) -> Any:
    config = configuration(**DECLARED)
    request = PlanRequest(prior, proposed(config, prior), config, private)
    return driver.resource.plan(request, driver.context)


@pytest.mark.parametrize(
    "kept", [7, "x", [], {}, {"state": "available"}, {**remember(gateway())["gateway"], "name": 1}]
)
def test_a_snapshot_that_cannot_be_read_asks_for_a_refresh(driver: Driver, kept: object) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        plan(driver, stored(driver), {"gateway": kept})
    (found,) = caught.value.diagnostics
    assert found.summary == "natgw cannot read a resource's private data"
    assert "without -refresh=false" in found.detail


@pytest.mark.parametrize("kept", [7, "x", [], {}, {"last_change": {}}, {"last_change": None, "assign_count": 1}])
def test_an_approval_that_cannot_be_read_asks_for_a_new_plan_and_changes_nothing(driver: Driver, kept: object) -> None:
    planned = plan(driver, stored(driver), remember(gateway("10.0.0.21")))
    request = ApplyRequest(stored(driver), planned.planned_state, configuration(**DECLARED), {"approved": kept})
    with pytest.raises(DiagnosticsError) as caught:
        driver.resource.apply(request, Context(threading.Event(), "1.11.4", Log("off")))
    (found,) = caught.value.diagnostics
    assert found.summary == "natgw cannot read a resource's private data"
    assert "Plan again" in found.detail
    assert driver.engine is not None
    assert not driver.engine.requests


@pytest.mark.parametrize("count", ["1", 1.5, True, None])
def test_a_count_that_is_none_approves_nothing(driver: Driver, count: object) -> None:
    planned = plan(driver, stored(driver), remember(gateway("10.0.0.21")))
    kept = {**planned.planned_private["approved"], "assign_count": count}
    request = ApplyRequest(stored(driver), planned.planned_state, configuration(**DECLARED), {"approved": kept})
    with pytest.raises(DiagnosticsError):
        driver.resource.apply(request, driver.context)


@pytest.mark.parametrize("block", ["10.0.0.0/24é", "10.0.0.4", ""])
def test_a_subnets_block_that_is_none_is_asked_for_again(driver: Driver, block: str) -> None:
    state = {**stored(driver), "subnet_cidr_block": block}
    assert (driver.resource.read(ReadRequest(state), driver.context).state or {})["subnet_cidr_block"] == "10.0.0.0/24"
    assert not plan(driver, state, remember(gateway("10.0.0.21"))).diagnostics


@pytest.mark.parametrize(
    "damage",
    [
        {"primary_private_ip_address": "10.0.0.é"},
        {"secondary_private_ip_addresses": ("10.0.0.21", "x")},
        {"draining_private_ip_addresses": (None,)},
    ],
)
def test_a_state_whose_addresses_are_none_asks_for_a_refresh(driver: Driver, damage: dict[str, Any]) -> None:
    with pytest.raises(DiagnosticsError) as caught:
        plan(driver, {**stored(driver), **damage}, {})
    assert "without -refresh=false" in caught.value.diagnostics[0].detail


def test_a_state_of_a_gateway_without_a_primary_is_planned_on(driver: Driver) -> None:
    state = {**stored(driver), "primary_private_ip_address": None, "network_interface_id": None}
    assert plan(driver, state, {}).planned_state["last_change"]["assign"] == ("10.0.0.23",)


def test_null_among_the_addresses_is_left_out_of_the_warning_before_a_destroy(driver: Driver) -> None:
    state = {**stored(driver), "secondary_private_ip_addresses": ("10.0.0.21", None)}
    (told,) = driver.resource.plan(PlanRequest(state, None, None, {}), driver.context).diagnostics
    assert "Destroying unassigns: 10.0.0.21. Existing" in told.detail


@pytest.mark.parametrize("seconds", [float("inf"), Decimal("1e400"), 0, 1.5, None])
def test_a_drain_time_that_is_none_is_left_out_of_the_warning_before_a_destroy(driver: Driver, seconds: Any) -> None:
    state = {**stored(driver), "max_drain_duration_seconds": seconds}
    (told,) = driver.resource.plan(PlanRequest(state, None, None, {}), driver.context).diagnostics
    assert "may go on until they end and are then cut" in told.detail
