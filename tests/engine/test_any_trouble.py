"""Any change under any mixture of trouble: whatever comes of it, the promises hold.

Changes follow each other on one gateway, each in a process of its own, some killed or stopped on the way, with faults
and an outsider at any time. Reads may lag by seconds, as everywhere in EC2.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.stage import ASSIGN, DESCRIBE, UNASSIGN, Ended, Relay, Stage, ip
from natgw_provider.aws.api import Ec2Api
from natgw_provider.aws.client import Connection
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.engine.change import ChangeRequest
from natgw_provider.simulator.errors import ApiError
from support.fault_proxy import WAYS, FaultProxy

HOSTS = range(10, 20)
EXAMPLES = settings().max_examples // 2
"""Of what the profile in use says: each is a life of up to four changes."""

hosts = st.sets(st.sampled_from(HOSTS), max_size=7).map(sorted).map(tuple)
calls = st.sampled_from([ASSIGN, UNASSIGN, DESCRIBE])
changing_calls = st.sampled_from([ASSIGN, UNASSIGN])
faults = st.one_of(
    st.fixed_dictionaries({"kind": st.just("throttling"), "actions": calls, "times": st.integers(1, 4)}),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["internal_error", "unavailable"]),
            "actions": calls,
            "times": st.integers(1, 3),
            "after_acting": st.booleans(),
            "dry_run": st.just(False),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.sampled_from(["lost_answer", "connection_reset"]),
            "actions": calls,
            "times": st.integers(1, 3),
            "dry_run": st.just(False),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("conflict"), "actions": changing_calls, "times": st.integers(1, 3)}),
    st.fixed_dictionaries({"kind": st.just("denial"), "actions": changing_calls, "times": st.integers(1, 2)}),
    st.fixed_dictionaries({"kind": st.just("denial"), "actions": st.just(DESCRIBE), "skip": st.integers(0, 12)}),
    st.fixed_dictionaries(
        {
            "kind": st.just("error"),
            "code": st.just("RequestExpired"),
            "status": st.just(400),
            "actions": st.just(DESCRIBE),
            "skip": st.integers(0, 12),
        }
    ),
    st.fixed_dictionaries({"kind": st.just("address_failure"), "times": st.just(1), "dry_run": st.just(False)}),
    st.fixed_dictionaries({"kind": st.just("flapping"), "seconds": st.floats(1, 15), "times": st.integers(1, 20)}),
    st.fixed_dictionaries({"kind": st.just("stale_reads"), "seconds": st.floats(0.5, 10), "times": st.integers(1, 30)}),
)


BLINDING: dict[str, dict[str, Any]] = {
    "denied": {"kind": "denial"},
    "expired": {"kind": "error", "code": "RequestExpired", "status": 400},
    "down": {"kind": "unavailable"},
}
"""Faults that no read gets past, or only after a while."""


@dataclass
class Trouble:
    """What happens during one change: when it is stopped or killed, and when an outsider does what."""

    wanted: tuple[int, ...] | int
    drain: int
    wait: bool
    timeout: float
    faults: list[dict[str, Any]]
    stop_at: float | None
    kill_at: float | None
    outsiders: list[tuple[float, str, tuple[int, ...]]]
    pause: float
    connections: float | None
    blinded: str | None
    """What is wrong with every read after the change's first call that takes effect."""

    spoiled: list[dict[str, Any]] = field(default_factory=list)
    """What comes back in AWS's place, of a life behind the proxy."""


troubles = st.builds(
    Trouble,
    wanted=hosts | st.integers(0, 7),
    drain=st.sampled_from([1, 5, 60, 350]),
    wait=st.booleans(),
    timeout=st.sampled_from([90.0, 960.0]),
    faults=st.lists(faults, max_size=2),
    stop_at=st.none() | st.floats(0, 100),
    kill_at=st.none() | st.none() | st.floats(0, 100),
    outsiders=st.lists(st.tuples(st.floats(0, 100), changing_calls, st.tuples(st.sampled_from(HOSTS))), max_size=1),
    pause=st.sampled_from([0.0, 20.0, 400.0]),
    connections=st.none() | st.sampled_from([0.0, 0.7, 8.0]),
    blinded=st.none() | st.none() | st.sampled_from(sorted(BLINDING)),
)


spoiled_answers = st.fixed_dictionaries(
    {
        "way": st.sampled_from(WAYS),
        "action": calls,
        "times": st.integers(1, 25),
        "skip": st.integers(0, 12),
        "acts": st.booleans(),
        "dry_run": st.sampled_from([None, True, False]),
    }
)
spoiled_troubles = st.builds(
    lambda trouble, spoiled: replace(trouble, faults=[], spoiled=spoiled),
    troubles,
    st.lists(spoiled_answers, min_size=1, max_size=3),
)
"""Nothing is wrong with AWS itself, and much on the way."""


class Killed(BaseException):
    """The process is gone."""


@dataclass
class Life:
    """A gateway and all that is done to it."""

    stage: Stage
    proxy: FaultProxy | None = None
    api: Ec2Api | None = None
    """EC2 through the proxy; without one nothing comes between."""

    effects: list[tuple[str, tuple[str, ...], int]] = field(default_factory=list)
    """What took effect, whatever was answered: the action, the addresses, how many were in service just before."""

    blinded: str | None = None
    lag: float = 0.0
    outsider_acted: bool = False
    taken_away: int = 0
    """How often someone else unassigned during the change."""
    is_outside: bool = False
    changed_at: float = 0.0
    """When the gateway was last changed by anybody."""

    def __post_init__(self) -> None:
        model = self.stage.aws.model()
        for action, name in ((ASSIGN, "assign"), (UNASSIGN, "unassign")):
            setattr(model, name, self._recording(action, getattr(model, name)))

    def go_through(self, trouble: Trouble) -> None:
        stage = self.stage
        stage.settings(connections_end_after=trouble.connections)
        stage.clock.forget()
        stage.stop = threading.Event()
        wanted: tuple[str, ...] | int = trouble.wanted if isinstance(trouble.wanted, int) else ip(*trouble.wanted)
        if stage.is_public and isinstance(wanted, int):
            wanted = ip(*HOSTS[:wanted])  # AWS picks no Elastic IPs
        self.lag = 0.0
        for fault in trouble.faults:
            if fault["kind"] in {"stale_reads", "flapping"}:
                stage.fault(**fault)
                self.lag = max(self.lag, fault["seconds"])
        # Reads that all hide what another process has just done leave nothing to find it out by.
        is_hidden = stage.manual.now() - self.changed_at < self.lag + 1
        request = stage.request(
            wanted,
            max_drain_seconds=trouble.drain,
            wait_for_drain=trouble.wait,
            timeout_seconds=max(trouble.timeout, float(trouble.drain)),
        )
        for fault in trouble.faults:
            if fault["kind"] not in {"stale_reads", "flapping"}:
                stage.fault(**fault)
        self._schedule(trouble)
        stage.aws.clear_calls()
        self.effects.clear()
        self.outsider_acted, self.taken_away = False, 0
        self.blinded = trouble.blinded
        for spoiled in trouble.spoiled if self.proxy else []:
            self.proxy.spoil(**spoiled)
        try:
            outcome = stage.carry_out(request, stage.new_engine(api=self.api))
        except Killed:
            outcome = None
        if self.proxy:
            self.proxy.heal()
        self._check_calls(request)
        if outcome is not None and not self.outsider_acted and not is_hidden:
            self._check_outcome(request, wanted, outcome)
        stage.aws.clear_faults()
        stage.manual.advance(trouble.pause)

    def _schedule(self, trouble: Trouble) -> None:
        clock = self.stage.clock
        if trouble.stop_at is not None:
            clock.at(trouble.stop_at, self.stage.stop.set)
        if trouble.kill_at is not None:
            clock.at(trouble.kill_at, _die)
        for when, action, who in trouble.outsiders:
            clock.at(when, self._outsider(action, who))

    def _check_calls(self, request: ChangeRequest) -> None:
        unassigned = [entry for entry in self.effects if entry[0] == UNASSIGN]
        assigned = [entry for entry in self.effects if entry[0] == ASSIGN]
        assert len(unassigned) <= 1, "one drain window"
        assert len(assigned) <= 2 + self.taken_away, "what fits, then the rest; again what someone else took away"
        approved = set(map(self.stage.plain, request.approval.unassign))
        assert all(set(addresses) <= approved for _, addresses, _ in unassigned)
        if isinstance(request.approval.assign, int):
            assert sum(len(addresses) for _, addresses, _ in assigned) <= request.approval.assign
        else:
            approved = set(map(self.stage.plain, request.approval.assign))
            assert all(set(addresses) <= approved for _, addresses, _ in assigned)
        low = request.approval.in_service_low
        assert low is not None
        for _, addresses, in_service in unassigned:
            if not self.outsider_acted:
                assert in_service - len(addresses) >= low, "no deeper than reviewed"

    def _check_outcome(self, request: ChangeRequest, wanted: tuple[str, ...] | int, outcome: Ended) -> None:
        if outcome.failure is not None and "it is not known" in outcome.detail:
            return
        if outcome.gateway is None:
            assert outcome.failure is not None, "only a destroy may find the gateway gone"
            return
        truth = self.stage.truth()
        attached = {name for name, status in truth.items() if status in {"succeeded", "assigning"}}
        draining = {name for name, status in truth.items() if status == "unassigning"}
        if self.effects:
            reported = set(outcome.attached)
            assert reported - self._failed_unseen(truth) == attached, outcome
            assert draining <= set(outcome.draining), outcome
        if outcome.failure is None:
            assert len(attached) == wanted if isinstance(wanted, int) else attached == set(wanted), outcome
            approved = set(map(self.stage.plain, request.approval.unassign))
            assert not (request.settings.wait_for_drain and draining & approved), outcome

    def _failed_unseen(self, truth: dict[str, str]) -> set[str]:
        """Return the addresses that have failed since the moment that the last answered read shows."""
        answered = [call.at for call in self.stage.calls(DESCRIBE) if call.outcome == "ok"]
        seen = self.stage.truth(at=max(answered) - self.lag)
        return {name for name, status in truth.items() if status == "failed" and seen.get(name) != "failed"}

    def _recording(self, action: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(gateway_id: str, *args: Any, **more: Any) -> Any:
            before = list(self.stage.truth().values()).count("succeeded") + 1
            touched = call(gateway_id, *args, **more)
            if more.get("commit", True):
                self.changed_at = self.stage.manual.now()
            if not self.is_outside and more.get("commit", True):
                self.effects.append((action, tuple(self.stage.plain(address.name) for address in touched), before))
                self._blind()
            return touched

        return recorded

    def _blind(self) -> None:
        if self.blinded is not None:
            self.stage.fault(**BLINDING[self.blinded], actions=[DESCRIBE])
            self.blinded = None

    def _outsider(self, action: str, who: tuple[int, ...]) -> Callable[[], None]:
        def act() -> None:
            self.is_outside = True
            with contextlib.suppress(ApiError):
                self.stage.outside(action, *who, drain=5)
                self.outsider_acted = True
                self.taken_away += action == UNASSIGN
            self.is_outside = False

        return act


def _die() -> None:
    raise Killed


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.connectivity)
@settings(
    max_examples=EXAMPLES,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=hosts, life=st.lists(troubles, min_size=1, max_size=4), answer_names=st.booleans())
def test_the_promises_hold_whatever_goes_wrong(
    relay: Relay, kind: AddressKind, start: tuple[int, ...], life: list[Trouble], answer_names: bool
) -> None:
    stage = Stage(relay, kind)
    stage.settings(answer_names_new_addresses=answer_names)
    stage.seed(*start)
    stage.manual.advance(100)
    whole = Life(stage)
    for trouble in life:
        whole.go_through(trouble)


@pytest.fixture
def _short_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("natgw_provider.engine.calls.CALL_SECONDS", 0.3)


@pytest.mark.usefixtures("_short_calls")
@settings(
    max_examples=max(5, settings().max_examples // 20),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=hosts, life=st.lists(spoiled_troubles, min_size=1, max_size=3))
def test_the_promises_hold_whatever_comes_back_in_place_of_answers(
    relay: Relay, proxy: FaultProxy, connection: Connection, start: tuple[int, ...], life: list[Trouble]
) -> None:
    stage = Stage(relay)
    stage.seed(*start)
    stage.manual.advance(100)
    with stage.aws as served:
        proxy.upstream = served.url
        whole = Life(stage, proxy, connection.calls)
        for trouble in life:
            whole.go_through(trouble)
