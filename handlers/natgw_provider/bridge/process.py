"""The provider process while it serves: the event loop, from the handshake to the end."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

from natgw_provider.bridge.foreign_logs import forward_library_logs
from natgw_provider.bridge.lifecycle import Lifecycle
from natgw_provider.bridge.services import plugin_service
from natgw_provider.bridge.transport import PluginServer

if TYPE_CHECKING:
    import socket
    import ssl

    from natgw_provider.bridge.session import Session


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
        self._listener = listener
        self._security = security
        self._parent = parent

    def run(self) -> int:
        """Serve until the end, and return the exit code."""
        return asyncio.run(self._run())

    async def _run(self) -> int:
        forward_library_logs(self._session.log)
        lifecycle = Lifecycle(self._parent)
        self._handle_signals(lifecycle)
        context, certificate = self._security or (None, None)
        server = PluginServer(plugin_service(self._session, lifecycle), lifecycle, certificate)
        await server.start(sock=self._listener, ssl=context)
        await lifecycle.until_leaving()
        self._session.stop()
        if not await lifecycle.until_idle():
            self._session.log.error("handlers still run; ending without them")
        server.close()
        return 0

    def _handle_signals(self, lifecycle: Lifecycle) -> None:
        loop = asyncio.get_running_loop()
        if self._parent is None:
            loop.add_signal_handler(signal.SIGINT, lifecycle.leave)
            loop.add_signal_handler(signal.SIGTERM, lifecycle.leave)
        else:
            loop.add_signal_handler(signal.SIGTERM, self._session.stop)
