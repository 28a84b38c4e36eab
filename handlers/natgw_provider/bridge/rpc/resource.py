"""The RPCs about a managed resource type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from natgw_provider.bridge.diagnostics import error
from natgw_provider.bridge.handlers import ApplyRequest, ImportRequest, PlanRequest, ReadRequest
from natgw_provider.bridge.rpc.identity import give_identity, take_identity
from natgw_provider.bridge.rpc.messages import (
    capabilities,
    give,
    give_private,
    path_message,
    take_object,
    take_present,
    take_private,
)
from natgw_provider.bridge.values import is_wholly_known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from natgw_provider.bridge.diagnostics import Diagnostic
    from natgw_provider.bridge.handlers import Resource
    from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
    from natgw_provider.bridge.session import Session


def validate_resource_config(
    session: Session,
    resource: Resource,
    request: pb.ValidateResourceConfig.Request,
    _response: pb.ValidateResourceConfig.Response,
) -> Sequence[Diagnostic]:
    """Check a resource block."""
    config = take_present(resource.schema.value_type, request.config)
    return resource.validate(config, session.context(capabilities(request.client_capabilities)))


def read_resource(
    session: Session, resource: Resource, request: pb.ReadResource.Request, response: pb.ReadResource.Response
) -> Sequence[Diagnostic]:
    """Find out a resource's true state."""
    type_ = resource.schema.value_type
    identity = take_identity(resource, request.current_identity)
    read = ReadRequest(take_present(type_, request.current_state), take_private(request.private), identity)
    result = resource.read(read, session.context(capabilities(request.client_capabilities)))
    new_identity = give_identity(resource, result.identity, identity)
    response.new_state.CopyFrom(give(type_, result.state, known=True))
    response.private = give_private(result.private, request.private)
    if new_identity is not None:
        response.new_identity.CopyFrom(new_identity)
    return result.diagnostics


def plan_resource_change(
    session: Session,
    resource: Resource,
    request: pb.PlanResourceChange.Request,
    response: pb.PlanResourceChange.Response,
) -> Sequence[Diagnostic]:
    """Say what an apply will do; Terraform calls it for a destroy too, as the capabilities ask."""
    type_ = resource.schema.value_type
    identity = take_identity(resource, request.prior_identity)
    plan = PlanRequest(
        prior_state=take_object(type_, request.prior_state),
        proposed_new_state=take_object(type_, request.proposed_new_state),
        config=take_object(type_, request.config),
        prior_private=take_private(request.prior_private),
        prior_identity=identity,
    )
    result = resource.plan(plan, session.context(capabilities(request.client_capabilities)))
    planned_identity = give_identity(resource, result.planned_identity, identity, known=False)
    response.planned_state.CopyFrom(give(type_, result.planned_state, known=False))
    response.planned_private = give_private(result.planned_private, request.prior_private)
    response.requires_replace.extend(path_message(path, type_) for path in result.requires_replace)
    if planned_identity is not None:
        response.planned_identity.CopyFrom(planned_identity)
    return result.diagnostics


def apply_resource_change(
    session: Session,
    resource: Resource,
    request: pb.ApplyResourceChange.Request,
    response: pb.ApplyResourceChange.Response,
) -> Sequence[Diagnostic]:
    """Make a planned change.

    When the handler raises, the response keeps its null state: with an error beside it, Terraform then keeps the stored
    object as it was, its private data and its taint included. So an update or a destroy loses nothing, and a create
    that may have made something is planned as a create again. The new state goes in before anything else can fail.
    """
    type_ = resource.schema.value_type
    planned_identity = take_identity(resource, request.planned_identity)
    change = ApplyRequest(
        prior_state=take_object(type_, request.prior_state),
        planned_state=take_object(type_, request.planned_state),
        config=take_object(type_, request.config),
        planned_private=take_private(request.planned_private),
        planned_identity=planned_identity,
    )
    result = resource.apply(change, session.context())
    response.new_state.CopyFrom(give(type_, result.new_state, known=True))
    response.private = request.planned_private
    response.private = give_private(result.private, request.planned_private)
    stored = planned_identity if is_wholly_known(planned_identity) else None
    new_identity = give_identity(resource, result.identity, stored)
    if new_identity is not None:
        response.new_identity.CopyFrom(new_identity)
    return result.diagnostics


def import_resource_state(
    session: Session,
    resource: Resource,
    request: pb.ImportResourceState.Request,
    response: pb.ImportResourceState.Response,
) -> Sequence[Diagnostic]:
    """Return the state of a resource that exists."""
    identity = take_identity(resource, request.identity)
    if not is_wholly_known(identity):
        detail = "Import once its values are known: apply first what they come from (terraform apply -target=...)."
        return [error("The identity to import by is not known yet", detail)]
    wanted = ImportRequest(request.id if identity is None else None, identity)
    result = resource.import_state(wanted, session.context(capabilities(request.client_capabilities)))
    if result.state is not None:
        type_ = resource.schema.value_type
        state = dict.fromkeys(type_.attributes) | result.state
        response.imported_resources.add(
            type_name=request.type_name,
            state=give(type_, state, known=True),
            private=give_private(result.private, b""),
            identity=give_identity(resource, result.identity, identity),
        )
    return result.diagnostics


def generate_resource_config(
    _session: Session,
    resource: Resource,
    request: pb.GenerateResourceConfig.Request,
    response: pb.GenerateResourceConfig.Response,
) -> Sequence[Diagnostic]:
    """Return a configuration for an object that is imported; Terraform 1.14 and later ask for it."""
    type_ = resource.schema.value_type
    response.config.CopyFrom(give(type_, resource.configuration_of(take_present(type_, request.state)), known=True))
    return ()
