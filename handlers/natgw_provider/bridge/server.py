"""The provider's entry: `serve` is what the executable calls, `serve_debug` what a developer does.

Terraform starts a provider several times per command, so nothing is imported on the way to the handshake that the
handshake does not need: HTTP/2 is, once Terraform knows where to connect. The garbage collector is off until the
provider is configured, which saves a tenth.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from natgw_provider.bridge import handshake
from natgw_provider.bridge.log import Log, level_from_environment
from natgw_provider.bridge.session import Session
from natgw_provider.user_cache import cache_directory

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from natgw_provider.bridge.handlers import Provider

_LONGEST_SOCKET_PATH: Final = 103
"""Bytes of a unix socket's path that every system takes: macOS has room for 104 with the closing zero."""

_DEFAULT_TMPDIR: Final = "/tmp"  # noqa: S108 - for a directory of mode 0700 with an unguessable name

_BACKLOG: Final = 100
"""Connections that may wait to be accepted."""

_OPENSSL_ADVICE: Final = (
    "Its configuration is at fault, as when it asks for FIPS and the FIPS module is missing: correct or unset "
    "OPENSSL_CONF, or install the module with `openssl fipsinstall`."
)
_SPACE_ADVICE: Final = "Set TMPDIR to a folder that natgw may write to and that has space."


class _UnusableError(Exception):
    """The environment does not let the provider start; the message is for the user."""


def serve(provider_factory: Callable[[], Provider], schema_file: str | None = None) -> int:
    """Serve the provider to the Terraform that started this process, until it is done; return the exit code.

    Started by anyone else, it explains itself on stderr and returns 1. The factory is called after the handshake, in a
    thread. `schema_file` holds the serialized answer to GetProviderSchema: the first of Terraform's starts asks for
    nothing else, and need not work it out. The caller should hand the code to `os._exit`: Terraform waits for the end
    of the process, and Python's own way out takes longer than anything there is left to tidy up.
    """
    if not handshake.started_by_terraform(os.environ):
        sys.stderr.write(handshake.EXPLANATION)
        return 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    handshake.leave_stdin()
    stdout = handshake.take_stdout()
    gc.disable()
    try:
        with private_directory() as directory:
            security, announced = _security(directory)
            listener = _listen(directory)
            os.write(stdout, handshake.handshake_line(listener.getsockname(), announced).encode())
            os.close(stdout)
            from natgw_provider.bridge.process import Process  # noqa: PLC0415 - while Terraform connects

            session = _session(provider_factory, schema_file=schema_file)
            return Process(session, listener, security, parent=os.getppid()).run()
    except _UnusableError as failure:
        # Instead of the handshake: Terraform shows the user what it finds there, and nothing of stderr.
        os.write(stdout, f"{failure}\n".encode())
        sys.stderr.write(f"{failure}\n")
        return 1


def serve_debug(provider_factory: Callable[[], Provider], source_address: str) -> int:
    """Serve to any Terraform of this user that has the printed `TF_REATTACH_PROVIDERS`, until SIGINT or SIGTERM.

    `source_address` is the provider's full one, HOST/NAMESPACE/TYPE. There is no TLS; the socket is
    this user's alone.
    """
    from natgw_provider.bridge.process import Process  # noqa: PLC0415 - as in `serve`

    handshake.leave_stdin()
    try:
        with private_directory() as directory:
            listener = _listen(directory)
            setting = handshake.reattach_setting(source_address, listener.getsockname())
            sys.stdout.write(f"TF_REATTACH_PROVIDERS='{setting}'\n")
            sys.stdout.flush()
            return Process(_session(provider_factory, reusable=True), listener, None, parent=None).run()
    except _UnusableError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1


def _session(
    provider_factory: Callable[[], Provider], *, schema_file: str | None = None, reusable: bool = False
) -> Session:
    log = Log(level_from_environment(os.environ), "natgw")
    return Session(provider_factory, log, schema_file=schema_file, reusable=reusable)


def _security(directory: str) -> tuple[tuple[ssl.SSLContext, bytes] | None, bytes | None]:
    """Return the TLS context with the client's certificate, and ours (both DER); None each when none is asked for."""
    client_certificate = os.environ.get(handshake.CLIENT_CERTIFICATE_NAME)
    if not client_certificate:
        return None, None
    from natgw_provider.bridge import tls  # noqa: PLC0415 - not needed by who starts it by hand

    with _or_unusable("natgw cannot use OpenSSL", _OPENSSL_ADVICE):
        context = tls.server_context()
    with _or_unusable(f"{handshake.CLIENT_CERTIFICATE_NAME} does not hold a usable certificate"):
        pinned = tls.let_in(context, client_certificate)
    with _or_unusable(f"natgw cannot write its TLS certificate to {directory}", _SPACE_ADVICE):
        return (context, pinned), tls.install_certificate(context, cache_directory(os.environ), directory)


@contextmanager
def _or_unusable(what: str, advice: str = "") -> Iterator[None]:
    """Turn what the operating system or OpenSSL refuses into one line for the user: what failed, why, what to do."""
    try:
        yield
    except (OSError, ValueError) as failure:
        raise _UnusableError(f"{what}: {failure}. {advice}".rstrip()) from failure


@contextmanager
def private_directory() -> Iterator[str]:
    """Make a directory that only this user can enter, for a socket in it; remove it after.

    It is in TMPDIR, or in /tmp when the handshake or a socket cannot have the path of TMPDIR.
    """
    name = f"natgw-{os.urandom(8).hex()}"
    configured = os.environ.get("TMPDIR") or _DEFAULT_TMPDIR
    unusable = _unusable_for_a_socket(os.path.join(configured, name))
    directory = os.path.join(_DEFAULT_TMPDIR if unusable else configured, name)
    advice = "Set TMPDIR to a folder that natgw may write to."
    if unusable:
        advice = f"TMPDIR is not used: its path {unusable}. Set it to a shorter path of plain characters."
    with _or_unusable("natgw cannot make a folder for its socket", advice):
        os.mkdir(directory, mode=0o700)
    try:
        yield directory
    finally:
        with suppress(OSError):  # someone tidied up before us
            for leftover in os.listdir(directory):
                os.unlink(os.path.join(directory, leftover))
            os.rmdir(directory)


def _unusable_for_a_socket(directory: str) -> str | None:
    """Say why a socket in `directory` cannot be announced to Terraform; None when it can.

    The handshake is one line of UTF-8 whose fields end at a "|".
    """
    path = _socket_path(directory)
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        return "is too long for a socket"
    if "|" in path or not path.isprintable():
        return "has a character that the handshake cannot carry"
    return None


def _listen(directory: str) -> socket.socket:
    """Return a socket in `directory` that clients can connect to from now on; they wait until somebody accepts."""
    listener = socket.socket(socket.AF_UNIX)
    with _or_unusable(f"natgw cannot make a socket in {directory}", "Set TMPDIR to a folder where it can."):
        try:
            listener.bind(_socket_path(directory))
        except OSError:
            listener.close()
            raise
    listener.listen(_BACKLOG)
    return listener


def _socket_path(directory: str) -> str:
    return os.path.join(directory, "s")
