"""With the real terraform: a login page loses no state, and Ctrl-C ends an apply whose call hangs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from support.fault_proxy import FaultProxy
from support.terraform import interrupt
from support.waiting import wait_for
from support.world import World

pytestmark = pytest.mark.terraform

ASSIGN = "AssignPrivateNatGatewayAddress"
UNASSIGN = "UnassignPrivateNatGatewayAddress"
DESCRIBE = "DescribeNatGateways"


@pytest.fixture
def proxy(world: World) -> Iterator[FaultProxy]:
    with FaultProxy(world.aws.url) as proxy:
        yield proxy


@pytest.fixture
def behind(world: World, proxy: FaultProxy) -> World:
    """The world with 10.0.0.21 assigned, seen through the proxy."""
    behind = replace(world, endpoint=proxy.url)
    behind.declare_set("10.0.0.21", drain=1, body='timeouts = { delete = "5s" }')
    behind.terraform.apply()
    return behind


def test_a_login_page_loses_no_state_at_refresh_and_at_destroy(behind: World, proxy: FaultProxy) -> None:
    proxy.spoil("login_page", action=DESCRIBE)
    refused = behind.terraform.fail_plan()
    assert "HTTP 200 with a web page is not an answer from AWS" in refused.text
    proxy.heal()
    proxy.spoil("login_page", action=UNASSIGN, dry_run=False, acts=False)
    refused = behind.terraform.run("destroy", "-auto-approve", "-input=false", "-no-color")
    assert refused.exit_code == 1
    assert f"{UNASSIGN}: NotAnAwsAnswer: HTTP 200 with a web page" in refused.text
    assert behind.terraform.state()["secondary_private_ip_addresses"] == ["10.0.0.21"]
    proxy.heal()
    behind.terraform.destroy()
    assert behind.addresses() == {}


@pytest.mark.parametrize(("way", "acts"), [("trickle", True), ("half_open", False)])
def test_an_interrupt_ends_an_apply_whose_call_hangs(behind: World, proxy: FaultProxy, way: str, *, acts: bool) -> None:
    behind.declare_set("10.0.0.21", "10.0.0.22", drain=1)
    proxy.spoil(way, action=ASSIGN, dry_run=False, acts=acts)
    process = behind.terraform.start("apply", "-auto-approve", "-input=false", "-no-color")
    wait_for(lambda: (ASSIGN, way) in proxy.asked, "a call that hangs")
    interrupt(process)
    began = time.monotonic()
    output, _ = process.communicate(timeout=30)
    assert time.monotonic() - began < 5
    assert process.returncode == 1, output
    assert "it is not known" in " ".join(output.split())
    assert behind.terraform.states() != []
    proxy.heal()
    behind.terraform.apply()
    assert [call for call in behind.mutations() if call[0] == "Assign"][-1] == ("Assign", ("10.0.0.22",))
    assert len(behind.mutations()) == 2
    behind.terraform.assert_empty_plan()
