"""The RPCs about the provider as a whole, and those about a data source or a list resource type."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

from natgw_provider.bridge.diagnostics import Diagnostic, error
from natgw_provider.bridge.handlers import ListRequest
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.messages import (
    capabilities,
    decode_object,
    decode_present,
    diagnostic_messages,
    encode,
    encode_identity,
    identity_schema_message,
    schema_message,
    valid_text,
)

if TYPE_CHECKING:
    import threading
    from collections.abc import Generator, Sequence

    from natgw_provider.bridge.handlers import DataSource, ListResource, Object, Provider
    from natgw_provider.bridge.process import Session


def _server_capabilities() -> pb.ServerCapabilities:
    return pb.ServerCapabilities(
        plan_destroy=True,
        get_provider_schema_optional=True,
        move_resource_state=True,
        generate_resource_config=True,
    )


def get_metadata(
    _session: Session, provider: Provider, _request: pb.GetMetadata.Request, response: pb.GetMetadata.Response
) -> Sequence[Diagnostic]:
    """List the names of the resource, data source and list resource types."""
    response.server_capabilities.CopyFrom(_server_capabilities())
    for name in sorted(provider.resources):
        response.resources.add(type_name=name)
    for name in sorted(provider.data_sources):
        response.data_sources.add(type_name=name)
    for name in sorted(provider.list_resources):
        response.list_resources.add(type_name=name)
    return ()


def get_provider_schema(
    _session: Session,
    provider: Provider,
    _request: pb.GetProviderSchema.Request,
    response: pb.GetProviderSchema.Response,
) -> Sequence[Diagnostic]:
    """Describe everything. Terraform never calls GetMetadata, so the capabilities are here too."""
    response.server_capabilities.CopyFrom(_server_capabilities())
    response.provider.CopyFrom(schema_message(provider.schema))
    for name, resource in provider.resources.items():
        response.resource_schemas[name].CopyFrom(schema_message(resource.schema))
    for name, data_source in provider.data_sources.items():
        response.data_source_schemas[name].CopyFrom(schema_message(data_source.schema))
    for name, list_resource in provider.list_resources.items():
        response.list_resource_schemas[name].CopyFrom(schema_message(list_resource.schema))
    return ()


def get_resource_identity_schemas(
    _session: Session,
    provider: Provider,
    _request: pb.GetResourceIdentitySchemas.Request,
    response: pb.GetResourceIdentitySchemas.Response,
) -> Sequence[Diagnostic]:
    """Describe the identities of the resource types that have one."""
    for name, resource in provider.resources.items():
        if resource.identity_schema is not None:
            response.identity_schemas[name].CopyFrom(identity_schema_message(resource.identity_schema))
    return ()


def get_functions(
    _session: Session, _provider: Provider, _request: pb.GetFunctions.Request, _response: pb.GetFunctions.Response
) -> Sequence[Diagnostic]:
    """List the functions: none."""
    return ()


def validate_provider_config(
    session: Session,
    provider: Provider,
    request: pb.ValidateProviderConfig.Request,
    _response: pb.ValidateProviderConfig.Response,
) -> Sequence[Diagnostic]:
    """Check the provider block."""
    return provider.validate(decode_present(provider.schema.value_type, request.config), session.context())


def configure_provider(
    session: Session,
    provider: Provider,
    request: pb.ConfigureProvider.Request,
    _response: pb.ConfigureProvider.Response,
) -> Sequence[Diagnostic]:
    """Configure the provider with its block."""
    session.configure(request.terraform_version)
    config = decode_present(provider.schema.value_type, request.config)
    return provider.configure(config, session.context(capabilities(request.client_capabilities)))


def move_resource_state(
    _session: Session,
    _provider: Provider,
    request: pb.MoveResourceState.Request,
    _response: pb.MoveResourceState.Response,
) -> Sequence[Diagnostic]:
    """Refuse: no resource type of this provider can take over another one's state."""
    detail = (
        f"{request.target_type_name} cannot take over the state of {request.source_type_name} "
        f"({request.source_provider_address}). Replace the `moved` block with an `import` block for "
        f"{request.target_type_name} and a `removed` block for {request.source_type_name}: together they hand the "
        "object over without changing it."
    )
    return [error("natgw does not move state between resource types", detail)]


def validate_data_resource_config(
    session: Session,
    data_source: DataSource,
    request: pb.ValidateDataResourceConfig.Request,
    _response: pb.ValidateDataResourceConfig.Response,
) -> Sequence[Diagnostic]:
    """Check a data block."""
    return data_source.validate(decode_present(data_source.schema.value_type, request.config), session.context())


def read_data_source(
    session: Session,
    data_source: DataSource,
    request: pb.ReadDataSource.Request,
    response: pb.ReadDataSource.Response,
) -> Sequence[Diagnostic]:
    """Read what a data block asks for."""
    type_ = data_source.schema.value_type
    context = session.context(capabilities(request.client_capabilities))
    result = data_source.read(decode_present(type_, request.config), context)
    response.state.CopyFrom(encode(type_, result.state, known=True))
    return result.diagnostics


def validate_list_resource_config(
    session: Session,
    list_resource: ListResource,
    request: pb.ValidateListResourceConfig.Request,
    _response: pb.ValidateListResourceConfig.Response,
) -> Sequence[Diagnostic]:
    """Check the inner `config` block of a list block."""
    return list_resource.validate(_list_config(list_resource, request.config), session.context())


def list_events(
    session: Session, list_resource: ListResource, request: pb.ListResource.Request, stop: threading.Event
) -> Generator[pb.ListResource.Event, None, None]:
    """Yield the resources that a list block asks for, and at most `limit` of them."""
    resource = session.provider.resources[request.type_name]
    config = _list_config(list_resource, request.config)
    wanted = ListRequest(config, request.include_resource_object, request.limit if request.limit > 0 else None)
    found = 0
    with closing(list_resource.list(wanted, session.context(stop=stop))) as events:
        for event in events:
            message = pb.ListResource.Event(
                identity=encode_identity(resource, event.identity, None),
                display_name=valid_text(event.display_name),
                diagnostic=diagnostic_messages(event.diagnostics, list_resource.schema.value_type),
            )
            if wanted.include_resource and event.resource is not None:
                type_ = resource.schema.value_type
                message.resource_object.CopyFrom(
                    encode(type_, dict.fromkeys(type_.attributes) | event.resource, known=True)
                )
            yield message
            found += event.identity is not None
            if found == wanted.limit:
                return


def _list_config(list_resource: ListResource, message: pb.DynamicValue) -> Object:
    type_ = list_resource.schema.value_type
    config = decode_object(type_, message)
    return dict.fromkeys(type_.attributes) if config is None else config
