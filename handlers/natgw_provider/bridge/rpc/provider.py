"""The RPCs about the provider as a whole, and those about a data source or a list resource type."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any, TypeAlias

from natgw_provider.bridge.diagnostics import Diagnostic, error
from natgw_provider.bridge.handlers import ListRequest, ListResource
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.messages import (
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

    from natgw_provider.bridge.handlers import DataSource, Object, Provider, Resource
    from natgw_provider.bridge.process import Session

    _Subject: TypeAlias = Provider | Resource | DataSource | ListResource


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
    """List no functions: this provider has none."""
    return ()


def validate(session: Session, subject: _Subject, request: Any, _response: object) -> Sequence[Diagnostic]:
    """Check the block of the provider, a resource, a data source or a list resource."""
    return subject.validate(_config(subject, request.config), session.context())


def configure_provider(
    session: Session,
    provider: Provider,
    request: pb.ConfigureProvider.Request,
    _response: pb.ConfigureProvider.Response,
) -> Sequence[Diagnostic]:
    """Configure the provider with its block."""
    session.configure(request.terraform_version)
    return provider.configure(_config(provider, request.config), session.context())


def move_resource_state(
    _session: Session,
    _provider: Provider,
    request: pb.MoveResourceState.Request,
    _response: pb.MoveResourceState.Response,
) -> Sequence[Diagnostic]:
    """Refuse: no resource type of this provider accepts the state of another one."""
    detail = (
        f"{request.target_type_name} cannot use the state of {request.source_type_name} "
        f"({request.source_provider_address}). Replace the `moved` block with an `import` block for "
        f"{request.target_type_name} and a `removed` block for {request.source_type_name}: together they hand the "
        "object over without changing it."
    )
    return [error("natgw does not move state between resource types", detail)]


def read_data_source(
    session: Session,
    data_source: DataSource,
    request: pb.ReadDataSource.Request,
    response: pb.ReadDataSource.Response,
) -> Sequence[Diagnostic]:
    """Read what a data block asks for."""
    result = data_source.read(_config(data_source, request.config), session.context())
    response.state.CopyFrom(encode(data_source.schema.value_type, result.state, known=True))
    return result.diagnostics


def list_events(
    session: Session, list_resource: ListResource, request: pb.ListResource.Request, stop: threading.Event
) -> Generator[pb.ListResource.Event, None, None]:
    """Yield the resources that a list block asks for, and at most `limit` of them."""
    resource = session.provider.resources[request.type_name]
    config = _config(list_resource, request.config)
    wanted = ListRequest(config, request.include_resource_object, request.limit if request.limit > 0 else None)
    found = 0
    with closing(list_resource.list(wanted, session.context(stop))) as events:
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


def _config(subject: _Subject, message: pb.DynamicValue) -> Object:
    """Return the configuration of a block; an absent inner `config` block of a list has null for every attribute."""
    type_ = subject.schema.value_type
    if isinstance(subject, ListResource):
        return decode_object(type_, message) or dict.fromkeys(type_.attributes)
    return decode_present(type_, message)
