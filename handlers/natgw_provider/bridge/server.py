"""The provider process: `serve` is what the executable calls, `serve_debug` what a developer does.

Nothing is imported on the way to the handshake that the handshake does not need: Terraform starts a provider several
times per command. Protobuf, the codec and the provider itself load in a thread while Terraform connects.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import ssl
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from natgw_provider.bridge import handshake, tls
from natgw_provider.bridge.foreign_logs import forward_library_logs
from natgw_provider.bridge.lifecycle import Lifecycle
from natgw_provider.bridge.log import Log, level_from_environment
from natgw_provider.bridge.services import load_ahead, plugin_service
from natgw_provider.bridge.session import Session
from natgw_provider.bridge.transport import PluginServer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from natgw_provider.bridge.handlers import Provider

_LONGEST_SOCKET_PATH: Final = 103
"""Bytes of a unix socket's path that every system takes: macOS has room for 104 with the closing zero."""


def serve(provider_factory: Callable[[], Provider]) -> int:
    """Serve the provider to the Terraform that started this process, until it is done; return the exit code.

    Started by anyone else, it explains itself on stderr and returns 1.
    """
    if not handshake.started_by_terraform(os.environ):
        sys.stderr.write(handshake.EXPLANATION)
        return 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stdout = handshake.take_stdout()
    session = Session(provider_factory, Log(level_from_environment(os.environ), "natgw"))
    with private_directory() as directory:
        try:
            context, pinned, announced = _security(directory)
        except (ssl.SSLError, ValueError) as failure:
            sys.stderr.write(f"{handshake.CLIENT_CERTIFICATE_NAME} does not hold a usable certificate: {failure}\n")
            return 1
        line = handshake.handshake_line(_socket_path(directory), announced)

        def announce() -> None:
            os.write(stdout, line.encode())
            os.close(stdout)

        process = _Process(session, os.getppid(), pinned)
        return asyncio.run(process.run(_socket_path(directory), context, announce))


def serve_debug(provider_factory: Callable[[], Provider], source_address: str) -> int:
    """Serve to any Terraform of this user that has the printed `TF_REATTACH_PROVIDERS`, until SIGINT or SIGTERM.

    `source_address` is the provider's full one, `registry.terraform.io/NAMESPACE/TYPE`. There is no TLS; the socket is
    this user's alone.
    """
    session = Session(provider_factory, Log(level_from_environment(os.environ), "natgw"), reusable=True)
    with private_directory() as directory:
        setting = handshake.reattach_setting(source_address, _socket_path(directory))

        def announce() -> None:
            sys.stdout.write(f"TF_REATTACH_PROVIDERS='{setting}'\n")
            sys.stdout.flush()

        process = _Process(session, None, None)
        return asyncio.run(process.run(_socket_path(directory), None, announce))


class _Process:
    """Serves a session until its end; `parent` of None means debugging."""

    def __init__(self, session: Session, parent: int | None, pinned: bytes | None) -> None:
        self._session = session
        self._parent = parent
        self._pinned = pinned

    async def run(self, path: str, context: ssl.SSLContext | None, announce: Callable[[], None]) -> int:
        forward_library_logs(self._session.log)
        lifecycle = Lifecycle(self._parent)
        self._handle_signals(lifecycle)
        service = plugin_service(self._session, lifecycle)
        server = PluginServer(service, lifecycle, self._pinned)
        await server.start(path=path, ssl=context)
        announce()
        load_ahead(self._session)
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


def _security(directory: Path) -> tuple[ssl.SSLContext | None, bytes | None, bytes | None]:
    """Return the TLS context, the client's certificate and ours (both DER); all None when Terraform asked for none."""
    client_certificate = os.environ.get(handshake.CLIENT_CERTIFICATE_NAME)
    if not client_certificate:
        return None, None, None
    context = tls.server_context(client_certificate)
    pinned = ssl.PEM_cert_to_DER_cert(client_certificate)
    announced = tls.install_certificate(context, tls.cache_directory(os.environ), directory)
    return context, pinned, announced


@contextmanager
def private_directory() -> Iterator[Path]:
    """Make a directory that only this user can enter, with a path short enough for a socket in it; remove it after."""
    name = f"natgw-{secrets.token_hex(8)}"
    directory = Path(os.environ.get("TMPDIR") or "/tmp") / name  # noqa: S108 - mode 0700 and an unguessable name
    if len(os.fsencode(_socket_path(directory))) > _LONGEST_SOCKET_PATH:
        directory = Path("/tmp") / name  # noqa: S108 - as above
    directory.mkdir(mode=0o700)
    try:
        yield directory
    finally:
        for leftover in directory.iterdir():
            leftover.unlink()
        directory.rmdir()


def _socket_path(directory: Path) -> str:
    return str(directory / "s")
