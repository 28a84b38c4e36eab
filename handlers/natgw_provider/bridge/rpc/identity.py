"""A resource's identity in requests and responses; absent throughout when its type declares none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from natgw_provider.bridge import wire
from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc.messages import give, take_object

if TYPE_CHECKING:
    from collections.abc import Sequence

    from natgw_provider.bridge.handlers import Object, Resource
    from natgw_provider.bridge.session import Session


def take_identity(resource: Resource, message: pb.ResourceIdentityData) -> Object | None:
    """Return the identity that Terraform sent, None when it has none."""
    if resource.identity_schema is None:
        return None
    return take_object(resource.identity_schema.value_type, message.identity_data)


def give_identity(
    resource: Resource, identity: Object | None, stored: Object | None, *, known: bool = True
) -> pb.ResourceIdentityData | None:
    """Return a handler's identity for a response, `stored` when it gave none, None when there is none to send."""
    identity = stored if identity is None else identity
    if resource.identity_schema is None or identity is None:
        return None
    return pb.ResourceIdentityData(identity_data=give(resource.identity_schema.value_type, identity, known=known))


def upgrade_resource_identity(
    _session: Session,
    resource: Resource,
    request: pb.UpgradeResourceIdentity.Request,
    response: pb.UpgradeResourceIdentity.Response,
) -> Sequence[Diagnostic]:
    """Return a stored identity in the current schema's form; there is only the one version so far."""
    schema = resource.identity_schema
    if schema is None or request.version != schema.version:
        known = "none" if schema is None else f"version {schema.version}"
        detail = f"The state holds version {request.version} of its identity, this natgw knows {known}. Upgrade natgw."
        return [error(f"natgw cannot read the identity of a {request.type_name}", detail)]
    try:
        value = wire.decode_json(schema.value_type, request.raw_identity.json, lenient=True)
    except wire.WireError as mismatch:
        summary = f"natgw cannot read the identity of a {request.type_name}"
        raise DiagnosticsError([error(summary, f"The stored identity is damaged: {mismatch}.")]) from mismatch
    response.upgraded_identity.identity_data.CopyFrom(give(schema.value_type, value, known=True))
    return ()
