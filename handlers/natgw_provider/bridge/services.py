"""The gRPC methods of a provider process: the provider's RPCs, in threads, and go-plugin's own few.

Protobuf is imported with the first RPC that needs it: never by a process that Terraform starts for the schema alone.
"""

from __future__ import annotations

import gc
import threading
from functools import partial
from typing import TYPE_CHECKING, Final

from grpclib.const import Cardinality

from natgw_provider.bridge.transport import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    from natgw_provider.bridge.lifecycle import Lifecycle
    from natgw_provider.bridge.session import Session
    from natgw_provider.bridge.transport import BytesStream

METHODS: Final = (
    "GetMetadata",
    "GetProviderSchema",
    "GetResourceIdentitySchemas",
    "GetFunctions",
    "ValidateProviderConfig",
    "ValidateResourceConfig",
    "ValidateDataResourceConfig",
    "UpgradeResourceState",
    "UpgradeResourceIdentity",
    "ConfigureProvider",
    "ReadResource",
    "PlanResourceChange",
    "ApplyResourceChange",
    "ImportResourceState",
    "GenerateResourceConfig",
    "MoveResourceState",
    "ReadDataSource",
)
"""The provider's RPCs that run in threads; `rpc.dispatch.RPCS` says what each does."""

_EMPTY: Final = b""
"""A serialized message with no field set: StopProvider's answer without an error, and go-plugin's Empty."""

_SERVING: Final = b"\x08\x01"
"""A serialized HealthCheckResponse with status SERVING."""

_IMPORTING: Final = threading.Lock()


def plugin_service(session: Session, lifecycle: Lifecycle) -> Service:
    """Return everything that Terraform may call."""

    async def in_thread(method: str, request: bytes) -> bytes:
        return await lifecycle.in_thread(partial(_answer, session, method, request))

    async def stop(_request: bytes) -> bytes:
        session.stop()
        return _EMPTY

    async def health(_request: bytes) -> bytes:
        return _SERVING

    async def shutdown(stream: BytesStream) -> None:
        await stream.recv_message()
        await stream.send_message(_EMPTY)
        await stream.send_trailing_metadata()
        lifecycle.leave()

    async def hold(_stream: BytesStream) -> None:
        await lifecycle.left()

    service = Service()
    for method in METHODS:
        service.unary(f"/tfplugin6.Provider/{method}", partial(in_thread, method), lifecycle)
    service.unary("/tfplugin6.Provider/StopProvider", stop, lifecycle)
    service.unary("/grpc.health.v1.Health/Check", health, lifecycle)
    service.streaming("/plugin.GRPCController/Shutdown", shutdown, Cardinality.UNARY_UNARY)
    service.streaming("/plugin.GRPCStdio/StreamStdio", hold, Cardinality.UNARY_STREAM)
    service.streaming("/plugin.GRPCBroker/StartStream", hold, Cardinality.STREAM_STREAM)
    return service


def _answer(session: Session, method: str, request: bytes) -> bytes:
    if method == "GetProviderSchema" and (prepared := session.prepared_schema()):
        return prepared
    response = _dispatcher()(session, method, request)
    if method == "ConfigureProvider" and not gc.isenabled():
        # The start-up ends here, and with it the time without the collector; what has been imported stays for good.
        gc.freeze()
        gc.enable()
    return response


def _dispatcher() -> Callable[[Session, str, bytes], bytes]:
    """Import what answers RPCs, and protobuf with it; one thread at a time, or a second one hides the first's error."""
    with _IMPORTING:
        from natgw_provider.bridge.rpc.dispatch import answer  # noqa: PLC0415 - not before the handshake

        return answer
