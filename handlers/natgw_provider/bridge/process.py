"""The provider process while it serves: what Terraform may call, answered at once or from threads of their own.

Protobuf is imported with the first RPC that needs it: never by a process that Terraform starts for the schema alone.
"""

from __future__ import annotations

import gc
import signal
import threading
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

from natgw_provider.bridge.grpc_connection import INTERNAL, GrpcError
from natgw_provider.bridge.loop import GRACE, Lifecycle, Loop
from natgw_provider.bridge.transport import PluginServer

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable

    from natgw_provider.bridge.session import Session
    from natgw_provider.bridge.transport import Reply

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


class PluginService:
    """What Terraform may call: answers at once what is quick, and the provider's RPCs from threads of their own.

    There is no limit to the number of threads: as many calls wait at a time as Terraform's -parallelism allows.
    """

    def __init__(self, session: Session, lifecycle: Lifecycle, loop: Loop) -> None:
        self._session = session
        self._lifecycle = lifecycle
        self._loop = loop
        self._quick: dict[str, Callable[[], bytes]] = {
            "/tfplugin6.Provider/StopProvider": self._stop,
            "/plugin.GRPCController/Shutdown": self._shut_down,
            "/grpc.health.v1.Health/Check": lambda: _SERVING,
        }
        self.unary = frozenset({*self._quick, *map(_full_name, METHODS)})
        self.held = frozenset({"/plugin.GRPCStdio/StreamStdio", "/plugin.GRPCBroker/StartStream"})

    def take(self, method: str, request: bytes, reply: Reply) -> None:
        """Begin to answer a call; see `transport.Service`."""
        if method in self._quick:
            reply(self._quick[method]())
            return
        thread = threading.Thread(target=self._run, args=(method.rpartition("/")[2], request, reply), daemon=True)
        self._lifecycle.began()
        try:
            thread.start()
        except RuntimeError as failure:  # the system gives no more threads
            self._finish(reply, _cannot(failure))

    def _run(self, method: str, request: bytes, reply: Reply) -> None:
        answer = _answered(self._session, method, request)
        self._loop.post(partial(self._finish, reply, answer))

    def _finish(self, reply: Reply, answer: bytes | GrpcError) -> None:
        self._lifecycle.ended()
        reply(answer)

    def _stop(self) -> bytes:
        self._session.stop()
        return _EMPTY

    def _shut_down(self) -> bytes:
        self._lifecycle.leave()
        return _EMPTY


def _full_name(method: str) -> str:
    return f"/tfplugin6.Provider/{method}"


def _answered(session: Session, method: str, request: bytes) -> bytes | GrpcError:
    """Return the answer. An error is a broken installation: what can be told to users is in the answer."""
    try:
        return _answer(session, method, request)
    except Exception as failure:  # noqa: BLE001 - the one who waits must hear of it
        return _cannot(failure)


def _cannot(failure: Exception) -> GrpcError:
    return GrpcError(INTERNAL, f"natgw cannot answer, {type(failure).__name__}: {failure}")


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


_TICK: Final = 0.5
"""Seconds between two looks at whether Terraform is still there."""


class Process:
    """Serves `session` to who connects to `listener`.

    `security` is the TLS context and the one client certificate to let in (DER), None without TLS; `parent` the process
    that must live, None when any number of clients may come and go.
    """

    def __init__(
        self,
        session: Session,
        listener: socket.socket,
        security: tuple[ssl.SSLContext, bytes] | None,
        *,
        parent: int | None,
    ) -> None:
        self._session = session
        self._loop = Loop()
        self._lifecycle = Lifecycle(parent)
        service = PluginService(session, self._lifecycle, self._loop)
        self._server = PluginServer(
            self._loop, listener, security, service=service, lifecycle=self._lifecycle, log=session.log
        )
        self._handle_signals(is_debugged=parent is None)

    def run(self) -> int:
        """Serve until the end, and return the exit code."""
        while not self._lifecycle.is_over:
            self._loop.turn(_TICK)
        self._session.stop()
        self._finish(monotonic() + GRACE)
        for number in (signal.SIGINT, signal.SIGTERM):  # the end has begun, and is to be an orderly one
            signal.signal(number, signal.SIG_IGN)
        self._loop.close()
        return 0

    def _finish(self, deadline: float) -> None:
        """Let what runs come to its end, and let its answers be sent, until `deadline`."""
        while not self._lifecycle.is_idle or self._server.has_unsent:
            if monotonic() > deadline:
                idle = self._lifecycle.is_idle
                why = "a client does not take its answer" if idle else "handlers still run"
                self._session.log.error("ending although something is left to do", left=why)
                return
            self._loop.turn(min(_TICK, max(0.0, deadline - monotonic())))

    def _handle_signals(self, *, is_debugged: bool) -> None:
        # Posted, since a handler interrupts this very thread, and must not take a lock that it may hold.
        if is_debugged:
            signal.signal(signal.SIGINT, lambda *_: self._loop.post(self._lifecycle.leave))
            signal.signal(signal.SIGTERM, lambda *_: self._loop.post(self._lifecycle.leave))
        else:
            signal.signal(signal.SIGTERM, lambda *_: self._loop.post(self._session.stop))
