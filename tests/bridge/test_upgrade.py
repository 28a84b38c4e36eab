"""Stored states and identities of any version, or of none, come out in the current form or as a clear error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.peer import NULL, Peer, state, summaries, thing
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb


@pytest.fixture
def peer(tmp_path: Path) -> Peer:
    return Peer(tmp_path)


def upgrade(peer: Peer, version: int, **stored: Any) -> Any:
    raw = oracle.RawState(json=json.dumps(stored).encode())
    return peer.call("UpgradeResourceState", type_name="fake_thing", version=version, raw_state=raw)


def test_a_state_of_the_current_version_is_passed_on(peer: Peer) -> None:
    response = upgrade(peer, 1, **thing(id="i", tags=["a"], rules=[{"port": 1, "open": None}]))
    assert summaries(response) == []
    assert state(response.upgraded_state) == thing(id="i", tags=["a"], rules=[{"port": 1, "open": None}])


def test_attributes_that_came_or_went_without_a_new_version_are_no_problem(peer: Peer) -> None:
    response = upgrade(peer, 1, id="i", name="a", gone=True)
    assert state(response.upgraded_state) == NULL | {"id": "i", "name": "a"}


def test_a_state_of_an_older_version_goes_through_the_handler(peer: Peer) -> None:
    response = upgrade(peer, 0, id="i", old_name="a", tags=["t"])
    assert state(response.upgraded_state) == NULL | {"id": "i", "name": "a", "tags": ["t"]}


def test_a_state_of_a_newer_version_is_refused_with_the_remedy(peer: Peer) -> None:
    response = upgrade(peer, 2, id="i")
    assert summaries(response) == [("error", "natgw cannot read the state of a fake_thing")]
    assert "with schema version 2" in response.diagnostics[0].detail
    assert "Upgrade natgw" in response.diagnostics[0].detail


def test_a_handlers_result_with_an_unknown_attribute_is_an_error(peer: Peer) -> None:
    response = upgrade(peer, 0, old_name="a", nonsense=1)
    assert "nonsense" not in response.upgraded_state.msgpack.decode(errors="replace")
    assert "no such attribute" in response.diagnostics[0].detail


@pytest.mark.parametrize("stored", [b"{", b"[1]", b'{"id": 1}', b"\xff"])
@pytest.mark.parametrize("version", [0, 1])
def test_a_damaged_state_is_an_error(peer: Peer, stored: bytes, version: int) -> None:
    raw = oracle.RawState(json=stored)
    response = peer.call("UpgradeResourceState", type_name="fake_thing", version=version, raw_state=raw)
    assert response.diagnostics
    assert not response.upgraded_state.msgpack


@pytest.mark.parametrize("depth", [500, 5_000, 100_000])  # what gives way first depends on Python's version
def test_a_state_nested_beyond_all_sense_is_an_error_of_the_state(peer: Peer, depth: int) -> None:
    nested = b'{"x":' * depth + b"0" + b"}" * depth
    raw = oracle.RawState(json=b'{"id": "i", "old_name": "a", "nested": ' + nested + b"}")
    response = peer.call("UpgradeResourceState", type_name="fake_thing", version=0, raw_state=raw)
    assert any(words in response.diagnostics[0].detail for words in ("is damaged", "no such attribute"))
    assert not response.upgraded_state.msgpack


def test_a_flat_map_is_refused(peer: Peer) -> None:
    raw = oracle.RawState(flatmap={"id": "i"})
    response = peer.call("UpgradeResourceState", type_name="fake_thing", version=1, raw_state=raw)
    assert "before 0.12" in response.diagnostics[0].detail


def test_an_identity_is_passed_on_or_refused(peer: Peer) -> None:
    raw = pb.RawState(json=b'{"key": "k"}')
    response = peer.call("UpgradeResourceIdentity", pb, type_name="fake_thing", version=0, raw_identity=raw)
    assert state(response.upgraded_identity.identity_data) == {"key": "k"}
    newer = peer.call("UpgradeResourceIdentity", pb, type_name="fake_thing", version=1, raw_identity=raw)
    assert "version 1" in newer.diagnostics[0].detail
    damaged = peer.call(
        "UpgradeResourceIdentity", pb, type_name="fake_thing", version=0, raw_identity=pb.RawState(json=b"{")
    )
    assert "damaged" in damaged.diagnostics[0].detail
