"""Connections over real sockets: what a client does is answered or ends its connection, and a list waits for it."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes

from bridge.plugin_client import SECONDS, Identity
from natgw_provider.bridge import tls
from natgw_provider.bridge.grpc_connection import Call, GrpcConnection
from natgw_provider.bridge.lifecycle import Lifecycle
from natgw_provider.bridge.transport import Connection, PlainChannel, TlsChannel
from support.waiting import wait_for

BIG = 8 << 20
RESET = struct.pack("!I", 4)[1:] + b"\3\0\0\0\0\1" + struct.pack("!I", 8)  # RST_STREAM of stream 1, CANCEL
WIDEN = struct.pack("!I", 4)[1:] + b"\x08\0\0\0\0\1" + struct.pack("!I", 1000)  # WINDOW_UPDATE of stream 1
PING = b"\0\0\x08\6\0\0\0\0\x0012345678"
SHORT_PING = b"\0\0\1\6\0\0\0\0\0x"  # one byte, which breaks the protocol


class Bench:
    """A served client. It keeps each call, for the test to answer, and what ends the connection."""

    def __init__(self, channel: PlainChannel | TlsChannel) -> None:
        self.client, served = socket.socketpair()
        self.client.settimeout(SECONDS)
        self.life = Lifecycle(None)
        self.calls: list[Call] = []
        self.ended_by: Exception | None = None
        self.connection = Connection(served, channel, GrpcConnection(()))
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    @property
    def is_counted(self) -> bool:
        return self.life._connections == 1

    def _serve(self) -> None:
        try:
            self.connection.serve(self.life, lambda _connection, call: self.calls.append(call))
        except Exception as failure:  # noqa: BLE001 - for the test to judge
            self.ended_by = failure

    def call(self, *, window: int = 1 << 30) -> None:
        """Call once; the client can take `window` bytes of an answer."""
        http2 = H2Connection(H2Configuration(client_side=True))
        http2.initiate_connection()
        http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
        http2.increment_flow_control_window(1 << 30)
        headers = {":method": "POST", ":scheme": "http", ":path": "/a", ":authority": "x", "te": "trailers"}
        http2.send_headers(1, list(headers.items()))
        http2.send_data(1, b"\0\0\0\0\x01a", end_stream=True)
        self.client.sendall(http2.data_to_send())
        wait_for(lambda: self.calls, "a call")
        assert self.calls == [Call(1, "/a", b"a")]

    def send(self, message: bytes) -> tuple[threading.Thread, list[bool]]:
        """Send a message from a thread; return it, and what it returns once it does."""
        returned: list[bool] = []
        thread = threading.Thread(target=lambda: returned.append(self.connection.send(1, message)))
        thread.start()
        return thread, returned

    def end(self) -> None:
        self.client.close()
        self.thread.join(SECONDS)
        assert not self.thread.is_alive()
        assert not self.is_counted


@pytest.fixture
def bench() -> Iterator[Bench]:
    bench = Bench(PlainChannel())
    yield bench
    bench.end()


@pytest.mark.parametrize("end", ["read", "cancel", "close"])
def test_a_list_waits_until_its_client_can_receive_more(bench: Bench, end: str) -> None:
    bench.call(window=5)
    thread, returned = bench.send(b"m" * 10)
    thread.join(0.1)
    assert returned == []
    if end == "close":
        bench.client.close()
    else:
        bench.client.sendall(WIDEN if end == "read" else RESET)
    thread.join(SECONDS)
    assert returned == [end == "read"]
    if end != "read":
        assert not bench.connection.send(1, b"not sent")


def test_a_client_counts_until_it_disconnects(bench: Bench) -> None:
    bench.call()
    assert bench.is_counted
    bench.end()
    bench.connection.answer(1, b"too late")


def test_an_answer_is_sent_before_a_broken_connection_is_closed(bench: Bench) -> None:
    bench.call()
    bench.send(b"x" * BIG)
    bench.client.sendall(SHORT_PING)
    received = 0
    while data := bench.client.recv(1 << 20):
        received += len(data)
    assert received > BIG


def test_a_client_that_sends_without_reading_is_not_read(bench: Bench) -> None:
    bench.call()
    bench.client.settimeout(0.2)
    with pytest.raises(TimeoutError):
        bench.client.sendall(PING * 1_000_000)


class TlsClient:
    """The standard library's client side of TLS."""

    def __init__(self, identity: Identity, server_certificate: bytes, folder: Path) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=server_certificate)
        context.set_alpn_protocols(["h2"])
        (folder / "client.pem").write_bytes(identity.key + identity.certificate)
        context.load_cert_chain(folder / "client.pem")
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")

    def begin(self, server: TlsChannel, first: bytes, piece: int = 1 << 20) -> bytes:
        """Shake hands and send `first` with the last step, in pieces; return what the server receives."""
        received = b""
        is_done = False
        while not is_done:
            try:
                self.tls.do_handshake()
                self.tls.write(first)
                is_done = True
            except ssl.SSLWantReadError:
                pass
            sent = self.outgoing.read()
            received += b"".join(server.receive(sent[start : start + piece]) for start in range(0, len(sent), piece))
            self.incoming.write(server.outgoing())
        return received


@pytest.fixture
def mine() -> Identity:
    return Identity.fresh()


def security(trusted: Identity, folder: Path) -> tuple[ssl.SSLContext, bytes, bytes]:
    """Return the context and the pinned certificate of a server that trusts a client, and the server's certificate."""
    context = tls.server_context()
    pinned = tls.accept_client(context, trusted.certificate.decode())
    return context, pinned, tls.install_certificate(context, None, str(folder))


@pytest.mark.parametrize("piece", [1, 1 << 20])
def test_bytes_arrive_both_ways_however_they_are_cut(mine: Identity, piece: int, tmp_path: Path) -> None:
    context, pinned, announced = security(mine, tmp_path)
    server, client = TlsChannel(context, pinned), TlsClient(mine, announced, tmp_path)
    assert not server.is_open
    message = bytes(range(256)) * 200
    assert client.begin(server, message, piece) == message
    assert server.is_open
    assert client.tls.selected_alpn_protocol() == "h2"
    server.send(message)
    server.send(b"")
    client.incoming.write(server.outgoing())
    answered = b""
    while len(answered) < len(message):
        answered += client.tls.read(1 << 20)
    assert answered == message
    assert server.outgoing() == b""


def test_a_certificate_that_is_trusted_but_not_the_announced_one_is_refused(mine: Identity, tmp_path: Path) -> None:
    """As one that the announced certificate has signed would be."""
    other = Identity.fresh()
    context, _, announced = security(other, tmp_path)
    server = TlsChannel(context, tls.der(mine.certificate.decode()))
    with pytest.raises(ssl.SSLError, match="another certificate"):
        TlsClient(other, announced, tmp_path).begin(server, b"a")
    assert not server.is_open


def test_a_client_that_is_not_accepted_does_not_count(mine: Identity, tmp_path: Path) -> None:
    bench = Bench(TlsChannel(*security(mine, tmp_path)[:2]))
    bench.life.connected = bench.life.shut_down  # type: ignore[method-assign]
    bench.client.sendall(b"\x16\x03\x01")
    time.sleep(0.05)
    bench.client.sendall(b"\x00\x05hello")
    bench.end()
    assert isinstance(bench.ended_by, ssl.SSLError)
    assert not bench.life.is_over
