"""Starts the fake provider as Terraform would and talks to it with grpcio, an independent gRPC implementation.

The client's certificate is P-256: grpcio's TLS cannot use Terraform's P-521.
"""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import msgpack
from tfplugin_proto import tfplugin6_5_pb2 as oracle

from bridge.fake_provider import THING_SCHEMA
from natgw_provider.bridge.server import COOKIE, COOKIE_NAME
from natgw_provider.bridge.tls import make_certificate

PROGRAM = Path(__file__).with_name("fake_provider.py")
FAKE = (sys.executable, str(PROGRAM))
SIZE_LIMIT = 256 << 20
SECONDS = 20.0
"""How long anything may take; far more than it does."""


@dataclass(frozen=True)
class Identity:
    """A client's key and certificate, both PEM."""

    key: bytes
    certificate: bytes

    @classmethod
    def fresh(cls) -> Identity:
        pem = make_certificate(time.time(), 3600)
        position = pem.index(b"-----BEGIN CERTIFICATE-----")
        return cls(pem[:position], pem[position:])


class Plugin:
    """A running provider process and a channel to it."""

    def __init__(self, process: subprocess.Popen[bytes], handshake: str, identity: Identity | None) -> None:
        self.process = process
        self.identity = identity
        self.handshake = handshake
        _, _, _, self.socket, _, encoded = handshake.strip().split("|")
        self.server_certificate = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
        self.channel = self.connect(identity)

    def connect(self, identity: Identity | None) -> grpc.Channel:
        """Return a channel that shows `identity`; without TLS when the provider announced no certificate."""
        options = [
            ("grpc.ssl_target_name_override", "localhost"),
            ("grpc.max_receive_message_length", SIZE_LIMIT),
            ("grpc.max_send_message_length", SIZE_LIMIT),
            ("grpc.use_local_subchannel_pool", 1),
        ]
        if not self.server_certificate:
            return grpc.insecure_channel(f"unix:{self.socket}", options)
        root = ssl.DER_cert_to_PEM_cert(self.server_certificate).encode()
        pair = (None, None) if identity is None else (identity.key, identity.certificate)
        return grpc.secure_channel(f"unix:{self.socket}", grpc.ssl_channel_credentials(root, *pair), options)

    def start(self, method: str, *, seconds: float = SECONDS, **fields: Any) -> grpc.Future:
        """Begin a call of the provider's `method` and return its future."""
        message = getattr(oracle, method)
        call = self.channel.unary_unary(
            f"/tfplugin6.Provider/{method}", message.Request.SerializeToString, message.Response.FromString
        )
        return call.future(message.Request(**fields), timeout=seconds, wait_for_ready=True)

    def call(self, method: str, **fields: Any) -> Any:
        """Call the provider's `method` and return the response."""
        return self.start(method, **fields).result()

    def apply(self, name: str, script: str, *, seconds: float = SECONDS) -> grpc.Future:
        """Begin an apply of a thing called `name`."""
        planned = dict.fromkeys(THING_SCHEMA.value_type.attributes) | {"name": name, "size": 1, "script": script}
        return self.start(
            "ApplyResourceChange",
            seconds=seconds,
            type_name="fake_thing",
            prior_state=oracle.DynamicValue(msgpack=msgpack.packb(None)),
            planned_state=oracle.DynamicValue(msgpack=msgpack.packb(planned)),
            config=oracle.DynamicValue(msgpack=msgpack.packb(planned)),
        )

    def shut_down(self) -> None:
        """Ask the process to end, as go-plugin does."""
        self.channel.unary_unary("/plugin.GRPCController/Shutdown")(b"", timeout=SECONDS)

    def wait(self) -> int:
        """Wait for the end of the process, and return its exit code."""
        return self.process.wait(SECONDS)


def environment(world: Path, certificate: bytes | None, **more: str) -> dict[str, str]:
    """Return the environment that Terraform gives to a provider."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith(("TF_", "PLUGIN_"))}
    plain |= {
        COOKIE_NAME: COOKIE,
        "PLUGIN_PROTOCOL_VERSIONS": "5,6",
        "FAKE_WORLD": str(world),
        "XDG_CACHE_HOME": str(world / "cache"),
        "TMPDIR": str(world),
    }
    return plain | ({} if certificate is None else {"PLUGIN_CLIENT_CERT": certificate.decode()}) | more


@contextmanager
def started(
    world: Path, identity: Identity | None = None, *, tls: bool = True, command: Sequence[str] = FAKE, **more: str
) -> Iterator[Plugin]:
    """Start a provider in `world`, the fake one by default, and end it afterwards."""
    identity = identity or (Identity.fresh() if tls else None)
    variables = environment(world, identity.certificate if identity else None, **more)
    with (world / "stderr").open("wb") as stderr:
        process = subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, stderr=stderr)
    assert process.stdout is not None
    with process.stdout:
        plugin = Plugin(process, process.stdout.readline().decode(), identity)
        try:
            yield plugin
        finally:
            plugin.channel.close()
            process.kill()
            process.wait()
