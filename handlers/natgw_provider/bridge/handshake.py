"""go-plugin's handshake: what Terraform puts into the environment, and the one line it waits for on stdout.

Source: docs/internals.md and the server of hashicorp/go-plugin.
"""

from __future__ import annotations

import base64
import os
from typing import TYPE_CHECKING, Final

from natgw_provider import SOURCE

if TYPE_CHECKING:
    from collections.abc import Mapping

COOKIE_NAME: Final = "TF_PLUGIN_MAGIC_COOKIE"
COOKIE: Final = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
"""What Terraform sets, so that a provider can tell a person from Terraform; no secret."""

CLIENT_CERTIFICATE_NAME: Final = "PLUGIN_CLIENT_CERT"

EXPLANATION: Final = f"""\
This is a Terraform provider. Terraform starts it by itself; it does nothing when started by hand.
To make `terraform init` find it, run `natgw install`, and declare `source = "{SOURCE}"` in required_providers.
"""

_CORE_PROTOCOL: Final = 1
_PROTOCOL: Final = 6


def started_by_terraform(environment: Mapping[str, str]) -> bool:
    """Whether the process was started as a plugin."""
    return environment.get(COOKIE_NAME) == COOKIE


def handshake_line(socket_path: str, certificate: bytes | None) -> str:
    """Return the line that tells Terraform where to connect and which certificate (DER) to expect there."""
    line = f"{_CORE_PROTOCOL}|{_PROTOCOL}|unix|{socket_path}|grpc|"
    return line + ("" if certificate is None else base64.b64encode(certificate).decode().rstrip("=")) + "\n"


def reattach_setting(source_address: str, socket_path: str) -> str:
    """Return the value of `TF_REATTACH_PROVIDERS` that makes Terraform use this process for `source_address`."""
    import json  # noqa: PLC0415 - for debugging only

    address = {"Network": "unix", "String": socket_path}
    process = {"Protocol": "grpc", "ProtocolVersion": _PROTOCOL, "Pid": os.getpid(), "Test": True, "Addr": address}
    return json.dumps({source_address: process})


def leave_stdin() -> None:
    """Point stdin at nothing: what Terraform's stdin holds is not for a provider, nor for a process that it starts.

    In a CI job it is the rest of the job's script, which a prompt for an MFA code would take as the code. A pipe that
    nobody writes to needs no /dev, which a minimal container may lack.
    """
    nothing, other_end = os.pipe()
    os.dup2(nothing, 0)
    os.close(nothing)
    os.close(other_end)


def take_stdout() -> int:
    """Point stdout at stderr and return a file descriptor of the real one.

    Whatever a library or a child process prints from now on cannot be mistaken for the handshake.
    """
    stdout, stderr = 1, 2
    real = os.dup(stdout)
    os.dup2(stderr, stdout)
    return real
