"""Schemas, values, identities, private data, diagnostics and failures as protocol messages, and back.

A value that does not fit becomes a diagnostic here, with the attribute's path. A handler's mistake must be as readable
as a user's.
"""

from __future__ import annotations

import json
import traceback
from typing import TYPE_CHECKING, Any, Final, TypeVar

from natgw_provider.bridge import wire
from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, Severity, error, has_error
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.schema import ListOf, MapOf, ObjectOf, Primitive, SetOf, Type

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from natgw_provider.bridge.handlers import Object, Private, Resource
    from natgw_provider.bridge.process import Session
    from natgw_provider.bridge.schema import Attribute, IdentitySchema, NestedAttributes, Schema
    from natgw_provider.bridge.values import Value

REPORT: Final = (
    "This is a bug in natgw; your configuration need not change. Report it in the issue tracker of whoever you got "
    "natgw from. Attach what `terraform version` prints, and the log of the same command with TF_LOG=debug."
)
"""The end of every message about natgw's own mistakes."""


_LONGEST_CAUSE: Final = 500
"""Characters of an exception's text that a user sees."""

_T = TypeVar("_T")


def find_type(known: Mapping[str, _T], name: str, kind: str) -> _T:
    """Return the type called `name`; raises DiagnosticsError when the provider does not have it."""
    if name not in known:
        detail = f"It has: {', '.join(sorted(known)) or 'none'}. A newer natgw may have it."
        raise DiagnosticsError([error(f"natgw has no {kind} {name}", detail)])
    return known[name]


def diagnostic_messages(diagnostics: Iterable[Diagnostic]) -> list[pb.Diagnostic]:
    """Return `diagnostics` for a response."""
    return [_diagnostic_message(diagnostic) for diagnostic in diagnostics]


def _diagnostic_message(diagnostic: Diagnostic) -> pb.Diagnostic:
    severity = pb.Diagnostic.ERROR if diagnostic.severity is Severity.ERROR else pb.Diagnostic.WARNING
    # Terraform before 1.15 marks a wrong line for a path that leads into an attribute.
    name = diagnostic.path[0] if diagnostic.path else None
    return pb.Diagnostic(
        severity=severity,
        summary=valid_text(diagnostic.summary),
        detail=valid_text(diagnostic.detail),
        attribute=attribute_path(name) if isinstance(name, str) else None,
    )


def failure_messages(session: Session, method: str, request: Any, failure: BaseException) -> list[pb.Diagnostic]:
    """Log the traceback of what ended an RPC, and return what the user sees of it."""
    write = session.log.debug if isinstance(failure, DiagnosticsError) else session.log.error
    write("an RPC ended with an exception", rpc=method, traceback="".join(traceback.format_exception(failure)))
    if isinstance(failure, DiagnosticsError) and has_error(failure.diagnostics):
        return diagnostic_messages(failure.diagnostics)
    return diagnostic_messages(_bug(failure, method, getattr(request, "type_name", "")))


def _bug(failure: BaseException, method: str, type_name: str) -> Sequence[Diagnostic]:
    cause = f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
    cause = cause if len(cause) <= _LONGEST_CAUSE else f"{cause[:_LONGEST_CAUSE]} ..."
    kept = " Terraform keeps the last known state; the next plan reads the true one."
    detail = f"{cause}.{kept if method == 'ApplyResourceChange' else ''} {REPORT}"
    location = f"{method} of {type_name}" if type_name else method
    return [error(f"natgw bug: {type(failure).__name__} in {location}", detail)]


def attribute_path(name: str) -> pb.AttributePath:
    """Return the path of the attribute `name`."""
    return pb.AttributePath(steps=[pb.AttributePath.Step(attribute_name=name)])


def valid_text(text: str) -> str:
    """Return `text` as protobuf accepts it: what is not valid Unicode, as in a file's name, is escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def decode(type_: Type, message: pb.DynamicValue) -> Value:
    """Return the value that Terraform sent; raises DiagnosticsError when it does not fit."""
    try:
        if message.json and not message.msgpack:  # the protocol allows it; Terraform sends msgpack
            return wire.conform(type_, wire.parse_json(message.json))
        return wire.decode(type_, message.msgpack)
    except wire.WireError as mismatch:
        raise DiagnosticsError([_unreadable(mismatch)]) from mismatch


def decode_object(type_: ObjectOf, message: pb.DynamicValue) -> Object | None:
    """Return the object or null that Terraform sent; raises DiagnosticsError for anything else."""
    value = decode(type_, message)
    if value is None or isinstance(value, dict):
        return value
    raise DiagnosticsError([_unreadable(wire.WireError("the whole object is unknown", ()))])


def decode_present(type_: ObjectOf, message: pb.DynamicValue) -> Object:
    """Return the object that Terraform sent; raises DiagnosticsError for anything else, null included."""
    value = decode_object(type_, message)
    if value is None:
        raise DiagnosticsError([_unreadable(wire.WireError("expected an object, found null", ()))])
    return value


def _unreadable(mismatch: wire.WireError) -> Diagnostic:
    detail = (
        f"{_located(mismatch)}. Terraform and natgw have different schemas, or the stored state is damaged. "
        "Run `terraform init -upgrade` and the same command again."
    )
    return error("natgw cannot read a value that Terraform sent", detail, mismatch.path)


def encode(type_: Type, value: Value, *, known: bool) -> pb.DynamicValue:
    """Return a handler's value for a response; raises DiagnosticsError when it does not fit or must be `known`."""
    try:
        return pb.DynamicValue(msgpack=wire.encode(type_, value, known=known))
    except wire.WireError as mismatch:
        detail = f"{_located(mismatch)}. {REPORT}"
        raise DiagnosticsError(
            [error("natgw bug: a result does not fit the schema", detail, mismatch.path)]
        ) from mismatch


def _located(mismatch: wire.WireError) -> str:
    location = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in mismatch.path).lstrip(".")
    return f"{f'At {location}' if location else 'In the whole object'}: {mismatch}"


def decode_private(data: bytes) -> Private:
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


def encode_private(private: Private | None, stored: bytes) -> bytes:
    """Return a handler's private data for a response, `stored` when the handler returned None."""
    if private is None:
        return stored
    return json.dumps(private, sort_keys=True, separators=(",", ":")).encode() if private else b""


def decode_identity(resource: Resource, message: pb.ResourceIdentityData) -> Object | None:
    """Return the identity that Terraform sent, None when it sent none or the resource type has no identity."""
    if resource.identity_schema is None:
        return None
    return decode_object(resource.identity_schema.value_type, message.identity_data)


def encode_identity(
    resource: Resource, identity: Object | None, stored: Object | None, *, known: bool = True
) -> pb.ResourceIdentityData | None:
    """Return a handler's identity for a response, `stored` when the handler returned None; None without an identity."""
    identity = stored if identity is None else identity
    if resource.identity_schema is None or identity is None:
        return None
    return pb.ResourceIdentityData(identity_data=encode(resource.identity_schema.value_type, identity, known=known))


_NESTING = {
    "single": pb.Schema.Object.SINGLE,
    "list": pb.Schema.Object.LIST,
    "set": pb.Schema.Object.SET,
    "map": pb.Schema.Object.MAP,
}


def schema_message(schema: Schema) -> pb.Schema:
    """Return `schema` for GetProviderSchema."""
    block = pb.Schema.Block(
        version=schema.version,
        attributes=[_attribute_message(attribute) for attribute in schema.attributes],
        description=schema.description,
        description_kind=pb.MARKDOWN,
    )
    return pb.Schema(version=schema.version, block=block)


def identity_schema_message(schema: IdentitySchema) -> pb.ResourceIdentitySchema:
    """Return `schema` for GetResourceIdentitySchemas."""
    attributes = [
        pb.ResourceIdentitySchema.IdentityAttribute(
            name=attribute.name,
            type=type_json(attribute.type),
            required_for_import=True,
            description=attribute.description,
        )
        for attribute in schema.attributes
    ]
    return pb.ResourceIdentitySchema(version=schema.version, identity_attributes=attributes)


def type_json(type_: Type) -> bytes:
    """Return `type_` in the JSON of Terraform's type system, for example `["set","string"]`."""
    return json.dumps(_type_structure(type_), separators=(",", ":")).encode()


def _type_structure(type_: Type) -> Any:
    match type_:
        case Primitive(name):
            return name
        case ListOf(element):
            return ["list", _type_structure(element)]
        case SetOf(element):
            return ["set", _type_structure(element)]
        case MapOf(element):
            return ["map", _type_structure(element)]
        case ObjectOf(attributes):
            return ["object", {name: _type_structure(member) for name, member in attributes.items()}]


def _attribute_message(attribute: Attribute) -> pb.Schema.Attribute:
    return pb.Schema.Attribute(
        name=attribute.name,
        type=b"" if attribute.type is None else type_json(attribute.type),
        nested_type=None if attribute.nested is None else _nested_message(attribute.nested),
        description=attribute.description,
        description_kind=pb.MARKDOWN,
        required=attribute.required,
        optional=attribute.optional,
        computed=attribute.computed,
        sensitive=attribute.sensitive,
    )


def _nested_message(nested: NestedAttributes) -> pb.Schema.Object:
    return pb.Schema.Object(
        nesting=_NESTING[nested.nesting],
        attributes=[_attribute_message(attribute) for attribute in nested.attributes],
    )
