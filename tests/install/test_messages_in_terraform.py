"""The error that Terraform shows says why the provider does not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from natgw_provider import SOURCE, __version__
from support.terraform import Terraform, install_into, terraform_environment

pytestmark = pytest.mark.terraform

CONFIGURATION = """
terraform {
  required_providers {
    natgw = { source = "terraform.local/natgw/natgw" }
  }
}

data "natgw_nat_gateway" "it" {}
"""
"""Terraform 1.6 starts no provider for a provider block alone."""


def test_a_note_that_names_no_python_is_said(tmp_path: Path) -> None:
    mirror = install_into(tmp_path / "mirror")
    (mirror / f"natgw-{__version__}.python").write_text("/gone/python\n")
    (folder := tmp_path / "work").mkdir()
    terraform = Terraform(folder, mirror, {**terraform_environment(tmp_path), "NATGW_PYTHON": ""})
    terraform.write(CONFIGURATION)
    terraform.init()
    said = terraform.run("validate", "-no-color").text
    assert f"natgw {__version__} cannot start: there is no Python at /gone/python" in said


def test_where_it_is_not_installed_init_fails_at_once_and_names_a_host_that_nobody_can_serve(tmp_path: Path) -> None:
    terraform = Terraform(tmp_path, tmp_path, terraform_environment(tmp_path))
    terraform.write(CONFIGURATION)
    init = terraform.run("init", "-input=false", "-no-color", timeout=30)
    assert init.exit_code == 1
    assert SOURCE in init.text
    assert "terraform.local" in init.text
