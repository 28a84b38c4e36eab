"""A failure of any kind in an RPC is a diagnostic, and nothing is lost."""

from __future__ import annotations

from pathlib import Path as File
from typing import Any

import msgpack
import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.fake_provider import Thing
from bridge.peer import UNKNOWN, Peer, state, summaries, thing
from natgw_provider.bridge.diagnostics import DiagnosticsError, Path, error, warning
from natgw_provider.bridge.handlers import ApplyResponse
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.dispatch import RPCS, answer
from natgw_provider.bridge.rpc.messages import diagnostic_messages
from natgw_provider.bridge.values import UNKNOWN as UNKNOWN_VALUE


@pytest.fixture
def peer(tmp_path: File) -> Peer:
    return Peer(tmp_path)


@pytest.mark.parametrize("method", sorted({*RPCS} - {"GetFunctions", "MoveResourceState"}))  # they call no handler
def test_an_exception_in_any_rpc_is_a_short_error_without_a_traceback(tmp_path: File, method: str) -> None:
    peer = Peer(tmp_path)
    peer.session = Session(_raise, peer.session.log)
    message = getattr(pb, method)
    response = message.Response.FromString(answer(peer.session, method, message.Request().SerializeToString()))
    (diagnostic,) = response.diagnostics
    assert diagnostic.summary == f"natgw bug: RuntimeError in {method}"
    assert "RuntimeError: the provider broke x" in diagnostic.detail
    assert len(diagnostic.detail) < 1000
    assert "TF_LOG=debug" in diagnostic.detail
    assert "Traceback" not in diagnostic.detail
    assert "Traceback (most recent call last)" in peer.logged.getvalue()
    assert '"@level": "error"' in peer.logged.getvalue()


@pytest.mark.parametrize("script", ["raise", "exit"])
def test_a_failed_apply_returns_null_so_that_terraform_keeps_what_it_has(peer: Peer, script: str) -> None:
    prior, planned = thing(id="id-a", script=script), thing(id="id-a", size=3, script=script)
    for response in (peer.apply(None, planned), peer.apply(prior, planned), peer.apply(prior, None)):
        assert summaries(response)[0][1].endswith("in ApplyResourceChange of fake_thing")
        assert not response.HasField("new_state")
        assert "the next plan reads the true one" in response.diagnostics[0].detail


def test_a_partial_failure_returns_the_true_state_with_the_error(peer: Peer) -> None:
    response = peer.apply(thing(id="id-a"), thing(id="id-a", size=5, script="partial"), b'{"p":1}')
    assert summaries(response) == [("error", "only half was done")]
    assert state(response.new_state)["size"] == 0
    assert response.private == b'{"p":1}'


def test_diagnostics_may_be_raised_from_any_depth(peer: Peer) -> None:
    response = peer.apply(None, thing(script="refuse"))
    assert summaries(response) == [("error", "refused"), ("warning", "mind")]
    assert [step.attribute_name for step in response.diagnostics[0].attribute.steps] == ["tags"]


def test_raising_only_warnings_is_still_an_error(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    def raise_warning(*_arguments: object) -> None:
        raise DiagnosticsError([warning("only that")])

    monkeypatch.setattr(Thing, "apply", raise_warning)
    assert summaries(peer.apply(None, thing()))[0][0] == "error"


@pytest.mark.parametrize(
    ("change", "path", "complaint"),
    [
        ({"id": UNKNOWN_VALUE}, ["id"], "At id: the value is unknown where it must be known"),
        ({"rules": ({"port": 1, "open": "yes"},)}, ["rules"], "At rules[0].open: expected a bool"),
    ],
)
def test_a_result_that_does_not_fit_is_an_error_at_its_attribute(
    peer: Peer, monkeypatch: pytest.MonkeyPatch, change: dict[str, Any], path: list[Any], complaint: str
) -> None:
    monkeypatch.setattr(
        Thing, "apply", lambda _self, request, _context: ApplyResponse(request.planned_state | {"id": "i"} | change)
    )
    response = peer.apply(thing(id="i"), thing(id="i"))
    assert summaries(response) == [("error", "natgw bug: a result does not fit the schema")]
    assert complaint in response.diagnostics[0].detail
    found = [getattr(s, s.WhichOneof("selector")) for s in response.diagnostics[0].attribute.steps]
    assert found == path
    assert not response.HasField("new_state")


def test_a_new_state_survives_a_mistake_beside_it(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        Thing, "apply", lambda *_: ApplyResponse(thing(id="i"), private={"set": {1}}, diagnostics=[warning("w")])
    )
    response = peer.apply(thing(), thing(), b'{"p":1}')
    assert summaries(response)[0] == ("error", "natgw bug: TypeError in ApplyResourceChange of fake_thing")
    assert state(response.new_state)["id"] == "i"
    assert response.private == b'{"p":1}'


def test_an_identity_that_stays_unknown_is_not_a_bug(peer: Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    """As that of an object whose create failed."""
    monkeypatch.setattr(Thing, "apply", lambda *_: ApplyResponse(None, diagnostics=[error("refused")]))
    null, unknown = pb.DynamicValue(msgpack=msgpack.packb(None)), msgpack.packb({"key": UNKNOWN})
    identity = pb.ResourceIdentityData(identity_data=pb.DynamicValue(msgpack=unknown))
    response = peer.call(
        "ApplyResourceChange",
        pb,
        type_name="fake_thing",
        prior_state=null,
        planned_state=pb.DynamicValue(msgpack=msgpack.packb(thing())),
        config=null,
        planned_identity=identity,
    )
    assert summaries(response) == [("error", "refused")]


def test_a_value_of_terraform_that_cannot_be_read_is_an_error(peer: Peer) -> None:
    for broken in (b"\xc1", msgpack.packb({"name": 1}), msgpack.packb(None), msgpack.packb(UNKNOWN)):
        response = peer.call(
            "ValidateResourceConfig", type_name="fake_thing", config=oracle.DynamicValue(msgpack=broken)
        )
        assert summaries(response) == [("error", "natgw cannot read a value that Terraform sent")]


@pytest.mark.parametrize("private", [b"{", b"[]"])
def test_private_data_of_someone_else_is_an_error(peer: Peer, private: bytes) -> None:
    response = peer.plan(thing(), thing(), private)
    assert summaries(response) == [("error", "natgw cannot read a resource's private data")]


def test_a_request_that_is_not_protobuf_is_an_error(peer: Peer) -> None:
    response = oracle.ReadResource.Response.FromString(answer(peer.session, "ReadResource", b"\xff\xff\xff"))
    assert summaries(response)[0][1].startswith("natgw bug: DecodeError in ReadResource")


def refused_upgrade(peer: Peer, version: int, raw: oracle.RawState) -> str:
    response = peer.call("UpgradeResourceState", type_name="fake_thing", version=version, raw_state=raw)
    assert summaries(response) == [("error", "natgw cannot read the state of a fake_thing")]
    assert not response.HasField("upgraded_state")
    return str(response.diagnostics[0].detail)


def test_a_stored_state_of_a_newer_version_is_refused_with_the_remedy(peer: Peer) -> None:
    detail = refused_upgrade(peer, 2, oracle.RawState(json=b"{}"))
    assert "with schema version 2" in detail
    assert "Upgrade natgw" in detail


def test_a_stored_state_of_terraform_before_0_12_is_refused(peer: Peer) -> None:
    assert "before 0.12" in refused_upgrade(peer, 1, oracle.RawState(flatmap={"id": "i"}))


@pytest.mark.parametrize("stored", [b"{", b"[1]", b'{"id": 1}', b"\xff", b'{"x":' * 100_000 + b"0" + b"}" * 100_000])
def test_a_damaged_stored_state_is_an_error(peer: Peer, stored: bytes) -> None:
    assert "is damaged" in refused_upgrade(peer, 1, oracle.RawState(json=stored))


@pytest.mark.parametrize(("version", "stored", "detail"), [(1, b'{"key": "k"}', "version 1"), (0, b"{", "is damaged")])
def test_a_stored_identity_that_cannot_be_read_is_an_error(
    peer: Peer, version: int, stored: bytes, detail: str
) -> None:
    raw = pb.RawState(json=stored)
    response = peer.call("UpgradeResourceIdentity", pb, type_name="fake_thing", version=version, raw_identity=raw)
    assert detail in response.diagnostics[0].detail


def test_moving_state_is_refused_with_what_to_write_instead(peer: Peer) -> None:
    response = peer.call("MoveResourceState", pb, source_type_name="aws_thing", target_type_name="fake_thing")
    assert "does not move state" in response.diagnostics[0].summary
    assert "`import` block" in response.diagnostics[0].detail


@pytest.mark.parametrize(
    ("path", "marked"),
    [
        ((), []),
        (("name",), ["name"]),
        (("labels", "key"), ["labels"]),  # Terraform before 1.15 marks a wrong line for more than one step
        ((0,), []),
    ],
)
def test_a_diagnostic_marks_the_attribute_that_its_path_begins_with(path: Path, marked: list[str]) -> None:
    (message,) = diagnostic_messages([error("a", path=path)])
    assert [step.attribute_name for step in message.attribute.steps] == marked


def test_text_that_is_not_unicode_reaches_the_user() -> None:
    (message,) = diagnostic_messages([error("broken \udcff name")])
    assert message.summary == "broken \\udcff name"


def test_an_unknown_type_is_an_error_that_lists_the_known_ones(peer: Peer) -> None:
    response = peer.call("ReadResource", type_name="fake_other")
    assert summaries(response) == [("error", "natgw has no resource type fake_other")]
    assert "fake_thing" in response.diagnostics[0].detail
    assert summaries(peer.call("ReadDataSource", type_name="x")) == [("error", "natgw has no data source x")]


def _raise() -> Any:
    raise RuntimeError("the provider broke " + "x" * 10_000)
