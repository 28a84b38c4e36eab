"""Any number of resources of one address each, at any times, under any trouble: whatever comes, the promises hold."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import sleep
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.crowd import Resource, Run, single
from engine.stage import ASSIGN, UNASSIGN, Relay, Stage
from engine.test_any_trouble import HOSTS, changing_calls, faults, hosts
from natgw_provider.core.address_kinds import KINDS, AddressKind
from natgw_provider.core.diff import Part
from natgw_provider.engine import coalescing
from natgw_provider.engine.change import Outcome
from natgw_provider.engine.outcome import is_fulfilled
from natgw_provider.simulator.errors import ApiError

EXAMPLES = max(20, settings().max_examples // 4)
TAKEN = 30
"""A host that another gateway has."""

NOTICED = 0.12
"""Real seconds within which a request has noticed its stop."""


@dataclass(frozen=True)
class Arrival:
    """A resource: what it adds or removes, when it comes, and when it is stopped."""

    host: int
    adds: bool
    at: float
    wait: bool
    drain: int
    timeout: float
    stop_at: float | None


arrivals = st.lists(
    st.builds(
        Arrival,
        host=st.sampled_from([*HOSTS, TAKEN]),
        adds=st.booleans(),
        at=st.just(0.0) | st.floats(0.1, 3) | st.floats(1, 200),
        wait=st.booleans(),
        drain=st.sampled_from([1, 60, 350]),
        timeout=st.sampled_from([90.0, 960.0, 960.0]),
        stop_at=st.none() | st.none() | st.floats(1, 300),
    ),
    unique_by=lambda arrival: arrival.host,
    min_size=1,
    max_size=9,
)
outsiders = st.lists(st.tuples(st.floats(0, 100), changing_calls, st.sampled_from(HOSTS)), max_size=1)


class Crowd:
    """One apply, all that took effect in it by batch, and what someone else did meanwhile."""

    def __init__(self, stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
        self.stage = stage
        self.batches: list[list[tuple[str, frozenset[str]]]] = []
        self.is_disturbed = False
        self._is_outside = False
        crowd = self

        class Batch(coalescing.Batch):
            def run(self) -> None:
                crowd.batches.append([])
                super().run()

        monkeypatch.setattr(coalescing, "Batch", Batch)
        model = stage.aws.model()
        for action, name in ((ASSIGN, "assign"), (UNASSIGN, "unassign")):
            setattr(model, name, self._recording(action, getattr(model, name)))

    def _recording(self, action: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def recorded(gateway_id: str, *args: Any, **more: Any) -> Any:
            touched = call(gateway_id, *args, **more)
            if more.get("commit", True) and not self._is_outside:
                names = frozenset(self.stage.plain(address.name) for address in touched)
                self.batches[-1].append((action, names))
            return touched

        return recorded

    def outsider(self, action: str, host: int) -> None:
        self._is_outside = True
        with contextlib.suppress(ApiError):
            self.stage.outside(action, host, drain=5)
            self.is_disturbed = True
        self._is_outside = False

    def stop(self, resource: Resource) -> None:
        self.is_disturbed = True
        resource.stop.set()
        sleep(NOTICED)

    def effects(self, action: str) -> list[frozenset[str]]:
        return [names for batch in self.batches for name, names in batch if name == action]


def check_calls(crowd: Crowd, plan: Sequence[Arrival], is_good: bool) -> None:
    """Nothing is touched that no resource asked for, nothing drains twice, and a batch takes one window."""
    asked = {adds: {f"10.0.0.{it.host}" for it in plan if it.adds is adds} for adds in (True, False)}
    assert all(names <= asked[True] for names in crowd.effects(ASSIGN))
    assert all(names <= asked[False] for names in crowd.effects(UNASSIGN))
    for batch in crowd.batches:
        windows = [names for action, names in batch if action == UNASSIGN]
        assert len(windows) <= (1 if is_good else 2), batch
        assert sum(map(len, windows)) == len(frozenset().union(*windows)), "an address drains once"
        assert not is_good or len(batch) <= 3, "what fits, then the drain, then the rest"


def check_outcome(stage: Stage, arrival: Arrival, resource: Resource, outcome: Outcome, *, is_quiet: bool) -> None:
    """An outcome says what is true of its own address."""
    truth = stage.truth().get(f"10.0.0.{arrival.host}")
    if outcome.failure is None and is_quiet:
        allowed = {"succeeded"} if arrival.adds else {None, *([] if arrival.wait else ["unassigning"])}
        assert truth in allowed, outcome
    if outcome.failure is not None and outcome.gateway is not None:
        target = resource.request.target
        assert isinstance(target, Part)
        named = [*map(stage.plain, target.add), *map(stage.plain, target.remove)]
        assert named == [f"10.0.0.{arrival.host}"]
        raw = resource.raw().gateway
        assert raw is not None
        assert not is_fulfilled(resource.request, raw), outcome


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.connectivity)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(start=hosts, plan=arrivals, troubles=st.lists(faults, max_size=2), others=outsiders)
def test_each_resource_gets_its_own_true_outcome_whatever_goes_wrong(
    relay: Relay,
    kind: AddressKind,
    start: tuple[int, ...],
    plan: list[Arrival],
    troubles: list[dict[str, Any]],
    others: list[tuple[float, str, int]],
) -> None:
    stage = Stage(relay, kind)
    stage.seed(*start)
    stage.seed_beside(TAKEN)
    stage.manual.advance(100)
    for fault in troubles:
        stage.fault(**fault)
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(coalescing, "LEAVE_SECONDS", 0.1)
        crowd, begun = Crowd(stage, monkeypatch), Run(stage)
        for arrival in sorted(plan, key=lambda it: it.at):
            way = {"add" if arrival.adds else "remove": f"10.0.0.{arrival.host}"}
            more = {"max_drain_seconds": arrival.drain, "wait_for_drain": arrival.wait}
            request = single(stage, **way, **more, timeout_seconds=max(arrival.timeout, float(arrival.drain)))
            resource = begun.add(request, at=arrival.at)
            if arrival.stop_at is not None:
                stage.clock.at(arrival.at + arrival.stop_at, lambda it=resource: crowd.stop(it))
        for when, action, host in others:
            stage.clock.at(when, lambda action=action, host=host: crowd.outsider(action, host))
        outcomes = begun.outcomes()
    ordered = sorted(plan, key=lambda it: it.at)
    is_good = not troubles and not crowd.is_disturbed and TAKEN not in {it.host for it in plan}
    check_calls(crowd, plan, is_good)
    for arrival, resource, outcome in zip(ordered, begun.resources, outcomes, strict=True):
        check_outcome(stage, arrival, resource, outcome, is_quiet=not crowd.is_disturbed)
    untouched = {f"10.0.0.{host}" for host in start} - {f"10.0.0.{it.host}" for it in plan}
    if not others:
        assert untouched <= {name for name, status in stage.truth().items() if status == "succeeded"}
