"""The GitHub action's script against a stand-in for GitHub's API."""

from __future__ import annotations

import contextlib
import io
import itertools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from natgw_provider.cli.main import run
from natgw_provider.review.markdown import render_markdown
from review.github_stand_in import BOT, Forge, serving
from review.plans_and_reviews import HERE, PLANS, review_of

ACTION = HERE.parents[1] / ".github" / "actions" / "natgw-review"
EVENT_LINES = (PLANS / "errored.events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
NONE, TWICE = str(PLANS / "none.json"), str(PLANS / "managed-twice.json")
NATGW_HERE = f"{sys.executable} -c 'from natgw_provider.cli.main import run; raise SystemExit(run())'"


@dataclass(frozen=True)
class Job:
    """A job of run 50 on pull request 7, and what comes of it."""

    action: ModuleType
    forge: Forge
    folder: Path
    environment: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    def run(self, **changes: str) -> int:
        """Run the script with some variables changed; return the step's exit code."""
        return int(self.action.main({**self.environment, **changes}))

    def verify(self, **changes: str) -> int:
        """Run the script as before an apply."""
        return self.run(NATGW_MODE="verify", **changes)

    @property
    def comment(self) -> str:
        """The only comment on the pull request."""
        (body,) = self.forge.bodies()
        return body

    @property
    def summary(self) -> str:
        return (self.folder / "summary.md").read_text(encoding="utf-8")

    @property
    def said(self) -> str:
        """What was written since this was last asked."""
        return self.capsys.readouterr().out

    def event(self, event: object) -> None:
        (self.folder / "event.json").write_text(json.dumps(event), encoding="utf-8")

    def events(self, *, has_error: bool) -> str:
        """Return the name of a file with the events of a Terraform that failed, or that was killed at its start."""
        path = self.folder / "events.jsonl"
        path.write_text("".join(EVENT_LINES if has_error else EVENT_LINES[:1]), encoding="utf-8")
        return str(path)


@pytest.fixture(scope="module")
def script() -> Iterator[ModuleType]:
    sys.path.insert(0, str(ACTION))
    import review_action  # type: ignore[import-not-found]  # noqa: PLC0415 - found by the path above only

    yield review_action
    sys.path.remove(str(ACTION))


@pytest.fixture
def forge() -> Iterator[Forge]:
    forge = Forge()
    with serving(forge):
        yield forge


@pytest.fixture
def real_job(script: ModuleType, forge: Forge, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Job:
    """A job that starts natgw as a process."""
    environment = {
        "GITHUB_API_URL": forge.url,
        "GITHUB_REPOSITORY": "o/r",
        "GITHUB_EVENT_PATH": str(tmp_path / "event.json"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "GITHUB_RUN_ID": "50",
        "GITHUB_RUN_ATTEMPT": "1",
        "GITHUB_SHA": "merged",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_WORKFLOW": "network",
        "GITHUB_JOB": "review",
        "GITHUB_ACTION": "__o_r",
        "NATGW_TARGET": "prod",
        "NATGW_MATRIX": "null",
        "NATGW_MODE": "review",
        "NATGW_PLANS": str(PLANS / "swap.json"),
        "NATGW_COMMENT": "true",
        "NATGW_COMMENT_AUTHOR": BOT,
        "NATGW_TOKEN": "secret-token",
        "NATGW_RETRY_SECONDS": "0",
        "NATGW_COMMAND": NATGW_HERE,
    }
    job = Job(script, forge, tmp_path, environment, capsys)
    job.event({"pull_request": {"number": 7, "head": {"sha": "headsha"}}})
    return job


@pytest.fixture
def job(real_job: Job, monkeypatch: pytest.MonkeyPatch) -> Job:
    """A job that runs natgw in this process, which saves half a second each time."""

    def run_here(_environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = run(["review", *options])
        return subprocess.CompletedProcess(options, code, out.getvalue(), err.getvalue())

    monkeypatch.setattr(real_job.action, "_run", run_here)
    return real_job


def written_by(run: int, name: str = "none") -> str:
    """Return a comment for the target prod as another run wrote it."""
    first, _, rest = render_markdown(replace(review_of(name), target="prod")).partition("\n")
    return f"{first}\n<!-- natgw-review-run: {run}.1 -->\n{rest}"


def after_the_first_list(add: Callable[[], object]) -> Callable[[], None]:
    """Return a hook that writes a comment of another run just after the job has listed the comments and found none."""
    lists = itertools.count(1)

    def on_list() -> None:
        if next(lists) == 2:
            add()

    return on_list


def test_a_first_run_creates_the_comment_the_summary_and_the_outputs(real_job: Job) -> None:
    assert real_job.run() == 0
    assert real_job.comment.splitlines()[1].startswith("<!-- natgw-review-run: 50.1 by ")
    for words in (
        "## natgw `prod`: 1 gateway drains 3 addresses",
        "[run](https://github.example/o/r/actions/runs/50)",
        "headsha",
    ):
        assert words in real_job.comment
    assert "1 gateway drains 3 addresses" in real_job.summary
    outputs = (real_job.folder / "output").read_text(encoding="utf-8").splitlines()
    assert dict(line.split("=", 1) for line in outputs) == {
        "verdict": "drains",
        "digest": review_of("swap").digest,
        "drained": "3",
        "comment-url": real_job.forge.comments[0]["html_url"],
    }


def test_a_later_run_updates_its_own_comment_and_no_other_on_whatever_page(job: Job) -> None:
    for number in range(150):
        job.forge.add(f"remark {number}", login="octocat")
    forged = job.forge.add(written_by(999_999), login="mallory")["body"]
    job.forge.add(written_by(49))
    assert job.run() == 0
    *remarks, copied, ours = job.forge.bodies()
    assert len(remarks) == 150
    assert copied == forged
    assert "natgw-review-run: 50.1" in ours
    assert job.run(GITHUB_RUN_ATTEMPT="2") == 0
    assert "natgw-review-run: 50.2" in job.forge.bodies()[-1], "a second attempt is newer than the first"


def test_an_older_run_leaves_a_newer_ones_comment_alone(job: Job) -> None:
    newer = job.forge.add(written_by(51))["body"]
    assert job.run() == 0
    assert job.comment == newer
    assert "run 51 is newer" in job.said


def test_of_two_runs_that_both_create_only_the_newer_ones_comment_stays(job: Job) -> None:
    job.forge.on_list = after_the_first_list(lambda: job.forge.add(written_by(51)))
    assert job.run() == 0
    assert "natgw-review-run: 51.1" in job.comment


def test_a_comment_is_brought_up_to_date_but_not_made_where_nothing_concerns_a_gateway(job: Job) -> None:
    assert job.run(NATGW_PLANS=NONE) == 0
    assert job.forge.bodies() == []
    job.forge.add(written_by(49, "swap"))
    assert job.run(NATGW_PLANS=NONE) == 0
    assert "nothing drains" in job.comment


def test_each_target_has_its_own_comment(job: Job) -> None:
    for run_id, target in (("50", "prod -- <eu>"), ("50", "test"), ("51", "prod -- <eu>")):
        assert job.run(GITHUB_RUN_ID=run_id, NATGW_TARGET=target) == 0
    assert len(job.forge.bodies()) == 2


JOBS: tuple[dict[str, str], ...] = (
    {"GITHUB_JOB": "test"},
    {"GITHUB_WORKFLOW": "other"},
    {"NATGW_MATRIX": '{"stack": "eu", "zones": ["a", "b"]}'},
    {"NATGW_MATRIX": '{"stack": "us", "zones": ["a", "b"]}'},
)
"""How jobs differ from the usual one, and from each other."""


def test_without_a_target_each_job_has_a_comment_of_its_own(job: Job) -> None:
    for one in ({}, *JOBS):
        assert job.run(NATGW_TARGET="", **one) == 0
    bodies = job.forge.bodies()
    assert len(bodies) == 1 + len(JOBS)
    assert "natgw `network / review`:" in bodies[0]
    assert 'natgw `network / review (eu, ["a", "b"])`:' in bodies[3]


@pytest.mark.parametrize(
    "second",
    [
        *(step | {"GITHUB_RUN_ATTEMPT": attempt} for step in (*JOBS, {"GITHUB_ACTION": "__o_r_2"}) for attempt in "12"),
        {},  # a reusable workflow that is called twice: nothing in the environment tells its jobs apart
    ],
)
def test_a_second_job_or_step_of_a_run_does_not_replace_the_review_of_the_first(
    job: Job, second: dict[str, str]
) -> None:
    assert job.run(NATGW_PLANS=TWICE) == 3
    before = job.comment
    assert job.run(NATGW_PLANS=NONE, **second) == 1
    assert job.comment == before
    assert "has reviewed the same target" in job.said
    assert "nothing drains" in job.summary


def test_of_two_jobs_of_a_run_that_both_create_no_comment_is_lost(job: Job) -> None:
    other = written_by(50).replace("50.1", "50.1 by 0a1b.2c3d")
    job.forge.on_list = after_the_first_list(lambda: job.forge.add(other))
    assert job.run() == 1
    assert len(job.forge.bodies()) == 2


@pytest.mark.parametrize("event", [{"pull_request": None}, {"pull_request": {"number": 7, "head": None}}, [], None, {}])
def test_an_event_is_read_whatever_its_shape_and_without_a_pull_request_there_is_the_summary_alone(
    job: Job, event: object
) -> None:
    job.event(event)
    assert job.run() == 0
    assert "merged" in job.summary
    assert bool(job.forge.calls) is (event == {"pull_request": {"number": 7, "head": None}})


@pytest.mark.parametrize("code", [401, 403, 404])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_permission_the_summary_has_to_do(job: Job, code: int, method: str) -> None:
    job.forge.faults = {method: [code]}
    assert job.run() == 0
    assert job.forge.bodies() == []
    assert "1 gateway drains" in job.summary
    assert "::warning title=natgw review::no comment, the token may not" in job.said


@pytest.mark.parametrize("faults", [{"GET": [502, 503], "POST": [500]}, {"POST": [-502]}])
def test_an_outage_is_waited_out_and_no_comment_is_made_twice_when_an_answer_is_lost(
    job: Job, faults: dict[str, list[int]]
) -> None:
    job.forge.faults = faults
    assert job.run() == 0
    assert "natgw-review-run: 50.1" in job.comment
    job.forge.faults = {"GET": [503] * 9}
    assert job.run(NATGW_PLANS=TWICE, GITHUB_RUN_ID="51") == 3, "the gate stands also when an outage stays"
    assert "GitHub does not answer" in job.said


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"NATGW_FAIL_ON": "drain"}, 2),
        ({"NATGW_PLANS": TWICE, "NATGW_FAIL_ON": "never"}, 0),
        ({"NATGW_MAX_WINDOW_SECONDS": "10"}, 3),
    ],
)
def test_the_gate_closes_after_the_comment_is_made(job: Job, changes: dict[str, str], code: int) -> None:
    assert job.run(**changes) == code
    assert job.comment


@pytest.mark.parametrize("beside", ["", f"{NONE}\n"])
def test_a_plan_that_failed_is_reviewed_by_its_events_and_blocks_the_others_too(job: Job, beside: str) -> None:
    plans = {"NATGW_PLANS": f"{beside}missing/plan.json", "NATGW_EVENTS": job.events(has_error=True)}
    assert job.run(**plans) == 3
    assert "blocked. Too few addresses would stay in service" in job.comment
    drained = "drained=0\n" if beside else "drained=\n"
    assert drained in (job.folder / "output").read_text(encoding="utf-8"), "not known without a plan"
    assert job.verify(**plans) == 1, "before an apply no plan may be missing, whatever the events say"


@pytest.mark.parametrize("gate", ["drain", "blocked", "never"])
@pytest.mark.parametrize(("beside", "missing"), [("", "the plan"), (f"{NONE}\n", "missing/plan.json")])
def test_a_plan_that_is_missing_without_an_error_in_the_events_fails_the_job(
    job: Job, beside: str, missing: str, gate: str
) -> None:
    events = job.events(has_error=False)
    assert job.run(NATGW_PLANS=f"{beside}missing/plan.json", NATGW_EVENTS=events, NATGW_FAIL_ON=gate) == 1
    said = job.said
    assert "::error title=natgw review::" in said
    assert f"{missing} is missing, and the events do not say why" in said
    assert job.forge.bodies() == []
    assert not (job.folder / "summary.md").exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"NATGW_PLANS": "missing.json"}, "cannot read missing.json"),
        ({"NATGW_COMMAND": "no-such-natgw"}, "install natgw"),
        ({"NATGW_FAIL_ON": "sometimes"}, "allowed are drain, blocked, never"),
    ],
)
def test_what_cannot_be_reviewed_fails_the_job_with_an_annotation(
    real_job: Job, changes: dict[str, str], says: str
) -> None:
    assert real_job.run(**changes) == 1
    said = real_job.said
    assert said.startswith("::error title=natgw review::")
    assert says in said
    assert real_job.forge.calls == []


def test_natgw_does_not_get_the_token(real_job: Job) -> None:
    check = "import os, sys; sys.exit('NATGW_TOKEN' in os.environ and 'the token is there')"
    done = real_job.action._run({**real_job.environment, "NATGW_COMMAND": f'{sys.executable} -c "{check}"'})
    assert done.returncode == 0, done.stderr


def test_after_the_merge_a_target_may_be_left_out_unless_there_are_several(job: Job) -> None:
    assert job.run(NATGW_TARGET="") == 0
    assert job.verify(GITHUB_JOB="apply", NATGW_TARGET="") == 0
    assert job.run() == 0
    assert job.verify(GITHUB_JOB="apply", NATGW_TARGET="") == 1
    assert "'network / review', 'prod': name the one to verify" in job.said


def test_after_the_merge_the_reviewed_plan_verifies_and_another_does_not(real_job: Job) -> None:
    assert real_job.run() == 0
    assert real_job.verify() == 0
    assert real_job.verify(NATGW_PLANS=str(PLANS / "kinds.json")) == 3


@pytest.mark.parametrize("faults", [{"GET": [403]}, {"GET": [500]}, {}])
def test_where_no_reviewed_digest_is_found_nothing_may_be_applied(job: Job, faults: dict[str, list[int]]) -> None:
    job.forge.faults = faults
    assert job.verify() == 1
    assert job.verify(GITHUB_SHA="unknown") == 1


def test_every_input_of_the_action_reaches_the_script_and_every_output_is_written() -> None:
    described = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    (step,) = described["runs"]["steps"]
    passed = " ".join(step["env"].values()) + step["working-directory"]
    assert all(f"inputs.{name} " in passed + " " or f"inputs.{name} }}}}" in passed for name in described["inputs"])
    script = (ACTION / "review_action.py").read_text(encoding="utf-8")
    assert all(f'"{name}":' in script for name in described["outputs"])
    assert all(name in script or name.removeprefix("NATGW_") in script for name in step["env"])
