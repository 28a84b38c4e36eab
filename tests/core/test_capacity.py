"""Connections that addresses in service carry, by AWS's published figure."""

from __future__ import annotations

import pytest

from natgw_provider.core.limits import connection_capacity


@pytest.mark.parametrize(("in_service", "connections"), [(0, 0), (1, 55_000), (8, 440_000), (32, 1_760_000)])
def test_every_address_in_service_carries_55000_connections_to_one_destination(
    in_service: int, connections: int
) -> None:
    assert connection_capacity(in_service) == connections
