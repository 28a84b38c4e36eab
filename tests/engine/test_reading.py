"""Reads: gathered into few calls, paged, batched, never confused by a missing gateway, errors to every reader."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import pytest

from engine.stage import DESCRIBE, GATEWAY, NOTHING, Relay, Stage, at_once, ip
from natgw_provider.aws.api import FILTER_VALUES_MAXIMUM, Ec2Api
from natgw_provider.aws.errors import LostAnswer, NotFromAws, Rejected
from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS
from natgw_provider.core.change_plan import Assign, plan_change
from natgw_provider.core.diff import ExactSet
from natgw_provider.core.problems import ProblemError
from natgw_provider.engine.calls import CoalescingReader

STAGE_KINDS = (PRIVATE_IPS,)
"""The kinds are read by the same calls."""

WINDOW = 0.2


def answer(*names: str) -> dict[str, Any]:
    """What botocore makes of EC2's answer that lists these gateways."""
    return {"NatGateways": [{"NatGatewayId": name} for name in names], "ResponseMetadata": {"RequestId": "r-1"}}


def test_concurrent_reads_share_one_call() -> None:
    asked: list[frozenset[str]] = []

    def fetch(ids: Iterable[str]) -> dict[str, str]:
        asked.append(frozenset(ids))
        return {name: name.upper() for name in ids if name != "missing"}

    reader = CoalescingReader(fetch, window_seconds=WINDOW, first_window_seconds=WINDOW)
    names = ["a", "b", "c", "missing", "a"]
    assert at_once([partial(reader.read, name) for name in names]) == ["A", "B", "C", None, "A"]
    assert asked == [frozenset(names)]


def test_a_hundred_reads_ten_at_a_time_make_at_most_twelve_calls() -> None:
    """As Terraform refreshes: ten workers, each taking the next resource when it is done with one."""
    calls: list[int] = []

    def fetch(ids: Iterable[str]) -> dict[str, str]:
        calls.append(len(list(ids)))
        return {name: name for name in ids}

    reader = CoalescingReader(fetch, window_seconds=WINDOW, first_window_seconds=WINDOW)
    todo = iter([str(number) for number in range(100)])
    lock = threading.Lock()

    def work() -> None:
        while True:
            with lock:
                name = next(todo, None)
            if name is None:
                return
            assert reader.read(name) == name

    assert at_once([work] * 10) == [None] * 10
    assert sum(calls) == 100
    assert len(calls) <= 12


def test_the_only_reader_ever_does_not_wait_for_long() -> None:
    reader = CoalescingReader(lambda ids: dict.fromkeys(ids, 1), window_seconds=1000, first_window_seconds=0.001)
    assert at_once([lambda: reader.read("a")]) == [1]
    assert not reader.has_company


def test_who_expects_nobody_asks_at_once() -> None:
    reader = CoalescingReader(lambda ids: dict.fromkeys(ids, 1), window_seconds=1000, first_window_seconds=1000)
    assert at_once([lambda: reader.read("a", waits=False)]) == [1]


def test_an_error_reaches_every_reader_and_the_next_read_asks_anew() -> None:
    answers: list[Any] = [Rejected(DESCRIBE, "No", "no"), {"a": 1}]

    def fetch(_ids: Iterable[str]) -> dict[str, int]:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    reader = CoalescingReader(fetch, window_seconds=WINDOW, first_window_seconds=WINDOW)
    failed = at_once([lambda: reader.read("a"), lambda: reader.read("b")])
    assert [str(error) for error in failed] == ["DescribeNatGateways: No: no"] * 2
    assert reader.read("a") == 1


def test_a_read_never_takes_an_answer_that_was_asked_for_before_it() -> None:
    gate, entered = threading.Event(), threading.Event()
    version = iter(range(10))

    def fetch(ids: Iterable[str]) -> dict[str, int]:
        now = next(version)
        entered.set()
        gate.wait(5)
        return dict.fromkeys(ids, now)

    reader = CoalescingReader(fetch, window_seconds=0.001)
    results: list[int | None] = []
    first = threading.Thread(target=lambda: results.append(reader.read("a")))
    first.start()
    assert entered.wait(5)
    second = threading.Thread(target=lambda: results.append(reader.read("a")))
    second.start()
    gate.set()
    first.join(5)
    second.join(5)
    assert sorted(result for result in results if result is not None) == [0, 1]


def test_more_ids_than_a_filter_takes_are_asked_for_in_batches() -> None:
    asked: list[dict[str, Any]] = []

    class Client:
        def describe_nat_gateways(self, **parameters: Any) -> dict[str, Any]:
            asked.append(parameters)
            return answer(*parameters["Filter"][0]["Values"])

    ids = [f"nat-{number}" for number in range(2 * FILTER_VALUES_MAXIMUM + 1)]
    assert Ec2Api(Client()).describe(ids).keys() == set(ids)
    assert [len(call["Filter"][0]["Values"]) for call in asked] == [200, 200, 1]
    assert all("NatGatewayIds" not in call for call in asked)
    assert Ec2Api(Client()).describe([]) == {}


@pytest.mark.parametrize(
    ("tokens", "error"),
    [
        (["next", "last", ""], None),
        (["next", "next"], '"next" again and again'),
        (map(str, itertools.count()), "more than 20 pages"),
    ],
    ids=["the end", "a page that leads to itself", "pages without end"],
)
def test_pages_are_followed_to_the_end_and_in_no_endless_loop(tokens: Iterable[str], error: str | None) -> None:
    given = iter(tokens)
    asked: list[str | None] = []

    class Client:
        def describe_nat_gateways(self, NextToken: str | None = None, **_: Any) -> dict[str, Any]:  # noqa: N803 - EC2's
            asked.append(NextToken)
            return {**answer(f"nat-{len(asked)}"), "NextToken": next(given)}

    if error is None:
        found = Ec2Api(Client()).find({"state": ["available"]})
        assert [gateway.nat_gateway_id for gateway in found] == ["nat-1", "nat-2", "nat-3"]
        assert asked == [None, "next", "last"]
        return
    with pytest.raises(NotFromAws, match=error):
        Ec2Api(Client()).find({"state": ["available"]})


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {
            "NatGatewayId": "nat-1",
            "ConnectivityType": "private",
            "NatGatewayAddresses": [{"PrivateIp": "10.0.0.500"}],
        },
        {
            "NatGatewayId": "nat-1",
            "ConnectivityType": "public",
            "NatGatewayAddresses": [{"AllocationId": "10.0.0.5", "PrivateIp": "10.0.0.5"}],
        },
    ],
    ids=["without an id", "with an address that is none", "with an allocation id that is none"],
)
def test_an_answer_that_makes_no_sense_is_an_error_of_the_answer(entry: dict[str, Any]) -> None:
    class Client:
        def describe_nat_gateways(self, **_: Any) -> dict[str, Any]:
            return {**answer(), "NatGateways": [entry]}

    with pytest.raises(LostAnswer, match="DescribeNatGateways"):
        Ec2Api(Client()).find({"state": ["available"]})


def test_a_call_that_cannot_be_made_is_not_taken_for_a_strange_answer() -> None:
    class Client:
        def describe_nat_gateways(self, **_: Any) -> dict[str, Any]:
            raise ValueError("Port out of range 0-65535")

    with pytest.raises(LostAnswer, match="DescribeNatGateways: ValueError: Port out of range"):
        Ec2Api(Client()).find({"state": ["available"]})


def test_the_engine_reads_a_gateway_and_its_subnet_once(stage: Stage) -> None:
    stage.seed(10)
    gateway = stage.engine.read(GATEWAY)
    assert gateway is not None
    assert gateway.attached == ip(10)
    for _ in range(3):
        assert stage.engine.subnet_cidr_block(gateway.subnet_id) == "10.0.0.0/24"
    assert stage.count("DescribeSubnets") == 1
    subnet = stage.engine.subnet(gateway.subnet_id)
    assert subnet is not None
    assert subnet.available_ip_address_count == 251 - 2
    assert stage.engine.subnet_cidr_block("subnet-0123456789abcdef0") is None


def test_a_gateway_that_one_read_misses_is_asked_for_again(stage: Stage) -> None:
    stage.seed(10)
    made = stage.create()
    stage.fault("stale_reads", seconds=0.5)
    assert stage.engine.read(made) is not None
    assert stage.engine.read("nat-0000000000000dead") is None


def test_a_deleted_gateway_is_read_as_such_while_aws_shows_it(stage: Stage) -> None:
    stage.seed(10)
    stage.aws.end_gateway(GATEWAY)
    gateway = stage.engine.read(GATEWAY)
    assert gateway is not None
    assert gateway.is_gone


def test_gateways_are_found_by_tags_and_filters(stage: Stage) -> None:
    stage.seed(10, tags={"team": "net", "Name": "egress"})
    found = stage.engine.find({"tag:team": ["net"], "state": ["available"]})
    assert [(gateway.nat_gateway_id, gateway.name) for gateway in found] == [(GATEWAY, "egress")]
    assert stage.engine.find({"tag:team": ["other"]}) == ()


@pytest.mark.parametrize(
    "ask",
    [
        lambda stage: stage.engine.read(GATEWAY),
        lambda stage: stage.engine.find({"state": ["available"]}),
        lambda stage: stage.engine.subnet("subnet-1"),
    ],
)
def test_a_read_that_is_denied_says_which_permission_is_missing(stage: Stage, ask: Callable[[Stage], Any]) -> None:
    stage.seed(10)
    stage.fault("denial")
    with pytest.raises(ProblemError) as caught:
        ask(stage)
    assert caught.value.problem.summary.startswith("Missing permission: ec2:Describe")
    assert '"Resource": "*"' in caught.value.problem.detail


def test_preflight_names_every_denied_call_and_changes_nothing(stage: Stage) -> None:
    stage.seed(10)
    gateway = stage.engine.read(GATEWAY)
    assert gateway is not None
    change = plan_change(ExactSet(tuple(ip(11))).diff(gateway), gateway, quota=8)
    assert stage.engine.preflight(PRIVATE_IPS, gateway, change, 60) == ()
    stage.fault("denial", actions=["UnassignPrivateNatGatewayAddress"])
    (failure,) = stage.engine.preflight(PRIVATE_IPS, gateway, change, 60)
    assert "ec2:UnassignPrivateNatGatewayAddress" in failure.summary
    stage.aws.clear_faults()
    stage.fault("error", code="InvalidParameterValue", status=400)
    (failure,) = stage.engine.preflight(PRIVATE_IPS, gateway, change, 60)
    assert "InvalidParameterValue" in failure.detail
    assert stage.mutations() == []


def test_preflight_of_elastic_ips_names_private_addresses_for_all_of_a_call(relay: Relay) -> None:
    stage = Stage(relay, ELASTIC_IPS)
    stage.seed()
    gateway = stage.engine.read(GATEWAY)
    assert gateway is not None
    first, second = stage.keys(ip(11, 12))
    change = plan_change(ExactSet((first, second)).diff(gateway), gateway, quota=8)
    assert stage.engine.preflight(ELASTIC_IPS, gateway, change, 60, {second: "10.0.0.12"}) == ()
    (call,) = stage.calls("AssignPrivateNatGatewayAddress")
    assert (call.parameters["AllocationIds"], call.parameters["PrivateIpAddresses"]) == ([second], ["10.0.0.12"])


def test_a_dry_run_that_was_carried_out_is_an_error() -> None:
    class Client:
        def assign_private_nat_gateway_address(self, **_: Any) -> dict[str, Any]:
            return {"NatGatewayAddresses": [], "ResponseMetadata": {"RequestId": "r-1"}}

    with pytest.raises(Rejected, match="only to be checked"):
        Ec2Api(Client()).change(PRIVATE_IPS, NOTHING, Assign(count=1), dry_run=True)
