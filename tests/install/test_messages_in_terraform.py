"""The error that Terraform shows says why the provider does not start."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from natgw_provider import SOURCE, __version__
from natgw_provider.cli.mirror import terraform_platform
from release import write_zip
from support.package import zip_name
from support.repository import ROOT
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


@pytest.fixture(scope="module")
def terraform(tmp_path_factory: pytest.TempPathFactory) -> Terraform:
    folder = tmp_path_factory.mktemp("user")
    mirror = install_into(tmp_path_factory.mktemp("mirror"))
    environment = {**terraform_environment(folder), "NATGW_PYTHON": ""}
    terraform = Terraform(folder, mirror, environment)
    terraform.write(CONFIGURATION)
    terraform.init()
    return terraform


def test_a_note_that_points_to_no_python(terraform: Terraform) -> None:
    note = terraform.mirror / f"natgw-{__version__}.python"
    note.write_text("/gone/python\n")
    said = terraform.run("validate", "-no-color").text
    note.unlink()
    assert f"natgw {__version__} cannot start: there is no Python at /gone/python" in said
    assert "Run 'natgw install' again" in said


def test_a_python_with_natgw_and_without_what_it_needs(terraform: Terraform, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path], check=True)
    (site_packages,) = tmp_path.glob("lib/python*/site-packages")
    (site_packages / "natgw.pth").write_text(f"{ROOT / 'handlers'}\n")
    python = str(tmp_path / "bin" / "python")
    bare = Terraform(terraform.folder, terraform.mirror, {**terraform.environment, "NATGW_PYTHON": python})
    said = bare.run("validate", "-no-color").text
    assert "lacks boto3, botocore, cryptography, protobuf, h2, msgpack." in said
    assert f"Install natgw {__version__} there again, with what it needs" in said


def test_where_it_is_not_installed_init_fails_at_once_and_names_a_host_that_nobody_can_serve(tmp_path: Path) -> None:
    terraform = Terraform(tmp_path, tmp_path, terraform_environment(tmp_path))
    terraform.write(CONFIGURATION)
    init = terraform.run("init", "-input=false", "-no-color", timeout=30)
    assert init.exit_code == 1
    assert SOURCE in init.text
    assert "terraform.local" in init.text


def test_a_note_that_a_repository_holds_beside_an_unpacked_package_is_not_obeyed(tmp_path: Path) -> None:
    """D9: Terraform unpacks a packed mirror into .terraform/providers, where anybody can commit a note."""
    packed, folder = tmp_path / "packed", tmp_path / "repository"
    (packed / SOURCE).mkdir(parents=True)
    write_zip(packed / SOURCE / zip_name(terraform_platform()), None)
    planted = folder / ".terraform" / "providers" / f"natgw-{__version__}.python"
    planted.parent.mkdir(parents=True)
    trap = tmp_path / "trap"
    trap.write_text(f"#!/bin/sh\ntouch '{tmp_path / 'trapped'}'\n")
    trap.chmod(0o755)
    planted.write_text(f"{trap}\n")
    terraform = Terraform(folder, packed, {**terraform_environment(tmp_path), "NATGW_PYTHON": ""})
    terraform.write(CONFIGURATION)
    terraform.init()
    said = terraform.run("validate", "-no-color").text
    assert f"natgw {__version__} cannot start: it is not installed for this user." in said
    assert not (tmp_path / "trapped").exists()
