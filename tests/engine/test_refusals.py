"""What is refused before anything is called: what nobody reviewed, what the rules forbid, what is not permitted."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import Mock

import pytest

from engine.stage import ARN, ASSIGN, GATEWAY, UNASSIGN, Stage, ip
from natgw_provider.aws.errors import AccessDenied
from natgw_provider.core.diff import Diff
from natgw_provider.core.operations import ASSOCIATE, DISASSOCIATE
from natgw_provider.engine.messages import denied


def test_an_address_that_appeared_since_the_plan_is_not_unassigned(stage: Stage) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(11))
    stage.outside(ASSIGN, 12)
    stage.manual.advance(5)
    outcome = stage.carry_out(request)
    assert "unassign 10.0.0.12" in outcome.detail
    assert "Plan again" in outcome.detail
    assert "Nothing was changed" in outcome.detail
    assert stage.mutations() == []
    assert outcome.attached == ip(10, 11, 12)


def test_an_address_that_vanished_since_the_plan_is_not_assigned_unreviewed(stage: Stage) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(10, 11, 12))
    stage.outside(UNASSIGN, 10, drain=1)
    stage.manual.advance(5)
    outcome = stage.carry_out(request)
    assert "assign 10.0.0.10" in outcome.detail
    assert stage.mutations() == []


def test_more_than_approved_is_not_left_for_aws_to_pick(stage: Stage) -> None:
    stage.seed(10, 11)
    request = stage.request(3)
    stage.outside(UNASSIGN, 10, drain=1)
    stage.manual.advance(5)
    outcome = stage.carry_out(request)
    assert "let AWS pick 1 more" in outcome.detail
    assert stage.mutations() == []


def test_a_deeper_drop_of_capacity_than_approved_is_refused(stage: Stage) -> None:
    stage.seed(10, 11, 12)
    request = stage.request(ip(11, 12))
    stage.outside(UNASSIGN, 12, drain=1)
    stage.manual.advance(5)
    outcome = stage.carry_out(
        stage.request(
            ip(11), planned_on=stage.api.describe([GATEWAY])[GATEWAY], in_service_low=request.approval.in_service_low
        )
    )
    assert "leave only 2 in service at the lowest, where the plan showed 3" in outcome.detail
    assert stage.mutations() == []


def test_what_is_gone_or_there_already_is_fine(stage: Stage) -> None:
    stage.seed(10, 11)
    request = stage.request(ip(11, 12))
    stage.outside(UNASSIGN, 10, drain=1)
    stage.manual.advance(5)
    stage.outside(ASSIGN, 12)
    stage.manual.advance(5)
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert stage.mutations() == []


def test_a_rule_of_the_plan_stops_the_change_with_its_own_words_and_path(stage: Stage) -> None:
    stage.seed(10)
    outcome = stage.carry_out(stage.request((), min_in_service=2))
    assert outcome.failure is not None
    assert outcome.summary == "Too few addresses would stay in service"
    assert "While 10.0.0.10 drains, only 1 would;" in outcome.detail
    assert outcome.failure.path == ("min_in_service_addresses",)
    assert stage.mutations() == []


def test_a_refusal_is_confirmed_by_a_second_read(stage: Stage) -> None:
    """A read from before the last change would refuse what is right."""
    stage.seed(10, 11)
    stage.manual.advance(10)
    stage.outside(UNASSIGN, 10, drain=1)
    stage.manual.advance(5)
    request = stage.request(ip(12))
    stage.fault("stale_reads", seconds=6, times=1)
    outcome = stage.carry_out(request)
    assert outcome.failure is None
    assert stage.truth() == {"10.0.0.12": "succeeded"}


def policy_in(detail: str) -> Any:
    """Return the policy, which stands on indented lines of its own: Terraform does not wrap these."""
    return json.loads("".join(line for line in detail.splitlines() if line.startswith("    ")))


@pytest.mark.parametrize("action", [ASSIGN, UNASSIGN])
def test_a_denied_call_is_found_before_the_first_change(stage: Stage, action: str) -> None:
    stage.seed(10)
    stage.fault("denial", actions=[action])
    outcome = stage.change(ip(11))
    assert f"ec2:{action}" in outcome.summary
    assert ARN in outcome.detail
    (statement,) = policy_in(outcome.detail)["Statement"]
    besides = {ASSIGN: ["elastic-ip"], UNASSIGN: ["elastic-ip", "network-interface"]}[action] if stage.is_public else []
    elsewhere = [f"{ARN.rpartition(':')[0]}:{resource}/*" for resource in besides]
    assert statement == {
        "Effect": "Allow",
        "Action": [f"ec2:{action}"],
        "Resource": [ARN, *elsewhere] if elsewhere else ARN,
    }
    assert "decode-authorization-message" in outcome.detail
    assert "Nothing was changed" in outcome.detail
    assert stage.mutations() == []
    assert outcome.attached == ip(10)


def test_two_denied_calls_are_one_failure_with_one_policy(stage: Stage) -> None:
    stage.seed(10)
    stage.fault("denial", actions=[ASSIGN, UNASSIGN])
    outcome = stage.change(ip(11))
    assert outcome.summary
    (statement,) = policy_in(outcome.detail)["Statement"]
    assert statement["Action"] == [f"ec2:{ASSIGN}", f"ec2:{UNASSIGN}"]


def test_the_policy_for_elastic_ips_names_all_that_aws_asks_about() -> None:
    """Service authorization reference: the Elastic IP, and to disassociate also the network interface."""
    errors = [AccessDenied(action, "UnauthorizedOperation", "No.") for action in (ASSOCIATE, DISASSOCIATE)]
    (statement,) = policy_in(denied(errors, ARN).detail)["Statement"]
    account = ARN.partition("natgateway/")[0]
    assert statement["Resource"] == [ARN, f"{account}elastic-ip/*", f"{account}network-interface/*"]


def test_a_denied_read_names_the_permission_on_every_resource(stage: Stage) -> None:
    stage.seed(10)
    request = stage.request(())
    stage.fault("denial", actions=["DescribeNatGateways"])
    outcome = stage.carry_out(request)
    assert outcome.gateway is None
    assert "ec2:DescribeNatGateways" in outcome.summary
    assert '"Resource": "*"' in outcome.detail


def test_a_dry_run_that_heeds_the_state_stops_a_first_call_that_cannot_work(stage: Stage) -> None:
    stage.settings(dry_run_checks_state=True)
    stage.seed(10)
    stage.seed_beside(11)
    outcome = stage.change(ip(11))
    assert "InvalidIPAddress.InUse" in outcome.detail
    assert stage.mutations() == []


def test_a_dry_run_that_heeds_the_state_does_not_stop_a_call_that_has_to_wait(stage: Stage) -> None:
    stage.settings(dry_run_checks_state=True)
    stage.seed(*range(10, 17))
    assert stage.change(ip(*range(20, 27))).failure is None
    stage.outside(UNASSIGN, 20, 21)
    assert stage.change(ip(*range(20, 27))).failure is None


def test_the_primary_is_never_unassigned_whatever_was_approved(stage: Stage) -> None:
    stage.seed(10)
    target: Any = Mock(is_release=True, wanted=(), diff=lambda _: Diff(unassign=ip(4)))
    request = stage.request((), target=target, approved_unassign=frozenset(ip(4)), in_service_low=None)
    outcome = stage.carry_out(request)
    assert outcome.summary
    assert stage.mutations() == []


def test_an_unknown_gateway_is_a_failure_that_says_what_to_check(stage: Stage) -> None:
    stage.seed(10)
    request = stage.request(ip(10), nat_gateway_id=GATEWAY)
    stage.aws.reset()
    outcome = stage.carry_out(request)
    assert outcome.gateway is None
    assert "Check id, region and account" in outcome.detail


def test_a_second_drain_is_refused_even_of_an_address_that_was_approved(stage: Stage) -> None:
    """Someone else assigns it again after its release, while what follows the drain is still under way."""
    stage.settings(assigning_seconds=0.0)
    stage.seed(*range(10, 17))
    request = stage.request(ip(*range(20, 26)))
    stage.clock.at(60.5, lambda: stage.outside(ASSIGN, 10))
    outcome = stage.carry_out(request)
    assert "unassign 10.0.0.10" in outcome.detail
    assert stage.effective(UNASSIGN) == [ip(*range(10, 17))]
    assert "10.0.0.10" in stage.truth()


def test_a_call_that_only_becomes_needed_on_the_way_is_dry_run_too(stage: Stage) -> None:
    stage.seed(10, 12)
    request = stage.request(ip(11, 12))
    stage.outside(UNASSIGN, 10, drain=1)
    stage.manual.advance(5)
    stage.clock.at(1.5, lambda: stage.outside(ASSIGN, 10))
    assert stage.carry_out(request).failure is None
    dry_runs = [call.action for call in stage.calls() if call.dry_run]
    assert dry_runs == [ASSIGN, UNASSIGN]
    assert set(stage.truth()) == set(ip(11, 12))


def test_a_second_resource_that_claims_the_same_gateway_fails_and_says_so(stage: Stage) -> None:
    stage.seed(10)
    assert stage.carry_out(stage.request(ip(10, 11))).failure is None
    outcome = stage.carry_out(stage.request(ip(10, 12)))
    assert "Two resources manage one NAT gateway" in outcome.summary
    assert GATEWAY in outcome.detail
    assert stage.truth() == {"10.0.0.10": "succeeded", "10.0.0.11": "succeeded"}
