"""Each RPC, from request message to response message, with the messages of another author wherever they suffice."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.fake_provider import THING_SCHEMA, FakeProvider, Thing
from natgw_provider.bridge import wire
from natgw_provider.bridge.diagnostics import DiagnosticsError, warning
from natgw_provider.bridge.handlers import ApplyResponse, ReadResponse
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.dispatch import RPCS, answer
from natgw_provider.bridge.session import Session

UNKNOWN = msgpack.ExtType(0, b"\x00")
NULL = dict.fromkeys(THING_SCHEMA.value_type.attributes)


class Peer:
    """Calls RPCs the way Terraform does, and remembers what was logged."""

    def __init__(self, world: Path) -> None:
        self.logged = io.StringIO()
        self.provider: Any = FakeProvider(world)
        self.session = Session(lambda: self.provider, Log("trace", "natgw", self.logged))

    def call(self, method: str, messages: Any = oracle, **fields: Any) -> Any:
        message = getattr(messages, method)
        return message.Response.FromString(answer(self.session, method, message.Request(**fields).SerializeToString()))

    def apply(self, prior: Any, planned: Any, private: bytes = b"") -> Any:
        return self.call(
            "ApplyResourceChange",
            type_name="fake_thing",
            prior_state=dynamic(prior),
            planned_state=dynamic(planned),
            config=dynamic(planned),
            planned_private=private,
        )

    def plan(self, prior: Any, proposed: Any, private: bytes = b"") -> Any:
        return self.call(
            "PlanResourceChange",
            type_name="fake_thing",
            prior_state=dynamic(prior),
            proposed_new_state=dynamic(proposed),
            config=dynamic(proposed),
            prior_private=private,
        )


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return Peer(tmp_path)


def dynamic(value: Any) -> Any:
    return oracle.DynamicValue(msgpack=msgpack.packb(value))


def thing(**changes: Any) -> dict[str, Any]:
    return NULL | {"name": "a", "size": 2} | changes


def state(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, ext_hook=msgpack.ExtType)


def told(response: Any) -> list[tuple[str, str]]:
    severities = {oracle.Diagnostic.ERROR: "error", oracle.Diagnostic.WARNING: "warning"}
    return [(severities[diagnostic.severity], diagnostic.summary) for diagnostic in response.diagnostics]


def test_the_schema_is_described_with_types_nesting_flags_and_capabilities(peer: Peer) -> None:
    response = peer.call("GetProviderSchema")
    assert told(response) == []
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


def test_the_metadata_names_everything_and_repeats_the_capabilities(peer: Peer) -> None:
    response = peer.call("GetMetadata")
    assert response.server_capabilities == peer.call("GetProviderSchema").server_capabilities
    assert [resource.type_name for resource in response.resources] == ["fake_thing"]
    assert [source.type_name for source in response.data_sources] == ["fake_things"]
    assert not response.functions


def test_there_are_no_functions(peer: Peer) -> None:
    assert peer.call("GetFunctions") == oracle.GetFunctions.Response()


def test_identities_are_described_for_the_types_that_have_one(peer: Peer) -> None:
    response = peer.call("GetResourceIdentitySchemas", pb)
    (attribute,) = response.identity_schemas["fake_thing"].identity_attributes
    assert (attribute.name, json.loads(attribute.type), attribute.required_for_import) == ("key", "string", True)
    peer.provider.resources["fake_thing"].identity_schema = None
    assert not peer.call("GetResourceIdentitySchemas", pb).identity_schemas


def test_validation_returns_what_the_handler_found_with_the_path(peer: Peer) -> None:
    response = peer.call("ValidateResourceConfig", type_name="fake_thing", config=dynamic(thing(size=-1)))
    assert told(response) == [("error", "size is negative")]
    assert response.diagnostics[0].attribute.steps[0].attribute_name == "size"
    assert not peer.call(
        "ValidateResourceConfig", type_name="fake_thing", config=dynamic(thing(size=UNKNOWN))
    ).diagnostics
    assert told(peer.call("ValidateProviderConfig", config=dynamic({"region": "nowhere"}))) == [
        ("error", "no such region")
    ]
    source = peer.call(
        "ValidateDataResourceConfig", type_name="fake_things", config=dynamic({"prefix": "", "names": None})
    )
    assert told(source) == [("warning", "an empty prefix")]


def test_configuring_tells_the_version_of_terraform(peer: Peer) -> None:
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
    assert told(applied) == []
    assert state(applied.new_state) == thing(id="id-a", size=1, tags=["a", "b"])
    assert applied.private == plan.planned_private


def test_a_change_that_needs_a_new_resource_names_the_attribute(peer: Peer) -> None:
    plan = peer.plan(thing(id="id-a"), thing(id="id-a", name="b"))
    assert [[step.attribute_name for step in path.steps] for path in plan.requires_replace] == [["name"]]


def test_a_destroy_is_planned_and_applied_as_null(peer: Peer) -> None:
    plan = peer.plan(thing(id="id-a"), None)
    assert state(plan.planned_state) is None
    assert told(plan) == []
    applied = peer.apply(thing(id="id-a"), None)
    assert state(applied.new_state) is None
    assert told(applied) == []


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


def test_private_data_and_identity_stay_when_the_handler_gives_none(
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


def test_importing_gives_a_state_that_may_lack_attributes(peer: Peer) -> None:
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


def test_importing_what_does_not_exist_is_the_handlers_error(peer: Peer) -> None:
    response = peer.call("ImportResourceState", type_name="fake_thing", id="missing")
    assert told(response) == [("error", "There is no thing missing")]
    assert not response.imported_resources


def test_a_data_source_is_read(peer: Peer, tmp_path: Path) -> None:
    (tmp_path / "b.thing").touch()
    (tmp_path / "a.thing").touch()
    response = peer.call("ReadDataSource", type_name="fake_things", config=dynamic({"prefix": None, "names": None}))
    assert state(response.state) == {"prefix": None, "names": ["a", "b"]}


def test_moving_state_is_refused_with_the_way_to_do_it(peer: Peer) -> None:
    request = pb.MoveResourceState.Request(source_type_name="aws_thing", target_type_name="fake_thing")
    response = pb.MoveResourceState.Response.FromString(
        answer(peer.session, "MoveResourceState", request.SerializeToString())
    )
    assert "does not move state" in response.diagnostics[0].summary
    assert "`import` block" in response.diagnostics[0].detail


class TestUpgrade:
    """UpgradeResourceState."""

    def upgrade(self, peer: Peer, version: int, **stored: Any) -> Any:
        raw = oracle.RawState(json=json.dumps(stored).encode())
        return peer.call("UpgradeResourceState", type_name="fake_thing", version=version, raw_state=raw)

    def test_a_state_of_the_current_version_is_passed_on(self, peer: Peer) -> None:
        response = self.upgrade(peer, 1, **thing(id="i", tags=["a"], rules=[{"port": 1, "open": None}]))
        assert told(response) == []
        assert state(response.upgraded_state) == thing(id="i", tags=["a"], rules=[{"port": 1, "open": None}])

    def test_attributes_that_came_or_went_without_a_new_version_are_no_problem(self, peer: Peer) -> None:
        response = self.upgrade(peer, 1, id="i", name="a", gone=True)
        assert state(response.upgraded_state) == NULL | {"id": "i", "name": "a"}

    def test_a_state_of_an_older_version_goes_through_the_handler(self, peer: Peer) -> None:
        response = self.upgrade(peer, 0, id="i", old_name="a", tags=["t"])
        assert state(response.upgraded_state) == NULL | {"id": "i", "name": "a", "tags": ["t"]}

    def test_a_state_of_a_newer_version_is_refused_with_the_remedy(self, peer: Peer) -> None:
        response = self.upgrade(peer, 2, id="i")
        assert told(response) == [("error", "natgw cannot read the state of a fake_thing")]
        assert "with schema version 2" in response.diagnostics[0].detail
        assert "Upgrade natgw" in response.diagnostics[0].detail

    def test_a_handlers_result_with_an_unknown_attribute_is_an_error(self, peer: Peer) -> None:
        response = self.upgrade(peer, 0, old_name="a", nonsense=1)
        assert "nonsense" not in response.upgraded_state.msgpack.decode(errors="replace")
        assert "no such attribute" in response.diagnostics[0].detail

    @pytest.mark.parametrize("stored", [b"{", b"[1]", b'{"id": 1}', b"\xff"])
    @pytest.mark.parametrize("version", [0, 1])
    def test_a_damaged_state_is_an_error(self, peer: Peer, stored: bytes, version: int) -> None:
        raw = oracle.RawState(json=stored)
        response = peer.call("UpgradeResourceState", type_name="fake_thing", version=version, raw_state=raw)
        assert response.diagnostics
        assert not response.upgraded_state.msgpack

    def test_a_flat_map_is_refused(self, peer: Peer) -> None:
        raw = oracle.RawState(flatmap={"id": "i"})
        response = peer.call("UpgradeResourceState", type_name="fake_thing", version=1, raw_state=raw)
        assert "before 0.12" in response.diagnostics[0].detail

    def test_an_identity_is_passed_on_or_refused(self, peer: Peer) -> None:
        raw = pb.RawState(json=b'{"key": "k"}')
        response = peer.call("UpgradeResourceIdentity", pb, type_name="fake_thing", version=0, raw_identity=raw)
        assert state(response.upgraded_identity.identity_data) == {"key": "k"}
        newer = peer.call("UpgradeResourceIdentity", pb, type_name="fake_thing", version=1, raw_identity=raw)
        assert "version 1" in newer.diagnostics[0].detail
        damaged = peer.call(
            "UpgradeResourceIdentity", pb, type_name="fake_thing", version=0, raw_identity=pb.RawState(json=b"{")
        )
        assert "damaged" in damaged.diagnostics[0].detail


class TestExceptions:
    """Whatever goes wrong is a diagnostic, and nothing is lost."""

    @pytest.mark.parametrize("method", sorted(RPCS))
    def test_an_exception_in_any_rpc_is_an_error_without_a_traceback(self, tmp_path: Path, method: str) -> None:
        peer = Peer(tmp_path)
        peer.session = Session(_raise, peer.session.log)
        message = getattr(pb, method)
        response = message.Response.FromString(answer(peer.session, method, message.Request().SerializeToString()))
        (diagnostic,) = response.diagnostics
        assert diagnostic.summary == f"natgw bug: RuntimeError in {method}"
        assert "RuntimeError: the provider broke." in diagnostic.detail
        assert "TF_LOG=debug" in diagnostic.detail
        assert "Traceback" not in diagnostic.detail
        assert "Traceback (most recent call last)" in peer.logged.getvalue()
        assert '"@level": "error"' in peer.logged.getvalue()

    @pytest.mark.parametrize("script", ["raise", "exit"])
    def test_a_failed_apply_returns_null_so_that_terraform_keeps_what_it_has(self, peer: Peer, script: str) -> None:
        prior, planned = thing(id="id-a", script=script), thing(id="id-a", size=3, script=script)
        for response in (peer.apply(None, planned), peer.apply(prior, planned), peer.apply(prior, None)):
            assert told(response)[0][1].endswith("in ApplyResourceChange of fake_thing")
            assert not response.HasField("new_state")
            assert "the next plan reads the true one" in response.diagnostics[0].detail

    def test_a_partial_failure_returns_the_true_state_with_the_error(self, peer: Peer) -> None:
        response = peer.apply(thing(id="id-a"), thing(id="id-a", size=5, script="partial"), b'{"p":1}')
        assert told(response) == [("error", "only half was done")]
        assert state(response.new_state)["size"] == 0
        assert response.private == b'{"p":1}'

    def test_diagnostics_may_be_raised_from_any_depth(self, peer: Peer) -> None:
        response = peer.apply(None, thing(script="refuse"))
        assert told(response) == [("error", "refused"), ("warning", "mind")]
        assert [step.attribute_name for step in response.diagnostics[0].attribute.steps] == ["tags"]

    def test_raising_only_warnings_is_still_an_error(self, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
        def raise_warning(*_arguments: object) -> None:
            raise DiagnosticsError([warning("only that")])

        monkeypatch.setattr(Thing, "apply", raise_warning)
        assert told(peer.apply(None, thing()))[0][0] == "error"

    @pytest.mark.parametrize(
        ("change", "path", "complaint"),
        [
            ({"size": "x"}, ["size"], "At size: expected a number, found str"),
            ({"tags": (1,)}, ["tags"], "At tags[0]: expected a string, found int"),
            ({"id": wire.UNKNOWN}, ["id"], "At id: the value is unknown where it must be known"),
            ({"colour": "red"}, [], "At colour: there is no such attribute in the schema"),
            ({"rules": ({"port": 1, "open": "yes"},)}, ["rules", 0, "open"], "At rules[0].open: expected a bool"),
        ],
    )
    def test_a_result_that_does_not_fit_is_an_error_at_its_attribute(
        self, peer: Peer, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], path: list[Any], complaint: str
    ) -> None:
        monkeypatch.setattr(
            Thing, "apply", lambda _self, request, _context: ApplyResponse(request.planned_state | {"id": "i"} | change)
        )
        response = peer.apply(thing(id="i"), thing(id="i"))
        assert told(response) == [("error", "natgw bug: a result does not fit the schema")]
        assert complaint in response.diagnostics[0].detail
        found = [getattr(s, s.WhichOneof("selector")) for s in response.diagnostics[0].attribute.steps]
        assert found == path
        assert not response.HasField("new_state")

    def test_a_missing_attribute_is_an_error(self, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(Thing, "apply", lambda *_: ApplyResponse({"id": "i"}))
        assert "At name: the attribute is missing" in peer.apply(None, thing()).diagnostics[0].detail

    def test_a_new_state_survives_a_mistake_beside_it(self, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            Thing, "apply", lambda *_: ApplyResponse(thing(id="i"), private={"set": {1}}, diagnostics=[warning("w")])
        )
        response = peer.apply(thing(), thing(), b'{"p":1}')
        assert told(response)[0] == ("error", "natgw bug: TypeError in ApplyResourceChange of fake_thing")
        assert state(response.new_state)["id"] == "i"
        assert response.private == b'{"p":1}'

    def test_what_terraform_sends_and_nobody_can_read_is_an_error(self, peer: Peer) -> None:
        for broken in (b"\xc1", msgpack.packb({"name": 1}), msgpack.packb(None), msgpack.packb(UNKNOWN)):
            response = peer.call(
                "ValidateResourceConfig", type_name="fake_thing", config=oracle.DynamicValue(msgpack=broken)
            )
            assert told(response) == [("error", "natgw cannot read a value that Terraform sent")]

    @pytest.mark.parametrize("private", [b"{", b"[]", b"\xff"])
    def test_private_data_of_someone_else_is_an_error(self, peer: Peer, private: bytes) -> None:
        response = peer.plan(thing(), thing(), private)
        assert told(response) == [("error", "natgw cannot read a resource's private data")]

    @pytest.mark.parametrize("data", [b"\xff\xff\xff", b"\x0a\xff", b"\x0a\x02\xff\xff"])
    def test_a_request_that_is_not_protobuf_is_an_error(self, peer: Peer, data: bytes) -> None:
        response = oracle.ReadResource.Response.FromString(answer(peer.session, "ReadResource", data))
        assert told(response)[0][1].startswith("natgw bug: DecodeError in ReadResource")

    def test_a_type_that_nobody_knows_is_an_error_that_names_the_known(self, peer: Peer) -> None:
        response = peer.call("ReadResource", type_name="fake_other")
        assert told(response) == [("error", "natgw has no resource type fake_other")]
        assert "fake_thing" in response.diagnostics[0].detail
        assert told(peer.call("ReadDataSource", type_name="x")) == [("error", "natgw has no data source x")]

    def test_a_long_cause_is_cut(self, peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_arguments: object) -> None:
            raise ValueError("x" * 10_000)

        monkeypatch.setattr(Thing, "plan", fail)
        assert len(peer.plan(None, thing()).diagnostics[0].detail) < 1000


def test_json_in_place_of_msgpack_is_read_too(peer: Peer) -> None:
    config = oracle.DynamicValue(json=json.dumps(thing(size=-1)).encode())
    response = peer.call("ValidateResourceConfig", type_name="fake_thing", config=config)
    assert told(response) == [("error", "size is negative")]


def test_a_stop_reaches_handlers_that_run_and_handlers_to_come(peer: Peer) -> None:
    running = peer.session.context()
    peer.session.stop()
    assert running.stop.is_set()
    assert peer.session.context().stop.is_set()
    peer.session.configure("1.11.4")
    assert peer.session.context().stop.is_set()


def test_for_debugging_the_next_terraform_starts_without_the_last_ones_stop(tmp_path: Path) -> None:
    session = Session(lambda: FakeProvider(tmp_path), Log("off"), reusable=True)
    running = session.context()
    session.stop()
    session.configure("1.11.4")
    assert running.stop.is_set()
    assert not session.context().stop.is_set()


def _raise() -> Any:
    raise RuntimeError("the provider broke")
