"""The control API: everything can be steered over HTTP, and a bad request is told what is allowed."""

from __future__ import annotations

import json
import re
from types import MappingProxyType
from typing import Any

import pytest
from moto.core.request import Request

from natgw_provider.simulator.clock import ManualClock
from natgw_provider.simulator.faults import Fault, FaultKind
from natgw_provider.simulator.inputs import SeedRequest, Settings
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


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "message"),
    [
        ("GET", "nowhere", None, 404, "there are: GET /_natgw, GET /_natgw/health"),
        ("POST", "clock", {"advance": -1}, 400, "only moves forward"),
        ("POST", "clock", [1], 400, "not a JSON object"),
        ("POST", "seed", {"nat_gateway_id": "nat-z"}, 400, "8 or 17"),
        ("POST", "seed", {"cidr": "10.0.0.0/99"}, 400, "10.0.0.0/99"),
        ("POST", "seed", {"cidr": "10.0.0.0/29"}, 400, "InvalidVpc.Range"),
        ("POST", "seed", {"primary": "10.0.0.1"}, 400, "reserved"),
        ("POST", "seed", {"region": "mars-1"}, 400, "no such region: 'mars-1'"),
        ("POST", "seed", {"colour": "red"}, 400, "colour"),
        ("POST", "faults", {"kind": "earthquake"}, 400, "throttling"),
        ("POST", "faults", {}, 400, "kind"),
        ("DELETE", "faults/fault-9", None, 404, "fault-9"),
        ("POST", "settings", {"quota": 0}, 400, "quota should be greater than or equal to 1 (found 0)"),
        (
            "POST",
            "settings",
            {"colour": "red"},
            400,
            "POST /_natgw/settings takes no colour; it takes: quota, gateway_pending_seconds",
        ),
        ("POST", "connections", {"nat_gateway_id": "nat-12345678", "address": "10.0.0.9"}, 400, "last"),
        ("POST", "connections", {"nat_gateway_id": "nat-1", "address": "10.0.0.9", "last": 1}, 400, "not found"),
        ("POST", "end-gateway", {"nat_gateway_id": "nat-12345678", "state": "sleepy"}, 400, "'sleepy'"),
        (
            "POST",
            "end-gateway",
            {"state": "failed"},
            400,
            "POST /_natgw/end-gateway needs nat_gateway_id",
        ),
        ("POST", "end-gateway", {"nat_gateway_id": "nat-87654321"}, 400, "NAT gateways there: nat-12345678"),
        ("POST", "clock", {"advance": "x"}, 400, "POST /_natgw/clock: advance should be a valid number (found 'x')"),
        ("POST", "clock", {"advance": float("inf")}, 400, "advance should be a finite number (found inf)"),
        ("POST", "clock", {"advnce": 5}, 400, "POST /_natgw/clock takes no advnce; it takes: advance"),
        ("POST", "reset", {"hard": True}, 400, "POST /_natgw/reset takes no hard; it takes: nothing"),
        ("POST", "seed", {"colour": "red"}, 400, "it takes: nat_gateway_id, vpc_id, subnet_id, cidr, primary"),
        ("POST", "seed", {"secondaries": "10.0.0.9"}, 400, "secondaries should be a valid list (found '10.0.0.9')"),
        ("POST", "seed", {"cidr": 5}, 400, "cidr should be a valid string (found 5)"),
        ("POST", "seed", {"primary": "10.0.0"}, 400, "primary is not a valid IPv4 address (found '10.0.0')"),
        ("POST", "seed", {"tags": {"Name": 1}}, 400, "tags.Name should be a valid string (found 1)"),
        ("POST", "connections", OF_A_GATEWAY | {"last": "7"}, 400, "last should be a valid number (found '7')"),
        (
            "POST",
            "connections",
            OF_A_GATEWAY | {"address": "here", "last": 7},
            400,
            "address is not a valid IPv4 address (found 'here')",
        ),
        (
            "POST",
            "connections",
            OF_A_GATEWAY | {"last": 7},
            400,
            "nat-12345678 does not have 10.0.0.9; it has: 10.0.0.4",
        ),
        ("POST", "connections", OF_A_GATEWAY | {"end_now": True}, 400, "does not have 10.0.0.9; it has: 10.0.0.4"),
        ("POST", "connections", OF_A_GATEWAY | {"end_now": True, "last": 7}, 400, "either last"),
        ("POST", "connections", {"last": 7}, 400, "POST /_natgw/connections needs nat_gateway_id, address"),
        ("DELETE", "faults/zz", None, 404, "no fault zz is in force; in force: none"),
        (
            "POST",
            "faults",
            {"kind": "throttling", "actions": ["Foo"]},
            400,
            "no action 'Foo': a fault takes the actions of",
        ),
        ("POST", "faults", {"kind": "latency"}, 400, "latency takes seconds, more than 0"),
        ("POST", "faults", {"kind": "error"}, 400, "error takes code, such as InvalidParameterValue"),
        (
            "POST",
            "faults",
            {"kind": "denial", "gateway_ids": ["nat-bogus"]},
            400,
            "no NAT gateway nat-bogus; there are: nat-12345678",
        ),
        ("POST", "faults", {"kind": "denial", "self": 1}, 400, "takes no self; it takes: kind, actions, gateway_ids"),
    ],
)
def test_a_bad_control_request_says_what_is_wrong(method: str, path: str, body: Any, status: int, message: str) -> None:
    with Simulator(clock=ManualClock()) as simulator:
        simulator.seed(nat_gateway_id="nat-12345678")
        answered, error = control(simulator, method, path, body)
    assert answered == status
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


def test_the_list_of_requests_names_all_that_each_takes_in_the_users_words() -> None:
    listed = control_of(Simulator(clock=ManualClock()))
    assert set(SeedRequest.model_fields) < set(names_in(listed["POST /_natgw/seed"]))
    assert set(Fault.model_fields) | set(FaultKind) < set(names_in(listed["POST /_natgw/faults"]))
    assert set(Settings.model_fields) < set(names_in(listed["POST /_natgw/settings"]))
    assert not [line for line in listed.values() if "SeedRequest" in line or "Fault " in line]


def control_of(simulator: Simulator) -> dict[str, str]:
    listed: dict[str, str] = json.loads(
        simulator.handle(Request.from_primitives("GET", "http://simulator/_natgw", {})).get_data()
    )
    return listed


def names_in(line: str) -> list[str]:
    return re.findall(r"[a-z_]+", line)
