"""The control API: everything can be steered over HTTP, and a bad request says what is allowed."""

from __future__ import annotations

import json
from types import MappingProxyType
from typing import Any

import pytest
from moto.core.request import Request

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.simulator import Simulator
from simulator.conftest import fetch

OF_A_GATEWAY = MappingProxyType({"nat_gateway_id": "nat-12345678", "address": "10.0.0.9"})


def control(simulator: Simulator, method: str, path: str, body: Any = None) -> Any:
    sent = None if body is None else json.dumps(body)
    status, answer = fetch(simulator.url, f"/_natgw/{path}", method, sent)
    found = json.loads(answer)
    return found if status == 200 else (status, found["error"])


def test_another_process_can_steer_everything() -> None:
    with Simulator(clock=ManualClock()) as simulator:
        health = control(simulator, "GET", "health")
        assert (health["status"], health["region"], health["account_id"]) == ("ok", "eu-central-1", "123456789012")
        assert control(simulator, "GET", "")["GET /_natgw/health"].startswith("Whether it serves")
        assert all(control(simulator, "GET", "").values())
        seed = control(simulator, "POST", "seed", {"nat_gateway_id": "nat-12345678", "secondaries": ["10.0.0.9"]})
        assert seed["nat_gateway_id"] == "nat-12345678"
        assert (seed["primary_private_ip_address"], seed["secondary_private_ip_addresses"]) == (
            "10.0.0.4",
            ["10.0.0.9"],
        )
        assert control(simulator, "POST", "clock", {"advance": 90})["now"] == 1_750_000_090
        assert control(simulator, "GET", "clock")["now"] == 1_750_000_090
        assert control(simulator, "POST", "settings", {"quota": 12})["quota"] == 12
        assert control(simulator, "GET", "settings")["quota"] == 12
        fault = control(simulator, "POST", "faults", {"kind": "throttling", "actions": ["DescribeVpcs"], "times": 3})
        listed = control(simulator, "GET", "faults")["faults"]
        assert (listed[fault["id"]]["kind"], listed[fault["id"]]["hits"]) == ("throttling", 0)
        assert control(simulator, "DELETE", f"faults/{fault['id']}") == {}
        assert control(simulator, "GET", "faults") == {"faults": {}}
        where = {"nat_gateway_id": "nat-12345678", "address": "10.0.0.9"}
        assert control(simulator, "POST", "connections", where | {"last": 7}) == {}
        assert control(simulator, "POST", "connections", where | {"end_now": True}) == {}
        assert control(simulator, "POST", "end-gateway", {"nat_gateway_id": "nat-12345678", "state": "failed"}) == {}
        fetch(simulator.url, "/?Action=DescribeNatGateways")
        log = control(simulator, "GET", "calls")
        assert log["counts"] == {"DescribeNatGateways": 1}
        assert (log["calls"][0]["action"], log["calls"][0]["outcome"]) == ("DescribeNatGateways", "ok")
        assert control(simulator, "GET", "calls/DescribeVpcs")["calls"] == []
        assert control(simulator, "DELETE", "calls") == {}
        assert control(simulator, "GET", "calls") == {"calls": [], "counts": {}}
        assert control(simulator, "POST", "reset") == {}
        assert b"nat-12345678" not in fetch(simulator.url, "/?Action=DescribeNatGateways")[1]


BAD: tuple[tuple[str, str, Any, str], ...] = (
    ("GET", "nowhere", None, "there are: GET /_natgw, GET /_natgw/health"),
    ("DELETE", "faults/zz", None, "no fault zz is in force; in force: none"),
    ("POST", "clock", {"advance": -1}, "only moves forward"),
    ("POST", "clock", [1], "not a JSON object"),
    ("POST", "clock", {"advance": "x"}, "POST /_natgw/clock: advance should be a valid number (found 'x')"),
    ("POST", "clock", {"advnce": 5}, "POST /_natgw/clock takes no advnce; it takes: advance"),
    ("POST", "reset", {"hard": True}, "POST /_natgw/reset takes no hard; it takes: nothing"),
    ("POST", "seed", {"nat_gateway_id": "nat-z"}, "8 or 17"),
    ("POST", "seed", {"cidr": "10.0.0.0/99"}, "10.0.0.0/99"),
    ("POST", "seed", {"cidr": "here"}, "cidr is not a valid IPv4 network (found 'here')"),
    ("POST", "seed", {"primary": "10.0.0.1"}, "reserved"),
    ("POST", "seed", {"primary": "10.0.0"}, "primary is not a valid IPv4 address (found '10.0.0')"),
    ("POST", "seed", {"region": "mars-1"}, "no such region: 'mars-1'"),
    ("POST", "seed", {"colour": "red"}, "it takes: nat_gateway_id, vpc_id, subnet_id, cidr, primary"),
    ("POST", "faults", {"kind": "earthquake"}, "throttling"),
    ("POST", "faults", {"kind": "denial", "self": 1}, "takes no self; it takes: kind, actions, gateway_ids"),
    ("POST", "connections", {"last": 7}, "POST /_natgw/connections needs nat_gateway_id, address"),
    ("POST", "connections", OF_A_GATEWAY | {"nat_gateway_id": "nat-1", "last": 1}, "not found"),
    (
        "POST",
        "connections",
        OF_A_GATEWAY | {"address": "here", "last": 7},
        "address is neither an IPv4 address nor an allocation id",
    ),
    ("POST", "connections", OF_A_GATEWAY | {"last": 7}, "nat-12345678 does not have 10.0.0.9; it has: 10.0.0.4"),
    ("POST", "connections", OF_A_GATEWAY | {"end_now": True}, "does not have 10.0.0.9; it has: 10.0.0.4"),
    ("POST", "connections", OF_A_GATEWAY | {"end_now": True, "last": 7}, "either last"),
    ("POST", "end-gateway", {"nat_gateway_id": "nat-12345678", "state": "sleepy"}, "'sleepy'"),
    ("POST", "end-gateway", {"nat_gateway_id": "nat-87654321"}, "NAT gateways: nat-12345678"),
)


def test_a_bad_control_request_says_what_is_wrong() -> None:
    with Simulator(clock=ManualClock()) as simulator:
        simulator.seed(nat_gateway_id="nat-12345678")
        for method, path, body, message in BAD:
            status, error = control(simulator, method, path, body)
            assert status == (404 if path == "nowhere" else 400)
            assert message in error


@pytest.mark.parametrize("body", ["zz", "{", "'advance'", "\xff"])
def test_a_body_that_is_no_json_is_shown_with_what_to_send(body: str) -> None:
    simulator = Simulator(clock=ManualClock())
    answer = simulator.handle(
        Request.from_primitives("POST", "http://simulator/_natgw/clock", {}, body.encode("latin-1"))
    )
    assert answer.status_code == 400
    error = json.loads(answer.get_data())["error"]
    assert error.startswith("the body is not JSON: ")
    assert error.endswith('send an object such as {"name": 1}')


def test_a_fault_may_name_a_gateway_of_any_region() -> None:
    simulator = Simulator(clock=ManualClock())
    simulator.seed(nat_gateway_id="nat-12345678", region="us-east-1")
    simulator.add_fault("denial", gateway_ids=["nat-12345678"])
    with pytest.raises(ValueError, match="no NAT gateway nat-87654321; there are: nat-12345678"):
        simulator.add_fault("denial", gateway_ids=["nat-87654321"])
