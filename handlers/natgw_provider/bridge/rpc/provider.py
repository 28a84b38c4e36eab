"""The RPCs about the provider as a whole, and those about a data source or a list resource type."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from natgw_provider.bridge.handlers import ListRequest
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.messages import (
    decode_object,
    decode_present,
    diagnostic_messages,
    encode,
    encode_identity,
    find_type,
    identity_schema_message,
    schema_message,
    valid_text,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from natgw_provider.bridge.handlers import ListResource, Object
    from natgw_provider.bridge.process import Session


def get_provider_schema(session: Session, _request: pb.GetProviderSchema.Request) -> pb.GetProviderSchema.Response:
    """Return the schemas and the capabilities."""
    provider = session.provider
    capabilities = pb.ServerCapabilities(
        plan_destroy=True, get_provider_schema_optional=True, move_resource_state=True, generate_resource_config=True
    )
    return pb.GetProviderSchema.Response(
        server_capabilities=capabilities,
        provider=schema_message(provider.schema),
        resource_schemas={name: schema_message(type_.schema) for name, type_ in provider.resources.items()},
        data_source_schemas={name: schema_message(type_.schema) for name, type_ in provider.data_sources.items()},
        list_resource_schemas={name: schema_message(type_.schema) for name, type_ in provider.list_resources.items()},
    )


def get_resource_identity_schemas(
    session: Session, _request: pb.GetResourceIdentitySchemas.Request
) -> pb.GetResourceIdentitySchemas.Response:
    """Return the identity schemas of the resource types that have one."""
    schemas = {name: resource.identity_schema for name, resource in session.provider.resources.items()}
    messages = {name: identity_schema_message(schema) for name, schema in schemas.items() if schema is not None}
    return pb.GetResourceIdentitySchemas.Response(identity_schemas=messages)


def get_functions(_session: Session, _request: pb.GetFunctions.Request) -> pb.GetFunctions.Response:
    """List the functions: natgw has none."""
    return pb.GetFunctions.Response()


def validate_provider_config(
    session: Session, request: pb.ValidateProviderConfig.Request
) -> pb.ValidateProviderConfig.Response:
    """Check the provider block."""
    provider = session.provider
    diagnostics = provider.validate(decode_present(provider.schema.value_type, request.config), session.context())
    return pb.ValidateProviderConfig.Response(diagnostics=diagnostic_messages(diagnostics))


def configure_provider(session: Session, request: pb.ConfigureProvider.Request) -> pb.ConfigureProvider.Response:
    """Configure the provider with its block."""
    provider = session.provider
    config = decode_present(provider.schema.value_type, request.config)
    session.configure(request.terraform_version)
    diagnostics = provider.configure(config, session.context())
    return pb.ConfigureProvider.Response(diagnostics=diagnostic_messages(diagnostics))


def validate_data_resource_config(
    session: Session, request: pb.ValidateDataResourceConfig.Request
) -> pb.ValidateDataResourceConfig.Response:
    """Check a data block."""
    source = find_type(session.provider.data_sources, request.type_name, "data source")
    diagnostics = source.validate(decode_present(source.schema.value_type, request.config), session.context())
    return pb.ValidateDataResourceConfig.Response(diagnostics=diagnostic_messages(diagnostics))


def read_data_source(session: Session, request: pb.ReadDataSource.Request) -> pb.ReadDataSource.Response:
    """Read the data source of a data block."""
    source = find_type(session.provider.data_sources, request.type_name, "data source")
    type_ = source.schema.value_type
    result = source.read(decode_present(type_, request.config), session.context())
    return pb.ReadDataSource.Response(
        state=encode(type_, result.state, known=True), diagnostics=diagnostic_messages(result.diagnostics)
    )


def validate_list_resource_config(
    session: Session, request: pb.ValidateListResourceConfig.Request
) -> pb.ValidateListResourceConfig.Response:
    """Check the inner `config` block of a list block."""
    list_resource = find_type(session.provider.list_resources, request.type_name, "list resource")
    diagnostics = list_resource.validate(_inner_config(list_resource, request.config), session.context())
    return pb.ValidateListResourceConfig.Response(diagnostics=diagnostic_messages(diagnostics))


def list_events(session: Session, request: pb.ListResource.Request) -> Generator[pb.ListResource.Event, None, None]:
    """Yield the resources that match a list block, and at most `limit` of them."""
    list_resource = find_type(session.provider.list_resources, request.type_name, "list resource")
    resource = session.provider.resources[request.type_name]
    type_ = resource.schema.value_type
    config = _inner_config(list_resource, request.config)
    wanted = ListRequest(config, request.include_resource_object, request.limit if request.limit > 0 else None)
    found = 0
    with closing(list_resource.list(wanted, session.context())) as events:
        for event in events:
            message = pb.ListResource.Event(
                identity=encode_identity(resource, event.identity, None),
                display_name=valid_text(event.display_name),
                diagnostic=diagnostic_messages(event.diagnostics),
            )
            if wanted.include_resource and event.resource is not None:
                whole = dict.fromkeys(type_.attributes) | event.resource
                message.resource_object.CopyFrom(encode(type_, whole, known=True))
            yield message
            found += event.identity is not None
            if found == wanted.limit:
                return


def _inner_config(list_resource: ListResource, message: pb.DynamicValue) -> Object:
    """Return the inner `config` block of a list block; when it is absent, every attribute is null."""
    type_ = list_resource.schema.value_type
    return decode_object(type_, message) or dict.fromkeys(type_.attributes)
