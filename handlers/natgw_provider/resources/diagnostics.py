"""The rules' problems as Terraform's diagnostics.

Translation only: the words come from the rule, the severity from who asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from natgw_provider.bridge.diagnostics import Diagnostic, error
from natgw_provider.core.problems import Problem


def errors(problems: Iterable[Problem]) -> list[Diagnostic]:
    """Return each problem as an error at its attribute."""
    return [error(problem.summary, problem.detail, problem.path) for problem in problems]
