"""Whatever comes back in AWS's place, at any call: nothing takes effect twice, the state is true, the error clear."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import pytest

from engine.stage import ASSIGN, DESCRIBE, UNASSIGN, Stage, ip
from natgw_provider.aws import transport
from natgw_provider.aws.client import Connection, connect
from natgw_provider.aws.settings import AssumeRole, ConnectionSettings
from natgw_provider.bridge.diagnostics import DiagnosticsError
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.problems import ProblemError
from natgw_provider.engine.engine import GatewayEngine
from support.fault_proxy import SLOW, WAYS, FaultProxy
from support.mini_terraform import MiniTerraform

STAGE_KINDS = (PRIVATE_IPS,)
"""What comes back in place of an answer does not depend on the kind."""

TIMEOUT = 90
SWAP: dict[str, Any] = {
    "secondary_private_ip_addresses": ip(11),
    "max_drain_duration_seconds": 5,
    "timeouts": dict.fromkeys(("create", "update", "delete"), f"{TIMEOUT}s"),
}
"""From 10.0.0.10 to 10.0.0.11: an Assign, then an Unassign, each with its dry run, and reads in between."""


@dataclass
class Far:
    """A simulated AWS behind the proxy, with 10.0.0.10 on its gateway, and Terraform before it."""

    stage: Stage
    proxy: FaultProxy
    connection: Connection

    def __post_init__(self) -> None:
        self.stage.seed(10)
        self.stage.manual.advance(100)
        self.terraform = MiniTerraform(self.new_engine)

    def new_engine(self) -> GatewayEngine:
        connection = replace(self.connection, read_attempts=3)
        return GatewayEngine(connection, clock=self.stage.clock, random=Random(7))  # noqa: S311 - it spreads waits

    def manage(self) -> None:
        """Adopt the gateway as it is."""
        held = {**SWAP, "secondary_private_ip_addresses": ip(10)}
        assert self.terraform.apply(self.terraform.plan(**held), **held) == []

    def swap(self, **spoiled: Any) -> list[Any]:
        """Plan in peace, and apply while answers are spoiled; return the errors."""
        plan = self.terraform.plan(**SWAP)
        self.proxy.spoil(**spoiled)
        return self.terraform.apply(plan, **SWAP)

    @property
    def held(self) -> set[str]:
        """What the state holds."""
        assert self.terraform.state is not None
        return set(self.terraform.state["secondary_private_ip_addresses"])

    @property
    def attached(self) -> set[str]:
        """What AWS has."""
        return {name for name, status in self.stage.truth().items() if status != "unassigning"}


@pytest.fixture
def far(
    stage: Stage,
    proxy: FaultProxy,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Far]:
    if request.node.callspec.params.get("way") in SLOW:
        monkeypatch.setattr("natgw_provider.engine.calls.CALL_SECONDS", 0.1)
    with stage.aws as served:
        proxy.upstream = served.url
        yield Far(stage, proxy, connection)
        proxy.heal()


def assert_nothing_twice(far: Far) -> None:
    assert far.stage.effective(ASSIGN) in ([], [ip(11)])
    assert far.stage.effective(UNASSIGN) in ([], [ip(10)])


IS_SOAK = os.environ.get("NATGW_HYPOTHESIS_PROFILE") == "soak"
"""The whole table, every way at every call, is for the soak: what a way is taken for is the same at every call."""

MUTATIONS = [ASSIGN, UNASSIGN]
WAYS_OF_ONE_ANSWER = [way for way in WAYS if way != "endless_pages"]
"""Only an answer in pages can go on for ever."""


def ways(*usual: str, rest: list[str] = WAYS_OF_ONE_ANSWER) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("way", rest if IS_SOAK else usual)


@ways("login_page", rest=list(WAYS))
def test_one_spoiled_answer_does_not_fail_the_plan_of_a_create(far: Far, way: str) -> None:
    far.proxy.spoil(way, action=DESCRIBE, times=20 if way == "endless_pages" else 1)
    planned = far.terraform.plan(**SWAP).planned_state
    assert planned is not None
    assert planned["last_change"]["unassign"] == ip(10)[0]


@ways("login_page", "half_open")
@pytest.mark.parametrize("action", MUTATIONS)
@pytest.mark.parametrize(("dry_run", "acts"), [(True, True), (False, True), (False, False)])
def test_one_spoiled_answer_of_a_change_changes_nothing_about_it(
    far: Far, action: str, way: str, *, dry_run: bool, acts: bool
) -> None:
    far.manage()
    assert far.swap(way=way, action=action, dry_run=dry_run, acts=acts, times=1) == []
    assert far.held == far.attached == set(ip(11))
    assert (far.stage.effective(ASSIGN), far.stage.effective(UNASSIGN)) == ([ip(11)], [ip(10)])


@ways("truncated", "endless_pages", rest=list(WAYS))
@pytest.mark.parametrize("skip", [0, 4])
def test_spoiled_reads_of_a_change_change_nothing_about_it(far: Far, way: str, skip: int) -> None:
    far.manage()
    times = 20 if way == "endless_pages" else 2
    assert far.swap(way=way, action=DESCRIBE, skip=skip, times=times) == []
    assert far.held == far.attached == set(ip(11))
    assert (far.stage.effective(ASSIGN), far.stage.effective(UNASSIGN)) == ([ip(11)], [ip(10)])


@pytest.mark.parametrize("acts", [True, False])
@ways("login_page")
@pytest.mark.parametrize("action", MUTATIONS)
def test_a_call_whose_answers_are_all_spoiled_is_not_made_twice_with_effect(
    far: Far, action: str, way: str, *, acts: bool
) -> None:
    """What took effect is found out by looking; what did not is tried until the timeout, and the error says why."""
    far.manage()
    errors = far.swap(way=way, action=action, dry_run=False, acts=acts)
    assert_nothing_twice(far)
    assert far.held == far.attached
    if acts:
        assert errors == []
    else:
        (diagnostic,) = errors
        assert diagnostic.summary == "Timed out"
        assert f"{action}: " in diagnostic.detail
        assert far.stage.effective(action) == []
    far.proxy.heal()
    far.stage.manual.advance(400)
    assert far.terraform.apply(far.terraform.plan(**SWAP), **SWAP) == []
    assert_nothing_twice(far)
    assert far.held == far.attached == set(ip(11))


@ways("login_page")
@pytest.mark.parametrize("skip", [1, 3])
def test_reads_spoiled_for_ever_end_a_change_with_what_is_known(far: Far, way: str, skip: int) -> None:
    far.manage()
    began = far.stage.manual.now()
    (diagnostic,) = far.swap(way=way, action=DESCRIBE, skip=skip)
    assert far.stage.manual.now() - began <= TIMEOUT + 1
    assert diagnostic.summary in {"Timed out", f"{DESCRIBE} failed"}
    assert_nothing_twice(far)
    if "it is not known" not in diagnostic.detail:
        assert far.held == far.attached
    far.proxy.heal()
    far.stage.manual.advance(400)
    assert far.terraform.apply(far.terraform.plan(**SWAP), **SWAP) == []
    assert_nothing_twice(far)
    assert far.held == far.attached == set(ip(11))


@pytest.mark.parametrize("acts", [True, False])
@ways("reset")
def test_a_spoiled_answer_to_a_destroy_loses_no_state(far: Far, way: str, *, acts: bool) -> None:
    far.manage()
    far.terraform.refresh()
    far.proxy.spoil(way, action=UNASSIGN, dry_run=False, acts=acts)
    errors = far.terraform.destroy()
    if acts:
        assert errors == []
        assert far.terraform.state is None
        assert far.stage.truth() == {}
    else:
        assert [diagnostic.summary for diagnostic in errors] == ["Timed out"]
        assert far.held == far.attached == set(ip(10))
    assert far.stage.effective(UNASSIGN) in ([], [ip(10)])


@ways("without_members")
def test_reads_of_a_destroy_that_are_spoiled_do_not_take_the_gateway_for_gone(far: Far, way: str) -> None:
    far.manage()
    far.terraform.refresh()
    far.proxy.spoil(way, action=DESCRIBE, skip=1)
    assert far.terraform.destroy() != []
    assert far.terraform.state is not None
    assert far.stage.effective(UNASSIGN) == []


WORDS = {
    "login_page": "HTTP 200 with a web page",
    "foreign_xml": "without a request id",
    "empty": "HTTP 200 with an empty body",
    "redirect": "HTTP 301 with a redirect to https://login.example.com",
    "forbidden_page": "HTTP 403 with a web page",
    "gzip_garbage": "HTTP 200 with a body encoded as gzip",
    "bad_gateway": "HTTP 502 with a web page",
    "truncated": "the answer was cut short",
    "without_members": "an answer that has no NatGateways",
    "huge": "more than 8388608 bytes",
    "endless_pages": "more than 20 pages",
    "trickle": "no complete answer within",
    "half_open": "no complete answer within",
    "reset": "onnection",
}


@pytest.mark.parametrize(("way", "words"), WORDS.items())
def test_a_spoiled_answer_at_refresh_is_asked_for_again_until_the_error_says_what_came(
    far: Far, way: str, words: str
) -> None:
    far.manage()
    far.proxy.spoil(way, action=DESCRIBE, times=20 if way == "endless_pages" else 1)
    far.terraform.refresh()
    assert far.held == set(ip(10))
    far.proxy.spoil(way, action=DESCRIBE)
    with pytest.raises(DiagnosticsError) as caught:
        far.terraform.refresh()
    (diagnostic,) = caught.value.diagnostics
    assert diagnostic.summary == "DescribeNatGateways failed"
    assert "got no answer from AWS" in diagnostic.detail or "HTTP 502" in diagnostic.detail
    assert words in diagnostic.detail
    assert "secret" not in diagnostic.detail
    assert "XML" not in diagnostic.detail
    assert far.held == set(ip(10))


@ways(
    "login_page", "without_members", "huge", "trickle", rest=[way for way in WAYS_OF_ONE_ANSWER if way != "half_open"]
)
@pytest.mark.parametrize("action", ["GetCallerIdentity", "AssumeRole"])
def test_answers_of_sts_that_are_spoiled_end_the_connecting_with_what_came(
    stage: Stage, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, action: str, way: str
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda _seconds: None)
    monkeypatch.setattr(transport, "BODY_SECONDS", 0.2)
    role = AssumeRole(role_arn="arn:aws:iam::123456789012:role/natgw")
    proxy.heal()
    with stage.aws as served:
        proxy.upstream = served.url
        proxy.spoil(way, action=action)
        settings = {"endpoints": {"ec2": proxy.url, "sts": proxy.url}, "assume_role": role}
        with pytest.raises(ProblemError) as caught:
            connect(ConnectionSettings(region="eu-central-1", access_key="AKIA", secret_key="s", **settings))  # noqa: S106
    detail = caught.value.problem.detail
    assert action in detail
    words = {"without_members": "an answer that has no", "trickle": "a body that takes longer"}
    assert words.get(way, WORDS[way]) in detail
