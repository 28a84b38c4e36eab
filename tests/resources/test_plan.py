"""What a plan promises: the change in full where gateway and set are known, and nothing that could turn out wrong."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, Severity
from natgw_provider.bridge.handlers import PlanResponse
from natgw_provider.bridge.values import UNKNOWN, is_wholly_known
from natgw_provider.core.address_kinds import KINDS
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGatewayAddress
from natgw_provider.core.problems import Problem
from support.resource import GATEWAY_ID, Driver, RememberingEngine, gateway

ADDRESSES = "secondary_private_ip_addresses"
COUNT = "secondary_private_ip_address_count"
A, B, C = "10.0.0.21", "10.0.0.22", "10.0.0.23"


@pytest.fixture(autouse=True, params=KINDS, ids=lambda kind: kind.connectivity)
def kind(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test runs with both kinds; it speaks of private addresses."""
    monkeypatch.setattr(Driver, "kind", request.param)


def on(*secondaries: str, **changes: Any) -> Driver:
    return Driver(RememberingEngine(gateway(*secondaries, **changes)))


def state(response: PlanResponse) -> dict[str, Any]:
    assert response.planned_state is not None
    assert not errors(response), response.diagnostics
    return response.planned_state


def errors(response: PlanResponse) -> list[Diagnostic]:
    return [d for d in response.diagnostics if d.severity is Severity.ERROR]


def test_creating_on_an_empty_gateway_assigns_the_set() -> None:
    planned = state(on().plan(**{ADDRESSES: (B, A)}))
    assert planned["last_change"] == {
        "summary": "assign 10.0.0.21, 10.0.0.22",
        "assign": "10.0.0.21, 10.0.0.22",
        "unassign": "none",
        "in_service": "1 now, 1 at the lowest, 3 after",
        "drain": "none",
    }
    assert planned[COUNT] == 2
    assert planned["id"] == GATEWAY_ID
    assert planned["max_drain_duration_seconds"] == 350
    assert planned["wait_for_drain"] is True


def test_updating_plans_with_what_refresh_saw_and_asks_aws_nothing() -> None:
    driver = on(A, B)
    prior = driver.refreshed(**{ADDRESSES: (A, B)})
    assert driver.engine is not None
    reads = driver.engine.reads
    planned = state(driver.plan(prior, **{ADDRESSES: (A, C)}))
    assert planned["last_change"]["assign"] == C
    assert planned["last_change"]["unassign"] == B
    assert driver.engine.reads == reads


def test_a_plan_after_a_matching_refresh_changes_nothing_at_all() -> None:
    driver = on(A, B)
    prior = driver.refreshed(**{ADDRESSES: (A, B)})
    response = driver.plan(prior, **{ADDRESSES: (B, A)})
    planned = state(response)
    assert prior.state is not None
    assert {**planned, ADDRESSES: None} == {**prior.state, ADDRESSES: None}
    assert "approved" not in (response.planned_private or {})


def test_a_change_of_settings_alone_keeps_all_that_was_observed_and_approves_nothing() -> None:
    driver = on(A)
    prior = driver.refreshed(**{ADDRESSES: (A,)})
    response = driver.plan(prior, **{ADDRESSES: (A,)}, max_drain_duration_seconds=60, on_destroy="retain")
    planned = state(response)
    assert prior.state is not None
    changed = {name for name in planned if planned[name] != prior.state[name]}
    assert changed == {"max_drain_duration_seconds", "on_destroy"}
    assert "approved" not in (response.planned_private or {})


@pytest.mark.parametrize("setting", ["wait_for_drain", "max_drain_duration_seconds", "on_destroy", "timeouts"])
def test_a_setting_that_is_not_known_yet_promises_nothing_though_the_addresses_stay(setting: str) -> None:
    """Found by fuzzing: the old value was promised, and the apply was stopped when another one came."""
    driver = on(A)
    prior = driver.refreshed(**{ADDRESSES: (A,)})
    assert state(driver.plan(prior, **{ADDRESSES: (A,), setting: UNKNOWN}))[setting] is UNKNOWN


def test_an_argument_left_out_goes_back_to_its_default() -> None:
    driver = on(A)
    prior = driver.refreshed(**{ADDRESSES: (A,)}, max_drain_duration_seconds=60, min_in_service_addresses=2)
    planned = state(driver.plan(prior, **{ADDRESSES: (A,)}))
    assert planned["max_drain_duration_seconds"] == 350
    assert planned["min_in_service_addresses"] == 1


def test_with_an_unknown_gateway_the_rest_is_unknown_and_nothing_will_be_unassigned() -> None:
    planned = state(on(A).plan(nat_gateway_id=UNKNOWN, **{ADDRESSES: (B,)}))
    assert planned["id"] is UNKNOWN
    assert planned[ADDRESSES] == (B,)
    assert planned[COUNT] == 1
    assert planned["last_change"]["unassign"] == "none"
    assert planned["last_change"]["drain"] == "none"
    assert planned["last_change"]["assign"] is UNKNOWN


def test_without_a_connection_the_plan_is_made_all_the_same() -> None:
    planned = state(Driver(None).plan(**{ADDRESSES: (A,)}))
    assert planned["primary_private_ip_address"] is UNKNOWN


def test_with_an_unknown_address_nothing_will_be_unassigned_and_the_reviewer_reads_it() -> None:
    driver = on(A)
    response = driver.plan(driver.refreshed(**{ADDRESSES: (A,)}), **{ADDRESSES: (B, UNKNOWN)})
    assert state(response)["last_change"]["unassign"] == "none"
    assert [d.summary for d in response.diagnostics] == [f"{GATEWAY_ID}: addresses known only after apply"]


def test_a_drain_whose_time_is_unknown_is_left_open() -> None:
    driver = on(A, B)
    prior = driver.refreshed(**{ADDRESSES: (A, B)})
    change = state(driver.plan(prior, **{ADDRESSES: (A,)}, max_drain_duration_seconds=UNKNOWN))["last_change"]
    assert (change["summary"], change["drain"], change["unassign"]) == (UNKNOWN, UNKNOWN, B)


@pytest.mark.parametrize(("waits", "draining"), [(True, ()), (False, UNKNOWN), (UNKNOWN, UNKNOWN)])
def test_what_drains_after_the_change_is_known_where_apply_waits_for_it(waits: Any, draining: Any) -> None:
    driver = on(A, B)
    prior = driver.refreshed(**{ADDRESSES: (A, B)})
    planned = state(driver.plan(prior, **{ADDRESSES: (A,)}, wait_for_drain=waits))
    assert planned["draining_private_ip_addresses"] == draining


class TestMoving:
    """Another gateway for the same resource; the old one has A and B."""

    OLD = "nat-00000001"

    def planned(self, *on_the_new: str, **arguments: Any) -> PlanResponse:
        """Plan a move from a gateway with A and B to the usual one, which has `on_the_new`."""
        driver = Driver(RememberingEngine(gateway(A, B, nat_gateway_id=self.OLD)))
        prior = driver.refreshed(nat_gateway_id=self.OLD, **{ADDRESSES: (A, B)})
        driver.engine = RememberingEngine(gateway(*on_the_new))
        response = driver.plan(prior, **arguments)
        assert response.requires_replace == ()
        return response

    def test_is_in_place_and_says_both_halves(self) -> None:
        response = self.planned(**{ADDRESSES: (C,)})
        planned = state(response)
        assert planned["last_change"]["summary"] == (
            f"move from nat-00000001 to {GATEWAY_ID}: drain {A}, {B} on nat-00000001 for up to 350 s (5 min 50 s), "
            f"then assign {C} on {GATEWAY_ID}"
        )
        assert (planned["last_change"]["unassign"], planned["last_change"]["assign"]) == (f"{A}, {B} on {self.OLD}", C)
        assert (planned["id"], planned["subnet_id"]) == (GATEWAY_ID, "subnet-1")
        assert [d.summary for d in response.diagnostics] == ["nat-00000001 drains 2 addresses"]

    def test_says_what_is_left_behind_when_it_is_retained(self) -> None:
        response = self.planned(**{COUNT: 2, "on_destroy": "retain"})
        assert state(response)["last_change"]["summary"] == (
            f"move from nat-00000001 to {GATEWAY_ID}: leave {A}, {B} on nat-00000001, then assign 2 that AWS picks on "
            f"{GATEWAY_ID}"
        )
        assert not response.diagnostics

    @pytest.mark.parametrize("arguments", [{COUNT: 2}, {ADDRESSES: (C,)}, {ADDRESSES: (C, UNKNOWN)}, {COUNT: UNKNOWN}])
    @pytest.mark.parametrize("setting", [{}, {"on_destroy": UNKNOWN}, {"max_drain_duration_seconds": UNKNOWN}])
    def test_promises_the_same_whatever_the_new_gateway_has_by_then(
        self, arguments: dict[str, Any], setting: dict[str, Any]
    ) -> None:
        first, second = (self.planned(*there, **arguments, **setting) for there in ((), (C,)))
        assert state(first) == state(second)

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [({ADDRESSES: (A,)}, "has 10.0.0.23, which the declaration"), ({COUNT: 0}, "more than the declared count")],
    )
    def test_never_unassigns_on_the_new_gateway(self, arguments: dict[str, Any], said: str) -> None:
        (diagnostic,) = errors(self.planned(C, **arguments))
        assert diagnostic.path == ("nat_gateway_id",)
        assert said in diagnostic.detail

    @pytest.mark.parametrize(
        ("arguments", "said"),
        [
            ({ADDRESSES: (A, B)}, "calls nothing, and nothing drains"),
            ({ADDRESSES: (B, C)}, f"does this: assign {C}, then drain {A} for up to 350 s"),
            ({ADDRESSES: ("10.0.1.20",)}, "changes nothing and fails: 10.0.1.20"),
            ({COUNT: 1}, f"does this: drain {B} for up to 350 s"),
            ({ADDRESSES: (B, UNKNOWN)}, "assigns what is missing and unassigns nothing"),
        ],
    )
    def test_to_a_gateway_that_is_unknown_names_what_happens_on_the_same_and_on_another_one(
        self, arguments: dict[str, Any], said: str
    ) -> None:
        response = self.planned(nat_gateway_id=UNKNOWN, **arguments)
        assert response.planned_private is not None
        assert "approved" not in response.planned_private
        diagnostic = response.diagnostics[0]
        assert diagnostic.summary == "nat-00000001: the gateway is known only after apply"
        assert f"If it is the same gateway, apply {said}" in diagnostic.detail
        moved = f"move from nat-00000001 to the other gateway: drain {A}, {B} on nat-00000001"
        assert f"If it is another one, apply does this: {moved}" in diagnostic.detail
        planned = state(response)
        assert {planned[name] for name in ("id", "primary_private_ip_address", "subnet_id")} == {UNKNOWN}

    def test_leaves_open_what_drains_on_the_new_gateway_afterwards(self) -> None:
        assert state(self.planned(**{ADDRESSES: (A,)}))["draining_private_ip_addresses"] is UNKNOWN

    def test_approves_to_unassign_nothing_on_the_new_gateway(self) -> None:
        assert (self.planned(C, **{ADDRESSES: (B, C)}).planned_private or {})["approved"]["unassign"] == []

    def test_to_a_gateway_that_is_unknown_says_no_time_for_a_drain_while_that_is_unknown(self) -> None:
        drain = "max_drain_duration_seconds"
        response = self.planned(nat_gateway_id=UNKNOWN, **{ADDRESSES: (B, C), drain: UNKNOWN})
        detail = response.diagnostics[0].detail
        assert f"apply drains {A} for as long as {drain} says, and assigns what is missing. If it is another" in detail
        assert " s (" not in detail

    def test_promises_to_unassign_nothing_while_gateway_and_set_are_unknown(self) -> None:
        """A set that was never shown must not drain anything, should the gateway turn out the same."""
        assert state(self.planned(nat_gateway_id=UNKNOWN, **{ADDRESSES: UNKNOWN}))["last_change"]["unassign"] == "none"
        assert state(self.planned(nat_gateway_id=UNKNOWN, **{ADDRESSES: (A,)}))["last_change"] is UNKNOWN

    def test_checks_the_calls_of_both_halves_at_plan_when_asked_for(self) -> None:
        driver = Driver(RememberingEngine(gateway(A, B, nat_gateway_id=self.OLD)), check_permissions=True)
        prior = driver.refreshed(nat_gateway_id=self.OLD, **{ADDRESSES: (A, B)})
        engine = driver.engine = RememberingEngine(gateway())
        state(driver.plan(prior, **{ADDRESSES: (B, C)}))
        asked = [(one.nat_gateway_id, one.diff.assign, one.diff.unassign) for one in engine.dry_runs]
        assert asked == [(self.OLD, (), (A, B)), (GATEWAY_ID, (C,), ())]


def test_destroying_without_a_refresh_announces_no_drain_on_a_gateway_that_is_gone() -> None:
    driver = on(A)
    prior = driver.refreshed(**{ADDRESSES: (A,)})
    driver = on(A, state=GatewayState.DELETED)
    assert not driver.plan_destroy(prior).diagnostics


@pytest.mark.parametrize(
    ("choice", "summary"),
    [("unassign", f"{GATEWAY_ID} drains 1 address"), ("retain", f"{GATEWAY_ID} drains no address")],
)
def test_destroying_warns_of_what_drains_or_that_it_is_retained(choice: str, summary: str) -> None:
    driver = on(A)
    prior = driver.refreshed(**{ADDRESSES: (A,)}, on_destroy=choice)
    (diagnostic,) = driver.plan_destroy(prior).diagnostics
    assert diagnostic.summary == summary
    assert A in diagnostic.detail


def test_growing_by_count_keeps_what_is_there_and_leaves_the_rest_to_aws() -> None:
    planned = state(on(A).plan(**{COUNT: 3}))
    assert planned[ADDRESSES] == (A, UNKNOWN, UNKNOWN)
    assert planned["last_change"]["assign"] is UNKNOWN
    assert planned["last_change"]["in_service"] == "2 now, 2 at the lowest, 4 after"


def test_shrinking_by_count_names_the_numerically_highest() -> None:
    planned = state(on("10.0.0.9", "10.0.0.100", "10.0.0.21").plan(**{COUNT: 1}))
    assert planned["last_change"]["unassign"] == "10.0.0.21, 10.0.0.100"
    assert planned[ADDRESSES] == ("10.0.0.9",)


@pytest.mark.parametrize("arguments", [{COUNT: 2}, {ADDRESSES: (A, B)}])
def test_changing_between_count_and_list_in_place_is_no_change(arguments: dict[str, Any]) -> None:
    driver = on(A, B)
    for first in ({COUNT: 2}, {ADDRESSES: (A, B)}):
        prior = driver.refreshed(**first)
        planned = state(driver.plan(prior, **arguments))
        assert planned == prior.state
        assert is_wholly_known(planned)


def test_an_address_that_drains_is_not_unassigned_again() -> None:
    draining = NatGatewayAddress(key=B, status=AddressStatus.UNASSIGNING)
    busy = gateway(A)
    driver = Driver(RememberingEngine(replace(busy, addresses=(*busy.addresses, draining))))
    prior = driver.refreshed(**{ADDRESSES: (A, B)})
    assert prior.state is not None
    assert prior.state[ADDRESSES] == (A,)
    assert prior.state["draining_private_ip_addresses"] == (B,)
    assert state(driver.plan(prior, **{ADDRESSES: (A,)})) == prior.state


def test_a_failed_address_is_no_part_of_the_set_and_is_reported_with_its_reason() -> None:
    failed = NatGatewayAddress(key=B, status=AddressStatus.FAILED, failure_message="taken by another")
    broken = gateway(A)
    driver = Driver(RememberingEngine(replace(broken, addresses=(*broken.addresses, failed))))
    response = driver.refreshed(**{ADDRESSES: (A, B)})
    assert response.state is not None
    assert response.state[ADDRESSES] == (A,)
    assert "taken by another" in response.diagnostics[0].detail


@pytest.mark.parametrize("state_", [GatewayState.DELETED, GatewayState.DELETING, GatewayState.FAILED])
def test_a_gateway_that_is_gone_leaves_the_state_with_a_warning(state_: GatewayState) -> None:
    response = on(A, state=state_).refreshed(**{ADDRESSES: (A,)})
    assert response.state is None
    assert response.diagnostics[0].severity is Severity.WARNING
    assert response.diagnostics[0].summary == f"{GATEWAY_ID} is gone"


def test_a_gateway_that_does_not_exist_is_an_error_at_its_id() -> None:
    with pytest.raises(DiagnosticsError) as caught:
        Driver(RememberingEngine(None)).plan(**{ADDRESSES: (A,)})
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.path == ("nat_gateway_id",)
    assert "in region eu-central-1 of account 123456789012" in diagnostic.detail


@pytest.mark.parametrize(
    ("driver", "arguments", "path", "said"),
    [
        (on(connectivity_type="public"), {ADDRESSES: (A,)}, "nat_gateway_id", ["public", "private NAT gateway"]),
        (on(state=GatewayState.FAILED), {ADDRESSES: (A,)}, "nat_gateway_id", ["failed", "available"]),
        (on(), {ADDRESSES: ("10.0.0.10",)}, ADDRESSES, ["10.0.0.10", "primary"]),
        (on(), {ADDRESSES: ("10.0.1.20",)}, ADDRESSES, ["10.0.1.20", "10.0.0.0/24", "10.0.0.4 to 10.0.0.254"]),
        (on(), {ADDRESSES: ("10.0.0.3",)}, ADDRESSES, ["10.0.0.3", "first 4", "10.0.0.4 to 10.0.0.254"]),
        (on(), {ADDRESSES: ("10.0.0.255",)}, ADDRESSES, ["10.0.0.255", "last one"]),
        (
            on(),
            {ADDRESSES: tuple(f"10.0.0.{n}" for n in range(21, 29))},
            ADDRESSES,
            ["8 secondary addresses", "quota", "is 8", "at most 7", "private_ip_address_quota"],
        ),
        (on(), {COUNT: 8}, COUNT, ["8 secondary addresses", "at most 7"]),
    ],
)
def test_what_the_gateway_forbids_is_an_error_at_its_attribute(
    driver: Driver, arguments: dict[str, Any], path: str, said: list[str]
) -> None:
    (found,) = errors(driver.plan(**arguments))
    assert found.path == (path,)
    assert [words for words in said if words not in found.detail] == []


def test_a_full_gateway_that_would_fall_below_the_least_in_service_is_an_error_with_the_numbers() -> None:
    full = tuple(f"10.0.0.{n}" for n in range(21, 28))
    driver = on(*full)
    other = tuple(f"10.0.0.{n}" for n in range(31, 38))
    found = errors(driver.plan(**{ADDRESSES: other}, min_in_service_addresses=5))
    assert [d.path for d in found] == [("min_in_service_addresses",)]
    assert "8 addresses take new connections now. While 10.0.0.21, " in found[0].detail
    assert " drain, only 1 would; min_in_service_addresses is 5." in found[0].detail


def test_failed_addresses_that_leave_no_room_are_an_error_that_names_them() -> None:
    failed = NatGatewayAddress(key="10.0.0.90", status=AddressStatus.FAILED)
    broken = gateway(A)
    driver = Driver(RememberingEngine(replace(broken, addresses=(*broken.addresses, failed))), quota=4)
    found = errors(driver.plan(**{ADDRESSES: (A, B, C)}))
    assert [d.path for d in found] == [(ADDRESSES,)]
    assert "10.0.0.90" in found[0].detail
    assert errors(driver.plan(**{ADDRESSES: (A, B)})) == []


def test_permissions_are_checked_at_plan_when_asked_for() -> None:
    driver = on(A)
    assert driver.engine is not None
    driver.engine.denials = (Problem((), "Permission missing", "ec2:..."),)
    assert errors(driver.plan(**{ADDRESSES: (B,)})) == []
    driver.check_permissions = True
    assert [d.summary for d in errors(driver.plan(**{ADDRESSES: (B,)}))] == ["Permission missing"]


def test_permissions_are_checked_at_plan_also_while_the_drain_time_is_unknown() -> None:
    driver = on(A, B)
    driver.check_permissions = True
    assert driver.engine is not None
    state(driver.plan(**{ADDRESSES: (A,), "max_drain_duration_seconds": UNKNOWN}))
    assert [one.max_drain_seconds for one in driver.engine.dry_runs] == [350]


def test_while_the_provider_block_is_unknown_so_is_all_that_the_quota_decides() -> None:
    ten = tuple(f"10.0.0.{host}" for host in range(20, 30))
    driver = Driver(RememberingEngine(gateway(*ten[:9])), quota=16)
    prior = driver.refreshed(**{ADDRESSES: ten[:9]})
    driver.engine = None
    planned = state(driver.plan(prior, **{ADDRESSES: (*ten[1:], "10.0.0.40")}))
    change = planned["last_change"]
    assert (change["unassign"], change["assign"], change["drain"]) == (ten[0], "10.0.0.29, 10.0.0.40", "up to 350 s")
    assert {change[name] for name in ("summary", "in_service")} == {UNKNOWN}
