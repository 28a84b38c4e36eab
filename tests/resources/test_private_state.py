"""What natgw keeps in a state or a plan comes back equal; what is damaged, or of another version, approves nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.handlers import ApplyRequest, PlanRequest, ReadRequest
from natgw_provider.core.diff import Approval
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway, NatGatewayAddress
from natgw_provider.resources.private_state import (
    has_snapshot,
    keep_approval,
    keep_snapshot,
    kept_approval,
    kept_snapshot,
)
from support.resource import Driver, RememberingEngine, configuration, gateway, proposed
from support.strategies import addresses

texts = st.text(max_size=20)
any_address = st.builds(
    NatGatewayAddress,
    key=addresses(),
    status=st.sampled_from([None, *AddressStatus]),
    is_primary=st.booleans(),
    network_interface_id=st.none() | texts,
    failure_message=st.none() | texts,
    private_ip=st.none() | texts,
    public_ip=st.none() | texts,
    association_id=st.none() | texts,
)
any_gateway = st.builds(
    NatGateway,
    nat_gateway_id=texts,
    state=st.sampled_from(GatewayState),
    connectivity_type=st.sampled_from(["private", "public"]),
    vpc_id=st.none() | texts,
    subnet_id=st.none() | texts,
    addresses=st.lists(any_address, max_size=4).map(tuple),
    failure_message=st.none() | texts,
    name=st.none() | texts,
)
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


@given(any_gateway)
def test_a_snapshot_comes_back_equal(gateway: NatGateway) -> None:
    kept = json.loads(json.dumps(keep_snapshot(gateway)))
    assert kept_snapshot(kept) == gateway
    assert has_snapshot(kept)
    assert kept_approval(kept) is None


def spoiled(plain: dict[str, Any], values: Sequence[object]) -> list[dict[str, Any]]:
    """Return `plain` without each of its fields, and with each of them of another kind."""
    without = [{name: value for name, value in plain.items() if name != gone} for gone in plain]
    return without + [{**plain, name: value} for name in plain for value in values]


SNAPSHOT = keep_snapshot(gateway("10.0.0.21"))["gateway"]
UNREADABLE = [
    *(7, "x", [], {}),
    *({**SNAPSHOT, "version": version} for version in (0, 1, "2", None)),
    *spoiled(SNAPSHOT, [0.5, {}, [None], [{}], ["x"]]),
    *({**SNAPSHOT, "addresses": [one]} for one in spoiled(SNAPSHOT["addresses"][0], [7, 0.5, {}, [None]])),
    {**SNAPSHOT, "vpc_id": "\ud800"},
    {**SNAPSHOT, "state": "resting"},
    {**SNAPSHOT, "addresses": [{**SNAPSHOT["addresses"][0], "status": "resting"}]},
    {**SNAPSHOT, "addresses": [{**SNAPSHOT["addresses"][0], "key": "10.0.0.256"}]},
]


@pytest.mark.parametrize("kept", UNREADABLE)
def test_a_snapshot_that_is_not_understood_is_read_anew(driver: Driver, kept: object) -> None:
    assert kept_snapshot({"gateway": kept}) is None
    prior = stored(driver)
    assert driver.engine is not None
    driver.engine.reads = 0
    planned = plan(driver, prior, {"gateway": kept})
    assert planned.planned_state["last_change"]["assign"] == "10.0.0.23"
    assert kept_approval(planned.planned_private) == Approval(
        unassign=frozenset(), assign=frozenset({"10.0.0.23"}), in_service_low=2
    )
    assert driver.engine.reads == 1


def test_a_snapshot_that_is_not_understood_while_the_gateway_does_not_exist_says_so(driver: Driver) -> None:
    prior = stored(driver)
    assert driver.engine is not None
    driver.engine.gateway = None
    with pytest.raises(DiagnosticsError) as caught:
        plan(driver, prior, {"gateway": {}})
    assert caught.value.diagnostics[0].summary == "NAT gateway not found"


def test_without_a_connection_the_state_stands_in_for_a_snapshot_that_is_not_understood(driver: Driver) -> None:
    planned = plan(Driver(None), stored(driver), {"gateway": {}})
    assert planned.planned_state["last_change"]["assign"] == "10.0.0.23"


APPROVED = keep_approval(Approval(unassign=frozenset({"10.0.0.21"}), assign=frozenset(), in_service_low=2))["approved"]


@pytest.mark.parametrize(
    "approval",
    [
        Approval(unassign=frozenset({"10.0.0.21"}), assign=frozenset({"10.0.0.22"}), in_service_low=2),
        Approval(unassign=frozenset(), assign=3, in_service_low=None),
    ],
)
def test_an_approval_comes_back_equal(approval: Approval) -> None:
    assert kept_approval(json.loads(json.dumps(keep_approval(approval)))) == approval


@pytest.mark.parametrize(
    "kept",
    [
        *(7, "x", [], {}, {"last_change": {}, "assign_count": 0}),
        *({**APPROVED, "version": version} for version in (0, 2, "1", None)),
        *spoiled(APPROVED, ["1", 1.5, True, {}, [None]]),
    ],
)
def test_an_approval_that_is_not_understood_asks_for_a_new_plan_and_changes_nothing(
    driver: Driver, kept: object
) -> None:
    planned = plan(driver, stored(driver), keep_snapshot(gateway("10.0.0.21")))
    request = ApplyRequest(stored(driver), planned.planned_state, configuration(**DECLARED), {"approved": kept})
    with pytest.raises(DiagnosticsError) as caught:
        driver.resource.apply(request, driver.context)
    (found,) = caught.value.diagnostics
    assert found.summary == "natgw cannot read what the plan approved"
    assert "Plan again" in found.detail
    assert driver.engine is not None
    assert not driver.engine.requests


@pytest.mark.parametrize("block", ["10.0.0.0/24é", "10.0.0.4", ""])
def test_a_subnets_block_that_is_none_is_asked_for_again(driver: Driver, block: str) -> None:
    state = {**stored(driver), "subnet_cidr_block": block}
    assert (driver.resource.read(ReadRequest(state), driver.context).state or {})["subnet_cidr_block"] == "10.0.0.0/24"
    assert not plan(driver, state, keep_snapshot(gateway("10.0.0.21"))).diagnostics


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
    assert plan(driver, state, {}).planned_state["last_change"]["assign"] == "10.0.0.23"


def test_null_among_the_addresses_is_left_out_of_the_warning_before_a_destroy(driver: Driver) -> None:
    state = {**stored(driver), "secondary_private_ip_addresses": ("10.0.0.21", None)}
    (diagnostic,) = driver.resource.plan(PlanRequest(state, None, None, {}), driver.context).diagnostics
    assert "Destroying unassigns 10.0.0.21. Existing connections through it can continue" in diagnostic.detail


@pytest.mark.parametrize("seconds", [float("inf"), Decimal("1e400"), 0, 1.5, None])
def test_a_drain_time_that_is_none_is_left_out_of_the_warning_before_a_destroy(driver: Driver, seconds: Any) -> None:
    state = {**stored(driver), "max_drain_duration_seconds": seconds}
    (diagnostic,) = driver.resource.plan(PlanRequest(state, None, None, {}), driver.context).diagnostics
    assert "can continue for as long as max_drain_duration_seconds says and are then cut" in diagnostic.detail
