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
    ("status", "wanted", "unwanted"),
    [
        (None, Diff(keep=(A,)), Diff(unassign=(A,))),
        (AddressStatus.SUCCEEDED, Diff(keep=(A,)), Diff(unassign=(A,))),
        (AddressStatus.ASSIGNING, Diff(keep=(A,)), Diff(unassign=(A,))),
        (AddressStatus.UNASSIGNING, Diff(assign=(A,)), Diff()),
        (AddressStatus.FAILED, Diff(assign=(A,)), Diff()),
    ],
)
def test_what_happens_to_an_address_follows_from_its_status(
    status: AddressStatus | None, wanted: Diff, unwanted: Diff
) -> None:
    """A draining one is never unassigned again, a wanted one that drains or failed is assigned anew."""
    gateway = gateway_of(primary(), secondary(A, status))
    assert ExactSet((A,)).diff(gateway) == wanted
    assert ExactSet(()).diff(gateway) == unwanted


def test_an_address_that_is_not_there_is_assigned() -> None:
    assert ExactSet((A,)).diff(gateway_of(primary())) == Diff(assign=(A,))


def test_the_empty_set_removes_every_secondary_and_never_the_primary() -> None:
    gateway = gateway_of(secondary("10.0.0.10"), primary("10.0.0.2"), secondary("10.0.0.9"))
    assert ExactSet(()).diff(gateway) == Diff(unassign=("10.0.0.9", "10.0.0.10"))


def test_every_part_stands_in_numerical_order_whatever_the_declaration_and_aws_say() -> None:
    gateway = gateway_of(primary(), *map(secondary, ["10.0.0.10", "10.0.0.9", "10.0.0.30", "10.0.0.8"]))
    assert ExactSet(("10.0.0.100", "10.0.0.30", "10.0.0.8", "10.0.0.20")).diff(gateway) == Diff(
        assign=("10.0.0.20", "10.0.0.100"), unassign=("10.0.0.9", "10.0.0.10"), keep=("10.0.0.8", "10.0.0.30")
    )


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


def test_draining_and_failed_addresses_do_not_make_up_the_count() -> None:
    gateway = gateway_of(
        primary(),
        secondary("10.0.0.8"),
        secondary("10.0.0.9", AddressStatus.UNASSIGNING),
        secondary("10.0.0.10", AddressStatus.FAILED),
        secondary("10.0.0.11", AddressStatus.ASSIGNING),
    )
    assert Count(2).diff(gateway) == Diff(keep=("10.0.0.8", "10.0.0.11"))
    assert Count(4).diff(gateway) == Diff(keep=("10.0.0.8", "10.0.0.11"), assign_count=2)
    assert Count(0).diff(gateway) == Diff(unassign=("10.0.0.8", "10.0.0.11"))


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


@given(gateways())
def test_declaring_what_is_there_changes_nothing(gateway: NatGateway) -> None:
    assert ExactSet(tuple(gateway.attached)).diff(gateway).is_empty
    assert Count(len(gateway.attached)).diff(gateway).is_empty
