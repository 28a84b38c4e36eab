"""States that an earlier natgw stored are read by this one with nothing lost.

`states/vN.json` holds attributes as Terraform 1.11 stored them for schema version N, after applies against the
simulator. A file is never edited: a schema change that breaks it needs a new version, an upgrade, and a new file.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest

from natgw_provider.bridge import wire
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.dispatch import answer
from natgw_provider.core.settings import SETTINGS
from natgw_provider.resources.address_set import PRIVATE_IP_SET
from natgw_provider.resources.private_state import snapshot_of_state
from natgw_provider.resources.provider import NatgwProvider
from support.resource import Driver, RememberingEngine

STATES = Path(__file__).with_name("states")
STORED = [
    pytest.param(int(file.stem[1:]), attributes, id=f"{file.stem}-{label}")
    for file in sorted(STATES.glob("v*.json"))
    for label, attributes in json.loads(file.read_text()).items()
]
ARGUMENTS = tuple(
    attribute.name
    for attribute in PRIVATE_IP_SET.schema.attributes
    if (attribute.required or attribute.optional) and attribute.name != "secondary_private_ip_address_count"
)


def upgraded(version: int, attributes: dict[str, Any]) -> Any:
    """Return what Terraform gets for a stored state."""
    request = pb.UpgradeResourceState.Request(
        type_name="natgw_secondary_private_ips",
        version=version,
        raw_state=pb.RawState(json=json.dumps(attributes).encode()),
    )
    session = Session(NatgwProvider, Log("off"))
    response = pb.UpgradeResourceState.Response.FromString(
        answer(session, "UpgradeResourceState", request.SerializeToString())
    )
    assert not response.diagnostics
    return msgpack.unpackb(response.upgraded_state.msgpack)


def with_later_settings(state: Any) -> Any:
    """Return a stored state with the defaults of the settings that it is older than, which the first refresh sets."""
    return {
        **state,
        **{name: it.default_for(PRIVATE_IP_SET.kind) for name, it in SETTINGS.items() if state[name] is None},
    }


def in_order(value: Any) -> Any:
    """Return `value` with its lists sorted: all of them are sets."""
    if isinstance(value, dict):
        return {name: in_order(member) for name, member in value.items()}
    return sorted(value) if isinstance(value, list) else value


def test_every_schema_version_has_its_file() -> None:
    assert {param.values[0] for param in STORED} == set(range(PRIVATE_IP_SET.schema.version + 1))


@pytest.mark.parametrize(("version", "attributes"), STORED)
def test_a_stored_state_is_read_with_nothing_lost(version: int, attributes: dict[str, Any]) -> None:
    state = upgraded(version, attributes)
    if version == 0:  # another shape, and only of the last change: null until the next one
        attributes = {**attributes, "last_change": None}
    assert in_order({name: state.pop(name) for name in attributes}) == in_order(attributes)
    assert set(state.values()) <= {None}, "what came later is not set yet"


@pytest.mark.parametrize(("version", "attributes"), STORED)
def test_a_plan_on_a_stored_state_proposes_nothing(version: int, attributes: dict[str, Any]) -> None:
    state: Any = wire.conform(PRIVATE_IP_SET.schema.value_type, upgraded(version, attributes))
    driver = Driver(RememberingEngine(snapshot_of_state(PRIVATE_IP_SET, state), cidr=state["subnet_cidr_block"]))
    refreshed = driver.read(state)
    assert refreshed.state == with_later_settings(state)
    planned = driver.plan(refreshed, **{name: state[name] for name in ARGUMENTS})
    assert not planned.diagnostics
    assert planned.planned_state == refreshed.state


@pytest.mark.parametrize("setting", SETTINGS)
def test_a_state_that_is_older_than_a_setting_gets_its_default_and_an_empty_plan(setting: str) -> None:
    version, stored = STORED[-1].values
    without: Any = {name: value for name, value in stored.items() if name != setting}  # type: ignore[union-attr]
    state: Any = wire.conform(PRIVATE_IP_SET.schema.value_type, upgraded(version, without))  # type: ignore[arg-type]
    driver = Driver(RememberingEngine(snapshot_of_state(PRIVATE_IP_SET, state), cidr=state["subnet_cidr_block"]))
    refreshed = driver.read(state)
    assert state[setting] is None
    assert refreshed.state == with_later_settings(state)
    planned = driver.plan(refreshed, **{name: state[name] for name in ARGUMENTS if name != setting})
    assert planned.planned_state == refreshed.state
