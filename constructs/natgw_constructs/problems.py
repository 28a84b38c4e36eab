"""How a wrong declaration is reported at synthesis: one exception with everything that is wrong with one construct.

The rules and their words stand in `natgw_provider.core`; this module only presents them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from constructs import Construct

from natgw_provider.core.problems import Problem


class DeclarationError(ValueError):
    """A construct was declared wrongly; nothing was synthesised.

    Attributes:
        path: the construct's path in the tree, such as `network/egress-a`.
        problems: everything that is wrong, in the order of the arguments.
    """

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [f"  {_argument(problem)}: {problem.summary}. {problem.detail}" for problem in self.problems]
        super().__init__("\n".join([f"{count} in the declaration of {path}", *lines]))


def construct_path(scope: Construct, construct_id: str) -> str:
    """Return the path that a construct of this id will have in `scope`."""
    return "/".join(part for part in (scope.node.path, construct_id) if part)


def raise_problems(path: str, problems: Sequence[Problem], keywords: Mapping[str, str] | None = None) -> None:
    """Raise a `DeclarationError` for the construct at `path`, unless there are no problems.

    `keywords` translates the resource's attribute names to the construct's keyword arguments.
    """
    if problems:
        raise DeclarationError(path, [keyword_named(problem, keywords or {}) for problem in problems])


def keyword_named(problem: Problem, keywords: Mapping[str, str]) -> Problem:
    """Return the problem with the keyword arguments in place of the resource's attributes, in its text too."""
    first, *rest = problem.path
    path = (keywords.get(str(first), first), *rest)
    return Problem(path, in_keywords(problem.summary, keywords), in_keywords(problem.detail, keywords))


def in_keywords(text: str, keywords: Mapping[str, str]) -> str:
    """Return a message of the core with the keyword arguments in place of the resource's attributes."""
    return re.sub(r"\w+", lambda word: keywords.get(word[0], word[0]), text)


def _argument(problem: Problem) -> str:
    return ".".join(str(part) for part in problem.path)
