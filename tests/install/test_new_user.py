"""With the wheel and nothing else of ours, a user installs, initialises and plans in a home of their own.

The dependencies come from the environment that runs the tests, so that no network is needed; natgw itself does not.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from install.conftest import User
from natgw_provider import __version__
from natgw_provider.simulator.simulator import Simulator
from release import python_packages
from support.repository import ROOT
from support.terraform import Terraform, environment_for, terraform_environment

GATEWAY = "nat-0a1b2c3d4e5f67890"

pytestmark = pytest.mark.terraform


@pytest.fixture
def installed(user: User, tmp_path: Path) -> Path:
    """Return a virtual environment that has the built wheel, and our dependencies by a path file."""
    environment = user.home / "an environment"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", environment], check=True)
    python = environment / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check", "install", "--quiet"]
    # Not the checkout's own `natgw`, which its editable install adds: path files count in the first folder only.
    subprocess.run([*pip, "--no-deps", "--no-index", str(python_packages(ROOT, tmp_path)[0])], check=True, timeout=120)
    (site_packages,) = environment.glob("lib/python*/site-packages")
    (site_packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment


def test_install_init_and_plan_with_the_wheel_alone(user: User, installed: Path) -> None:
    python = [f"{installed}/bin/python", "-c"]
    where = user.run([*python, "from natgw_provider.__main__ import SCHEMA_FILE; print(SCHEMA_FILE)"], {}).stdout
    assert where.startswith(str(installed))
    assert Path(where.strip()).stat().st_size, "without it, every first start works the schema out"
    models = "from natgw_provider.aws.trimmed_models import *; print(trimmed_models_folder().is_dir())"
    assert user.run([*python, models], {}).stdout == "True\n", "without them, every last start parses 4.4 MB of JSON"
    done = user.run([f"{installed}/bin/natgw", "install"], {})
    assert done.returncode == 0, done.stderr
    checked = user.run([f"{installed}/bin/natgw", "install", "--check"], {})
    assert checked.returncode == 0, checked.stdout
    assert str(installed / "bin" / "python") in checked.stdout
    with Simulator() as aws:
        aws.seed(nat_gateway_id=GATEWAY)
        assert_the_plan_is_right(user, aws)
    assert f"natgw {__version__}" in user.run([f"{installed}/bin/natgw", "--version"], {}).stdout


def test_install_prepares_fast_starts_where_the_installation_of_the_package_did_not(
    user: User, installed: Path
) -> None:
    """As with an installer that compiles nothing, or after boto3 was updated."""
    natgw = f"{installed}/bin/natgw"
    (package,) = installed.glob("lib/python*/site-packages/natgw_provider")
    shutil.rmtree(package / "aws_data")
    for folder in [*package.rglob("__pycache__")]:
        shutil.rmtree(folder)
    user.run([natgw, "install"], {"PYTHONDONTWRITEBYTECODE": "1"})
    assert (package / "aws_data").is_dir()
    assert list((package / "bridge" / "__pycache__").iterdir())
    shutil.rmtree(package / "aws_data")
    checked = user.run([natgw, "install", "--check"], {})
    assert checked.returncode == 0, checked.stdout
    assert "slow   AWS's service models are not cut for this botocore: `natgw install` cuts them" in checked.stdout
    assert not (package / "aws_data").exists(), "a check writes nothing"


def assert_the_plan_is_right(user: User, aws: Simulator) -> None:
    """As a user does it: no -plugin-dir, no setting but where AWS is."""
    folder = user.home / "network"
    folder.mkdir()
    shutil.copy(ROOT / "examples" / "02-hcl-minimal" / "main.tf", folder)
    environment = terraform_environment(user.home) | environment_for(aws)
    del environment["NATGW_PYTHON"]
    terraform = Terraform(folder, user.plugins, environment)
    main = folder / "main.tf"
    main.write_text(main.read_text().replace("nat-0123456789abcdef0", GATEWAY))
    terraform.ok("init", "-input=false")
    terraform.ok("validate")
    planned = terraform.show_plan()
    assert planned["after"]["last_change"]["summary"] == "assign 10.0.0.20, 10.0.0.21"
    assert list((user.plugins).rglob("__pycache__")) == []
