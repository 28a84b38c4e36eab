"""The fake provider under the real terraform: an exception loses nothing, and Terraform reads the log."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from bridge.plugin_client import PROGRAM
from natgw_provider.cli.mirror import terraform_platform
from support.terraform import Terraform, terraform_environment

pytestmark = [
    pytest.mark.terraform,
    pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not installed"),
]

HEAD = 'terraform {\n  required_providers {\n    fake = { source = "terraform.local/local/fake" }\n  }\n}\n'


@pytest.fixture
def terraform(tmp_path: Path) -> Terraform:
    folder = tmp_path / "mirror/terraform.local/local/fake/1.0.0" / terraform_platform()
    folder.mkdir(parents=True)
    (tmp_path / "world").mkdir()
    program = folder / "terraform-provider-fake"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{PROGRAM}" "$@"\n')
    program.chmod(0o755)
    environment = terraform_environment(tmp_path) | {"FAKE_WORLD": str(tmp_path / "world")}
    terraform = Terraform(tmp_path, tmp_path / "mirror", environment | {"TF_LOG_PROVIDER": "ERROR"})
    terraform.write(HEAD)
    terraform.init()
    return terraform


def thing(label: str, **arguments: Any) -> str:
    lines = [f"  {name} = {json.dumps(value)}" for name, value in ({"name": label} | arguments).items()]
    return f'resource "fake_thing" "{label}" {{\n' + "\n".join(lines) + "\n}\n"


def resources(terraform: Terraform) -> Any:
    """Return the attributes of each resource by its name, and whether it is tainted."""
    stored = json.loads((terraform.folder / "terraform.tfstate").read_text())["resources"]
    instances = {resource["name"]: resource["instances"][0] for resource in stored}
    return {name: (instance["attributes"], instance.get("status")) for name, instance in instances.items()}


def test_an_exception_in_a_create_an_update_and_a_destroy_loses_nothing_and_is_logged(terraform: Terraform) -> None:
    terraform.write(HEAD + thing("updated") + thing("destroyed", script="raise:destroy"))
    terraform.apply()
    before = resources(terraform)
    terraform.write(HEAD + thing("updated", size=3, script="raise:apply") + thing("created", script="raise:apply"))
    output = terraform.fail_apply().output
    assert output.count("Error: natgw bug: RuntimeError in ApplyResourceChange of fake_thing") == 3
    assert resources(terraform) == before
    assert output.count("[ERROR] provider") == output.count("an RPC ended with an exception") == 3
