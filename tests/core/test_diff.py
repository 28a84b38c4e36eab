"""What separates a gateway from its declaration, named or counted."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.addresses import sort_addresses
from natgw_provider.core.diff import Count, Diff, ExactSet
from natgw_provider.core.gateway import AddressStatus, NatGateway
from support.strategies import PRIVATE_STATUSES, gateway_of, gateways, primary, secondary, subnet_addresses

A = "10.0.0.9"


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, Diff(unassign=("10.0.0.9", "10.0.0.10", "10.0.0.100"))),
        (1, Diff(keep=("10.0.0.9",), unassign=("10.0.0.10", "10.0.0.100"))),
        (2, Diff(keep=("10.0.0.9", "10.0.0.10"), unassign=("10.0.0.100",))),
        (3, Diff(keep=("10.0.0.9", "10.0.0.10", "10.0.0.100"))),
        (5, Diff(keep=("10.0.0.9", "10.0.0.10", "10.0.0.100"), assign_count=2)),
    ],
)
def test_a_count_grows_by_awss_choice_and_shrinks_by_the_numerically_highest(count: int, expected: Diff) -> None:
    gateway = gateway_of(primary("10.0.0.200"), *map(secondary, ["10.0.0.100", "10.0.0.9", "10.0.0.10"]))
    assert Count(count).diff(gateway) == expected


@pytest.mark.parametrize(
    ("diff", "additions", "is_empty"),
    [
        (Diff(), 0, True),
        (Diff(keep=(A,)), 0, True),
        (Diff(assign=(A,)), 1, False),
        (Diff(assign_count=3), 3, False),
        (Diff(unassign=(A,)), 0, False),
        (Diff(assign=(A,), unassign=("10.0.0.10",)), 1, False),
    ],
)
def test_a_diff_knows_what_it_adds_and_whether_it_is_empty(diff: Diff, additions: int, is_empty: bool) -> None:
    assert diff.additions == additions
    assert diff.is_empty == is_empty


def test_every_combination_of_status_and_wish_for_three_addresses() -> None:
    """The general rule against every small case: what is in the set and wanted stays, and so on."""
    ips = ("10.0.0.9", "10.0.0.10", "10.0.0.11")
    in_set = {None, AddressStatus.SUCCEEDED, AddressStatus.ASSIGNING}
    for present in product(((), *((status,) for status in PRIVATE_STATUSES)), repeat=3):
        shown = {ip: status for ip, statuses in zip(ips, present, strict=True) for status in statuses}
        gateway = gateway_of(primary(), *(secondary(ip, status) for ip, status in shown.items()))
        for wishes in product((True, False), repeat=3):
            wanted = {ip for ip, wish in zip(ips, wishes, strict=True) if wish}
            has = {ip for ip, status in shown.items() if status in in_set}
            assert ExactSet(tuple(wanted)).diff(gateway) == Diff(
                assign=tuple(ip for ip in ips if ip in wanted - has),
                unassign=tuple(ip for ip in ips if ip in has - wanted),
                keep=tuple(ip for ip in ips if ip in has & wanted),
            )


@given(gateways(), st.lists(subnet_addresses(), unique=True, max_size=31))
def test_a_named_diff_makes_the_set_what_is_declared(gateway: NatGateway, wanted: list[str]) -> None:
    diff = ExactSet(tuple(wanted)).diff(gateway)
    assert (set(gateway.attached) - set(diff.unassign)) | set(diff.assign) == set(wanted)
    assert not set(diff.unassign) & {*gateway.draining, *(address.key for address in gateway.failed)}
    assert gateway.primary is not None
    assert gateway.primary.key not in diff.unassign
    assert diff.keep == sort_addresses(set(gateway.attached) & set(wanted))
    assert diff.assign_count == 0


@given(gateways(), st.integers(0, 31))
def test_a_counted_diff_makes_the_set_as_large_as_declared(gateway: NatGateway, count: int) -> None:
    diff = Count(count).diff(gateway)
    assert len(diff.keep) + diff.additions == count
    assert diff.keep + diff.unassign == gateway.attached, "the numerically highest go"
    assert diff.assign == ()
    assert not (diff.assign_count and diff.unassign), "a count grows or shrinks, never both"
