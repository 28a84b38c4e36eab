"""How a user's machine leads to AWS, with the real terraform: profiles with roles, MFA codes, typos in settings."""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from support.world import World

PROFILES = """
[profile base]
aws_access_key_id = AKIAIOSFODNN7EXAMPLE
aws_secret_access_key = s
[profile deploy]
role_arn = arn:aws:iam::123456789012:role/natgw
source_profile = base
[profile mfa]
role_arn = arn:aws:iam::123456789012:role/natgw
source_profile = base
mfa_serial = arn:aws:iam::123456789012:mfa/somebody
[profile asking]
credential_process = head -n 1
"""

pytestmark = pytest.mark.terraform


def with_profile(world: World, profile: str, **environment: str) -> World:
    """Let the provider take its credentials from a profile."""
    folder = Path(world.terraform.environment["HOME"], ".aws")
    folder.mkdir()
    (folder / "config").write_text(PROFILES)
    terraform = replace(world.terraform, environment={**world.terraform.environment, **environment})
    world = replace(world, terraform=terraform)
    block = world.provider_block().replace('access_key = "simulator"', f'profile = "{profile}"')
    resource = 'resource "natgw_secondary_private_ips" "this" {\n  nat_gateway_id = "nat-0a1b2c3d4e5f67890"\n'
    resource += "  secondary_private_ip_address_count = 1\n}\n"
    terraform.write(block.replace('  secret_key = "simulator"\n', "") + resource)
    return world


def test_the_role_of_a_profile_is_assumed_at_the_blocks_endpoint(world: World) -> None:
    assert "Plan: 1 to add" in with_profile(world, "deploy").terraform.plan().text
    assert {"AssumeRole", "GetCallerIdentity"} <= world.aws.call_counts().keys()


@pytest.mark.parametrize("profile", ["mfa", "asking"])
def test_the_rest_of_a_jobs_script_is_read_by_nobody(world: World, tmp_path: Path, profile: str) -> None:
    terraform = with_profile(world, profile).terraform
    script = tmp_path / "job.sh"
    script.write_text("123456\necho the rest of the job\n")
    with script.open("rb") as stdin:
        done = subprocess.run(
            ["terraform", "plan", "-input=false", "-no-color"],
            cwd=terraform.folder,
            env=dict(terraform.environment),
            stdin=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert os.lseek(stdin.fileno(), 0, os.SEEK_CUR) == 0
    assert done.returncode == 1
    assert f'profile = "{profile}"' in done.stderr
    if profile == "mfa":
        assert "mfa_serial" in done.stderr
    assert "natgw bug" not in done.stderr


def test_a_setting_of_the_environment_that_cannot_be_used_is_named(world: World) -> None:
    refused = with_profile(world, "deploy", AWS_MAX_ATTEMPTS="x").terraform.fail_plan()
    assert 'The environment variable AWS_MAX_ATTEMPTS is "x". It must be a whole number.' in refused.text
