"""The RPCs about a managed resource type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
    encode,
    encode_identity,
    encode_private,
)
from natgw_provider.bridge.values import is_wholly_known

if TYPE_CHECKING:
    from collections.abc import Sequence

    from natgw_provider.bridge.handlers import Resource
    from natgw_provider.bridge.process import Session
    from natgw_provider.bridge.values import Value


def read_resource(
    session: Session, resource: Resource, request: pb.ReadResource.Request, response: pb.ReadResource.Response
) -> Sequence[Diagnostic]:
    """Read a resource's true state."""
    type_ = resource.schema.value_type
    identity = decode_identity(resource, request.current_identity)
    read = ReadRequest(decode_present(type_, request.current_state), decode_private(request.private), identity)
    result = resource.read(read, session.context())
    result_message = pb.ReadResource.Response(
        new_state=encode(type_, result.state, known=True),
        private=encode_private(result.private, request.private),
        new_identity=encode_identity(resource, result.identity, identity),
    )
    response.MergeFrom(result_message)
    return result.diagnostics


def plan_resource_change(
    session: Session,
    resource: Resource,
    request: pb.PlanResourceChange.Request,
    response: pb.PlanResourceChange.Response,
) -> Sequence[Diagnostic]:
    """Plan a change; Terraform calls it for a destroy too, as the capabilities ask."""
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
    result_message = pb.PlanResourceChange.Response(
        planned_state=encode(type_, result.planned_state, known=False),
        planned_private=encode_private(result.planned_private, request.prior_private),
        requires_replace=map(attribute_path, result.requires_replace),
        planned_identity=encode_identity(resource, result.planned_identity, identity, known=False),
    )
    response.MergeFrom(result_message)
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
    that may have made something is planned as a create again. The new state is set before anything else can fail.
    """
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
    response.new_state.CopyFrom(encode(type_, result.new_state, known=True))
    response.private = request.planned_private
    response.private = encode_private(result.private, request.planned_private)
    stored = planned_identity if is_wholly_known(planned_identity) else None
    new_identity = encode_identity(resource, result.identity, stored)
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
    identity = decode_identity(resource, request.identity)
    if not is_wholly_known(identity):
        detail = "Import once its values are known: apply first what they come from (terraform apply -target=...)."
        return [error("The identity to import by is not known yet", detail)]
    result = resource.import_state(ImportRequest(request.id if identity is None else None, identity), session.context())
    if result.state is not None:
        type_ = resource.schema.value_type
        state = dict.fromkeys(type_.attributes) | result.state
        response.imported_resources.add(
            type_name=request.type_name,
            state=encode(type_, state, known=True),
            private=encode_private(result.private, b""),
            identity=encode_identity(resource, result.identity, identity),
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
    response.config.CopyFrom(encode(type_, resource.configuration_of(decode_present(type_, request.state)), known=True))
    return ()


def upgrade_resource_state(
    session: Session,
    resource: Resource,
    request: pb.UpgradeResourceState.Request,
    response: pb.UpgradeResourceState.Response,
) -> Sequence[Diagnostic]:
    """Convert a stored state to the current schema; Terraform calls it before every use, also of a current state."""
    schema = resource.schema
    if request.version > schema.version or not request.raw_state.json:
        return [_not_supported(request, schema.version)]
    try:
        state = _upgraded(session, resource, request)
    except wire.WireError as mismatch:
        detail = f"The stored state, of schema version {request.version}, is damaged: {mismatch}. {REPORT}"
        raise DiagnosticsError([error(f"natgw cannot read the state of a {request.type_name}", detail)]) from mismatch
    response.upgraded_state.CopyFrom(encode(schema.value_type, state, known=True))
    return ()


def _upgraded(session: Session, resource: Resource, request: pb.UpgradeResourceState.Request) -> Value:
    schema = resource.schema
    if request.version == schema.version:
        return wire.decode_json(schema.value_type, request.raw_state.json, lenient=True)
    try:
        stored = _with_tuples(wire.parse_json(request.raw_state.json))
    except RecursionError as error:
        raise wire.WireError("it is nested too deeply", ()) from error
    if not isinstance(stored, dict):
        raise wire.WireError("it is not an object", ())
    return wire.conform(schema.value_type, resource.upgrade(request.version, stored, session.context()))


def _not_supported(request: pb.UpgradeResourceState.Request, current: int) -> Diagnostic:
    summary = f"natgw cannot read the state of a {request.type_name}"
    if not request.raw_state.json:
        return error(summary, "The state is in the format of Terraform before 0.12, which natgw never wrote.")
    detail = (
        f"A newer natgw wrote it, with schema version {request.version}; this natgw supports versions up to {current}. "
        "Upgrade natgw to the version that wrote the state, or a later one."
    )
    return error(summary, detail)


def _with_tuples(raw: Any) -> Any:
    if isinstance(raw, dict):
        return {name: _with_tuples(member) for name, member in raw.items()}
    return tuple(_with_tuples(element) for element in raw) if isinstance(raw, list) else raw


def upgrade_resource_identity(
    _session: Session,
    resource: Resource,
    request: pb.UpgradeResourceIdentity.Request,
    response: pb.UpgradeResourceIdentity.Response,
) -> Sequence[Diagnostic]:
    """Return a stored identity; its schema has had one version so far."""
    schema = resource.identity_schema
    summary = f"natgw cannot read the identity of a {request.type_name}"
    if schema is None or request.version != schema.version:
        supported = "none" if schema is None else f"version {schema.version}"
        detail = f"The state has version {request.version} of its identity; this natgw supports {supported}. "
        return [error(summary, detail + "Upgrade natgw to the version that wrote the state, or a later one.")]
    try:
        value = wire.decode_json(schema.value_type, request.raw_identity.json, lenient=True)
    except wire.WireError as mismatch:
        raise DiagnosticsError([error(summary, f"The stored identity is damaged: {mismatch}.")]) from mismatch
    response.upgraded_identity.identity_data.CopyFrom(encode(schema.value_type, value, known=True))
    return ()
