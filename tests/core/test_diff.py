"""What separates a gateway from its declaration: a named set, a part of one, or a count."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.diff import Count, Diff, ExactSet, Part
from natgw_provider.core.gateway import AddressStatus, NatGateway
from support.strategies import PRIVATE_STATUSES, gateway_of, gateways, primary, secondary

A = "10.0.0.9"


@pytest.mark.parametrize(
    ("diff", "additions", "is_empty"),
    [
        (Diff(keep=(A,)), 0, True),
        (Diff(assign=(A,)), 1, False),
        (Diff(assign_count=3), 3, False),
        (Diff(unassign=(A,)), 0, False),
    ],
)
def test_a_diff_knows_what_it_adds_and_whether_it_is_empty(diff: Diff, additions: int, is_empty: bool) -> None:
    assert (diff.additions, diff.is_empty) == (additions, is_empty)


def test_every_combination_of_status_and_wish_for_three_addresses() -> None:
    """The general rule against every small case: what is in the set and wanted stays, and so on.

    A part of the set that adds what is wanted and removes the rest has the same difference.
    """
    ips = ("10.0.0.9", "10.0.0.10", "10.0.0.11")
    in_set = {None, AddressStatus.SUCCEEDED, AddressStatus.ASSIGNING}
    for present in product(((), *((status,) for status in PRIVATE_STATUSES)), repeat=3):
        shown = {ip: status for ip, statuses in zip(ips, present, strict=True) for status in statuses}
        gateway = gateway_of(primary(), *(secondary(ip, status) for ip, status in shown.items()))
        for wishes in product((True, False), repeat=3):
            wanted = {ip for ip, wish in zip(ips, wishes, strict=True) if wish}
            has = {ip for ip, status in shown.items() if status in in_set}
            expected = Diff(
                assign=tuple(ip for ip in ips if ip in wanted - has),
                unassign=tuple(ip for ip in ips if ip in has - wanted),
                keep=tuple(ip for ip in ips if ip in has & wanted),
            )
            assert ExactSet(tuple(wanted)).diff(gateway) == expected
            assert Part(add=frozenset(wanted), remove=frozenset(ips) - wanted).diff(gateway) == expected


def test_a_part_leaves_alone_what_it_does_not_name() -> None:
    gateway = gateway_of(primary(), *map(secondary, ("10.0.0.9", "10.0.0.10", "10.0.0.11")))
    part = Part(add=frozenset({"10.0.0.12"}), remove=frozenset({"10.0.0.10", "10.0.0.13"}))
    assert part.diff(gateway) == Diff(assign=("10.0.0.12",), unassign=("10.0.0.10",), keep=("10.0.0.9", "10.0.0.11"))
    assert part.secondaries_of(gateway) == 3


@given(gateways(), st.integers(0, 31))
def test_a_counted_diff_makes_the_set_as_large_as_declared(gateway: NatGateway, count: int) -> None:
    diff = Count(count).diff(gateway)
    assert len(diff.keep) + diff.additions == count
    assert diff.keep + diff.unassign == gateway.attached, "the numerically highest go"
    assert diff.assign == ()
    assert not (diff.assign_count and diff.unassign), "a count grows or shrinks, never both"
