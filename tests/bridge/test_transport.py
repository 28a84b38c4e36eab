"""Connections over real sockets: what one client does harms no other, and costs little."""

from __future__ import annotations

import io
import json
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.settings import SettingCodes

from bridge.plugin_client import SECONDS, Identity
from natgw_provider.bridge import tls, transport
from natgw_provider.bridge.log import Log
from natgw_provider.bridge.loop import READ, WRITE, Lifecycle, Loop
from natgw_provider.bridge.transport import PluginServer, Reply, TlsChannel

METHOD = "/test/Unary"
BIG = 8 << 20
RESET = struct.pack("!I", 4)[1:] + b"\3\0\0\0\0\1" + struct.pack("!I", 8)  # RST_STREAM of stream 1, CANCEL
WIDEN = struct.pack("!I", 4)[1:] + b"\x08\0\0\0\0\1" + struct.pack("!I", 1000)  # WINDOW_UPDATE of stream 1
SHORT_PING = b"\0\0\1\6\0\0\0\0\0x"  # one byte, which breaks the protocol


class Bench:
    """A server whose loop is turned by hand. It keeps each call, for the test to answer."""

    def __init__(self, folder: Path, security: Any = None) -> None:
        self.path = str(folder / "s")
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.loop, self.life, self.logged = Loop(), Lifecycle(None), io.StringIO()
        self.calls: list[tuple[bytes, Reply]] = []
        self.clients: list[socket.socket] = []
        self.server = PluginServer(
            self.loop,
            self.listener,
            security,
            left_open=(),
            handle=lambda _method, request, reply: self.calls.append((request, reply)),
            lifecycle=self.life,
            log=Log("debug", "natgw", self.logged),
        )

    @property
    def connections(self) -> int:
        return self.life._connections

    def connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.connect(self.path)
        client.settimeout(SECONDS)
        self.clients.append(client)
        self.loop.turn(SECONDS)
        return client

    def call(self, *, window: int = 1 << 30) -> tuple[socket.socket, Reply]:
        """Connect and call; return the client and how to answer it."""
        client = self.connect()
        client.sendall(a_call(window))
        self.loop.turn(SECONDS)
        return client, self.calls[-1][1]

    def settle(self) -> None:
        """Turn until nothing happens."""
        for _ in range(10):
            self.loop.turn(0)

    def read(self, client: socket.socket, is_enough: Callable[[int], bool] = lambda _: False) -> bytes:
        """Return what arrives until that is enough, or until the server closes the connection."""
        client.setblocking(False)
        received = b""
        deadline = time.monotonic() + SECONDS
        while not is_enough(len(received)):
            assert time.monotonic() < deadline
            try:
                data = client.recv(1 << 20)
            except BlockingIOError:
                self.loop.turn(0.01)
                continue
            if not data:
                break
            received += data
        return received

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.settle()
        self.listener.close()
        self.loop.close()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.close()


def a_call(window: int) -> bytes:
    """Return what a client sends to call the method once; it can take `window` bytes of an answer."""
    http2 = H2Connection(H2Configuration(client_side=True))
    http2.initiate_connection()
    http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
    http2.increment_flow_control_window(1 << 30)
    headers = {":method": "POST", ":scheme": "http", ":path": METHOD, ":authority": "x", "te": "trailers"}
    http2.send_headers(1, list(headers.items()))
    http2.send_data(1, b"\0\0\0\0\x01a", end_stream=True)
    return http2.data_to_send()


def test_an_idle_connection_lets_the_loop_sleep(bench: Bench) -> None:
    bench.call()
    bench.settle()
    begun = time.monotonic()
    bench.loop.turn(0.2)
    assert time.monotonic() - begun > 0.15


@pytest.mark.parametrize(("window", "size"), [(5, 100), (1 << 30, BIG)], ids=["HTTP/2's window", "the socket"])
def test_it_is_known_whether_an_answer_is_still_to_be_sent(bench: Bench, window: int, size: int) -> None:
    client, reply = bench.call(window=window)
    assert not bench.server.has_unsent
    reply.answer(b"x" * size)
    assert bench.server.has_unsent
    client.close()
    bench.settle()
    assert not bench.server.has_unsent


def test_a_slow_client_receives_the_whole_answer(bench: Bench) -> None:
    client, reply = bench.call()
    reply.answer(b"x" * BIG)
    assert len(bench.read(client, lambda received: received >= BIG and not bench.server.has_unsent)) > BIG


@pytest.mark.parametrize("end", ["read", "cancel", "close"])
def test_a_list_waits_until_its_client_can_receive_more(bench: Bench, end: str) -> None:
    client, reply = bench.call(window=5)
    returned: list[bool] = []
    thread = threading.Thread(target=lambda: returned.append(reply.send(b"m" * 10)))
    thread.start()
    while not bench.server.has_unsent:
        bench.loop.turn(0.01)
    bench.settle()
    assert returned == []
    if end == "close":
        client.close()
    else:
        client.sendall(WIDEN if end == "read" else RESET)
    bench.settle()
    thread.join(SECONDS)
    assert returned == [end == "read"]
    assert reply.stop.is_set() == (end != "read")
    if end != "read":
        assert not reply.send(b"not sent")


def test_a_client_that_goes_is_forgotten(bench: Bench) -> None:
    client, reply = bench.call()
    assert bench.connections == 1
    client.close()
    bench.settle()
    assert bench.connections == 0
    assert bench.server._clients == set()
    reply.answer(b"too late")
    assert bench.connections == 0


def test_an_event_of_a_client_that_was_closed_in_the_same_turn_is_ignored(bench: Bench) -> None:
    """A kqueue reports reading and writing one after the other."""
    client = bench.connect()
    (ours,) = bench.server._clients
    client.close()
    ours._ready(READ)
    ours._ready(READ | WRITE)
    assert bench.connections == 0


def test_a_bug_in_natgw_ends_one_connection_and_is_logged(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    _, other = bench.call()
    with monkeypatch.context() as broken:
        broken.setattr(bench.server, "handle", lambda *_: 1 / 0)
        client = bench.connect()
        client.sendall(a_call(100))
        bench.read(client)
    (line,) = [json.loads(line) for line in bench.logged.getvalue().splitlines()]
    assert (line["@level"], line["@message"]) == ("error", "a connection is closed because of a bug in natgw")
    assert "ZeroDivisionError" in line["traceback"]
    assert bench.connections == 1
    other.answer(b"unharmed")
    assert not bench.server.has_unsent


def test_an_answer_is_sent_before_a_broken_connection_is_closed(bench: Bench) -> None:
    client, reply = bench.call()
    reply.answer(b"x" * BIG)
    client.sendall(SHORT_PING)
    assert len(bench.read(client)) > BIG
    assert bench.connections == 0


def test_a_client_that_sends_without_reading_is_not_read(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "_UNSENT_LIMIT", 1 << 14)
    client, _ = bench.call()
    client.setblocking(False)
    ping = b"\0\0\x08\6\0\0\0\0\x0012345678"
    sent = 0
    with suppress(BlockingIOError):
        while sent < 500:
            client.sendall(ping * 1000)
            bench.settle()
            sent += 1
    assert sent < 500


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


def test_a_client_that_ends_tls_sends_nothing_more(mine: Identity, tmp_path: Path) -> None:
    context, pinned, announced = security(mine, tmp_path)
    server, client = TlsChannel(context, pinned), TlsClient(mine, announced, tmp_path)
    client.begin(server, b"a")
    client.tls.write(b"the last words")
    with pytest.raises(ssl.SSLWantReadError):
        client.tls.unwrap()
    assert server.receive(client.outgoing.read()) == b"the last words"
    assert server.is_over


def test_a_client_that_is_not_accepted_yet_does_not_count(mine: Identity, tmp_path: Path) -> None:
    bench = Bench(tmp_path, security(mine, tmp_path)[:2])
    bench.connect()
    assert bench.connections == 0
    bench.close()
