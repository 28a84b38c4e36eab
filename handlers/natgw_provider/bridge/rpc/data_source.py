"""The RPCs about a data source type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from natgw_provider.bridge.rpc.messages import capabilities, give, take_present

if TYPE_CHECKING:
    from collections.abc import Sequence

    from natgw_provider.bridge.diagnostics import Diagnostic
    from natgw_provider.bridge.handlers import DataSource
    from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
    from natgw_provider.bridge.session import Session


def validate_data_resource_config(
    session: Session,
    data_source: DataSource,
    request: pb.ValidateDataResourceConfig.Request,
    _response: pb.ValidateDataResourceConfig.Response,
) -> Sequence[Diagnostic]:
    """Check a data block."""
    return data_source.validate(take_present(data_source.schema.value_type, request.config), session.context())


def read_data_source(
    session: Session,
    data_source: DataSource,
    request: pb.ReadDataSource.Request,
    response: pb.ReadDataSource.Response,
) -> Sequence[Diagnostic]:
    """Read what a data block asks for."""
    type_ = data_source.schema.value_type
    context = session.context(capabilities(request.client_capabilities))
    result = data_source.read(take_present(type_, request.config), context)
    response.state.CopyFrom(give(type_, result.state, known=True))
    return result.diagnostics
