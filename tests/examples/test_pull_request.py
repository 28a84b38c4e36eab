"""The workflow of the pull-request example installs what can be had, and the same in both jobs."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from natgw_provider import __version__
from support.repository import ROOT

EXAMPLE = ROOT / "examples" / "pull-request"
WORKFLOW: dict[str, Any] = yaml.safe_load((EXAMPLE / ".github" / "workflows" / "network.yml").read_text())


@pytest.mark.parametrize("job", ["review", "apply"])
def test_natgw_comes_from_where_the_variable_says(job: str) -> None:
    (script,) = [it["run"] for it in WORKFLOW["jobs"][job]["steps"] if it.get("name") == "Install natgw"]
    assert script.splitlines() == ['pip install "$NATGW_PACKAGE"', "natgw install"]


@pytest.mark.parametrize("job", ["review", "apply"])
def test_the_package_is_of_the_same_copy_and_tag_as_the_action(job: str) -> None:
    (action,) = [it["uses"] for it in WORKFLOW["jobs"][job]["steps"] if "natgw-review" in it.get("uses", "")]
    copy, _, tag = action.replace("/.github/actions/natgw-review", "").partition("@")
    assert WORKFLOW["env"]["NATGW_PACKAGE"] == f"git+https://github.com/{copy}@{tag}"
    assert tag == f"v{__version__}"
