"""The RPCs about a managed resource type."""

from __future__ import annotations

from typing import TYPE_CHECKING

from natgw_provider.bridge import wire
from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error
from natgw_provider.bridge.handlers import ApplyRequest, ImportRequest, PlanRequest, ReadRequest
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.messages import (
    REPORT,
    attribute_path,
    decode_identity,
    decode_object,
    decode_present,
    decode_private,
    diagnostic_messages,
    encode,
    encode_identity,
    encode_private,
    failure_messages,
    find_type,
)
from natgw_provider.bridge.values import is_wholly_known

if TYPE_CHECKING:
    from natgw_provider.bridge.handlers import Resource
    from natgw_provider.bridge.process import Session


def _resource(session: Session, type_name: str) -> Resource:
    return find_type(session.provider.resources, type_name, "resource type")


def validate_resource_config(
    session: Session, request: pb.ValidateResourceConfig.Request
) -> pb.ValidateResourceConfig.Response:
    """Check a resource block."""
    resource = _resource(session, request.type_name)
    diagnostics = resource.validate(decode_present(resource.schema.value_type, request.config), session.context())
    return pb.ValidateResourceConfig.Response(diagnostics=diagnostic_messages(diagnostics))


def read_resource(session: Session, request: pb.ReadResource.Request) -> pb.ReadResource.Response:
    """Read a resource's true state."""
    resource = _resource(session, request.type_name)
    type_ = resource.schema.value_type
    identity = decode_identity(resource, request.current_identity)
    read = ReadRequest(decode_present(type_, request.current_state), decode_private(request.private), identity)
    result = resource.read(read, session.context())
    return pb.ReadResource.Response(
        new_state=encode(type_, result.state, known=True),
        private=encode_private(result.private, request.private),
        new_identity=encode_identity(resource, result.identity, identity),
        diagnostics=diagnostic_messages(result.diagnostics),
    )


def plan_resource_change(session: Session, request: pb.PlanResourceChange.Request) -> pb.PlanResourceChange.Response:
    """Plan a change; because of the capabilities, Terraform calls it for a destroy too."""
    resource = _resource(session, request.type_name)
    type_ = resource.schema.value_type
    identity = decode_identity(resource, request.prior_identity)
    plan = PlanRequest(
        prior_state=decode_object(type_, request.prior_state),
        proposed_new_state=decode_object(type_, request.proposed_new_state),
        config=decode_object(type_, request.config),
        prior_private=decode_private(request.prior_private),
        prior_identity=identity,
    )
    result = resource.plan(plan, session.context())
    return pb.PlanResourceChange.Response(
        planned_state=encode(type_, result.planned_state, known=False),
        planned_private=encode_private(result.planned_private, request.prior_private),
        requires_replace=map(attribute_path, result.requires_replace),
        planned_identity=encode_identity(resource, result.planned_identity, identity, known=False),
        diagnostics=diagnostic_messages(result.diagnostics),
    )


def apply_resource_change(session: Session, request: pb.ApplyResourceChange.Request) -> pb.ApplyResourceChange.Response:
    """Make a planned change.

    When the handler raises, the response has no state: with an error beside it, Terraform then keeps the stored object
    as it was, with its private data and its taint. So an update or a destroy loses nothing, and a create that may have
    made something is planned as a create again. What fails after the change does not lose the new state.
    """
    resource = _resource(session, request.type_name)
    type_ = resource.schema.value_type
    planned_identity = decode_identity(resource, request.planned_identity)
    change = ApplyRequest(
        prior_state=decode_object(type_, request.prior_state),
        planned_state=decode_object(type_, request.planned_state),
        config=decode_object(type_, request.config),
        planned_private=decode_private(request.planned_private),
        planned_identity=planned_identity,
    )
    result = resource.apply(change, session.context())
    response = pb.ApplyResourceChange.Response(new_state=encode(type_, result.new_state, known=True))
    try:
        stored = planned_identity if is_wholly_known(planned_identity) else None
        rest = pb.ApplyResourceChange.Response(
            private=encode_private(result.private, request.planned_private),
            new_identity=encode_identity(resource, result.identity, stored),
            diagnostics=diagnostic_messages(result.diagnostics),
        )
    except Exception as failure:  # noqa: BLE001 - the new state must reach Terraform
        messages = failure_messages(session, "ApplyResourceChange", request, failure)
        rest = pb.ApplyResourceChange.Response(private=request.planned_private, diagnostics=messages)
    response.MergeFrom(rest)
    return response


def import_resource_state(session: Session, request: pb.ImportResourceState.Request) -> pb.ImportResourceState.Response:
    """Return the state of a resource that exists."""
    resource = _resource(session, request.type_name)
    identity = decode_identity(resource, request.identity)
    if not is_wholly_known(identity):
        detail = "Import once its values are known: apply first what they come from (terraform apply -target=...)."
        raise DiagnosticsError([error("The identity to import by is not known yet", detail)])
    result = resource.import_state(ImportRequest(request.id if identity is None else None, identity), session.context())
    response = pb.ImportResourceState.Response(diagnostics=diagnostic_messages(result.diagnostics))
    if result.state is not None:
        type_ = resource.schema.value_type
        response.imported_resources.add(
            type_name=request.type_name,
            state=encode(type_, dict.fromkeys(type_.attributes) | result.state, known=True),
            private=encode_private(result.private, b""),
            identity=encode_identity(resource, result.identity, identity),
        )
    return response


def generate_resource_config(
    session: Session, request: pb.GenerateResourceConfig.Request
) -> pb.GenerateResourceConfig.Response:
    """Return a configuration for an object that is imported; for Terraform 1.14 and later."""
    resource = _resource(session, request.type_name)
    type_ = resource.schema.value_type
    config = resource.configuration_of(decode_present(type_, request.state))
    return pb.GenerateResourceConfig.Response(config=encode(type_, config, known=True))


def move_resource_state(_session: Session, request: pb.MoveResourceState.Request) -> pb.MoveResourceState.Response:
    """Refuse: no resource type of this provider accepts the state of another one."""
    detail = (
        f"{request.target_type_name} cannot use the state of {request.source_type_name} "
        f"({request.source_provider_address}). Replace the `moved` block with an `import` block for "
        f"{request.target_type_name} and a `removed` block for {request.source_type_name}: together they hand the "
        "object over without changing it."
    )
    raise DiagnosticsError([error("natgw does not move state between resource types", detail)])


def upgrade_resource_state(
    session: Session, request: pb.UpgradeResourceState.Request
) -> pb.UpgradeResourceState.Response:
    """Convert a stored state to the current schema; Terraform calls it before every use, also of a current state."""
    resource = _resource(session, request.type_name)
    schema = resource.schema
    if request.version > schema.version or not request.raw_state.json:
        raise DiagnosticsError([_not_supported(request, schema.version)])
    try:
        stored = wire.parse_json(request.raw_state.json)
        if request.version < schema.version and isinstance(stored, dict):
            stored = resource.upgrade(request.version, stored, session.context())
        state = wire.conform(schema.value_type, stored)
    except wire.WireError as mismatch:
        detail = f"The stored state, of schema version {request.version}, is damaged: {mismatch}. {REPORT}"
        raise DiagnosticsError([error(f"natgw cannot read the state of a {request.type_name}", detail)]) from mismatch
    return pb.UpgradeResourceState.Response(upgraded_state=encode(schema.value_type, state, known=True))


def _not_supported(request: pb.UpgradeResourceState.Request, current: int) -> Diagnostic:
    summary = f"natgw cannot read the state of a {request.type_name}"
    if not request.raw_state.json:
        return error(summary, "The state is in the format of Terraform before 0.12, which natgw never wrote.")
    detail = (
        f"A newer natgw wrote it, with schema version {request.version}; this natgw supports versions up to {current}. "
        "Upgrade natgw to the version that wrote the state, or a later one."
    )
    return error(summary, detail)


def upgrade_resource_identity(
    session: Session, request: pb.UpgradeResourceIdentity.Request
) -> pb.UpgradeResourceIdentity.Response:
    """Return a stored identity; its schema has had one version so far."""
    schema = _resource(session, request.type_name).identity_schema
    summary = f"natgw cannot read the identity of a {request.type_name}"
    if schema is None or request.version != schema.version:
        supported = "none" if schema is None else f"version {schema.version}"
        detail = f"The state has version {request.version} of its identity; this natgw supports {supported}. "
        raise DiagnosticsError([error(summary, detail + "Upgrade natgw to the version that wrote it, or a later one.")])
    try:
        identity = wire.conform(schema.value_type, wire.parse_json(request.raw_identity.json))
    except wire.WireError as mismatch:
        raise DiagnosticsError([error(summary, f"The stored identity is damaged: {mismatch}.")]) from mismatch
    data = pb.ResourceIdentityData(identity_data=encode(schema.value_type, identity, known=True))
    return pb.UpgradeResourceIdentity.Response(upgraded_identity=data)
