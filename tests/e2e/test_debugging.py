"""`natgw provider --debug`: Terraform uses a provider process that was there before it and is there after it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.world import World

NATGW = Path(sys.executable).with_name("natgw")


@contextmanager
def debugged(*options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start the command; yield the process and the line it prints."""
    command = [str(NATGW), "provider", "--debug", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.kill()


@pytest.mark.terraform
def test_terraform_plans_and_applies_with_the_process_that_is_being_debugged(world: World) -> None:
    with debugged() as (process, line):
        name, setting = line.strip().split("=", 1)
        attached = type(world.terraform)(
            world.terraform.folder, world.terraform.mirror, {**world.terraform.environment, name: setting.strip("'")}
        )
        world.declare_set("10.0.0.21")
        launcher = next(world.terraform.mirror.glob("**/terraform-provider-*"))
        launcher.rename(launcher.with_name("aside"))  # what Terraform would start by itself
        try:
            attached.apply()
            attached.assert_empty_plan()
            assert world.addresses() == {"10.0.0.21": "succeeded"}
            assert process.poll() is None
        finally:
            launcher.with_name("aside").rename(launcher)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0


def test_the_printed_line_is_for_our_source_address_and_can_be_pasted_into_a_shell() -> None:
    with debugged() as (_, line):
        script = f'export {line}\necho "$TF_REATTACH_PROVIDERS"'
        shown = subprocess.run(["sh", "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert shown.stdout.startswith('{"terraform.local/natgw/natgw": {"Protocol": "grpc"')


def test_without_debug_the_command_says_what_it_is_for() -> None:
    done = subprocess.run([str(NATGW), "provider"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--debug" in done.stderr
