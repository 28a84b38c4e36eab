"""What a fuzz target is, and the checks that several of them make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from natgw_provider.bridge.log import Log
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.dispatch import answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Something that takes bytes from outside.

    Attributes:
        name: how `make fuzz` calls it.
        run: takes any bytes; what it raises is a finding.
        seeds: inputs to start from.
        check: the same as `run`, as a Hypothesis test, for targets that have one.
    """

    name: str
    run: Callable[[bytes], object]
    seeds: Callable[[], Sequence[bytes]]
    check: Callable[[], None] | None = None


def of_test(name: str, check: Any) -> Target:
    """Return a Hypothesis test as a target: the bytes decide what it draws."""
    return Target(name=name, run=check.hypothesis.fuzz_one_input, seeds=lambda: (), check=check)


def session_of(provider: Any) -> Session:
    """Return a session that serves `provider` and logs nothing."""
    return Session(lambda: provider, Log("off"))


def answered(session: Session, method: str, request: bytes) -> Any:
    """Return the response to a request, after checking what holds for every response."""
    response = getattr(pb, method).Response.FromString(answer(session, method, request))
    for diagnostic in response.diagnostics:
        assert diagnostic.severity in {pb.Diagnostic.ERROR, pb.Diagnostic.WARNING}
        assert diagnostic.summary
        assert "Traceback" not in diagnostic.summary + diagnostic.detail
    return response


def without_a_bug(response: Any) -> Any:
    """Return a response, after checking that no diagnostic blames natgw."""
    for diagnostic in response.diagnostics:
        assert not diagnostic.summary.startswith("natgw bug"), f"{diagnostic.summary}: {diagnostic.detail}"
    return response


def has_errors(response: Any) -> bool:
    """Whether a response has an error."""
    return any(diagnostic.severity == pb.Diagnostic.ERROR for diagnostic in response.diagnostics)
