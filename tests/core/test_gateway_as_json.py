"""A snapshot survives being kept as JSON, which is how a plan hands it to the apply."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.core.gateway import (
    AddressStatus,
    GatewayState,
    NatGateway,
    NatGatewayAddress,
    gateway_from_json,
    gateway_to_json,
)
from support.strategies import addresses, gateway_of, primary, secondary

texts = st.text(max_size=20)
any_address = st.builds(
    NatGatewayAddress,
    key=addresses(),
    status=st.sampled_from([None, *AddressStatus]),
    is_primary=st.booleans(),
    network_interface_id=st.none() | texts,
    failure_message=st.none() | texts,
)
any_gateway = st.builds(
    NatGateway,
    nat_gateway_id=texts,
    state=st.sampled_from(GatewayState),
    connectivity_type=st.sampled_from(["private", "public"]),
    vpc_id=texts,
    subnet_id=texts,
    addresses=st.lists(any_address, max_size=4).map(tuple),
    failure_message=st.none() | texts,
    name=st.none() | texts,
)


@given(any_gateway)
def test_a_snapshot_comes_back_equal_from_json_text(gateway: NatGateway) -> None:
    read = gateway_from_json(json.loads(json.dumps(gateway_to_json(gateway))))
    assert read == gateway
    assert isinstance(read.state, GatewayState)
    assert all(address.status is None or isinstance(address.status, AddressStatus) for address in read.addresses)


def test_the_json_holds_every_field_under_its_own_name() -> None:
    plain = gateway_to_json(gateway_of(primary()))
    assert set(plain) == {field.name for field in fields(NatGateway)}
    assert set(plain["addresses"][0]) == {field.name for field in fields(NatGatewayAddress)}


@pytest.mark.parametrize("field", [field.name for field in fields(NatGateway)])
def test_a_missing_field_of_the_gateway_is_an_error(field: str) -> None:
    plain = gateway_to_json(gateway_of(primary()))
    del plain[field]
    with pytest.raises(ValueError, match=field):
        gateway_from_json(plain)


@pytest.mark.parametrize("field", [field.name for field in fields(NatGatewayAddress)])
def test_a_missing_field_of_an_address_is_an_error(field: str) -> None:
    plain = gateway_to_json(gateway_of(primary(), secondary("10.0.0.9")))
    del plain["addresses"][1][field]
    with pytest.raises(ValueError, match=field):
        gateway_from_json(plain)


@pytest.mark.parametrize("field", [field.name for field in fields(NatGateway)])
@pytest.mark.parametrize("value", [7, 0.5, {}, [None], [{}], ["x"]])
def test_a_field_of_another_kind_is_an_error(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        gateway_from_json({**gateway_to_json(gateway_of(primary())), field: value})


@pytest.mark.parametrize("field", [field.name for field in fields(NatGatewayAddress)])
@pytest.mark.parametrize("value", [7, 0.5, {}, [None]])
def test_a_field_of_an_address_of_another_kind_is_an_error(field: str, value: object) -> None:
    plain = gateway_to_json(gateway_of(primary()))
    with pytest.raises(ValueError, match=field):
        gateway_from_json({**plain, "addresses": [{**plain["addresses"][0], field: value}]})


@pytest.mark.parametrize("plain", [None, [], "x", 7])
def test_what_is_no_object_is_an_error(plain: object) -> None:
    with pytest.raises(ValueError, match="not an object"):
        gateway_from_json(plain)


def test_text_that_is_not_unicode_is_an_error() -> None:
    with pytest.raises(ValueError, match="vpc_id is not valid Unicode"):
        gateway_from_json({**gateway_to_json(gateway_of(primary())), "vpc_id": "\ud800"})


def test_an_address_that_is_none_is_an_error() -> None:
    plain = gateway_to_json(gateway_of(primary()))
    with pytest.raises(ValueError, match=r"10\.0\.0\.256"):
        gateway_from_json({**plain, "addresses": [{**plain["addresses"][0], "key": "10.0.0.256"}]})


def test_an_unheard_of_state_or_status_is_an_error() -> None:
    plain = gateway_to_json(gateway_of(primary()))
    with pytest.raises(ValueError, match="resting"):
        gateway_from_json({**plain, "state": "resting"})
    with pytest.raises(ValueError, match="resting"):
        gateway_from_json({**plain, "addresses": [{**plain["addresses"][0], "status": "resting"}]})


def test_writing_leaves_the_snapshot_alone() -> None:
    gateway = gateway_of(primary(), secondary("10.0.0.9"))
    gateway_to_json(gateway)["addresses"].clear()
    assert gateway == replace(gateway, addresses=(primary(), secondary("10.0.0.9")))
