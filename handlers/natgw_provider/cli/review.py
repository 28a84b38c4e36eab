"""`natgw review`: what the plan means for the addresses of NAT gateways, as a comment, as text or as JSON.

It reads files, writes one text to standard output and returns an exit code; `natgw_provider.review` does the rest.
Nothing else of natgw is imported, because a pipeline starts this for every pull request.
"""

from __future__ import annotations

import argparse
import io
import os
import re
import sys
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Final, NoReturn

from natgw_provider.review.as_json import render_json
from natgw_provider.review.escape import visible
from natgw_provider.review.findings import Finding
from natgw_provider.review.judging import LIMITS, Limits, check_limits, parse_limits
from natgw_provider.review.markdown import render_markdown
from natgw_provider.review.plan_document import InputError, PlanDocument, parse_events, parse_plan
from natgw_provider.review.review import Review, Verdict, parse_digest, review_plans
from natgw_provider.review.text import render_text

FAILED: Final = 1
"""Exit code when there is nothing to review: usage, an unreadable file, no plan and no error that says why."""

DRAINS: Final = 2
BLOCKED: Final = 3

_STANDARD_INPUT: Final = "-"
_ALLOWED_PLANS: Final = "PLAN.json, STACK=PLAN.json and - for standard input"
_LONGEST_MESSAGE: Final = 2000
_URL: Final = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&*+,;=%-]+")
"""What needs no escape in a Markdown link."""

_NAMELESS: Final = ("plan", "tfplan", "show")
_LIMITS_FILE: Final = "natgw-review.toml"
_PROJECT_FILE: Final = "pyproject.toml"
_TABLE: Final = ("tool", "natgw", "review")

_EPILOG: Final = """\
exit codes: 0 reviewed; 1 nothing could be reviewed; with --fail-on or --detailed-exitcode also 2 drains within the
limits, 3 blocked; with --verify 3 when it is not the plan that was reviewed.
limits are also read from natgw-review.toml, or [tool.natgw.review] in pyproject.toml, in the current folder; options
override them.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `natgw review`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _EPILOG
    parser.error = _refuse  # type: ignore[method-assign] # argparse's own exit code, 2, means "drains" here
    parser.add_argument(
        "plans", nargs="*", metavar="[STACK=]PLAN.json", help="output of `terraform show -json`; - for standard input"
    )
    parser.add_argument(
        "--events", type=_file, action="append", default=[], help="output of `terraform plan -json`, for its errors"
    )
    parser.add_argument(
        "--format", choices=("markdown", "text", "json"), default="markdown", help="default: %(default)s"
    )
    parser.add_argument("--target", default="", metavar="NAME", help="what is reviewed, such as the environment")
    parser.add_argument("--head", default="", metavar="COMMIT", help="the commit that was planned")
    parser.add_argument("--run-url", type=_url, default="", metavar="URL", help="the CI run, for a link to it")
    gate = parser.add_mutually_exclusive_group()
    gate.add_argument("--detailed-exitcode", action="store_true", help="0 nothing drains, 2 drains, 3 blocked")
    gate.add_argument("--fail-on", choices=("drain", "blocked", "never"), default="never", help="default: %(default)s")
    gate.add_argument(
        "--verify",
        metavar="DIGEST",
        help="only check that this is the plan that was reviewed; sha256:... of its comment",
    )
    parser.add_argument("--config", type=_file, metavar="FILE", help="a TOML file with limits, instead of those found")
    for name, (_, _, _, meaning) in LIMITS.items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=_number, metavar="N", help=meaning)


def run(arguments: argparse.Namespace) -> int:
    """Review and return the exit code; 1 with a message when nothing can be reviewed."""
    try:
        review = review_plans(
            _plans(arguments.plans, are_needed=not arguments.events or arguments.verify is not None),
            limits=_limits(arguments),
            reported=_reported(arguments.events),
            target=arguments.target,
            head=arguments.head,
            run_url=arguments.run_url,
        )
        if arguments.verify is not None:
            return _verify(review, parse_digest(arguments.verify))
        write_text(_renderer(arguments.format)(review))
    except InputError as problem:
        print(visible(f"natgw review: {problem}", _LONGEST_MESSAGE), file=sys.stderr)
        return FAILED
    return exit_code(review.verdict, fail_on="drain" if arguments.detailed_exitcode else arguments.fail_on)


def exit_code(verdict: Verdict, *, fail_on: str) -> int:
    """Return the exit code of a review for a gate that closes on "drain", "blocked" or "never"."""
    if verdict is Verdict.BLOCKED and fail_on != "never":
        return BLOCKED
    return DRAINS if verdict is Verdict.DRAINS and fail_on == "drain" else 0


def _renderer(name: str) -> Callable[[Review], str]:
    if name == "text":
        colour = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        return lambda review: render_text(review, colour=colour)
    return render_json if name == "json" else render_markdown


def write_text(text: str) -> None:
    """Write to standard output in UTF-8, whatever the locale; a closed pipe is no error.

    Raises InputError when it cannot be written.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        print(text, end="", flush=True)
    except OSError as problem:
        # Python would write the rest again at exit, and fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(problem, BrokenPipeError):
            raise InputError(f"cannot write to standard output: {problem.strerror}.") from None


def _verify(review: Review, reviewed: str) -> int:
    """Say whether the plans are those that were reviewed, and return the exit code."""
    if reviewed == review.digest and review.verdict is not Verdict.BLOCKED:
        write_text(f"This is the plan that was reviewed: {review.digest}.\n")
        return 0
    if reviewed == review.digest:
        print("natgw review: this is the plan that was reviewed, and it is blocked.", file=sys.stderr)
        return BLOCKED
    print(
        f"natgw review: this is not the plan that was reviewed, {reviewed}, but {review.digest}. "
        "The configuration or the gateway has changed since: have the new plan reviewed.",
        file=sys.stderr,
    )
    return BLOCKED


def _plans(words: list[str], *, are_needed: bool) -> list[PlanDocument]:
    if not words and are_needed:
        raise InputError("give at least one plan, as PLAN.json, STACK=PLAN.json or - for standard input.")
    plans: list[PlanDocument] = []
    for word in words:
        stack, separator, path = word.rpartition("=")
        if not path.strip() or (separator and not stack.strip()):
            raise InputError(f"{word!r} leaves a name empty; allowed are {_ALLOWED_PLANS}.")
        name = stack if separator else stack_name(path)
        if any(plan.stack == name for plan in plans):
            raise InputError(f"two plans are called {name!r}; name them, as STACK=PLAN.json.")
        plans.append(parse_plan(read_text(path), name))
    return plans


def stack_name(path: str) -> str:
    """Return the default name of a plan: that of its file, or of its folder when the file has a usual name."""
    if path == _STANDARD_INPUT:
        return "stdin"
    pure = PurePath(path)
    return pure.parent.name if pure.stem in _NAMELESS and pure.parent.name else pure.stem


def _reported(files: list[Path]) -> list[Finding]:
    return [finding for file in files for finding in parse_events(read_text(str(file)), str(file))]


def _limits(arguments: argparse.Namespace) -> Limits:
    given = {name: value for name in LIMITS if (value := getattr(arguments, name)) is not None}
    return {**_limits_of_file(arguments.config), **check_limits(given, "the command line")}


def _limits_of_file(chosen: Path | None) -> Limits:
    if chosen is not None:
        table = _TABLE if chosen.name == _PROJECT_FILE else ()
        return parse_limits(read_text(str(chosen)), str(chosen), table)
    for name, table in ((_LIMITS_FILE, ()), (_PROJECT_FILE, _TABLE)):
        if Path(name).is_file():
            return parse_limits(read_text(name), name, table)
    return {}


def read_text(path: str) -> str:
    """Return a file's text; UTF-16, which a Windows shell's redirection writes, is understood too.

    `path` is a file, or "-" for standard input. Raises InputError.
    """
    try:
        content = sys.stdin.buffer.read() if path == _STANDARD_INPUT else Path(path).read_bytes()
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except OSError as problem:
        raise InputError(f"cannot read {path}: {problem.strerror}.") from None
    except UnicodeDecodeError:
        raise InputError(
            f"{path} is not text. A saved plan has to be turned into JSON: terraform show -json tfplan > plan.json."
        ) from None


def _file(text: str) -> Path:
    if not text.strip():  # an unset variable; as a path it would be the current folder
        raise argparse.ArgumentTypeError("an empty name; give a file")
    return Path(text)


def _url(text: str) -> str:
    if text and not _URL.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an address; give http:// or https:// and no blanks")
    return text


def _number(text: str) -> int | str:
    """Return a whole number, or the text unchanged: the check of the limits then says what is allowed."""
    try:
        return int(text)
    except ValueError:
        return text


def _refuse(message: str) -> NoReturn:
    print(f"natgw review: {message}. See natgw review --help.", file=sys.stderr)
    raise SystemExit(FAILED)
