"""Fuzz targets of the whole provider behind its RPCs: requests, configurations, stored and private state, imports.

The engine only records calls, so that nothing waits and every run is the same.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import msgpack
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.strategies import present, values
from fuzz.target import Target, answered, has_errors, of_test, session_of, without_a_bug
from natgw_provider.bridge import wire
from natgw_provider.bridge.process import Session
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.dispatch import RPCS
from natgw_provider.bridge.schema import Type
from natgw_provider.bridge.values import UNKNOWN, Value, is_wholly_known
from natgw_provider.core import names
from natgw_provider.core.address_kinds import PRIVATE_IPS, AddressKind
from natgw_provider.resources import nat_gateway, provider_block
from natgw_provider.resources.address_set import PRIVATE_IP_SET
from natgw_provider.resources.configured import Configured
from natgw_provider.resources.private_state import keep_snapshot
from natgw_provider.resources.provider import RESOURCE_TYPES, NatgwProvider
from natgw_provider.resources.resource_type import ResourceType
from support.either_kind import EitherKind, elastic_ip
from support.resource import GATEWAY_ID, RememberingEngine, configuration, gateway, proposed

SCHEMA, IDENTITY_SCHEMA = PRIVATE_IP_SET.schema, PRIVATE_IP_SET.identity_schema
_METHODS = sorted(RPCS)
_TYPE: dict[str, Any] = {"type_name": names.PRIVATE_IPS_TYPE}
_GATEWAY = gateway("10.0.0.21", "10.0.0.22")
_CONFIGURATION = configuration(max_drain_duration_seconds=350, wait_for_drain=True, on_destroy="unassign")
_STATE = {
    **_CONFIGURATION,
    **PRIVATE_IP_SET.observed(_GATEWAY, "10.0.0.0/24", _CONFIGURATION),
    "min_in_service_addresses": 1,
}
_IDENTITY = {"nat_gateway_id": GATEWAY_ID}
_SETTINGS = settings(database=None, deadline=None)


def served(*, configured: bool = True, kind: AddressKind = PRIVATE_IPS) -> Session:
    """Return a provider as a command starts it; its gateway is one of `kind`."""
    engine = RememberingEngine(_GATEWAY, either=EitherKind(kind))
    provider = NatgwProvider(lambda _settings, _log: engine)
    if configured:
        provider._configured = Configured(engine=engine, check_permissions_at_plan=False)
    return session_of(provider)


def call(session: Session, method: str, **fields: Any) -> Any:
    """Return the response to a request with these fields, after checking that it blames the input and not natgw."""
    request = getattr(pb, method).Request(**fields)
    return without_a_bug(answered(session, method, request.SerializeToString()))


def value(type_: Type, plain: Any) -> pb.DynamicValue:
    return pb.DynamicValue(msgpack=wire.encode(type_, plain))


def identity_data(plain: Any) -> pb.ResourceIdentityData:
    return pb.ResourceIdentityData(identity_data=value(IDENTITY_SCHEMA.value_type, plain))


# Requests: any bytes, and requests of any fields.


def request_bytes(data: bytes) -> None:
    """Any bytes as any request: a response comes, and nothing ends the process."""
    if data:
        method = _METHODS[data[0] % len(_METHODS)]
        answered(served(configured=bool(data[0] & 0x80)), method, data[1:])


def _request_seeds() -> list[bytes]:
    state, null = value(SCHEMA.value_type, _STATE), pb.DynamicValue()
    private = json.dumps(keep_snapshot(_GATEWAY)).encode()
    config = value(SCHEMA.value_type, configuration(secondary_private_ip_addresses=("10.0.0.21", "10.0.0.23")))
    block = value(provider_block.SCHEMA.value_type, dict.fromkeys(provider_block.SCHEMA.value_type.attributes))
    data_config = {**dict.fromkeys(nat_gateway.SCHEMA.value_type.attributes), "id": GATEWAY_ID}
    lookup = {
        "type_name": names.DATA_SOURCE_TYPE,
        "config": value(nat_gateway.SCHEMA.value_type, data_config),
    }
    identity = identity_data(_IDENTITY)
    change = _TYPE | {"prior_state": state, "config": config}
    requests: list[tuple[str, dict[str, Any]]] = [
        ("ReadResource", _TYPE | {"current_state": state, "private": private, "current_identity": identity}),
        ("PlanResourceChange", change | {"proposed_new_state": state, "prior_private": private}),
        ("PlanResourceChange", _TYPE | {"prior_state": null, "proposed_new_state": config, "config": config}),
        ("PlanResourceChange", _TYPE | {"prior_state": state, "proposed_new_state": null, "config": null}),
        ("ApplyResourceChange", change | {"planned_state": state, "planned_private": _reviewed().planned_private}),
        ("ImportResourceState", _TYPE | {"id": GATEWAY_ID}),
        ("ImportResourceState", _TYPE | {"identity": identity}),
        ("UpgradeResourceState", _TYPE | {"raw_state": pb.RawState(json=json.dumps(_STATE).encode())}),
        ("UpgradeResourceIdentity", _TYPE | {"raw_identity": pb.RawState(json=json.dumps(_IDENTITY).encode())}),
        ("ValidateResourceConfig", _TYPE | {"config": config}),
        ("ValidateProviderConfig", {"config": block}),
        ("ConfigureProvider", {"config": block, "terraform_version": "1.11.4"}),
        ("ValidateDataResourceConfig", lookup),
        ("ReadDataSource", lookup),
        ("MoveResourceState", {"source_type_name": "aws_nat_gateway", "target_type_name": names.PRIVATE_IPS_TYPE}),
        ("GetProviderSchema", {}),
    ]
    return [
        bytes([_METHODS.index(method) + offset]) + getattr(pb, method).Request(**fields).SerializeToString()
        for method, fields in requests
        for offset in (0, 0x80)
    ]


@functools.cache
def _reviewed() -> Any:
    """Return the response to a plan that assigns and unassigns."""
    private = json.dumps(keep_snapshot(_GATEWAY)).encode()
    return _planned(served(), configuration(secondary_private_ip_addresses=("10.0.0.21", "10.0.0.23")), _STATE, private)


def _planned(
    session: Session,
    config: dict[str, Any],
    prior: Any = None,
    private: bytes = b"",
    declared: ResourceType = PRIVATE_IP_SET,
) -> Any:
    type_ = declared.schema.value_type
    return call(
        session,
        "PlanResourceChange",
        type_name=declared.name,
        prior_state=value(type_, prior),
        proposed_new_state=value(type_, proposed(config, prior or dict.fromkeys(config), declared)),
        config=value(type_, config),
        prior_private=private,
    )


# What was stored: private state, state, identity.


def private_state(data: bytes) -> None:
    """Any private state, at refresh, plan and apply: it is used, or it is called unreadable."""
    declared = configuration(secondary_private_ip_addresses=("10.0.0.21", "10.0.0.23"))
    state = value(SCHEMA.value_type, _STATE)
    call(served(), "ReadResource", **_TYPE, current_state=state, private=data)
    planned = _planned(served(), declared, _STATE, data)
    if not has_errors(planned):
        assert wire.decode(SCHEMA.value_type, planned.planned_state.msgpack) is not None
    for prior in (state, pb.DynamicValue()):
        call(
            served(),
            "ApplyResourceChange",
            **_TYPE,
            prior_state=prior,
            planned_state=_reviewed().planned_state,
            config=value(SCHEMA.value_type, declared),
            planned_private=data,
        )


def stored_state(data: bytes) -> None:
    """Any stored state, of this version and others: it is upgraded, or it is called unreadable; so is an identity."""
    for version in (0, 1, -1):
        stored = pb.RawState(json=data)
        upgraded = call(served(), "UpgradeResourceState", **_TYPE, version=version, raw_state=stored)
        if not has_errors(upgraded):
            _refreshed_and_planned(upgraded.upgraded_state)
    identity = call(served(), "UpgradeResourceIdentity", **_TYPE, raw_identity=pb.RawState(json=data))
    if not has_errors(identity):
        wire.decode(IDENTITY_SCHEMA.value_type, identity.upgraded_identity.identity_data.msgpack)


def _refreshed_and_planned(state: pb.DynamicValue) -> None:
    """Terraform reads, plans and destroys with what was upgraded, or does without the reading.

    A state that is null was never stored.
    """
    plain: Any = wire.decode(SCHEMA.value_type, state.msgpack)
    if plain is None:
        return
    session = served()
    refreshed = call(session, "ReadResource", **_TYPE, current_state=state)
    assert not has_errors(refreshed)
    healed: Any = wire.decode(SCHEMA.value_type, refreshed.new_state.msgpack)
    for prior, private in ((healed, refreshed.private), (plain, b"")):
        _planned(session, configuration(secondary_private_ip_addresses=("10.0.0.21",)), prior, private)
        gone = _TYPE | {"prior_state": value(SCHEMA.value_type, prior), "config": pb.DynamicValue()}
        call(session, "PlanResourceChange", **gone, proposed_new_state=pb.DynamicValue(), prior_private=private)
        call(session, "ApplyResourceChange", **gone, planned_state=pb.DynamicValue(), planned_private=private)


def imported(data: bytes) -> None:
    """Any text as an id, and any bytes as an identity, to import by."""
    call(served(), "ImportResourceState", **_TYPE, id=data.decode("utf-8", "replace"))
    identity = pb.ResourceIdentityData(identity_data=pb.DynamicValue(msgpack=data))
    call(served(), "ImportResourceState", **_TYPE, identity=identity)
    call(served(), "ReadResource", **_TYPE, current_state=value(SCHEMA.value_type, _STATE), current_identity=identity)


# Configurations: any value of the type, since Terraform lets no other through.

_ADDRESSES = ("10.0.0.21", "10.0.0.23", "10.0.0.4", "10.0.0.3", "10.0.1.1", "10.0.0.256", "010.0.0.21")
_KEYS = (GATEWAY_ID, elastic_ip("10.0.0.21"), elastic_ip("10.0.0.23"))
_WORDS = ("unassign", "disassociate", "retain", "1h", "-1s", "9999999h", "standard", "http://[::1]:1", "eu-central-1")
_TEXTS = st.sampled_from((*_ADDRESSES, *_KEYS, *_WORDS)) | st.text(st.characters(codec="utf-8"), max_size=8)
_EXTREMES = (350, 4001, 2**64, -(2**63), 0.5, 1e300, float("inf"), 10**350, Decimal("1e99999999"))
_NUMBERS = (
    st.integers(-2, 40) | st.sampled_from(_EXTREMES) | st.decimals(allow_nan=False, allow_infinity=False, places=3)
)


def typed(type_: Type) -> st.SearchStrategy[Value]:
    """Any value of a type, as a user may write it: null and unknown at any depth."""
    return values(type_, _TEXTS, _NUMBERS)


def _configurations(declared: ResourceType) -> st.SearchStrategy[dict[str, Any]]:
    """Configurations of a resource: what is only computed is null, what is required is there."""
    settable = {a.name: typed(a.value_type) for a in declared.schema.attributes if a.required or a.optional}
    settable[names.NAT_GATEWAY_ID] = st.sampled_from([GATEWAY_ID, "nat-0fedcba9876543210", "nat-other", "", UNKNOWN])
    return st.fixed_dictionaries(settable).map(lambda given: {**declared.table.empty, **given})


def _state_of(declared: ResourceType) -> dict[str, Any]:
    """Return the state of a resource that has what the gateway has, or its first address."""
    gateway = EitherKind(declared.kind).gateway(_GATEWAY)
    assert gateway is not None
    known = {**declared.table.empty, **declared.table.defaults, **declared.identities_on(gateway)[0]}
    return {**known, **declared.observed(gateway, "10.0.0.0/24", known)}


@_SETTINGS
@given(
    st.sampled_from(RESOURCE_TYPES).flatmap(lambda declared: st.tuples(st.just(declared), _configurations(declared))),
    st.booleans(),
    st.booleans(),
)
def any_configuration(given: tuple[ResourceType, dict[str, Any]], is_create: bool, configured: bool) -> None:
    """What validation accepts is planned or refused without blaming natgw; a plan keeps what was declared."""
    declared, config = given
    type_ = declared.schema.value_type
    session = served(configured=configured, kind=declared.kind)
    validated = call(session, "ValidateResourceConfig", type_name=declared.name, config=value(type_, config))
    if has_errors(validated):
        return
    planned = _planned(session, config, None if is_create else _state_of(declared), declared=declared)
    if not has_errors(planned):
        state: Any = wire.decode(type_, planned.planned_state.msgpack)
        for name, argument in config.items():
            if argument is not None:
                kept = wire.encode(type_.attributes[name], state[name])
                assert kept == wire.encode(type_.attributes[name], argument), name


@_SETTINGS
@given(present(provider_block.SCHEMA.value_type, _TEXTS, _NUMBERS))
def any_provider_block(block: dict[str, Any]) -> None:
    """What validation accepts configures the provider."""
    session = served(configured=False)
    config = value(provider_block.SCHEMA.value_type, block)
    if not has_errors(call(session, "ValidateProviderConfig", config=config)):
        assert not has_errors(call(session, "ConfigureProvider", config=config))


@_SETTINGS
@given(present(nat_gateway.SCHEMA.value_type, _TEXTS, _NUMBERS))
def any_lookup(config: dict[str, Any]) -> None:
    """What validation accepts is looked up once it is known."""
    session = served()
    given_block = {"type_name": names.DATA_SOURCE_TYPE, "config": value(nat_gateway.SCHEMA.value_type, config)}
    validated = call(session, "ValidateDataResourceConfig", **given_block)
    if not has_errors(validated) and is_wholly_known(config):
        call(session, "ReadDataSource", **given_block)


def _private_seeds() -> list[bytes]:
    snapshot = json.dumps(keep_snapshot(_GATEWAY)).encode()
    return [_reviewed().planned_private, snapshot, b'{"approved": null, "gateway": null}', b"[]", b""]


def _stored_seeds() -> list[bytes]:
    deep = b'{"x":' * 500 + b"0" + b"}" * 500
    return [json.dumps(_STATE).encode(), json.dumps(_IDENTITY).encode(), b"{}", b"null", deep]


def _import_seeds() -> list[bytes]:
    return [GATEWAY_ID.encode(), msgpack.packb(_IDENTITY), msgpack.packb({"nat_gateway_id": None})]


TARGETS: Sequence[Target] = (
    Target(name="request-bytes", run=request_bytes, seeds=_request_seeds),
    Target(name="private-state", run=private_state, seeds=_private_seeds),
    Target(name="stored-state", run=stored_state, seeds=_stored_seeds),
    Target(name="import", run=imported, seeds=_import_seeds),
    of_test("configuration", any_configuration),
    of_test("provider-block", any_provider_block),
    of_test("lookup", any_lookup),
)
