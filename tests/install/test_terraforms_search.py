"""`natgw install` and its check say what `terraform init` says about whether it finds what is installed (case B2)."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from install.conftest import User
from natgw_provider import SOURCE
from natgw_provider.cli import install_check
from natgw_provider.cli.mirror import LAUNCHER, InstallLocation

pytestmark = pytest.mark.terraform

CONFIGURATION = f'terraform {{\n  required_providers {{\n    natgw = {{ source = "{SOURCE}" }}\n  }}\n}}\n'
MIRROR = "OURS"
"""Stands in the settings below for the folder that natgw is installed in."""

EXCLUDED = {"exclude": ["terraform.local/*/*"]}
SEARCHED = {
    "no block": "disable_checkpoint = true\n",
    "our folder": 'provider_installation { filesystem_mirror { path = "OURS" } }',
    "JSON": json.dumps({"provider_installation": {"filesystem_mirror": [{"path": MIRROR}], "direct": EXCLUDED}}),
}
NOT_SEARCHED = {
    "direct": "provider_installation {\n  direct {}\n}\n",
    "an empty block": "provider_installation {\n}\n",
    "our folder, for others": """
provider_installation {
  filesystem_mirror {
    path    = "OURS"
    include = ["example.com/*/*", "hashicorp/*"]
  }
}""",
    "our folder, and direct asked too": """
provider_installation {
  filesystem_mirror { path = "OURS" }
  direct { exclude = ["example.com/*/*"] }
}""",
}


def init(user: User, **environment: str) -> int:
    """Return what `terraform init` ends with in a new folder of this user."""
    folder = user.home / "network"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    (folder / "main.tf").write_text(CONFIGURATION)
    terraform = [shutil.which("terraform") or "terraform", f"-chdir={folder}", "init", "-input=false"]
    return user.run(terraform, {"CHECKPOINT_DISABLE": "1", **environment}).returncode


def settings_file(user: User, text: str) -> Path:
    file = user.home / "settings"
    file.write_text(text.replace(MIRROR, str(user.plugins)))
    return file


@pytest.mark.parametrize("text", SEARCHED.values(), ids=SEARCHED)
def test_where_terraform_searches_the_folder_install_and_check_say_that_all_is_right(user: User, text: str) -> None:
    chosen = {"TF_CLI_CONFIG_FILE": str(settings_file(user, text))}
    installed = user.natgw("install", **chosen)
    assert installed.returncode == 0, installed.stderr
    checked = user.natgw("install", "--check", **chosen)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("text", NOT_SEARCHED.values(), ids=NOT_SEARCHED)
def test_where_it_does_not_they_fail_and_the_lines_that_they_print_put_it_right(user: User, text: str) -> None:
    file = settings_file(user, text)
    chosen = {"TF_CLI_CONFIG_FILE": str(file)}
    installed = user.natgw("install", **chosen)
    assert installed.returncode == 1
    assert "terraform will not find it. `terraform init` says:\n\n" in installed.stderr
    assert SOURCE in installed.stderr
    assert "Next:" not in installed.stdout
    checked = user.natgw("install", "--check", **chosen)
    assert checked.returncode == 1
    assert "WRONG  terraform's search for it\n" in checked.stdout
    (ours,) = re.findall(r"  filesystem_mirror \{\n.*?\n  \}\n", installed.stderr, re.DOTALL)
    (exclude,) = re.findall(r"    exclude = \[.*\]\n", installed.stderr)
    file.write_text(f"provider_installation {{\n{ours}  direct {{\n{exclude}  }}\n}}\n")
    assert init(user, **chosen) == 0
    assert user.natgw("install", "--check", **chosen).returncode == 0


def test_a_projects_folder_is_searched_beside_its_configuration(user: User) -> None:
    assert user.natgw("install", "--project").returncode == 0
    assert user.natgw("install", "--check", "--project").returncode == 0
    chosen = {"TF_CLI_CONFIG_FILE": str(settings_file(user, NOT_SEARCHED["direct"]))}
    assert user.natgw("install", "--check", "--project", **chosen).returncode == 1


def test_settings_are_named_from_the_working_folder(user: User) -> None:
    file = settings_file(user, NOT_SEARCHED["direct"])
    assert user.natgw("install", TF_CLI_CONFIG_FILE=file.name).returncode == 1


def test_a_folder_that_the_user_names_to_init_needs_no_setting(user: User) -> None:
    chosen = {"TF_CLI_CONFIG_FILE": str(settings_file(user, NOT_SEARCHED["direct"]))}
    assert user.natgw("install", "--plugin-dir", "mirror", **chosen).returncode == 0


def test_the_search_obeys_no_argument_of_the_environment_and_leaves_nothing_behind(user: User) -> None:
    user.natgw("install")
    before = sorted(user.home.rglob("*"))
    variables = {
        "TF_CLI_ARGS": "-help",
        "TF_CLI_ARGS_init": "-plugin-dir=/nowhere",
        "TF_DATA_DIR": str(user.home / "data"),
        "TF_PLUGIN_CACHE_DIR": str(user.home / "cache"),
    }
    checked = user.natgw("install", "--check", **variables)
    assert checked.returncode == 0, checked.stdout
    assert sorted(user.home.rglob("*")) == before


def test_without_terraform_it_is_installed_and_not_searched_for(user: User, tmp_path: Path) -> None:
    installed = user.natgw("install", PATH=str(tmp_path))
    assert installed.returncode == 0, installed.stderr
    assert [path.name for path in user.plugins.rglob("*") if path.is_file()] == [LAUNCHER]


def test_a_terraform_in_the_working_folder_is_not_started(user: User) -> None:
    trap = user.home / "terraform"
    trap.write_text("#!/bin/sh\ntouch trapped\n")
    trap.chmod(0o755)
    for path in ("", ".", "/nowhere:"):
        assert user.natgw("install", PATH=path).returncode == 0
    assert not (user.home / "trapped").exists()


def test_a_search_that_does_not_end_is_an_answer_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = tmp_path / "terraform"
    waiting.write_text("#!/bin/sh\nexec sleep 60\n")
    waiting.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(install_check, "SEARCH_SECONDS", 0.1)
    said = install_check.search_trouble(InstallLocation(tmp_path / "mirror")) or ""
    assert "`terraform init` does not end within" in said
    assert f'path    = "{tmp_path / "mirror"}"' in said
