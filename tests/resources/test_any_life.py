"""Whatever is declared, done outside, broken, stopped or killed: the promises hold, and a calm apply converges."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from engine.stage import ASSIGN, GATEWAY, UNASSIGN, Relay, Stage, ip
from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.address_kinds import KINDS, PRIVATE_IPS, AddressKind
from natgw_provider.resources.private_state import kept_approval
from natgw_provider.simulator.errors import ApiError
from support.mini_terraform import Inconsistent, MiniTerraform

OTHER = "nat-00000000000000aa1"
GATEWAYS = (GATEWAY, OTHER)
ID, SET, COUNT = "nat_gateway_id", "secondary_private_ip_addresses", "secondary_private_ip_address_count"
HOSTS = st.sets(st.sampled_from(range(10, 20)), max_size=7).map(sorted).map(tuple)
SETTINGS = st.fixed_dictionaries(
    {
        "max_drain_duration_seconds": st.sampled_from([1, 5, 60, 350, None]),
        "wait_for_drain": st.sampled_from([True, False, None]),
        "on_destroy": st.sampled_from(["unassign", None, "retain"]),
    }
)
CALM_SECONDS = 5000.0
ANY = ip(*range(250))


class Killed(BaseException):
    """The provider's process is gone."""


class AnyLife(RuleBasedStateMachine):
    """Two gateways in one subnet, one resource, an operator, an outsider and bad luck."""

    relay: Relay
    kind: AddressKind

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(self.relay, self.kind)
        self.stage.keys(ip(*range(10, 20)))
        self.stage.seed()
        subnet = self.stage.api.describe([GATEWAY])[GATEWAY].subnet_id
        self.stage.seed(gateway=OTHER, primary=5, subnet_id=subnet)
        self.terraform = MiniTerraform(self.stage.new_engine, self.kind)
        self.declared: dict[str, Any] = {}
        self.gateway = GATEWAY
        self.allowed: set[tuple[str, str, str]] = set()
        self.touched: list[tuple[str, str, str]] = []
        self._record()

    @rule(hosts=HOSTS, options=SETTINGS)
    def declare_a_set(self, hosts: tuple[int, ...], options: dict[str, Any]) -> None:
        self.declared = {SET: ip(*hosts), ID: self.gateway, **options}

    @precondition(lambda self: self.kind is PRIVATE_IPS)
    @rule(count=st.integers(0, 7), options=SETTINGS)
    def declare_a_count(self, count: int, options: dict[str, Any]) -> None:
        self.declared = {COUNT: count, ID: self.gateway, **options}

    @rule(gateway=st.sampled_from(GATEWAYS))
    def declare_a_gateway(self, gateway: str) -> None:
        self.gateway = gateway
        if self.declared:
            self.declared = {**self.declared, ID: gateway}

    @precondition(lambda self: self.declared)
    @rule(is_id_known=st.booleans())
    def apply_in_peace(self, is_id_known: bool) -> None:
        """With nobody else about, an apply succeeds, does what is declared, and leaves nothing to plan."""
        self._calm_down()
        is_impossible = self._is_impossible()
        # A new resource whose gateway is unknown may not unassign what it finds there (decision 0002).
        hidden = () if is_id_known or self.terraform.state is None else (ID,)
        if is_impossible:
            self._fail_in_peace(hidden)
            return
        plan = self._plan(hidden)
        assert self.terraform.apply(plan, **self.declared) == []
        self._assert_as_declared()
        again = self.terraform.plan(**self.declared)
        assert again.planned_state == self.terraform.state
        assert not again.diagnostics

    @precondition(lambda self: self.declared)
    @rule(
        hidden=st.sampled_from([(), (), (ID,), (SET,), (ID, SET)]),
        kind=st.sampled_from(["throttling", "unavailable", "lost_answer", "connection_reset", "conflict", "denial"]),
        action=st.sampled_from([ASSIGN, UNASSIGN]),
        times=st.integers(1, 3),
        stop_after=st.none() | st.floats(0, 90),
        kill_after=st.none() | st.floats(0, 90),
    )
    def apply_in_trouble(
        self,
        hidden: tuple[str, ...],
        kind: str,
        action: str,
        times: int,
        stop_after: float | None,
        kill_after: float | None,
    ) -> None:
        """Anything may come of it but a breach of the promises; a kill leaves the state as it was."""
        stage, stop = self.stage, threading.Event()
        with contextlib.suppress(DiagnosticsError, Inconsistent, Killed):
            plan = self._plan(hidden=hidden)
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
        self.terraform.refresh()
        state = self.terraform.state
        assert state is not None
        held = state[SET] if state["on_destroy"] != "retain" else ()
        self.allowed = self._triples(UNASSIGN, state[ID], held)
        assert self.terraform.destroy() == []
        assert self.terraform.state is None
        truth = self.stage.truth(state[ID])
        assert {status for ip, status in truth.items() if ip in held} <= {"unassigning"}

    @rule(
        action=st.sampled_from([ASSIGN, UNASSIGN]),
        gateway=st.sampled_from([GATEWAY, GATEWAY, OTHER]),
        host=st.sampled_from(range(10, 20)),
        drain=st.sampled_from([1, 60, 350]),
    )
    def someone_else_acts(self, action: str, gateway: str, host: int, drain: int) -> None:
        with contextlib.suppress(ApiError):
            self.stage.outside(action, host, drain=drain, gateway=gateway, names_private_ips=True)
        self.touched.clear()

    @rule(seconds=st.sampled_from([1.0, 30.0, 400.0]))
    def time_passes(self, seconds: float) -> None:
        self.stage.manual.advance(seconds)

    @rule(lasting=st.none() | st.sampled_from([0.0, 3.0]))
    def connections_last(self, lasting: float | None) -> None:
        self.stage.settings(connections_end_after=lasting)

    @invariant()
    def only_what_was_shown_was_touched_and_nothing_drained_for_nothing(self) -> None:
        for touched in self.touched:
            assert touched in self.allowed, f"{touched}, allowed was {sorted(self.allowed)}"
        self.touched.clear()

    @invariant()
    def the_primaries_stay(self) -> None:
        for gateway, address in ((GATEWAY, "10.0.0.4"), (OTHER, "10.0.0.5")):
            shown = self.stage.api.describe([gateway])[gateway]
            assert shown.primary is not None
            assert self.stage.plain(shown.primary.key) == address

    def _plan(self, hidden: Iterable[str] = ()) -> Any:
        """Plan with the `hidden` arguments unknown, and note what an apply of this plan may touch."""
        shown = {name: UNKNOWN if name in hidden else value for name, value in self.declared.items()}
        self.allowed = set()
        plan = self.terraform.plan(**shown)
        self.allowed = self._allowed_by(plan, hidden)
        return plan

    def _allowed_by(self, plan: Any, hidden: Iterable[str]) -> set[tuple[str, str, str]]:
        """Return what a reviewer of this plan has to expect, in the terms of Terraform's own difference of the set."""
        state, wanted = self.terraform.state, self.declared.get(SET)
        assign = self._triples(ASSIGN, self.gateway, ANY if wanted is None else wanted)
        if state is None:
            approval = kept_approval(plan.planned_private or {})
            return assign | self._triples(UNASSIGN, self.gateway, approval.unassign if approval else ())
        if state[ID] != self.gateway:
            is_retained = self.declared["on_destroy"] == "retain"
            return assign | self._triples(UNASSIGN, state[ID], () if is_retained else state[SET])
        is_set_shown = SET not in hidden or wanted is None
        leaving = set(state[SET]).difference(wanted or ()) if is_set_shown else set[str]()
        if wanted is None and self.declared[COUNT] >= len(state[SET]):
            leaving = set()
        return assign | self._triples(UNASSIGN, self.gateway, leaving)

    @staticmethod
    def _triples(action: str, gateway: str, addresses: Iterable[str]) -> set[tuple[str, str, str]]:
        return {(action, gateway, address) for address in addresses}

    def _is_impossible(self) -> bool:
        """Whether it cannot be carried out even in peace: others have its addresses, or their own on the gateway."""
        self.terraform.refresh()
        state, wanted = self.terraform.state, set(self.declared.get(SET, ()))
        (elsewhere,) = (set(self.stage.truth(one)) for one in GATEWAYS if one != self.gateway)
        if state is None or state[ID] == self.gateway:
            return bool(wanted & elsewhere)
        there = set(self.stage.truth(self.gateway))
        is_crowded = len(there) > self.declared[COUNT] if COUNT in self.declared else bool(there - wanted)
        released = set() if self.declared["on_destroy"] == "retain" else set(state[SET])
        return is_crowded or bool(wanted & (elsewhere - released))

    def _fail_in_peace(self, hidden: Iterable[str]) -> None:
        """It fails, and nothing has drained for it."""
        before = {gateway: self.stage.truth(gateway) for gateway in GATEWAYS}
        try:
            assert self.terraform.apply(self._plan(hidden), **self.declared)
        except DiagnosticsError:
            assert {gateway: self.stage.truth(gateway) for gateway in GATEWAYS} == before

    def _calm_down(self) -> None:
        """Let every drain end and every read catch up."""
        self.stage.manual.advance(CALM_SECONDS)

    def _assert_as_declared(self) -> None:
        truth = {ip for ip, status in self.stage.truth(self.gateway).items() if status == "succeeded"}
        wanted = self.declared.get(SET)
        if wanted is None:
            assert len(truth) == self.declared[COUNT]
        else:
            assert truth == set(wanted)
        assert self.terraform.state is not None
        assert self.terraform.state[ID] == self.gateway

    def _kill(self) -> None:
        raise Killed

    def _record(self) -> None:
        """Note what takes effect in AWS, whatever is answered."""
        model = self.stage.aws.model()
        for action, name in ((ASSIGN, "assign"), (UNASSIGN, "unassign")):
            setattr(model, name, self._recording(action, getattr(model, name)))

    def _recording(self, action: str, act: Any) -> Any:
        def recorded(gateway: str, *arguments: Any, **named: Any) -> Any:
            result = act(gateway, *arguments, **named)
            given = named.get("allocation_ids") or named.get("addresses") or (arguments[0] if arguments else ())
            self.touched += [(action, gateway, address) for address in self.stage.plain_keys(given or ())]
            return result

        return recorded


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.connectivity)
def test_any_life_keeps_the_promises(relay: Relay, kind: AddressKind) -> None:
    AnyLife.relay, AnyLife.kind = relay, kind
    profile = settings()
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        AnyLife,
        settings=settings(profile, max_examples=max(30, profile.max_examples // 2), stateful_step_count=15),
    )
