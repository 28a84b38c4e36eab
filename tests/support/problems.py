"""What must hold of every message to a user, whichever rule wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from natgw_provider.core.problems import AttributePath, Problem


def the_problem(problems: Iterable[Problem]) -> Problem:
    """Return the one problem of a check, after a check of its form."""
    (problem,) = problems
    assert_well_formed(problem)
    return problem


def assert_well_formed(problem: Problem) -> None:
    """A summary without values, so that equal problems group; a detail in whole sentences, free of our insides."""
    assert re.fullmatch(r"[A-Z][A-Za-z0-9' _-]+", problem.summary), problem.summary
    assert not re.search(r"\d", problem.summary.replace("IPv4", "")), problem.summary
    assert problem.detail.endswith("."), problem.detail
    assert len(problem.detail) > len(problem.summary)
    assert not re.search(r"None|Traceback|<|>|\(\)|\bE\d|  ", problem.detail), problem.detail
    assert problem.path
    assert re.fullmatch(r"[a-z_]+", str(problem.path[0]))


def assert_says(problem: Problem, *, path: AttributePath, summary: str, words: Iterable[str]) -> None:
    """Path and summary to the letter, and a detail that has these words in this order."""
    assert_well_formed(problem)
    assert problem.path == path
    assert problem.summary == summary
    assert re.search(".*?".join(map(re.escape, words)), problem.detail), problem.detail
