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

APPS: dict[str, tuple[dict[str, str], list[str]]] = {
    MAIN: (
        {"max_drain=350": "max_drain=60"},
        [f"[nat-gateways/fleet/{gateway}/Resource] {DRAIN}" for gateway in ("egress-a", "egress-b")],
    ),
    FLEET: (
        {
            "max_drain=600": "max_drain=60",
            "min_in_service=2": "min_in_service=1",
            'addresses=["10.0.0.20", "10.0.0.21"]': "count=2",
        },
        [f"[egress/fleet/zone-b/Resource] {DRAIN}", *(f"[egress/fleet/zone-a/Resource] {it}" for it in (LEAST, COUNT))],
    ),
}
"""What is replaced in an app so that it breaks its rules, and what it says then."""


def run(app: str, library: str, folder: Path, *, is_broken: bool, **environment: str) -> tuple[int, str]:
    """Run an app for one of the libraries, and return its exit code and what it said."""
    text = (ROOT / app).read_text(encoding="utf-8")
    for old, new in APPS[app][0].items() if is_broken else ():
        assert old in text
        text = text.replace(old, new)
    path = folder / "main.py"
    path.write_text(text.replace("cdktf import", f"{library} import"), encoding="utf-8")
    environment = {**os.environ, "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20", **environment}
    done = subprocess.run(
        [sys.executable, path], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    return done.returncode, done.stderr


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
@pytest.mark.parametrize("app", APPS)
def test_an_app_that_breaks_rules_ends_in_an_error_that_names_each_resource(
    library: str, tmp_path: Path, app: str
) -> None:
    code, said = run(app, library, tmp_path, is_broken=True)
    assert code != 0
    assert [message for message in APPS[app][1] if message not in said] == []
    assert not list(tmp_path.glob("cdktf.out/stacks/*/cdk.tf.json"))


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
def test_as_it_stands_the_app_keeps_its_rules(library: str, tmp_path: Path) -> None:
    assert run(FLEET, library, tmp_path, is_broken=False) == (0, "")


@pytest.mark.parametrize("library", ["cdktf", "cdktn"])
def test_the_command_line_gets_the_error_in_the_manifest(library: str, tmp_path: Path) -> None:
    """`cdktf synth` and `cdktn synth` let the app go on, and print the errors of the manifest and fail themselves."""
    run(MAIN, library, tmp_path, is_broken=True, CDKTF_CONTINUE_SYNTH_ON_ERROR_ANNOTATIONS="true")
    manifest = json.loads((tmp_path / "cdktf.out" / "manifest.json").read_text())
    noted = manifest["stacks"]["nat-gateways"]["annotations"]
    assert [(it["constructPath"], it["level"]) for it in noted] == [
        ("nat-gateways/fleet/egress-a/Resource", "@cdktf/error"),
        ("nat-gateways/fleet/egress-b/Resource", "@cdktf/error"),
    ]
