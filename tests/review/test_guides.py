"""The guide and the example keep step with what they describe."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from natgw_provider.review.findings import KINDS
from natgw_provider.review.judging import LIMITS, parse_limits
from review.plans_and_reviews import HERE, PLANS

ROOT = HERE.parents[1]
GUIDE = (ROOT / "docs" / "guides" / "review.md").read_text(encoding="utf-8")
WORKFLOW = ROOT / "examples" / "pull-request" / ".github" / "workflows" / "network.yml"
ACTION = ROOT / ".github" / "actions" / "natgw-review" / "action.yml"


def test_the_guide_lists_every_finding_with_its_severity() -> None:
    section = GUIDE[GUIDE.index("## Findings") : GUIDE.index("## GitHub")]
    listed = {
        identity: severity
        for row in re.findall(r"^\| (`.*`) \| (\w+) \|", section, re.MULTILINE)
        for identity, severity in ((one, row[1]) for one in re.findall(r"`([\w-]+)`", row[0]))
    }
    assert listed == {kind.id: kind.severity.value for kind in KINDS.values()}


def test_the_guides_limits_are_read_as_they_stand() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    found = parse_limits(block, "guide", ("tool", "natgw", "review"))
    assert set(found) == set(LIMITS)


_TERRAFORM = {
    "drains": f'[ "$1" = show ] && exec cat {PLANS}/swap.json; head -n 1 {PLANS}/errored.events.jsonl; touch tfplan',
    "blocked": f'[ "$1" = show ] && exec cat {PLANS}/managed-twice.json; touch tfplan',
    "fails": f"cat {PLANS}/errored.events.jsonl; exit 1",
    "is killed": f"head -n 1 {PLANS}/errored.events.jsonl; kill -9 $$",
    "is killed before it says a word": "kill -9 $$",
}
"""What a Terraform does that stands in for the real one."""


@pytest.mark.parametrize(
    ("terraform", "code"),
    [("drains", 0), ("blocked", 3), ("fails", 3), ("is killed", 1), ("is killed before it says a word", 1)],
)
def test_gitlabs_job_closes_the_gate_unless_a_plan_was_reviewed(terraform: str, code: int, tmp_path: Path) -> None:
    (recipe,) = re.findall(r"## GitLab\n.*?```yaml\n(.*?)```", GUIDE, re.DOTALL)
    script = [line for line in yaml.safe_load(recipe)["review"]["script"] if "curl" not in line]
    (tmp_path / "terraform").write_text(f"#!/bin/sh\n{_TERRAFORM[terraform]}\n", encoding="utf-8")
    (tmp_path / "terraform").chmod(0o755)
    for left_over in ("tfplan", "plan.json"):
        (tmp_path / left_over).write_bytes((PLANS / "none.json").read_bytes())
    path = os.pathsep.join((str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]))
    command = ["bash", "-eo", "pipefail", "-c", "\n".join(script)]
    done = subprocess.run(command, cwd=tmp_path, env={**os.environ, "PATH": path}, check=False)
    assert done.returncode == code


def _jobs() -> dict[str, Any]:
    jobs: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]
    return jobs


@pytest.mark.parametrize("job", ["review", "apply"])
def test_the_example_gives_the_action_only_inputs_that_it_has(job: str) -> None:
    inputs = yaml.safe_load(ACTION.read_text(encoding="utf-8"))["inputs"]
    (given,) = [step["with"] for step in _jobs()[job]["steps"] if "natgw-review@" in step.get("uses", "")]
    assert set(given) <= set(inputs)
    assert {name for name, described in inputs.items() if described.get("required")} <= set(given)


def test_the_example_applies_only_after_the_digest_was_checked_and_only_that_plan() -> None:
    steps = _jobs()["apply"]["steps"]
    checked = next(number for number, step in enumerate(steps) if step.get("with", {}).get("mode") == "verify")
    assert [step.get("run") for step in steps[checked + 1 :]] == ["terraform apply tfplan"]
