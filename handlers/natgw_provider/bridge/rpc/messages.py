"""Diagnostics, paths, values and private data as protocol messages, and back.

A value that does not fit becomes a diagnostic here, with the attribute's path: a handler's mistake must be as readable
as a user's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from natgw_provider.bridge import wire
from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, Path, Severity, error
from natgw_provider.bridge.handlers import ClientCapabilities
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.schema import ListOf, MapOf, ObjectOf, Type

if TYPE_CHECKING:
    from collections.abc import Iterable

    from natgw_provider.bridge.handlers import Object, Private
    from natgw_provider.bridge.values import Value

REPORT = (
    "This is a bug in natgw, your configuration need not change. "
    "To report it, run again with TF_LOG=debug and attach the log."
)
"""How every message about natgw's own mistakes ends."""


def diagnostic_messages(diagnostics: Iterable[Diagnostic], type_: Type | None) -> list[pb.Diagnostic]:
    """Return `diagnostics` for a response; paths are those of `type_`."""
    return [_diagnostic_message(diagnostic, type_) for diagnostic in diagnostics]


def _diagnostic_message(diagnostic: Diagnostic, type_: Type | None) -> pb.Diagnostic:
    severity = pb.Diagnostic.ERROR if diagnostic.severity is Severity.ERROR else pb.Diagnostic.WARNING
    path = path_message(diagnostic.path, type_)
    return pb.Diagnostic(
        severity=severity,
        summary=_valid_text(diagnostic.summary),
        detail=_valid_text(diagnostic.detail),
        attribute=path if path.steps else None,
    )


def _valid_text(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode()


def path_message(path: Path, type_: Type | None) -> pb.AttributePath:
    """Return `path` as far as it fits `type_` and the protocol can say it: it cannot name a set's element."""
    message = pb.AttributePath()
    for step in path:
        match type_, step:
            case ObjectOf(attributes), str() if step in attributes:
                message.steps.add(attribute_name=step)
                type_ = attributes[step]
            case MapOf(element), str():
                message.steps.add(element_key_string=step)
                type_ = element
            case ListOf(element), int():
                message.steps.add(element_key_int=step)
                type_ = element
            case _:
                break
    return message


def capabilities(message: pb.ClientCapabilities) -> ClientCapabilities:
    """Return what the client says it can handle."""
    return ClientCapabilities(
        deferral_allowed=message.deferral_allowed,
        write_only_attributes_allowed=message.write_only_attributes_allowed,
    )


def take(type_: Type, message: pb.DynamicValue) -> Value:
    """Return the value that Terraform sent; raises DiagnosticsError when it does not fit."""
    try:
        if message.json and not message.msgpack:
            return wire.decode_json(type_, message.json)
        return wire.decode(type_, message.msgpack)
    except wire.WireError as mismatch:
        raise DiagnosticsError([_unreadable(mismatch)]) from mismatch


def take_object(type_: ObjectOf, message: pb.DynamicValue) -> Object | None:
    """Return the object or null that Terraform sent; raises DiagnosticsError for anything else."""
    value = take(type_, message)
    if value is None or isinstance(value, dict):
        return value
    raise DiagnosticsError([_unreadable(wire.WireError("the whole object is unknown", ()))])


def take_present(type_: ObjectOf, message: pb.DynamicValue) -> Object:
    """Return the object that Terraform sent; raises DiagnosticsError for anything else, null included."""
    value = take_object(type_, message)
    if value is None:
        raise DiagnosticsError([_unreadable(wire.WireError("expected an object, found null", ()))])
    return value


def _unreadable(mismatch: wire.WireError) -> Diagnostic:
    detail = (
        f"{_located(mismatch)}. Terraform and natgw disagree about the schema, or the stored state is damaged. "
        "Run `terraform init -upgrade` and try again; if it stays, please report it."
    )
    return error("natgw cannot read a value that Terraform sent", detail, mismatch.path)


def give(type_: Type, value: Value, *, known: bool) -> pb.DynamicValue:
    """Return a handler's value for a response; raises DiagnosticsError when it does not fit or must be `known`."""
    try:
        return pb.DynamicValue(msgpack=wire.encode(type_, value, known=known))
    except wire.WireError as mismatch:
        detail = f"{_located(mismatch)}. {REPORT}"
        raise DiagnosticsError(
            [error("natgw bug: a result does not fit the schema", detail, mismatch.path)]
        ) from mismatch


def _located(mismatch: wire.WireError) -> str:
    place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in mismatch.path).lstrip(".")
    return f"At {place or 'the top'}: {mismatch}"


def take_private(data: bytes) -> Private:
    """Return the private data that a resource stored; raises DiagnosticsError when it is not natgw's."""
    if not data:
        return {}
    try:
        private = json.loads(data)
    except (ValueError, RecursionError):
        private = None
    if not isinstance(private, dict):
        detail = (
            "The private data in the state was not written by natgw. Remove the resource from the state and import it."
        )
        raise DiagnosticsError([error("natgw cannot read a resource's private data", detail)])
    return private


def give_private(private: Private | None, stored: bytes) -> bytes:
    """Return a handler's private data for a response, `stored` when it gave none."""
    if private is None:
        return stored
    return json.dumps(private, sort_keys=True, separators=(",", ":")).encode() if private else b""
