"""What we encode, two other authors' messages read as we meant it, and the other way round, unknown fields included.

The descriptors of both have been compared in `test_protocol`; here whole messages pass between them as bytes.
"""

from __future__ import annotations

from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from google.protobuf.unknown_fields import UnknownFieldSet
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge import oracles
from bridge.message_strategies import any_message
from bridge.oracles import messages
from natgw_provider.bridge.protocol import tfplugin6_pb2

OURS = messages(tfplugin6_pb2.DESCRIPTOR)
SERVED = sorted(
    type_.full_name.removeprefix("tfplugin6.")
    for method in tfplugin6_pb2.DESCRIPTOR.services_by_name["Provider"].methods
    for type_ in (method.input_type, method.output_type)
)
ORACLES = {"older": oracles.OLDER, "newer": oracles.NEWER}
PAIRS = [
    pytest.param(name, file, id=f"{name}-{which}")
    for which, file in ORACLES.items()
    for name in SERVED
    if name in messages(file)
]


def test_every_rpc_is_exchanged_with_an_oracle_that_knows_all_of_it() -> None:
    assert len(SERVED) == 2 * len(tfplugin6_pb2.DESCRIPTOR.services_by_name["Provider"].methods)
    assert set(SERVED) <= set(messages(oracles.NEWER))


@pytest.mark.parametrize(("name", "theirs"), PAIRS)
@settings(max_examples=30)
@given(data=st.data())
def test_what_we_write_they_read_and_what_they_write_back_we_read(
    name: str, theirs: FileDescriptor, data: st.DataObject
) -> None:
    ours = data.draw(any_message(OURS[name]))
    their_type = messages(theirs)[name]
    read = parsed(their_type, encoded(ours))
    assert same_fields(read, ours)
    assert parsed(OURS[name], encoded(read)) == ours
    if theirs is oracles.NEWER:
        assert encoded(read) == encoded(ours)
        assert unknown_fields(read) == set()


@pytest.mark.parametrize(("name", "theirs"), PAIRS)
@settings(max_examples=30)
@given(data=st.data())
def test_what_they_write_we_read_and_fields_that_we_do_not_know_are_kept(
    name: str, theirs: FileDescriptor, data: st.DataObject
) -> None:
    original = data.draw(any_message(messages(theirs)[name]))
    ours = parsed(OURS[name], encoded(original))
    assert same_fields(original, ours)
    assert parsed(messages(theirs)[name], encoded(ours)) == original
    if not unknown_fields(ours):
        assert encoded(ours) == encoded(original)


def encoded(message: Message) -> bytes:
    return message.SerializeToString(deterministic=True)


def parsed(descriptor: Descriptor, data: bytes) -> Message:
    message: Message = GetMessageClass(descriptor).FromString(data)
    return message


def same_fields(left: Message, right: Message) -> bool:
    """Whether all fields that both types have are equal, at every depth."""
    return _common(plain(left), right.DESCRIPTOR) == _common(plain(right), left.DESCRIPTOR)


def plain(message: Message) -> dict[str, Any]:
    return MessageToDict(message, preserving_proto_field_name=True, use_integers_for_enums=True)


def _common(fields: dict[str, Any], other: Any) -> dict[str, Any]:
    """Return the fields of a message that the message type `other` has too."""
    return {
        name: _common_value(value, other.fields_by_name[name].message_type)
        for name, value in fields.items()
        if name in other.fields_by_name
    }


def _common_value(value: Any, other: Any) -> Any:
    if other is None:
        return value
    if other.GetOptions().map_entry:
        of_values = other.fields_by_name["value"].message_type
        return {key: _common_value(member, of_values) for key, member in value.items()}
    if isinstance(value, list):
        return [_common(element, other) for element in value]
    return _common(value, other)


def unknown_fields(message: Message) -> set[int]:
    """Return the numbers of the fields, at any depth, that the message's type does not know."""
    found = {field.field_number for field in iter(UnknownFieldSet(message))}
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in _members(field, value):
                found |= unknown_fields(inner)
    return found


def _members(field: Any, value: Any) -> list[Message]:
    if field.message_type.GetOptions().map_entry:
        return [] if field.message_type.fields_by_name["value"].message_type is None else list(value.values())
    return list(value) if field.is_repeated else [value]
