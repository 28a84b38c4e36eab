"""The provider's entry points: the executable calls `serve`, and `natgw provider --debug` calls `serve_debug`.

They make a socket and go-plugin's handshake: Terraform passes environment variables, and waits for one line on stdout.
Terraform starts a provider several times per command, so nothing is imported before the handshake that the handshake
does not need: HTTP/2 is imported while Terraform connects. The garbage collector is off until the provider is
configured, which saves a tenth of the start-up.
Source: docs/internals.md and server.go of hashicorp/go-plugin.
"""

from __future__ import annotations

import base64
import gc
import os
import signal
import socket
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from natgw_provider import SOURCE
from natgw_provider.bridge.log import Log, level_from_environment

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

    from natgw_provider.bridge.handlers import Provider

COOKIE_NAME: Final = "TF_PLUGIN_MAGIC_COOKIE"
COOKIE: Final = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
"""What Terraform sets when it starts a provider; not a secret."""

CLIENT_CERTIFICATE_NAME: Final = "PLUGIN_CLIENT_CERT"
_CORE_PROTOCOL: Final = 1
_PROTOCOL: Final = 6

_LONGEST_SOCKET_PATH: Final = 103
"""Bytes of a unix socket's path on every system: macOS has 104 with the closing zero."""

_DEFAULT_TMPDIR: Final = "/tmp"  # noqa: S108 - for a directory of mode 0700 with an unguessable name

_BACKLOG: Final = 100
"""Connections that may wait to be accepted."""

_EXPLANATION: Final = f"""\
This is a Terraform provider. Terraform starts it by itself; it does nothing when started by hand.
To make `terraform init` find it, run `natgw install`, and declare `source = "{SOURCE}"` in required_providers.
"""
_OPENSSL_ADVICE: Final = (
    "Its configuration is wrong, for example because it requires FIPS and the FIPS module is missing: correct or unset "
    "OPENSSL_CONF, or install the module with `openssl fipsinstall`."
)
_SPACE_ADVICE: Final = "Set TMPDIR to a folder that natgw may write to and that has space."


class _UnusableError(Exception):
    """The environment does not let the provider start; the message is for the user."""


def serve(provider_factory: Callable[[], Provider], schema_file: str | None = None) -> int:
    """Serve the provider to the Terraform that started this process, until it is done; return the exit code.

    Started by hand, it prints an explanation on stderr and returns 1. The factory is called after the handshake, in a
    thread. `schema_file` holds the serialized answer to GetProviderSchema: the first of Terraform's starts needs
    nothing else. The caller should pass the code to `os._exit`: Terraform waits for the end of the process, and
    Python's own exit takes longer than what is left to clean up.
    """
    if os.environ.get(COOKIE_NAME) != COOKIE:
        sys.stderr.write(_EXPLANATION)
        return 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _detach_stdin()
    stdout = _detach_stdout()
    gc.disable()
    try:
        with private_directory() as directory:
            security, announced = _security(directory)
            listener = _listen(directory)
            os.write(stdout, _handshake_line(listener.getsockname(), announced).encode())
            os.close(stdout)
            from natgw_provider.bridge.process import Process, Session  # noqa: PLC0415 - while Terraform connects

            session = Session(provider_factory, _log(), schema_file=schema_file)
            return Process(session, listener, security, parent=os.getppid()).run()
    except _UnusableError as failure:
        # In place of the handshake: Terraform shows the user what is on stdout, and nothing of stderr.
        os.write(stdout, f"{failure}\n".encode())
        sys.stderr.write(f"{failure}\n")
        return 1


def serve_debug(provider_factory: Callable[[], Provider], source_address: str) -> int:
    """Serve to any Terraform of this user that has the printed `TF_REATTACH_PROVIDERS`, until SIGINT or SIGTERM.

    `source_address` is the provider's full address, HOST/NAMESPACE/TYPE. TLS is not used; only this user can reach the
    socket.
    """
    import json  # noqa: PLC0415 - for debugging only

    from natgw_provider.bridge.process import Process, Session  # noqa: PLC0415 - as in `serve`

    _detach_stdin()
    try:
        with private_directory() as directory:
            listener = _listen(directory)
            address = {"Network": "unix", "String": listener.getsockname()}
            process = {"Protocol": "grpc", "ProtocolVersion": _PROTOCOL, "Pid": os.getpid(), "Test": True}
            setting = json.dumps({source_address: process | {"Addr": address}})
            sys.stdout.write(f"TF_REATTACH_PROVIDERS='{setting}'\n")
            sys.stdout.flush()
            return Process(Session(provider_factory, _log(), reusable=True), listener, None, parent=None).run()
    except _UnusableError as failure:
        sys.stderr.write(f"{failure}\n")
        return 1


def _log() -> Log:
    return Log(level_from_environment(os.environ), "natgw")


def _handshake_line(socket_path: str, certificate: bytes | None) -> str:
    """Return the line with the socket to connect to and the certificate (DER) to expect there."""
    encoded = "" if certificate is None else base64.b64encode(certificate).decode().rstrip("=")
    return f"{_CORE_PROTOCOL}|{_PROTOCOL}|unix|{socket_path}|grpc|{encoded}\n"


def _detach_stdin() -> None:
    """Replace stdin by an empty pipe: Terraform's stdin is not for a provider, nor for its child processes.

    In a CI job it is the rest of the job's script, which a prompt for an MFA code would read as the code. A pipe that
    has no writer needs no /dev, which a minimal container may lack.
    """
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    os.close(reading)
    os.close(writing)


def _detach_stdout() -> int:
    """Point stdout at stderr and return a file descriptor of the real one.

    Whatever a library or a child process prints from now on cannot be mistaken for the handshake.
    """
    stdout, stderr = 1, 2
    real = os.dup(stdout)
    os.dup2(stderr, stdout)
    return real


def _security(directory: str) -> tuple[tuple[ssl.SSLContext, bytes] | None, bytes | None]:
    """Return the TLS context with the client's certificate, and natgw's certificate (DER); None each without TLS."""
    client_certificate = os.environ.get(CLIENT_CERTIFICATE_NAME)
    if not client_certificate:
        return None, None
    from natgw_provider.bridge import tls  # noqa: PLC0415 - not needed without TLS

    with _or_unusable("natgw cannot use OpenSSL", _OPENSSL_ADVICE):
        context = tls.server_context()
    with _or_unusable(f"{CLIENT_CERTIFICATE_NAME} does not hold a usable certificate"):
        pinned = tls.accept_client(context, client_certificate)
    with _or_unusable(f"natgw cannot write its TLS certificate to {directory}", _SPACE_ADVICE):
        return (context, pinned), tls.install_certificate(context, tls.cache_directory(os.environ), directory)


@contextmanager
def _or_unusable(what: str, advice: str = "") -> Iterator[None]:
    """Turn what the operating system or OpenSSL refuses into one line for the user: what failed, why, what to do."""
    try:
        yield
    except (OSError, ValueError) as failure:
        raise _UnusableError(f"{what}: {failure}. {advice}".rstrip()) from failure


@contextmanager
def private_directory() -> Iterator[str]:
    """Make a directory that only this user can enter, for a socket in it; remove it at the end.

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
        with suppress(OSError):  # it has been removed already
            for leftover in os.listdir(directory):
                os.unlink(os.path.join(directory, leftover))
            os.rmdir(directory)


def _unusable_for_a_socket(directory: str) -> str | None:
    """Return why a socket in `directory` cannot be announced to Terraform; None when it can.

    The handshake is one line of UTF-8 whose fields end at a "|".
    """
    path = _socket_path(directory)
    if len(os.fsencode(path)) > _LONGEST_SOCKET_PATH:
        return "is too long for a socket"
    if "|" in path or not path.isprintable():
        return "has a character that the handshake cannot carry"
    return None


def _listen(directory: str) -> socket.socket:
    """Return a listening socket in `directory`; clients that connect wait until they are accepted."""
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
