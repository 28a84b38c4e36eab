"""`last_change`: what a reviewer reads is what the change plan says, and no part of it is a set or a number."""

from __future__ import annotations

from natgw_provider.core.address_kinds import PRIVATE_IPS
from natgw_provider.core.last_change import LastChange
from support.change_run import change_of
from support.strategies import Case, gateway_of, primary, secondary

GATEWAY = gateway_of(primary(), secondary("10.0.0.9"), secondary("10.0.0.10"))


def test_a_change_is_shown_in_the_attributes_values() -> None:
    change = change_of(Case(GATEWAY, ("10.0.0.10", "10.0.0.100", "10.0.0.20"), quota=4))
    assert LastChange.of(PRIVATE_IPS, change, 120).to_mapping() == {
        "summary": "assign 10.0.0.20, then drain 10.0.0.9 for up to 120 s (2 min), then assign 10.0.0.100",
        "assign": "10.0.0.20, 10.0.0.100",
        "unassign": "10.0.0.9",
        "in_service": "3 now, 3 at the lowest, 4 after",
        "drain": "up to 120 s",
    }


def test_what_aws_will_pick_is_not_named() -> None:
    growing = LastChange.of(PRIVATE_IPS, change_of(Case(GATEWAY, 4, quota=8)), 350)
    assert growing.assign is None
    assert growing.summary == "assign 2 that AWS picks"


def test_a_count_that_shrinks_names_everything() -> None:
    shrinking = LastChange.of(PRIVATE_IPS, change_of(Case(GATEWAY, 1, quota=8)), 350)
    assert shrinking.assign == "none"
    assert shrinking.unassign == "10.0.0.10"


def test_no_change_says_none() -> None:
    nothing = LastChange.of(PRIVATE_IPS, change_of(Case(GATEWAY, 2, quota=8)), 350)
    assert nothing.summary == "nothing"
    assert (nothing.assign, nothing.unassign, nothing.drain) == ("none", "none", "none")
