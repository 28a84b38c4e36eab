"""UpgradeResourceState: a stored state, whatever version of the schema wrote it, in the current schema's form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from natgw_provider.bridge import wire
from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error
from natgw_provider.bridge.rpc.messages import REPORT, give

if TYPE_CHECKING:
    from collections.abc import Sequence

    from natgw_provider.bridge.handlers import Resource
    from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
    from natgw_provider.bridge.session import Session
    from natgw_provider.bridge.values import Value


def upgrade_resource_state(
    session: Session,
    resource: Resource,
    request: pb.UpgradeResourceState.Request,
    response: pb.UpgradeResourceState.Response,
) -> Sequence[Diagnostic]:
    """Bring a stored state up to date; Terraform calls this before every use of one, also when nothing changed."""
    schema = resource.schema
    if request.version > schema.version or not request.raw_state.json:
        return [_not_ours(request, schema.version)]
    try:
        state = _upgraded(session, resource, request)
    except wire.WireError as mismatch:
        detail = f"The stored state, of schema version {request.version}, is damaged: {mismatch}. {REPORT}"
        raise DiagnosticsError([error(f"natgw cannot read the state of a {request.type_name}", detail)]) from mismatch
    response.upgraded_state.CopyFrom(give(schema.value_type, state, known=True))
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


def _not_ours(request: pb.UpgradeResourceState.Request, current: int) -> Diagnostic:
    summary = f"natgw cannot read the state of a {request.type_name}"
    if not request.raw_state.json:
        return error(summary, "The state is in the format of Terraform before 0.12, which natgw never wrote.")
    detail = (
        f"A newer natgw wrote it, with schema version {request.version}; this natgw knows versions up to {current}. "
        "Upgrade natgw to the version that wrote the state, or a later one."
    )
    return error(summary, detail)


def _with_tuples(raw: Any) -> Any:
    if isinstance(raw, dict):
        return {name: _with_tuples(member) for name, member in raw.items()}
    return tuple(_with_tuples(element) for element in raw) if isinstance(raw, list) else raw
