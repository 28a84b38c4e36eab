"""The messages that docs/guides/operations.md quotes are the ones that users get, to the letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from engine.crowd import single
from engine.stage import ASSIGN, DESCRIBE, GATEWAY, UNASSIGN, Stage, ip
from natgw_provider.bridge.diagnostics import Diagnostic
from natgw_provider.bridge.values import UNKNOWN
from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGatewayAddress
from natgw_provider.core.problems import Problem
from natgw_provider.engine.change import Outcome
from natgw_provider.resources.address_set import PRIVATE_IP_SET
from natgw_provider.resources.configured import GatewayClaims
from natgw_provider.resources.single_address import SINGLE_PRIVATE_IP
from support.repository import ROOT
from support.resource import Driver, RememberingEngine, gateway

STAGE_KINDS = (PRIVATE_IPS,)
"""The guide quotes the messages for private gateways."""

GUIDE = (ROOT / "docs" / "guides" / "operations.md").read_text(encoding="utf-8")
ADDRESSES = "secondary_private_ip_addresses"
FULL = tuple(range(10, 17))


def folded(text: str) -> str:
    return " ".join(text.split())


QUOTED = [folded(block) for block in re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)]


def failure(outcome: Outcome) -> Problem:
    assert outcome.failure is not None
    return outcome.failure


def throttled_until_the_timeout(stage: Stage) -> Problem:
    stage.seed(10, 11)
    stage.fault("throttling", actions=[UNASSIGN], dry_run=False)
    return failure(stage.change(ip(11), timeout_seconds=950.0))


def ec2_down_at_the_first_read(stage: Stage) -> Problem:
    stage.seed(10)
    request = stage.request(())
    stage.fault("unavailable", actions=[DESCRIBE])
    return failure(stage.carry_out(request))


def effect_unknown(stage: Stage) -> Problem:
    stage.seed(10, 11)
    request = stage.request(ip(11), max_drain_seconds=350, timeout_seconds=950.0)
    stage.fault("lost_answer", actions=[UNASSIGN], dry_run=False)
    stage.fault("unavailable", actions=[DESCRIBE], skip=1)
    return failure(stage.carry_out(request))


def denied(stage: Stage) -> Problem:
    stage.seed(10)
    stage.fault("denial", actions=[UNASSIGN])
    found = failure(stage.change(ip(11)))
    return replace(found, detail=re.sub(r"encoded-message \S+`", "encoded-message ...`", found.detail))


def failed_address(stage: Stage) -> Problem:
    stage.seed(10)
    stage.fault("address_failure", message="The subnet is out of order", times=1, dry_run=False)
    return failure(stage.change(ip(10, 11)))


def gateway_failed(stage: Stage) -> Problem:
    stage.seed(10, 11)
    stage.clock.at(30, lambda: stage.aws.end_gateway(GATEWAY, "failed"))
    return failure(stage.change(ip(11), max_drain_seconds=100))


def drain_timeout(stage: Stage) -> Problem:
    stage.seed(*FULL)
    return failure(stage.change(ip(*FULL[1:], 20), max_drain_seconds=350, timeout_seconds=100.0))


def foreign_drain_timeout(stage: Stage) -> Problem:
    stage.seed(10, 11)
    stage.outside(UNASSIGN, 10, drain=4000)
    return failure(stage.change(ip(11, 12), timeout_seconds=950.0))


def interrupted(stage: Stage) -> Problem:
    stage.seed(10, 11)
    stage.clock.at(40, stage.stop.set)
    return failure(stage.change(ip(11), max_drain_seconds=350))


def claimed_twice(stage: Stage) -> Problem:
    stage.seed(10)
    stage.carry_out(stage.request(ip(10, 11)))
    return failure(stage.carry_out(stage.request(ip(10, 12))))


def changed_since_the_plan(stage: Stage) -> Problem:
    stage.seed(10, 11)
    request = stage.request(ip(11))
    stage.outside(ASSIGN, 12)
    stage.manual.advance(5)
    return failure(stage.carry_out(request))


def unassigned_serves_again(stage: Stage) -> Problem:
    stage.settings(assigning_seconds=0.0)
    stage.seed(10, 11)
    stage.clock.at(100.1, lambda: stage.outside(ASSIGN, 10))
    return failure(stage.change(ip(11), max_drain_seconds=100))


def credentials_expired(stage: Stage) -> Problem:
    stage.seed(*FULL)
    expire = {"code": "RequestExpired", "message": "Request has expired.", "status": 400}
    stage.clock.at(30, lambda: stage.fault("error", actions=[DESCRIBE], **expire))
    return failure(stage.change(ip(*FULL[1:], 20), max_drain_seconds=4000))


def quota_lower_than_thought(stage: Stage) -> Problem:
    stage.settings(quota=3)
    stage.seed(10, 11)
    return failure(stage.change(ip(10, 11, 12)))


def failed_address_that_was_there(_stage: Stage) -> Diagnostic:
    failed = NatGatewayAddress(
        key="10.0.0.11", status=AddressStatus.FAILED, failure_message="The subnet is out of order"
    )
    broken = gateway("10.0.0.12")
    driver = Driver(RememberingEngine(replace(broken, addresses=(*broken.addresses, failed))))
    return driver.refreshed(**{ADDRESSES: ("10.0.0.12",)}).diagnostics[0]


def gateway_gone(_stage: Stage) -> Diagnostic:
    return Driver(RememberingEngine(gateway(state=GatewayState.DELETED))).refreshed(**{ADDRESSES: ()}).diagnostics[0]


def addresses_unknown(_stage: Stage) -> Diagnostic:
    driver = Driver(RememberingEngine(gateway("10.0.0.21")))
    return driver.plan(driver.refreshed(**{ADDRESSES: ("10.0.0.21",)}), **{ADDRESSES: (UNKNOWN,)}).diagnostics[0]


def gateway_unknown(_stage: Stage) -> Diagnostic:
    driver, declared = Driver(RememberingEngine(gateway("10.0.0.21"))), {ADDRESSES: ("10.0.0.21",)}
    return driver.plan(driver.refreshed(**declared), nat_gateway_id=UNKNOWN, **declared).diagnostics[0]


def undeclared_on_the_new_gateway(_stage: Stage) -> Diagnostic:
    old = "nat-00000001"
    driver = Driver(RememberingEngine(gateway("10.0.0.21", nat_gateway_id=old)))
    prior = driver.refreshed(nat_gateway_id=old, **{ADDRESSES: ("10.0.0.21",)})
    driver.engine = RememberingEngine(gateway("10.0.0.99"))
    return driver.plan(prior, **{ADDRESSES: ("10.0.0.21",)}).diagnostics[0]


def too_few_in_service(_stage: Stage) -> Diagnostic:
    full, others = ((f"10.0.0.{n}" for n in range(start, start + 7)) for start in (21, 31))
    driver = Driver(RememberingEngine(gateway(*full)))
    declared: dict[str, Any] = {ADDRESSES: tuple(others), "min_in_service_addresses": 5}
    return driver.plan(**declared).diagnostics[0]


def contradicted(stage: Stage) -> Problem:
    stage.seed(10)
    stage.carry_out(single(stage, add="10.0.0.10"))
    return failure(stage.carry_out(single(stage, remove="10.0.0.10")))


def managed_already(_stage: Stage) -> Problem:
    claims, declared = GatewayClaims(), PRIVATE_IP_SET
    claims.hold(GATEWAY, declared, None)
    return claims.create(GATEWAY, declared, None)[0]


def managed_both_ways(_stage: Stage) -> Problem:
    claims = GatewayClaims()
    claims.hold(GATEWAY, PRIVATE_IP_SET, None)
    return claims.create(GATEWAY, SINGLE_PRIVATE_IP, "10.0.0.21")[0]


ERRORS: list[Callable[[Stage], Problem | Diagnostic]] = [
    throttled_until_the_timeout,
    ec2_down_at_the_first_read,
    effect_unknown,
    denied,
    failed_address,
    gateway_failed,
    drain_timeout,
    foreign_drain_timeout,
    interrupted,
    claimed_twice,
    changed_since_the_plan,
    unassigned_serves_again,
    credentials_expired,
    quota_lower_than_thought,
    too_few_in_service,
    managed_already,
    contradicted,
    managed_both_ways,
    undeclared_on_the_new_gateway,
]
WARNINGS = [failed_address_that_was_there, gateway_gone, addresses_unknown, gateway_unknown]
EVERY = [*(("Error", case) for case in ERRORS), *(("Warning", case) for case in WARNINGS)]


@pytest.mark.parametrize(("severity", "case"), EVERY, ids=lambda value: getattr(value, "__name__", str(value)))
def test_the_guide_quotes_the_message_as_it_is(
    stage: Stage, severity: str, case: Callable[[Stage], Problem | Diagnostic]
) -> None:
    diagnostic = case(stage)
    assert folded(f"{severity}: {diagnostic.summary} {diagnostic.detail}") in QUOTED


def test_the_guide_quotes_nothing_else() -> None:
    assert len(QUOTED) == len(set(QUOTED)) == len(EVERY)
