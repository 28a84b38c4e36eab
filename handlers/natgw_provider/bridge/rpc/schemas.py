"""Schemas and types as the protocol writes them; a type is JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.schema import ListOf, MapOf, ObjectOf, Primitive, SetOf

if TYPE_CHECKING:
    from natgw_provider.bridge.schema import Attribute, IdentitySchema, NestedAttributes, Schema, Type

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
            required_for_import=attribute.required_for_import,
            optional_for_import=not attribute.required_for_import,
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
        deprecated=attribute.deprecated,
    )


def _nested_message(nested: NestedAttributes) -> pb.Schema.Object:
    return pb.Schema.Object(
        nesting=_NESTING[nested.nesting],
        attributes=[_attribute_message(attribute) for attribute in nested.attributes],
    )
