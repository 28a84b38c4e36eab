"""`natgw review` as a pipeline calls it: files, formats, limits, codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from natgw_provider.cli.main import run
from natgw_provider.cli.review import stack_name
from review.plans_and_reviews import PLANS, many, plan_text, review_of

SWAP, NONE, TWICE, ERRORED = (str(PLANS / f"{name}.json") for name in ("swap", "none", "managed-twice", "errored"))
EVENTS = str(PLANS / "errored.events.jsonl")


@pytest.fixture(autouse=True)
def _in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def review(*words: str) -> int:
    """Run `natgw review` and return its exit code, also when it leaves by SystemExit."""
    try:
        return run(["review", *words])
    except SystemExit as left:
        return int(left.code or 0)


@pytest.mark.parametrize(("plan", "code"), [(NONE, 0), (SWAP, 2), (TWICE, 3), (ERRORED, 3)])
def test_detailed_codes_tell_the_verdict(plan: str, code: int) -> None:
    assert review("--detailed-exitcode", plan) == code


@pytest.mark.parametrize(("gate", "codes"), [("never", (0, 0, 0)), ("blocked", (0, 0, 3)), ("drain", (0, 2, 3))])
def test_a_gate_closes_on_what_it_was_set_to(gate: str, codes: tuple[int, ...]) -> None:
    assert tuple(review("--fail-on", gate, plan) for plan in (NONE, SWAP, TWICE)) == codes
    assert [review(plan) for plan in (NONE, SWAP, TWICE, ERRORED)] == [0, 0, 0, 0], "without a gate it never closes"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["missing.json"], "cannot read missing.json: No such file"),
        ([], "give at least one plan"),
        (["--nope", SWAP], "unrecognized arguments: --nope"),
        (["--format", "pdf", SWAP], "invalid choice"),
        (["--fail-on", "drain", "--detailed-exitcode", SWAP], "not allowed with"),
        (["--min-in-service", "0", SWAP], "the command line: min_in_service is 0"),
        (["--max-window-seconds", "abc", SWAP], "max_window_seconds is 'abc'; allowed are 0 to 4000 seconds"),
        (["--min-in-service", "2.5", SWAP], "min_in_service is '2.5'; allowed are 1 to 32 addresses"),
        (["--max-drained-percent", "", SWAP], "max_drained_percent is ''; allowed are 0 to 100 percent"),
        (["--max-drained-percent", "50%", SWAP], "in whole numbers"),
        (["stack="], "'stack=' leaves a name empty; allowed are PLAN.json, STACK=PLAN.json and - for standard input"),
        ([f"={SWAP}"], "leaves a name empty; allowed are PLAN.json, STACK=PLAN.json"),
        (["="], "'=' leaves a name empty"),
        ([""], "'' leaves a name empty"),
        ([SWAP, " "], "' ' leaves a name empty"),
        (["--events", "", SWAP], "argument --events: an empty name; give a file"),
        (["--config", "", SWAP], "argument --config: an empty name; give a file"),
        ([SWAP, SWAP], "two plans are called 'swap'"),
        (["--config", "missing.toml", SWAP], "cannot read missing.toml"),
        ([EVENTS], "--events"),
        (["--events", EVENTS, "--verify", ""], "give at least one plan"),
    ],
)
def test_what_cannot_be_reviewed_is_code_one_and_one_line(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _refuses(words, says, capsys)


def _refuses(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Hold a call to exit code 1, no output and one line that says why."""
    assert review(*words) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert says in shown.err
    assert shown.err.count("\n") == 1


def test_a_binary_plan_is_distinguished_from_a_broken_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "tfplan").write_bytes(b"PK\x03\x04\xff\xfe\x00")
    _refuses(["tfplan"], "terraform show -json tfplan", capsys)


def test_a_plan_that_a_windows_shell_wrote_is_read(tmp_path: Path) -> None:
    (tmp_path / "plan.json").write_bytes(plan_text("swap").encode("utf-16"))
    assert review("--detailed-exitcode", "plan.json") == 2


def test_a_plan_may_come_by_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(plan_text("swap").encode())))
    assert review("--format", "json", "-") == 0
    assert json.loads(capsys.readouterr().out)["plans"][0]["stack"] == "stdin"


def test_events_say_why_a_plan_failed_with_the_plan_and_without(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([ERRORED], []):
        assert review("--detailed-exitcode", "--events", EVENTS, *words) == 3
        assert "Too few addresses would stay in service" in capsys.readouterr().out


_EVENT_LINES = (PLANS / "errored.events.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)


@pytest.mark.parametrize(
    "events",
    [
        pytest.param("".join(line for line in _EVENT_LINES if '"error"' not in line), id="of a plan that drains"),
        pytest.param(_EVENT_LINES[0], id="of a killed terraform"),
        pytest.param("".join(_EVENT_LINES)[:500], id="cut off in a line"),
        pytest.param("", id="empty"),
        pytest.param('resource "aws_vpc" "this" {\n}\n', id="unrelated"),
    ],
)
def test_events_without_the_plan_that_do_not_say_why_it_is_missing_are_nothing_to_review(
    events: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "events.jsonl").write_text(events, encoding="utf-8")
    words = ["--events", "events.jsonl", "--fail-on", "blocked"]
    _refuses(words, "the plan is missing, and the events do not say why", capsys)


def test_stacks_are_named_by_the_caller_by_the_file_or_by_its_folder(capsys: pytest.CaptureFixture[str]) -> None:
    assert review("--format", "json", f"prod={SWAP}", NONE) == 0
    assert [plan["stack"] for plan in json.loads(capsys.readouterr().out)["plans"]] == ["prod", "none"]
    assert stack_name("cdktf.out/stacks/network/plan.json") == "network"
    assert stack_name("plan.json") == "plan"


def test_limits_come_from_the_folders_files_and_options_win(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.natgw.review]\nmax_window_seconds = 100\n", encoding="utf-8")
    assert review("--detailed-exitcode", SWAP) == 3
    assert review("--detailed-exitcode", "--max-window-seconds", "400", SWAP) == 2
    (tmp_path / "natgw-review.toml").write_text("min_in_service = 2\n", encoding="utf-8")
    assert review("--detailed-exitcode", SWAP) == 2, "the small file stands for the large one"
    (tmp_path / "other.toml").write_text("min_in_service = 4\n", encoding="utf-8")
    assert review("--detailed-exitcode", "--config", "other.toml", SWAP) == 3


def test_the_reviewed_plan_verifies_and_another_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    digest = review_of("swap").digest
    assert review("--verify", digest.upper(), SWAP) == 0
    assert digest in capsys.readouterr().out
    assert review("--verify", digest, str(PLANS / "kinds.json")) == 3
    shown = capsys.readouterr()
    assert digest in shown.err
    assert review_of("kinds").digest in shown.err
    assert shown.out == ""
    assert review("--verify", review_of("managed-twice").digest, TWICE) == 3, "it is blocked"


@pytest.mark.parametrize(
    "given",
    ["foo", "", "sha256:b1544828", "sha256:" + 64 * "g", 64 * "0", "sha256:" + 64 * "0" + "\n", "sha512:" + 64 * "0"],
)
def test_what_is_no_digest_is_no_other_plan_but_wrong_usage(given: str, capsys: pytest.CaptureFixture[str]) -> None:
    says = "not a digest, which is sha256: and 64 hex digits. The last line of the comment has it"
    _refuses(["--verify", given, SWAP], says, capsys)


def test_a_message_with_text_from_outside_stays_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    plain = many(1)
    plain["resource_changes"][0]["address"] = "a\n::add-mask::b"
    plain["resource_changes"][0]["change"]["after"]["timeouts"] = 1
    (tmp_path / "plan.json").write_text(json.dumps(plain), encoding="utf-8")
    assert review("plan.json") == 1
    assert capsys.readouterr().err.count("\n") == 1


_PROGRAM = "import sys; from natgw_provider.cli.main import run; sys.exit(run(sys.argv[1:]))"


def _process(*words: str, stdout: IO[bytes] | int = subprocess.PIPE, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, "review", *words],
        env={**os.environ, **environment},
        stdout=stdout,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-16"])
@pytest.mark.parametrize("form", ["markdown", "text", "json"])
def test_what_is_written_is_utf_8_whatever_the_locale(encoding: str, form: str) -> None:
    words = ("--detailed-exitcode", "--target", "früh", "--head", os.fsdecode(b"fr\xfch"), SWAP)
    process = _process("--format", form, *words, PYTHONIOENCODING=encoding, PYTHONUTF8="1")
    out, err = process.communicate()
    assert (process.returncode, err) == (2, b"")
    assert "früh" in out.decode()
    assert "\x1b" not in out.decode(), "no colour where no terminal is"
    assert form == "text" or r"\udcfc" in out.decode()


@pytest.mark.parametrize(("plan", "code"), [(NONE, 0), (SWAP, 2), (TWICE, 3)])
def test_a_reader_that_has_left_changes_neither_the_code_nor_says_anything(plan: str, code: int) -> None:
    process = _process("--detailed-exitcode", plan)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert (process.stderr.read(), process.wait()) == (b"", code)
    process.stderr.close()


def test_a_full_disk_is_one_line() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    with full.open("wb") as out:
        process = _process(SWAP, stdout=out)
        _, err = process.communicate()
    assert process.returncode == 1
    assert err == b"natgw review: cannot write to standard output: No space left on device.\n"


@pytest.mark.parametrize(
    ("url", "code"), [("https://ci.example/runs/1?a=b", 0), ("", 0), ("javascript:x", 1), ("https://a b", 1)]
)
def test_the_run_is_linked_if_it_is_an_address(url: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert review("--run-url", url, SWAP) == code
    assert (f"[run]({url})" in capsys.readouterr().out) is (code == 0 and bool(url))


def test_starting_imports_neither_the_aws_libraries_nor_the_bridge() -> None:
    program = (
        "import sys; from natgw_provider.cli.main import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program, "review", SWAP], capture_output=True, text=True, check=True)
    loaded = set(done.stderr.split())
    assert "natgw_provider.review.markdown" in loaded
    assert not {name for name in loaded if name.partition(".")[0] in {"boto3", "botocore", "h2", "google", "asyncio"}}
    assert not {name for name in loaded if name.startswith(("natgw_provider.bridge", "natgw_provider.engine"))}
