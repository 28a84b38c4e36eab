"""`natgw install` and its check agree with `terraform init` about whether it finds what is installed (case B2)."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from install.conftest import User
from natgw_provider import SOURCE
from natgw_provider.cli.terraform_settings import search_trouble

pytestmark = pytest.mark.terraform

CONFIGURATION = f'terraform {{\n  required_providers {{\n    natgw = {{ source = "{SOURCE}" }}\n  }}\n}}\n'
MIRROR = "OURS"
"""Stands in the settings below for the folder that natgw is installed in."""

SEARCHED = {
    "no block": "disable_checkpoint = true\n",
    "a block in comments and texts": """
# provider_installation {
/* provider_installation { direct {} } */
plugin_cache_dir = ""
credentials "provider_installation { direct {} }" {
  token = "a \\" }" // }
}
host "a.example.com" {
  services = { "modules.v1" = "https://a.example.com/", }
}
""",
    "our folder": 'provider_installation { filesystem_mirror { path = "OURS" } }',
    "our folder, ours alone": """
provider_installation {
  filesystem_mirror {
    path    = "OURS"
    include = ["terraform.local/natgw/natgw"]
  }
  direct {
    exclude = ["example.com/*/*", "terraform.local/*/*"]
  }
}""",
    "JSON": json.dumps(
        {
            "provider_installation": {
                "filesystem_mirror": [{"path": MIRROR, "include": ["terraform.local/*/*"]}],
                "direct": {"exclude": ["terraform.local/*/*"]},
            }
        }
    ),
}
NOT_SEARCHED = {
    "direct": "provider_installation {\n  direct {}\n}\n",
    "an empty block": "provider_installation {\n}\n",
    "another mirror": """
provider_installation {
  filesystem_mirror {
    path = "/somewhere/else"
  }
  direct {
    exclude = ["example.com/*/*", "terraform.local/*/*"]
  }
}""",
    "our folder, for others": """
provider_installation {
  filesystem_mirror {
    path    = "OURS"
    include = ["example.com/*/*", "hashicorp/*"]
  }
}""",
    "our folder, but not for us": """
provider_installation {
  filesystem_mirror {
    path    = "OURS"
    exclude = ["terraform.local/natgw/*"]
  }
}""",
    "our folder, and direct asked too": """
provider_installation {
  filesystem_mirror { path = "OURS" }
  direct { exclude = ["example.com/*/*"] }
}""",
    "JSON": json.dumps({"provider_installation": [{"direct": [{}]}]}),
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
    assert init(user, **chosen) == 0
    checked = user.natgw("install", "--check", **chosen)
    assert checked.returncode == 0, checked.stdout


@pytest.mark.parametrize("text", NOT_SEARCHED.values(), ids=NOT_SEARCHED)
def test_where_it_does_not_they_fail_and_the_lines_that_they_print_put_it_right(user: User, text: str) -> None:
    file = settings_file(user, text)
    chosen = {"TF_CLI_CONFIG_FILE": str(file)}
    installed = user.natgw("install", **chosen)
    assert installed.returncode == 1
    assert f"{file} has a provider_installation block" in installed.stderr
    assert "Next:" not in installed.stdout
    assert init(user, **chosen) == 1
    checked = user.natgw("install", "--check", **chosen)
    assert checked.returncode == 1
    assert str(file) in checked.stdout
    file.write_text(f"provider_installation {{\n{with_lines(file.read_text(), installed.stderr)}}}\n")
    assert init(user, **chosen) == 0
    assert user.natgw("install", "--check", **chosen).returncode == 0


def with_lines(before: str, said: str) -> str:
    """Return the block's content after a user has done what was said."""
    kept = [f'  filesystem_mirror {{ path = "{path}" }}\n' for path in re.findall(r'path = "(.*plugins)" }', before)]
    ours = re.findall(r"  filesystem_mirror \{\n.*?\n  \}\n", said, re.DOTALL)
    direct = [f"  direct {{\n{exclude}  }}\n" for exclude in re.findall(r"    exclude = \[.*\]\n", said)]
    return "".join([*kept, *ours, *direct])


@pytest.mark.parametrize("name", [".terraformrc", ".terraform.d/company.tfrc", ".terraform.d/company.tfrc.json"])
def test_the_default_files_are_read_as_terraform_reads_them(user: User, name: str) -> None:
    file = user.home / name
    file.parent.mkdir(exist_ok=True)
    file.write_text(NOT_SEARCHED["JSON" if name.endswith("json") else "direct"])
    assert str(file) in user.natgw("install").stderr
    assert init(user) == 1
    elsewhere = {"TF_CLI_CONFIG_FILE": str(user.home / "missing")}
    assert user.natgw("install", "--check", **elsewhere).returncode == 0
    assert init(user, **elsewhere) == 0


def test_a_folder_that_the_user_names_to_init_needs_no_setting(user: User) -> None:
    chosen = {"TF_CLI_CONFIG_FILE": str(settings_file(user, NOT_SEARCHED["direct"]))}
    assert user.natgw("install", "--plugin-dir", "mirror", **chosen).returncode == 0


def test_settings_that_cannot_be_understood_are_named(user: User) -> None:
    chosen = {"TF_CLI_CONFIG_FILE": str(settings_file(user, "provider_installation {"))}
    installed = user.natgw("install", **chosen)
    assert installed.returncode == 1
    assert "cannot be read, so it is not known where terraform searches: it is not valid HCL" in installed.stderr


TOKENS = (
    *("provider_installation", "filesystem_mirror", "direct", "path", "include", "exclude", '"terraform.local/*/*"'),
    *("{", "}", "[", "]", "=", ",", "\n", "# x\n", "5", '"', ":", "null"),
)


@given(st.lists(st.sampled_from(TOKENS), max_size=25).map(" ".join) | st.text() | st.just("a = " + "[" * 100_000))
@example('{"provider_installation": {"filesystem_mirror": {"path": 5, "include": "x"}, "direct": {"exclude": null}}}')
def test_whatever_a_settings_file_holds_there_is_an_answer(text: str) -> None:
    with tempfile.TemporaryDirectory() as home, mock.patch.dict(os.environ):
        os.environ.pop("TF_CLI_CONFIG_FILE", None)
        Path(home, ".terraformrc").write_text(text, encoding="utf-8", errors="replace")
        said = search_trouble(Path(home, "plugins"), Path(home))
    assert said is None or said.startswith(f"{home}/.terraformrc ")
