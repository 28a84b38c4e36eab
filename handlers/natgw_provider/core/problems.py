"""A problem as the user reads it, as data: constructs raise it at synthesis, the provider makes it a diagnostic.

Wording belongs to the rule that found the problem; this module must not know any rule.
"""

from __future__ import annotations

from dataclasses import dataclass

AttributePath = tuple[str | int, ...]
"""Where in the declaration: attribute names of the resource, then keys of nested attributes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        path: the attribute where it happened.
        summary: the problem in a few words, without values, so that equal problems group.
        detail: what was asked, what was found, what is allowed, what to do next.
    """

    path: AttributePath
    summary: str
    detail: str


class ProblemError(Exception):
    """Something cannot be done; `problem` says what and why, in the user's words."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.summary, problem.detail)
        self.problem = problem
