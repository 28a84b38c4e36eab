"""`natgw simulator` as a person and as a script run it."""

from __future__ import annotations

import argparse
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from natgw_provider.cli import main, simulator
from simulator.conftest import fetch
from support.repository import ROOT

COMMAND = [sys.executable, "-c", "import sys; from natgw_provider.cli.main import run; sys.exit(run())", "simulator"]


@contextmanager
def running(*options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen([*COMMAND, *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def test_a_script_gets_one_line_of_json_and_an_end_on_sigterm() -> None:
    options = ["--json", "--seed-gateway", "nat-12345678", "--quota", "9", "--connections-end-after", "3"]
    options += ["--connectivity", "public", "--elastic-ip-quota", "5"]
    with running(*options, "--speed", "50", "--region", "us-east-1") as process:
        assert process.stdout
        found = json.loads(process.stdout.readline())
        assert found["seed"]["nat_gateway_id"] == "nat-12345678"
        assert found["seed"]["region"] == "us-east-1"
        assert (found["seed"]["connectivity"], len(found["seed"]["free_allocation_ids"])) == ("public", 2)
        assert b"nat-12345678" in fetch(found["url"], "/?Action=DescribeNatGateways")[1]
        settings = json.loads(fetch(found["url"], "/_natgw/settings")[1])
        assert (settings["quota"], settings["elastic_ip_quota"], settings["connections_end_after"]) == (9, 5, 3)
        assert json.loads(fetch(found["control_url"], "/_natgw/clock")[1])["runs"].startswith("50 simulated seconds")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=10)
    assert (process.returncode, out) == (0, "")
    assert err == ""


@pytest.mark.parametrize(
    ("connectivity", "seeded", "declared"),
    [
        (
            "private",
            "10.0.0.4  succeeded  primary",
            """\
  resource "natgw_secondary_private_ips" "example" {
    nat_gateway_id                 = "nat-0a1b2c3d4e5f67890"
    secondary_private_ip_addresses = ["10.0.0.10", "10.0.0.11"]
  }
""",
        ),
        (
            "public",
            "10.0.0.4  succeeded  primary  eipalloc-011b2c3d4e5f67890",
            """\
  resource "natgw_secondary_elastic_ips" "example" {
    nat_gateway_id = "nat-0a1b2c3d4e5f67890"
    allocation_ids = ["eipalloc-021b2c3d4e5f67890"]
  }
""",
        ),
    ],
)
def test_a_person_reads_how_to_use_it_and_ends_it_with_ctrl_c(connectivity: str, seeded: str, declared: str) -> None:
    with running("--seed-gateway", "--connectivity", connectivity) as process:
        assert process.stdout
        lines: list[str] = []
        while not lines or "Ctrl-C" not in lines[-1]:
            lines.append(process.stdout.readline())
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 0
    text = "".join(lines)
    [url] = set(re.findall(r"http://127\.0\.0\.1:\d+", text))
    assert seeded in text
    assert 'provider "natgw" {' in text
    assert f'ec2 = "{url}"' in text
    assert f'sts = "{url}"' in text
    assert declared in text
    assert f"curl {url}/_natgw/calls" in text


def test_a_busy_port_is_one_line_and_exit_code_2(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main.run(["simulator", "--port", str(port)]) == 2
    message = capfd.readouterr().err
    assert message.splitlines()[-1].startswith(f"natgw: port {port} on 127.0.0.1 is taken")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--port", "70000"], "a port is 0 to 65535, not 70000"),
        (["--speed", "0"], "a clock's speed is more than 0 and at most 1e+06, not 0"),
        (["--speed", "nan"], "a clock's speed is more than 0 and at most 1e+06, not nan"),
        (["--quota", "33"], "quota should be less than or equal to 32 (found 33)"),
        (["--elastic-ip-quota", "0"], "elastic_ip_quota should be greater than or equal to 1 (found 0)"),
        (["--connections-end-after", "-1"], "connections_end_after should be greater than or equal to 0 (found -1.0)"),
        (
            ["--seed-gateway", "nat-x"],
            "nat_gateway_id takes nat- and 8 or 17 of the characters 0-9 and a-f",
        ),
        (["--region", "mars-1"], "no such region: 'mars-1'; there are: af-south-1"),
    ],
)
def test_a_bad_option_is_one_line_that_says_what_is_allowed(
    capfd: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main.run(["simulator", *options]) == 2
    assert message in capfd.readouterr().err


def test_a_missing_extra_is_one_line_that_says_what_to_install(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(_: argparse.Namespace) -> None:
        raise ModuleNotFoundError("No module named 'moto'", name="moto")

    monkeypatch.setattr(simulator, "_build", build)
    assert main.run(["simulator"]) == 2
    said = capfd.readouterr().err
    assert said.startswith("natgw: moto is not installed. The simulator needs it: ")
    assert f"{ROOT}[simulator]" in said
    assert said.count("\n") == 1
