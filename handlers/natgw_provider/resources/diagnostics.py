"""The rules' problems and the engine's failures as Terraform's diagnostics.

Translation only: the words come from the rule or the engine, the severity from who asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error, warning
from natgw_provider.core.problems import Problem, ProblemError

UNREADABLE_PRIVATE: Final = "natgw cannot read a resource's private data"


def errors(problems: Iterable[Problem]) -> list[Diagnostic]:
    """Return each problem as an error at its attribute, which it names where that is a nested one.

    Terraform before 1.15 shows no more than the block around it.
    """
    return [error(problem.summary, _named(problem), problem.path) for problem in problems]


def warnings(problems: Iterable[Problem]) -> list[Diagnostic]:
    """Return each problem as a warning at its attribute."""
    return [warning(problem.summary, problem.detail, problem.path) for problem in problems]


def _named(problem: Problem) -> str:
    name = ".".join(map(str, problem.path))
    return problem.detail if len(problem.path) <= 1 or name in problem.detail else f"{name}: {problem.detail}"


def unreadable(summary: str, problem: ValueError, remedy: str) -> DiagnosticsError:
    """Return what ends a handler that finds damaged what natgw stored."""
    return DiagnosticsError([error(summary, f"It is damaged: {problem}. {remedy}")])


@contextmanager
def explained() -> Iterator[None]:
    """End the handler with the engine's own words when it has no answer."""
    try:
        yield
    except ProblemError as failure:
        raise DiagnosticsError(errors([failure.problem])) from failure
