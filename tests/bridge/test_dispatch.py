"""Each RPC, from request message to response message, with the messages of another author wherever they suffice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.fake_provider import FakeProvider, Thing
from bridge.peer import NULL, UNKNOWN, Peer, dynamic, state, summaries, thing
from natgw_provider.bridge.handlers import ReadResponse
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return Peer(tmp_path)


def test_the_schema_has_types_nesting_flags_and_capabilities(peer: Peer) -> None:
    response = peer.call("GetProviderSchema")
    assert summaries(response) == []
    assert response.server_capabilities.plan_destroy
    assert response.server_capabilities.get_provider_schema_optional
    assert [attribute.name for attribute in response.provider.block.attributes] == ["region"]
    assert set(response.data_source_schemas) == {"fake_things"}
    schema = response.resource_schemas["fake_thing"]
    assert (schema.version, schema.block.version) == (1, 1)
    assert (schema.block.description, schema.block.description_kind) == ("A thing.", oracle.MARKDOWN)
    attributes = {attribute.name: attribute for attribute in schema.block.attributes}
    assert set(attributes) == set(NULL)
    assert {name: json.loads(attribute.type) for name, attribute in attributes.items() if attribute.type} == {
        "id": "string",
        "name": "string",
        "size": "number",
        "tags": ["set", "string"],
        "labels": ["map", "string"],
        "password": "string",
        "script": "string",
    }
    flags = {name: (a.required, a.optional, a.computed, a.sensitive) for name, a in attributes.items()}
    assert flags["name"] == (True, False, False, False)
    assert flags["size"] == (False, True, True, False)
    assert flags["password"] == (False, True, False, True)
    rules = attributes["rules"].nested_type
    assert rules.nesting == oracle.Schema.Object.LIST
    assert [(rule.name, json.loads(rule.type), rule.required) for rule in rules.attributes] == [
        ("port", "number", True),
        ("open", "bool", False),
    ]


def test_identities_are_described_for_the_types_that_have_one(peer: Peer) -> None:
    response = peer.call("GetResourceIdentitySchemas", pb)
    (attribute,) = response.identity_schemas["fake_thing"].identity_attributes
    assert (attribute.name, json.loads(attribute.type), attribute.required_for_import) == ("key", "string", True)
    peer.provider.resources["fake_thing"].identity_schema = None
    assert not peer.call("GetResourceIdentitySchemas", pb).identity_schemas


def test_validation_returns_what_the_handler_found_with_the_path(peer: Peer) -> None:
    response = peer.call("ValidateResourceConfig", type_name="fake_thing", config=dynamic(thing(size=-1)))
    assert summaries(response) == [("error", "size is negative")]
    assert response.diagnostics[0].attribute.steps[0].attribute_name == "size"
    assert not peer.call(
        "ValidateResourceConfig", type_name="fake_thing", config=dynamic(thing(size=UNKNOWN))
    ).diagnostics
    assert summaries(peer.call("ValidateProviderConfig", config=dynamic({"region": "nowhere"}))) == [
        ("error", "no such region")
    ]
    source = peer.call(
        "ValidateDataResourceConfig", type_name="fake_things", config=dynamic({"prefix": "", "names": None})
    )
    assert summaries(source) == [("warning", "an empty prefix")]


def test_configuring_passes_the_version_of_terraform(peer: Peer) -> None:
    assert not peer.call(
        "ConfigureProvider", terraform_version="1.11.4", config=dynamic({"region": UNKNOWN})
    ).diagnostics
    assert peer.provider.configured == ["1.11.4"]
    assert peer.session.context().terraform_version == "1.11.4"


def test_a_create_is_planned_with_unknowns_and_applied_without(peer: Peer) -> None:
    plan = peer.plan(None, thing(size=None, tags=["b", "a"]))
    assert state(plan.planned_state) == thing(id=UNKNOWN, size=UNKNOWN, tags=["a", "b"])
    assert json.loads(plan.planned_private) == {"planned": True}
    applied = peer.apply(None, state(plan.planned_state), plan.planned_private)
    assert summaries(applied) == []
    assert state(applied.new_state) == thing(id="id-a", size=1, tags=["a", "b"])
    assert applied.private == plan.planned_private


def test_a_change_that_needs_a_new_resource_names_the_attribute(peer: Peer) -> None:
    plan = peer.plan(thing(id="id-a"), thing(id="id-a", name="b"))
    assert [[step.attribute_name for step in path.steps] for path in plan.requires_replace] == [["name"]]


def test_a_destroy_is_planned_and_applied_as_null(peer: Peer) -> None:
    plan = peer.plan(thing(id="id-a"), None)
    assert state(plan.planned_state) is None
    assert summaries(plan) == []
    applied = peer.apply(thing(id="id-a"), None)
    assert state(applied.new_state) is None
    assert summaries(applied) == []


def test_reading_finds_the_true_state_and_keeps_private_data(peer: Peer, tmp_path: Path) -> None:
    def read(private: bytes) -> Any:
        return peer.call(
            "ReadResource", type_name="fake_thing", current_state=dynamic(thing(id="id-a")), private=private
        )

    assert state(read(b"").new_state) is None
    (tmp_path / "id-a.thing").write_text('{"size": 7}')
    response = read(b'{"kept":[1]}')
    assert state(response.new_state) == thing(id="id-a", size=7)
    assert json.loads(response.private) == {"kept": [1], "reads": 1}


def test_private_data_and_identity_stay_when_the_handler_returns_none(
    peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Thing, "read", lambda _self, request, _context: ReadResponse(request.state))
    identity = pb.ResourceIdentityData(identity_data=pb.DynamicValue(msgpack=msgpack.packb({"key": "k"})))
    response = peer.call(
        "ReadResource",
        pb,
        type_name="fake_thing",
        current_state=pb.DynamicValue(msgpack=msgpack.packb(thing(id="i"))),
        private=b'{"a":1}',
        current_identity=identity,
    )
    assert response.private == b'{"a":1}'
    assert response.new_identity == identity


def test_an_imported_state_may_lack_attributes(peer: Peer) -> None:
    response = peer.call("ImportResourceState", type_name="fake_thing", id="id-z")
    (imported,) = response.imported_resources
    assert imported.type_name == "fake_thing"
    assert state(imported.state) == NULL | {"id": "id-z", "name": "z"}
    assert json.loads(imported.private) == {"imported": True}


def test_importing_works_by_identity_too_and_keeps_it(peer: Peer) -> None:
    identity = pb.ResourceIdentityData(identity_data=pb.DynamicValue(msgpack=msgpack.packb({"key": "id-y"})))
    response = peer.call("ImportResourceState", pb, type_name="fake_thing", identity=identity)
    assert state(response.imported_resources[0].state)["name"] == "y"
    assert response.imported_resources[0].identity == identity


def test_a_data_source_is_read(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "b.thing").touch()
    (tmp_path / "a.thing").touch()
    response = peer.call("ReadDataSource", type_name="fake_things", config=dynamic({"prefix": None, "names": None}))
    assert state(response.state) == {"prefix": None, "names": ["a", "b"]}


def test_a_generated_configuration_has_every_argument_and_nothing_that_is_computed(peer: Peer) -> None:
    assert peer.call("GetProviderSchema", pb).server_capabilities.generate_resource_config
    stored = thing(id="id-a")
    state_message = pb.DynamicValue(msgpack=msgpack.packb(stored))
    response = peer.call("GenerateResourceConfig", pb, type_name="fake_thing", state=state_message)
    assert not response.diagnostics
    assert state(response.config) == stored | {"id": None}


@pytest.mark.parametrize("debugged", [False, True])
def test_a_stop_reaches_running_and_later_handlers_but_not_the_next_terraform_of_a_debugged_provider(
    tmp_path: Path, *, debugged: bool
) -> None:
    session = Session(lambda: FakeProvider(tmp_path), Log("off"), reusable=debugged)
    running = session.context()
    session.stop()
    assert session.context().stop.is_set()
    session.configure("1.11.4")
    assert running.stop.is_set()
    assert session.context().stop.is_set() is not debugged


def upgrade(peer: Peer, version: int, **stored: Any) -> Any:
    raw = oracle.RawState(json=json.dumps(stored).encode())
    return peer.call("UpgradeResourceState", type_name="fake_thing", version=version, raw_state=raw)


def test_a_stored_state_of_the_current_version_may_have_other_attributes(peer: Peer) -> None:
    response = upgrade(peer, 1, id="i", name="a", rules=[{"port": 1}], gone=True)
    assert summaries(response) == []
    assert state(response.upgraded_state) == NULL | {"id": "i", "name": "a", "rules": [{"port": 1, "open": None}]}


def test_a_stored_state_of_an_older_version_goes_through_the_handler(peer: Peer) -> None:
    response = upgrade(peer, 0, id="i", old_name="a", tags=["t"])
    assert state(response.upgraded_state) == NULL | {"id": "i", "name": "a", "tags": ["t"]}


def test_a_stored_identity_is_passed_on(peer: Peer) -> None:
    raw = pb.RawState(json=b'{"key": "k"}')
    response = peer.call("UpgradeResourceIdentity", pb, type_name="fake_thing", version=0, raw_identity=raw)
    assert state(response.upgraded_identity.identity_data) == {"key": "k"}
