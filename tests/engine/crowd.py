"""Resources of one address each that Terraform applies at once: their threads, and a clock for all of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from time import sleep
from typing import Any

from engine.stage import GATEWAY, Ended, Stage
from natgw_provider.core.address_kinds import ELASTIC_IP, PRIVATE_IP
from natgw_provider.core.diff import Approval, Part, Rules
from natgw_provider.core.settings import ChangeSettings
from natgw_provider.engine.change import ChangeRequest, Outcome, Report
from natgw_provider.engine.engine import GatewayEngine

THREADS = ThreadPoolExecutor(max_workers=64)
"""More than any test has resources at a time."""


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

    def __init__(self, stage: Stage, engine: GatewayEngine, request: ChangeRequest, report: Report) -> None:
        self.request = request
        self.stop = Stop()
        self._stage = stage
        self._carry_out = partial(engine.carry_out, request, self.stop, report)
        self._outcome: Future[Outcome] | None = None

    @property
    def has_ended(self) -> bool:
        return self._outcome is not None and self._outcome.done()

    @property
    def is_running(self) -> bool:
        return self._outcome is not None and not self._outcome.done()

    def start(self) -> None:
        """Start it; return once the engine knows its request, or has refused it."""
        self._outcome = THREADS.submit(self._carry_out)
        while not self.stop.asked.wait(0.01) and not self.has_ended:
            pass

    def raw(self) -> Outcome:
        """Return the outcome under the gateway's own keys."""
        assert self._outcome is not None
        return self._outcome.result(20)

    def end(self) -> Ended:
        return self._stage.plain_outcome(self.raw())


class Run:
    """One apply of Terraform: resources of one address each, started at times of their own."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.resources: list[Resource] = []
        self.began = stage.clock.now()
        self._open = threading.Event()
        self.engine = stage.new_engine(self)
        stage.aws.clear_calls()

    def add(self, request: ChangeRequest, *, at: float = 0.0, report: Report | None = None) -> Resource:
        """Have a resource start `at` seconds from now."""
        resource = Resource(self.stage, self.engine, request, report or (lambda _line: None))
        self.resources.append(resource)
        if at:
            self.stage.clock.at(at, resource.start)
        else:
            resource.start()
        return resource

    def open(self) -> None:
        """Let time pass."""
        self._open.set()

    def outcomes(self) -> list[Ended]:
        """Let time pass, and return the outcomes in the order in which the resources were added."""
        self.open()
        while not all(resource.has_ended for resource in self.resources):
            if any(resource.is_running for resource in self.resources):
                sleep(0.002)
            else:
                self.stage.clock.skip()
        return [resource.end() for resource in self.resources]

    def failures(self) -> list[str]:
        """Return the summaries of the failures, "" for a success."""
        return [outcome.summary for outcome in self.outcomes()]

    # The engine's clock: it stands still until all resources of the beginning have started.

    def now(self) -> float:
        return self.stage.clock.now()

    def utc(self) -> Any:
        return self.stage.clock.utc()

    def wait(self, event: threading.Event, seconds: float) -> bool:
        assert self._open.wait(10)
        return self.stage.clock.wait(event, seconds)


def single(stage: Stage, *, add: str | None = None, remove: str | None = None, **more: Any) -> ChangeRequest:
    """Return what a resource of one address asks for."""
    added, removed = (frozenset({stage.key(address)} if address else ()) for address in (add, remove))
    drain: int = more.pop("max_drain_seconds", 60)
    defaults: dict[str, Any] = {
        "nat_gateway_id": GATEWAY,
        "kind": ELASTIC_IP if stage.is_public else PRIVATE_IP,
        "target": Part(add=added, remove=removed),
        "approval": Approval(assign=added, unassign=removed),
        "rules": Rules(quota=8),
        "settings": ChangeSettings(max_drain_duration_seconds=drain, wait_for_drain=more.pop("wait_for_drain", True)),
        "timeout_seconds": drain + 600.0,
        "operation": "create" if add else "delete",
        "shares_gateway": True,
    }
    return ChangeRequest(**(defaults | more))


def run(stage: Stage, *, add: Sequence[str] = (), remove: Sequence[str] = (), **more: Any) -> Run:
    """Start resources that add and remove these, all at once."""
    started = Run(stage)
    for address in add:
        started.add(single(stage, add=address, **more))
    for address in remove:
        started.add(single(stage, remove=address, **more))
    return started
