"""How a wrong declaration is reported, and who declares what in an app.

One exception carries everything that is wrong with one construct. The rules and their words stand in
`natgw_provider.core`; this module presents them.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from constructs import Construct

from natgw_provider.core.address_kinds import AddressKind
from natgw_provider.core.problems import AttributePath, Problem


class DeclarationError(ValueError):
    """A construct was declared wrongly. Neither it nor anything that belongs to it is in the tree.

    Attributes:
        path: the construct's path in the tree, such as `network/egress-a`.
        problems: everything that is wrong, in the order of the arguments.
    """

    def __init__(self, path: str, problems: Sequence[Problem]) -> None:
        self.path = path
        self.problems = tuple(problems)
        count = "1 problem" if len(self.problems) == 1 else f"{len(self.problems)} problems"
        lines = [f"  {'.'.join(map(str, it.path))}: {it.summary}. {it.detail}" for it in self.problems]
        super().__init__("\n".join([f"{count} in the declaration of {path}", *lines]))


def construct_path(scope: Construct, construct_id: str) -> str:
    """Return the path that a construct of this id will have in `scope`."""
    return "/".join(part for part in (scope.node.path, in_path(construct_id)) if part)


def in_path(construct_id: str) -> str:
    """Return an id as the library `constructs` keeps it: what separates ids in a path is replaced.

    What is not text is left to the library, which refuses it.
    """
    return re.sub(r"[/\n]", "--", str(construct_id))


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


def wrong_type(path: AttributePath, value: object, allowed: str) -> Problem:
    """Return the problem that `value` is not what is `allowed`; a long value is cut."""
    return Problem(path, "Wrong type", f"{reprlib.repr(value)} is of type {type(value).__name__}. {allowed}")


def unknown_arguments(given: Iterable[str], known: Collection[str], path: AttributePath = ()) -> Iterator[Problem]:
    """Yield the problem of each name that is not one of the arguments."""
    for name in given:
        if name not in known:
            detail = f'"{name}" is not one of {", ".join(known)}. Correct or remove it.'
            yield Problem((*path, name), "Unknown argument", detail)


@contextmanager
def removed_on_failure(scope: Construct, *construct_ids: str) -> Iterator[None]:
    """Take the children of these ids out of the tree when the block fails, except those that were there before."""
    new = [in_path(name) for name in construct_ids if scope.node.try_find_child(name) is None]
    try:
        yield
    except BaseException:
        for name in new:
            scope.node.try_remove_child(name)
        raise


@dataclass(frozen=True, slots=True)
class Claim:
    """What one construct owns of a gateway, or the name that it has taken.

    Attributes:
        path: the construct's path in the tree.
        kind: the kind of the addresses; None for a name.
        key: the one address that it owns; None is all of the gateway, or the name.
    """

    path: str
    kind: AddressKind | None = None
    key: str | None = None

    def excludes(self, other: Claim) -> bool:
        """Whether the two claims contradict each other."""
        is_part = self.key is not None and other.key is not None
        return self.path != other.path and (self.kind != other.kind or not is_part or self.key == other.key)


class Claims:
    """Which construct owns what may be used once: the addresses of a gateway in an app, an output's name in a stack."""

    def __init__(self, within: Construct) -> None:
        self._within = within
        self._claims: dict[str, tuple[str, Claim]] = {}

    @classmethod
    def within(cls, app_or_stack: Any) -> Claims:
        """Return the claims in an app or a stack."""
        # The Python object of an app cannot be the key: jsii makes a new one when the old is no longer referenced.
        return _CLAIMS.setdefault(app_or_stack.__jsii_ref__.ref, cls(app_or_stack))

    def against(self, name: str, claim: Claim) -> Claim | None:
        """Return a claim on `name` that excludes this one, or None. Constructs that left the tree claim nothing."""
        others = (other for claimed, other in self._claims.values() if claimed == name)
        return next((it for it in others if it.excludes(claim) and self._is_in_tree(it.path)), None)

    def add(self, name: str, claim: Claim) -> None:
        """Note a claim on `name`, in place of an earlier one of the same construct."""
        self._claims[claim.path] = (name, claim)

    def _is_in_tree(self, path: str) -> bool:
        construct: Any = self._within.node.root
        for construct_id in path.split("/"):
            construct = construct.node.try_find_child(construct_id)
            if construct is None:
                return False
        return True


_CLAIMS: Final[dict[str, Claims]] = {}
"""The claims in each app and stack, by its reference in jsii."""
