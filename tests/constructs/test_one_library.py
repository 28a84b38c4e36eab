"""Neither library is forced on the users of the other, and their command line asks nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT

ONE_LIBRARY = """
import sys
sys.modules["{other}"] = None  # an import of it fails, as when it is not installed
import {library}
from natgw_constructs import Gateway, NatGatewayFleet, RequireMinimumDrain
from natgw_constructs.{library} import NatgwProvider

stack = {library}.TerraformStack({library}.Testing.app(), "stack")
NatgwProvider(stack, "natgw")
NatGatewayFleet(stack, "fleet", {{"a": Gateway(nat_gateway_id="nat-00000001", count=1)}})
{library}.Aspects.of(stack).add(RequireMinimumDrain(300))
print({library}.Testing.synth(stack))
"""


def run_python(*arguments: str, folder: Path = ROOT) -> str:
    environment = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20"}
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


@pytest.mark.parametrize(("library", "other"), [("cdktf", "cdktn"), ("cdktn", "cdktf")])
def test_the_other_library_need_not_be_installed(library: str, other: str) -> None:
    text = run_python("-c", ONE_LIBRARY.format(library=library, other=other))
    assert "natgw_secondary_private_ips" in json.loads(text)["resource"]


def test_a_rule_made_before_a_library_is_loaded_is_refused(tmp_path: Path) -> None:
    """It could not be an Aspect of that library, which would say so as "visit is not a function" at synthesis."""
    (tmp_path / "app.py").write_text(
        "from natgw_constructs import RequireMinimumDrain\n"
        "try:\n    RequireMinimumDrain(300)\n"
        "except TypeError as error:\n    print(error)\n"
    )
    said = run_python("app.py", folder=tmp_path)
    assert said.startswith("Import cdktf or cdktn before you make RequireMinimumDrain(...)")


def test_the_command_line_asks_nothing() -> None:
    """Part a project id or with sendCrashReports unset, `cdktf` stops at a prompt."""
    for settings in [ROOT / "cdktf.json", *ROOT.glob("examples/*/cdktf.json")]:
        declared = json.loads(settings.read_text())
        assert declared["projectId"], settings
        assert declared["sendCrashReports"] == "false", settings
