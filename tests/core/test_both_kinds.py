"""Elastic IPs are planned, judged and described as private addresses are; so every test of these holds for both."""

from __future__ import annotations

from hypothesis import given

from natgw_provider.core.address_kinds import ELASTIC_IPS, PRIVATE_IPS
from natgw_provider.core.change_plan import ChangePlan, plan_change
from natgw_provider.core.diff import ExactSet, Part, Rules, Target
from natgw_provider.core.gateway import NatGateway
from natgw_provider.core.last_change import LastChange
from natgw_provider.core.plan_checks import check_change
from natgw_provider.core.settings import ChangeSettings
from support.either_kind import elastic_ip, plain, public
from support.strategies import Case, cases


def targets(case: Case) -> list[tuple[Target, Target]]:
    """Return what is asked for as a set and as parts of one, each for both kinds."""
    wanted = case.wanted if isinstance(case.wanted, tuple) else case.gateway.attached[: case.wanted]
    gone = frozenset(case.gateway.attached) - set(wanted)
    return [
        (ExactSet(wanted), ExactSet(tuple(map(elastic_ip, wanted)))),
        (
            Part(add=frozenset(wanted), remove=gone),
            Part(add=frozenset(map(elastic_ip, wanted)), remove=frozenset(map(elastic_ip, gone))),
        ),
    ]


def planned(target: Target, gateway: NatGateway, quota: int) -> ChangePlan:
    return plan_change(target.diff(gateway), gateway, quota=quota)


@given(cases())
def test_both_kinds_are_changed_in_the_same_order(case: Case) -> None:
    for private_target, public_target in targets(case):
        change = planned(public_target, public(case.gateway), case.quota)
        assert plain(repr(change)) == repr(planned(private_target, case.gateway, case.quota))


@given(cases())
def test_both_kinds_are_held_to_the_same_rules(case: Case) -> None:
    rules = Rules(quota=case.quota)
    for private_target, public_target in targets(case):
        found = [
            check_change(
                kind,
                target,
                gateway,
                planned(target, gateway, case.quota),
                rules,
                settings=ChangeSettings(min_in_service_addresses=2),
            )
            for kind, target, gateway in (
                (PRIVATE_IPS, private_target, case.gateway),
                (ELASTIC_IPS, public_target, public(case.gateway)),
            )
        ]
        expected, problems = ([plain(problem.summary) for problem in problems] for problems in found)
        assert problems == expected


@given(cases())
def test_both_kinds_are_described_in_the_same_words_but_for_the_verbs(case: Case) -> None:
    for private_target, public_target in targets(case):
        shown = LastChange.of(PRIVATE_IPS, planned(private_target, case.gateway, case.quota), 350)
        change = planned(public_target, public(case.gateway), case.quota)
        described = LastChange.of(ELASTIC_IPS, change, 350).to_mapping()
        assert {name: plain(text) for name, text in described.items()} == shown.to_mapping()
