"""The provider process while it serves: its session, and the RPCs that it answers at once or in threads of their own.

Protobuf is imported with the first RPC that needs it: never by a process that Terraform starts for the schema alone.
"""

from __future__ import annotations

import gc
import signal
import threading
from contextlib import contextmanager
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Final

from natgw_provider.bridge.grpc_connection import INTERNAL, UNIMPLEMENTED, GrpcError
from natgw_provider.bridge.loop import GRACE, Lifecycle, Loop
from natgw_provider.bridge.transport import PluginServer

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Iterator
    from types import ModuleType

    from natgw_provider.bridge.handlers import Context, Provider
    from natgw_provider.bridge.log import Log
    from natgw_provider.bridge.transport import Reply

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
    """What one process knows while it serves: the provider, Terraform's version, and whether to stop.

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
        self._stream_stops: set[threading.Event] = set()
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
        """Note which Terraform calls."""
        self._terraform_version = terraform_version
        if self._reusable and self._stop.is_set():
            self._stop = threading.Event()

    def stop(self) -> None:
        """Ask every handler that runs, or will run, to finish soon."""
        self._stop.set()
        for stop in self._stream_stops.copy():
            stop.set()

    @contextmanager
    def stops_too(self, stop: threading.Event) -> Iterator[None]:
        """Let `stop`, which a client sets to cancel one stream, be set by `self.stop` too."""
        self._stream_stops.add(stop)
        if self._stop.is_set():
            stop.set()
        try:
            yield
        finally:
            self._stream_stops.discard(stop)

    def context(self, stop: threading.Event | None = None) -> Context:
        """Return what a handler gets beside its request; `stop` is the handler's own order to stop, if it has one."""
        from natgw_provider.bridge.handlers import Context  # noqa: PLC0415 - not before the handshake

        return Context(stop or self._stop, self._terraform_version, self.log)


class Process:
    """Serves `session` to the clients of `listener`.

    What is quick is answered at once. Each other RPC runs in a thread of its own, with no limit to their number: as
    many calls wait at a time as Terraform's -parallelism allows. `security` is the TLS context and the one client
    certificate to accept (DER), None without TLS; `parent` the process that must live, None when any number of clients
    may come and go.
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
        self._server = PluginServer(
            self._loop,
            listener,
            security,
            left_open=_LEFT_OPEN,
            handle=self._handle,
            lifecycle=self._lifecycle,
            log=session.log,
        )
        self._quick: dict[str, Callable[[], bytes]] = {
            f"{_PROVIDER}StopProvider": self._stop,
            "/plugin.GRPCController/Shutdown": self._shut_down,
            "/grpc.health.v1.Health/Check": lambda: _SERVING,
        }
        self._handle_signals(is_debugged=parent is None)

    def run(self) -> int:
        """Serve until the end, and return the exit code."""
        while not self._lifecycle.is_over:
            self._loop.turn(_TICK)
        self._session.stop()
        self._await_handlers(monotonic() + GRACE)
        for number in (signal.SIGINT, signal.SIGTERM):  # the process ends in order from here, whatever is sent to it
            signal.signal(number, signal.SIG_IGN)
        self._loop.close()
        return 0

    def _await_handlers(self, deadline: float) -> None:
        """Let running handlers return, and their answers be sent, until `deadline`."""
        while not self._lifecycle.is_idle or self._server.has_unsent:
            if monotonic() > deadline:
                idle = self._lifecycle.is_idle
                why = "a client does not receive its answer" if idle else "handlers still run"
                self._session.log.error("ending although something is left to do", left=why)
                return
            self._loop.turn(min(_TICK, max(0.0, deadline - monotonic())))

    def _handle_signals(self, *, is_debugged: bool) -> None:
        # Posted, since a handler interrupts this very thread, and must not wait for a lock that it may hold.
        if is_debugged:
            signal.signal(signal.SIGINT, lambda *_: self._loop.post(self._lifecycle.shut_down))
            signal.signal(signal.SIGTERM, lambda *_: self._loop.post(self._lifecycle.shut_down))
        else:
            signal.signal(signal.SIGTERM, lambda *_: self._loop.post(self._session.stop))

    def _handle(self, method: str, request: bytes, reply: Reply) -> None:
        """Begin to answer a call; in the loop's thread."""
        if method in self._quick:
            reply.answer(self._quick[method]())
            return
        thread = threading.Thread(target=self._run, args=(method, request, reply), daemon=True)
        self._lifecycle.began()
        try:
            thread.start()
        except RuntimeError as failure:  # the system has no thread left
            self._finish(partial(reply.answer, _cannot_answer(failure)))

    def _run(self, method: str, request: bytes, reply: Reply) -> None:
        if method == f"{_PROVIDER}ListResource":
            finish = partial(reply.finish, _list(self._session, request, reply))
        else:
            finish = partial(reply.answer, _answer(self._session, method, request))
        self._loop.post(partial(self._finish, finish))

    def _finish(self, finish: Callable[[], None]) -> None:
        self._lifecycle.ended()
        finish()

    def _stop(self) -> bytes:
        self._session.stop()
        return _EMPTY

    def _shut_down(self) -> bytes:
        self._lifecycle.shut_down()
        return _EMPTY


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


def _list(session: Session, request: bytes, reply: Reply) -> GrpcError | None:
    """Send the events of a list; an error means a broken installation, as in `_answer`."""
    try:
        with session.stops_too(reply.stop):
            _dispatch().list_resource(session, request, reply.send, reply.stop)
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
