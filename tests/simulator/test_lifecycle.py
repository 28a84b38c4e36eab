"""The lifecycle values alone: statuses and states as functions of the moment."""

from __future__ import annotations

from ipaddress import IPv4Address
from math import inf

from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.simulator.lifecycle import STALE_SECONDS_MAXIMUM, Address, Gateway, Timeline

PRIMARY = Address(IPv4Address("10.0.0.4"), assigned_at=-inf, settled_at=-inf, is_primary=True)


def gateway(**changes: object) -> Gateway:
    plain: dict[str, object] = {
        "gateway_id": "nat-12345678",
        "subnet_id": "subnet-12345678",
        "vpc_id": "vpc-12345678",
        "network_interface_id": "eni-12345678",
        "created_at": 0.0,
        "available_at": 100.0,
        "addresses": (PRIMARY,),
    }
    return Gateway(**plain | changes)  # type: ignore[arg-type]


@given(st.lists(st.floats(0, 5000), min_size=1, max_size=20), st.floats(0, STALE_SECONDS_MAXIMUM))
def test_a_timeline_forgets_nothing_that_a_stale_read_can_ask_for(moments: list[float], ago: float) -> None:
    versions = {at: gateway(created_at=float(number)) for number, at in enumerate(sorted(set(moments)))}
    first, *later = versions
    timeline = Timeline(versions[first], first)
    for at in later:
        timeline.record(versions[at], at)
    asked = max(versions) - ago
    expected = [version for at, version in versions.items() if at <= asked]
    assert timeline.as_of(asked) == (expected[-1] if expected else None)


def test_a_timeline_does_not_grow_for_ever() -> None:
    timeline = Timeline(gateway(), 0)
    for at in range(1, 2000):
        timeline.record(gateway(created_at=float(at)), at)
    assert len(timeline._versions) <= STALE_SECONDS_MAXIMUM + 2
