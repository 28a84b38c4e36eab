"""Hypothesis strategies for protobuf messages: any message of a descriptor, with any of its fields set to anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message_factory import GetMessageClass
from hypothesis import strategies as st

_DEPTH: Final = 4
"""Messages inside messages: enough for a diagnostic's path, and for attributes nested in attributes."""

_AT_MOST: Final = 2
"""Elements of a repeated field or a map."""

_texts = st.text(st.characters(codec="utf-8"), max_size=4)


def _enum_numbers(field: FieldDescriptor) -> st.SearchStrategy[int]:
    # An enum of proto3 is open: a number that a newer version names has to pass.
    assert field.enum_type is not None
    return st.sampled_from([value.number for value in field.enum_type.values]) | st.integers(-(2**31), 2**31 - 1)


_SCALARS: Final[Mapping[int, Callable[[FieldDescriptor], st.SearchStrategy[Any]]]] = {
    FieldDescriptor.TYPE_STRING: lambda _: _texts,
    FieldDescriptor.TYPE_BYTES: lambda _: st.binary(max_size=6),
    FieldDescriptor.TYPE_BOOL: lambda _: st.booleans(),
    FieldDescriptor.TYPE_INT64: lambda _: st.integers(-(2**63), 2**63 - 1),
    FieldDescriptor.TYPE_INT32: lambda _: st.integers(-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_ENUM: _enum_numbers,
}


@st.composite
def any_message(draw: st.DrawFn, descriptor: Descriptor, depth: int = _DEPTH) -> Any:
    """A message of `descriptor`; its class is the one of the descriptor's own pool."""
    message = GetMessageClass(descriptor)()
    for field in _chosen_fields(draw, descriptor):
        if field.message_type is not None and depth == 0:
            continue
        if _is_map(field):
            _fill_map(draw, getattr(message, field.name), field, depth)
        elif field.is_repeated:
            getattr(message, field.name).extend(
                _value(draw, field, depth) for _ in range(draw(st.integers(0, _AT_MOST)))
            )
        elif field.message_type is not None:
            getattr(message, field.name).CopyFrom(_value(draw, field, depth))
        else:
            setattr(message, field.name, _value(draw, field, depth))
    return message


def _chosen_fields(draw: st.DrawFn, descriptor: Descriptor) -> list[FieldDescriptor]:
    """Return some of the fields, at most one of each oneof."""
    alone = [field for field in descriptor.fields if field.containing_oneof is None]
    chosen = [field for field in alone if draw(st.booleans())]
    for oneof in descriptor.oneofs:
        chosen += draw(st.sampled_from([[], *([field] for field in oneof.fields)]))
    return chosen


def _is_map(field: FieldDescriptor) -> bool:
    return field.message_type is not None and bool(field.message_type.GetOptions().map_entry)


def _fill_map(draw: st.DrawFn, target: Any, field: FieldDescriptor, depth: int) -> None:
    assert field.message_type is not None
    entry = field.message_type.fields_by_name
    for _ in range(draw(st.integers(0, _AT_MOST))):
        key, value = _value(draw, entry["key"], depth), _value(draw, entry["value"], depth)
        if entry["value"].message_type is None:
            target[key] = value
        else:
            target[key].CopyFrom(value)


def _value(draw: st.DrawFn, field: FieldDescriptor, depth: int) -> Any:
    if field.message_type is not None:
        return draw(any_message(field.message_type, depth - 1))
    return draw(_SCALARS[field.type](field))
