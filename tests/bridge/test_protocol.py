"""Our messages are the published ones: the checked-in code is current, and another author's messages agree."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import EnumDescriptor, FieldDescriptor, FileDescriptor, ServiceDescriptor

import compile_protocol as compiler
from bridge.oracles import THEIRS, messages
from natgw_provider.bridge.protocol import tfplugin6_pb2
from natgw_provider.bridge.rpc.dispatch import RPCS

OURS: FileDescriptor = tfplugin6_pb2.DESCRIPTOR


def enums(file: FileDescriptor) -> dict[str, EnumDescriptor]:
    found = [*file.enum_types_by_name.values()]
    found += [enum for message in messages(file).values() for enum in message.enum_types]
    return {enum.full_name.removeprefix(f"{file.package}."): enum for enum in found}


def shape(field: FieldDescriptor) -> tuple[Any, ...]:
    kind = field.message_type or field.enum_type
    oneof = field.containing_oneof
    return field.number, field.type, field.is_repeated, kind and kind.full_name, oneof and oneof.name


def calls(file: FileDescriptor) -> dict[str, tuple[str, str, bool, bool]]:
    """Return the messages of each RPC of Terraform's service, and which sides stream."""
    service: ServiceDescriptor = file.services_by_name["Provider"]
    return {
        method.name: (
            method.input_type.full_name,
            method.output_type.full_name,
            method.client_streaming,
            method.server_streaming,
        )
        for method in service.methods
    }


def test_every_field_of_ours_is_published_with_the_same_number_and_type() -> None:
    published = messages(THEIRS)
    for name, message in messages(OURS).items():
        for field in message.fields:
            assert shape(field) == shape(published[name].fields_by_name[field.name]), f"{name}.{field.name}"


def test_every_enum_of_ours_is_published_with_the_same_numbers() -> None:
    published = enums(THEIRS)
    for name, enum in enums(OURS).items():
        assert {v.name: v.number for v in enum.values} == {v.name: v.number for v in published[name].values}, name


def test_every_rpc_of_ours_is_published_with_the_same_messages() -> None:
    assert calls(OURS).items() <= calls(THEIRS).items()


def test_every_rpc_of_ours_is_served() -> None:
    assert set(calls(OURS)) == {*RPCS, "ListResource", "StopProvider"}


def test_the_checked_in_code_is_what_the_proto_file_says(tmp_path: Path) -> None:
    compiler.compile_all(tmp_path)
    code = (tmp_path / "tfplugin6_pb2.py").read_text()
    # A pool of its own, because the messages of the same names are loaded already.
    own_pool = "from google.protobuf.descriptor_pool import DescriptorPool\n_POOL = DescriptorPool()"
    fresh_file = tmp_path / "fresh.py"
    fresh_file.write_text(code.replace("from natgw_provider.bridge.protocol import POOL as _POOL", own_pool))
    spec = importlib.util.spec_from_file_location("fresh", fresh_file)
    assert spec is not None
    assert spec.loader is not None
    fresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(fresh)
    assert _file(fresh.DESCRIPTOR) == _file(OURS)
    assert (tmp_path / "tfplugin6_pb2.pyi").read_text() == (compiler.PROTOCOL / "tfplugin6_pb2.pyi").read_text()


def _file(descriptor: FileDescriptor) -> descriptor_pb2.FileDescriptorProto:
    return descriptor_pb2.FileDescriptorProto.FromString(descriptor.serialized_pb)
