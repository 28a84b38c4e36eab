"""Whatever is declared, done outside, broken, stopped or killed: the promises hold, and a calm apply converges."""

from __future__ import annotations

import contextlib
import threading
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from ec2.stage import ASSIGN, GATEWAY, UNASSIGN, Relay, Stage, ip
from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.simulator.errors import ApiError
from support.mini_terraform import Inconsistent, MiniTerraform

HOSTS = st.sets(st.sampled_from(range(10, 20)), max_size=7).map(sorted).map(tuple)
DRAINS = st.sampled_from([1, 5, 60, 350])
CALM_SECONDS = 5000.0


class Killed(BaseException):
    """The provider's process is gone."""


class AnyLife(RuleBasedStateMachine):
    """One gateway, one resource, an operator, an outsider and bad luck."""

    relay: Relay

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(self.relay)
        self.stage.seed()
        self.terraform = MiniTerraform(self.stage.new_engine)
        self.declared: dict[str, Any] = {}
        self.approved: set[str] = set()
        self.outsider: set[str] = set()
        self.touched: list[tuple[str, tuple[str, ...]]] = []
        self._record()

    @rule(hosts=HOSTS, drain=DRAINS, wait=st.booleans())
    def declare_a_set(self, hosts: tuple[int, ...], drain: int, wait: bool) -> None:
        self._declare({"secondary_private_ip_addresses": ip(*hosts)}, drain, wait)

    @rule(count=st.integers(0, 7), drain=DRAINS, wait=st.booleans())
    def declare_a_count(self, count: int, drain: int, wait: bool) -> None:
        self._declare({"secondary_private_ip_address_count": count}, drain, wait)

    @precondition(lambda self: self.declared)
    @rule()
    def apply_in_peace(self) -> None:
        """With nobody else about, an apply succeeds, does what is declared, and leaves nothing to plan."""
        self._calm_down()
        plan = self.terraform.plan(**self.declared)
        self._approve(plan)
        assert self.terraform.apply(plan, **self.declared) == []
        self._assert_as_declared()
        again = self.terraform.plan(**self.declared)
        assert again.planned_state == self.terraform.state
        assert again.diagnostics == ()

    @precondition(lambda self: self.declared)
    @rule(
        kind=st.sampled_from(["throttling", "unavailable", "lost_answer", "connection_reset", "conflict", "denial"]),
        action=st.sampled_from([ASSIGN, UNASSIGN]),
        times=st.integers(1, 3),
        stop_after=st.none() | st.floats(0, 90),
        kill_after=st.none() | st.floats(0, 90),
    )
    def apply_in_trouble(
        self, kind: str, action: str, times: int, stop_after: float | None, kill_after: float | None
    ) -> None:
        """Anything may come of it but a breach of the promises; a kill leaves the state as it was."""
        stage, stop = self.stage, threading.Event()
        with contextlib.suppress(DiagnosticsError, Inconsistent, Killed):
            plan = self.terraform.plan(**self.declared)
            self._approve(plan)
            stage.fault(kind, actions=action, times=times, dry_run=None if kind == "denial" else False)
            if stop_after is not None:
                stage.clock.at(stop_after, stop.set)
            if kill_after is not None:
                stage.clock.at(kill_after, self._kill)
            self.terraform.apply(plan, stop, **self.declared)
        stage.clock.forget()
        stage.aws.clear_faults()

    @precondition(lambda self: self.terraform.state)
    @rule()
    def destroy_in_peace(self) -> None:
        self._calm_down()
        held = set(self.terraform.state["secondary_private_ip_addresses"]) if self.terraform.state else set()
        self.approved = held | set(self.stage.truth())
        assert self.terraform.destroy() == []
        assert self.terraform.state is None
        assert {status for ip, status in self.stage.truth().items() if ip in held} <= {"unassigning"}

    @rule(action=st.sampled_from([ASSIGN, UNASSIGN]), host=st.sampled_from(range(10, 20)), drain=DRAINS)
    def somebody_else_acts(self, action: str, host: int, drain: int) -> None:
        self.outsider |= set(ip(host))
        with contextlib.suppress(ApiError):
            self.stage.outside(action, host, drain=drain)
        self.touched.clear()

    @rule(seconds=st.sampled_from([1.0, 30.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.stage.manual.advance(seconds)

    @rule(lasting=st.none() | st.sampled_from([0.0, 3.0]))
    def connections_last(self, lasting: float | None) -> None:
        self.stage.settings(connections_end_after=lasting)

    @invariant()
    def only_what_was_approved_was_touched(self) -> None:
        for action, addresses in self.touched:
            assert set(addresses) <= self.approved, f"{action} {addresses}, approved was {self.approved}"
        self.touched.clear()

    @invariant()
    def the_primary_stays(self) -> None:
        shown = self.stage.api.describe([GATEWAY])[GATEWAY]
        assert shown.primary is not None
        assert shown.primary.private_ip == "10.0.0.4"

    def _declare(self, what: dict[str, Any], drain: int, wait: bool) -> None:
        self.declared = {**what, "max_drain_duration_seconds": drain, "wait_for_drain": wait}

    def _approve(self, plan: Any) -> None:
        """What the plan shows may be touched; where AWS picks, anything may be assigned."""
        change = (plan.planned_private or {}).get("approved", {}).get("last_change")
        self.approved = set()
        if change is not None:
            picked = ip(*range(250)) if change["assign"] is None else change["assign"]
            self.approved = {*picked, *change["unassign"]}

    def _calm_down(self) -> None:
        """Let every drain end and every read catch up."""
        self.stage.manual.advance(CALM_SECONDS)

    def _assert_as_declared(self) -> None:
        truth = {ip for ip, status in self.stage.truth().items() if status == "succeeded"}
        wanted = self.declared.get("secondary_private_ip_addresses")
        if wanted is None:
            assert len(truth) == self.declared["secondary_private_ip_address_count"]
        else:
            assert truth == set(wanted)

    def _kill(self) -> None:
        raise Killed

    def _record(self) -> None:
        """Note what takes effect in AWS, whatever is answered."""
        model = self.stage.aws.model()
        for action, name in ((ASSIGN, "assign"), (UNASSIGN, "unassign")):
            setattr(model, name, self._recording(action, getattr(model, name)))

    def _recording(self, action: str, act: Any) -> Any:
        def recorded(*arguments: Any, **named: Any) -> Any:
            result = act(*arguments, **named)
            given = named.get("addresses") or (arguments[1] if len(arguments) > 1 else ())
            self.touched.append((action, tuple(str(address) for address in given or ())))
            return result

        return recorded


@pytest.mark.usefixtures("relay")
def test_any_life_keeps_the_promises(relay: Relay) -> None:
    AnyLife.relay = relay
    profile = settings()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        AnyLife,
        settings=settings(profile, max_examples=max(30, profile.max_examples // 2), stateful_step_count=15),
    )
