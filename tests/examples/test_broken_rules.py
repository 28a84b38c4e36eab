"""The app-wide rules of the apps that we show are real: who breaks one gets an error that names the resource.

Each app runs as users run it, as a process of its own, and its exit code counts: that is what stops a pipeline.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.repository import ROOT

MAIN, FLEET = "main.py", "examples/03-cdktf-fleet/main.py"
DRAIN = "max_drain is 60, but this app asks for at least 300"
LEAST = "min_in_service is 1, but this app asks for at least 2"
COUNT = "count is set, but this app asks for named addresses"

BROKEN = [
    (MAIN, "max_drain=350", "max_drain=60", f"[nat-gateways/fleet/egress-a/Resource] {DRAIN}"),
    (MAIN, "max_drain=350", "max_drain=60", f"[nat-gateways/fleet/egress-b/Resource] {DRAIN}"),
    (FLEET, "max_drain=600", "max_drain=60", f"[egress/fleet/zone-b/Resource] {DRAIN}"),
    (FLEET, "min_in_service=2", "min_in_service=1", f"[egress/fleet/zone-a/Resource] {LEAST}"),
    (FLEET, 'addresses=["10.0.0.20", "10.0.0.21"]', "count=2", f"[egress/fleet/zone-a/Resource] {COUNT}"),
]


@pytest.fixture(params=["cdktf", "cdktn"])
def library(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def run(app: str, library: str, folder: Path, old: str = "", new: str = "", **environment: str) -> tuple[int, str]:
    """Run an app with one text replaced, for one of the libraries, and return its exit code and what it said."""
    text = (ROOT / app).read_text(encoding="utf-8")
    assert old in text
    path = folder / "main.py"
    path.write_text(text.replace(old, new).replace("cdktf import", f"{library} import"), encoding="utf-8")
    environment = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20", **environment}
    done = subprocess.run(
        [sys.executable, path], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize(("app", "old", "new", "message"), BROKEN)
def test_an_app_that_breaks_a_rule_ends_in_an_error_that_names_the_resource(
    library: str, tmp_path: Path, app: str, old: str, new: str, message: str
) -> None:
    code, said = run(app, library, tmp_path, old, new)
    assert code != 0
    assert message in said
    assert not list(tmp_path.glob("cdktf.out/stacks/*/cdk.tf.json"))


@pytest.mark.parametrize("app", [MAIN, FLEET])
def test_as_it_stands_the_app_keeps_its_rules(library: str, tmp_path: Path, app: str) -> None:
    code, said = run(app, library, tmp_path)
    assert (code, said) == (0, "")


def test_the_command_line_gets_the_error_in_the_manifest(library: str, tmp_path: Path) -> None:
    """`cdktf synth` and `cdktn synth` let the app go on, and print the errors of the manifest and fail themselves."""
    run(MAIN, library, tmp_path, "max_drain=350", "max_drain=60", CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS="true")
    manifest = json.loads((tmp_path / "cdktf.out" / "manifest.json").read_text())
    noted = manifest["stacks"]["nat-gateways"]["annotations"]
    assert [(it["constructPath"], it["level"]) for it in noted] == [
        ("nat-gateways/fleet/egress-a/Resource", "@cdktf/error"),
        ("nat-gateways/fleet/egress-b/Resource", "@cdktf/error"),
    ]
