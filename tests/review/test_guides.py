"""The guide and the example keep step with what they describe."""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest
import yaml

from natgw_provider.core.limits import CONNECTIONS_PER_ADDRESS, DRAIN_SECONDS_DEFAULT
from natgw_provider.review.findings import KINDS
from natgw_provider.review.settings import Limits, parse_limits
from review.plans_and_reviews import HERE

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
    assert listed == {kind.id: kind.severity.value for kind in KINDS}


def test_the_guides_limits_are_read_as_they_stand() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    found = parse_limits(block, "guide", ("tool", "natgw", "review"))
    assert set(found.given()) == set(Limits.__dataclass_fields__)


def test_the_guides_numbers_are_those_of_the_core() -> None:
    assert f"{CONNECTIONS_PER_ADDRESS:,}" in GUIDE
    assert f"shorter than {DRAIN_SECONDS_DEFAULT} s" in GUIDE


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


@pytest.mark.parametrize("job", ["review", "apply"])
def test_the_examples_shell_steps_are_sound(job: str) -> None:
    for step in _jobs()[job]["steps"]:
        if "run" in step:
            subprocess.run(["bash", "-euo", "pipefail", "-n", "-c", step["run"]], check=True)
