"""The one comment of a pull request and target: finding it, and never letting an older run write over a newer one.

A comment is known by the marker on its first line, as `natgw review` writes it, and by its author; who else copies a
marker is passed over. The second line says which run wrote it, and which of its jobs and steps: two of one run that
review the same target would hide each other's result, so the second is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from github_api import GitHub

_MARKER = re.compile(r"<!-- natgw-review: (\{.*\}) -->")
_RUN = re.compile(r"<!-- natgw-review-run: (\d+)\.(\d+)(?: by (\w+)\.(\w+))? -->")


class SameTargetError(Exception):
    """Another job or step of this run has reviewed the same target."""


@dataclass(frozen=True, order=True)
class Run:
    """The run that writes a comment.

    Attributes:
        run_id: grows from run to run of a repository.
        attempt: of the run.
        step: identifies the job and step in a run; the same in every attempt.
        process: identifies the process where `step` does not, as in a reusable workflow that is called twice.
    """

    run_id: int
    attempt: int
    step: str = ""
    process: str = ""

    def is_beside(self, other: Run) -> bool:
        """Whether the other one is another job or step of the same run."""
        is_same_step = self.step == other.step and (self.attempt != other.attempt or self.process == other.process)
        return self.run_id == other.run_id and not is_same_step


@dataclass(frozen=True)
class Comment:
    """A comment of ours."""

    comment_id: int
    url: str
    run: Run
    target: str
    digest: str


@dataclass(frozen=True)
class Posting:
    """What was done: `url` of the comment, empty without one, and `what` in a few words."""

    url: str
    what: str


def parse_comment(plain: dict[str, Any], author: str) -> Comment | None:
    """Return a comment if it is one of ours, written by `author`."""
    first, _, rest = (plain.get("body") or "").partition("\n")
    marker, run = _MARKER.fullmatch(first.strip()), _RUN.match(rest.strip())
    if marker is None or (plain.get("user") or {}).get("login") != author:
        return None
    try:
        parsed = json.loads(marker.group(1))
        target, digest = str(parsed["target"]), str(parsed["digest"])
    except (ValueError, KeyError):
        return None
    wrote = Run(int(run[1]), int(run[2]), run[3] or "", run[4] or "") if run else Run(0, 0)
    return Comment(plain["id"], plain.get("html_url", ""), wrote, target, digest)


def with_run(markdown: str, run: Run) -> str:
    """Return a rendered review with the run that made it on its second line."""
    first, _, rest = markdown.partition("\n")
    return f"{first}\n<!-- natgw-review-run: {run.run_id}.{run.attempt} by {run.step}.{run.process} -->\n{rest}"


def target_of(markdown: str) -> str:
    """Return the target that a rendered review names in its marker. Raises ValueError when it has no marker."""
    marker = _MARKER.fullmatch(markdown.partition("\n")[0])
    if marker is None:
        raise ValueError("the first line is no marker of natgw review")
    return str(json.loads(marker.group(1))["target"])


def newest(github: GitHub, number: int, *, author: str, target: str) -> Comment | None:
    """Return our comment on a pull request for a target; of several the newest run's."""
    ours = (one for one in comments(github, number, author=author) if one.target == target)
    return max(ours, key=lambda one: (one.run, one.comment_id), default=None)


def comments(github: GitHub, number: int, *, author: str) -> list[Comment]:
    """Return our comments on a pull request, for all targets."""
    parsed = (parse_comment(plain, author) for plain in github.comments(number))
    return [comment for comment in parsed if comment is not None]


def post(github: GitHub, number: int, markdown: str, *, run: Run, author: str, only_replace: bool) -> Posting:
    """Create or update the comment, unless a newer run wrote it already.

    With `only_replace` nothing is created. Raises SameTargetError when another step of this run wrote it, and what
    `GitHub` does; it can be called again after any of that.
    """
    target = target_of(markdown)
    body = with_run(markdown, run)
    standing = newest(github, number, author=author, target=target)
    if standing is not None and standing.run.is_beside(run):
        raise SameTargetError(standing.url)
    if standing is not None and standing.run > run:
        return Posting(standing.url, f"left alone, run {standing.run.run_id} is newer")
    if standing is not None:
        return Posting(github.update_comment(standing.comment_id, body).get("html_url", ""), "updated")
    if only_replace:
        return Posting("", "not needed, no gateway changes")
    created = github.create_comment(number, body)
    ours = [one for one in comments(github, number, author=author) if one.target == target]
    if beside := [one for one in ours if one.run.is_beside(run)]:
        raise SameTargetError(beside[0].url)
    kept = _remove_doubles(ours, github)
    return Posting(kept.url if kept else created.get("html_url", ""), "created")


def _remove_doubles(ours: Iterable[Comment], github: GitHub) -> Comment | None:
    """Two runs that both found nothing have both created one: the newest run's stays."""
    ordered = sorted(ours, key=lambda one: (one.run, one.comment_id))
    for double in ordered[:-1]:
        github.delete_comment(double.comment_id)
    return ordered[-1] if ordered else None
