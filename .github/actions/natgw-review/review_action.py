"""What the action runs: review, job summary, comment, outputs, gate; or the check before an apply.

Only the standard library and the `natgw` command. Whatever goes wrong with the comment is a warning: the job summary
has the review, and the gate stands on the review alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

import comment
from github_api import GitHub, RefusedError, UnavailableError

_ATTEMPTS: Final = 4
_LIMITS: Final = ("MAX_WINDOW_SECONDS", "MIN_IN_SERVICE", "MAX_DRAINED_PERCENT")
_PLAN_ERROR: Final = "plan-error"
_FAIL_ON: Final = ("drain", "blocked", "never")


class ActionError(Exception):
    """The action cannot do its work; the text says why and what to do."""


def main(environment: Mapping[str, str]) -> int:
    """Run the action; return the step's exit code."""
    try:
        if environment.get("NATGW_MODE") == "verify":
            return verify(environment)
        return review(environment)
    except ActionError as problem:
        print(f"::error title=natgw review::{_one_line(str(problem))}")
        return 1


def review(environment: Mapping[str, str]) -> int:
    """Review, write comment and summary, and return the gate's code: 0, or 2 and 3 as `natgw review` has them."""
    fail_on = environment.get("NATGW_FAIL_ON") or "blocked"
    if fail_on not in _FAIL_ON:
        raise ActionError(f"fail-on is {fail_on!r}; allowed are {', '.join(_FAIL_ON)}.")
    missing = _missing_plans(environment)
    options = _review_options(environment, missing)
    found = json.loads(_natgw(environment, "--format", "json", *options))
    _check_missing(missing, found)
    markdown = _natgw(environment, "--format", "markdown", *options)
    _append(environment.get("GITHUB_STEP_SUMMARY"), markdown + "\n")
    url = _comment(environment, markdown, only_replace=not found["gateways"] and found["verdict"] == "no-drain")
    outputs = {
        "verdict": found["verdict"],
        "digest": found["digest"],
        "drained": found["totals"]["drained"] if found["plans"] else "",
        "comment-url": url,
    }
    _append(environment.get("GITHUB_OUTPUT"), "".join(f"{name}={value}\n" for name, value in outputs.items()))
    print(f"natgw review: {found['verdict']}, {found['digest']}")
    return _gate(found["verdict"], fail_on)


def verify(environment: Mapping[str, str]) -> int:
    """Return 0 if the plans are those that the merged pull request's comment shows, else what natgw returns."""
    commit = environment.get("GITHUB_SHA", "")
    target, author = environment.get("NATGW_TARGET", ""), environment.get("NATGW_COMMENT_AUTHOR", "")
    try:
        reviewed = _reviewed_digest(_github(environment), commit, author, target)
    except (RefusedError, UnavailableError) as problem:
        raise ActionError(f"the reviewed digest cannot be read ({problem}); nothing may be applied.") from None
    if not reviewed:
        which = f" for target {target!r}" if target else ""
        raise ActionError(f"no merged pull request with a review{which} brought commit {commit}.")
    return _run(environment, "--verify", reviewed, *_plan_words(environment)).returncode


def _reviewed_digest(github: GitHub, commit: str, author: str, target: str) -> str:
    for number in github.merged_pull_requests(commit):
        chosen = target or _only_target(github, number, author)
        found = comment.newest(github, number, author=author, target=chosen)
        if found is not None:
            return found.digest
    return ""


def _only_target(github: GitHub, number: int, author: str) -> str:
    """The target that a pull request was reviewed for, where the workflow does not name one."""
    targets = sorted({one.target for one in comment.comments(github, number, author=author)})
    if len(targets) > 1:
        named = ", ".join(repr(target) for target in targets)
        raise ActionError(f"pull request {number} was reviewed for {named}: name the one to verify as input target.")
    return "".join(targets)


def _comment(environment: Mapping[str, str], markdown: str, *, only_replace: bool) -> str:
    """Create or update the comment and return its address, or say why not."""
    number = _pull_request(environment)
    if environment.get("NATGW_COMMENT") == "false" or number is None:
        return ""
    run = _this_run(environment)
    author = environment.get("NATGW_COMMENT_AUTHOR", "")
    for attempt in range(_ATTEMPTS):
        try:
            posting = comment.post(
                _github(environment), number, markdown, run=run, author=author, only_replace=only_replace
            )
        except comment.SameTargetError as problem:
            raise ActionError(
                f"another job or step of this run has reviewed the same target, see {problem}. It would hide one "
                "result behind the other: give each an input target of its own. The job summary has this review."
            ) from None
        except RefusedError as problem:
            _warn(f"no comment, the token may not write one ({problem}). The job summary has the review.")
            return ""
        except UnavailableError as problem:
            if attempt == _ATTEMPTS - 1:
                _warn(f"no comment, GitHub does not answer ({problem}). The job summary has the review.")
                return ""
            time.sleep(float(environment.get("NATGW_RETRY_SECONDS") or 2) * 2**attempt)
        else:
            print(f"natgw review: comment {posting.what}. {posting.url}")
            return posting.url
    return ""


def _this_run(environment: Mapping[str, str]) -> comment.Run:
    step = "/".join((_job(environment), environment.get("GITHUB_ACTION", "")))
    return comment.Run(
        run_id=int(environment.get("GITHUB_RUN_ID") or 0),
        attempt=int(environment.get("GITHUB_RUN_ATTEMPT") or 1),
        step=hashlib.sha256(step.encode()).hexdigest()[:12],
        process=secrets.token_hex(4),
    )


def _job(environment: Mapping[str, str]) -> str:
    """The name of a job as GitHub's list of checks shows it: workflow, job and matrix."""
    matrix = json.loads(environment.get("NATGW_MATRIX") or "null") or {}
    values = ", ".join(value if isinstance(value, str) else json.dumps(value) for value in matrix.values())
    job = " / ".join(name for name in (environment.get("GITHUB_WORKFLOW"), environment.get("GITHUB_JOB")) if name)
    return f"{job} ({values})" if values else job


def _pull_request(environment: Mapping[str, str]) -> int | None:
    number = _pull_request_event(environment).get("number")
    return number if isinstance(number, int) else None


def _pull_request_event(environment: Mapping[str, str]) -> dict[str, Any]:
    """What the event says of its pull request; nothing where it is about none, also when it says null."""
    path = environment.get("GITHUB_EVENT_PATH")
    event = json.loads(Path(path).read_text(encoding="utf-8")) if path else None
    found = event.get("pull_request") if isinstance(event, dict) else None
    return found if isinstance(found, dict) else {}


def _github(environment: Mapping[str, str]) -> GitHub:
    return GitHub(
        url=environment.get("GITHUB_API_URL", "https://api.github.com"),
        repository=environment.get("GITHUB_REPOSITORY", ""),
        token=environment.get("NATGW_TOKEN", ""),
    )


def _review_options(environment: Mapping[str, str], missing: Sequence[str]) -> list[str]:
    head = (_pull_request_event(environment).get("head") or {}).get("sha") or environment.get("GITHUB_SHA", "")
    options = [f"--target={environment.get('NATGW_TARGET') or _job(environment)}", f"--head={head}"]
    if server := environment.get("GITHUB_SERVER_URL"):
        run = f"{environment.get('GITHUB_REPOSITORY')}/actions/runs/{environment.get('GITHUB_RUN_ID')}"
        options.append(f"--run-url={server}/{run}")
    given = [(name, environment.get(f"NATGW_{name}")) for name in _LIMITS]
    options += [f"--{name.lower().replace('_', '-')}={value}" for name, value in given if value]
    options += [f"--events={file}" for file in _lines(environment, "NATGW_EVENTS")]
    return [*options, *_plan_words(environment, missing)]


def _plan_words(environment: Mapping[str, str], missing: Sequence[str] = ()) -> list[str]:
    words = [word for word in _lines(environment, "NATGW_PLANS") if word not in missing]
    return ["--", *words] if words else []


def _missing_plans(environment: Mapping[str, str]) -> list[str]:
    """The plans without a file, which a review leaves out if events may say why; none without events."""
    if not _lines(environment, "NATGW_EVENTS"):
        return []
    return [word for word in _lines(environment, "NATGW_PLANS") if not Path(word.rpartition("=")[2]).is_file()]


def _check_missing(missing: Sequence[str], found: Mapping[str, Any]) -> None:
    """Raise ActionError unless an error says why plans are missing: a killed Terraform leaves neither."""
    if missing and all(finding["id"] != _PLAN_ERROR for finding in found["findings"]):
        raise ActionError(f"{', '.join(missing)} is missing, and the events do not say why: they have no error.")


def _natgw(environment: Mapping[str, str], *options: str) -> str:
    done = _run(environment, *options)
    if done.returncode:
        raise ActionError(done.stderr or f"natgw review returned {done.returncode}")
    return done.stdout


def _run(environment: Mapping[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    command = shlex.split(environment.get("NATGW_COMMAND") or "natgw")
    without_token = {name: value for name, value in environment.items() if name != "NATGW_TOKEN"}
    try:
        done = subprocess.run(  # noqa: S603 - the command is the workflow's own setting
            [*command, "review", *options],
            env=without_token,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
    except OSError as problem:
        raise ActionError(f"{command[0]} cannot be started ({problem}): install natgw in an earlier step.") from None
    if done.returncode and done.stderr:
        print(_one_line(done.stderr), file=sys.stderr)
    return done


def _gate(verdict: str, fail_on: str) -> int:
    if verdict == "blocked" and fail_on != "never":
        return 3
    return 2 if verdict == "drains" and fail_on == "drain" else 0


def _append(path: str | None, text: str) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(text)


def _lines(environment: Mapping[str, str], name: str) -> list[str]:
    return [line.strip() for line in environment.get(name, "").splitlines() if line.strip()]


def _warn(text: str) -> None:
    print(f"::warning title=natgw review::{_one_line(text)}")


def _one_line(text: str) -> str:
    """A line that the runner cannot take for a command of its own."""
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main(os.environ))
