"""From the bytes of a request to the bytes of its response, whatever happens in between.

A gRPC error would lose the result of an apply, so no exception gets past this module: each becomes an error diagnostic,
and its traceback goes to the log alone.
"""

from __future__ import annotations

import traceback
from contextlib import closing
from dataclasses import dataclass
from time import monotonic
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from natgw_provider.bridge.diagnostics import Diagnostic, DiagnosticsError, error, has_error
from natgw_provider.bridge.protocol import tfplugin6_pb2 as pb
from natgw_provider.bridge.rpc import provider, resource
from natgw_provider.bridge.rpc.messages import REPORT, diagnostic_messages

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from natgw_provider.bridge.process import Session

_LONGEST_CAUSE: Final = 500
"""Characters of an exception's own text that a user is shown."""


@dataclass(frozen=True, slots=True)
class Rpc:
    """One RPC with one response: how to find its subject (the provider, or one of its types), and what it does.

    `handle` gets session, subject, request and response, fills in the response and returns diagnostics.
    """

    subject: Callable[[Session, Any], Any]
    handle: Callable[[Session, Any, Any, Any], Sequence[Diagnostic]]


def _provider(session: Session, _request: object) -> Any:
    return session.provider


def _resource(session: Session, request: Any) -> Any:
    return _of_type(session.provider.resources, request.type_name, "resource type")


def _data_source(session: Session, request: Any) -> Any:
    return _of_type(session.provider.data_sources, request.type_name, "data source")


def _list_resource(session: Session, request: Any) -> Any:
    return _of_type(session.provider.list_resources, request.type_name, "list resource")


def _of_type(known: Any, name: str, kind: str) -> Any:
    if name not in known:
        detail = f"It has: {', '.join(sorted(known)) or 'none'}. A newer natgw may have it."
        raise DiagnosticsError([error(f"natgw has no {kind} {name}", detail)])
    return known[name]


RPCS: Final = MappingProxyType(
    {
        "GetMetadata": Rpc(_provider, provider.get_metadata),
        "GetProviderSchema": Rpc(_provider, provider.get_provider_schema),
        "GetResourceIdentitySchemas": Rpc(_provider, provider.get_resource_identity_schemas),
        "GetFunctions": Rpc(_provider, provider.get_functions),
        "ValidateProviderConfig": Rpc(_provider, provider.validate),
        "ConfigureProvider": Rpc(_provider, provider.configure_provider),
        "MoveResourceState": Rpc(_provider, provider.move_resource_state),
        "ValidateResourceConfig": Rpc(_resource, provider.validate),
        "UpgradeResourceState": Rpc(_resource, resource.upgrade_resource_state),
        "UpgradeResourceIdentity": Rpc(_resource, resource.upgrade_resource_identity),
        "ReadResource": Rpc(_resource, resource.read_resource),
        "PlanResourceChange": Rpc(_resource, resource.plan_resource_change),
        "ApplyResourceChange": Rpc(_resource, resource.apply_resource_change),
        "ImportResourceState": Rpc(_resource, resource.import_resource_state),
        "GenerateResourceConfig": Rpc(_resource, resource.generate_resource_config),
        "ValidateDataResourceConfig": Rpc(_data_source, provider.validate),
        "ReadDataSource": Rpc(_data_source, provider.read_data_source),
        "ValidateListResourceConfig": Rpc(_list_resource, provider.validate),
    }
)
"""The RPCs with one response that run in threads, by name; StopProvider is answered at once, see `process`."""


def answer(session: Session, method: str, data: bytes) -> bytes:
    """Return the serialized response of `method` (a key of `RPCS`) to the serialized request `data`; never raises.

    What a failed RPC had put into its response stays there: after an apply that is the new state.
    """
    rpc, message = RPCS[method], getattr(pb, method)
    response = message.Response()
    request = subject = None
    begun = monotonic()
    try:
        request = message.Request.FromString(data)
        subject = rpc.subject(session, request)
        diagnostics = rpc.handle(session, subject, request, response)
        messages = diagnostic_messages(diagnostics, subject.schema.value_type)
    except BaseException as failure:  # noqa: BLE001 - also a handler's SystemExit must not end the process
        messages = _failure_messages(session, method, request, subject, failure)
    response.diagnostics.extend(messages)
    session.log.trace("an RPC is answered", rpc=method, seconds=monotonic() - begun, diagnostics=len(messages))
    return bytes(response.SerializeToString(deterministic=True))


def list_resource(session: Session, data: bytes, send: Callable[[bytes], bool], stop: threading.Event) -> None:
    """Send the serialized events of ListResource, each as soon as it is made; never raises.

    The handler is resumed when `send` returns, and closed when that returns False: the client needs no more events.
    `stop` becomes the handler's order to stop. An exception becomes a last event that holds an error alone.
    """
    request = subject = None
    begun = monotonic()
    try:
        request = pb.ListResource.Request.FromString(data)
        subject = _list_resource(session, request)
        with closing(provider.list_events(session, subject, request, stop)) as events:
            for event in events:
                if not send(event.SerializeToString(deterministic=True)):
                    break
    except BaseException as failure:  # noqa: BLE001 - as in `answer`
        messages = _failure_messages(session, "ListResource", request, subject, failure)
        send(pb.ListResource.Event(diagnostic=messages).SerializeToString(deterministic=True))
    session.log.trace("a list is answered", seconds=monotonic() - begun)


def _failure_messages(
    session: Session, method: str, request: Any, subject: Any, failure: BaseException
) -> list[pb.Diagnostic]:
    """Log the traceback of `failure`, and return what the user is shown of it."""
    write = session.log.debug if isinstance(failure, DiagnosticsError) else session.log.error
    write("an RPC ended with an exception", rpc=method, traceback="".join(traceback.format_exception(failure)))
    type_ = None if subject is None else subject.schema.value_type
    return diagnostic_messages(_diagnostics_of(failure, method, getattr(request, "type_name", "")), type_)


def _diagnostics_of(failure: BaseException, method: str, type_name: str) -> Sequence[Diagnostic]:
    if isinstance(failure, DiagnosticsError) and has_error(failure.diagnostics):
        return failure.diagnostics
    cause = f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
    cause = cause if len(cause) <= _LONGEST_CAUSE else f"{cause[:_LONGEST_CAUSE]} ..."
    kept = " Terraform keeps the last known state; the next plan reads the true one."
    detail = f"{cause}.{kept if method == 'ApplyResourceChange' else ''} {REPORT}"
    location = f"{method} of {type_name}" if type_name else method
    return [error(f"natgw bug: {type(failure).__name__} in {location}", detail)]
