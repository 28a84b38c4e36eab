"""`natgw watch` against the simulator, as a person and a pipeline run it."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from natgw_provider.cli import watch as watch_command
from natgw_provider.simulator.simulator import Simulator
from support.terraform import environment_for

GATEWAY, OTHER = "nat-0a1b2c3d4e5f67890", "nat-0a1b2c3d4e5f67891"
PROGRAM = """
import sys
from natgw_provider.cli import main, watch
watch.IDLE_SECONDS = 1.0
sys.exit(main.run())
"""
COMMAND = (sys.executable, "-c", PROGRAM, "watch")
"""The command, content with a shorter time in which nothing is in transition."""

DRAIN_SECONDS = 350


@pytest.fixture
def aws() -> Iterator[Simulator]:
    """Two gateways, the first with a secondary address."""
    with Simulator() as simulator:
        simulator.seed(nat_gateway_id=GATEWAY, cidr="10.0.0.0/24", primary="10.0.0.10", secondaries=["10.0.0.21"])
        simulator.seed(nat_gateway_id=OTHER, cidr="10.1.0.0/24", primary="10.1.0.10")
        simulator.clear_calls()
        yield simulator


def environment(aws: Simulator, home: Path) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(home), **environment_for(aws)}


def watch(aws: Simulator, home: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*COMMAND, *options], env=environment(aws, home), capture_output=True, text=True, timeout=60, check=False
    )


def unassign(aws: Simulator) -> None:
    aws.client().unassign_private_nat_gateway_address(
        NatGatewayId=GATEWAY, PrivateIpAddresses=["10.0.0.21"], MaxDrainDurationSeconds=DRAIN_SECONDS
    )


def watch_a_drain(aws: Simulator, home: Path, *options: str) -> list[str]:
    """Return the lines of a drain whose connections end when they show it."""
    unassign(aws)
    lines = []
    command = [*COMMAND, *options, "--until-idle", "--max-drain", str(DRAIN_SECONDS)]
    with subprocess.Popen(command, env=environment(aws, home), stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout or ():
            lines.append(line.removesuffix("\n"))
            if re.search(r" draining|unassigning", line):
                aws.end_connections(GATEWAY, "10.0.0.21")
    assert process.returncode == 0
    return lines


def test_a_drain_is_followed_to_its_end_with_a_line_for_each_change(aws: Simulator, tmp_path: Path) -> None:
    lines = watch_a_drain(aws, tmp_path, GATEWAY, OTHER)
    assert [re.sub(r"\d\d:\d\d:\d\d UTC", "TIME", line) for line in lines] == [
        f"TIME {GATEWAY} available",
        f"TIME {GATEWAY} 10.0.0.10 in service, primary",
        f"TIME {GATEWAY} 10.0.0.21 draining, seen since TIME, until TIME at the latest",
        f"TIME {OTHER} available",
        f"TIME {OTHER} 10.1.0.10 in service, primary",
        f"TIME {GATEWAY} 10.0.0.21 released",
    ]


def test_an_elastic_ip_is_shown_with_its_public_address(aws: Simulator, tmp_path: Path) -> None:
    public = aws.seed(cidr="10.2.0.0/24", connectivity="public")
    elastic = aws.client().describe_addresses(AllocationIds=[public.primary_allocation_id])["Addresses"][0]
    done = watch(aws, tmp_path, public.nat_gateway_id, "--until-idle")
    assert f"{public.primary_allocation_id} ({elastic['PublicIp']}) in service, primary" in done.stdout


def test_a_hostile_name_reaches_no_terminal(aws: Simulator, tmp_path: Path) -> None:
    hostile = aws.seed(cidr="10.2.0.0/24", tags={"Name": "a\nnat-1 available\u202e"})
    done = watch(aws, tmp_path, hostile.nat_gateway_id, "--until-idle")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 2
    assert "\u202e" not in done.stdout


def test_it_only_reads_and_reads_all_gateways_with_one_call(aws: Simulator, tmp_path: Path) -> None:
    assert watch(aws, tmp_path, GATEWAY, OTHER, GATEWAY, "--until-idle").returncode == 0
    assert set(aws.call_counts()) == {"GetCallerIdentity", "DescribeNatGateways"}
    reads = aws.calls("DescribeNatGateways")
    assert 2 <= len(reads) <= 6
    assert {tuple(read.gateway_ids) for read in reads} == {(GATEWAY, OTHER)}, "one call for both"


def test_a_program_gets_a_line_of_json_for_each_change(aws: Simulator, tmp_path: Path) -> None:
    first, last = map(json.loads, watch_a_drain(aws, tmp_path, GATEWAY, "--json"))
    draining: dict[str, Any] = first["addresses"][1]
    assert (first["nat_gateway_id"], first["state"], first["idle"]) == (GATEWAY, "available", False)
    assert (draining["address"], draining["status"], draining["is_primary"]) == ("10.0.0.21", "unassigning", False)
    assert draining["seen_draining_since"] < draining["drain_ends_by"]
    assert last["idle"]
    assert [address["address"] for address in last["addresses"]] == ["10.0.0.10"]


def test_a_terminal_shows_the_seconds_run(aws: Simulator, tmp_path: Path) -> None:
    unassign(aws)
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, GATEWAY, "--until-idle"], env=environment(aws, tmp_path), stdout=theirs
    ) as process:
        os.close(theirs)
        shown, is_draining = b"", True
        with suppress(OSError):  # Linux's way to say that the other end is closed
            while chunk := os.read(ours, 4096):
                shown += chunk
                if is_draining and re.search(rb"seen for [1-9]\d* s", shown):
                    is_draining = False
                    aws.end_connections(GATEWAY, "10.0.0.21")
        assert process.wait(10) == 0
    os.close(ours)
    text = shown.decode()
    assert "\x1b[3F\x1b[J" in text
    assert re.search(r"10\.0\.0\.21 +draining, seen for 0 s", text)
    assert re.search(r"10\.0\.0\.21 +draining, seen for [1-9]\d* s", text)


def test_what_a_terminal_cannot_show_is_counted(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((60, 6)))
    views = [watch_command.View(f"nat-{number:08}", None, {}, None) for number in range(10)]
    table = watch_command._Table()
    table.show(views)
    table.show(views)
    shown = capsys.readouterr().out.split("\x1b[4F\x1b[J")
    assert len(shown) == 2
    for lines in map(str.splitlines, shown):
        assert len(lines) == 4
        assert max(map(len, lines)) < 60
        assert lines[-1] == "... 7 more lines; a higher terminal shows them"


def test_a_timeout_that_ends_before_the_drain_has_an_exit_code_of_its_own(aws: Simulator, tmp_path: Path) -> None:
    unassign(aws)
    began = time.monotonic()
    assert watch(aws, tmp_path, GATEWAY, "--until-idle", "--timeout", "3s").returncode == 3
    assert time.monotonic() - began < 60
    assert watch(aws, tmp_path, OTHER, "--timeout", "10s").returncode == 0, "watched as long as asked"


def test_an_address_that_failed_has_an_exit_code_of_its_own(aws: Simulator, tmp_path: Path) -> None:
    aws.end_gateway(GATEWAY, "failed")
    done = watch(aws, tmp_path, GATEWAY, "--until-idle")
    assert done.returncode == 4
    assert f"{GATEWAY} failed" in done.stdout


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        (["nat-00000000000000000"], 1, "natgw watch: NAT gateway not found. nat-00000000000000000 does not exist in "),
        ([GATEWAY, "--region", "eu-centrall-1"], 1, "Here, give it with --region."),
        ([GATEWAY, "--profile", "nobody"], 1, "nobody"),
        (["eip-1"], 2, "The id of a NAT gateway is nat- followed by"),
        ([GATEWAY, "--max-drain", "4001"], 2, "must be a whole number of seconds, 1 to 4000"),
        ([GATEWAY, "--timeout", "soon"], 2, 'must be a duration such as "90s"'),
    ],
)
def test_what_cannot_be_watched_is_one_message(
    aws: Simulator, tmp_path: Path, options: list[str], code: int, said: str
) -> None:
    done = watch(aws, tmp_path, *options)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_reader_that_leaves_is_no_error(aws: Simulator, tmp_path: Path) -> None:
    with subprocess.Popen(
        [*COMMAND, GATEWAY, "--until-idle"],
        env=environment(aws, tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        process.stdout.close()
        assert process.stderr
        assert process.stderr.read() == ""
        assert process.wait(10) == 141
