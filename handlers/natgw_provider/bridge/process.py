"""The provider process while it serves, from the handshake to the end."""

from __future__ import annotations

import signal
from time import monotonic
from typing import TYPE_CHECKING, Final

from natgw_provider.bridge.lifecycle import GRACE, Lifecycle
from natgw_provider.bridge.loop import Loop
from natgw_provider.bridge.services import PluginService
from natgw_provider.bridge.transport import PluginServer

if TYPE_CHECKING:
    import socket
    import ssl

    from natgw_provider.bridge.session import Session

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
