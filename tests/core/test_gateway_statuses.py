"""What each status of an address and each state of a gateway means: for the set, for capacity, for the next call."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given

from natgw_provider.core.gateway import AddressStatus, GatewayState, NatGateway
from support.strategies import gateway_of, gateways, primary, secondary

A = "10.0.0.9"

# Status: in the set, drains, is on its way, failed, in service, and whether the gateway is idle meanwhile.
MEANING = {
    None: (True, False, False, False, True, True),
    AddressStatus.SUCCEEDED: (True, False, False, False, True, True),
    AddressStatus.ASSIGNING: (True, False, True, False, False, False),
    AddressStatus.UNASSIGNING: (False, True, False, False, False, False),
    AddressStatus.FAILED: (False, False, False, True, False, True),
    # Elastic IPs of public gateways; they mean the same.
    AddressStatus.ASSOCIATING: (True, False, True, False, False, False),
    AddressStatus.DISASSOCIATING: (False, True, False, False, False, False),
}


def test_every_status_has_a_meaning() -> None:
    assert set(MEANING) == {None, *AddressStatus}


@pytest.mark.parametrize("status", MEANING)
def test_a_secondary_counts_by_its_status(status: AddressStatus | None) -> None:
    gateway = gateway_of(primary(), secondary(A, status))
    attached, draining, assigning, failed, in_service, idle = MEANING[status]
    assert gateway.attached == ((A,) if attached else ())
    assert gateway.draining == ((A,) if draining else ())
    assert gateway.assigning == ((A,) if assigning else ())
    assert gateway.failed == ((secondary(A, status),) if failed else ())
    assert gateway.in_service == (("10.0.0.4", A) if in_service else ("10.0.0.4",))
    assert gateway.is_idle == idle


@pytest.mark.parametrize("status", MEANING)
def test_a_primary_is_never_in_the_set_and_serves_by_its_status(status: AddressStatus | None) -> None:
    gateway = gateway_of(primary("10.0.0.4", status))
    *_, in_service, idle = MEANING[status]
    assert gateway.primary == primary("10.0.0.4", status)
    assert gateway.attached == gateway.draining == gateway.assigning == ()
    assert gateway.failed == ()
    assert gateway.in_service == (("10.0.0.4",) if in_service else ())
    assert gateway.is_idle == idle


@pytest.mark.parametrize(
    ("state", "idle", "gone"),
    [
        (GatewayState.PENDING, False, False),
        (GatewayState.AVAILABLE, True, False),
        (GatewayState.FAILED, False, True),
        (GatewayState.DELETING, False, True),
        (GatewayState.DELETED, False, True),
    ],
)
def test_only_an_available_gateway_is_idle_and_one_that_failed_or_is_being_deleted_is_gone(
    state: GatewayState, idle: bool, gone: bool
) -> None:
    gateway = gateway_of(primary(), secondary(A), state=state)
    assert (gateway.is_idle, gateway.is_gone) == (idle, gone)


@pytest.mark.parametrize("connectivity_type", ["private", "public"])
@pytest.mark.parametrize("subnet_id", ["subnet-1", None])
def test_a_public_gateway_without_a_subnet_is_regional(connectivity_type: str, subnet_id: str | None) -> None:
    gateway = replace(gateway_of(primary()), connectivity_type=connectivity_type, subnet_id=subnet_id)
    assert gateway.is_regional == ((connectivity_type, subnet_id) == ("public", None))


def test_a_gateway_may_show_no_address_yet() -> None:
    gateway = gateway_of(state=GatewayState.PENDING)
    assert gateway.primary is None
    assert gateway.attached == gateway.draining == gateway.in_service == gateway.failed == ()


@pytest.mark.parametrize(
    ("status", "name"),
    [
        (None, "attached"),
        (None, "in_service"),
        (AddressStatus.UNASSIGNING, "draining"),
        (AddressStatus.ASSIGNING, "assigning"),
    ],
)
def test_addresses_stand_in_numerical_order_however_aws_lists_them(status: AddressStatus | None, name: str) -> None:
    gateway = gateway_of(*(secondary(ip, status) for ip in ("10.0.0.10", "10.0.0.9", "10.0.0.100")))
    assert getattr(gateway, name) == ("10.0.0.9", "10.0.0.10", "10.0.0.100")


@given(gateways())
def test_a_secondary_of_a_private_gateway_is_exactly_one_of_attached_draining_and_failed(gateway: NatGateway) -> None:
    failed = tuple(address.key for address in gateway.failed)
    parts = [*gateway.attached, *gateway.draining, *failed]
    assert sorted(parts) == sorted(address.key for address in gateway.addresses if not address.is_primary)
    assert gateway.primary is not None
    serving_secondaries = set(gateway.in_service) - {gateway.primary.key}
    assert serving_secondaries | set(gateway.assigning) == set(gateway.attached)
    assert not serving_secondaries & set(gateway.assigning)
