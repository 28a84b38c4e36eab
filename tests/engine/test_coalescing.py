"""Requests of single addresses for one gateway: one Assign, one Unassign, one drain, and a true outcome for each."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from engine.stage import ASSIGN, GATEWAY, UNASSIGN, Stage, ip
from natgw_provider.core.address_kinds import ELASTIC_IP, PRIVATE_IP
from natgw_provider.core.diff import Approval, Part, Rules
from natgw_provider.engine.change import ChangeRequest, Outcome
from natgw_provider.engine.engine import GatewayEngine


class Stop(threading.Event):
    """A stop that says when a request first asks for it: from then on the engine knows the request."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = threading.Event()

    def is_set(self) -> bool:
        self.asked.set()
        return super().is_set()


class Resource:
    """A resource of one address, and the thread in which Terraform applies it."""

    def __init__(self, engine: GatewayEngine, request: ChangeRequest) -> None:
        self.request = request
        self.stop = Stop()
        self.outcome: Outcome | None = None
        self._engine = engine
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> Resource:
        self._thread.start()
        assert self.stop.asked.wait(5)
        return self

    def end(self) -> Outcome:
        self._thread.join(20)
        assert self.outcome is not None
        return self.outcome

    def _run(self) -> None:
        self.outcome = self._engine.carry_out(self.request, self.stop, lambda _line: None)


def single(stage: Stage, *, add: str | None = None, remove: str | None = None, **more: Any) -> ChangeRequest:
    """Return what a resource of one address asks for."""
    added, removed = (frozenset({stage.key(address)} if address else ()) for address in (add, remove))
    drain: int = more.get("max_drain_seconds", 60)
    defaults: dict[str, Any] = {
        "nat_gateway_id": GATEWAY,
        "kind": ELASTIC_IP if stage.is_public else PRIVATE_IP,
        "target": Part(add=added, remove=removed),
        "approval": Approval(assign=added, unassign=removed),
        "rules": Rules(quota=8),
        "max_drain_seconds": drain,
        "wait_for_drain": True,
        "timeout_seconds": drain + 600.0,
        "operation": "create" if add else "delete",
        "shares_gateway": True,
    }
    return ChangeRequest(**(defaults | more))


def carry_out(stage: Stage, requests: list[ChangeRequest]) -> list[Outcome]:
    """Carry all of them out at once, in one process."""
    stage.aws.clear_calls()
    hold = Hold(stage)
    engine = stage.new_engine(hold)
    resources = [Resource(engine, request).start() for request in requests]
    hold.open.set()
    return [resource.end() for resource in resources]


class Hold:
    """The stage's clock, which stands still until `open` is set."""

    def __init__(self, stage: Stage) -> None:
        self.open = threading.Event()
        self._clock = stage.clock
        self.now: Callable[[], float] = stage.clock.now
        self.utc = stage.clock.utc

    def wait(self, event: threading.Event, seconds: float) -> bool:
        self.open.wait(10)
        return self._clock.wait(event, seconds)


def test_seven_that_leave_drain_in_one_window(stage: Stage) -> None:
    stage.seed(*range(10, 17))
    outcomes = carry_out(stage, [single(stage, remove=key) for key in ip(*range(10, 17))])
    assert [outcome.failure for outcome in outcomes] == [None] * 7
    assert stage.effective(UNASSIGN) == [ip(*range(10, 17))]
    assert stage.effective(ASSIGN) == []
    assert stage.truth() == {}
