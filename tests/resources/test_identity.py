"""The resource's identity over the wire: given by every RPC, the gateway's id, and enough for an import.

Terraform 1.12 and later use identities; the messages here are what it would send.
"""

from __future__ import annotations

from typing import Any

import msgpack
import pytest

from natgw_provider.bridge.log import Log
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.dispatch import answer
from natgw_provider.resources.provider import NatgwProvider
from natgw_provider.resources.provider_block import SCHEMA as PROVIDER_SCHEMA
from support.resource import GATEWAY_ID, RememberingEngine, configuration, gateway

TYPE = "natgw_secondary_private_ips"
IDENTITY = {"nat_gateway_id": GATEWAY_ID}
UNKNOWN = msgpack.ExtType(0, b"\x00")


class Peer:
    """Sends what Terraform sends to a provider on an engine that only remembers."""

    def __init__(self, engine: RememberingEngine) -> None:
        provider = NatgwProvider(lambda _settings, _log: engine)
        self._session = Session(lambda: provider, Log("off"))
        block = dict.fromkeys(PROVIDER_SCHEMA.value_type.attributes)
        assert not self.call("ConfigureProvider", config=dynamic(block)).diagnostics

    def call(self, method: str, **fields: Any) -> Any:
        message = getattr(pb, method)
        return message.Response.FromString(answer(self._session, method, message.Request(**fields).SerializeToString()))

    def plan(self, prior: Any, config: dict[str, Any], identity: Any = None, private: bytes = b"") -> Any:
        proposed = config if prior is None else {**prior, **{k: v for k, v in config.items() if v is not None}}
        return self.call(
            "PlanResourceChange",
            type_name=TYPE,
            prior_state=dynamic(prior),
            proposed_new_state=dynamic(proposed),
            config=dynamic(config),
            prior_identity=identity_data(identity),
            prior_private=private,
        )


def started() -> Peer:
    """Return a provider as each command starts a new one."""
    return Peer(RememberingEngine(gateway("10.0.0.21")))


@pytest.fixture
def peer() -> Peer:
    return started()


def dynamic(value: Any) -> pb.DynamicValue:
    return pb.DynamicValue(msgpack=msgpack.packb(value))


def identity_data(identity: Any) -> pb.ResourceIdentityData | None:
    return None if identity is None else pb.ResourceIdentityData(identity_data=dynamic(identity))


def decoded(value: Any) -> Any:
    return msgpack.unpackb(value.msgpack, ext_hook=msgpack.ExtType)


def identity_in(message: Any) -> Any:
    return decoded(message.identity_data) if message.HasField("identity_data") else None


def declared(**arguments: Any) -> dict[str, Any]:
    return configuration(secondary_private_ip_addresses=["10.0.0.21"], **arguments)


def applied() -> tuple[Any, Any]:
    """Plan and apply the declaration; return both responses."""
    peer = started()
    plan = peer.plan(None, declared())
    response = peer.call(
        "ApplyResourceChange",
        type_name=TYPE,
        prior_state=dynamic(None),
        planned_state=plan.planned_state,
        config=dynamic(declared()),
        planned_private=plan.planned_private,
        planned_identity=plan.planned_identity,
    )
    assert not response.diagnostics
    return plan, response


def test_it_is_the_gateways_id_and_needed_for_an_import(peer: Peer) -> None:
    schema = peer.call("GetResourceIdentitySchemas").identity_schemas[TYPE]
    assert [(part.name, part.required_for_import) for part in schema.identity_attributes] == [("nat_gateway_id", True)]
    assert schema.version == 0


def test_a_create_gives_it_from_the_plan_on() -> None:
    plan, response = applied()
    assert identity_in(plan.planned_identity) == IDENTITY
    assert identity_in(response.new_identity) == IDENTITY


def test_a_create_with_an_unknown_gateway_leaves_it_open(peer: Peer) -> None:
    plan = peer.plan(None, {**declared(), "nat_gateway_id": UNKNOWN})
    assert not plan.diagnostics
    assert not plan.HasField("planned_identity")


def test_a_read_gives_it_also_to_a_state_without_one(peer: Peer) -> None:
    _, made = applied()
    for stored in (None, IDENTITY):
        response = peer.call(
            "ReadResource",
            type_name=TYPE,
            current_state=made.new_state,
            private=made.private,
            current_identity=identity_data(stored),
        )
        assert identity_in(response.new_identity) == IDENTITY


def test_an_update_keeps_it_unless_it_moves_to_another_gateway() -> None:
    _, made = applied()
    prior = decoded(made.new_state)
    update = started().plan(prior, declared(max_drain_duration_seconds=60), IDENTITY, made.private)
    assert identity_in(update.planned_identity) == IDENTITY
    move = started().plan(prior, {**declared(), "nat_gateway_id": "nat-0000000b"}, IDENTITY, made.private)
    assert not move.requires_replace
    assert identity_in(move.planned_identity) == {"nat_gateway_id": "nat-0000000b"}


@pytest.mark.parametrize("asked", [{"id": GATEWAY_ID}, {"identity": identity_data(IDENTITY)}])
def test_an_import_by_id_and_by_identity_start_alike(peer: Peer, asked: dict[str, Any]) -> None:
    response = peer.call("ImportResourceState", type_name=TYPE, **asked)
    assert not response.diagnostics
    (imported,) = response.imported_resources
    assert decoded(imported.state)["nat_gateway_id"] == GATEWAY_ID
    assert identity_in(imported.identity) == IDENTITY


def test_an_import_by_an_identity_that_is_not_known_yet_is_refused(peer: Peer) -> None:
    response = peer.call("ImportResourceState", type_name=TYPE, identity=identity_data({"nat_gateway_id": UNKNOWN}))
    assert response.diagnostics[0].summary == "The identity to import by is not known yet"
    assert not response.imported_resources


def test_an_import_by_the_identity_of_a_missing_gateway_is_refused_by_name() -> None:
    peer = Peer(RememberingEngine(None))
    response = peer.call("ImportResourceState", type_name=TYPE, identity=identity_data(IDENTITY))
    assert GATEWAY_ID in response.diagnostics[0].detail
    assert not response.imported_resources


@pytest.mark.parametrize("text", ["egress-b", "nat-123", ""])
def test_an_import_of_what_is_no_gateways_id_is_refused_before_anything_is_read(text: str) -> None:
    engine = RememberingEngine(None)
    response = Peer(engine).call("ImportResourceState", type_name=TYPE, id=text)
    assert [one.summary for one in response.diagnostics] == ["Not the id of a NAT gateway"]
    assert not response.imported_resources
    assert engine.reads == 0
