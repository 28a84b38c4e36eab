"""What Terraform writes down for a gateway imported without a configuration: it is valid, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.bridge.handlers import ImportRequest, PlanRequest, ReadRequest
from natgw_provider.resources.address_resource import AddressResource
from natgw_provider.resources.provider import RESOURCE_TYPES
from natgw_provider.resources.resource_type import ResourceType
from support.either_kind import EitherKind
from support.resource import GATEWAY_ID, Driver, RememberingEngine, configured_with, context, gateway, proposed

ADDRESSES = [f"10.0.0.{number}" for number in range(20, 27)]


def said(configuration: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in configuration.items() if value is not None}


@pytest.mark.parametrize("declared", RESOURCE_TYPES, ids=lambda declared: declared.name)
@given(st.sets(st.sampled_from(ADDRESSES)))
def test_it_names_the_gateway_and_the_addresses_is_valid_and_plans_nothing(
    declared: ResourceType, addresses: set[str]
) -> None:
    engine = RememberingEngine(gateway(*sorted(addresses)), either=EitherKind(declared.kind))
    found = engine.read(GATEWAY_ID)
    assert found is not None
    for identity in declared.identities_on(found):
        resource = AddressResource(declared, lambda: configured_with(engine, quota=8))
        start = resource.import_state(ImportRequest(None, identity), context())
        read = resource.read(ReadRequest(start.state or {}), context())
        assert read.state is not None
        config = resource.configuration_of(read.state)
        assert set(said(config)) == {"nat_gateway_id", declared.argument}
        assert resource.validate(config, context()) == []
        request = PlanRequest(read.state, proposed(config, read.state, declared), config, read.private or {})
        planned = resource.plan(request, context())
        assert not planned.diagnostics
        assert planned.planned_state == read.state


def test_an_option_that_is_not_at_its_default_is_kept() -> None:
    driver = Driver(RememberingEngine(gateway("10.0.0.21")))
    state = driver.refreshed(secondary_private_ip_addresses=("10.0.0.21",), max_drain_duration_seconds=60).state
    assert state is not None
    assert said(driver.resource.configuration_of(state))["max_drain_duration_seconds"] == 60
