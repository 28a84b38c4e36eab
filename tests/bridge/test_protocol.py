"""Our messages are the published ones: the checked-in code is current, and two other authors' messages agree."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor, FileDescriptor, ServiceDescriptor
from tfplugin_proto import tfplugin6_5_pb2

import compile_protocol as compiler
from bridge import oracles
from bridge.oracles import messages
from natgw_provider.bridge.process import _SERVING, METHODS
from natgw_provider.bridge.protocol import POOL, health_pb2, plugin_pb2, tfplugin6_pb2
from natgw_provider.bridge.rpc.dispatch import RPCS

OURS: FileDescriptor = tfplugin6_pb2.DESCRIPTOR

FRESH_POOL = "from google.protobuf.descriptor_pool import DescriptorPool\n_POOL = DescriptorPool()"

ORACLES = [pytest.param(oracles.OLDER, id="older"), pytest.param(oracles.NEWER, id="newer")]
"""Another author's messages. The newer ones have all of ours; the older ones confirm what they have."""


def enums(file: FileDescriptor) -> dict[str, EnumDescriptor]:
    found = [*file.enum_types_by_name.values()]
    found += [enum for message in messages(file).values() for enum in message.enum_types]
    return {enum.full_name.removeprefix(f"{file.package}."): enum for enum in found}


def shape(field: FieldDescriptor) -> tuple[Any, ...]:
    kind = field.message_type or field.enum_type
    oneof = field.containing_oneof
    return field.number, field.type, field.is_repeated, kind and kind.full_name, oneof and oneof.name


def provider_of(file: FileDescriptor) -> ServiceDescriptor:
    return file.services_by_name["Provider"]


def calls(service: ServiceDescriptor) -> dict[str, tuple[str, str, bool, bool]]:
    return {
        method.name: (
            method.input_type.full_name,
            method.output_type.full_name,
            method.client_streaming,
            method.server_streaming,
        )
        for method in service.methods
    }


def test_every_message_and_every_rpc_of_ours_is_published() -> None:
    assert set(messages(OURS)) <= set(messages(oracles.NEWER))
    assert set(calls(provider_of(OURS))) <= set(calls(provider_of(oracles.NEWER)))


@pytest.mark.parametrize("theirs", ORACLES)
def test_every_field_of_ours_is_published_with_the_same_number_and_type(theirs: FileDescriptor) -> None:
    published = messages(theirs)
    for name, message in messages(OURS).items():
        for field in message.fields if name in published else ():
            if known := published[name].fields_by_name.get(field.name):
                assert shape(field) == shape(known), f"{name}.{field.name}"
            else:
                assert theirs is oracles.OLDER
                assert field.number not in published[name].fields_by_number


@pytest.mark.parametrize("theirs", ORACLES)
def test_every_enum_of_ours_is_published_with_the_same_numbers(theirs: FileDescriptor) -> None:
    published = enums(theirs)
    for name, enum in enums(OURS).items():
        if theirs is oracles.NEWER or name in published:
            assert {v.name: v.number for v in enum.values} == {v.name: v.number for v in published[name].values}, name


@pytest.mark.parametrize("theirs", ORACLES)
def test_every_rpc_of_ours_is_published_with_the_same_messages(theirs: FileDescriptor) -> None:
    published = calls(provider_of(theirs))
    for name, call in calls(provider_of(OURS)).items():
        assert published.get(name, call) == call


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (plugin_pb2.DESCRIPTOR, oracles.CONTROLLER),
        (plugin_pb2.DESCRIPTOR, oracles.STDIO),
        (plugin_pb2.DESCRIPTOR, oracles.BROKER),
        (health_pb2.DESCRIPTOR, oracles.HEALTH),
    ],
    ids=["controller", "stdio", "broker", "health"],
)
def test_go_plugins_own_messages_and_calls_are_the_published_ones(ours: FileDescriptor, theirs: FileDescriptor) -> None:
    for name, service in theirs.services_by_name.items():
        published = calls(service)
        for call, types in calls(ours.services_by_name[name]).items():
            # Ours has an Empty of its own, so that it needs no other file: neither has a field.
            assert types == tuple("plugin.Empty" if it == "google.protobuf.Empty" else it for it in published[call])
    for name, message in messages(theirs).items():
        mine = messages(ours).get(name)
        assert mine is None or [*map(shape, mine.fields)] == [*map(shape, message.fields)], name


def test_every_rpc_is_served() -> None:
    declared = {method.name for method in OURS.services_by_name["Provider"].methods}
    assert declared == {*METHODS, "ListResource", "StopProvider"}
    assert set(METHODS) == set(RPCS)


def test_the_hand_written_answers_are_the_messages_they_stand_for() -> None:
    assert health_pb2.HealthCheckResponse.FromString(_SERVING).status == health_pb2.HealthCheckResponse.SERVING
    assert plugin_pb2.Empty().SerializeToString() == b""
    assert tfplugin6_pb2.StopProvider.Response.FromString(b"").Error == ""


def test_our_messages_stay_out_of_protobufs_default_pool() -> None:
    assert OURS.pool is POOL
    assert descriptor_pool.Default().FindMessageTypeByName("tfplugin6.Schema").file is tfplugin6_5_pb2.DESCRIPTOR
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("plugin.ConnInfo")


@pytest.mark.parametrize("module", [tfplugin6_pb2, plugin_pb2, health_pb2])
def test_the_checked_in_code_is_what_the_proto_file_says(module: Any, tmp_path: Path) -> None:
    compiler.compile_all(tmp_path)
    name = module.__name__.rpartition(".")[2]
    fresh_code = (tmp_path / f"{name}.py").read_text()
    own_pool = "from natgw_provider.bridge.protocol import POOL as _POOL"
    assert own_pool in fresh_code
    # A pool of its own, because the messages of the same names are loaded already.
    (tmp_path / f"fresh_{name}.py").write_text(fresh_code.replace(own_pool, FRESH_POOL))
    spec = importlib.util.spec_from_file_location(f"fresh_{name}", tmp_path / f"fresh_{name}.py")
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(fresh)
    finally:
        sys.modules.pop(f"fresh_{name}", None)
    assert _file(fresh.DESCRIPTOR) == _file(module.DESCRIPTOR)
    assert (tmp_path / f"{name}.pyi").read_text() == (compiler.PROTOCOL / f"{name}.pyi").read_text()


def _file(descriptor: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    return descriptor_pb2.FileDescriptorProto.FromString(descriptor.serialized_pb)
