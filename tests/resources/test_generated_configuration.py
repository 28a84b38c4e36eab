"""What Terraform writes down for a gateway imported without a configuration: it is valid, and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from natgw_provider.bridge.handlers import ImportRequest, PlanRequest, ReadRequest, ReadResponse
from natgw_provider.resources.address_resource import AddressResource
from natgw_provider.resources.provider import RESOURCE_TYPES
from natgw_provider.resources.resource_type import ResourceType
from support.either_kind import EitherKind
from support.resource import GATEWAY_ID, Driver, RememberingEngine, configured_with, gateway, proposed

ADDRESSES = [f"10.0.0.{number}" for number in range(20, 27)]


def imported(driver: Driver) -> ReadResponse:
    start = driver.resource.import_state(ImportRequest(GATEWAY_ID), driver.context)
    assert start.state is not None
    return driver.resource.read(ReadRequest(start.state), driver.context)


def said(configuration: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in configuration.items() if value is not None}


@given(st.sets(st.sampled_from(ADDRESSES)))
def test_it_is_valid_and_plans_nothing(addresses: set[str]) -> None:
    driver = Driver(RememberingEngine(gateway(*sorted(addresses))))
    found = imported(driver)
    assert found.state is not None
    config = said(driver.resource.configuration_of(found.state))
    assert driver.validate(**config) == []
    planned = driver.plan(found, **config)
    assert not planned.diagnostics
    assert planned.planned_state == found.state


@pytest.mark.parametrize("declared", RESOURCE_TYPES, ids=lambda declared: declared.name)
def test_of_every_type_it_names_the_gateway_and_the_addresses_and_plans_nothing(declared: ResourceType) -> None:
    engine = RememberingEngine(gateway(*ADDRESSES[:2]), either=EitherKind(declared.kind))
    resource = AddressResource(declared, lambda: configured_with(engine))
    context = Driver(engine).context
    found = EitherKind(declared.kind).gateway(engine.gateway)
    assert found is not None
    start = resource.import_state(ImportRequest(None, declared.identities_on(found)[0]), context)
    read = resource.read(ReadRequest(start.state or {}), context)
    assert read.state is not None
    config = resource.configuration_of(read.state)
    assert set(said(config)) == {"nat_gateway_id", declared.argument}
    assert resource.validate(config, context) == []
    request = PlanRequest(read.state, proposed(config, read.state, declared), config, read.private or {})
    assert resource.plan(request, context).planned_state == read.state


def test_an_option_that_is_not_at_its_default_is_kept() -> None:
    driver = Driver(RememberingEngine(gateway("10.0.0.21")))
    state = driver.refreshed(secondary_private_ip_addresses=("10.0.0.21",), max_drain_duration_seconds=60).state
    assert state is not None
    assert said(driver.resource.configuration_of(state))["max_drain_duration_seconds"] == 60
