"""The GitHub action's script against a stand-in for GitHub's API."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from natgw_provider.cli.main import run
from natgw_provider.review.markdown import render_markdown
from review.github_stand_in import BOT, Forge, serving
from review.plans_and_reviews import HERE, PLANS, review_of

ROOT = HERE.parents[1]
ACTION = ROOT / ".github" / "actions" / "natgw-review"


@pytest.fixture(scope="module")
def real_action() -> Iterator[ModuleType]:
    """The script as it is: it starts natgw as a process."""
    sys.path.insert(0, str(ACTION))
    import review_action  # type: ignore[import-not-found]  # noqa: PLC0415 - found by the path above only

    yield review_action
    sys.path.remove(str(ACTION))


@pytest.fixture
def action(real_action: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script with natgw run in this process, which saves half a second each time."""
    monkeypatch.setattr(real_action, "_run", _run_here)
    return real_action


def _run_here(_environment: dict[str, str], *options: str) -> subprocess.CompletedProcess[str]:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["review", *options])
    return subprocess.CompletedProcess(options, code, out.getvalue(), err.getvalue())


@pytest.fixture
def forge() -> Iterator[Forge]:
    forge = Forge()
    with serving(forge):
        yield forge


@pytest.fixture
def environment(tmp_path: Path, forge: Forge) -> dict[str, str]:
    """What the runner gives the script in run 50 on pull request 7."""
    event = {"pull_request": {"number": 7, "head": {"sha": "headsha"}}}
    (tmp_path / "event.json").write_text(json.dumps(event), encoding="utf-8")
    return {
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
        "NATGW_COMMAND": f"{sys.executable} -c 'from natgw_provider.cli.main import run; raise SystemExit(run())'",
    }


def standing(forge: Forge) -> str:
    """Return the only comment there is."""
    (body,) = forge.bodies()
    return body


def older(run: int, name: str = "none") -> str:
    """Return a comment for the target prod as another run wrote it."""
    first, _, rest = render_markdown(replace(review_of(name), target="prod")).partition("\n")
    return f"{first}\n<!-- natgw-review-run: {run}.1 -->\n{rest}"


def test_a_first_run_creates_the_comment_the_summary_and_the_outputs(
    real_action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    assert real_action.main(environment) == 0
    body = standing(forge)
    assert body.splitlines()[1].startswith("<!-- natgw-review-run: 50.1 by ")
    assert "## natgw `prod`: 1 gateway drains 3 addresses" in body
    assert "[run](https://github.example/o/r/actions/runs/50)" in body
    assert "headsha" in body
    assert "1 gateway drains 3 addresses" in Path(environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    outputs = dict(line.split("=", 1) for line in Path(environment["GITHUB_OUTPUT"]).read_text("utf-8").splitlines())
    assert outputs == {
        "verdict": "drains",
        "digest": review_of("swap").digest,
        "drained": "3",
        "comment-url": forge.comments[0]["html_url"],
    }


def test_a_later_run_updates_the_comment(action: ModuleType, forge: Forge, environment: dict[str, str]) -> None:
    forge.add("somebody's remark", login="octocat")
    forge.add(older(49))
    assert action.main(environment) == 0
    remark, ours = forge.bodies()
    assert remark == "somebody's remark"
    assert "natgw-review-run: 50.1" in ours


def test_an_older_run_leaves_a_newer_ones_comment_alone(
    action: ModuleType, forge: Forge, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    newer = older(51)
    forge.add(newer)
    assert action.main(environment) == 0
    assert standing(forge) == newer
    assert "run 51 is newer" in capsys.readouterr().out


def test_a_second_attempt_of_a_run_is_newer_than_its_first(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    assert action.main(environment) == 0
    assert action.main({**environment, "GITHUB_RUN_ATTEMPT": "2"}) == 0
    assert "natgw-review-run: 50.2" in standing(forge)


def test_of_two_runs_that_both_create_only_the_newer_ones_comment_stays(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    """The other run, 51, creates its comment just after this one has looked and found none."""
    pending = [lambda: None, lambda: forge.add(older(51))]

    def on_list() -> None:
        if pending:
            pending.pop(0)()

    forge.on_list = on_list
    assert action.main(environment) == 0
    assert "natgw-review-run: 51.1" in standing(forge)


def test_when_nothing_drains_any_more_the_comment_says_so(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    forge.add(older(49, "swap"))
    assert action.main({**environment, "NATGW_PLANS": str(PLANS / "none.json")}) == 0
    assert "nothing drains" in standing(forge)


def test_where_nothing_concerns_a_gateway_no_comment_is_made(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    assert action.main({**environment, "NATGW_PLANS": str(PLANS / "none.json")}) == 0
    assert forge.bodies() == []


def test_a_marker_that_somebody_else_copied_is_passed_over(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    forged = older(999_999)
    forge.add(forged, login="mallory")
    assert action.main(environment) == 0
    assert forge.bodies()[0] == forged
    assert "natgw-review-run: 50.1" in forge.bodies()[1]


def test_each_target_has_its_own_comment(action: ModuleType, forge: Forge, environment: dict[str, str]) -> None:
    for run_id, target in (("50", "prod -- <eu>"), ("50", "test"), ("51", "prod -- <eu>")):
        assert action.main({**environment, "GITHUB_RUN_ID": run_id, "NATGW_TARGET": target}) == 0
    assert len(forge.bodies()) == 2


JOBS: tuple[dict[str, str], ...] = (
    {"GITHUB_JOB": "test"},
    {"GITHUB_WORKFLOW": "other"},
    {"NATGW_MATRIX": '{"stack": "eu", "zones": ["a", "b"]}'},
    {"NATGW_MATRIX": '{"stack": "us", "zones": ["a", "b"]}'},
)
"""What tells a job from the one in `environment`, and from each other."""


def test_without_a_target_each_job_has_a_comment_of_its_own(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    for job in ({}, *JOBS):
        assert action.main({**environment, "NATGW_TARGET": "", **job}) == 0
    assert len(forge.bodies()) == 1 + len(JOBS)
    assert "natgw `network / review`:" in forge.bodies()[0]
    assert 'natgw `network / review (eu, ["a", "b"])`:' in forge.bodies()[3]


@pytest.mark.parametrize("attempt", ["1", "2"])
@pytest.mark.parametrize("step", [*JOBS, {"GITHUB_ACTION": "__o_r_2"}])
def test_a_second_job_or_step_of_a_run_does_not_replace_the_review_of_the_first(
    action: ModuleType,
    forge: Forge,
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    step: dict[str, str],
    attempt: str,
) -> None:
    assert action.main({**environment, "NATGW_PLANS": str(PLANS / "managed-twice.json")}) == 3
    before = standing(forge)
    second = {**environment, "NATGW_PLANS": str(PLANS / "none.json"), "GITHUB_RUN_ATTEMPT": attempt, **step}
    assert action.main(second) == 1
    assert standing(forge) == before
    assert "has reviewed the same target" in capsys.readouterr().out
    assert "nothing drains" in Path(environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


def test_a_reusable_workflow_that_is_called_twice_does_not_replace_its_own_review(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    """Nothing in the environment tells its two jobs apart."""
    assert action.main(environment) == 0
    before = standing(forge)
    assert action.main({**environment, "NATGW_PLANS": str(PLANS / "none.json")}) == 1
    assert standing(forge) == before


def test_of_two_jobs_of_a_run_that_both_create_no_comment_is_lost(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    other = older(50).replace("50.1", "50.1 by 0a1b.2c3d")
    pending = [lambda: None, lambda: forge.add(other)]

    def on_list() -> None:
        if pending:
            pending.pop(0)()

    forge.on_list = on_list
    assert action.main(environment) == 1
    assert len(forge.bodies()) == 2


@pytest.mark.parametrize("event", [{"pull_request": None}, {"pull_request": {"number": 7, "head": None}}, [], None])
def test_an_event_without_a_pull_request_is_read_whatever_its_shape(
    action: ModuleType, environment: dict[str, str], tmp_path: Path, event: object
) -> None:
    (tmp_path / "event.json").write_text(json.dumps(event), encoding="utf-8")
    assert action.main(environment) == 0
    assert "merged" in Path(environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")


def test_a_comment_is_found_on_a_later_page(action: ModuleType, forge: Forge, environment: dict[str, str]) -> None:
    for number in range(150):
        forge.add(f"remark {number}", login="octocat")
    forge.add(older(49))
    assert action.main(environment) == 0
    assert len(forge.bodies()) == 151


@pytest.mark.parametrize("code", [401, 403, 404])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_without_permission_the_summary_has_to_do(
    action: ModuleType,
    forge: Forge,
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    code: int,
    method: str,
) -> None:
    forge.faults = {method: [code]}
    assert action.main(environment) == 0
    assert forge.bodies() == []
    assert "1 gateway drains" in Path(environment["GITHUB_STEP_SUMMARY"]).read_text(encoding="utf-8")
    assert "::warning title=natgw review::no comment, the token may not" in capsys.readouterr().out


def test_an_outage_that_passes_is_waited_out(action: ModuleType, forge: Forge, environment: dict[str, str]) -> None:
    forge.faults = {"GET": [502, 503], "POST": [500]}
    assert action.main(environment) == 0
    assert "natgw-review-run: 50.1" in standing(forge)


def test_a_comment_whose_answer_was_lost_is_not_made_twice(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    forge.faults = {"POST": [-502]}
    assert action.main(environment) == 0
    assert "natgw-review-run: 50.1" in standing(forge)


def test_an_outage_that_stays_is_a_warning_and_the_gate_still_stands(
    action: ModuleType, forge: Forge, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    forge.faults = {"GET": [503] * 9}
    assert action.main({**environment, "NATGW_PLANS": str(PLANS / "managed-twice.json")}) == 3
    assert "GitHub does not answer" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("plan", "gate", "code"),
    [("swap", "drain", 2), ("swap", "blocked", 0), ("managed-twice", "blocked", 3), ("managed-twice", "never", 0)],
)
def test_the_gate_closes_after_the_comment_is_made(
    action: ModuleType, forge: Forge, environment: dict[str, str], plan: str, gate: str, code: int
) -> None:
    told = {**environment, "NATGW_PLANS": str(PLANS / f"{plan}.json"), "NATGW_FAIL_ON": gate}
    assert action.main(told) == code
    assert len(forge.bodies()) == 1


def test_limits_reach_the_review(real_action: ModuleType, environment: dict[str, str]) -> None:
    assert real_action.main({**environment, "NATGW_MAX_WINDOW_SECONDS": "10"}) == 3


def test_a_plan_that_failed_is_reviewed_by_its_events(
    action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    told = {
        **environment,
        "NATGW_PLANS": "missing/plan.json",
        "NATGW_EVENTS": str(PLANS / "errored.events.jsonl"),
    }
    assert action.main(told) == 3
    assert "Too few addresses would stay in service" in standing(forge)


def _events(folder: Path, *, has_error: bool) -> str:
    """Return the name of a file with the events of a Terraform that failed, or that was killed at its start."""
    lines = (PLANS / "errored.events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    (folder / "events.jsonl").write_text("".join(lines if has_error else lines[:1]), encoding="utf-8")
    return str(folder / "events.jsonl")


@pytest.mark.parametrize("gate", ["drain", "blocked", "never"])
@pytest.mark.parametrize(
    ("there", "missing"),
    [("", "the plan"), (str(PLANS / "none.json"), "missing/plan.json")],
    ids=["alone", "beside another"],
)
def test_a_plan_that_is_missing_without_an_error_in_the_events_fails_the_job(
    action: ModuleType,
    forge: Forge,
    environment: dict[str, str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    there: str,
    missing: str,
    gate: str,
) -> None:
    told = {
        **environment,
        "NATGW_PLANS": f"{there}\nmissing/plan.json",
        "NATGW_EVENTS": _events(tmp_path, has_error=False),
        "NATGW_FAIL_ON": gate,
    }
    assert action.main(told) == 1
    written = capsys.readouterr().out
    assert "::error title=natgw review::" in written
    assert f"{missing} is missing, and the events do not say why" in written
    assert forge.bodies() == []
    assert not Path(environment["GITHUB_STEP_SUMMARY"]).exists()


def test_a_plan_that_failed_blocks_the_others_too(
    action: ModuleType, forge: Forge, environment: dict[str, str], tmp_path: Path
) -> None:
    told = {
        **environment,
        "NATGW_PLANS": f"{PLANS / 'none.json'}\nmissing/plan.json",
        "NATGW_EVENTS": _events(tmp_path, has_error=True),
    }
    assert action.main(told) == 3
    assert "blocked. Too few addresses would stay in service" in standing(forge)


def test_without_a_plan_the_number_of_addresses_that_drain_is_not_told(
    action: ModuleType, environment: dict[str, str], tmp_path: Path
) -> None:
    told = {**environment, "NATGW_PLANS": "missing.json", "NATGW_EVENTS": _events(tmp_path, has_error=True)}
    assert action.main(told) == 3
    assert "drained=\n" in Path(environment["GITHUB_OUTPUT"]).read_text(encoding="utf-8")


def test_before_an_apply_no_plan_may_be_missing_whatever_the_events_say(
    action: ModuleType, environment: dict[str, str], tmp_path: Path
) -> None:
    assert action.main(environment) == 0
    told = {
        **environment,
        "NATGW_MODE": "verify",
        "NATGW_PLANS": f"{PLANS / 'swap.json'}\nmissing/plan.json",
        "NATGW_EVENTS": _events(tmp_path, has_error=True),
    }
    assert action.main(told) == 1


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"NATGW_PLANS": "missing.json"}, "cannot read missing.json"),
        ({"NATGW_COMMAND": "no-such-natgw"}, "install natgw"),
        ({"NATGW_FAIL_ON": "sometimes"}, "allowed are drain, blocked, never"),
    ],
)
def test_what_cannot_be_reviewed_fails_the_job_with_an_annotation(
    real_action: ModuleType,
    forge: Forge,
    environment: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    changes: dict[str, str],
    says: str,
) -> None:
    assert real_action.main({**environment, **changes}) == 1
    written = capsys.readouterr().out
    assert written.startswith("::error title=natgw review::")
    assert says in written
    assert forge.calls == []


def test_outside_a_pull_request_there_is_the_summary_alone(
    action: ModuleType, forge: Forge, environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "event.json").write_text("{}", encoding="utf-8")
    assert action.main(environment) == 0
    assert forge.calls == []


def test_natgw_does_not_get_the_token(real_action: ModuleType, environment: dict[str, str]) -> None:
    check = "import os, sys; sys.exit('NATGW_TOKEN' in os.environ and 'the token is there')"
    done = real_action._run({**environment, "NATGW_COMMAND": f'{sys.executable} -c "{check}"'})
    assert done.returncode == 0, done.stderr


def test_after_the_merge_a_target_may_be_left_out_unless_there_are_several(
    action: ModuleType, forge: Forge, environment: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert action.main({**environment, "NATGW_TARGET": ""}) == 0
    after = {**environment, "NATGW_MODE": "verify", "GITHUB_JOB": "apply", "NATGW_TARGET": ""}
    assert action.main(after) == 0
    assert action.main(environment) == 0
    assert action.main(after) == 1
    assert "'network / review', 'prod': name the one to verify" in capsys.readouterr().out


def test_after_the_merge_the_reviewed_plan_verifies_and_another_does_not(
    real_action: ModuleType, forge: Forge, environment: dict[str, str]
) -> None:
    assert real_action.main(environment) == 0
    after = {**environment, "NATGW_MODE": "verify"}
    assert real_action.main(after) == 0
    assert real_action.main({**after, "NATGW_PLANS": str(PLANS / "kinds.json")}) == 3


@pytest.mark.parametrize("faults", [{"GET": [403]}, {"GET": [500]}, {}])
def test_where_no_reviewed_digest_is_found_nothing_may_be_applied(
    action: ModuleType, forge: Forge, environment: dict[str, str], faults: dict[str, list[int]]
) -> None:
    forge.faults = faults
    assert action.main({**environment, "NATGW_MODE": "verify"}) == 1
    assert action.main({**environment, "NATGW_MODE": "verify", "GITHUB_SHA": "unknown"}) == 1


def test_every_input_of_the_action_reaches_the_script_and_every_output_is_written() -> None:
    described = yaml.safe_load((ACTION / "action.yml").read_text(encoding="utf-8"))
    (step,) = described["runs"]["steps"]
    passed = " ".join(step["env"].values()) + step["working-directory"]
    assert all(f"inputs.{name} " in passed + " " or f"inputs.{name} }}}}" in passed for name in described["inputs"])
    script = (ACTION / "review_action.py").read_text(encoding="utf-8")
    assert all(f'"{name}":' in script for name in described["outputs"])
    read = set(step["env"])
    assert all(name in script or name.removeprefix("NATGW_") in script for name in read)
