"""After an accepted call whose effect no look has shown: what comes back tells of the call all the same."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from ec2.stage import ASSIGN, DESCRIBE, UNASSIGN, Lines, Stage, ip
from natgw_provider.ec2.change import Outcome
from support.mini_terraform import MiniTerraform

FINAL: list[dict[str, Any]] = [
    {"kind": "error", "code": "RequestExpired", "message": "expired", "status": 400},
    {"kind": "denial"},
]
"""Faults after which looking again is no use."""

UNSEEN = [*(pytest.param(fault, id=fault.get("code", fault["kind"])) for fault in FINAL), pytest.param(None, id="stop")]


def go_blind(stage: Stage, fault: dict[str, Any] | None) -> None:
    """No look succeeds any more; where that is no end by itself, the user asks to stop after two minutes."""
    stage.fault(**(fault or {"kind": "unavailable"}), actions=[DESCRIBE])
    if fault is None:
        stage.clock.at(120, stage.stop.set)


def blind_change(stage: Stage, fault: dict[str, Any] | None, action: str, request: Any) -> Outcome:
    """Carry it out; from its call of `action` on nothing can be seen."""
    stage.lines = Lines(": assigning " if action == ASSIGN else ": unassigning ", lambda: go_blind(stage, fault))
    outcome = stage.carry_out(request)
    assert len(stage.effective(action)) == 1
    return outcome


@pytest.mark.parametrize("fault", UNSEEN)
def test_an_unassigned_address_drains_although_no_look_has_shown_it(stage: Stage, fault: dict[str, Any] | None) -> None:
    stage.seed(10, 11)
    outcome = blind_change(stage, fault, UNASSIGN, stage.request(ip(11), max_drain_seconds=350))
    assert outcome.failure is not None
    assert "now has 10.0.0.11 attached; draining: 10.0.0.10, until 2025-" in outcome.failure.detail
    assert "Nothing is left to be called" in outcome.failure.detail
    assert outcome.gateway is not None
    assert (outcome.gateway.attached, outcome.gateway.draining) == (ip(11), ip(10))


@pytest.mark.parametrize("fault", UNSEEN)
def test_a_destroy_tells_what_it_drains_although_no_look_has_shown_it(
    stage: Stage, fault: dict[str, Any] | None
) -> None:
    stage.seed(10, 11)
    outcome = blind_change(stage, fault, UNASSIGN, stage.destroy_request(10, max_drain_seconds=350))
    assert outcome.failure is not None
    assert outcome.gateway is not None
    assert (outcome.gateway.attached, outcome.gateway.draining) == (ip(11), ip(10))


@pytest.mark.parametrize("wanted", [pytest.param(ip(10, 11), id="named"), pytest.param(2, id="count")])
@pytest.mark.parametrize("fault", UNSEEN)
def test_an_assigned_address_is_attached_although_no_look_has_shown_it(
    stage: Stage, fault: dict[str, Any] | None, wanted: tuple[str, ...] | int
) -> None:
    stage.seed(10)
    outcome = blind_change(stage, fault, ASSIGN, stage.request(wanted))
    assert outcome.failure is not None
    assert "not in service yet" in outcome.failure.detail
    assert outcome.gateway is not None
    assert set(outcome.gateway.attached) == set(stage.truth())
    assert set(outcome.gateway.assigning) == set(outcome.assigned) == set(stage.truth()) - set(ip(10))


@pytest.mark.parametrize("fault", UNSEEN)
def test_terraform_stores_what_drains_although_no_look_has_shown_it(stage: Stage, fault: dict[str, Any] | None) -> None:
    stage.seed(10, 11)
    terraform = MiniTerraform(stage.new_engine)
    declared: dict[str, Any] = {"secondary_private_ip_addresses": ip(10, 11), "max_drain_duration_seconds": 350}
    assert terraform.apply(terraform.plan(**declared), **declared) == []
    declared["secondary_private_ip_addresses"] = ip(11)
    plan, stage.stop = terraform.plan(**declared), threading.Event()
    unassign = stage.aws.model().unassign

    def unassign_and_go_blind(*args: Any, **more: Any) -> Any:
        touched = unassign(*args, **more)
        if more.get("commit", True):
            go_blind(stage, fault)
        return touched

    stage.aws.model().unassign = unassign_and_go_blind  # type: ignore[method-assign]
    assert terraform.apply(plan, stage.stop, **declared) != []
    assert terraform.state is not None
    assert set(terraform.state["secondary_private_ip_addresses"]) == set(ip(11))
    assert set(terraform.state["draining_private_ip_addresses"]) == set(ip(10))
