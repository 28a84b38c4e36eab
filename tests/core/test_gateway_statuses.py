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


@pytest.mark.parametrize("state", GatewayState)
def test_only_an_available_gateway_is_idle(state: GatewayState) -> None:
    assert gateway_of(primary(), secondary(A), state=state).is_idle == (state is GatewayState.AVAILABLE)


@pytest.mark.parametrize(
    ("state", "gone"),
    [
        (GatewayState.PENDING, False),
        (GatewayState.AVAILABLE, False),
        (GatewayState.FAILED, True),
        (GatewayState.DELETING, True),
        (GatewayState.DELETED, True),
    ],
)
def test_a_gateway_is_gone_once_it_failed_or_is_being_deleted(state: GatewayState, gone: bool) -> None:
    assert gateway_of(primary(), state=state).is_gone == gone


@pytest.mark.parametrize(
    ("connectivity_type", "subnet_id", "is_regional"),
    [
        ("private", "subnet-1", False),
        ("public", "subnet-1", False),
        ("public", None, True),
        ("private", None, False),
    ],
)
def test_a_public_gateway_without_a_subnet_is_regional(
    connectivity_type: str, subnet_id: str | None, is_regional: bool
) -> None:
    gateway = replace(gateway_of(primary()), connectivity_type=connectivity_type, subnet_id=subnet_id)
    assert gateway.is_regional == is_regional


def test_a_gateway_may_show_no_address_yet() -> None:
    gateway = gateway_of(state=GatewayState.PENDING)
    assert gateway.primary is None
    assert gateway.attached == gateway.draining == gateway.in_service == ()
    assert gateway.failed == ()
    assert not gateway.is_idle


def test_addresses_stand_in_numerical_order_however_aws_lists_them() -> None:
    shown = ["10.0.0.10", "10.0.0.9", "10.0.0.100"]
    numerical = ("10.0.0.9", "10.0.0.10", "10.0.0.100")
    assert gateway_of(*map(secondary, shown), primary("10.0.0.11")).attached == numerical
    assert gateway_of(*(secondary(ip, AddressStatus.UNASSIGNING) for ip in shown)).draining == numerical
    assert gateway_of(*(secondary(ip, AddressStatus.ASSIGNING) for ip in shown)).assigning == numerical
    assert gateway_of(*map(secondary, shown), primary("10.0.0.11")).in_service == (
        "10.0.0.9",
        "10.0.0.10",
        "10.0.0.11",
        "10.0.0.100",
    )


@given(gateways())
def test_a_secondary_of_a_private_gateway_is_exactly_one_of_attached_draining_and_failed(gateway: NatGateway) -> None:
    failed = tuple(address.key for address in gateway.failed)
    parts = [*gateway.attached, *gateway.draining, *failed]
    assert sorted(parts) == sorted(address.key for address in gateway.addresses if not address.is_primary)
    assert gateway.primary is not None
    serving_secondaries = set(gateway.in_service) - {gateway.primary.key}
    assert serving_secondaries | set(gateway.assigning) == set(gateway.attached)
    assert not serving_secondaries & set(gateway.assigning)
