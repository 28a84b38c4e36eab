"""From the bytes of a request to the bytes of its response, also when a handler fails.

A gRPC error would lose the result of an apply, so no exception leaves this module: each becomes an error diagnostic,
and its traceback goes to the log alone.
"""

from __future__ import annotations

from contextlib import closing
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc import provider, resource
from natgw_provider.bridge.rpc.messages import failure_messages

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from natgw_provider.bridge.process import Session

RPCS: Final[Mapping[str, Callable[[Session, Any], Any]]] = MappingProxyType(
    {
        "GetProviderSchema": provider.get_provider_schema,
        "GetResourceIdentitySchemas": provider.get_resource_identity_schemas,
        "GetFunctions": provider.get_functions,
        "ValidateProviderConfig": provider.validate_provider_config,
        "ConfigureProvider": provider.configure_provider,
        "ValidateResourceConfig": resource.validate_resource_config,
        "UpgradeResourceState": resource.upgrade_resource_state,
        "UpgradeResourceIdentity": resource.upgrade_resource_identity,
        "ReadResource": resource.read_resource,
        "PlanResourceChange": resource.plan_resource_change,
        "ApplyResourceChange": resource.apply_resource_change,
        "ImportResourceState": resource.import_resource_state,
        "GenerateResourceConfig": resource.generate_resource_config,
        "MoveResourceState": resource.move_resource_state,
        "ValidateDataResourceConfig": provider.validate_data_resource_config,
        "ReadDataSource": provider.read_data_source,
        "ValidateListResourceConfig": provider.validate_list_resource_config,
    }
)
"""The RPCs with one response, by name: from session and request to response. The handlers' exceptions pass through.

ListResource has several responses, see `list_resource`. StopProvider needs no message, see `process`.
"""


def answer(session: Session, method: str, data: bytes) -> bytes:
    """Return the serialized response of `method` (a key of `RPCS`) to the serialized request `data`; never raises."""
    message = getattr(pb, method)
    request = None
    begun = monotonic()
    try:
        request = message.Request.FromString(data)
        response = RPCS[method](session, request)
    except BaseException as failure:  # noqa: BLE001 - also a handler's SystemExit must not end the process
        response = message.Response(diagnostics=failure_messages(session, method, request, failure))
    session.log.trace("an RPC is answered", rpc=method, seconds=monotonic() - begun)
    return bytes(response.SerializeToString(deterministic=True))


def list_resource(session: Session, data: bytes, send: Callable[[bytes], bool]) -> None:
    """Send the serialized events of ListResource, each as soon as it is made; never raises.

    The handler is resumed when `send` returns, and closed when that returns False: the client needs no more events. An
    exception becomes a last event that holds an error alone.
    """
    request = None
    begun = monotonic()
    try:
        request = pb.ListResource.Request.FromString(data)
        with closing(provider.list_events(session, request)) as events:
            for event in events:
                if not send(event.SerializeToString(deterministic=True)):
                    break
    except BaseException as failure:  # noqa: BLE001 - as in `answer`
        messages = failure_messages(session, "ListResource", request, failure)
        send(pb.ListResource.Event(diagnostic=messages).SerializeToString(deterministic=True))
    session.log.trace("a list is answered", seconds=monotonic() - begun)
