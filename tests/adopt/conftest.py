"""A simulated AWS that `natgw adopt` reads, and the command run in this process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from natgw_provider.cli import adopt as command
from natgw_provider.cli import main
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from review.aws_stand_in import install_stand_in
from support.terraform import Terraform, environment_for, install_into, terraform_environment

Adopt = Callable[..., tuple[int, str, str]]
"""Runs `natgw adopt` with options; returns exit code, standard output and stderr."""

PERMITTED = {"GetCallerIdentity", "DescribeNatGateways"}


@pytest.fixture
def aws() -> Iterator[Simulator]:
    with Simulator(clock=ManualClock()) as simulator:
        yield simulator


@pytest.fixture
def adopt(
    aws: Simulator, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: object
) -> Adopt:
    """Run the command; whatever it was asked, it only reads."""
    monkeypatch.setattr(command, "PATIENCE_SECONDS", 600.0)  # a busy machine is no reason to report a slow read
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in environment_for(aws).items():
        monkeypatch.setenv(name, value)

    def run(*options: str) -> tuple[int, str, str]:
        before = len(aws.calls())
        try:
            code = main.run(["adopt", *options])
        except SystemExit as end:
            code = int(end.code or 0)
        assert {call.action for call in aws.calls()[before:]} <= PERMITTED
        captured = capfd.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture(scope="session")
def mirror(tmp_path_factory: pytest.TempPathFactory) -> Path:
    mirror = install_into(tmp_path_factory.mktemp("mirror"))
    install_stand_in(mirror)
    return mirror


@pytest.fixture
def terraform(aws: Simulator, mirror: Path, tmp_path: Path) -> Terraform:
    """Return a folder whose provider finds the simulator through the environment, as the command does."""
    home, folder = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    return Terraform(folder, mirror, terraform_environment(home) | environment_for(aws))


def mutating_calls(aws: Simulator) -> list[str]:
    """Return the calls that assign or unassign an address."""
    return [call.action for call in aws.calls() if call.action.endswith("NatGatewayAddress")]


def seed(aws: Simulator, number: int, *hosts: int, name: str | None = None, **more: object) -> str:
    """Seed a gateway in subnet 10.NUMBER.0.0/24 and return its id."""
    tags = {} if name is None else {"tags": {"Name": name}}
    identity = {"nat_gateway_id": f"nat-{number:017x}", "cidr": f"10.{number}.0.0/24"}
    seeded = aws.seed(**identity, secondaries=[f"10.{number}.0.{host}" for host in hosts], **tags, **more)
    return seeded.nat_gateway_id
