"""The provider process while it serves: its session, and a thread for each call.

Protobuf is imported with the first RPC that needs it: never by a process that Terraform starts for the schema alone.
"""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final

from natgw_provider.bridge.grpc_connection import INTERNAL, UNIMPLEMENTED, Call, GrpcConnection, GrpcError
from natgw_provider.bridge.lifecycle import GRACE, Lifecycle
from natgw_provider.bridge.transport import Connection, PlainChannel, TlsChannel

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable
    from types import ModuleType

    from natgw_provider.bridge.handlers import Context, Provider
    from natgw_provider.bridge.log import Log

_PROVIDER: Final = "/tfplugin6.Provider/"
"""What the full name of each of Terraform's methods begins with."""

_TICK: Final = 0.5
"""Seconds between two checks of whether Terraform is still there."""

_EMPTY: Final = b""
"""A serialized message with no field set: StopProvider's answer without an error, and go-plugin's Empty."""

_SERVING: Final = b"\x08\x01"
"""A serialized HealthCheckResponse with status SERVING."""

_LEFT_OPEN: Final = frozenset({"/plugin.GRPCStdio/StreamStdio", "/plugin.GRPCBroker/StartStream"})
"""Calls of go-plugin that stay open as long as the connection; natgw sends nothing on them."""

_IMPORTING: Final = threading.Lock()


class Session:
    """What the calls of one process share: the provider, Terraform's version, and whether to stop.

    Threads may share it. With `reusable`, for debugging, one process serves one Terraform after another: a stop ends
    with the next ConfigureProvider.
    """

    def __init__(
        self,
        provider_factory: Callable[[], Provider],
        log: Log,
        *,
        schema_file: str | None = None,
        reusable: bool = False,
    ) -> None:
        self.log = log
        self._schema_file = schema_file
        self._factory = provider_factory
        self._reusable = reusable
        self._provider: Provider | None = None
        self._making = threading.Lock()
        self._stop = threading.Event()
        self._terraform_version = ""

    @property
    def provider(self) -> Provider:
        """The provider, made on first use; what the factory raises is raised to every caller."""
        with self._making:
            if self._provider is None:
                self._provider = self._factory()
            return self._provider

    def prepared_schema(self) -> bytes | None:
        """Return the prepared answer to GetProviderSchema, None when it does not exist or cannot be read."""
        if self._schema_file is None:
            return None
        try:
            with open(self._schema_file, "rb") as file:
                return file.read()
        except OSError as failure:
            self.log.debug("the prepared schema cannot be read", error=failure)
            return None

    def configure(self, terraform_version: str) -> None:
        """Keep the version of the Terraform that calls."""
        self._terraform_version = terraform_version
        if self._reusable and self._stop.is_set():
            self._stop = threading.Event()

    def stop(self) -> None:
        """Stop every handler that runs or will run."""
        self._stop.set()

    def context(self) -> Context:
        """Return what a handler gets beside its request."""
        from natgw_provider.bridge.handlers import Context  # noqa: PLC0415 - not before the handshake

        return Context(self._stop, self._terraform_version, self.log)


class Process:
    """Serves `session` to the clients of `listener`, each in a thread of its own, and each call in another one.

    The number of threads has no limit: as many calls wait at a time as Terraform's -parallelism allows. `security` is
    the TLS context and the one client certificate to accept (DER), None without TLS; `parent` the process that must
    live, None when any number of clients may come and go.
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
        self._listener = listener
        self._security = security
        self._lifecycle = Lifecycle(parent)
        self._is_terminated = False
        self._on_termination = self._lifecycle.shut_down if parent is None else session.stop
        signal.signal(signal.SIGTERM, self._terminate)
        if parent is None:
            signal.signal(signal.SIGINT, self._terminate)

    def run(self) -> int:
        """Serve until the end, and return the exit code."""
        threading.Thread(target=self._accept, daemon=True).start()
        while not self._lifecycle.wait_for_end(_TICK):
            if self._is_terminated:
                self._on_termination()
        self._session.stop()
        if not self._lifecycle.wait_for_handlers(GRACE):
            self._session.log.error("ending although handlers still run")
        return 0

    def _terminate(self, _number: int, _frame: object) -> None:
        # A signal handler interrupts the main thread, and must not wait for a lock that this thread may hold.
        self._is_terminated = True

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connected, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(connected,), daemon=True).start()

    def _serve(self, connected: socket.socket) -> None:
        channel = TlsChannel(*self._security) if self._security else PlainChannel()
        try:
            Connection(connected, channel, GrpcConnection(_LEFT_OPEN)).serve(self._lifecycle, self._handle)
        except OSError as failure:
            self._session.log.debug("a connection has ended", reason=failure)
        except Exception as failure:  # noqa: BLE001 - it ends this connection and no other
            self._log_bug(failure)

    def _handle(self, connection: Connection, call: Call) -> None:
        """Begin to answer a call; in the thread that reads from its client."""
        self._lifecycle.began()
        try:
            threading.Thread(target=self._run, args=(connection, call), daemon=True).start()
        except RuntimeError as failure:  # the system has no thread left
            connection.finish(call.stream, _cannot_answer(failure))
            self._lifecycle.ended()

    def _run(self, connection: Connection, call: Call) -> None:
        try:
            self._respond(connection, call)
        except Exception as failure:  # noqa: BLE001 - Terraform must not wait without end
            self._log_bug(failure)
            connection.close()
        finally:
            self._lifecycle.ended()

    def _respond(self, connection: Connection, call: Call) -> None:
        match call.method:
            case "/tfplugin6.Provider/ListResource":
                error = _list(self._session, call.request, partial(connection.send, call.stream))
                connection.finish(call.stream, error)
            case "/tfplugin6.Provider/StopProvider":
                self._session.stop()
                connection.answer(call.stream, _EMPTY)
            case "/plugin.GRPCController/Shutdown":
                self._lifecycle.shut_down()
                connection.answer(call.stream, _EMPTY)
            case "/grpc.health.v1.Health/Check":
                connection.answer(call.stream, _SERVING)
            case method:
                connection.answer(call.stream, _answer(self._session, method, call.request))

    def _log_bug(self, failure: Exception) -> None:
        from traceback import format_exception  # noqa: PLC0415 - for natgw's own mistakes alone

        trace = "".join(format_exception(failure))
        self._session.log.error("a connection is closed because of a bug in natgw", traceback=trace)


def _answer(session: Session, method: str, request: bytes) -> bytes | GrpcError:
    """Return the answer to a call with one response.

    An error means an unknown method or a broken installation: all else is a diagnostic in the answer.
    """
    name = method.removeprefix(_PROVIDER)
    try:
        if name == "GetProviderSchema" and (prepared := session.prepared_schema()):
            return prepared
        dispatch = _dispatch()
        if name not in dispatch.RPCS:
            return GrpcError(UNIMPLEMENTED, f"natgw has no method {method}")
        response: bytes = dispatch.answer(session, name, request)
    except Exception as failure:  # noqa: BLE001 - Terraform waits for an answer
        return _cannot_answer(failure)
    if name == "ConfigureProvider" and not gc.isenabled():
        # The start-up ends here, and with it the time without the collector; what has been imported stays for good.
        gc.freeze()
        gc.enable()
    return response


def _list(session: Session, request: bytes, send: Callable[[bytes], bool]) -> GrpcError | None:
    """Send the events of a list; an error means a broken installation, as in `_answer`."""
    try:
        _dispatch().list_resource(session, request, send)
    except Exception as failure:  # noqa: BLE001 - Terraform waits for the end
        return _cannot_answer(failure)
    return None


def _cannot_answer(failure: Exception) -> GrpcError:
    return GrpcError(INTERNAL, f"natgw cannot answer, {type(failure).__name__}: {failure}")


def _dispatch() -> ModuleType:
    """Import what answers RPCs, and protobuf with it; one thread at a time, or a second one hides the first's error."""
    with _IMPORTING:
        from natgw_provider.bridge.rpc import dispatch  # noqa: PLC0415 - not before the handshake

        return dispatch
