"""docs/guides/simulator.md says all that the simulator offers, nothing else, and its examples work."""

from __future__ import annotations

import argparse
import json
import re
import shlex

import pytest
from moto.core.request import Request

from natgw_provider.cli import simulator as command
from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.control import PREFIX, ROUTES
from natgw_provider.simulator.ec2 import ACTIONS
from natgw_provider.simulator.faults import Fault, FaultKind
from natgw_provider.simulator.inputs import SeedRequest, Settings
from natgw_provider.simulator.simulator import Simulator
from support.repository import ROOT

GUIDE = (ROOT / "docs" / "guides" / "simulator.md").read_text(encoding="utf-8")
REQUESTS = re.findall(r"^curl .*", GUIDE, re.MULTILINE)


def rows(header: str) -> list[list[str]]:
    """Return the cells of each row of the table whose head begins with `header`."""
    _, _, table = GUIDE.partition(f"| {header}")
    lines = table.split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def first_cells(header: str) -> list[str]:
    return [row[0].strip("| ").strip("`") for row in rows(header)]


def test_every_option_is_listed() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    command.add_arguments(parser)
    assert sorted(first_cells("option")) == sorted(action.option_strings[0] for action in parser._actions)


def test_every_request_of_the_control_api_is_listed() -> None:
    assert sorted(first_cells("request")) == sorted(f"{m} {PREFIX}/{name}".rstrip("/") for m, name in ROUTES)


def test_every_kind_of_fault_and_every_name_in_its_scope_is_listed() -> None:
    assert first_cells("`kind`") == list(FaultKind)
    parameters = {"seconds", "hang_seconds", "addresses", "code", "message", "status", "kind"}
    assert set(first_cells("name | meaning")) == set(Fault.model_fields) - parameters
    assert [name for name in parameters if f"`{name}`" not in GUIDE] == []


def test_every_setting_is_listed_with_its_default() -> None:
    listed = {row[0].strip("| `"): json.loads(row[1].strip("`")) for row in rows("name | default")}
    assert listed == Settings().model_dump()


def test_every_operation_and_every_name_of_a_seed_is_named() -> None:
    names = {*ACTIONS, *SeedRequest.model_fields}
    assert [name for name in sorted(names) if f"`{name}`" not in GUIDE] == []


@pytest.mark.parametrize("line", REQUESTS)
def test_each_request_shown_is_answered(line: str) -> None:
    simulator = Simulator(clock=ManualClock())
    simulator.seed(secondaries=["10.0.0.20"], primary="10.0.0.11")
    simulator.client().assign_private_nat_gateway_address(
        NatGatewayId="nat-0a1b2c3d4e5f67890", PrivateIpAddresses=["10.0.0.10"]
    )
    parser = argparse.ArgumentParser()
    parser.add_argument("-X")
    parser.add_argument("-d")
    parser.add_argument("url")
    shown = parser.parse_args(shlex.split(line)[1:])
    path = shown.url.removeprefix("$AWS")
    method = shown.X or ("POST" if shown.d else "GET")
    answer = simulator.handle(Request.from_primitives(method, f"http://simulator{path}", {}, shown.d))
    assert answer.status_code == 200, answer.get_data()


def test_the_python_example_shows_the_address_released(capsys: pytest.CaptureFixture[str]) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
    exec(compile(code, "simulator.md", "exec"), {})  # noqa: S102 - our own guide
    shown = capsys.readouterr().out
    assert "10.0.0.20" in shown
    assert "10.0.0.21" not in shown
